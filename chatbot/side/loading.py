"""The name of a model of some task -> its bundle, loaded and checked; and which models of a task there are."""

from __future__ import annotations

from typing import cast

from chatbot.bundle.config import BundleConfig
from chatbot.bundle.folder import read_config
from chatbot.bundle.loading import Bundle, load_bundle
from chatbot.bundle.locate import find_model, list_models
from chatbot.decoding.stepper import Scorer
from chatbot.errors import BundleError, UsageError
from chatbot.inference.golden import check_golden
from chatbot.inference.loading import stepper_of
from chatbot.settings import DecodingSettings, from_mapping

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


def load_for(task: str, name: str | None) -> Bundle:
    """The bundle of a model of this task; None is the first there is. `BundleError` for one of another task."""
    if name is None:
        known = models_for(task)
        if not known:
            raise UsageError(
                f"there is no model for {task}; name one with --model, or {HOW_TO_PREPARE.format(task=task)}"
            )
        name = next(iter(known))
    bundle = load_bundle(find_model(name))
    if bundle.config.task != task:
        own = ", ".join(models_for(task))
        instead = f"choose with --model: {own}" if own else HOW_TO_PREPARE.format(task=task)
        raise BundleError(f"{name}: is a model for {bundle.config.task}, not for {task}; {instead}")
    return bundle


def checked_stepper(bundle: Bundle) -> Scorer:
    """The network, once it answers its golden prompts; `BundleError` otherwise."""
    network = stepper_of(bundle.weights, bundle.config.network)
    check_golden(network, bundle.config)
    return cast(Scorer, network)  # its steps take no state but its own


def default_settings(bundle: Bundle) -> DecodingSettings:
    """How the bundle decodes unless told otherwise."""
    return from_mapping(DecodingSettings, bundle.config.decoding, f"{bundle.path}: decoding")
