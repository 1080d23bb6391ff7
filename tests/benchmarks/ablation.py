"""What a setting of a recipe is worth: the same training with other values of it, each for equally long.

    python tests/benchmarks/ablation.py DATA --runs FOLDER --try turns=1 --try turns=2 --try turns=3 --minutes 30
    python tests/benchmarks/ablation.py DATA --runs FOLDER --try copies=0 --try copies=1,min_reply=2 --prompts 1000

Each --try changes settings of the recipe (of any section, by their names) and has a run of its own in --runs, called
after it; --with changes them for all. With --minutes it trains these runs, one after the other; a killed one goes on
where it stood. All score the same replies with the same denominators, so that the gain on the first has a paired 95 %
interval; with --prompts they reply, too. For turns of context, DATA must have been prepared with that many.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from chatbot.cli.evaluation import measure
from chatbot.data.dataset import Dataset
from chatbot.dialogue.model import Model
from chatbot.errors import ChatbotError, UsageError
from chatbot.evaluation.exchanges import dataset_exchanges
from chatbot.evaluation.likelihood import perplexity, ratio_interval, score_replies
from chatbot.settings import fields_of, from_text, suggest
from chatbot.training.settings import Recipe, changed, load_recipe

SECTIONS = ("network", "context", "training", "filter", "ngram")
SAID = ("distinct_1", "distinct_2", "mean_length", "commonest_share", "kl")


def values_of(text: str, owners: Sequence[type]) -> dict[str, Any]:
    """Settings of these sections by name, of a text such as `turns=1,dropout=0.3`."""
    found = {}
    for part in text.split(","):
        name, _, value = part.partition("=")
        owner = next((one for one in owners if name in fields_of(one)), None)
        if owner is None:
            raise UsageError(
                f"no setting {name!r} here; {suggest(name, [n for one in owners for n in fields_of(one)])}"
            )
        found[name] = from_text(owner, name, value, "--try")
    return found


def as_toml(recipe: Recipe) -> str:
    """A file that `chatbot train --recipe` reads."""
    content = recipe.as_dict()
    lines = [f"task = {json.dumps(content.pop('task'))}"]
    for section, values in content.items():
        lines += [f"[{section}]", *(f"{name} = {json.dumps(value)}" for name, value in values.items())]
    return "\n".join(lines) + "\n"


def train(data: Path, run: Path, recipe: Recipe, minutes: float) -> None:
    """Train, or go on where it stopped."""
    file = run.with_name(f"{run.name}.toml")
    run.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(as_toml(recipe))
    begun = ["--resume"] if (run / "run.json").exists() else ["--recipe", str(file)]
    command = [sys.executable, "-m", "chatbot", "train", str(data), "--output", str(run), "--minutes", str(minutes)]
    subprocess.run([*command, *begun], check=True)


def scored(run: Path, data: Path, split: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Nats and bytes of every reply, [replies], and words with the ends of replies."""
    model = Model.load(str(run))
    exchanges = dataset_exchanges(data, split, model.tokenizer, model.config.context, None, 0)
    nll = score_replies(model.stepper.score, exchanges.sources, exchanges.targets)
    return nll, exchanges.reply_bytes, int(exchanges.reply_words.sum()) + len(exchanges)


def rows(asked: argparse.Namespace) -> list[dict[str, Any]]:
    """The measures of each run."""
    found, first = [], None
    for tried in asked.tries:
        nll, sizes, words = scored(asked.runs / tried, asked.data, asked.split)
        first = nll if first is None else first
        gain = (first - nll).sum() / sizes.sum(), *ratio_interval(first - nll, sizes)
        row = {"tried": tried, "replies": len(nll), "bits_per_byte": nll.sum() / sizes.sum() / math.log(2)}
        row |= {"word_perplexity": perplexity(nll.sum() / words), "gain": [nats / math.log(2) for nats in gain]}
        if asked.prompts:
            report = measure(
                str(asked.runs / tried), asked.data, asked.split, asked.prompts, asked.prompts, {"seed": 0}
            )
            said = report.report.replies["model"].as_dict()
            row |= {name: said[name] for name in SAID}
        found.append(row)
    return found


def table(found: list[dict[str, Any]]) -> str:
    extra = [name for name in SAID if name in found[0]]
    head = f"{'tried':28}{'bits per byte':>14}{'word perplexity':>17}{'gain':>9}{'95 %':>19}"
    lines = [head + "".join(f"{name.replace('_share', ''):>13}" for name in extra)]
    for row in found:
        gain, low, high = row["gain"]
        figures = f"{row['bits_per_byte']:>14.4f}{row['word_perplexity']:>17.2f}{gain:>9.4f}"
        said = "".join(f"{row[name]:>13.4f}" for name in extra)
        lines.append(f"{row['tried']:28}{figures}{f'{low:.4f} to {high:.4f}':>19}{said}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="a folder made by `chatbot prepare`")
    parser.add_argument("--runs", type=Path, required=True, help="the folder of the runs")
    parser.add_argument("--try", dest="tries", action="append", required=True, metavar="NAME=VALUE[,...]")
    parser.add_argument("--with", dest="common", metavar="NAME=VALUE[,...]", help="for all of them")
    parser.add_argument("--recipe", default="small")
    parser.add_argument("--minutes", type=float, help="train each this long")
    parser.add_argument("--split", default="validation", choices=("validation", "test"))
    parser.add_argument("--prompts", type=int, default=0, metavar="N", help="measure replies to N prompts as well")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    try:
        recipe, there = load_recipe(asked.recipe), Dataset.open(asked.data).context.turns
        owners = [type(getattr(recipe, section)) for section in SECTIONS]
        if asked.common:
            recipe = changed(recipe, **values_of(asked.common, owners))
        recipes = [changed(recipe, **values_of(tried, owners)) for tried in asked.tries]
        if (most := max(one.context.turns for one in recipes)) > there:
            raise UsageError(f"{asked.data}: holds {there} turns of context; prepare it with --context-turns {most}")
        if asked.minutes:
            for tried, one in zip(asked.tries, recipes, strict=True):
                train(asked.data, asked.runs / tried, one, asked.minutes)
        found = rows(asked)
    except ChatbotError as error:
        parser.error(str(error))
    print(json.dumps(found) if asked.json else table(found))


if __name__ == "__main__":
    main()
