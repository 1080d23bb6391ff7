"""What the settings cannot know of a vocabulary: which ids are never said, and which are no words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chatbot.text.special import BOS_ID, OTHER_ID, PAD_ID, SELF_ID, UNK_ID

FORBIDDEN = (PAD_ID, UNK_ID, BOS_ID, SELF_ID, OTHER_ID)


@dataclass(frozen=True, slots=True)
class Rules:
    """For every reply of one model.

    `never` are ids that are not said at all, `sequences` those not said in this order, `openings` those not said in
    this order where a word can begin: at the start of a reply, or after one of `marks`. `marks` are the ids without a
    letter or digit, which the repetition penalty spares; `spelled` are the characters of each, spaces left out.
    """

    never: frozenset[int] = frozenset(FORBIDDEN)
    marks: frozenset[int] = frozenset()
    spelled: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    sequences: frozenset[tuple[int, ...]] = frozenset()
    openings: frozenset[tuple[int, ...]] = frozenset()


USUAL = Rules()
