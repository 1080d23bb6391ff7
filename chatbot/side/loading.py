"""The name of a model of some task -> its bundle, loaded and checked."""

from __future__ import annotations

from typing import cast

from chatbot.bundle.loading import Bundle, load_bundle
from chatbot.bundle.locate import find_model
from chatbot.bundle.of_task import HOW_TO_PREPARE, models_for, wrong_task
from chatbot.decoding.stepper import Scorer
from chatbot.errors import UsageError
from chatbot.inference.loading import speaker_of
from chatbot.settings import DecodingSettings, from_mapping


def load_for(task: str, name: str | None) -> Bundle:
    """The bundle of a model of this task; None is the first there is. `UsageError` for one of another task."""
    if name is None:
        known = models_for(task)
        if not known:
            raise UsageError(
                f"there is no model for {task}; name one with --model, or {HOW_TO_PREPARE.format(task=task)}"
            )
        name = next(iter(known))
    bundle = load_bundle(find_model(name))
    if bundle.config.task != task:
        raise wrong_task(name, bundle.config.task, task)
    return bundle


def checked_stepper(bundle: Bundle) -> Scorer:
    """The network, once it answers its golden prompts; `BundleError` otherwise."""
    return cast(Scorer, speaker_of(bundle))  # its steps take no state but its own


def default_settings(bundle: Bundle) -> DecodingSettings:
    """How the bundle decodes unless told otherwise."""
    return from_mapping(DecodingSettings, bundle.config.decoding, f"{bundle.path}: decoding")
