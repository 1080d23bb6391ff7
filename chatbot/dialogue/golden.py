"""Does a loaded model still say what it said when it was made? In: golden prompts. Out: nothing, or a `BundleError`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chatbot.bundle.config import Golden
from chatbot.decoding.constraints import FORBIDDEN
from chatbot.decoding.stepper import Stepper
from chatbot.errors import BundleError
from chatbot.text.special import BOS_ID

TOLERANCE = 0.01  # natural-log units: rounding differs between processors, a wrong weight is far beyond it


def check_golden(stepper: Stepper, golden: Sequence[Golden], name: str) -> None:
    """Feed each expected reply and see that greedy search could have chosen it, up to rounding, at every step."""
    prompts = [g for g in golden if g.reply_ids]
    if not prompts:
        return
    state = stepper.start([g.source_ids for g in prompts])
    previous = np.full(len(prompts), BOS_ID, np.int64)  # [prompts]
    for position in range(max(len(g.reply_ids) for g in prompts)):
        log_probs, state = stepper.step(previous, state)  # [prompts, vocabulary]
        allowed = np.delete(log_probs, FORBIDDEN, axis=1)  # [prompts, vocabulary - forbidden]
        for row, prompt in enumerate(prompts):
            if position < len(prompt.reply_ids):
                expected = prompt.reply_ids[position]
                if not log_probs[row, expected] >= allowed[row].max() - TOLERANCE:
                    raise BundleError(
                        f"model '{name}' no longer answers its golden prompt {golden.index(prompt) + 1} as it did when "
                        f"it was made (token {position + 1}); get it again, or choose another with --model"
                    )
                previous[row] = expected
