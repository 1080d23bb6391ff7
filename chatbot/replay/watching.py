"""A branch -> moments to play it back by: who says what after how long, cut where a person went away for a while."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chatbot.replay.branches import Branch
from chatbot.store.transcripts import said
from chatbot.terminal import one_line

LONGEST, SHORTEST = 3.0, 0.4  # seconds that one turn or reply takes
STOPPED, UNANSWERED = " (stopped)", "(no reply)"


@dataclass(frozen=True, slots=True)
class Moment:
    """Lines to show, part by part, over some seconds; nothing in them can drive a terminal."""

    parts: tuple[str, ...]
    seconds: float

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.parts)


def heading(branch: Branch) -> str:
    """The line before the first moment."""
    return one_line(f"conversation {branch.name}: {branch.title}")


def moments(branch: Branch) -> Iterator[Moment]:
    """The person's turns take the time that passed before them, replies the time they took."""
    before = None
    for step in branch.steps:
        yield _moment("you", step.turn.text, (step.turn.created_at - before).total_seconds() if before else SHORTEST)
        if step.reply is None:
            yield _moment("bot", UNANSWERED, SHORTEST)
            continue
        text = step.reply.text + ("" if step.reply.complete else STOPPED)
        yield _moment("bot", text, step.reply.seconds or 0.0)
        before = step.reply.created_at


def _moment(who: str, text: str, seconds: float) -> Moment:
    shown = said(who, text)
    parts = tuple(re.findall(r"\S+\s*|\s+", shown)) or (shown,)
    return Moment(parts, min(LONGEST, max(SHORTEST, seconds)))
