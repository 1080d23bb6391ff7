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
    """What the model reads of alternating texts, the person's first and last; `UsageError` if the last has no words."""
    return model.context(texts, own_turns(texts))


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
        return context_of(model, branch.said(number)), ""
    whole = not branch.steps[number].turn.text.strip() or context_of(old, branch.said(number)).ids == kept.ids
    remark = "" if whole else ELSEWHERE
    if read_alike(model, old) and (kept.words or not settings.copy_unknown):
        return kept, remark
    return context_of(model, branch.said(number)), remark
