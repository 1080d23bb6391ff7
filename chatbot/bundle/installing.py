"""A model that was packed -> one in CHATBOT_HOME/models, to be chosen by its name; and away with one that is there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from chatbot.bundle.folder import CONFIG_FILE
from chatbot.bundle.locate import list_models, own_models
from chatbot.bundle.parsing import plain_name
from chatbot.bundle.saving import check_replaceable, write_content
from chatbot.errors import BundleError, UsageError
from chatbot.files import sync_folder
from chatbot.settings import suggest


def free_place(name: str, overwrite: bool) -> Path:
    """The folder that a model of this name is installed to; an error of one line where the name is taken."""
    plain_name(name, "name")
    if any(place.shipped and place.name == name for place in list_models()):
        raise UsageError(f"'{name}' is the name of a model in the box; choose another with --name")
    place = own_models() / name
    check_replaceable(place, overwrite, "choose another --name")
    return place


def install(content: Mapping[str, bytes], name: str, overwrite: bool) -> Path:
    """Write a bundle's files, checked before, as the model `name`; where it is now."""
    place = free_place(name, overwrite)
    write_content(place, content)
    return place


def installed(name: str) -> Path:
    """The folder of a model that was installed; `UsageError` for one in the box, or for none."""
    own = sorted(path.name for path in own_models().glob("*/") if (path / CONFIG_FILE).exists())
    if name in own:
        return own_models() / name
    if any(place.name == name for place in list_models()):
        raise UsageError(f"'{name}' is in the box, as a part of the program; there is nothing to remove")
    known = suggest(name, own) if own else "none was installed"
    raise UsageError(f"no model named {name[:100]!r} is in {own_models()}; {known}")


def uninstall(name: str) -> None:
    """Remove an installed model, at once; of one that is a link, the link alone."""
    place = installed(name)
    away = place.with_name(f".{name}.{os.getpid()}.tmp")  # what a crash leaves of it is swept up later
    try:
        place.rename(away)
        sync_folder(place.parent)
        if away.is_symlink():
            away.unlink()
        else:
            shutil.rmtree(away)
    except OSError as error:
        raise BundleError(f"{place}: cannot be removed: {error.strerror or error}") from error
