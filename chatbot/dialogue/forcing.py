"""A receipt and the model that gave it -> what the model thought at each step, by feeding it the reply's own ids."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chatbot.decoding.stepper import Floats
from chatbot.dialogue.model import Model
from chatbot.dialogue.reply import Reply
from chatbot.text.special import BOS_ID, EOS_ID


def forced(model: Model, reply: Reply) -> Iterator[tuple[int, Floats, Floats]]:
    """Step by step the reply's id, the log-probabilities [vocabulary] it was chosen from, attention [source tokens]."""
    ended = len(reply.token_log_probs) > len(reply.token_ids)
    state, previous = model.stepper.start([reply.context_ids]), BOS_ID
    for target in (*reply.token_ids, *([EOS_ID] if ended else [])):
        log_probs, state = model.stepper.step(np.array([previous], np.int64), state)
        assert state.attention is not None
        yield target, log_probs[0], state.attention[0]
        previous = target
