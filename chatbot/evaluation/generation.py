"""Sources -> the replies to them, many asked for at once; reply i does not depend on which others are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chatbot.corpus.counts import Progress, silent
from chatbot.evaluation.likelihood import Ids

TOGETHER = 256  # sources asked for at once, of like length

Answer = Callable[[Sequence[Sequence[int]], Sequence[int]], Sequence[str]]
"""(sources, the seed of each) -> the text that a conversation would reply to each."""


def generate_replies(answer: Answer, sources: Sequence[Ids], first_seed: int, progress: Progress = silent) -> list[str]:
    """The reply to every source; number i has seed `first_seed` + i."""
    replies = [""] * len(sources)
    order = sorted(range(len(sources)), key=lambda i: len(sources[i]))
    for first in range(0, len(order), TOGETHER):
        rows = order[first : first + TOGETHER]
        for i, text in zip(
            rows, answer([sources[i].tolist() for i in rows], [first_seed + i for i in rows]), strict=True
        ):
            replies[i] = text
        progress("replying", first + len(rows), len(order))
    return replies
