"""Words without receipts, as other programs and plain transcripts have them -> a record that can be imported."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chatbot.store.annotations import BOOKMARK, CORRECTION, NOTE, RATING
from chatbot.store.formats.records import ABOUT, FORMAT, RECEIPT
from chatbot.store.history import TITLE_LENGTH

YOU, BOT = "you", "bot"
NO_REPLY = "(no reply)"

_AFTER_REPLY = re.compile(r" \(reply \d+ of \d+\)$")
_STOPPED = " (stopped)"
_REMARKS = {
    RATING: re.compile(r"rated ([1-5])"),
    CORRECTION: re.compile(r"better: (.*)", re.DOTALL),
    NOTE: re.compile(r"note: (.*)", re.DOTALL),
    BOOKMARK: re.compile(r"bookmarked()"),
}


@dataclass(slots=True)
class Spoken:
    """A conversation that is put together line by line: what was said in turn, and remarks on what came before them."""

    title: str = ""
    when: datetime | None = None
    turns: list[dict[str, Any]] = field(default_factory=list)  # {"text", "reply", "complete"}
    remarks: list[tuple[str, str | None, bool]] = field(default_factory=list)  # kind, text, on the last reply?
    places: list[int] = field(default_factory=list)  # turns that were there when each remark was made

    def say(self, who: str, text: str) -> None:
        """One or the other says something; who says more goes on. A bot that speaks first is noted."""
        last = self.turns[-1] if self.turns else None
        if who == YOU and (last is None or last["reply"] is not None):
            self.turns.append({"text": text, "reply": None, "complete": True})
        elif who == YOU and last:
            last["text"] += "\n" + text
        elif last is None:
            self.note(f"{who}: {text}")
        else:
            last["reply"] = text if last["reply"] is None else last["reply"] + "\n" + text

    def answer(self, text: str) -> None:
        """The bot says something, as a transcript shows it: with what is to be said of the reply behind it."""
        text = _AFTER_REPLY.sub("", text)
        if text != NO_REPLY:
            self.say(BOT, text.removesuffix(_STOPPED))
            if self.turns:
                self.turns[-1]["complete"] = not text.endswith(_STOPPED)

    def note(self, text: str) -> None:
        """A note on what was said last; on the whole where nothing was."""
        self._remark(NOTE, text)

    def remark(self, shown: str) -> None:
        """What a transcript shows of an annotation; what is none of those known becomes a note."""
        for kind, pattern in _REMARKS.items():
            if found := pattern.fullmatch(shown):
                self._remark(kind, found[1] or None)
                return
        self.note(shown)

    def _remark(self, kind: str, text: str | None) -> None:
        self.remarks.append((kind, text, bool(self.turns) and kind != BOOKMARK))
        self.places.append(len(self.turns))

    def record(self, uid: str | None = None) -> dict[str, Any]:
        """The record; its uid follows from the words where none is given, so that the same are imported once."""
        said = json.dumps([self.title, self.turns, self.remarks, self.places])
        time = (self.when or datetime.now(UTC)).isoformat()
        replies = [place for place, turn in enumerate(self.turns, start=1) if turn["reply"] is not None]
        return {
            "format": FORMAT,
            "uid": uid or hashlib.sha256(said.encode()).hexdigest()[:32],
            "title": self.title or _title(self.turns[0]["text"] if self.turns else ""),
            "created_at": time,
            "updated_at": time,
            "fingerprint": None,
            "leaf": {
                "turn": len(self.turns) or None,
                "reply": len(replies) if replies and replies[-1] == len(self.turns) else None,
            },
            "models": [],
            "turns": [_turn(turn, place, replies, time) for place, turn in enumerate(self.turns, start=1)],
            "annotations": [
                {**dict.fromkeys(ABOUT), **_about(place if on else None, replies), "kind": kind, "text": text}
                | {"created_at": time}
                for (kind, text, on), place in zip(self.remarks, self.places, strict=True)
            ],
        }


def blocks(
    lines: Iterable[str], begins: Callable[[str], tuple[str, str] | None], goes_on: Callable[[str], str | None]
) -> Iterator[tuple[str, str]]:
    """Who says what, in the lines of a transcript; other lines with nobody ("").

    `begins` tells who begins to say what in a line, `goes_on` what a line adds to that, None where it adds nothing.
    """
    who, words = "", ""
    for line in lines:
        if said := begins(line):
            yield who, words
            who, words = said
        elif who and (more := goes_on(line)) is not None:
            words += "\n" + more
        else:
            yield who, words
            who, words = "", ""
            yield "", line
    yield who, words


def _turn(turn: dict[str, Any], place: int, replies: list[int], time: str) -> dict[str, Any]:
    """A turn; it follows the reply before it."""
    reply = {**dict.fromkeys(RECEIPT), "text": turn["reply"], "complete": turn["complete"], "created_at": time}
    before = replies.index(place - 1) + 1 if place - 1 in replies else None
    return {
        "parent_reply": before,
        "text": turn["text"],
        "created_at": time,
        "replies": [reply] if turn["reply"] is not None else [],
    }


def _about(place: int | None, replies: list[int]) -> dict[str, int | None]:
    """Where a remark stands: on the reply to a turn, on a turn without one, or on the whole."""
    if place in replies:
        return {"turn": None, "reply": replies.index(place) + 1}
    return {"turn": place, "reply": None}


def _title(text: str) -> str:
    return " ".join(text.split())[:TITLE_LENGTH]
