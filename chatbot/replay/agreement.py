"""A logged receipt -> what in it does not agree with the rest, as where it was changed after it was kept."""

from __future__ import annotations

import numpy as np

from chatbot.dialogue.choices import SILENCE
from chatbot.dialogue.model import Model
from chatbot.replay.contexts import receipt_context
from chatbot.store.records import StoredReply
from chatbot.text.special import UNK_ID

TOLERANCE = 0.01  # nats; rounding differs between machines by less than a thousandth


def disagreement(reply: StoredReply, model: Model) -> str:
    """What of the receipt is not as `model`, who gave the reply, must have said it; "" where nothing is.

    Tokens, words and log-probabilities follow from the ids of the reply and of its context.
    """
    ids, known = reply.token_ids, range(model.tokenizer.size)
    if not ids or receipt_context(reply, model) is None:
        return ""
    if not all(one in known for one in ids) or tuple(model.tokenizer.pieces(ids)) != reply.tokens:
        return "its tokens are not those of their ids"
    if UNK_ID not in ids and (model.tokenizer.decode(ids).strip() or SILENCE) != reply.text:
        return "its text is not that of its tokens"
    (log_probs,) = model.stepper.score([reply.context_ids], [ids])  # of each token, then of the end
    kept = np.array(reply.token_log_probs)  # without the end, where the reply was cut
    if len(kept) not in (len(ids), len(ids) + 1) or not np.allclose(log_probs[: len(kept)], kept, atol=TOLERANCE):
        return "its log-probabilities are not those of its tokens in its context"
    return ""
