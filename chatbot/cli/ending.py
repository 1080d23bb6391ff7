"""How a command ends: any exception -> one line on stderr and an exit code; streams that never raise.

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 a test or replay differed, 130 Ctrl-C, 141 closed pipe.
"""

from __future__ import annotations

import os
import sys
import traceback
from io import TextIOWrapper

import click

from chatbot.errors import ChatbotError
from chatbot.terminal import one_line

INTERRUPTED = 130
CLOSED_PIPE = 141


def prepare_streams() -> None:
    """Let undecodable input and unencodable output pass in a visible form instead of raising."""
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=errors)


def exit_code_of(error: BaseException, debug: bool) -> int:
    """Report an exception as one line (and its traceback if `debug`); the exit code to end with."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, BrokenPipeError):
        return CLOSED_PIPE
    if debug:
        traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return INTERRUPTED
    print_error(line_of(error))
    return getattr(error, "exit_code", 1)


def line_of(error: BaseException) -> str:
    """What happened, in one line without the leading "chatbot: "."""
    if isinstance(error, ChatbotError):
        return str(error)
    if isinstance(error, click.UsageError):
        return _usage_line(error)
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, MemoryError):
        return "out of memory"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'cannot read or write'}: {error.strerror}"
    return f"unexpected {type(error).__name__}: {error}; add --debug to see where"


def _usage_line(error: click.UsageError) -> str:
    message = error.format_message()
    if isinstance(error, click.NoSuchOption):
        near = f"; did you mean '{error.possibilities[0]}'?" if error.possibilities else ""
        message = f"unknown option '{error.option_name}'{near}"
    message = message[:1].lower() + message[1:].rstrip(".")
    stop = "" if message.endswith("?") else "."
    return f"{message}{stop} See: {error.ctx.command_path} --help" if error.ctx else message


def print_error(line: str) -> None:
    """Write "chatbot: ..." to stderr, if there is one that takes it."""
    try:
        click.echo(f"chatbot: {one_line(line)}", err=True)
    except OSError:
        silence(sys.stderr)


def finish_streams(code: int) -> int:
    """Flush what was printed, so that nothing is left for the interpreter's end to fail on; the final exit code."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
        return code or CLOSED_PIPE
    except OSError as error:
        silence(sys.stdout)
        print_error(f"cannot write the output: {error.strerror}")
        return code or 1
    return code


def silence(stream: object) -> None:
    """Point a stream that cannot be written at the null device, so that its last flush succeeds."""
    try:
        descriptor = stream.fileno()  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        return
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, descriptor)
    os.close(null)
