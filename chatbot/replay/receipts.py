"""A logged reply and the changes asked for -> how to search for it again, and what its receipt lacks for that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chatbot.errors import ConfigError
from chatbot.settings import DecodingSettings, checked, from_mapping
from chatbot.store.records import StoredReply

SETTINGS_MISSING = "its settings were not kept; the model's own were used"
SEED_MISSING = "its seed was not kept; seed 0 was used"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The settings to reply with, their seed set, the reply's rank, and lines about what was not kept."""

    settings: DecodingSettings
    rank: int = 0
    remarks: tuple[str, ...] = ()


def wanted(reply: StoredReply | None, default: DecodingSettings, changes: Mapping[str, Any]) -> Wanted:
    """The receipt's settings, seed and rank, with `changes`; `default` settings where none were kept."""
    if reply is None:
        return Wanted(_seeded(replace(default, **changes)))
    settings, remarks = kept_settings(reply.settings, default)
    seed = settings.seed if reply.seed is None or reply.seed < 0 else reply.seed
    settings = replace(settings, **{"seed": seed, **changes})
    if settings.seed is None and settings.temperature > 0:
        remarks = (*remarks, SEED_MISSING)
    return Wanted(_seeded(settings), max(0, reply.rank or 0), remarks)


def kept_settings(
    kept: Mapping[str, Any] | None, default: DecodingSettings
) -> tuple[DecodingSettings, tuple[str, ...]]:
    """The settings of a receipt; those that this version does not understand are left out and named."""
    if kept is None:
        return replace(default, seed=None), (SETTINGS_MISSING,)
    try:
        return from_mapping(DecodingSettings, kept, "settings"), ()
    except ConfigError:
        pass
    understood: dict[str, Any] = {}
    strange = []
    for name, value in kept.items():
        try:
            from_mapping(DecodingSettings, {name: value}, "settings")
            understood[name] = checked(DecodingSettings, name, value, "settings")
        except ConfigError:
            strange.append(str(name)[:40])
    remark = f"settings that this version does not know, left out: {', '.join(strange)} (kept by a newer version?)"
    return DecodingSettings(**understood), (remark,)


def _seeded(settings: DecodingSettings) -> DecodingSettings:
    return settings if settings.seed is not None else replace(settings, seed=0)
