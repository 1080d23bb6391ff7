"""A turn of a branch -> what a model reads before its reply: the ids of the receipt, or the words of the log."""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.dialogue.asked import Context
from chatbot.dialogue.model import Model
from chatbot.replay.branches import Branch, own_turns
from chatbot.replay.known import KnownModels, read_alike
from chatbot.settings import DecodingSettings
from chatbot.store.records import StoredReply

ELSEWHERE = "it was given in a context that the log does not hold as a whole"


def context_of(model: Model, texts: Sequence[str]) -> Context:
    """What the model reads of alternating texts, a prompt last; `UsageError` if it holds no words."""
    latest = texts[-model.config.context.turns :]
    return model.context(latest, own_turns(latest))


def log_context(model: Model, branch: Branch, number: int) -> Context:
    """What the model reads of the log before reply `number` (from 0)."""
    return context_of(model, branch.said(number, model.config.context.turns))


def receipt_context(reply: StoredReply, model: Model) -> Context | None:
    """The context that a receipt holds, if the model can read its ids."""
    limit = model.config.context.max_source_length
    fit = all(0 <= token < model.tokenizer.size for token in reply.context_ids)
    if not reply.context_ids or not fit or len(reply.context_ids) > limit:
        return None
    words = reply.context_words if len(reply.context_words) == len(reply.context_ids) else ()
    return Context(reply.context_ids, words)


def logged_context(
    model: Model, branch: Branch, number: int, known: KnownModels, settings: DecodingSettings
) -> tuple[Context, str]:
    """The context of reply `number` (from 0) of the log, and a remark where the log's words do not give the receipt's.

    The receipt's own ids are taken where the model reads as the one that gave the reply. `UsageError` where a prompt
    without words leaves nothing to answer.
    """
    reply = branch.steps[number].reply
    old = known.find(reply.fingerprint) if reply else None
    kept = receipt_context(reply, old) if reply and old else None
    if old is None or kept is None:
        return log_context(model, branch, number), ""
    whole = not branch.steps[number].turn.text.strip() or log_context(old, branch, number).ids == kept.ids
    remark = "" if whole else ELSEWHERE
    if read_alike(model, old) and (kept.words or not settings.copy_unknown):
        return kept, remark
    return log_context(model, branch, number), remark
