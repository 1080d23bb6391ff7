"""A task -> the models for it that can be chosen by name, and what to say of one that is for another."""

from __future__ import annotations

from chatbot.bundle.config import BundleConfig
from chatbot.bundle.folder import read_config
from chatbot.bundle.locate import list_models
from chatbot.errors import BundleError, UsageError

HOW_TO_PREPARE = "make one with: chatbot prepare SRC --task {task} --output DATA, then chatbot train DATA --output RUN"


def models_for(task: str) -> dict[str, BundleConfig]:
    """Name -> configuration of the models of a task that can be chosen by name, shipped ones first."""
    found = {}
    for place in list_models():
        try:
            config = read_config(place.path)
        except BundleError:  # `chatbot models list` says what is wrong with it
            continue
        if config.task == task:
            found[place.name] = config
    return found


def wrong_task(name: str, found: str, wanted: str) -> UsageError:
    """What to say of a model for the task `found` that is asked for `wanted`."""
    own = ", ".join(models_for(wanted))
    instead = f"there are: {own}" if own else HOW_TO_PREPARE.format(task=wanted)
    return UsageError(f"{name}: is a model for {found}, not for {wanted}; {instead}")
