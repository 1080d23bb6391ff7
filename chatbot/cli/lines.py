"""Lines of a pipe -> one reply line for each, all in one conversation; printed as soon as it is known.

A blank line is answered by a blank line, so that line n of the output always belongs to line n of the input.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, TextIO

import click

from chatbot.cli.ending import print_error
from chatbot.cli.options import chosen_model, chosen_settings
from chatbot.errors import UsageError
from chatbot.terminal import one_line

if TYPE_CHECKING:
    from chatbot.dialogue.dialogue import Dialogue
    from chatbot.store.recorded import RecordedDialogue


def answer_lines(
    stdin: TextIO | None, model: str | None, database: str | None, keep: bool, decoding: Mapping[str, Any]
) -> None:
    """Answer each line of `stdin`; nothing is loaded before the first line that is not blank."""
    if isinstance(stdin, TextIOWrapper):
        stdin.reconfigure(newline="\n")  # a carriage return inside a line ends no line
    with contextlib.ExitStack() as until_the_end:
        dialogue: Dialogue | RecordedDialogue | None = None
        for number, line in enumerate(stdin or (), start=1):
            if not line.strip():
                click.echo()
                continue
            if dialogue is None:
                dialogue = until_the_end.enter_context(conversation(model, database, keep, decoding))
            click.echo(_answer(dialogue, line.strip(), number))


def _answer(dialogue: Dialogue | RecordedDialogue, text: str, number: int) -> str:
    """The reply on one line; a text without words gets a blank one, and a word on stderr."""
    try:
        return one_line(dialogue.reply(text).text)
    except UsageError as error:
        print_error(f"line {number}: {error}")
        return ""


@contextlib.contextmanager
def conversation(
    model: str | None, database: str | None, keep: bool, decoding: Mapping[str, Any]
) -> Iterator[Dialogue | RecordedDialogue]:
    """A new conversation with the model that was asked for, recorded if `keep`."""
    from chatbot.dialogue.dialogue import Dialogue
    from chatbot.dialogue.model import Model

    loaded = Model.load(chosen_model(model))
    dialogue = Dialogue(loaded, chosen_settings(loaded.settings, decoding))
    if not keep:
        yield dialogue
        return
    from chatbot.store.history import History
    from chatbot.store.recorded import RecordedDialogue

    with History.open(database) as history:
        yield RecordedDialogue(dialogue, history)
