"""Sentence pairs -> pairs to learn from beside them: single words, short phrases, and sentences about others.

    python tests/benchmarks/word_pairs.py DATA --output PAIRS.tsv [--phrases N] [--names N] [--seed N]

DATA is a folder made by `chatbot prepare --task translation`; only its training pairs are read. A network that knows
whole sentences alone makes a sentence of every word it is given, and a known name of every name. So

- each word, and `--phrases` phrases of up to `--longest` words, stand beside their likeliest translations by the phrase
  table (Koehn, Och & Marcu 2003), if those are likely enough, of phrases both ways; a word also with a capital;
- of sentences that hold the same name on both sides, `--names` are said with another one on both: of two, one that
  other sentences hold, else one made up by the letter trigrams of these. It keeps a vowel at its beginning, on which
  the words before it may depend ("d'Anna").
"""

from __future__ import annotations

import argparse
import math
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from phrase_alignment import aligned
from phrase_extraction import Phrase, Table, phrase_table
from phrase_table import Case, pairs, raised

from chatbot.data.dataset import Dataset
from chatbot.text.word_tokenizer import join_words, split_words

LIKELY = 0.25  # of a word: p(target | source); of a phrase both ways
VOWELS = frozenset("aeiouyh")  # or an h, which may be silent
TRIES = 100  # at another name
START, END = "^^", "$"
Pair = tuple[str, str]


def phrases(table: Table) -> Iterator[tuple[Phrase, Phrase]]:
    """Source phrases of words alone, each with its likeliest translation."""
    for source, (best, *_) in table.items():
        ahead, back = (math.exp(feature) for feature in best.features[:2])
        likely = ahead >= LIKELY and (len(source) == 1 or back >= LIKELY)
        if likely and all(word[-1].isalnum() for word in (*source, *best.target)):
            yield source, best.target


def shared_name(source: Sequence[str], target: Sequence[str], cases: Sequence[Case]) -> str:
    """A word with a capital that both sentences hold once, and that is never written small; "" if there is none."""
    for word in source:
        named = word.isalpha() and len(word) > 2 and word.istitle()
        once = source.count(word) == target.count(word) == 1
        if named and once and all(case.usual.get(word.lower(), word) == word for case in cases):
            return word
    return ""


class Names:
    """Names that were read, and others like them."""

    def __init__(self, names: Sequence[str], drawing: random.Random) -> None:
        self.names, self.drawing = sorted(set(names)), drawing
        self.following: dict[str, list[str]] = defaultdict(list)
        for name in self.names:
            letters = START + name.lower() + END
            for place in range(len(letters) - 2):
                self.following[letters[place : place + 2]].append(letters[place + 2])

    def other(self, name: str) -> str:
        """Another name, which begins with a vowel if this one does; `name` itself where none is found."""
        for _ in range(TRIES):
            found = self.made() if self.drawing.random() < 0.5 else self.drawing.choice(self.names)
            alike = (found[0].lower() in VOWELS) == (name[0].lower() in VOWELS)
            if found != name and alike and 3 <= len(found) <= 10:
                return found
        return name

    def made(self) -> str:
        """A name by the letter trigrams of those read."""
        letters = START
        while letters[-1] != END:
            letters += self.drawing.choice(self.following[letters[-2:]])
        return letters[len(START) : -len(END)].title()


def renamed(
    texts: Sequence[Pair], words: Sequence[tuple[list[str], list[str]]], cases: Sequence[Case], drawing: random.Random
) -> list[Pair]:
    """All pairs of sentences that hold a name, in random order, with another one on both sides."""
    found = [(pair, shared_name(source, target, cases)) for pair, (source, target) in zip(texts, words, strict=True)]
    named = [(pair, name) for pair, name in found if name]
    names = Names([name for _, name in named], drawing)
    print(f"{len(named):,} sentences with one of {len(names.names):,} names", file=sys.stderr)
    drawing.shuffle(named)
    return [with_name(*pair, name, names.other(name)) for pair, name in named]


def with_name(source: str, target: str, name: str, other: str) -> Pair:
    """The pair with the other name."""
    whole = re.compile(rf"\b{name}\b")
    return whole.sub(other, source), whole.sub(other, target)


def said(words: Sequence[str]) -> str:
    """Words as a text."""
    return join_words(list(words), contractions=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="a folder made by `chatbot prepare --task translation`")
    parser.add_argument("--output", type=Path, required=True, help="source TAB translation, a pair a line")
    parser.add_argument("--longest", type=int, default=3, help="words of a phrase")
    parser.add_argument("--phrases", type=int, default=20_000, metavar="N", help="of two words and more")
    parser.add_argument("--names", type=int, default=20_000, metavar="N", help="sentences with another name")
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn")
    asked = parser.parse_args()
    sources, targets = pairs(Dataset.open(asked.data), "train")
    sides = [[split_words(text, contractions=True) for text in side] for side in (sources, targets)]
    cases = [Case(side) for side in sides]
    ours, theirs = ([case.lowered(words) for words in side] for case, side in zip(cases, sides, strict=True))
    folded, answers = ([[word.lower() for word in words] for words in side] for side in sides)
    drawing = random.Random(asked.seed)
    found = list(phrases(phrase_table(ours, theirs, aligned(folded, answers), asked.longest)))
    several = [pair for pair in found if len(pair[0]) > 1]
    chosen = [pair for pair in found if len(pair[0]) == 1] + drawing.sample(several, min(asked.phrases, len(several)))
    print(f"{len(chosen):,} of {len(found):,} words and phrases", file=sys.stderr)
    texts = list(zip(sources, targets, strict=True))
    made = [(said(source), said(target)) for source, target in chosen]
    made += [(said(raised(source)), said(raised(target))) for source, target in chosen if len(source) == 1]
    made += renamed(texts, list(zip(*sides, strict=True)), cases, drawing)[: asked.names]
    known = set(texts)
    new = dict.fromkeys(pair for pair in made if pair not in known)
    asked.output.write_text("".join(f"{source}\t{target}\n" for source, target in new), encoding="utf-8")


if __name__ == "__main__":
    main()
