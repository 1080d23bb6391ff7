"""Sentences of one language -> pairs to learn from before the real ones, made by a phrase table of those.

    python tests/benchmarks/phrase_pairs.py DATA SENTENCES --output PAIRS.tsv [--limit N]

DATA is a folder made by `chatbot prepare --task translation`; SENTENCES a file with a sentence of its source language
on each line, of which what follows a tab is not read. Taken are, in random order, those of at most `--longest` words
all of which the phrase table knows, each once, and none that is a source of DATA. A network that learns these pairs
first has seen each word in many more sentences (sequence-level knowledge distillation, Kim & Rush 2016;
self-training, He et al. 2020).
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

from phrase_table import SPLITS, TUNING_STACK, Translator, pairs, trained

from chatbot.data.dataset import Dataset


def taken(path: Path, dataset: Dataset, translator: Translator, longest: int, seed: int) -> list[str]:
    """The sentences to be translated, in random order."""
    table = translator.decoder.table
    lines = {line.split("\t")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()}
    lines -= {source for split in SPLITS for source in pairs(dataset, split)[0]}
    known = []
    for line in sorted(lines):
        words = translator.words(line)
        if 0 < len(words) <= longest and all((word,) in table for word in words):
            known.append(line)
    random.Random(seed).shuffle(known)
    return known


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="a folder made by `chatbot prepare --task translation`")
    parser.add_argument("sentences", type=Path, help="a file with a sentence on each line")
    parser.add_argument("--output", type=Path, required=True, help="source TAB translation, a pair a line")
    parser.add_argument("--limit", type=int, metavar="N", help="make at most N pairs")
    parser.add_argument("--stack", type=int, default=8, help="hypotheses kept of each length")
    parser.add_argument("--longest", type=int, default=15, help="words of a sentence, punctuation among them")
    parser.add_argument("--seed", type=int, default=0, help="of the order")
    asked = parser.parse_args()
    dataset = Dataset.open(asked.data)
    translator = trained(dataset, None, TUNING_STACK, distortion=5)
    translator.decoder.stack = asked.stack
    sentences = taken(asked.sentences, dataset, translator, asked.longest, asked.seed)
    print(f"{len(sentences):,} sentences of words that are known", file=sys.stderr)
    spent = time.process_time()
    with asked.output.open("w", encoding="utf-8") as file:
        for text in sentences[: asked.limit]:
            file.write(f"{text}\t{translator.said(text)}\n")
    count = len(sentences[: asked.limit])
    print(f"{count:,} pairs, {(time.process_time() - spent) / max(1, count) * 1000:.0f} ms each", file=sys.stderr)


if __name__ == "__main__":
    main()
