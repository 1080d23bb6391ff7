"""A scripted dialogue up to a turn -> a session of the terminal that holds it, for the commands a script runs there.

Nothing is kept but in a folder of its own, which goes when the sessions are closed.
"""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from chatbot.dialogue.dialogue import Turn
from chatbot.dialogue.model import Model
from chatbot.errors import UsageError
from chatbot.repl.commands import Leave, find, handle
from chatbot.repl.table import command_table
from chatbot.repl.talk import Asked, Talk
from chatbot.repl.view import Plain, View
from chatbot.scripts.evidence import Session
from chatbot.settings import DecodingSettings
from chatbot.store.history import History
from chatbot.store.records import Transcript

COLUMNS = 100
_ALLOWED = """
    help retry undo edit pick tree fork alternatives why probabilities attention beams time set settings reset history
    search show rename rate correct note bookmark new version
"""  # a script may come from a stranger: it runs nothing that reads or writes files, or leaves
ALLOWED = frozenset(_ALLOWED.split())


class Sessions:
    """Opens sessions, all on one history; a context manager that removes it."""

    def __init__(self) -> None:
        self._until_the_end = contextlib.ExitStack()
        self._history: History | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._until_the_end.close()

    def open(self, model: Model, settings: DecodingSettings, turns: tuple[Turn, ...]) -> Session:
        """A session whose conversation has these turns, kept as if they had been said in it."""
        if self._history is None:
            folder = self._until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="chatbot-"))
            self._history = self._until_the_end.enter_context(History.open(str(Path(folder) / "history.db")))
        number, parent = 0, None
        for turn in turns:
            if parent is None:
                number, turn_id = self._history.start_conversation(turn.text)
            else:
                turn_id = self._history.add_turn(number, turn.text, parent)
            parent = self._history.add_reply(turn_id, turn.reply, model)
        return _Scripted(model, settings, self._history, number)


class _Scripted:
    """One session; see `chatbot.scripts.evidence.Session`."""

    def __init__(self, model: Model, settings: DecodingSettings, history: History, number: int) -> None:
        self.printed: list[str] = []
        self.history, self.number = history, number
        view = View(Plain(lambda: COLUMNS, self.printed.append))
        self.talk = Talk(Asked(model.name, decoding=asdict(settings)), view)
        self.talk.model.set_result(model)
        self.talk.opened.set_result(history)
        self.talk.resume(number)
        self.table = command_table()

    def run(self, command: str) -> str:
        """What a command prints, an error among it. `UsageError` for one that scripts may not run."""
        name = find(self.table, command.split(maxsplit=1)[0]).name if command.startswith("/") else command
        if name not in ALLOWED or (name == "attention" and " " in command.strip()):  # /attention FILE writes
            raise UsageError(f"a script may not run {command[:40]!r}; only commands that touch no files")
        self.printed.clear()
        try:
            if work := handle(self.table, self.talk, command):
                self.talk.show(work(lambda: False))
        except Leave:
            pass
        except Exception as error:
            self.talk.view.failure(error)
        return "".join(self.printed)

    def transcript(self) -> Transcript:
        """What the history holds of the conversation that stands now."""
        return self.history.show(self.talk.number or self.number)
