"""What filters leave of the training exchanges: how many, and how varied their replies are.

    python tests/benchmarks/filters.py DATA [--try copies=1] [--try reply_entropy=4,prompt_entropy=4] ...

The filters are those of a recipe's section [filter]; the first row has none. Distinct-1 and -2, words, and KL from the
validation replies are those of 2,000 replies drawn from what is left, the share of the commonest is of all. What
training on it comes to is for ablation.py to say, with the same --try.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ablation import values_of

from chatbot.data.dataset import Dataset, Split
from chatbot.data.filters import FilterSettings, kept_examples
from chatbot.errors import ChatbotError
from chatbot.evaluation.replies import measure_replies
from chatbot.text.tokenizer import Tokenizer

DRAWN = 2000
TRIED = ("copies=1", "min_reply=3", "reply_entropy=4", "prompt_entropy=4", "reply_entropy=4,prompt_entropy=4,copies=1")


def texts(split: Split, places: np.ndarray, tokenizer: Tokenizer) -> list[str]:
    """DRAWN replies of the examples at `places`, the same every time."""
    drawn = np.random.default_rng(0).choice(places, min(DRAWN, len(places)), replace=False)
    return [tokenizer.decode(split.target(int(i))) for i in drawn]


def commonest(split: Split, places: np.ndarray) -> float:
    """Share of the commonest reply."""
    return Counter(split.target(int(i)).tobytes() for i in places).most_common(1)[0][1] / len(places)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="a folder made by `chatbot prepare`")
    parser.add_argument("--try", dest="tries", action="append", metavar="NAME=VALUE[,...]")
    asked = parser.parse_args()
    try:
        print_rows(Dataset.open(asked.data), ("copies=0", *(asked.tries or TRIED)))
    except ChatbotError as error:
        parser.error(str(error))


def print_rows(dataset: Dataset, tries: Sequence[str]) -> None:
    filters = [FilterSettings(**values_of(tried, [FilterSettings])) for tried in tries]
    split, held_out, tokenizer = dataset.split("train"), dataset.split("validation"), dataset.tokenizer()
    human = texts(held_out, np.arange(len(held_out)), tokenizer)
    names = f"{'distinct-1':>11}{'distinct-2':>11}{'words':>7}{'KL':>8}{'commonest':>11}"
    print(f"{'filter':44}{'exchanges':>10}{'left':>8}{names}")
    for tried, settings in zip(tries, filters, strict=True):
        kept = kept_examples(split, settings).examples
        places = np.flatnonzero(kept)
        if not len(places):
            print(f"{tried:44}{0:>10}")
            continue
        row = measure_replies(texts(split, places, tokenizer), human)
        varied = f"{row.distinct_1:>11.4f}{row.distinct_2:>11.4f}{row.mean_length:>7.2f}{row.kl:>8.3f}"
        print(f"{tried:44}{len(places):>10,}{kept.mean():>8.1%}{varied}{commonest(split, places):>11.2%}")


if __name__ == "__main__":
    main()
