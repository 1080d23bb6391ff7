"""Replies a second and seconds a reply of NumPy decoding, beside a plain PyTorch implementation of the same model.

    python tests/benchmarks/decode.py [--model NAME] [--replies 128] [--tokens 20] [--rounds 5] [--threads N] [--keras]

All hold the same weights: a model's, or random ones of the shipped size (8,000 ids, 256 embedding, 2 x 256 encoder,
512 decoder). Every reply is held to the same number of tokens, so that all do the same work; sources are random ids of
5 to 40 tokens. They take turns, medians are printed, and greedy replies are checked to be the same. Beside seconds of
the clock stand processor seconds, which other work on the machine spoils less; with --threads 1 they compare best, for
PyTorch's threads wait for one another by counting.
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
from chatbot.decoding.parallel import in_parallel  # noqa: E402
from chatbot.decoding.rules import FORBIDDEN  # noqa: E402
from chatbot.decoding.search import decode  # noqa: E402
from chatbot.dialogue.model import TOGETHER  # noqa: E402
from chatbot.inference.seq2seq import Seq2SeqStepper  # noqa: E402
from chatbot.settings import DecodingSettings  # noqa: E402
from chatbot.text.special import BOS_ID, EOS_ID, SPECIAL_PIECES  # noqa: E402

BANNED = [*FORBIDDEN, EOS_ID]
ONE_BY_ONE = 32  # sources that are decoded alone
Modes = dict[str, dict[str, Any]]
BARS = ("greedy", "beam 5")
MODES: Modes = {
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


def decode_together(stepper: Seq2SeqStepper, sources: Sources, settings: DecodingSettings) -> None:
    """As `Model.answer_each` does it: TOGETHER at once, on as many cores as `--threads` says."""
    jobs = [sources[first : first + TOGETHER] for first in range(0, len(sources), TOGETHER)]
    if THREADS == "1":
        in_turn: Any = map(lambda job: decode(stepper, job, settings, list(range(len(job)))), jobs)
    else:
        in_turn = in_parallel(lambda job: decode(stepper, job, settings, list(range(len(job)))), jobs)
    list(in_turn)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the clock, and of the processors."""
    began, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - used


def measure(
    stepper: Seq2SeqStepper,
    plain: PlainModel,
    keras_step: Any,
    sources: Sources,
    tokens: int,
    rounds: int,
    modes: Modes,
) -> list[dict[str, Any]]:
    """One row a mode and a way: the median seconds a reply of each, alternating; the first round is not counted."""
    rows = []
    few = sources[:ONE_BY_ONE]
    for mode, changes in modes.items():
        settings = DecodingSettings(min_length=tokens, max_length=tokens, no_repeat_ngram=0, **changes)
        ways: dict[str, tuple[int, dict[str, Callable[[], object]]]] = {
            "one by one": (
                len(few),
                {
                    "numpy": lambda s=settings: [decode(stepper, [x], s, [0]) for x in few],
                    "pytorch": lambda s=settings: [plain_decode(plain, [x], s) for x in few],
                },
            ),
            f"batch of {len(sources)}": (
                len(sources),
                {
                    "numpy": lambda s=settings: decode_together(stepper, sources, s),
                    "pytorch": lambda s=settings: plain_decode(plain, sources, s),
                },
            ),
        }
        if mode == "greedy" and keras_step:
            ways["one by one"][1]["keras"] = lambda: [keras_step.greedy(stepper, x, tokens, BANNED) for x in few]
        for way, (replies, works) in ways.items():
            wall, processor = alternating(works, rounds, replies)
            rows.append(
                {
                    "mode": mode,
                    "way": way,
                    "seconds": wall,
                    "ratios": {name: spent / wall["numpy"] for name, spent in wall.items()},
                    "processor_seconds": processor,
                    "processor_ratios": {name: spent / processor["numpy"] for name, spent in processor.items()},
                }
            )
            print(f"measured {mode}, {way}", file=sys.stderr)
    return rows


def alternating(
    works: dict[str, Callable[[], object]], rounds: int, replies: int
) -> tuple[dict[str, float], dict[str, float]]:
    """The median seconds a reply of each, of clock and processors; they take turns, so that a busy machine is fair."""
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            wall, processor = timed(work)
            if number:
                spent[name].append((wall / replies, processor / replies))
    walls, processors = (
        {name: statistics.median(pair[which] for pair in pairs) for name, pairs in spent.items()} for which in (0, 1)
    )
    return walls, processors


def bandwidth(rounds: int) -> float:
    """Bytes a processor second that one product of a row with a matrix of 256 MB reads, the median."""
    matrix, row = np.ones((8192, 8192), np.float32), np.ones(8192, np.float32)
    return matrix.nbytes / statistics.median(timed(lambda: row @ matrix)[1] for _ in range(rounds + 2))


def multiplication(rounds: int) -> float:
    """Floating-point operations a second that one core does in a product of 1024 x 1024 matrices, the median."""
    matrix = np.ones((1024, 1024), np.float32)
    return 2 * 1024**3 / statistics.median(timed(lambda: matrix @ matrix)[1] for _ in range(rounds + 2))


def products_of_a_reply(weights: dict[str, np.ndarray], tokens: int) -> float:
    """Floating-point operations in the products of a reply's decoding steps, the encoder's left out."""
    return bytes_of_a_step(weights) / 4 * 2 * (tokens + 1)


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
        plain = (network.attention, network.encoder_layers, network.decoder_layers) == ("general", 1, 1)
        if not plain or network.input_feeding:
            raise SystemExit(
                f"{name}: the PyTorch model here has general attention, one layer each and no input_feeding; "
                "this has others"
            )
        return bundle.weights, network
    network, random = NetworkSettings(), np.random.default_rng(0)
    shapes = weight_shapes(network)
    return {n: random.normal(0, 0.1, shape).astype(np.float32) for n, shape in shapes.items()}, network


def summary(
    rows: list[dict[str, Any]], weights: dict[str, np.ndarray], tokens: int, read: float, multiplied: float
) -> dict[str, float]:
    """What the bars are about."""
    found = {(row["mode"], row["way"].split()[0]): row for row in rows}
    seconds = {key: row["seconds"]["numpy"] for key, row in found.items()}
    processor = {key: row["processor_seconds"]["numpy"] for key, row in found.items()}
    greedy, beam, batch = ("greedy", "one"), ("beam 5", "one"), ("greedy", "batch")
    read_in_a_reply = bytes_of_a_step(weights) * (tokens + 1)
    return {
        "beam 5 beside PyTorch, one by one": found[beam]["ratios"]["pytorch"],
        "the same in processor seconds": found[beam]["processor_ratios"]["pytorch"],
        "a reply by beam 5, ms": 1000 * seconds[beam],
        "greedy, batch beside one by one": seconds[greedy] / seconds[batch],
        "the same in processor seconds each": processor[greedy] / processor[batch],
        "memory read, GB/s": read / 1e9,
        "share of it, greedy, one by one": read_in_a_reply / processor[greedy] / read,
        "share of it, beam 5, one by one": read_in_a_reply / processor[beam] / read,
        "matrix products, GFLOP/s": multiplied / 1e9,
        "share of them, greedy, batch": products_of_a_reply(weights, tokens) / processor[batch] / multiplied,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a shipped name, a run, or a bundle folder; random weights without it")
    parser.add_argument("--replies", type=int, default=128)
    parser.add_argument("--tokens", type=int, default=20, help="of each reply")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bars", action="store_true", help="greedy and beam 5 only, which the bars are about")
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
    modes = {mode: changes for mode, changes in MODES.items() if mode in BARS or not options.bars}
    rows = measure(stepper, plain, keras_step, sources, options.tokens, options.rounds, modes)
    totals = summary(rows, weights, options.tokens, bandwidth(options.rounds), multiplication(options.rounds))
    if options.json:
        found = {"threads": THREADS, "greedy_replies_alike": same, "rows": rows, "summary": totals}
        print(json.dumps(found, indent=1))
        return
    print(f"replies of {options.tokens} tokens, {THREADS} threads; greedy replies alike: {same:.0%}")
    print(f"{'mode':10}{'way':14}{'NumPy replies/s':>17}{'NumPy ms':>10}  others: ms (ratio; of processor seconds)")
    for r in rows:
        own, others = r["seconds"]["numpy"], [name for name in r["seconds"] if name != "numpy"]
        beside = ", ".join(
            f"{name} {1000 * r['seconds'][name]:.1f} ({r['ratios'][name]:.2f}; {r['processor_ratios'][name]:.2f})"
            for name in others
        )
        print(f"{r['mode']:10}{r['way']:14}{1 / own:17.1f}{1000 * own:10.1f}  {beside}")
    for name, value in totals.items():
        print(f"{name:36}{value:8.2f}")


if __name__ == "__main__":
    main()
