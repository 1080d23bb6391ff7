"""How a model's replies change with the decoding settings, beside human replies to the same prompts.

    python tests/benchmarks/decoding_defaults.py MODEL DATA [--prompts 2000] [--reverse-model NAME] [--judge NAME]
        [--set "NAME=VALUE"]

The measures are those of `chatbot evaluate`, and so are the prompts and seeds; each line is one way to decode. A better
default is closer to the human line. `--set`, as often as you like, gives other ways than those tried here.

`--judge` names another model, which has no part in choosing the replies, and adds `fits`: by how many bits a word it
finds a reply likelier after its own prompt than after another one of these (all the replies of a line together). What
could be said to anything has 0.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # after the number of threads is set

from chatbot.decoding.search import check_together
from chatbot.dialogue.model import Model, answers_of
from chatbot.evaluation.context_swap import score_swapped
from chatbot.evaluation.exchanges import Exchanges, dataset_exchanges
from chatbot.evaluation.generation import generate_replies
from chatbot.evaluation.likelihood import score_replies
from chatbot.evaluation.replies import ReplyMeasures, measure_replies, words_of
from chatbot.settings import DecodingSettings, from_text

WAYS = [
    "temperature=0 beam_size=5",
    "temperature=0.6",
    "temperature=0.8 top_p=0.9",
    "temperature=1 top_p=0.9",
    "temperature=1 top_p=0.9 length_reward=1",
    "temperature=1 top_p=0.9 length_reward=1 beam_size=4 rerank_anti_lm=4",
    "temperature=0.9 top_p=0.9 length_reward=1.7 beam_size=4",
    "temperature=0.9 top_p=0.9 length_reward=1.7 beam_size=4 rerank_anti_lm=5",
    "temperature=0.9 top_p=0.9 length_reward=1.8 beam_size=4 rerank_anti_lm=5",
    "temperature=0.9 top_p=0.9 length_reward=1.8 beam_size=4 rerank_anti_lm=5 rerank_repetition=5",
    "temperature=0.9 top_p=0.9 length_reward=1.8 beam_size=4 rerank_anti_lm=5 rerank_similarity=-5",
]
REVERSE_WAYS = ["temperature=0.9 top_p=0.9 length_reward=1.7 beam_size=4 rerank_anti_lm=5 rerank_reverse=5"]
PLAIN = DecodingSettings()


def settings_of(way: str) -> DecodingSettings:
    """Settings as they are typed: names and values with = between, the rest as it is without any model's default."""
    pairs = (pair.partition("=") for pair in way.split())
    values = {name: from_text(DecodingSettings, name, value, way) for name, _, value in pairs}
    settings = replace(PLAIN, **values)
    check_together(settings)
    return settings


class Judge:
    """A model that tells how much replies have to do with what they reply to."""

    def __init__(self, name: str, data: Path, split: str, prompts: int) -> None:
        self.model = Model.load(name)
        exchanges = dataset_exchanges(data, split, self.model.tokenizer, self.model.config.context, prompts, 1)
        self.sources = exchanges.sources

    def fit(self, replies: Sequence[str]) -> float:
        """Bits a word by which replies, one to each source, are likelier there than after another source."""
        score, encode = self.model.stepper.score, self.model.tokenizer.encode
        targets = [np.asarray(encode(reply), np.int32) for reply in replies]
        gained = score_swapped(score, self.sources, targets) - score_replies(score, self.sources, targets)
        return float(gained.sum()) / math.log(2) / sum(len(words_of(reply)) + 1 for reply in replies)


def line(name: str, row: ReplyMeasures, seconds: float, fits: float | None) -> str:
    """One line of the table."""
    judged = "" if fits is None else f"{fits:7.3f}"
    shares = f"{100 * row.commonest_share:6.1f} %{100 * row.repeated_trigram_share:6.1f} %"
    return (
        f"{row.distinct_1:7.3f}{row.distinct_2:7.3f}{row.mean_length:7.1f}{shares}{row.kl:7.3f}{judged}{seconds:6.0f} s"
        f"  {name}"
    )


def replies_of(model: Model, exchanges: Exchanges, settings: DecodingSettings) -> list[str]:
    return generate_replies(answers_of(model, settings), exchanges.sources, settings.seed or 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a shipped name, a run, or a bundle folder")
    parser.add_argument("data", type=Path, help="a dataset made by `chatbot prepare`")
    parser.add_argument("--split", default="validation")
    parser.add_argument("--prompts", type=int, default=2000)
    parser.add_argument("--reverse-model", help="tries what needs one, too; make one with `chatbot prepare --reverse`")
    parser.add_argument("--judge", help="another model, to tell how much replies have to do with their prompts")
    parser.add_argument("--set", action="append", dest="ways", metavar='"NAME=VALUE ..."', help="try this alone")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N prompts and replies of each way")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    ways = options.ways or ["", *WAYS, *(REVERSE_WAYS if options.reverse_model else [])]
    model = Model.load(options.model)
    exchanges = dataset_exchanges(
        options.data, options.split, model.tokenizer, model.config.context, options.prompts, 1
    )
    human = [model.tokenizer.decode(ids.tolist()) for ids in exchanges.targets]
    judge = Judge(options.judge, options.data, options.split, options.prompts) if options.judge else None
    fits = judge.fit(human) if judge else None
    found: dict[str, dict[str, Any]] = {"human": {**measure_replies(human, human).as_dict(), "fits": fits}}
    if not options.json:
        judged = f"{'fits':>7}" if judge else ""
        print(f"{'dist-1':>7}{'dist-2':>7}{'words':>7}{'common':>8}{'repeat':>8}{'KL':>7}{judged}{'time':>8}")
        print(line("human", measure_replies(human, human), 0, fits))
    for way in ways:
        settings = settings_of(way) if way else model.settings
        if settings.rerank_reverse and options.reverse_model:
            settings = replace(settings, reverse_model=options.reverse_model)
        began = time.perf_counter()
        said = replies_of(model, exchanges, settings)
        row, name = measure_replies(said, human), way or "the model's default"
        seconds, fits = time.perf_counter() - began, judge.fit(said) if judge else None
        found[name] = {**row.as_dict(), "seconds": seconds, "fits": fits}
        if options.json:
            print(f"measured {name}", file=sys.stderr)
            continue
        print(line(name, row, seconds, fits), flush=True)
        for i in range(0, len(said), max(1, len(said) // options.show) if options.show else len(said)):
            if options.show:
                print(f"    {model.tokenizer.decode(exchanges.sources[i].tolist())[-70:]!r} -> {said[i]!r}")
    if options.json:
        print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
