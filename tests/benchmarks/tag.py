"""Words a second of a tagger on one core: of the network alone, and of texts made into words first, as users have them.

    python tests/benchmarks/tag.py [FILE] [--model names] [--words 20000] [--rounds 7]

FILE is one of tagged words in columns, as `chatbot prepare --task tagging` reads; without one the lines of
corpora/sample are tagged, again and again. Processor seconds are taken, since other work on the machine takes only
those of the clock; every round begins with a tagger that has met no word yet. The median of the rounds is printed,
with the fastest and the slowest.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

from chatbot.corpus.conll import read_conll  # after the number of threads is set
from chatbot.corpus.cornell import read_cornell
from chatbot.corpus.counts import Counts
from chatbot.side.tagging import Tagger

SAMPLE = Path(__file__).resolve().parents[2] / "corpora" / "sample"


def texts_of(file: Path | None, tagger: Tagger, words: int) -> list[str]:
    """Texts of so many words in all, or a few more."""
    found: list[str] = []
    count = 0
    for text in itertools.cycle(list(_texts(file))):
        if count >= words:
            return found
        found.append(text)
        count += len(tagger.network.tokenizer.split(text))
    return found


def _texts(file: Path | None) -> Iterator[str]:
    if file is not None:
        yield from (one.utterances[0].text for one in read_conll(file, Counts()))
        return
    for talk in read_cornell(SAMPLE, Counts()):
        yield from (one.text for one in talk.utterances)


def rates(work: Callable[[Tagger], object], model: str, words: int, rounds: int) -> list[float]:
    """Words a second of processor time, of each round; the first round of all, which warms up, is not among them."""
    found = []
    for _ in range(rounds + 1):
        tagger = Tagger.load(model)
        started = time.process_time()
        work(tagger)
        found.append(words / (time.process_time() - started))
    return found[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, help="tagged words in columns")
    parser.add_argument("--model", default="names")
    parser.add_argument("--words", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    tagger = Tagger.load(options.model)
    texts = texts_of(options.file, tagger, options.words)
    sentences = [[text[start:end] for start, end in tagger.network.tokenizer.split(text)] for text in texts]
    words = sum(map(len, sentences))
    ways: dict[str, Callable[[Tagger], object]] = {
        "words -> tags": lambda one: one.tag_words(sentences),
        "texts -> names": lambda one: one.tag(texts),
        "one text at a time": lambda one: [one.tag([text]) for text in texts],
    }
    print(f"{words:,} words, {len(texts):,} texts, {len({word for said in sentences for word in said}):,} unlike words")
    print(f"{'words a second, one core':26}{'median':>10}{'slowest':>10}{'fastest':>10}")
    for name, work in ways.items():
        found = rates(work, options.model, words, max(1, options.rounds))
        print(f"{name:26}{statistics.median(found):10,.0f}{min(found):10,.0f}{max(found):10,.0f}")


if __name__ == "__main__":
    main()
