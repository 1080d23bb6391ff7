"""Target tokens a second of training, beside a plain PyTorch implementation of the same model.

    python tests/benchmarks/train_throughput.py DATA [--recipe small] [--steps 8] [--rounds 5] [--threads N] [--json]
    python tests/benchmarks/train_throughput.py DATA --growth

All train the same network on the same batches of the prepared corpus, with the same optimiser, each in a process of its
own; they take turns, the others waiting. Ours samples its softmax if the recipe says so, PyTorch's is always whole.
Printed are medians of non-padding target tokens a second of wall and of CPU time, their ratio to PyTorch's, and how
much of the machine's matrix-multiply rate (2,048 x 2,048) each comes to with the products that it makes.
With --growth: seconds an example to plan and pad an epoch, and memory, for ten thousand examples up to a million.
"""

from __future__ import annotations

import argparse
import functools
import json
import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from chatbot.bundle.config import NetworkSettings
from chatbot.data.batches import Batch, Batches
from chatbot.data.dataset import Dataset, Split
from chatbot.training.settings import Recipe, load_recipe

WAYS = ("ours float32", "ours bfloat16", "pytorch float32", "pytorch bfloat16")
SIZES = (10_000, 100_000, 1_000_000)


def ours(network: NetworkSettings, recipe: Recipe, precision: str, split: Split) -> tuple[Any, Any]:
    """The step that `chatbot train` takes, and how many ids its softmax sums over."""
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
    from chatbot.network.seq2seq import Seq2Seq
    from chatbot.training.sampled_softmax import softmax_sampler
    from chatbot.training.tasks import next_id_bias
    from chatbot.training.tensorflow_step import TensorFlowStep, scan

    layer, settings = Seq2Seq(network, recipe.training.dropout, precision, 1, scan), recipe.training
    step = TensorFlowStep(layer, settings, softmax_sampler(settings, next_id_bias(split, network)))
    summed = lambda batch: len(step.columns(batch)[0]) if step.sampler else network.vocabulary_size  # noqa: E731
    return lambda batch: step.train(batch, 0.001), summed


def plain(network: NetworkSettings, recipe: Recipe, precision: str, split: Split) -> tuple[Any, Any]:
    """As one would write it in PyTorch; the same two."""
    import torch
    from plain_training import PlainSeq2Seq, trainer

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    model = PlainSeq2Seq(network, recipe.training.dropout)
    step = trainer(model, torch.optim.Adam(model.parameters(), lr=0.001), precision == "bfloat16")
    return lambda batch: step(*batch.arrays), lambda batch: network.vocabulary_size


def multiply_rate(way: str) -> float:
    """Floating-point operations a second of one large product, by the library of `way` in its precision."""
    name, precision = way.split()
    if name == "ours":
        import tensorflow as tf

        square = tf.cast(tf.random.normal((2048, 2048)), precision)
        multiply = lambda: tf.matmul(square, square).numpy()  # noqa: E731
    else:
        import torch

        matrix = torch.randn(2048, 2048, dtype=getattr(torch, precision))
        multiply = lambda: matrix @ matrix  # noqa: E731
    multiply()
    times = []
    for _ in range(5):
        began = time.perf_counter()
        multiply()
        times.append(time.perf_counter() - began)
    return float(2 * 2048**3 / statistics.median(times))


def work(way: str, connection: Connection, data: Path, recipe: Recipe, steps: int) -> None:
    """A process of its own: compile, then train whenever told, and tell wall and CPU seconds."""
    dataset = Dataset.open(data)
    network = replace(recipe.network, vocabulary_size=dataset.tokenizer().size)
    name, precision = way.split()
    step, summed = (ours if name == "ours" else plain)(network, recipe, precision, dataset.split("train"))
    batches = some_batches(dataset, recipe, steps)
    for batch in batches[:2]:
        step(batch)
    connection.send([summed(batch) for batch in batches])
    while (told := connection.recv()) != "end":
        began, spent = time.perf_counter(), time.process_time()
        if told == "multiply":
            connection.send(multiply_rate(way))
            continue
        for batch in batches:
            step(batch)
        connection.send((time.perf_counter() - began, time.process_time() - spent))


def some_batches(dataset: Dataset, recipe: Recipe, steps: int) -> list[Batch]:
    """Batches spread over an epoch."""
    settings = recipe.training
    batches = Batches(dataset.split("train"), recipe.context, settings.batch_tokens, settings.max_target_length)
    plan = batches.epoch(0, 1)
    return [batches.collate(plan[i * len(plan) // steps]) for i in range(steps)]


def operations(network: NetworkSettings, batch: Batch, summed: int) -> float:
    """Multiplications and additions of the matrix products of one step, padding left out, backward twice forward.

    Its softmax is over `summed` ids.
    """
    e, h, d = network.embedding_size, network.encoder_units, network.decoder_units
    sources, targets = batch.arrays
    read, said = int((sources != 0).sum()), int((targets != 0).sum())
    pairs = int(((sources != 0).sum(1) * (targets != 0).sum(1)).sum())
    encoder = read * 2 * (e + h) * 4 * h
    decoder = said * ((e + d) * 4 * d + d * 2 * h + (d + 2 * h) * e + e * summed)
    return float(3 * 2 * (encoder + decoder + 2 * pairs * 2 * h))


def compare(data: Path, recipe: Recipe, steps: int, rounds: int) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    started: dict[str, tuple[Any, Connection]] = {}
    summed: dict[str, list[int]] = {}
    for way in WAYS:
        here, there = context.Pipe()
        process = context.Process(target=work, args=(way, there, data, recipe, steps), daemon=True)
        process.start()
        summed[way] = here.recv()
        started[way] = process, here
    dataset = Dataset.open(data)
    batches = some_batches(dataset, recipe, steps)
    tokens = sum(batch.tokens for batch in batches)
    seconds: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way, (_, connection) in started.items():
            connection.send("train")
            seconds[way].append(connection.recv())
    rows = {}
    for way, (process, connection) in started.items():
        connection.send("multiply")
        rate = connection.recv()
        connection.send("end")
        process.join()
        work_done = sum(map(functools.partial(operations, recipe.network), batches, summed[way]))
        wall, cpu = (statistics.median(column) for column in zip(*seconds[way], strict=True))
        rows[way] = {
            "tokens_per_second": tokens / wall,
            "tokens_per_cpu_second": tokens / cpu,
            "multiply_rate": rate,
            "share_of_it": work_done / wall / rate,
        }
    return {"batches": steps, "target_tokens": tokens, "rounds": rounds, "ways": rows}


def print_comparison(found: dict[str, Any]) -> None:
    rows = found["ways"]
    print(f"{found['batches']} batches, {found['target_tokens']:,} target tokens, medians of {found['rounds']} rounds")
    print(
        f"{'':18}{'tokens/s':>10}{'of PyTorch':>12}{'tokens/CPU s':>14}{'of PyTorch':>12}{'GFLOP/s':>9}{'of peak':>9}"
    )
    for way, row in rows.items():
        other = rows[f"pytorch {way.split()[1]}"]
        print(
            f"{way:18}{row['tokens_per_second']:10,.0f}"
            f"{row['tokens_per_second'] / other['tokens_per_second']:12.2f}{row['tokens_per_cpu_second']:14,.0f}"
            f"{row['tokens_per_cpu_second'] / other['tokens_per_cpu_second']:12.2f}"
            f"{row['share_of_it'] * row['multiply_rate'] / 1e9:9.0f}{row['share_of_it']:9.0%}"
        )


def grown(split: Split, examples: int, folder: Path) -> Split:
    """A split of so many examples on disk, the given one's over and over, mapped as a dataset's arrays are."""
    times = -(-examples // len(split))
    made = object.__new__(Split)
    made.name = split.name
    offsets = np.asarray(split.offsets)
    columns = {
        "tokens": np.tile(np.asarray(split.tokens), times),
        "offsets": np.concatenate([[0], *(offsets[1:] + i * offsets[-1] for i in range(times))]),
        "speakers": np.tile(np.asarray(split.speakers), times),
        "examples": np.concatenate([np.asarray(split.examples) + i * len(split.speakers) for i in range(times)]),
    }
    for name, column in columns.items():
        array = column[:examples] if name == "examples" else column
        file = folder / f"{examples}.{name}"
        array.tofile(file)
        setattr(made, name, np.memmap(file, array.dtype, "r", shape=array.shape))
    return made


def growth(data: Path, recipe: Recipe) -> None:
    """Each size in a process of its own, for the memory of each."""
    print(f"{'examples':>12}{'plan, s':>10}{'plan, us/example':>18}{'pad, us/example':>17}{'private MiB':>13}")
    for examples in SIZES:
        child = multiprocessing.get_context("spawn").Process(target=grow_to, args=(examples, data, recipe))
        child.start()
        child.join()


def grow_to(examples: int, data: Path, recipe: Recipe) -> None:
    with tempfile.TemporaryDirectory() as name:
        split = grown(Dataset.open(data).split("train"), examples, Path(name))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        batches = Batches(split, recipe.context, recipe.training.batch_tokens, recipe.training.max_target_length)
        began = time.process_time()
        plan = batches.epoch(0, 1)
        planned = time.process_time() - began
        chosen = plan[:: max(1, len(plan) // 150)]
        began = time.process_time()
        for members in chosen:
            batches.collate(members)
        padding = (time.process_time() - began) / sum(map(len, chosen))
        grew = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(f"{examples:12,}{planned:10.2f}{planned / examples * 1e6:18.2f}{padding * 1e6:17.1f}{grew:13.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="a folder made by `chatbot prepare`")
    parser.add_argument("--recipe", default="small")
    parser.add_argument("--steps", type=int, default=8, help="batches in a turn")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(asked.threads)
    os.environ |= {"TF_NUM_INTRAOP_THREADS": str(asked.threads), "TF_NUM_INTEROP_THREADS": str(asked.threads)}
    recipe = load_recipe(asked.recipe)
    if getattr(recipe.network, "input_feeding", False):
        raise SystemExit(f"{asked.recipe}: the PyTorch model here has no input_feeding; this has")
    if asked.growth:
        growth(asked.data, recipe)
        return
    found = compare(asked.data, recipe, asked.steps, asked.rounds)
    print(json.dumps(found, indent=1)) if asked.json else print_comparison(found)


if __name__ == "__main__":
    main()
