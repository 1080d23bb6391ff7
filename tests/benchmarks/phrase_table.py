"""What a translation model has to beat: a statistical translator with a phrase table, of the same training pairs.

    python tests/benchmarks/phrase_table.py DATA [--limit N] [--stack 60] [--distortion 5] [--json]

DATA is a folder made by `chatbot prepare --task translation`. Words are aligned by IBM model 1 and an HMM in both
directions (phrase_alignment.py), phrases of up to 7 words with discounted counts and lexical weights are taken from
that (phrase_extraction.py), a 5-gram Kneser-Ney model of the target sentences joins them in a search over phrases
(phrase_decoder.py), and the weights are tuned for BLEU on the validation pairs (phrase_tuning.py). Sentences begin with
a small letter while that goes on, unless the word has a capital elsewhere, too. Scored are validation and test, as
`chatbot evaluate` does it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from phrase_alignment import aligned
from phrase_decoder import FEATURES, Decoder, Language
from phrase_extraction import phrase_table
from phrase_tuning import beginning, tuned

from chatbot.data.context import ContextSettings
from chatbot.data.dataset import Dataset
from chatbot.evaluation.translations import TranslationReport, measure_translations
from chatbot.text.word_tokenizer import join_words, split_words

SPLITS = ("train", "validation", "test")
TUNING_STACK = 20
CLOSING = frozenset(".!?")
Sentences = list[list[str]]


def pairs(dataset: Dataset, split: str) -> tuple[list[str], list[str]]:
    """Sources and targets of a split, as texts."""
    tokenizer, held = dataset.tokenizer(), dataset.split(split)
    context = ContextSettings(turns=1, marks=False, max_source_length=1000)
    sources = [tokenizer.decode(held.source(i, context)) for i in range(len(held))]
    return sources, [tokenizer.decode(held.target(i)) for i in range(len(held))]


class Case:
    """How words are written where no sentence begins."""

    def __init__(self, sentences: Sequence[Sequence[str]]) -> None:
        forms: dict[str, Counter[str]] = {}
        for words in sentences:
            first = set(beginnings(words))
            for place, word in enumerate(words):
                if place not in first:
                    forms.setdefault(word.lower(), Counter())[word] += 1
        self.usual = {lower: counts.most_common(1)[0][0] for lower, counts in forms.items()}

    def lowered(self, words: Sequence[str]) -> list[str]:
        """The words, those that begin sentences as they are elsewhere."""
        found = list(words)
        for place in beginnings(words):
            found[place] = self.usual.get(words[place].lower(), words[place].lower())
        return found


def raised(words: Sequence[str]) -> list[str]:
    """The words, with a capital where a sentence begins."""
    found = list(words)
    for place in beginnings(words):
        found[place] = found[place][:1].upper() + found[place][1:]
    return found


def beginnings(words: Sequence[str]) -> Iterator[int]:
    """Places of the first words of sentences."""
    fresh = True
    for place, word in enumerate(words):
        if fresh and word[0].isalnum():
            yield place
            fresh = False
        fresh |= word in CLOSING


def built(sources: Sentences, targets: Sentences, stack: int, distortion: int) -> Decoder:
    """A translator that is not tuned yet."""
    folded = [[[word.lower() for word in words] for words in sentences] for sentences in (sources, targets)]
    table = phrase_table(sources, targets, aligned(*folded))
    print(f"{sum(map(len, table.values())):,} options of {len(table):,} phrases", file=sys.stderr)
    return Decoder(table, Language(targets), beginning(), stack, distortion)


@dataclass(frozen=True)
class Translator:
    """A decoder, and how the words of both languages are written inside a sentence."""

    decoder: Decoder
    cases: list[Case]

    def words(self, text: str) -> list[str]:
        """A source text as the decoder reads it."""
        return self.cases[0].lowered(split_words(text, contractions=True))

    def said(self, text: str) -> str:
        """A source text's translation."""
        return join_words(raised(self.decoder.decode(self.words(text))[0].words()), contractions=True)


def trained(dataset: Dataset, limit: int | None, stack: int, distortion: int) -> Translator:
    """A translator of the training pairs, tuned on the first `limit` of the validation pairs."""
    sides = pairs(dataset, "train"), pairs(dataset, "validation")
    words = [[[split_words(text, contractions=True) for text in side] for side in split] for split in sides]
    cases = [Case(side) for side in words[0]]
    lowered = [
        [[case.lowered(one) for one in side] for case, side in zip(cases, split, strict=True)] for split in words
    ]
    decoder = built(*lowered[0], TUNING_STACK, distortion)
    return Translator(replace(tuned(decoder, *(side[:limit] for side in lowered[1])), stack=stack), cases)


def measure(dataset: Dataset, translator: Translator, limit: int | None) -> dict[str, TranslationReport]:
    """The measures of validation and test."""
    reports = {}
    for split in SPLITS[1:]:
        sources, references = (side[:limit] for side in pairs(dataset, split))
        reports[split] = measure_translations(sources, [translator.said(text) for text in sources], references)
    return reports


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="a folder made by `chatbot prepare --task translation`")
    parser.add_argument("--limit", type=int, metavar="N", help="tune on the first N pairs, and score the first N")
    parser.add_argument("--stack", type=int, default=60, help="hypotheses kept of each length")
    parser.add_argument("--distortion", type=int, default=5, help="words that a phrase may jump over")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    spent = time.process_time()
    dataset = Dataset.open(asked.data)
    translator = trained(dataset, asked.limit, asked.stack, asked.distortion)
    reports = measure(dataset, translator, asked.limit)
    weights = dict(zip(FEATURES, translator.decoder.weights.round(3).tolist(), strict=True))
    if asked.json:
        found = {split: asdict(report) for split, report in reports.items()}
        print(json.dumps(found | {"weights": weights, "cpu_seconds": time.process_time() - spent}))
        return
    print(f"{'split':12}{'sentences':22}{'pairs':>8}{'BLEU':>8}{'chrF':>8}{'length':>9}")
    for split, report in reports.items():
        for row, one in report.rows.items():
            print(f"{split:12}{row:22}{one.pairs:>8,}{one.bleu:>8.2f}{one.chrf:>8.2f}{one.length_ratio:>9.3f}")
    print("weights   ", ", ".join(f"{name} {weight}" for name, weight in weights.items()))
    print("BLEU      ", report.bleu_signature)
    print("chrF      ", report.chrf_signature)


if __name__ == "__main__":
    main()
