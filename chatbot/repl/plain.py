"""The same session without cursor movement, colours or menus: for dumb terminals, and where output is not a terminal.

In: lines of standard input. Out: prompts and replies, line by line.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING

from chatbot.errors import ChatbotError
from chatbot.repl.commands import Leave, Table, handle
from chatbot.repl.loading import in_background, waited
from chatbot.repl.table import command_table
from chatbot.repl.talk import Asked, Talk, Work
from chatbot.repl.view import AGAIN, Plain, View

if TYPE_CHECKING:
    from chatbot.dialogue.model import Model


def talk_in_lines(asked: Asked) -> None:
    """Talk until the input ends or the person leaves. Raises `ChatbotError` where nothing can be kept."""
    view = View(Plain(lambda: shutil.get_terminal_size().columns, _write))
    talk, table = Talk(asked, view), command_table()
    view.welcome(asked.keep)
    talk.start()
    talk.on_load = lambda model: _say_when_loaded(view, model)
    interrupted = False
    try:
        while True:
            try:
                line = input(talk.label)
                interrupted = False
                _do(table, talk, line)
            except KeyboardInterrupt:
                _write("\n")
                if interrupted:
                    break
                interrupted = True
                view.note(AGAIN)
            except EOFError:
                _write("\n")
                break
            except Leave:
                break
    finally:
        talk.close()


def _say_when_loaded(view: View, model: Future[Model]) -> None:
    """Wait for a model that was asked for in between, so that an error is shown where it belongs."""
    try:
        view.note(f"Talking with {waited(model).name}.")
    except ChatbotError as error:
        view.error(str(error))


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _do(table: Table, talk: Talk, line: str) -> None:
    if not line.strip():
        return
    waited(talk.opened)  # here, nothing else would say that nothing can be kept
    try:
        work = handle(table, talk, line)
        if work:
            answered(talk, work)
    except (Leave, KeyboardInterrupt):
        raise
    except Exception as error:
        talk.failure(error)


def answered(talk: Talk, work: Work) -> None:
    """Compute and print a reply; Ctrl-C stops it and keeps what is there."""
    stopping = threading.Event()
    with _on_interrupt(stopping.set):
        outcome = waited(in_background(lambda: work(stopping.is_set)))
    talk.show(outcome)


@contextlib.contextmanager
def _on_interrupt(stop: Callable[[], None]) -> Iterator[None]:
    before = signal.signal(signal.SIGINT, lambda *_: stop())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
