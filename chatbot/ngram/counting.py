"""The texts that a dialogue or translation dataset is learned from -> the n-gram table of a bundle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chatbot.data.dataset import Dataset
from chatbot.data.filters import FilterSettings, kept_examples
from chatbot.data.padding import Ids as Padded
from chatbot.ngram.kneser_ney import Floats, Ids, NgramModel, joined
from chatbot.ngram.pruning import pruned
from chatbot.ngram.settings import NgramSettings
from chatbot.ngram.table import NgramTable
from chatbot.text.special import BOS_ID, PAD_ID

NOTHING = FilterSettings()


def counted(dataset: Dataset, settings: NgramSettings, left_out: FilterSettings) -> NgramTable | None:
    """The table of what is `said` in the training split, None where none is wanted.

    Each text counts once, whatever the weight of its corpus; a reply that the filter leaves out does not.
    """
    if not settings.order:
        return None
    model = NgramModel.train(said(dataset, left_out), settings.order, dataset.info["tokenizer"]["size"])
    return pruned(model, settings.most)


def said(dataset: Dataset, left_out: FilterSettings = NOTHING) -> Ids:
    """All utterances of a dialogue's training split, of a translation's the targets, one after the other.

    Each stands between bos and eos.
    """
    split = dataset.split("train")
    tokens, offsets = np.asarray(split.tokens), np.asarray(split.offsets)
    replies = split.examples[:, 1]
    texts = np.zeros(len(split.speakers), bool)
    texts[replies if dataset.task == "translation" else slice(None)] = True
    texts[replies[kept_examples(split, left_out).examples == 0]] = False
    return joined(tokens[offsets[i] : offsets[i + 1]] for i in np.flatnonzero(texts))


def foreseen(table: NgramTable, targets: Padded) -> Floats:
    """Natural log-probabilities of all real ids of padded targets [batch, time], row after row: [ids]."""
    ids = np.concatenate([np.full((len(targets), 1), BOS_ID), targets], axis=1).astype(np.int64)
    real: NDArray[np.bool_] = ids != PAD_ID
    flat = ids[real]
    return np.asarray(table.log_probs(flat)[flat != BOS_ID])
