"""The README's table of expectations is the code's, and its example is a script."""

from __future__ import annotations

import re
from pathlib import Path

from chatbot.scripts.expectations.table import TABLE
from chatbot.scripts.reading import read_script

README = Path(__file__).resolve().parents[2] / "README.md"


def section() -> str:
    return README.read_text(encoding="utf-8").partition("\n## Dialogue tests\n")[2].partition("\n## ")[0]


def listed() -> str:
    """The table as the README should have it."""
    return "".join(f"| `{kind.name}` | `{kind.shape.words}` | {kind.help} |\n" for kind in TABLE.values())


def test_the_readme_lists_every_expectation() -> None:
    found = re.search(r"^\| expectation \|.*\n\| --- .*\n((?:\|.*\n)*)", section(), re.MULTILINE)
    assert found
    assert found[1] == listed()


def test_the_readmes_examples_can_be_read(tmp_path: Path) -> None:
    yaml, columns = re.findall(r"^```(?:yaml)?\n(.*?)^```", section(), re.MULTILINE | re.DOTALL)[:2]
    for name, text in (("a.dialogue.yaml", yaml), ("b.dialogue.txt", columns)):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        assert len(read_script(path).dialogues) == 1
