"""What is asked of a model: a context to reply to, and whether to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Context:
    """What the encoder reads: ids, and for a tokenizer of words the word of each ("" for a mark)."""

    ids: tuple[int, ...]
    words: tuple[str, ...] = ()


class Asked:
    """Whether a person's `stop` ever answered true; `callback` is None where there is none."""

    def __init__(self, stop: Stop | None) -> None:
        self.stop = stop
        self.stopped = False

    @property
    def callback(self) -> Stop | None:
        """What decoding asks."""
        return self._ask if self.stop else None

    def _ask(self) -> bool:
        self.stopped = self.stopped or bool(self.stop and self.stop())
        return self.stopped
