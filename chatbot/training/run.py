"""The folder of one training: its recipe, its record, its checkpoints and its bundle."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chatbot.data.dataset import Dataset
from chatbot.data.resegmenting import sampler_of
from chatbot.errors import CheckpointError, ConfigError
from chatbot.files import remove_leftovers, write_atomically
from chatbot.training.checkpoints import Checkpoints, Position
from chatbot.training.memory import check_memory
from chatbot.training.schedule import Budget
from chatbot.training.settings import Recipe, recipe_from, sized

RUN_FILE = "run.json"
FORMAT_VERSION = 1


@dataclass(slots=True)
class Run:
    """What is fixed at the start of a training, and where it writes."""

    path: Path
    recipe: Recipe
    budget: Budget
    dataset: str  # identity of the prepared dataset
    warm_start: str = ""  # fingerprint of the bundle whose weights it began with

    @property
    def bundle(self) -> Path:
        """Where the model ends."""
        return self.path / "bundle"

    @property
    def epochs(self) -> Path:
        """Where the models of its epochs are kept, a bundle each."""
        return self.path / "epochs"

    @property
    def candidate(self) -> Path:
        """A model that the gate is judging."""
        return self.path / "candidate"

    @property
    def checkpoints(self) -> Checkpoints:
        """What resuming starts from."""
        return Checkpoints(self.path)

    @property
    def record(self) -> Path:
        """metrics.jsonl: one JSON object a line."""
        return self.path / "metrics.jsonl"

    def write(self) -> None:
        """Write what is fixed at the start; a later `Budget` replaces the first."""
        content = {
            "format": FORMAT_VERSION,
            "recipe": self.recipe.as_dict(),
            "budget": asdict(self.budget),
            "dataset": self.dataset,
            "warm_start": self.warm_start,
        }
        write_atomically(self.path / RUN_FILE, json.dumps(content, indent=2).encode())

    def note(self, **values: Any) -> None:
        """Append one line to the record."""
        with self.record.open("a", encoding="utf-8") as file:
            file.write(json.dumps(values, ensure_ascii=False) + "\n")

    def notes(self) -> list[dict[str, Any]]:
        """The lines of the record; a last line that was cut off by a crash is left out."""
        lines = self.record.read_text(encoding="utf-8").splitlines() if self.record.exists() else []
        return [note for note in map(_parsed, lines) if note is not None]

    def rewind(self, position: Position) -> None:
        """Forget what the record says of steps after `position`: they will be made again."""
        kept = [note for note in self.notes() if note.get("step", 0) <= position.step]
        write_atomically(self.record, "".join(json.dumps(n, ensure_ascii=False) + "\n" for n in kept).encode())


def start_run(
    path: Path,
    recipe: Recipe,
    budget: Budget,
    dataset: Dataset,
    overwrite: bool,
    warm_start: str = "",
    keep_bundle: bool = False,
) -> Run:
    """Make the run's folder; an old run there is replaced only on request, any other folder never.

    With `keep_bundle` the old run's bundle stays until another takes its place. Raises `ConfigError`, before anything
    is written, for a recipe that cannot be followed on this dataset.
    """
    _check_memory(recipe, dataset)
    if recipe.training.subword_dropout:
        sampler_of(dataset.tokenizer())
    if path.exists():
        old = (path / RUN_FILE).is_file()
        if not old and (not path.is_dir() or any(path.iterdir())):
            raise CheckpointError(f"{path}: exists and is no training run; choose another --output")
        if old and not overwrite:
            raise CheckpointError(f"{path}: holds a run already; go on with --resume or replace it with --overwrite")
        if old:
            _remove_run(path, keep_bundle)
    try:
        path.mkdir(parents=True, exist_ok=True)
        run = Run(path, recipe, budget, identity(dataset), warm_start)
        run.write()
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be written: {error.strerror}") from None
    return run


def open_run(path: Path, dataset: Dataset) -> Run:
    """A run to resume; it must have begun on the same dataset."""
    file = path / RUN_FILE
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if content["format"] != FORMAT_VERSION:
            raise CheckpointError(f"{file}: format {content['format']}, but this version reads {FORMAT_VERSION}")
        recipe, budget = recipe_from(content["recipe"], str(file)), Budget(**content["budget"])
        run = Run(path, recipe, budget, content["dataset"], content.get("warm_start", ""))
    except FileNotFoundError:
        raise CheckpointError(f"{path}: no run to resume; start one without --resume") from None
    except (OSError, ValueError, KeyError, TypeError, ConfigError) as error:
        raise CheckpointError(f"{file}: not the record of a run: {error}") from None
    if run.dataset != identity(dataset):
        raise CheckpointError(
            f"{path}: began on another dataset than {dataset.path} (its arrays or tokenizer differ); "
            "resume on that one, or start anew with --overwrite"
        )
    _check_memory(run.recipe, dataset)
    remove_leftovers(run.bundle)
    return run


def identity(dataset: Dataset) -> str:
    """Sha256 of what training reads of the dataset's description: sizes, split, settings, the tokenizer's own sum."""
    known = {name: value for name, value in dataset.info.items() if name != "audit"}
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


def _check_memory(recipe: Recipe, dataset: Dataset) -> None:
    ids = dataset.info["splits"]["train"]["tokens"]
    ids = ids // 4 if dataset.task == "translation" else ids  # the targets are about half of them, or at least this
    check_memory(recipe, sized(recipe.network, dataset.tokenizer()), ids)


def _remove_run(path: Path, keep_bundle: bool) -> None:
    """Remove what a run writes and nothing else; the mark of a run goes last."""
    for folder in ("checkpoints", "epochs", "candidate", *(() if keep_bundle else ("bundle",))):
        if (path / folder).exists():
            shutil.rmtree(path / folder)
    mark = () if keep_bundle else (RUN_FILE,)  # it is replaced at once; a folder of a bundle alone would be no run
    for name in ("metrics.jsonl", "learning-curve.png", *mark):
        (path / name).unlink(missing_ok=True)
    os.sync() if hasattr(os, "sync") else None


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
