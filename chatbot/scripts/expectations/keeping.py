"""Expectations on the program around the model: what a side command prints, what the history then holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatbot.errors import ScriptError
from chatbot.scripts.evidence import Evidence, Session
from chatbot.scripts.expectations.kind import Found, Kind
from chatbot.scripts.expectations.wording import check_text, on_text, plain, quoted
from chatbot.scripts.mappings import Fields
from chatbot.scripts.quantities import Range
from chatbot.scripts.shapes import OneOrMore, Shape, Text, Yes
from chatbot.store.annotations import BOOKMARK, NOTE, correction_of, rating_of
from chatbot.store.records import Transcript
from chatbot.terminal import one_line

SHOWN = 60  # characters of what was printed


def _session(evidence: Evidence) -> Session:
    if evidence.session is None:
        raise ScriptError("there is no session here; run it with: chatbot test")
    return evidence.session()


def _command(argument: dict[str, Any], evidence: Evidence) -> Found:
    printed = _session(evidence).run(argument["run"])
    found = check_text({name: value for name, value in argument.items() if name != "run"}, printed)
    start = one_line(printed[: 2 * SHOWN])[:SHOWN]
    return Found(found.holds, f'came before {argument["run"]}, whose output {found.what} (it begins "{start}")')


def _rating(transcript: Transcript) -> float | None:
    return rating_of(_about_reply(transcript))


def _about_reply(transcript: Transcript) -> Any:
    last = transcript.path[-1].reply if transcript.path else None
    return transcript.about(last.id) if last else ()


def _notes(transcript: Transcript) -> tuple[str, ...]:
    return tuple(one.text or "" for one in transcript.annotations if one.kind == NOTE)


def _reply(transcript: Transcript) -> tuple[str, ...]:
    last = transcript.path[-1].reply if transcript.path else None
    return (last.text,) if last else ()


Look = Callable[[Transcript], Any]
TEXTS: dict[str, Look] = {
    "said": lambda transcript: tuple(step.turn.text for step in transcript.path[-1:]),
    "reply": _reply,
    "title": lambda transcript: (transcript.conversation.title,),
    "correction": lambda transcript: tuple(filter(None, [correction_of(_about_reply(transcript))])),
    "note": _notes,
}
COUNTS: dict[str, Look] = {
    "turns": lambda transcript: len(transcript.path),
    "replies": lambda transcript: len(transcript.path[-1].turn.replies) if transcript.path else 0,
    "rating": _rating,
}
_SHAPES: dict[str, Shape] = {
    **{name: OneOrMore(Text()) for name in TEXTS},
    **{name: Range() for name in COUNTS},
    "bookmarked": Yes(),
}


def _stored(argument: dict[str, Any], evidence: Evidence) -> Found:
    transcript = _session(evidence).transcript()
    for name, wanted in argument.items():
        if name in TEXTS:
            held = TEXTS[name](transcript)
            if not any(plain(one) == plain(text) for one in wanted for text in held):
                return Found(
                    False, f"is kept with the {name} {quoted(held) or 'none'}, where {quoted(wanted)} was named"
                )
        elif name in COUNTS:
            count = COUNTS[name](transcript)
            if count is None or count not in wanted:
                return Found(
                    False, f"is kept with {name} {'none' if count is None else count}, where {wanted} was named"
                )
        elif not any(one.kind == BOOKMARK for one in transcript.annotations):
            return Found(False, "is kept without a bookmark")
    return Found(True, "is kept so")


KINDS = (
    Kind(
        "command",
        "what a command such as /why prints when it is run here, in a copy of the dialogue",
        Fields({"run": Text(), **on_text()}, ("run",), least=2),
        _command,
    ),
    Kind(
        "stored",
        "what the history holds of the dialogue up to here, and after the commands run here",
        Fields(_SHAPES, least=1),
        _stored,
    ),
)
