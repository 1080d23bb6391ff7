"""The table of all expectations, by name, and the check of one of them. A new family is a file and a row here."""

from __future__ import annotations

from chatbot.scripts.evidence import Evidence
from chatbot.scripts.expectations import (
    answering,
    aside,
    attending,
    keeping,
    repeating,
    sampling,
    searching,
    timing,
    wording,
)
from chatbot.scripts.expectations.kind import Kind
from chatbot.scripts.script import Expectation

FAMILIES = (wording, answering, repeating, searching, attending, timing, sampling, aside, keeping)
TABLE: dict[str, Kind] = {kind.name: kind for family in FAMILIES for kind in family.KINDS}


def check(expectation: Expectation, evidence: Evidence) -> str | None:
    """None where it holds; else why not, in words that follow "the reply": "has 7 words, where 1 to 3 was named".

    Raises `ChatbotError` where it cannot be checked: no such corpus, no such model.
    """
    found = TABLE[expectation.name].check(expectation.argument, evidence)
    return None if found.holds != expectation.negated else found.what
