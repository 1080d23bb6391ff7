"""What a recipe says of the n-gram model that a bundle holds beside its network."""

from __future__ import annotations

from dataclasses import dataclass

from chatbot.settings import setting

LONGEST = 8  # ids of an n-gram
MOST = 20_000_000  # n-grams of all lengths together


@dataclass(frozen=True, slots=True)
class NgramSettings:
    """How much of the training texts is remembered word by word."""

    order: int = setting(0, "ids of the longest n-grams counted; 0 for no n-gram model", minimum=0, maximum=LONGEST)
    most: int = setting(
        2_000_000,
        "n-grams of two ids and more that the bundle keeps, those that say most; four bytes each",
        minimum=1,
        maximum=MOST // 2,
    )
