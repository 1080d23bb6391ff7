"""Replies a second and seconds a reply of NumPy decoding, beside a plain PyTorch implementation of the same model.

    python tests/benchmarks/decode.py [--model NAME] [--replies 32] [--tokens 20] [--rounds 5] [--threads N] [--json]

Both hold the same weights: a model's, or random ones of the shipped size (8,000 ids, 256 embedding, 2 x 256 encoder,
512 decoder). Every reply is held to the same number of tokens, so that both do the same work; sources are random ids of
5 to 40 tokens. The two take turns, medians are printed, and greedy replies are checked to be the same.
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

from chatbot.bundle.config import NetworkSettings  # noqa: E402
from chatbot.bundle.loading import load_bundle  # noqa: E402
from chatbot.bundle.locate import find_model  # noqa: E402
from chatbot.bundle.schema import weight_shapes  # noqa: E402
from chatbot.decoding.rules import FORBIDDEN  # noqa: E402
from chatbot.decoding.search import decode  # noqa: E402
from chatbot.inference.seq2seq import Seq2SeqStepper  # noqa: E402
from chatbot.settings import DecodingSettings  # noqa: E402
from chatbot.text.special import BOS_ID, EOS_ID, SPECIAL_PIECES  # noqa: E402

Sources = list[list[int]]
MODES: dict[str, dict[str, Any]] = {
    "greedy": {},
    "beam 5": {"beam_size": 5},
    "beam 10": {"beam_size": 10},
    "sampling": {"temperature": 0.8, "top_k": 40},
}


class PlainModel(torch.nn.Module):
    """The attention seq2seq of `chatbot.bundle.schema` with general attention and one layer each, by torch.nn."""

    def __init__(self, weights: dict[str, np.ndarray], network: NetworkSettings) -> None:
        super().__init__()
        embedding, memory = network.embedding_size, 2 * network.encoder_units
        self.embedding = torch.nn.Embedding(network.vocabulary_size, embedding)
        self.encoder = torch.nn.LSTM(embedding, network.encoder_units, batch_first=True, bidirectional=True)
        self.decoder = torch.nn.LSTMCell(embedding, network.decoder_units)
        self.bridge_hidden = torch.nn.Linear(memory, network.decoder_units)
        self.bridge_cell = torch.nn.Linear(memory, network.decoder_units)
        self.attention = torch.nn.Linear(network.decoder_units, memory, bias=False)
        self.combine = torch.nn.Linear(network.decoder_units + memory, embedding)
        self.output = torch.nn.Linear(embedding, network.vocabulary_size)
        self.load_state_dict(state_dict(weights))

    def start(self, sources: Sources) -> tuple[torch.Tensor, ...]:
        """Hidden and cell [rows, units], memory [rows, time, memory], mask [rows, time]."""
        lengths = torch.tensor([len(source) for source in sources])
        ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(source) for source in sources], batch_first=True)
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            self.embedding(ids), lengths, batch_first=True, enforce_sorted=False
        )
        outputs, (hidden, cell) = self.encoder(packed)
        memory, _ = torch.nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True)
        hidden = torch.tanh(self.bridge_hidden(torch.cat([hidden[0], hidden[1]], 1)))
        cell = self.bridge_cell(torch.cat([cell[0], cell[1]], 1))
        return hidden, cell, memory, torch.arange(ids.shape[1]) < lengths[:, None]

    def step(self, previous: torch.Tensor, state: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        """Log-probabilities [rows, vocabulary], and the new state."""
        hidden, cell, memory, mask = state
        hidden, cell = self.decoder(self.embedding(previous), (hidden, cell))
        scores = torch.bmm(memory, self.attention(hidden)[:, :, None])[:, :, 0].masked_fill(~mask, -torch.inf)
        context = torch.bmm(torch.softmax(scores, 1)[:, None, :], memory)[:, 0]
        combined = torch.tanh(self.combine(torch.cat([hidden, context], 1)))
        return torch.log_softmax(self.output(combined), 1), (hidden, cell, memory, mask)


def state_dict(weights: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    """Our weights under PyTorch's names; both order the gates input, forget, cell, output."""

    def dense(name: str, ours: str) -> dict[str, np.ndarray]:
        return {f"{name}.weight": weights[f"{ours}.kernel"].T, f"{name}.bias": weights[f"{ours}.bias"]}

    def lstm(ours: str, end: str) -> dict[str, np.ndarray]:
        kernel, recurrent, bias = (weights[f"{ours}.{part}"] for part in ("kernel", "recurrent_kernel", "bias"))
        return {
            f"weight_ih{end}": kernel.T,
            f"weight_hh{end}": recurrent.T,
            f"bias_ih{end}": bias,
            f"bias_hh{end}": 0 * bias,
        }

    named = {
        "embedding.weight": weights["embedding"],
        **{f"encoder.{name}": array for name, array in lstm("encoder.0.forward", "_l0").items()},
        **{f"encoder.{name}": array for name, array in lstm("encoder.0.backward", "_l0_reverse").items()},
        **{f"decoder.{name}": array for name, array in lstm("decoder.0", "").items()},
        **dense("bridge_hidden", "bridge.0.hidden"),
        **dense("bridge_cell", "bridge.0.cell"),
        "attention.weight": weights["attention.kernel"].T,
        **dense("combine", "combine"),
        "output.weight": weights.get("output.kernel", weights["embedding"]),
        "output.bias": weights["output.bias"],
    }
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in named.items()}


@torch.inference_mode()
def plain_decode(model: PlainModel, sources: Sources, settings: DecodingSettings) -> list[list[int]]:
    """Replies of exactly `max_length` tokens, and the step that ends them; all sources in one batch."""
    rows, width, state = len(sources), settings.beam_size, model.start(sources)
    previous, totals = torch.full((rows,), BOS_ID), torch.zeros(rows, 1)
    said = torch.zeros(rows, 1, 0, dtype=torch.long)  # [rows, hypotheses, tokens]
    banned = torch.tensor([*FORBIDDEN, EOS_ID])
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
    stepper: Seq2SeqStepper, plain: PlainModel, sources: Sources, tokens: int, rounds: int
) -> list[dict[str, Any]]:
    """One row a mode and a way: the median seconds a reply of both, alternating; the first round is not counted."""
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
        for way, works in ways.items():
            seconds: dict[str, list[float]] = {name: [] for name in works}
            for number in range(rounds + 1):
                for name, work in works.items():
                    spent = timed(work) / len(sources)
                    if number:
                        seconds[name].append(spent)
            medians = {name: statistics.median(all_) for name, all_ in seconds.items()}
            rows.append({"mode": mode, "way": way, **medians, "ratio": medians["pytorch"] / medians["numpy"]})
            print(f"measured {mode}, {way}", file=sys.stderr)
    return rows


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a shipped name, a run, or a bundle folder; random weights without it")
    parser.add_argument("--replies", type=int, default=32)
    parser.add_argument("--tokens", type=int, default=20, help="of each reply")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", help="for both; all cores without it")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(int(THREADS))
    weights, network = load(options.model)
    stepper, plain = Seq2SeqStepper(weights, network), PlainModel(weights, network)
    random = np.random.default_rng(1)
    lengths = random.integers(5, 41, options.replies)
    sources = [random.integers(len(SPECIAL_PIECES), network.vocabulary_size, n).tolist() for n in lengths]
    same = agreement(stepper, plain, sources, options.tokens)
    rows = measure(stepper, plain, sources, options.tokens, options.rounds)
    if options.json:
        print(json.dumps({"threads": THREADS, "greedy_replies_alike": same, "rows": rows}, indent=1))
        return
    print(f"replies of {options.tokens} tokens, {THREADS} threads; greedy replies alike: {same:.0%}")
    print(f"{'mode':10}{'way':14}{'NumPy ms':>10}{'PyTorch ms':>12}{'ratio':>7}{'NumPy replies/s':>17}")
    for r in rows:
        per = f"{1000 * r['numpy']:10.1f}{1000 * r['pytorch']:12.1f}{r['ratio']:7.2f}{1 / r['numpy']:17.1f}"
        print(f"{r['mode']:10}{r['way']:14}{per}")


if __name__ == "__main__":
    main()
