"""What a model has to beat: n-gram models of the train split, scored on another split by the README's measures.

    python tests/benchmarks/baselines.py DATA [--split validation] [--orders 1 3 5] [--json]

DATA is a folder made by `chatbot prepare`; the models read its own token ids, no context, and score every reply of the
split whole, eos among it: interpolated modified Kneser-Ney (chatbot/ngram/kneser_ney.py), order 1 being the unigram.
The perplexity "of ids" is, for a list of words, that of papers with closed vocabularies.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path
from typing import Any

import numpy as np

from chatbot.data.context import ContextSettings
from chatbot.data.dataset import Dataset
from chatbot.evaluation.exchanges import dataset_exchanges, unknown_words
from chatbot.evaluation.likelihood import likelihood
from chatbot.ngram.counting import said
from chatbot.ngram.kneser_ney import NgramModel, joined
from chatbot.text.special import BOS_ID


def measure(path: Path, split: str, orders: list[int]) -> list[dict[str, Any]]:
    """One row an order."""
    dataset = Dataset.open(path)
    tokenizer = dataset.tokenizer()
    training = said(dataset)
    exchanges = dataset_exchanges(path, split, tokenizer, ContextSettings(), None, 0)
    held_out = joined(exchanges.targets)
    words, spelled = unknown_words(exchanges, tokenizer)
    rows = []
    for order in orders:
        began = time.perf_counter()
        model = NgramModel.train(training, order, tokenizer.size)
        trained = time.perf_counter()
        log_probs = model.log_probs(held_out)
        nll = -np.add.reduceat(log_probs, np.flatnonzero(held_out == BOS_ID))
        scored = time.perf_counter()
        tokens = int(np.count_nonzero(held_out != BOS_ID))
        found = likelihood(nll, tokens, exchanges.reply_bytes, exchanges.reply_words, spelled, words)
        seconds = {"training_seconds": trained - began, "scoring_seconds": scored - trained}
        rows.append({"order": order, "ngrams": sum(len(level.keys) for level in model.orders)} | seconds)
        rows[-1] |= found.as_dict()
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    head = (
        f"{'model':12}{'bits per byte':>14}{'95 %':>18}{'word perplexity':>17}{'95 %':>20}{'of ids':>9}{'n-grams':>12}"
    )
    return "\n".join([f"{head}{'train s':>9}{'score s':>9}", *(line(row) for row in rows)])


def line(row: dict[str, Any]) -> str:
    name = "unigram" if row["order"] == 1 else f"{row['order']}-gram KN"
    bits, perplexity = row["bits_per_byte_interval"], row["word_perplexity_interval"]
    return (
        f"{name:12}{row['bits_per_byte']:14.4f}{f'{bits[0]:.4f} to {bits[1]:.4f}':>18}"
        f"{row['word_perplexity']:17.2f}{f'{perplexity[0]:.2f} to {perplexity[1]:.2f}':>20}"
        f"{row['token_perplexity']:9.2f}{row['ngrams']:12,}{row['training_seconds']:9.1f}{row['scoring_seconds']:9.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="a folder made by `chatbot prepare`")
    parser.add_argument("--split", default="validation", choices=("train", "validation", "test"))
    parser.add_argument("--orders", type=int, nargs="+", default=[1, 3, 5], metavar="N")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    options = parser.parse_args()
    if min(options.orders) < 1:
        parser.error("an order is at least 1")
    rows = measure(options.data, options.split, options.orders)
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    first = rows[0]
    print(f"{options.data} ({options.split}): {first['replies']:,} replies, {first['words']:,} words")
    print(table(rows))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
