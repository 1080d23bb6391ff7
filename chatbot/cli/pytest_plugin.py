"""The pytest plugin, on wherever the package is installed: scripted dialogues are collected as tests.

Importing it costs nothing, and a suite without `*.dialogue.yaml` or `*.dialogue.txt` never gets further than this
file. `-p no:chatbot` leaves it out.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from chatbot.cli.pytest_items import DialogueFile, Shelf
    from chatbot.dialogue.chatbot import Chatbot

ENDINGS = (".dialogue.yaml", ".dialogue.yml", ".dialogue.txt")
SHELF = pytest.StashKey["Shelf"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The model to hold dialogues with, as an option and in the configuration."""
    group = parser.getgroup("chatbot", "scripted dialogues")
    group.addoption(
        "--chatbot-model", metavar="NAME", help="hold all scripted dialogues with this model: a name, a run, a bundle"
    )
    parser.addini("chatbot_model", "the model of the fixture `chatbot`, and of dialogues that name none")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> DialogueFile | None:
    """A script as a collector of its dialogues."""
    if not file_path.name.endswith(ENDINGS):
        return None
    from chatbot.cli.pytest_items import DialogueFile

    return DialogueFile.from_parent(parent, path=file_path)


@pytest.fixture
def chatbot(request: pytest.FixtureRequest) -> Chatbot:
    """A `chatbot.Chatbot` that has said nothing yet, with the model of --chatbot-model or `chatbot_model`."""
    from chatbot.dialogue.chatbot import Chatbot

    found = shelf(request.config)
    return Chatbot(found.models.get(found.override or found.models.default))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a dialogue's time be its own, not that of the batch it was held in."""
    report = yield
    seconds = getattr(item, "dialogue_seconds", None)
    if seconds is not None and call.when == "call":
        report.duration = seconds
    return report


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the dialogues' sessions left."""
    if (found := config.stash.get(SHELF, None)) is not None:
        found.close()


def shelf(config: pytest.Config) -> Shelf:
    """What all dialogues of this run share; made when it is first needed."""
    if (found := config.stash.get(SHELF, None)) is None:
        from chatbot.cli.pytest_items import Shelf

        found = config.stash[SHELF] = Shelf(config.getini("chatbot_model") or None, config.option.chatbot_model)
    return found
