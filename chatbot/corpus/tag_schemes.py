"""Tags of words <-> spans: IOB1, IOB2 and BIOES read and written, spans found by the rules of conlleval.

In IOB1 a span begins with I-, and with B- only right after another one of its type; in IOB2 every span begins with B-;
in BIOES it also ends with E-, and one of a single word is S-. (Ramshaw & Marcus 1995; Ratinov & Roth 2009.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

OUTSIDE = "O"
SCHEMES = ("IOB1", "IOB2", "BIOES")
_TAG = re.compile(r"O|([BIESLU])-(\S+)")
_SAME = {"L": "E", "U": "S"}  # of BILOU, which is BIOES by other letters


class TagSpan(NamedTuple):
    """Words `first` to `end` - 1 are one `label`."""

    first: int
    end: int
    label: str


def parts(tag: str) -> tuple[str, str]:
    """The letter and the label of a tag; ("O", "") outside. Raises `ValueError` for what is no tag."""
    found = _TAG.fullmatch(tag)
    if found is None:
        raise ValueError(f"{tag!r:.40} is no tag; expected O, or one of B- I- E- S- and a label, such as B-PER")
    return (_SAME.get(found[1], found[1]), found[2]) if found[1] else (OUTSIDE, "")


class MixedSchemes(ValueError):
    """Sentences of two schemes: of each its name and the place, from 0, of a sentence that keeps to it alone."""

    def __init__(self, *found: tuple[int, str]) -> None:
        super().__init__(" and ".join(scheme for _, scheme in found))
        self.found = sorted(found)


def scheme_of(sentences: Iterable[Sequence[str]]) -> str:
    """The scheme that all sentences keep to; `MixedSchemes` where they mix some.

    Where no span follows another one of its type, IOB1 and IOB2 are told apart by how spans begin.
    """
    signs: dict[str, int] = {}  # sign of a scheme -> the first sentence that shows it
    for place, tags in enumerate(sentences):
        before = (OUTSIDE, "")
        for tag in [*map(parts, tags), (OUTSIDE, "")]:
            for sign in _signs(before, tag):
                signs.setdefault(sign, place)
            before = tag
    ends, inside = "E or S" in signs, "begins with I" in signs
    if inside and (ends or "begins with B" in signs):
        other = (signs["E or S"], "BIOES") if ends else (signs["begins with B"], "IOB2")
        raise MixedSchemes((signs["begins with I"], "IOB1"), other)
    if ends and "has no E" in signs:
        raise MixedSchemes((signs["has no E"], "IOB2"), (signs["E or S"], "BIOES"))
    return "BIOES" if ends else "IOB1" if inside else "IOB2"


def _signs(before: tuple[str, str], tag: tuple[str, str]) -> Iterator[str]:
    """What two neighbouring tags say of their scheme."""
    (letter, label), alone = tag, before[0] == OUTSIDE or before[1] != tag[1]
    if letter in "ES":
        yield "E or S"
    elif letter in "BI" and alone:
        yield f"begins with {letter}"
    if before[0] in "BI" and not (letter in "IE" and label == before[1]):
        yield "has no E"


def spans_of(tags: Sequence[str]) -> list[TagSpan]:
    """The spans of one sentence by conlleval's rules, whatever the scheme: a new label, B- or S- begins a span, and
    so does whatever follows O, E- or S-."""
    found: list[TagSpan] = []
    first, before = 0, (OUTSIDE, "")
    for place, (letter, label) in enumerate([*map(parts, tags), (OUTSIDE, "")]):
        new = letter in "BS" or label != before[1] or before[0] in "ES"
        if before[0] != OUTSIDE and (letter == OUTSIDE or new):
            found.append(TagSpan(first, place, before[1]))
        if letter != OUTSIDE and (before[0] == OUTSIDE or new):
            first = place
        before = (letter, label)
    return found


def bioes(tags: Sequence[str]) -> list[str]:
    """The same spans as BIOES tags."""
    written = [OUTSIDE] * len(tags)
    for first, end, label in spans_of(tags):
        letters = "S" if end - first == 1 else "B" + "I" * (end - first - 2) + "E"
        written[first:end] = [f"{letter}-{label}" for letter in letters]
    return written


def may_follow(before: str, after: str) -> bool:
    """Whether two BIOES tags may stand side by side; "" is the beginning or the end of a sentence."""
    (first, label), (second, other) = (parts(tag) if tag else (OUTSIDE, "") for tag in (before, after))
    return second in "IE" and label == other if first in "BI" else second in "OBS"
