"""`chatbot` in a pipe: one line in, one reply line out, one conversation kept; whatever bytes come in."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chatbot.cli.main import main
from chatbot.home import config_path, home
from chatbot.store.history import History

Talk = Callable[..., list[str]]


@pytest.fixture
def talk(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Talk:
    """Pipe bytes into `chatbot` in this process; the lines of its output, without their ends."""

    def call(typed: bytes, *options: str, code: int = 0, err: str = "") -> list[str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed), encoding="utf-8"))
        assert main(["--model", str(tiny_bundle), *options]) == code
        out, errors = capsys.readouterr()
        assert errors == err
        return out.split("\n")[:-1]

    return call


def kept() -> list[list[tuple[str, str | None]]]:
    """The conversations in the history, oldest first, each as its turns with the replies that stand."""
    with History.open() as history:
        numbers = [one.id for one in reversed(history.list_conversations())]
        paths = [history.show(number).path for number in numbers]
    return [[(step.turn.text, step.reply.text if step.reply else None) for step in path] for path in paths]


def test_one_line_in_is_one_line_out_and_all_is_one_conversation(talk: Talk) -> None:
    lines = talk(b"hello\nhow are you?\nwithout an end")
    assert len(lines) == 3
    assert all(lines)
    assert kept() == [list(zip(["hello", "how are you?", "without an end"], lines, strict=True))]


def test_later_lines_are_answered_in_the_context_of_earlier_ones(talk: Talk) -> None:
    alone = talk(b"how are you?\n")
    assert talk(b"the dog likes tea\nhow are you?\n")[1:] != alone


def test_blank_lines_keep_the_output_aligned(talk: Talk) -> None:
    lines = talk(b"\nhello\n   \r\nhello\n\n")
    assert [bool(line) for line in lines] == [False, True, False, True, False]


@pytest.mark.parametrize(
    ("typed", "count"),
    [
        (b"\x00\xff\xfe\x1b[31m\x9b bytes\n\xed\xa0\x80 surrogate\n", 2),
        (b"one\rline\n", 1),
        (b"windows\r\nlines\r\n", 2),
        ("שלום 👩‍👩‍👧\u202e\u2028 line separator\x0b\x0c\x1c\x85\n".encode(), 1),
        (b"word " * 5000 + b"\n", 1),
        (b"x" * 1_000_000 + b"\n", 1),
    ],
    ids=["bytes", "carriage return", "windows", "unicode", "5000 words", "a megabyte"],
)
def test_any_input_gets_as_many_lines_as_it_has(talk: Talk, typed: bytes, count: int) -> None:
    lines = talk(typed)
    assert len(lines) == count
    assert all(line.isprintable() for line in lines)


def test_a_line_without_words_is_answered_by_a_blank_one(talk: Talk) -> None:
    lines = talk(b"hi\n\xc2\xad\n", err="chatbot: line 2: nothing to answer: the text holds no words; type some\n")
    assert [bool(line) for line in lines] == [True, False]


def test_nothing_is_loaded_or_kept_for_no_input(talk: Talk) -> None:
    assert talk(b"", "--model", "/no/such/model") == []
    assert not (home() / "history.db").exists()


def test_no_history_keeps_nothing(talk: Talk) -> None:
    assert len(talk(b"hello\n", "--no-history")) == 1
    assert not (home() / "history.db").exists()


def test_another_database_can_be_named(talk: Talk, tmp_path: Path) -> None:
    talk(b"hello\n", "--database", str(tmp_path / "other.db"))
    assert (tmp_path / "other.db").exists()
    assert not (home() / "history.db").exists()


def test_options_come_before_the_environment_and_that_before_the_config(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tokens_of_the_last_reply() -> int:
        with History.open() as history:
            reply = history.show(history.latest() or 0).path[-1].reply
        assert reply
        return len(reply.token_ids)

    config_path().write_text("[decoding]\nmax_length = 4\nmin_length = 3\n")
    talk(b"hello\n")
    assert tokens_of_the_last_reply() == 4
    monkeypatch.setenv("CHATBOT_MAX_LENGTH", "5")
    talk(b"hello\n")
    assert tokens_of_the_last_reply() == 5
    talk(b"hello\n", "--max-length", "6")
    assert tokens_of_the_last_reply() == 6


def test_a_fixed_seed_gives_the_same_words(talk: Talk) -> None:
    sampled = ("--temperature", "1.5", "--seed", "5")
    assert talk(b"hello\nhello\n", *sampled) == talk(b"hello\nhello\n", *sampled)
    assert talk(b"hello\n", *sampled) != talk(b"hello\n", "--temperature", "1.5", "--seed", "6")


def test_a_model_that_is_not_there_is_one_line(talk: Talk, capsys: pytest.CaptureFixture[str]) -> None:
    line = "chatbot: /no/model: there is no such folder; expected a run or a bundle\n"
    assert talk(b"hello\n", "--model", "/no/model", code=2, err=line) == []


def test_each_reply_is_printed_before_the_next_line_is_read(tiny_bundle: Path) -> None:
    command = [sys.executable, "-m", "chatbot", "--model", str(tiny_bundle)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ)) as process:
        assert process.stdin
        assert process.stdout
        for _ in range(3):
            process.stdin.write(b"hello\n")
            process.stdin.flush()
            assert process.stdout.readline().strip()
    assert process.returncode == 0
