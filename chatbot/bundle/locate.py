"""The name of a model -> its bundle's folder: a shipped model, one in the user's folder, a run, or a bundle's path."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from chatbot.bundle.folder import CONFIG_FILE
from chatbot.errors import BundleError, UsageError
from chatbot.home import home
from chatbot.settings import suggest

DEFAULT_MODEL = "cornell"
HOW_TO_TRAIN = "train one with: chatbot train DATA --output RUN"
LONGEST_SHOWN = 200
SHIPPED = Path(__file__).resolve().parents[1] / "models"


@dataclass(frozen=True, slots=True)
class ModelPlace:
    """A model that can be chosen by its name alone."""

    name: str
    path: Path
    shipped: bool


def list_models() -> list[ModelPlace]:
    """The shipped models, then those in CHATBOT_HOME/models, each in order of name; a shipped name hides an own one."""
    shipped = {path.name: ModelPlace(path.name, path, True) for path in _bundles(SHIPPED)}
    own = {path.name: ModelPlace(path.name, path, False) for path in _bundles(own_models())}
    return [*shipped.values(), *(place for name, place in own.items() if name not in shipped)]


def own_models() -> Path:
    """The folder of the models that the user made or installed."""
    return home() / "models"


def find_model(name: str | None = None) -> Path:
    """The folder of a model's bundle.

    `name` is that of a shipped model or of one in CHATBOT_HOME/models, or the path of a run or a bundle; None is the
    default model. Raises `UsageError` for an unknown name, `BundleError` for a folder that holds no bundle.
    """
    places = {place.name: place.path for place in list_models()}
    if name is None:
        name = DEFAULT_MODEL
        if name not in places:
            raise UsageError(
                f"the default model '{name}' is not installed; name another with --model, or {HOW_TO_TRAIN}"
            )
    return places[name] if name in places else _by_path(name, list(places))


def _by_path(name: str, known: list[str]) -> Path:
    try:
        path = Path(name).expanduser()
        for candidate in (path, path / "bundle"):
            if (candidate / CONFIG_FILE).exists():
                return candidate
        found = path.exists()
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BundleError(f"model {name[:LONGEST_SHOWN]!r}: cannot be looked up: {reason}") from error
    if found and (path / "run.json").exists():
        raise BundleError(f"{path}: this run has not written a bundle yet; continue it with: chatbot train --resume")
    if found:
        raise BundleError(f"{path}: holds no bundle; expected a folder with {CONFIG_FILE}, or a run with bundle/")
    if os.sep in name or name.startswith(("~", ".")):
        raise UsageError(f"{path}: there is no such folder; expected a run or a bundle")
    raise UsageError(f"no model named {name[:LONGEST_SHOWN]!r}; {suggest(name, known) if known else HOW_TO_TRAIN}")


def _bundles(folder: Path) -> list[Path]:
    """The sub-folders that hold a bundle, in order of name; hidden ones are being written or were left over."""
    try:
        children = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        return [path for path in children if (path / CONFIG_FILE).exists()]
    except OSError:
        return []
