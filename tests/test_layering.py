"""The folders stand in the order the data flows, and a folder imports only itself and folders above it.

Also guarded: which folder may import which library, sizes of files and functions, docstrings, empty `__init__.py`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "chatbot"

LAYERS = (
    *("corpus", "text", "data", "ngram", "bundle", "network", "training", "inference", "decoding", "evaluation"),
    *("dialogue", "side", "store", "replay", "scripts", "repl", "cli"),
)
SHARED = {"errors", "settings", "files", "home", "terminal"}  # top modules that every folder may import
DATA_ONLY = {"models", "recipes"}  # folders without code

# Where each library may be imported; one that is not listed may be imported nowhere.
LIBRARIES = {
    "numpy": set(LAYERS) - {"corpus"},
    "sentencepiece": {"text"},
    "safetensors": {"bundle", "training"},
    "keras": {"network", "training"},
    "tensorflow": {"training"},
    "torch": {"training/torch_step.py"},
    "sacrebleu": {"evaluation"},
    "matplotlib": {"training", "repl/image.py"},
    "sqlalchemy": {"store"},
    "alembic": {"store/migrate.py"},
    "prompt_toolkit": {"repl"},
    "click": {"cli"},
    "rich": {"cli"},
    "re2": {"scripts"},
    "ruamel": {"corpus/chatterbot.py", "scripts/nodes.py", "scripts/places.py"},
    "pytest": {"cli/pytest_plugin.py", "cli/pytest_items.py"},
    "platformdirs": {"home.py"},
}
UNSAFE = {"pickle", "marshal", "shelve", "dbm"}  # of the standard library: run or trust what they read
STORED = {"sqlite3": {"corpus", "data", "store"}}  # of the standard library, but kept to these folders
BEFORE_KERAS = {"network/__init__.py": "import sqlite3", "training/__init__.py": "import sqlite3"}
"""What these begin with, because TensorFlow would put an SQLite of its own in its place."""
DYNAMIC = {"import_module", "__import__"}  # imports this test cannot see; the lazy command table needs them

LONGEST_FILE, LONGEST_FUNCTION = 250, 70


def imported(tree: ast.Module, module: str) -> Iterator[tuple[int, str]]:
    """Line and absolute dotted name of everything a module imports, wherever in it."""
    package = module.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in DYNAMIC:
            yield node.lineno, "import_module"


def forbidden(path: str, name: str) -> str | None:
    """Why the file at `path` (relative to the package, such as "text/special.py") may not import `name`."""
    folder = path.split("/")[0]
    top, _, rest = name.partition(".")
    if name == "import_module":
        return None if folder == "cli" else "imports by name only in cli/"
    if top == "chatbot":
        return _forbidden_layer(path, folder, rest.split(".")[0])
    if top in UNSAFE:
        return "trusts what it reads"
    if top in STORED and BEFORE_KERAS.get(path) != f"import {name}":
        return None if folder in STORED[top] else f"only in {sorted(STORED[top])}"
    if top in sys.stdlib_module_names:
        return None
    allowed = LIBRARIES.get(top, set())
    return None if {folder, path} & allowed else f"only in {sorted(allowed)}" if allowed else "no dependency of chatbot"


def _forbidden_layer(path: str, folder: str, target: str) -> str | None:
    if target in SHARED:
        return None
    if path == "__main__.py":
        return None if target == "cli" else "__main__ only starts cli/"
    if path == "__init__.py":
        return None if target == "dialogue" else "the package offers only dialogue/"
    if folder not in LAYERS:
        return "a shared module imports only shared modules"
    if target not in LAYERS:
        return f"there is no layer {target!r}"
    return None if LAYERS.index(target) <= LAYERS.index(folder) else f"{target}/ stands below {folder}/"


def violations(package: Path) -> list[str]:
    """Every broken rule in a package, as "file:line: what"."""
    found = []
    for file in sorted(package.rglob("*.py")):
        path = file.relative_to(package).as_posix()
        text = file.read_text(encoding="utf-8")
        tree = ast.parse(text)
        module = "chatbot." + path.removesuffix(".py").replace("/", ".")
        found += [f"{path}:{n}: {name}: {why}" for n, name in imported(tree, module) if (why := forbidden(path, name))]
        found += [f"{path}:{line}: {what}" for line, what in _misshapen(path, text, tree)]
    return found


def _misshapen(path: str, text: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    folder, _, inside = path.rpartition("/")
    if ast.get_docstring(tree) is None:
        yield 1, "no module docstring"
    more = [ast.unparse(node) for node in tree.body[1:]]  # the package itself also offers the library, lazily
    if path.endswith("/__init__.py") and more not in ([], [BEFORE_KERAS.get(path)]):
        yield tree.body[1].lineno, "an __init__.py is a docstring and nothing else"
    if folder.split("/")[0] in DATA_ONLY:
        yield 1, f"{folder}/ holds data, no code"
    if not folder and inside.removesuffix(".py") not in SHARED | {"__init__", "__main__"}:
        yield 1, "not a shared module"
    if (lines := text.count("\n")) > LONGEST_FILE:
        yield lines, f"{lines} lines, more than {LONGEST_FILE}"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield node.lineno, f"{node.name} has {length} lines, more than {LONGEST_FUNCTION}"


def test_chatbot_keeps_the_rules() -> None:
    assert violations(PACKAGE) == []


def test_every_folder_is_a_layer_or_data() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders <= set(LAYERS) | DATA_ONLY


def test_tensorflow_itself_is_imported_only_by_files_named_after_it() -> None:
    importing = [
        file.name
        for file in PACKAGE.rglob("*.py")
        if any(name.split(".")[0] == "tensorflow" for _, name in imported(ast.parse(file.read_text()), "chatbot.x"))
    ]
    assert sorted(importing) == ["tensorflow_step.py", "tensorflow_workers.py"]


@pytest.mark.parametrize(
    ("path", "content", "rule"),
    [
        ("text/a.py", "from chatbot.data import context", "data/ stands below text/"),
        ("text/a.py", "def f():\n    import chatbot.cli.main", "cli/ stands below text/"),
        ("text/a.py", "from ..store import history", "store/ stands below text/"),
        ("text/a.py", "from chatbot import repl", "repl/ stands below text/"),
        ("text/a.py", "import chatbot.elsewhere", "there is no layer 'elsewhere'"),
        ("settings.py", "from chatbot.text import special", "a shared module imports only shared modules"),
        ("network/a.py", "import tensorflow as tf", "only in ['training']"),
        ("inference/a.py", "from keras import ops", "only in ['network', 'training']"),
        ("repl/a.py", "from rich.console import Console", "only in ['cli']"),
        ("store/a.py", "import alembic", "only in ['store/migrate.py']"),
        ("corpus/a.py", "import numpy as np", "only in"),
        ("data/a.py", "import pandas", "no dependency of chatbot"),
        ("data/a.py", "import pickle", "trusts what it reads"),
        ("cli/a.py", "import sqlite3", "only in ['corpus', 'data', 'store']"),
        ("store/a.py", "import importlib\nimportlib.import_module('chatbot.cli')", "imports by name only in cli/"),
        ("training/__init__.py", "import sqlite3\nVALUE = 1", "an __init__.py is a docstring and nothing else"),
        ("training/a.py", "import sqlite3", "only in ['corpus', 'data', 'store']"),
        ("text/__init__.py", "VALUE = 1", "an __init__.py is a docstring and nothing else"),
        ("__init__.py", "from chatbot.store import history", "the package offers only dialogue/"),
        ("models/a.py", "VALUE = 1", "models/ holds data, no code"),
        ("extra.py", "VALUE = 1", "not a shared module"),
        ("text/a.py", "VALUE = 1\n" * 260, "lines, more than 250"),
        ("text/a.py", "def f():\n" + "    f()\n" * 80, "f has 81 lines, more than 70"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, path: str, content: str, rule: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(f'"""A docstring."""\n{content}\n')
    found = violations(tmp_path)
    assert len(found) == 1
    assert rule in found[0]


def test_a_module_without_docstring_is_found(tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.py").write_text("VALUE = 1\n")
    assert violations(tmp_path) == ["text/a.py:1: no module docstring"]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("text/a.py", "from chatbot.corpus.normalise import normalise\nfrom . import special\nimport sentencepiece"),
        ("store/migrate.py", "import alembic\nimport sqlite3\nfrom chatbot.errors import StoreError"),
        ("cli/a.py", "import importlib\nimportlib.import_module('x')\nimport click, rich"),
        ("training/a.py", "import tensorflow, keras\nfrom chatbot.network import encoder"),
        ("training/__init__.py", "import sqlite3"),
        ("__main__.py", "from chatbot.cli.main import main"),
    ],
)
def test_what_the_rules_allow_is_not_found(tmp_path: Path, path: str, content: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(f'"""A docstring."""\n{content}\n')
    assert violations(tmp_path) == []
