"""The expectation that there is no reply at all, but an error."""

from __future__ import annotations

from chatbot.scripts.evidence import Evidence
from chatbot.scripts.expectations.kind import Found, Kind
from chatbot.scripts.expectations.wording import plain
from chatbot.scripts.script import REFUSED
from chatbot.scripts.shapes import OneOrMore, Text
from chatbot.terminal import one_line


def _refused(argument: tuple[str, ...], evidence: Evidence) -> Found:
    if not evidence.refusal:
        return Found(False, "was given, where none was expected")
    held = any(plain(text) in plain(evidence.refusal) for text in argument)
    return Found(held, f'was refused: "{one_line(evidence.refusal)}"')


KINDS = (Kind(REFUSED, "there is no reply, but an error that holds this", OneOrMore(Text()), _refused),)
