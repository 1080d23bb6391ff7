"""What a corpus reader counted on its way: read, repaired, and dropped with the reason; the audit shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

Progress = Callable[[str, int, int], None]  # (what is being done, how far, of how much); 0 of 0: not known


def silent(stage: str, done: int, total: int) -> None:
    """A `Progress` that shows nothing."""


@dataclass(slots=True)
class Counts:
    """Counters with the reason as the key, such as `dropped["conversation names a missing line"]`."""

    read: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, dict[str, int]]:
        """Plain dictionaries for JSON, keys sorted."""
        groups = {"read": self.read, "repaired": self.repaired, "dropped": self.dropped}
        return {name: dict(sorted(counter.items())) for name, counter in groups.items()}
