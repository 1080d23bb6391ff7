"""A reply's tokens and their log-probabilities -> its text, each part coloured or marked by how likely it was."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from chatbot.repl.view import Fragments

SPACE = "▁"
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")
_SPECIAL = {"<eos>": " (end)"}


@dataclass(frozen=True, slots=True)
class Grade:
    """Probabilities from `least` on: how they are named, coloured, and marked where there is no colour."""

    least: float
    name: str
    style: str
    opening: str
    closing: str


GRADES = (
    Grade(0.5, "50% and more", "class:likely", "", ""),
    Grade(0.2, "20% and more", "class:fair", "(", ")"),
    Grade(0.05, "5% and more", "class:unlikely", "[", "]"),
    Grade(0.0, "less", "class:rare", "{", "}"),
)


def grade(probability: float) -> Grade:
    """The grade of a probability; what is no number is rare."""
    return next((one for one in GRADES if probability >= one.least), GRADES[-1])


def parts(tokens: Sequence[str], log_probs: Sequence[float]) -> list[tuple[str, float]]:
    """Texts of tokens, the space before a word among them, and probabilities.

    Bytes of one character go together and have the probability of the least likely of them. A log-probability beyond
    the last token is that of the reply's end.
    """
    spelled = any(token.startswith(SPACE) for token in tokens)
    found: list[tuple[str, float]] = []
    held, least = b"", 1.0
    ended = [*tokens, "<eos>"] if len(log_probs) > len(tokens) else tokens
    for token, log_prob in zip(ended, log_probs, strict=False):
        probability = math.exp(min(0.0, log_prob))
        if byte := _BYTE.fullmatch(token):
            held, least = held + bytes.fromhex(byte[1]), min(least, probability)
            if _whole(held):
                found.append((held.decode("utf-8", "replace"), least))
                held, least = b"", 1.0
            continue
        if held:
            found.append((held.decode("utf-8", "replace"), least))
            held, least = b"", 1.0
        text = _SPECIAL.get(token) or (token.replace(SPACE, " ") if spelled else f" {token}")
        found.append((text, probability))
    if held:
        found.append((held.decode("utf-8", "replace"), least))
    return [(found[0][0].lstrip(), found[0][1]), *found[1:]] if found else []


def coloured(text_parts: Sequence[tuple[str, float]], colours: bool) -> Fragments:
    """The reply in one piece, to be wrapped: styles where there are colours, else brackets around each part."""
    fragments: Fragments = []
    for text, probability in text_parts:
        one = grade(probability)
        bare = text.lstrip(" ")
        gap = text[: len(text) - len(bare)]
        shown = bare if colours else f"{one.opening}{bare}{one.closing}"
        fragments += [("", gap), (one.style, shown)]
    return fragments


def legend(colours: bool) -> Fragments:
    """What the colours, or the brackets, mean."""
    fragments: Fragments = []
    for number, one in enumerate(GRADES):
        shown = one.name if colours else f"{one.opening}{one.name}{one.closing}"
        fragments += [("", " · " if number else ""), (one.style, shown)]
    return fragments


def _whole(held: bytes) -> bool:
    try:
        held.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
