"""The fingerprint of a model that once replied -> the model, where it is still among those known."""

from __future__ import annotations

from chatbot.bundle.folder import read_files
from chatbot.bundle.locate import list_models
from chatbot.dialogue.model import Model
from chatbot.errors import ChatbotError
from chatbot.text.tokenizer import Tokenizer


class KnownModels:
    """Models given by name, and those shipped or in CHATBOT_HOME/models; each of these is loaded when it is wanted."""

    def __init__(self, *given: Model) -> None:
        self._found: dict[str, Model | None] = {model.fingerprint: model for model in given}
        self._places: dict[str, str] | None = None  # fingerprint -> folder

    def find(self, fingerprint: str | None) -> Model | None:
        """The model of this fingerprint; None where it is gone."""
        if not fingerprint:
            return None
        if fingerprint not in self._found:
            self._found[fingerprint] = self._loaded(fingerprint)
        return self._found[fingerprint]

    def _loaded(self, fingerprint: str) -> Model | None:
        if self._places is None:
            self._places = _fingerprints()
        place = self._places.get(fingerprint)
        try:
            return Model.load(place) if place else None
        except ChatbotError:  # not for dialogue, or damaged: as good as gone
            return None


def _fingerprints() -> dict[str, str]:
    found = {}
    for place in list_models():
        try:
            found[read_files(place.path).fingerprint] = str(place.path)
        except ChatbotError:
            continue
    return found


def read_alike(one: Model, other: Model) -> bool:
    """Whether two models read any context as the same ids."""
    if one.fingerprint == other.fingerprint:
        return True
    return one.config.context == other.config.context and _same(one.tokenizer, other.tokenizer)


def _same(one: Tokenizer, other: Tokenizer) -> bool:
    return one is other or (one.kind == other.kind and one.to_bytes() == other.to_bytes())
