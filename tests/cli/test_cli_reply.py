"""`chatbot reply`: one answer, the best n, or the whole receipt as JSON; kept unless told otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from chatbot.cli.main import main
from chatbot.dialogue.model import Model
from chatbot.home import home
from chatbot.settings import DecodingSettings, fields_of
from chatbot.store.history import History

Reply = Callable[..., str]


@pytest.fixture
def reply(tiny_bundle: Path, capsys: pytest.CaptureFixture[str]) -> Reply:
    """Run `chatbot reply` in this process; its output."""

    def call(*args: str, code: int = 0) -> str:
        assert main(["reply", "--model", str(tiny_bundle), *args]) == code
        out, err = capsys.readouterr()
        assert err.count("\n") == (code != 0)
        return out or err

    return call


def test_a_reply_is_one_line_and_is_kept(reply: Reply) -> None:
    out = reply("hello there")
    with History.open() as history:
        (conversation,) = history.list_conversations()
        (step,) = history.show(conversation.id).path
    assert step.reply
    assert (step.turn.text, step.reply.text + "\n") == ("hello there", out)


def test_json_is_the_whole_receipt_and_says_the_same_again(reply: Reply, tiny_bundle: Path) -> None:
    receipt = json.loads(reply("hello", "--json", "--temperature", "1"))
    assert receipt["conversation"] == 1
    assert receipt["alternatives"] == []
    assert receipt["seed"] == receipt["settings"]["seed"]
    model = Model.load(str(tiny_bundle))
    again = model.answer_ids(receipt["context_ids"], DecodingSettings(**receipt["settings"]), rank=receipt["rank"])
    assert (again.text, again.fingerprint) == (receipt["text"], receipt["fingerprint"])
    assert list(again.token_log_probs) == pytest.approx(receipt["token_log_probs"])


def test_the_best_n_are_different_and_in_order(reply: Reply) -> None:
    lines = reply("hello", "--n-best", "5", "--beam-size", "1").splitlines()
    scores, texts = zip(*(line.strip().split("  ", 1) for line in lines), strict=True)
    assert len(set(texts)) == len(lines) == 5
    assert sorted(map(float, scores), reverse=True) == list(map(float, scores))


def test_json_holds_the_best_n_too(reply: Reply) -> None:
    receipt = json.loads(reply("hello", "--n-best", "3", "--json", "--no-history"))
    assert len(receipt["alternatives"]) == 2
    assert receipt["conversation"] is None
    assert not (home() / "history.db").exists()


def test_context_is_read_by_the_model_as_turns_of_both(reply: Reply, tiny_bundle: Path) -> None:
    receipt = json.loads(reply("and you?", "--context", "hello", "--context", "hello, how are you?", "--json"))
    expected = Model.load(str(tiny_bundle)).context_ids(
        ["hello", "hello, how are you?", "and you?"], [False, True, False]
    )
    assert receipt["context_ids"] == expected


def test_what_was_typed_is_kept_even_if_no_reply_comes_of_it(reply: Reply, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Model, "answer_ids", fail)
    assert reply("precious words", code=1) == "chatbot: out of memory\n"
    with History.open() as history:
        (step,) = history.show(1).path
    assert (step.turn.text, step.reply) == ("precious words", None)


@pytest.mark.parametrize("text", ["", "  \n", "\t"])
def test_a_blank_text_is_wrong_usage_and_keeps_nothing(reply: Reply, text: str) -> None:
    assert reply(text, code=2) == "chatbot: nothing to answer: TEXT is blank; type some words\n"
    assert not (home() / "history.db").exists()


@pytest.mark.parametrize(
    "text", ["\x1b[31mred\x07", "\udcff\udc00 broken bytes", "شكرا 👍🏽", "-- dashes", "word " * 5000]
)
def test_odd_text_is_answered_on_one_printable_line(reply: Reply, text: str) -> None:
    (line,) = reply("--", text).splitlines()
    assert line.isprintable()


def test_the_help_names_every_field_of_the_receipt(reply: Reply) -> None:
    receipt = json.loads(reply("hello", "--n-best", "2", "--json", "--rerank-similarity", "1"))
    words = set(re.findall(r"\w+", reply("--help")))
    assert set(receipt) | set(receipt["alternatives"][0]) <= words
    assert receipt["parts"].keys() == receipt["alternatives"][0]["parts"].keys() == {"model", "similarity"}
    assert receipt["parts"]["similarity"].keys() == {"score", "weight"}
    assert receipt["settings"].keys() == fields_of(DecodingSettings).keys()
    assert len(receipt["tokens"]) == len(receipt["token_ids"]) <= len(receipt["token_log_probs"])


def test_what_ranked_the_best_n_stands_in_columns(reply: Reply) -> None:
    options = ("--rerank-similarity", "1", "--rerank-anti-lm", "0.5")
    head, *lines = reply("hello", "--n-best", "4", *options).splitlines()
    assert head.split() == ["score", "model", "similarity", "anti_lm", "reply"]
    for line in lines:
        score, model, similarity, anti_lm = map(float, line.split()[:4])
        assert score == pytest.approx(model + similarity - 0.5 * anti_lm, abs=0.002)
