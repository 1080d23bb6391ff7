"""The expectation that a reply looked at certain words of what was said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatbot.dialogue.forcing import forced
from chatbot.dialogue.words import SPACE
from chatbot.scripts.evidence import Evidence
from chatbot.scripts.expectations.kind import Found, Kind
from chatbot.scripts.expectations.wording import plain, quoted
from chatbot.scripts.quantities import Bounds, Interval
from chatbot.scripts.shapes import Text

LEAST = 0.2  # share of the attention of some step


def places_of(text: str, pieces: Sequence[str]) -> list[int]:
    """The places of the source's pieces that spell a text, wherever it stands; whatever the case."""
    in_parts = any(piece.startswith(SPACE) for piece in pieces)
    letters: list[str] = []
    owners: list[int] = []
    for place, piece in enumerate(pieces):
        spelled = piece.replace(SPACE, " ") if in_parts else f" {piece}"
        for letter in spelled.casefold():
            letters.append(letter)
            owners.append(place)
    whole, wanted, found = "".join(letters), plain(text), set()
    start = whole.find(wanted)
    while start >= 0:
        found.update(owners[start : start + len(wanted)])
        start = whole.find(wanted, start + 1)
    return sorted(found)


def _attends(argument: dict[str, Any], evidence: Evidence) -> Found:
    reply = evidence.reply
    places = places_of(argument["to"], evidence.model.tokenizer.pieces(list(reply.context_ids)))
    if not places:
        return Found(False, f"was given no {quoted((argument['to'],))} to look at")
    share = max((float(weights[places].sum()) for _, _, weights in forced(evidence.model, reply)), default=0.0)
    return Found(share in argument["range"], f"gives {quoted((argument['to'],))} {share:.2f} of a step's attention")


KINDS = (
    Kind(
        "attends",
        f"the most attention, from 0 to 1, that any token of the reply gave words said before; at least {LEAST:g}",
        Bounds({"to": Text()}, Interval(low=LEAST), needed=("to",), alone="to"),
        _attends,
    ),
)
