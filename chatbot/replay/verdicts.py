"""A reference and a new reply -> a verdict."""

from __future__ import annotations

from dataclasses import replace

from chatbot.dialogue.reply import Reply
from chatbot.errors import ChatbotError
from chatbot.evaluation.chrf import chrf
from chatbot.replay.answering import Answer
from chatbot.replay.results import Likelihood, Outcome, Reference, Verdict
from chatbot.store.records import StoredReply

NO_REFERENCE = "no reply to compare with"
NOTHING_SAID = "was stopped before it said anything"
CUT = "was stopped in a search that cannot be stopped at the same place again"
BEGINS = "was stopped; the new one begins with the same words"


def reference_of(reply: StoredReply | None) -> Reference | None:
    """What is kept of a reply, to compare with."""
    if reply is None:
        return None
    settings = reply.settings or {}
    searched = settings.get("beam_size", 1) != 1  # of several hypotheses another one may have won in the end
    cut = not reply.complete and (searched or not reply.token_ids)
    return Reference(reply.text, reply.token_ids, reply.fingerprint, reply.model, reply.complete, cut)


def outcome(reference: Reference | None, answer: Answer) -> Outcome:
    """Compare words; likelihood comes later (`weighed`)."""
    if isinstance(answer, ChatbotError):
        return Outcome(Verdict.NONE, why=str(answer))
    if reference is None:
        return Outcome(Verdict.NONE, answer, why=NO_REFERENCE)
    likeness = 100.0 if answer.text == reference.text else chrf(answer.text, reference.text)
    if not reference.complete:
        return _stopped(reference, answer, likeness)
    return Outcome(Verdict.SAME if answer.text == reference.text else Verdict.DIFFERENT, answer, likeness)


def _stopped(reference: Reference, answer: Reply, likeness: float) -> Outcome:
    """A reply that a person stopped is the same where the new one begins with it."""
    if begins(reference, answer):
        return Outcome(Verdict.SAME, answer, 100.0, BEGINS)
    if reference.cut:
        return Outcome(Verdict.NONE, answer, why=CUT if reference.ids else NOTHING_SAID)
    return Outcome(Verdict.DIFFERENT, answer, likeness)


def begins(reference: Reference, reply: Reply) -> bool:
    """Whether a reply begins with the words, or the tokens, of a stopped one that said any."""
    if not reference.ids:
        return False
    tokens = reference.fingerprint == reply.fingerprint and reply.token_ids[: len(reference.ids)] == reference.ids
    return tokens or reply.text.startswith(reference.text)


def weighed(found: Outcome, likelihood: Likelihood | None, tolerance: float) -> Outcome:
    """Different words are no alarm where the models find both replies as likely: within `tolerance` nats a word."""
    if found.verdict is Verdict.DIFFERENT and likelihood is not None and likelihood.gap <= tolerance:
        return replace(found, verdict=Verdict.EQUAL)
    return found
