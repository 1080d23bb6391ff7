"""The README's list of what can be typed in the conversation is the table of commands."""

from __future__ import annotations

import re
from pathlib import Path

from chatbot.repl.table import command_table

README = Path(__file__).resolve().parents[2] / "README.md"


def listed() -> str:
    """The list as the README should have it."""
    commands = list(command_table().values())
    width = max(len(command.spelled) for command in commands)
    return "".join(f"{command.spelled:{width}}  {command.help}\n" for command in commands)


def test_the_readme_lists_every_command_with_its_help() -> None:
    found = re.search(r"^## In the conversation\n.*?^```\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)
    assert found
    assert found[1] == listed()
