"""The frame of the command line: which command runs, how each error ends, and streams that never raise."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from typing import NoReturn

import click
import pytest
from click.testing import CliRunner

from chatbot import errors
from chatbot.cli import main as cli_main
from chatbot.cli.group import LazyGroup
from chatbot.cli.main import cli, main
from chatbot.cli.output import print_json

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in this process; exit code, stdout, stderr."""

    def call(*args: str) -> tuple[int, str, str]:
        code = main(args)
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Make the command `config` raise something."""

    def replace(error: BaseException) -> None:
        def command() -> NoReturn:
            raise error

        monkeypatch.setattr("chatbot.cli.config.command", click.command()(command))

    return replace


def test_every_command_in_the_table_shows_its_help() -> None:
    for name in cli_main.COMMANDS:
        result = CliRunner().invoke(cli, [name, "--help"])
        assert result.exit_code == 0, result.output
        assert result.output.startswith("Usage: ")


def test_help_names_every_command_with_its_purpose(run: Run) -> None:
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    for name, (_, help) in cli_main.COMMANDS.items():
        assert f"  {name} " in out
        assert help in out


def test_version(run: Run) -> None:
    assert run("--version") == (0, "chatbot 0.1.0\n", "")


@pytest.mark.parametrize("args", [(), ("--model", "x"), ("--debug",), ("--debug", "--beam-size=3")])
def test_a_line_that_names_no_command_is_for_chat(args: tuple[str, ...]) -> None:
    group = LazyGroup({"chat": ("", "")}, "chat", params=[click.Option(["--debug"], is_flag=True)])
    context = group.make_context("chatbot", list(args))
    assert [*context._protected_args, *context.args] == ["chat", *[a for a in args if a != "--debug"]]


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (("hsitory",), "unknown command 'hsitory'; did you mean 'history'? See: chatbot --help"),
        (("config", "shwo"), "unknown command 'shwo'; did you mean 'show'? See: chatbot config --help"),
        (
            ("reply", "hi", "--bem-size=3"),
            "unknown option '--bem-size'; did you mean '--beam-size'? See: chatbot reply",
        ),
        (("--modle", "x"), "unknown option '--modle'; did you mean '--model'? See: chatbot chat --help"),
        (
            ("--seed", "5", "history", "list"),
            "options go after the command: chatbot history ... --option. See: chatbot",
        ),
        (("--seed", "5", "Hello."), "got unexpected extra argument (Hello.). See: chatbot chat --help"),
        (("reply",), "missing argument 'TEXT'. See: chatbot reply --help"),
        (("reply", "hi", "--beam-size", "0"), "--beam-size must be an integer from 1 to 100, but received 0. See:"),
        (("reply", "hi", "--seed", "x"), "--seed must be an integer from 0 to 9223372036854775807 or none, but"),
    ],
)
def test_wrong_usage_is_one_line_that_says_what_was_meant(run: Run, args: tuple[str, ...], line: str) -> None:
    code, out, err = run(*args)
    assert (code, out) == (2, "")
    assert err.startswith(f"chatbot: {line}")
    assert err.count("\n") == 1


def test_a_group_without_a_command_shows_its_help(run: Run) -> None:
    code, out, err = run("config")
    assert (code, out) == (2, "")
    assert "Usage: chatbot config" in err


def test_an_environment_variable_is_named_in_its_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATBOT_TOP_P", "3")
    code, _, err = run("reply", "hi")
    assert (code, err) == (2, "chatbot: CHATBOT_TOP_P: top_p must be a number from 0.0 to 1.0, but received 3.0\n")


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (errors.ChatbotError("no"), 1, "no"),
        (errors.ConfigError("no"), 2, "no"),
        (errors.DialogueFailure("two\nlines\x1b"), 3, "two lines\\x1b"),
        (click.ClickException("clicked"), 1, "clicked"),
        (PermissionError(13, "Permission denied", "/x"), 1, "/x: Permission denied"),
        (OSError(28, "No space left on device"), 1, "cannot read or write: No space left on device"),
        (MemoryError(), 1, "out of memory"),
        (KeyError("k"), 1, "unexpected KeyError: 'k'; add --debug to see where"),
    ],
)
def test_any_error_is_one_line_and_an_exit_code(
    run: Run, raising: Callable[[BaseException], None], error: BaseException, code: int, line: str
) -> None:
    raising(error)
    assert run("config") == (code, "", f"chatbot: {line}\n")


@pytest.mark.parametrize(
    ("error", "code"),
    [(KeyboardInterrupt(), 130), (click.Abort(), 130), (BrokenPipeError(32, "x"), 141), (SystemExit(143), 143)],
)
def test_some_ends_are_quiet(
    run: Run, raising: Callable[[BaseException], None], error: BaseException, code: int
) -> None:
    raising(error)
    assert run("config") == (code, "", "")


@pytest.mark.parametrize("args", [("--debug", "config"), ("config", "--debug")])
def test_debug_shows_where_an_error_came_from(
    run: Run, raising: Callable[[BaseException], None], args: tuple[str, ...]
) -> None:
    raising(errors.ChatbotError("no"))
    code, _, err = run(*args)
    assert code == 1
    assert err.startswith("Traceback (most recent call last)")
    assert err.endswith("chatbot: no\n")


def test_debug_after_two_dashes_is_an_argument(run: Run) -> None:
    _, _, err = run("config", "show", "--", "--debug")
    assert "unexpected extra argument (--debug)" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("value", "encoding", "printed"),
    [
        ({"text": "ü 👍"}, "utf-8", '{\n  "text": "ü 👍"\n}\n'),
        ("\x1b\x7f\x9b\u202e\udc80", "utf-8", '"\\u001b\\u007f\\u009b\\u202e\\udc80"\n'),
        ("ü 👍", "ascii", '"\\u00fc \\ud83d\\udc4d"\n'),
    ],
)
def test_json_is_safe_for_the_terminal_and_readable(
    monkeypatch: pytest.MonkeyPatch, value: object, encoding: str, printed: str
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding))
    print_json(value)
    sys.stdout.flush()
    assert written.getvalue().decode(encoding) == printed


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a shell line in which `chatbot` is the command."""
    function = f'chatbot() {{ "{sys.executable}" -m chatbot "$@"; }}; '
    return subprocess.run(
        ["bash", "-c", function + line],
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        check=False,
    )


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
@pytest.mark.parametrize(
    ("line", "code", "out", "err"),
    [
        ("(chatbot --help; echo $? >&2) | true", 0, "", "141\n"),
        ("chatbot --version >&-", 0, "", ""),
        ("chatbot --version > /dev/full", 1, "", "chatbot: cannot read or write: No space left on device\n"),
        ("chatbot nope 2>&-", 2, "", ""),
        ("chatbot chat <&-", 0, "", ""),
        ("chatbot < /dev/null", 0, "", ""),
    ],
)
def test_closed_and_full_streams_end_quietly_or_in_one_line(line: str, code: int, out: str, err: str) -> None:
    if "/dev/full" in line and not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full here")
    result = shell(line)
    assert (result.returncode, result.stdout, result.stderr) == (code, out, err)


def test_the_shell_completes_commands_and_options() -> None:
    complete = 'COMP_WORDS="{}" COMP_CWORD={} _CHATBOT_COMPLETE=bash_complete chatbot'
    assert shell(complete.format("chatbot re", 1)).stdout == "plain,reply\nplain,replay\n"
    assert "plain,--beam-size\n" in shell(complete.format("chatbot reply --be", 2)).stdout
