"""Expectations on the words of a reply, or of any other text: what it is, holds, begins with, how long it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chatbot.evaluation.chrf import chrf
from chatbot.scripts.expectations.kind import Found, Kind
from chatbot.scripts.patterns import Pattern, search
from chatbot.scripts.quantities import Bounds, Interval, Range
from chatbot.scripts.shapes import Expression, Listed, OneOrMore, Shape, Text
from chatbot.terminal import one_line

SIMILAR = 50.0  # chrF from which two texts are similar


def quoted(texts: tuple[str, ...]) -> str:
    """Texts for a line of a report."""
    return " or ".join(f'"{one_line(text)}"' for text in texts)


def plain(text: str) -> str:
    """The text for a comparison that minds neither case nor the kind of white space."""
    return " ".join(text.casefold().split())


@dataclass(frozen=True, slots=True)
class Wording:
    """One expectation on a text; `help` goes on from its name, with "it" for the text."""

    name: str
    help: str
    shape: Shape
    check: Callable[[Any, str], Found]

    def kind(self) -> Kind:
        """The same on the reply."""
        return Kind(self.name, self.help, self.shape, lambda argument, evidence: self.check(argument, evidence.text))


def _is(argument: tuple[str, ...], text: str) -> Found:
    holds = text in argument
    return Found(holds, f"is {quoted((text,))}" if holds else f"is not {quoted(argument)}")


def _contains(argument: tuple[str, ...], text: str) -> Found:
    held = tuple(one for one in argument if plain(one) in plain(text))
    return Found(bool(held), f"contains {quoted(held)}" if held else f"does not contain {quoted(argument)}")


def _contains_all(argument: tuple[str, ...], text: str) -> Found:
    missing = tuple(one for one in argument if plain(one) not in plain(text))
    return Found(not missing, f"does not contain {quoted(missing[:1])}" if missing else "contains all of them")


def _starts_with(argument: tuple[str, ...], text: str) -> Found:
    held = tuple(one for one in argument if plain(text).startswith(plain(one)))
    return Found(bool(held), f"starts with {quoted(held)}" if held else f"does not start with {quoted(argument)}")


def _matches(argument: tuple[Pattern, ...], text: str) -> Found:
    held = tuple(one for one in argument if search(one, text) is not None)
    return Found(bool(held), f"matches {quoted(held)}" if held else f"does not match {quoted(argument)}")


def _words(argument: Interval, text: str) -> Found:
    count = len(text.split())
    return Found(count in argument, f"has {count} word{'' if count == 1 else 's'}, where {argument} was named")


def _similar(argument: dict[str, Any], text: str) -> Found:
    score, nearest = max((chrf(text, one), one) for one in argument["to"])
    return Found(score in argument["range"], f'has a chrF of {score:.1f} to "{one_line(nearest)}"')


WORDINGS = (
    Wording("reply", "it is this, or one of these, letter for letter", OneOrMore(Text(empty=True)), _is),
    Wording("any_of", "it is one of these, letter for letter", Listed(Text(empty=True)), _is),
    Wording("contains", "it holds this, or one of these, whatever the case", OneOrMore(Text()), _contains),
    Wording("contains_all", "it holds each of these, whatever the case", Listed(Text()), _contains_all),
    Wording("starts_with", "it begins with this, or one of these, whatever the case", OneOrMore(Text()), _starts_with),
    Wording("matches", "a pattern of RE2's syntax is found in it", OneOrMore(Expression()), _matches),
    Wording("words", "how many words it has, between white space", Range(), _words),
    Wording(
        "similar_to",
        f"its chrF to this, or to the nearest of these, from 0 to 100; at least {SIMILAR:g} where no bound is given",
        Bounds({"to": OneOrMore(Text())}, Interval(low=SIMILAR), needed=("to",), alone="to"),
        _similar,
    ),
)

KINDS = tuple(wording.kind() for wording in WORDINGS)


def on_text() -> dict[str, Shape]:
    """Expectations on a text, `reply` as `is`, and their not_ forms: keys of a mapping, for texts that are no reply."""
    named = {"is" if one.name == "reply" else one.name: one.shape for one in WORDINGS if one.name != "any_of"}
    return {prefix + name: shape for prefix in ("", "not_") for name, shape in named.items()}


def check_text(argument: dict[str, Any], text: str) -> Found:
    """Whether all that such a mapping expects of a text holds; the first that does not, else the last that does."""
    known = {one.name: one for one in WORDINGS} | {"is": WORDINGS[0]}
    found = Found(True, f"is {quoted((text,))}")
    for name, value in argument.items():
        if (wording := known.get(name.removeprefix("not_"))) is None:
            continue
        found = wording.check(value, text)
        found = Found(found.holds != name.startswith("not_"), found.what)
        if not found.holds:
            break
    return found
