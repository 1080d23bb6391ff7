"""A split -> which of its exchanges are learned from: filters of what is generic or repeated, and what they leave out.

Only training is filtered; validation and test stay whole, so that measures stay comparable.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from chatbot.data.dataset import Split
from chatbot.settings import setting

Keys = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FilterSettings:
    """What is left out of training; 0 filters nothing."""

    reply_entropy: float = setting(
        0.0, "bits; a reply to prompts more varied than this is generic", minimum=0.0, maximum=64.0
    )
    prompt_entropy: float = setting(
        0.0, "bits; a prompt with replies more varied than this is generic", minimum=0.0, maximum=64.0
    )
    copies: int = setting(0, "times that one exchange is learned from at most", minimum=0, maximum=1_000_000)
    min_reply: int = setting(0, "ids of a reply, eos not counted, at least", minimum=0, maximum=1000)


@dataclass(frozen=True, slots=True)
class Kept:
    """`examples` bool [examples] says which are kept; `dropped` counts the others by reason."""

    examples: NDArray[np.bool_]
    dropped: dict[str, int]


def kept_examples(split: Split, settings: FilterSettings) -> Kept:
    """Which exchanges of a split pass the filters.

    The entropy of a reply is that of the distribution of its prompts, -sum p log2 p over all prompts that it answers
    (Csaky, Purgai & Recski 2019, "Improving Neural Conversational Models with Entropy-Based Data Filtering", the
    identity method); that of a prompt, of its replies. Texts are the same when their ids are.
    """
    if settings == FilterSettings():
        return Kept(np.ones(len(split), dtype=bool), {})
    replies = split.examples[:, 1].astype(np.int64)
    keys = _keys(split)
    prompt, reply = keys[replies - 1], keys[replies]  # [examples]
    _, same = np.unique(np.stack([prompt, reply], axis=1), axis=0, return_inverse=True)
    reasons = {
        "a generic reply": _exceeds(_entropies(reply, prompt), settings.reply_entropy),
        "a generic prompt": _exceeds(_entropies(prompt, reply), settings.prompt_entropy),
        "a copy of others": _exceeds(_occurrence(same.reshape(-1)), float(settings.copies)),
        "a short reply": split.target_lengths() < settings.min_reply,
    }
    kept, dropped = np.ones(len(split), dtype=bool), {}
    for reason, refused in reasons.items():
        dropped[reason] = int(np.count_nonzero(kept & refused))
        kept &= ~refused
    return Kept(kept, dropped)


def _keys(split: Split) -> Keys:
    """A number for every utterance that is the same where the ids are, [utterances]."""
    tokens, offsets = np.asarray(split.tokens), split.offsets.tolist()
    numbers: dict[bytes, int] = {}
    found = np.empty(len(offsets) - 1, dtype=np.int64)
    for i, (start, end) in enumerate(pairwise(offsets)):
        found[i] = numbers.setdefault(tokens[start:end].tobytes(), len(numbers))
    return found


def _entropies(keys: Keys, others: Keys) -> NDArray[np.float64]:
    """For each example, the entropy (bits) of `others` among the examples with its key, [examples]."""
    pairs, counts = np.unique(np.stack([keys, others], axis=1), axis=0, return_counts=True)
    totals = np.bincount(keys, minlength=int(keys.max(initial=0)) + 1)
    shares = counts / totals[pairs[:, 0]]
    sums = np.bincount(pairs[:, 0], weights=-shares * np.log2(shares), minlength=len(totals))
    return np.asarray(sums[keys], dtype=np.float64)


def _occurrence(groups: Keys) -> NDArray[np.float64]:
    """Of equal groups the first has 1, the second 2, and so on, in the order they stand, [examples]."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(groups) else np.zeros(0, dtype=np.int64)
    places = np.arange(len(groups)) - np.repeat(starts, np.diff(np.r_[starts, len(groups)])) + 1
    found = np.empty(len(groups))
    found[order] = places
    return found


def _exceeds(values: NDArray[np.float64], limit: float) -> NDArray[np.bool_]:
    """Where a value is above the limit; nowhere for a limit of 0."""
    return (values > limit) if limit else np.zeros(len(values), dtype=bool)
