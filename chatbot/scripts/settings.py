"""The shape of decoding settings in a script: those that differ from the model's own, without the seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatbot.errors import ConfigError, ScriptError
from chatbot.scripts.nodes import Node
from chatbot.settings import DecodingSettings, fields_of, from_mapping, type_of

_TYPES = {int: "integer", float: "number", bool: "boolean", str: "string"}


@dataclass(frozen=True, slots=True)
class Decoding:
    """A mapping of settings by their names."""

    words: str = "SETTINGS"

    def read(self, node: Node) -> dict[str, Any]:
        """Name -> checked value."""
        if not isinstance(node.value, dict) or not node.value:
            raise node.wrong("expected settings such as {beam_size: 5}")
        found = {}
        for name, value in node.value.items():
            if name == "seed":
                raise ScriptError(f"{value.where}: the seed is none of the settings; write 'seed:' beside 'settings:'")
            plain = value.shown if isinstance(value.value, dict | list) else value.value
            try:
                found[name] = getattr(from_mapping(DecodingSettings, {name: plain}, f"{value.where}: settings"), name)
            except ConfigError as error:
                raise ScriptError(str(error)) from None
        return found

    def schema(self) -> dict[str, Any]:
        """An object with the settings' types and bounds."""
        inside = {name: self._one(name) for name in fields_of(DecodingSettings) if name != "seed"}
        return {"type": "object", "minProperties": 1, "additionalProperties": False, "properties": inside}

    def _one(self, name: str) -> dict[str, Any]:
        kind, meta = type_of(DecodingSettings, name), fields_of(DecodingSettings)[name].metadata
        names = ("minLength", "maxLength") if kind is str else ("minimum", "maximum")
        bounds = {key: meta[bound] for key, bound in zip(names, ("minimum", "maximum"), strict=True)}
        described = {"type": _TYPES[kind], "description": meta["help"]}
        return described | {key: value for key, value in bounds.items() if value is not None}
