"""A transcript -> conversations to learn from, in the format that `chatbot prepare --format jsonl` reads.

The branch that stands, where a correction replaces the reply it corrects. What should not be learned ends a
conversation, and the next turn begins another: a reply rated bad, one that was stopped, a turn never answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chatbot.store.annotations import WORST, correction_of, rating_of
from chatbot.store.records import Annotation, Step, Transcript

BAD = WORST + 1  # ratings up to this one keep a reply out


def lessons(transcript: Transcript) -> Iterator[dict[str, Any]]:
    """Each {"utterances": [{"speaker", "text"}, ...], "source"}; the source is the same for all of a transcript."""
    utterances: list[dict[str, str]] = []
    for step in transcript.path:
        utterances.append({"speaker": "you", "text": step.turn.text})
        reply = _lesson(step, transcript.about(step.reply.id) if step.reply else ())
        if reply is not None:
            utterances.append({"speaker": "bot", "text": reply})
            continue
        if len(utterances) > 1:
            yield _conversation(utterances, transcript)
        utterances = []
    if utterances:
        yield _conversation(utterances, transcript)


def _lesson(step: Step, annotations: tuple[Annotation, ...]) -> str | None:
    """What is to be learned as the reply; None for nothing."""
    if (correction := correction_of(annotations)) is not None:
        return correction
    rating = rating_of(annotations)
    if step.reply is None or not step.reply.complete or (rating is not None and rating <= BAD):
        return None
    return step.reply.text


def _conversation(utterances: list[dict[str, str]], transcript: Transcript) -> dict[str, Any]:
    return {"utterances": utterances, "source": transcript.conversation.uid}
