"""Turns a second of a replay in batches, beside the same replies asked for one by one.

    python tests/benchmarks/replay.py [--model NAME] [--turns 10000] [--alone 300] [--set KEY=VALUE ...]

The conversations are those of corpora/sample, again and again, each turn with a seed of its own, as if a person had
said every other line and a model the rest. Batches and single replies take turns in blocks of the same questions, so
that a busy machine is unfair to neither; processor seconds (of all threads) stand beside those of the clock. Then the
whole replay is timed: forced and free replies, and the likelihood of old and new ones.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as `chatbot replay` does

from chatbot.cli.replay_asked import changes  # after the number of threads is set
from chatbot.corpus.cornell import read_cornell
from chatbot.corpus.counts import Counts
from chatbot.dialogue.model import Model
from chatbot.replay.answering import Question, answer_alone, answers
from chatbot.replay.branches import Branch
from chatbot.replay.contexts import log_context
from chatbot.replay.playing import replay
from chatbot.settings import DecodingSettings
from chatbot.store.records import Step, StoredReply, StoredTurn

SAMPLE = Path(__file__).resolve().parents[2] / "corpora" / "sample"
BLOCKS = 5
NOW = datetime(2026, 1, 1, tzinfo=UTC)
EMPTY = {
    **dict.fromkeys(("score", "rank", "seconds"), None),
    **dict.fromkeys(("tokens", "token_ids", "token_log_probs", "alternatives", "context_ids"), ()),
}


def conversations(model: Model, settings: DecodingSettings, turns: int) -> list[Branch]:
    """Branches with so many turns in all."""
    lines = [[one.text for one in talk.utterances] for talk in read_cornell(SAMPLE, Counts())]
    branches: list[Branch] = []
    number = 0
    while number < turns:
        talk = lines[len(branches) % len(lines)]
        steps = []
        for said, answered in list(zip(talk[::2], talk[1::2], strict=False))[: turns - number]:
            number += 1
            kept = {"settings": asdict(replace(settings, seed=number)), "seed": number, "model": model.name}
            reply = StoredReply(
                id=number, turn_id=number, text=answered, fingerprint=model.fingerprint, complete=True, created_at=NOW,
                **kept, **EMPTY,
            )  # fmt: skip
            steps.append(Step(StoredTurn(number, None, said, NOW, (reply,)), reply))
        if steps:
            branches.append(Branch(str(len(branches) + 1), "", "", tuple(steps)))
    return branches


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the clock and of the processors."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model")
    parser.add_argument("--turns", type=int, default=10_000)
    parser.add_argument("--alone", type=int, default=300, help="replies asked for one by one, and of as many batches")
    parser.add_argument("--set", action="append", default=[])
    given = parser.parse_args()
    model = Model.load(given.model)
    settings = replace(model.settings, **changes(tuple(given.set)))
    branches = conversations(model, settings, given.turns)
    questions = [
        Question(log_context(model, branch, n), replace(settings, seed=step.turn.id))
        for branch in branches
        for n, step in enumerate(branch.steps)
    ]
    print(f"{model.name} {model.fingerprint[:12]}, {len(questions):,} turns in {len(branches):,} conversations")
    together, alone = (0.0, 0.0), (0.0, 0.0)
    size, share = len(questions) // BLOCKS, max(1, given.alone // BLOCKS)
    same = 0
    for block in range(BLOCKS):
        some = questions[block * size : (block + 1) * size]
        found: list[object] = []
        spent = timed(lambda some=some, found=found: found.extend(answers(model, some)))
        together = (together[0] + spent[0], together[1] + spent[1])
        step = max(1, len(some) // share)
        few, singles = some[::step], []
        spent = timed(lambda few=few, singles=singles: singles.extend(answer_alone(model, one) for one in few))
        weight = len(some) / len(few)
        alone = (alone[0] + spent[0] * weight, alone[1] + spent[1] * weight)
        same += sum(str(a) == str(b) for a, b in zip(found[::step], singles, strict=True))
        print(f"block {block + 1} of {BLOCKS}", file=sys.stderr)
    done, asked = size * BLOCKS, len(range(0, size, max(1, size // share))) * BLOCKS
    for name, (clock, processor) in (("in batches", together), ("one by one", alone)):
        print(f"{name}: {done / clock:8.1f} turns/s, {processor / done * 1000:7.2f} processor ms a turn")
    print(f"ratio: {alone[0] / together[0]:.1f} by the clock, {alone[1] / together[1]:.1f} by processor time")
    print(f"the same words both ways: {same} of {asked}")
    clock, processor = timed(lambda: replay(branches, [model]))
    spent = f"{processor / len(questions) * 1000:.2f} processor ms a turn"
    print(f"whole replay: {len(questions) / clock:.1f} turns/s, {spent}")


if __name__ == "__main__":
    main()
