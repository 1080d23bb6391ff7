"""The texts that a dialogue or translation dataset is learned from -> the n-gram table of a bundle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chatbot.data.dataset import Dataset, Split
from chatbot.data.padding import Ids as Padded
from chatbot.ngram.kneser_ney import Floats, Ids, NgramModel, joined
from chatbot.ngram.pruning import pruned
from chatbot.ngram.settings import NgramSettings
from chatbot.ngram.table import NgramTable
from chatbot.text.special import BOS_ID, PAD_ID


def counted(dataset: Dataset, settings: NgramSettings) -> NgramTable | None:
    """The table of the training split: of all that is said in it, or of its translations. None where none is wanted.

    Each text counts once, whatever the weight of its corpus.
    """
    if not settings.order:
        return None
    ids = said(dataset.split("train"), replies_alone=dataset.task == "translation")
    return pruned(NgramModel.train(ids, settings.order, dataset.info["tokenizer"]["size"]), settings.most)


def said(split: Split, replies_alone: bool = False) -> Ids:
    """All utterances of a split, or the replies of its examples, one after the other, each between bos and eos."""
    tokens, offsets = np.asarray(split.tokens), np.asarray(split.offsets)
    chosen = split.examples[:, 1] if replies_alone else range(len(split.speakers))
    return joined(tokens[offsets[i] : offsets[i + 1]] for i in chosen)


def foreseen(table: NgramTable, targets: Padded) -> Floats:
    """Natural log-probabilities of all real ids of padded targets [batch, time], row after row: [ids]."""
    ids = np.concatenate([np.full((len(targets), 1), BOS_ID), targets], axis=1).astype(np.int64)
    real: NDArray[np.bool_] = ids != PAD_ID
    flat = ids[real]
    return np.asarray(table.log_probs(flat)[flat != BOS_ID])
