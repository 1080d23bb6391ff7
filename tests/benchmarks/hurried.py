"""What it costs a model that people type in a hurry: small letters, and no mark at the end.

    python tests/benchmarks/hurried.py MODEL DATA [--split validation] [--limit 4000]

DATA is a dataset made by `chatbot prepare`. A dialogue model is measured by the bits per byte of human replies, after
prompts as they are and as they are typed in a hurry (`chatbot.data.casual`); the bot's own turns stay. A translator is
measured by BLEU and chrF, of sentences of both kinds. `--limit` takes so many examples, evenly spread.
"""

from __future__ import annotations

import argparse
import math
import os
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from chatbot.bundle.folder import read_config
from chatbot.bundle.locate import find_model  # after the number of threads is set
from chatbot.data.casual import casual_text, casual_texts
from chatbot.data.dataset import Dataset
from chatbot.dialogue.model import Model
from chatbot.evaluation.exchanges import evenly
from chatbot.evaluation.likelihood import score_replies
from chatbot.evaluation.translations import measure_translations
from chatbot.side.translation import TOGETHER, Translator


def dialogue(name: str, dataset: Dataset, split_name: str, limit: int | None) -> dict[str, str]:
    """Bits per byte after prompts of either kind; the dataset must be in the model's own ids."""
    model, split = Model.load(name), dataset.split(split_name)
    if dataset.tokenizer().to_bytes() != model.tokenizer.to_bytes():
        raise SystemExit(f"{name}: has another vocabulary than {dataset.path}")
    chosen = evenly(len(split), limit)
    hurried = casual_texts(split.tokens, split.offsets, model.tokenizer, share=1.0)
    targets = [np.asarray(split.target(i), np.int32) for i in chosen]
    found = {}
    for kind, heard in (("as they are", None), ("in a hurry", hurried)):
        sources = [np.array(split.source(i, model.config.context, heard), np.int32) for i in chosen]
        nll = score_replies(model.stepper.score, sources, targets).sum()
        found[kind] = f"{nll / split.reply_bytes()[chosen].sum() / math.log(2):.4f} bits per byte"
    return found


def translation(name: str, dataset: Dataset, split_name: str, limit: int | None) -> dict[str, str]:
    """BLEU and chrF of sentences of either kind."""
    translator, split, own = Translator.load(name), dataset.split(split_name), dataset.tokenizer()
    context = replace(translator.context, marks=False, max_source_length=1000)
    chosen = evenly(len(split), limit)
    sources = [own.decode(split.source(i, context)) for i in chosen]
    references = [own.decode(split.target(i)) for i in chosen]
    found = {}
    for kind, asked in (("as they are", sources), ("in a hurry", [casual_text(text) for text in sources])):
        parts = [translator.translate(asked[first : first + TOGETHER]) for first in range(0, len(asked), TOGETHER)]
        report = measure_translations(asked, [one.text for part in parts for one in part], references)
        row = report.rows["all"]
        found[kind] = f"BLEU {row.bleu:.2f}, chrF {row.chrf:.2f}"
    return found


def asked_for(about: str | None) -> argparse.Namespace:
    """The model, the data and which of it, as typed."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a shipped name, a run, or a bundle folder")
    parser.add_argument("data", type=Path, help="a dataset made by `chatbot prepare`")
    parser.add_argument("--split", default="validation")
    parser.add_argument("--limit", type=int, metavar="N", help="measure N examples")
    return parser.parse_args()


def main() -> None:
    asked = asked_for(__doc__)
    work = translation if read_config(find_model(asked.model)).task == "translation" else dialogue
    for kind, found in work(asked.model, Dataset.open(asked.data), asked.split, asked.limit).items():
        print(f"{kind:14}{found}")


if __name__ == "__main__":
    main()
