"""The wheel and the sdist carry what an installed `chatbot` needs, and it works from any folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def files_below(*folders: str) -> set[str]:
    """Every file below folders of the repository, as paths inside it, without what Python leaves there."""
    found = (file for folder in folders for file in (ROOT / folder).rglob("*") if file.is_file())
    return {file.relative_to(ROOT).as_posix() for file in found if "__pycache__" not in file.parts}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist, built by the backend that is installed."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", folder], cwd=ROOT, check=True, capture_output=True
    )
    return folder


@pytest.fixture(scope="module")
def unpacked(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, as it lies in site-packages once installed."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        wheel.extractall(folder)
    return folder


def test_the_wheel_holds_code_models_recipes_migrations_and_the_sample_corpus(unpacked: Path) -> None:
    held = {file.relative_to(unpacked).as_posix() for file in unpacked.rglob("*") if file.is_file()}
    expected = files_below("chatbot")
    expected |= {f"chatbot/_{path}" for path in files_below("migrations", "corpora/sample")}
    assert {path for path in held if ".dist-info/" not in path} == expected


def test_the_wheel_needs_only_what_talking_needs(unpacked: Path) -> None:
    metadata = next(unpacked.glob("*.dist-info/METADATA")).read_text(encoding="utf-8")
    needed = re.findall(r"^Requires-Dist: ([\w.-]+)[^;\n]*$", metadata, re.MULTILINE)
    assert sorted(needed) == sorted(
        re.sub(r"[_.]", "-", re.split(r"[><=]", line)[0]) for line in PROJECT["dependencies"]
    )
    assert not {"tensorflow", "keras", "matplotlib", "pytest"} & set(needed)


def test_every_dependency_has_a_lower_bound() -> None:
    extras = PROJECT["optional-dependencies"]
    lines = [*PROJECT["dependencies"], *extras["train"], *extras["dev"]]
    assert [line for line in lines if ">=" not in line] == []


def test_the_sdist_can_be_tested_and_built_again(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        held = {name.partition("/")[2] for name in sdist.getnames()}
    source = files_below("chatbot", "migrations", "corpora/sample", "tests")
    assert source | {"pyproject.toml", "README.md", "LICENSE"} <= held


def test_it_talks_from_any_folder(unpacked: Path, tmp_path: Path) -> None:
    """Its model, its migrations and its settings come from the wheel, not from the repository."""
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "CHATBOT_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-m", "chatbot"]
    origin = [sys.executable, "-c", "import chatbot; print(chatbot.__file__)"]
    shared = {"capture_output": True, "text": True, "cwd": tmp_path, "env": environment, "timeout": 60, "check": False}
    assert str(unpacked) in subprocess.run(origin, **shared).stdout
    talked = subprocess.run(command, input="hello\n", **shared)
    assert (talked.returncode, talked.stderr) == (0, "")
    assert len(talked.stdout.splitlines()) == 1
    kept = subprocess.run([*command, "history", "show", "1"], **shared)
    assert "hello" in kept.stdout
    assert talked.stdout.strip() in kept.stdout
