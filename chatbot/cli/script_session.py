"""A turn of a scripted dialogue -> the session that a person at the terminal would have then, to type a command in.

What is typed sees a history of its own, which holds this conversation alone, and leaves no trace on the script.
"""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatbot.errors import ChatbotError, UsageError
from chatbot.settings import suggest
from chatbot.terminal import one_line

if TYPE_CHECKING:
    from chatbot.dialogue.dialogue import Turn
    from chatbot.dialogue.model import Model
    from chatbot.repl.talk import Talk
    from chatbot.settings import DecodingSettings
    from chatbot.store.history import History
    from chatbot.store.records import Transcript

COLUMNS = 100  # of what commands print
# What a stranger's script may type: nothing that reads or writes files of its choice, or ends the session.
ALLOWED = (
    *("help", "new", "retry", "undo", "edit", "pick", "tree", "fork", "alternatives", "why", "probabilities"),
    *("attention", "beams", "time", "set", "settings", "reset", "history", "search", "open", "show", "rename", "rate"),
    *("correct", "note", "bookmark", "version", "translate", "tag", "generate"),
)


class Sessions:
    """Opens sessions, each with a history in a temporary folder; a context manager that removes them all."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._empty: Path | None = None  # a database that was made once, to be copied
        self._opened = 0

    def __enter__(self) -> Sessions:
        return self

    def __exit__(self, *_: object) -> None:
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def open(self, model: Model, settings: DecodingSettings, turns: tuple[Turn, ...]) -> ScriptSession:
        """The session that holds these turns."""
        from chatbot.store.history import History

        if self._folder is None or self._empty is None:
            self._folder = Path(tempfile.mkdtemp(prefix="chatbot-test-"))
            self._empty = self._folder / "empty.db"
            with History.open(str(self._empty)):
                pass
        self._opened += 1
        path = self._folder / f"{self._opened}.db"
        shutil.copyfile(self._empty, path)
        return ScriptSession(History.open(str(path)), model, settings, turns)


class ScriptSession:
    """One conversation, kept in `history`, and what a person would type in it."""

    def __init__(self, history: History, model: Model, settings: DecodingSettings, turns: tuple[Turn, ...]) -> None:
        self.history, self.model, self.settings = history, model, settings
        self.number = _kept(history, model, turns)
        self._printed: list[str] = []
        self._talk: Talk | None = None

    def close(self) -> None:
        """Let go of the history."""
        self.history.close()

    def transcript(self) -> Transcript:
        """What the history holds now."""
        return self.history.show(self.number)

    def run(self, command: str) -> str:
        """What a command such as "/why" prints, as the plain mode prints it, an error of its own among it.

        `UsageError` for a command that scripts may not use.
        """
        from chatbot.repl.commands import handle, is_command
        from chatbot.repl.table import command_table

        line = command.strip() if command.strip().startswith("/") else f"/{command.strip()}"
        table = {name: one for name, one in command_table().items() if name in ALLOWED}
        name = line.split()[0].removeprefix("/").lower()
        if not is_command(line) or name not in table:
            raise UsageError(f"/{one_line(name)} cannot be used in a script; {suggest(name, table)}")
        if name == "attention" and line != "/attention":
            raise UsageError("/attention takes no file in a script")
        self._talk = self._talk or self._session()
        self._printed.clear()
        try:
            if work := handle(table, self._talk, line):
                self._talk.show(work(lambda: False))
        except ChatbotError as error:
            self._talk.view.failure(error)
        return "".join(self._printed)

    def _session(self) -> Talk:
        """A session that is past its loading: model, history and conversation are there."""
        from chatbot.repl.talk import Asked, Talk
        from chatbot.repl.view import Plain, View

        talk = Talk(Asked(keep=True), View(Plain(lambda: COLUMNS, self._printed.append)))
        talk.name = self.model.name
        talk.given = _changed(self.model.settings, self.settings)
        talk.model.set_result(self.model)
        talk.opened.set_result(self.history)
        talk.resume(self.number)
        return talk


def _kept(history: History, model: Model, turns: tuple[Turn, ...]) -> int:
    """Keep turns as they would have been kept while they were said; the number of the conversation."""
    number, turn_id = history.start_conversation(turns[0].text)
    reply_id = history.add_reply(turn_id, turns[0].reply, model)
    for turn in turns[1:]:
        turn_id = history.add_turn(number, turn.text, reply_id)
        reply_id = history.add_reply(turn_id, turn.reply, model)
    return number


def _changed(own: DecodingSettings, settings: DecodingSettings) -> dict[str, Any]:
    return {name: value for name, value in dataclasses.asdict(settings).items() if value != getattr(own, name)}
