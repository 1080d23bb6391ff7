"""How much faster dialogues are held together than one turn at a time: seconds of both, and their ratio.

    python tests/benchmarks/scripts.py [--model NAME] [--turns 1000] [--rounds 3] [--json]

The dialogues have four turns each, of words drawn from a list, and seeds of their own; they are held as `chatbot test`
holds them, and by `Chatbot.reply` turn by turn. Both take turns, the fastest round of each counts, and that both said
the same is checked. `--json` tells processor seconds beside those of the clock, for machines that have more to do.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chatbot.inference.threads import use_one_thread

use_one_thread()

from chatbot.dialogue.chatbot import Chatbot  # noqa: E402  # after the number of threads is set
from chatbot.scripts.running import Case, Models, Runner  # noqa: E402
from chatbot.scripts.script import Dialogue, ScriptTurn  # noqa: E402

WORDS = [
    "hello",
    "why",
    "where",
    "who",
    "is",
    "my",
    "dog",
    "cat",
    "you",
    "love",
    "money",
    "go",
    "tonight",
    "night",
    "day",
    "never",
    "always",
    "house",
    "car",
    "sea",
    "sorry",
    "fine",
    "well",
    "mother",
    "friend",
    "know",
    "think",
    "want",
    "leave",
    "stay",
    "sing",
]
WAYS: dict[str, dict[str, Any]] = {
    "the model's own": {},
    "greedy": {"beam_size": 1, "temperature": 0.0},
    "beam 5": {"beam_size": 5, "temperature": 0.0},
    "sampling": {"temperature": 0.8, "top_p": 1.0},
}
TURNS = 4  # of a dialogue


def dialogues(turns: int, settings: dict[str, Any]) -> list[Dialogue]:
    path, draw = Path("benchmark.dialogue.yaml"), random.Random(1)

    def text() -> str:
        return " ".join(draw.choice(WORDS) for _ in range(draw.randint(1, 9))) + draw.choice("?.!")

    return [
        Dialogue(f"talk {n}", path, 1, tuple(ScriptTurn(text(), 1, path) for _ in range(TURNS)), None, settings, n)
        for n in range(turns // TURNS)
    ]


def together(models: Models, scripts: list[Dialogue]) -> list[list[str]]:
    results = Runner(models).run([Case(script) for script in scripts])
    return [[turn.replies[0] for turn in result.turns] for result in results]


def one_by_one(models: Models, scripts: list[Dialogue]) -> list[list[str]]:
    model = models.get(None)
    said = []
    for script in scripts:
        bot = Chatbot(model, script.decoding(model.settings))
        said.append([bot.reply(turn.user).text for turn in script.turns])
    return said


def timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    clock, processor = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - clock, time.process_time() - processor, result


def measure(models: Models, turns: int, settings: dict[str, Any], rounds: int) -> dict[str, Any]:
    scripts = dialogues(turns, settings)
    batched, single = [], []
    for _ in range(rounds):
        batched.append(timed(lambda: together(models, scripts)))
        single.append(timed(lambda: one_by_one(models, scripts)))
    same = sum(a == b for a, b in zip(batched[0][2], single[0][2], strict=True)) / len(scripts)
    best = [min(row[place] for row in rows) for place in (0, 1) for rows in (batched, single)]
    names = ("together", "one_by_one", "together_processor", "one_by_one_processor")
    return {**dict(zip(names, best, strict=True)), "ratio": best[1] / best[0], "same": same}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a shipped name, a run, or a bundle folder")
    parser.add_argument("--turns", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    models = Models(options.model)
    models.get(None)
    rows = {way: measure(models, options.turns, settings, options.rounds) for way, settings in WAYS.items()}
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    print(f"{options.turns} turns, seconds {'':15}together  one by one  ratio  dialogues alike")
    for way, row in rows.items():
        print(f"{way:30}{row['together']:17.2f}{row['one_by_one']:12.2f}{row['ratio']:7.1f}{row['same']:10.0%}")


if __name__ == "__main__":
    main()
