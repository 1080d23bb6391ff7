"""Expectations on the words of a reply: what it is, holds, begins with, matches, and how long it is."""

from __future__ import annotations

from chatbot.scripts.evidence import Evidence
from chatbot.scripts.expectations.kind import Found, Kind
from chatbot.scripts.patterns import Pattern, search
from chatbot.scripts.script import REFUSED
from chatbot.scripts.shapes import Expression, Interval, Listed, OneOrMore, Range, Text
from chatbot.terminal import one_line


def quoted(texts: tuple[str, ...]) -> str:
    """Texts for a line of a report."""
    return " or ".join(f'"{one_line(text)}"' for text in texts)


def plain(text: str) -> str:
    """The text for a comparison that minds neither case nor the kind of white space."""
    return " ".join(text.casefold().split())


def _reply(argument: tuple[str, ...], evidence: Evidence) -> Found:
    holds = evidence.text in argument
    return Found(holds, f"is {'' if holds else 'not '}{quoted((evidence.text,) if holds else argument)}")


def _contains(argument: tuple[str, ...], evidence: Evidence) -> Found:
    held = tuple(text for text in argument if plain(text) in plain(evidence.text))
    return Found(bool(held), f"contains {quoted(held)}" if held else f"does not contain {quoted(argument)}")


def _contains_all(argument: tuple[str, ...], evidence: Evidence) -> Found:
    missing = tuple(text for text in argument if plain(text) not in plain(evidence.text))
    return Found(not missing, f"does not contain {quoted(missing[:1])}" if missing else "contains all of them")


def _starts_with(argument: tuple[str, ...], evidence: Evidence) -> Found:
    held = tuple(text for text in argument if plain(evidence.text).startswith(plain(text)))
    return Found(bool(held), f"starts with {quoted(held)}" if held else f"does not start with {quoted(argument)}")


def _matches(argument: tuple[Pattern, ...], evidence: Evidence) -> Found:
    held = tuple(pattern for pattern in argument if search(pattern, evidence.text) is not None)
    return Found(bool(held), f"matches {quoted(held)}" if held else f"does not match {quoted(argument)}")


def _words(argument: Interval, evidence: Evidence) -> Found:
    count = len(evidence.text.split())
    return Found(count in argument, f"has {count} word{'' if count == 1 else 's'}, and {argument} were named")


def _refused(argument: tuple[str, ...], evidence: Evidence) -> Found:
    if not evidence.refusal:
        return Found(False, "was given, and none was expected")
    held = any(plain(text) in plain(evidence.refusal) for text in argument)
    return Found(held, f'was refused: "{one_line(evidence.refusal)}"')


KINDS = (
    Kind("reply", "the reply is this, letter for letter", OneOrMore(Text(empty=True)), _reply),
    Kind("any_of", "the reply is one of these, letter for letter", Listed(Text(empty=True)), _reply),
    Kind("contains", "the reply holds this, or one of these, whatever the case", OneOrMore(Text()), _contains),
    Kind("contains_all", "the reply holds each of these, whatever the case", Listed(Text()), _contains_all),
    Kind(
        "starts_with", "the reply begins with this, or one of these, whatever the case", OneOrMore(Text()), _starts_with
    ),
    Kind("matches", "a pattern of RE2's syntax is found in the reply", OneOrMore(Expression()), _matches),
    Kind(REFUSED, "there is no reply, but an error that holds this", OneOrMore(Text()), _refused),
    Kind("words", "how many words, between white space, the reply has", Range(), _words),
)
