"""Hypotheses that still compete -> the tokens they agree on, told as soon as they are certain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from chatbot.text.special import EOS_ID

S = TypeVar("S", str, tuple[int, ...])
OnTokens = Callable[[tuple[int, ...]], None]
"""Called with all ids, from the first on, that every hypothesis is certain to begin with."""


class Certain:
    """Tells what is certain, whenever that has grown."""

    def __init__(self, on_tokens: OnTokens | None) -> None:
        self.on_tokens = on_tokens
        self.told = 0

    def tell(self, candidates: Iterable[Sequence[int]]) -> None:
        """Of the candidates, one of which each hypothesis will begin with or be; eos at their end is no token."""
        if self.on_tokens is None:
            return
        ids: tuple[int, ...] = agreed([tuple(ids[:-1] if ids and ids[-1] == EOS_ID else ids) for ids in candidates])
        if len(ids) > self.told:
            self.told = len(ids)
            self.on_tokens(ids)


def agreed(candidates: Sequence[S]) -> S:
    """The longest beginning that all share; there must be one."""
    first, last = min(candidates), max(candidates)  # all others stand between them
    for place, (one, other) in enumerate(zip(first, last, strict=False)):
        if one != other:
            return first[:place]
    return first
