"""The command line's help is complete, and what the README says of commands, folders, files and checks is true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from test_layering import DATA_ONLY, LAYERS

from chatbot.cli.main import cli
from chatbot.repl.view import WELCOME

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands(group: click.Group = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with the words that call it, a group before what is in it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


COMMANDS = dict(commands())
LEAVES = {path for path, command in COMMANDS.items() if not isinstance(command, click.Group)}


def section(title: str) -> str:
    """The README's text under one heading of the second level."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, f"the README has no section {title!r}"
    return found[1]


def code_lines(text: str) -> list[str]:
    """The lines of all fenced blocks, without comments."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line.split("  #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


def first_cells(text: str) -> list[str]:
    """The code that opens each row of a table."""
    return re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_mentions_every_option_and_says_what_it_does(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, [*path, "--help"])
    assert result.exit_code == 0, result.output
    assert COMMANDS[path].help, "the command says nothing of itself"
    for parameter in COMMANDS[path].params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{parameter.name} has no help"
            assert all(option in result.output for option in parameter.opts)


def test_help_lists_every_command() -> None:
    result = CliRunner().invoke(cli, ["--help"])
    listed = re.findall(r"^  ([a-z]+)  ", result.output.partition("Commands:")[2], re.MULTILINE)
    assert listed == [path[0] for path in COMMANDS if len(path) == 1]


@pytest.mark.parametrize("group", ["history", "models", "db", "config"])
def test_help_of_a_group_says_of_each_command_a_whole_sentence(group: str) -> None:
    result = CliRunner().invoke(cli, [group, "--help"])
    assert "..." not in result.output.partition("Commands:")[2]


def test_readme_commands_are_those_that_exist() -> None:
    rows = []
    for cell in first_cells(section("Commands")):
        words = cell.replace("[chat]", "chat").split()
        assert words[0] == "chatbot", cell
        depth = max((n for n in range(1, len(words)) if tuple(words[1 : n + 1]) in COMMANDS), default=0)
        rows.append(tuple(words[1 : depth + 1]))
    assert sorted(rows) == sorted(LEAVES)


def test_readme_options_are_those_that_exist() -> None:
    exist = {option for command in COMMANDS.values() for parameter in command.params for option in parameter.opts}
    of_others = {"--help", "--check", "--junitxml", "--chatbot-model"}
    of_benchmarks = "alone bars bfloat16 growth judge limit names phrases replies rounds runs stack steps threads try"
    of_others |= {f"--{name}" for name in (*of_benchmarks.split(), "turns")}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", README))
    assert sorted(named - exist - of_others) == []


def test_readme_tour_is_the_tree_in_the_order_of_the_data() -> None:
    folders = {
        path.parent.relative_to(ROOT / "chatbot").parts[0]
        for path in (ROOT / "chatbot").glob("*/*")
        if path.name != "__pycache__"
    }
    order = [*LAYERS, *sorted(DATA_ONLY)]
    assert first_cells(section("Tour")) == [f"{name}/" for name in order if name in folders]


def test_readme_begins_with_how_to_install_and_talk() -> None:
    first, *seen = code_lines(README.partition("\n## ")[0])
    assert first.startswith("python3 -m venv ")
    assert first.endswith(" && chatbot")
    assert WELCOME.split("\n")[0] in seen


def test_readme_links_lead_to_its_own_headings_and_to_files_that_exist() -> None:
    prose = re.sub(r"^```.*?^```", "", README, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", README) if not link.startswith("https://")]
    assert links
    assert [link for link in links if link.startswith("#") and link[1:] not in anchors] == []
    assert [link for link in links if not link.startswith("#") and not (ROOT / link).exists()] == []


def test_readme_names_only_files_that_exist() -> None:
    named = re.findall(r"(?<![\w/.-])(?:chatbot|tests|migrations|corpora|\.ci)/[\w./-]*", README)
    made_or_given = ("corpora/cornell",)
    missing = [n for n in named if not n.startswith(made_or_given) and not (ROOT / n.rstrip("./")).exists()]
    assert missing == []


def test_readme_checks_are_those_of_ci() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    run = [line.strip() for line in script.replace(";", "\n").replace("timeout 1500 ", "").splitlines()]
    checks = code_lines(section("Developing"))
    assert checks[-5:] == ["ruff check", "ruff format --check", "mypy", "pytest -n 2", "pytest -m slow"]
    for check in checks[-5:]:
        assert any(line == check or line.startswith(f"{check} --durations") for line in run), check
    install = re.search(r"pip install -e '[^']+'", checks[0])
    assert install
    assert install[0].replace("pip install", "pip install -q") in run
