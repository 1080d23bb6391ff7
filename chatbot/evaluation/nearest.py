"""A text and a prepared dataset -> the exchanges learned from whose replies are nearest to it, and which are it.

Shortlisted by the ids they share, rare ones counting more; then ranked by chrF.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chatbot.data.dataset import Dataset, Split
from chatbot.evaluation.chrf import chrf
from chatbot.text.tokenizer import Tokenizer

LEARNED_FROM = "train"
SHORTLIST = 200  # exchanges that are looked at closely


@dataclass(frozen=True, slots=True)
class Nearby:
    """An exchange learned from, how near its reply is (chrF, 0 to 100), and how many replies are word for word so."""

    prompt: str
    reply: str
    nearness: float
    verbatim: int  # times that the very reply asked for was learned; 0 for another one


def nearest(dataset: Dataset, text: str, most: int) -> list[Nearby]:
    """At most `most` exchanges of the training split, nearest first, each reply once; none where no id is shared.

    `DatasetError` where the dataset holds no exchanges, or cannot be read.
    """
    split, tokenizer = dataset.split(LEARNED_FROM), dataset.tokenizer()
    wanted = tokenizer.encode(text)
    replies = split.examples[:, 1]
    shared = _shared(split, wanted, tokenizer.size)[replies]  # [examples]
    order = np.argsort(-shared, kind="stable")[: SHORTLIST + most]
    same = np.isin(replies, utterances_with(split, wanted))
    found: dict[str, Nearby] = {}
    for example in (*np.flatnonzero(same)[:1], *order[shared[order] > 0]):
        reply = int(replies[example])
        said = _text(split, tokenizer, reply)
        if said not in found:
            times = int(same.sum()) if same[example] else 0
            found[said] = Nearby(_text(split, tokenizer, reply - 1), said, chrf(said, text), times)
    near = sorted(found.values(), key=lambda one: (-one.verbatim, -one.nearness))
    return [one for one in near if one.nearness > 0][:most]


def _shared(split: Split, wanted: list[int], size: int) -> NDArray[np.float64]:
    """How alike the ids of each utterance and the wanted ones are, 0 to 1, rare ones counting more: [utterances]."""
    times = np.bincount(split.tokens, minlength=size)  # [vocabulary]
    rarity = np.log1p(len(split.tokens) / np.maximum(times, 1))
    asked = np.zeros(size)
    asked[wanted] = rarity[wanted]
    whole, common = (_sums(split, weight) for weight in (rarity, asked))  # [utterances] each
    own = rarity[wanted].sum()
    alike: NDArray[np.float64] = 2 * np.minimum(common, own) / np.maximum(whole + own, 1e-9)
    return alike


def _sums(split: Split, weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights of an utterance's ids, added up: [utterances]."""
    before = np.concatenate([[0.0], np.cumsum(weight[split.tokens])])  # [tokens + 1]
    return np.asarray(before[split.offsets[1:]] - before[split.offsets[:-1]])


def utterances_with(split: Split, ids: list[int]) -> NDArray[np.int64]:
    """The utterances that have exactly these ids."""
    found = np.flatnonzero(np.diff(split.offsets) == len(ids))
    for place, wanted in enumerate(ids):
        found = found[split.tokens[split.offsets[found] + place] == wanted]
    return found


def _text(split: Split, tokenizer: Tokenizer, utterance: int) -> str:
    start, end = split.offsets[utterance : utterance + 2].tolist()
    return tokenizer.decode(split.tokens[start:end].tolist())
