"""Replies a second and seconds a reply of NumPy decoding, beside a plain PyTorch implementation of the same model.

    python tests/benchmarks/decode.py [--model NAME] [--replies 32] [--tokens 20] [--rounds 5] [--threads N] [--keras]

All hold the same weights: a model's, or random ones of the shipped size (8,000 ids, 256 embedding, 2 x 256 encoder,
512 decoder). Every reply is held to the same number of tokens, so that all do the same work; sources are random ids of
5 to 40 tokens. They take turns, medians are printed, and greedy replies are checked to be the same.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

THREADS = sys.argv[sys.argv.index("--threads") + 1] if "--threads" in sys.argv[:-1] else str(os.cpu_count())
os.environ.setdefault("OPENBLAS_NUM_THREADS", THREADS)
os.environ.setdefault("OMP_NUM_THREADS", THREADS)

import numpy as np  # noqa: E402  # after the number of threads is set
import torch  # noqa: E402
from plain_pytorch import PlainModel, Sources  # noqa: E402

from chatbot.bundle.config import NetworkSettings  # noqa: E402
from chatbot.bundle.loading import load_bundle  # noqa: E402
from chatbot.bundle.locate import find_model  # noqa: E402
from chatbot.bundle.schema import weight_shapes  # noqa: E402
from chatbot.decoding.rules import FORBIDDEN  # noqa: E402
from chatbot.decoding.search import decode  # noqa: E402
from chatbot.inference.seq2seq import Seq2SeqStepper  # noqa: E402
from chatbot.settings import DecodingSettings  # noqa: E402
from chatbot.text.special import BOS_ID, EOS_ID, SPECIAL_PIECES  # noqa: E402

BANNED = [*FORBIDDEN, EOS_ID]
MODES: dict[str, dict[str, Any]] = {
    "greedy": {},
    "beam 5": {"beam_size": 5},
    "beam 10": {"beam_size": 10},
    "sampling": {"temperature": 0.8, "top_k": 40},
}


@torch.inference_mode()
def plain_decode(model: PlainModel, sources: Sources, settings: DecodingSettings) -> list[list[int]]:
    """Replies of exactly `max_length` tokens, and the step that ends them; all sources in one batch."""
    rows, width, state = len(sources), settings.beam_size, model.start(sources)
    previous, totals = torch.full((rows,), BOS_ID), torch.zeros(rows, 1)
    said = torch.zeros(rows, 1, 0, dtype=torch.long)  # [rows, hypotheses, tokens]
    banned = torch.tensor(BANNED)
    for _ in range(settings.max_length):
        log_probs, state = model.step(previous, state)
        log_probs[:, banned] = -torch.inf
        if settings.temperature > 0:
            best, ids = torch.topk(log_probs / settings.temperature, settings.top_k)
            chosen = ids.gather(1, torch.multinomial(torch.softmax(best, 1), 1))  # [rows, 1]
            parents = torch.zeros_like(chosen)
        else:
            reached = (totals[:, :, None] + log_probs.view(rows, -1, log_probs.shape[1])).flatten(1)
            totals, places = torch.topk(reached, width)  # [rows, width]
            parents, chosen = places // log_probs.shape[1], places % log_probs.shape[1]
        said = torch.cat([said.gather(1, parents[:, :, None].expand(-1, -1, said.shape[2])), chosen[:, :, None]], 2)
        if width > 1:
            at = (torch.arange(rows)[:, None] * (len(previous) // rows) + parents).flatten()
            state = tuple(part[at] for part in state)
        previous = chosen.flatten()
    model.step(previous, state)
    return said[:, 0].tolist()


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(
    stepper: Seq2SeqStepper, plain: PlainModel, keras_step: Any, sources: Sources, tokens: int, rounds: int
) -> list[dict[str, Any]]:
    """One row a mode and a way: the median seconds a reply of each, alternating; the first round is not counted."""
    seeds, rows = list(range(len(sources))), []
    for mode, changes in MODES.items():
        settings = DecodingSettings(min_length=tokens, max_length=tokens, no_repeat_ngram=0, **changes)
        ways: dict[str, dict[str, Callable[[], object]]] = {
            "one by one": {
                "numpy": lambda s=settings: [decode(stepper, [x], s, [0]) for x in sources],
                "pytorch": lambda s=settings: [plain_decode(plain, [x], s) for x in sources],
            },
            f"batch of {len(sources)}": {
                "numpy": lambda s=settings: decode(stepper, sources, s, seeds),
                "pytorch": lambda s=settings: plain_decode(plain, sources, s),
            },
        }
        if mode == "greedy" and keras_step:
            ways["one by one"]["keras"] = lambda: [keras_step.greedy(stepper, x, tokens, BANNED) for x in sources]
        for way, works in ways.items():
            medians = alternating(works, rounds, len(sources))
            ratios = {name: seconds / medians["numpy"] for name, seconds in medians.items()}
            rows.append({"mode": mode, "way": way, "seconds": medians, "ratios": ratios})
            print(f"measured {mode}, {way}", file=sys.stderr)
    return rows


def alternating(works: dict[str, Callable[[], object]], rounds: int, replies: int) -> dict[str, float]:
    """The median seconds a reply of each; they take turns, so that a busy machine is unfair to none."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            spent = timed(work) / replies
            if number:
                seconds[name].append(spent)
    return {name: statistics.median(all_) for name, all_ in seconds.items()}


def bandwidth(rounds: int) -> float:
    """Bytes a second that one product of a row with a matrix of 256 MB reads, the median."""
    matrix, row = np.ones((8192, 8192), np.float32), np.ones(8192, np.float32)
    return matrix.nbytes / statistics.median(timed(lambda: row @ matrix) for _ in range(rounds + 2))


def bytes_of_a_step(weights: dict[str, np.ndarray]) -> int:
    """Of the weights that a decoding step must read, however many rows it has; gates of embeddings are kept."""
    names = ("decoder.0.recurrent", "combine.", "output.")
    read = sum(array.nbytes for name, array in weights.items() if name.startswith(names))
    return read if "output.kernel" in weights else read + weights["embedding"].nbytes


def agreement(stepper: Seq2SeqStepper, plain: PlainModel, sources: Sources, tokens: int) -> float:
    """Share of greedy replies that are the same to the token."""
    settings = DecodingSettings(min_length=tokens, max_length=tokens, no_repeat_ngram=0)
    ours = [found[0].ids for found in decode(stepper, sources, settings, [0] * len(sources))]
    theirs = [tuple(reply) for reply in plain_decode(plain, sources, settings)]
    return sum(a == b for a, b in zip(ours, theirs, strict=True)) / len(sources)


def load(name: str | None) -> tuple[dict[str, np.ndarray], NetworkSettings]:
    if name is not None:
        bundle = load_bundle(find_model(name))
        network = bundle.config.network
        if (network.attention, network.encoder_layers, network.decoder_layers) != ("general", 1, 1):
            raise SystemExit(
                f"{name}: the PyTorch model here has general attention and one layer each; this has others"
            )
        return bundle.weights, network
    network, random = NetworkSettings(), np.random.default_rng(0)
    shapes = weight_shapes(network)
    return {n: random.normal(0, 0.1, shape).astype(np.float32) for n, shape in shapes.items()}, network


def summary(rows: list[dict[str, Any]], weights: dict[str, np.ndarray], tokens: int, read: float) -> dict[str, float]:
    """What the bars are about."""
    found = {(row["mode"], row["way"].split()[0]): row for row in rows}
    seconds = {key: row["seconds"]["numpy"] for key, row in found.items()}
    return {
        "beam 5 beside PyTorch, one by one": found["beam 5", "one"]["ratios"]["pytorch"],
        "greedy, batch beside one by one": seconds["greedy", "one"] / seconds["greedy", "batch"],
        "memory read, GB/s": read / 1e9,
        "share of it, greedy, one by one": bytes_of_a_step(weights) * (tokens + 1) / seconds["greedy", "one"] / read,
        "share of it, beam 5, one by one": bytes_of_a_step(weights) * (tokens + 1) / seconds["beam 5", "one"] / read,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a shipped name, a run, or a bundle folder; random weights without it")
    parser.add_argument("--replies", type=int, default=32)
    parser.add_argument("--tokens", type=int, default=20, help="of each reply")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", help="for all; all cores without it")
    parser.add_argument("--keras", action="store_true", help="measure a Keras step function too")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(int(THREADS))
    weights, network = load(options.model)
    stepper, plain, keras_step = Seq2SeqStepper(weights, network), PlainModel(weights, network), None
    if options.keras:
        from plain_keras import KerasStep

        keras_step = KerasStep(weights, network)
    random = np.random.default_rng(1)
    lengths = random.integers(5, 41, options.replies)
    sources = [random.integers(len(SPECIAL_PIECES), network.vocabulary_size, n).tolist() for n in lengths]
    same = agreement(stepper, plain, sources, options.tokens)
    rows = measure(stepper, plain, keras_step, sources, options.tokens, options.rounds)
    totals = summary(rows, weights, options.tokens, bandwidth(options.rounds))
    if options.json:
        found = {"threads": THREADS, "greedy_replies_alike": same, "rows": rows, "summary": totals}
        print(json.dumps(found, indent=1))
        return
    print(f"replies of {options.tokens} tokens, {THREADS} threads; greedy replies alike: {same:.0%}")
    print(f"{'mode':10}{'way':14}{'NumPy replies/s':>17}{'NumPy ms':>10}  others: ms (ratio)")
    for r in rows:
        own, others = r["seconds"]["numpy"], [name for name in r["seconds"] if name != "numpy"]
        beside = ", ".join(f"{name} {1000 * r['seconds'][name]:.1f} ({r['ratios'][name]:.2f})" for name in others)
        print(f"{r['mode']:10}{r['way']:14}{1 / own:17.1f}{1000 * own:10.1f}  {beside}")
    for name, value in totals.items():
        print(f"{name:36}{value:8.2f}")


if __name__ == "__main__":
    main()
