"""Scripts as pytest sees them: a file is a collector, a dialogue an item; those of one file are held in one batch."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatbot.cli.pytest_plugin import shelf
from chatbot.cli.script_session import Sessions
from chatbot.errors import ChatbotError, DialogueFailure
from chatbot.inference.threads import use_one_thread
from chatbot.scripts.script import Dialogue
from chatbot.terminal import one_line

use_one_thread()

from chatbot.scripts.reading import read_script  # noqa: E402  # these bring NumPy, which must come after
from chatbot.scripts.results import ERROR, PASSED, DialogueResult  # noqa: E402
from chatbot.scripts.running import Case, Models, Runner  # noqa: E402
from chatbot.scripts.wording import lines_of  # noqa: E402

_MARKER = re.compile(r"[^\W_][\w.+-]*")


class Shelf:
    """The models that were loaded, and the sessions that commands are typed in; `override` is --chatbot-model."""

    def __init__(self, default: str | None, override: str | None) -> None:
        self.override = override
        self.models = Models(default)
        self.sessions = Sessions()

    def close(self) -> None:
        """Remove the sessions."""
        self.sessions.__exit__()


class DialogueFile(pytest.File):
    """A script."""

    def collect(self) -> Iterator[DialogueItem]:
        """Its dialogues; one line where it cannot be read."""
        try:
            suite = read_script(_shown(self.path))
        except ChatbotError as error:
            raise self.CollectError(str(error)) from None
        self.results: dict[int, DialogueResult] = {}
        for dialogue in suite.dialogues:
            yield DialogueItem.from_parent(self, name=one_line(dialogue.name), dialogue=dialogue)

    def result_of(self, item: DialogueItem) -> DialogueResult:
        """What came of one dialogue; all of the file that are to run are held when the first is asked for."""
        if id(item) not in self.results:
            items = [one for one in self.session.items if one.parent is self and isinstance(one, DialogueItem)]
            if "PYTEST_XDIST_WORKER" in os.environ and not item.config.getoption("loadgroup", False):
                items = [item]  # the others may be another worker's
            found = shelf(self.config)
            runner = Runner(found.models, found.sessions.open)
            results = runner.run([Case(one.dialogue, found.override) for one in items])
            self.results |= {id(one): result for one, result in zip(items, results, strict=True)}
        return self.results[id(item)]


class DialogueItem(pytest.Item):
    """One dialogue; its tags are markers."""

    def __init__(self, *, dialogue: Dialogue, **place: Any) -> None:
        super().__init__(**place)
        self.dialogue = dialogue
        self.dialogue_seconds: float | None = None
        if self.config.pluginmanager.hasplugin("xdist"):  # for --dist loadgroup: a file to one worker
            self.add_marker(pytest.mark.xdist_group(str(self.path)))
        for tag in dialogue.tags:
            if _MARKER.fullmatch(tag):
                self.config.addinivalue_line("markers", f"{tag}: dialogues tagged so")
                self.add_marker(tag)

    def runtest(self) -> None:
        """Hold the dialogue; `DialogueFailure` where something expected does not hold."""
        assert isinstance(self.parent, DialogueFile)
        result = self.parent.result_of(self)
        self.dialogue_seconds = result.seconds
        if result.status == ERROR:
            raise DialogueFailure(one_line(result.error))
        if result.status != PASSED:
            raise DialogueFailure("\n".join(lines_of(result)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What broke, with file and line, in place of a traceback."""
        if isinstance(excinfo.value, DialogueFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """File, line (from 0) and name."""
        return self.dialogue.path, self.dialogue.line - 1, self.name


def _shown(path: Path) -> Path:
    """The path as short as it can be: editors and people follow it from where pytest was started."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
