"""Paths and what is wanted of them -> a report: scripts are found, read, chosen among and run, whoever asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatbot.errors import ScriptError, UsageError
from chatbot.scripts.choosing import by_name, by_tags
from chatbot.scripts.reading import read_script, script_files
from chatbot.scripts.remembering import key_of, remembered
from chatbot.scripts.results import Report, Unread
from chatbot.scripts.running import Case, Runner
from chatbot.scripts.script import Dialogue, Suite


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which dialogues are run, with which models (none: those they name themselves), and how often."""

    models: tuple[str, ...] = ()
    filter: str | None = None
    tags: str | None = None
    failed: bool = False
    repeat: int = 1
    stop_at_first: bool = False


@dataclass(frozen=True, slots=True)
class Scripts:
    """What was found: the suites, what cannot be read, and every file that was looked at."""

    suites: tuple[Suite, ...]
    unread: tuple[Unread, ...]

    @property
    def files(self) -> set[Path]:
        """The scripts and all that they include."""
        dialogues = [one for suite in self.suites for one in suite.dialogues]
        written = {turn.path for one in dialogues for turn in one.turns} | {one.path for one in dialogues}
        return written | {suite.path for suite in self.suites} | {one.path for one in self.unread}


def read_all(paths: Iterable[Path]) -> Scripts:
    """The scripts of files and folders; what is wrong with one leaves the others to be read."""
    suites: dict[Path, Suite] = {}
    unread: list[Unread] = []
    for path in paths:
        try:
            found = list(script_files([path]))
        except ScriptError as error:
            unread.append(Unread(path, str(error)))
            continue
        for file in found:
            if (place := file.resolve()) in suites:
                continue
            try:
                suites[place] = read_script(file)
            except ScriptError as error:
                unread.append(Unread(file, str(error)))
    return Scripts(tuple(suites.values()), tuple(unread))


def chosen(suites: Iterable[Suite], wanted: Wanted) -> list[Dialogue]:
    """The dialogues that are wanted; all where `failed` is asked for and nothing is remembered to have failed.

    `UsageError` where the other wishes leave none.
    """
    name = by_name(wanted.filter) if wanted.filter else lambda _: True
    tags = by_tags(wanted.tags) if wanted.tags else lambda _: True
    every = [one for suite in suites for one in suite.dialogues]
    found = [one for one in every if name(one.name) and tags(one.tags)]
    if every and not found:
        raise UsageError(f"none of {len(every)} dialogues is wanted: change {_wishes(wanted)}")
    broken = remembered() if wanted.failed else set()
    return [one for one in found if key_of(one) in broken] or found


def run_scripts(
    scripts: Scripts, wanted: Wanted, runner: Runner, planned: Callable[[int], object] = lambda _: None
) -> Report:
    """Run what is wanted of some scripts. `planned` is told how many replies will be found.

    `ChatbotError` where a model that is asked for by name cannot be loaded.
    """
    began = time.perf_counter()
    cases = _cases(chosen(scripts.suites, wanted), wanted)
    for name in wanted.models:
        runner.models.get(name)
    planned(sum(len(case.dialogue.turns) * case.dialogue.samples for case in cases))
    results = runner.run(cases, wanted.stop_at_first)
    models = tuple(dict.fromkeys(one.model for one in results))
    return Report(tuple(results), scripts.unread, time.perf_counter() - began, models)


def _cases(dialogues: Sequence[Dialogue], wanted: Wanted) -> list[Case]:
    models = wanted.models or (None,)
    return [Case(one, model, again) for one in dialogues for model in models for again in range(wanted.repeat)]


def _wishes(wanted: Wanted) -> str:
    wishes = {"--filter": wanted.filter, "--tags": wanted.tags}
    return " or ".join(f"{option} {text!r}" for option, text in wishes.items() if text)
