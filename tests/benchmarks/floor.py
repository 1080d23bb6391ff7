"""The floor that a recipe has to beat: a plain PyTorch seq2seq trained to its best on a prepared dataset.

    python tests/benchmarks/floor.py DATA [--run FOLDER] [--epochs 12] [--bfloat16] [--threads N]

One-layer encoder of 2 x 256, decoder of 512, general attention, tied embeddings of 256, the prompt alone as context,
dropout 0.2, Adam at 0.001, about 128 exchanges a batch. After every epoch: bits per byte of the validation replies in
float32, by the measure of the README, wall and processor seconds of training so far. It ends when validation has not
fallen for two epochs, and then scores the test replies with the best weights. What is kept in --run survives a kill:
the same line goes on where it stood.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from plain_training import PlainSeq2Seq, losses, trainer

from chatbot.bundle.config import NetworkSettings
from chatbot.data.batches import Batches
from chatbot.data.context import ContextSettings
from chatbot.data.dataset import Dataset
from chatbot.training.checkpoints import Checkpoints, Position
from chatbot.training.prefetch import prefetched

PATIENCE = 2
SAVED = 60  # seconds between two checkpoints
CONTEXT = ContextSettings(turns=1, max_source_length=60)
WHOLE = 1_000_000  # no reply is cut


@torch.inference_mode()
def bits_per_byte(model: PlainSeq2Seq, batches: Batches) -> float:
    model.eval()
    sample = batches.sample()
    total = sum(float(losses(model, *batches.collate(members).arrays).double().sum()) for members in sample.plan)
    return total / math.log(2) / sample.bytes


class Floor:
    """The model, its optimiser and where they stand."""

    def __init__(self, vocabulary_size: int, bfloat16: bool, checkpoints: Checkpoints) -> None:
        torch.manual_seed(1)
        self.model = PlainSeq2Seq(NetworkSettings(vocabulary_size=vocabulary_size), 0.2)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.001)
        self.step = trainer(self.model, self.optimizer, bfloat16)
        self.position, self.cpu, self.checkpoints = Position(), 0.0, checkpoints
        if checkpoints.any():
            self.position, arrays = checkpoints.load_newest()
            self.restore(arrays)

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything that a step changes."""
        found = {f"weights/{name}": tensor.numpy() for name, tensor in self.model.state_dict().items()}
        for i, state in self.optimizer.state_dict()["state"].items():
            found |= {f"adam/{i}/{name}": tensor.numpy() for name, tensor in state.items()}
        return found | {"noise": torch.get_rng_state().numpy(), "cpu": np.array(self.cpu)}

    def restore(self, arrays: dict[str, np.ndarray]) -> None:
        tensors = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
        self.cpu = float(tensors.pop("cpu"))
        torch.set_rng_state(tensors.pop("noise"))
        self.take({name: array for name, array in arrays.items() if name.startswith("weights/")})
        state: dict[int, dict[str, torch.Tensor]] = {}
        for name, tensor in tensors.items():
            if name.startswith("adam/"):
                _, i, part = name.split("/")
                state.setdefault(int(i), {})[part] = tensor
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})

    def take(self, weights: dict[str, np.ndarray]) -> None:
        named = {name.removeprefix("weights/"): torch.from_numpy(array.copy()) for name, array in weights.items()}
        self.model.load_state_dict(named)

    def epoch(self, training: Batches) -> None:
        """The rest of the epoch, a checkpoint now and then."""
        position, saved = self.position, time.monotonic()
        plan = training.epoch(position.epoch + 1, 1)
        began, spent = time.monotonic(), time.process_time()
        for batch in prefetched(map(training.collate, plan[position.batch :])):
            position.epoch_nll += self.step(*batch.arrays)
            position.epoch_tokens += batch.tokens
            position.batch, position.step = position.batch + 1, position.step + 1
            now, used = time.monotonic(), time.process_time()
            position.seconds, self.cpu = position.seconds + now - began, self.cpu + used - spent
            began, spent = now, used
            if now - saved > SAVED:
                self.checkpoints.save(position, self.arrays())
                saved = began = time.monotonic()

    def validate(self, validation: Batches) -> dict[str, Any]:
        """Close the epoch: what it came to."""
        position, found = self.position, bits_per_byte(self.model, validation)
        line = {"training_nats": position.epoch_nll / max(1, position.epoch_tokens), "bits_per_byte": found}
        position.epoch, position.tokens = position.epoch + 1, position.tokens + position.epoch_tokens
        position.batch, position.epoch_nll, position.epoch_tokens = 0, 0.0, 0
        if position.best is None or found < position.best:
            position.best, position.best_epoch = found, position.epoch
            weights = {name: array for name, array in self.arrays().items() if name.startswith("weights/")}
            self.checkpoints.save_best(position, weights)
        self.checkpoints.save(position, self.arrays())
        spent = {"seconds": round(position.seconds, 1), "cpu_seconds": round(self.cpu, 1), "tokens": position.tokens}
        return {"epoch": position.epoch} | line | spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="a folder made by `chatbot prepare`")
    parser.add_argument("--run", type=Path, help="keep checkpoints and lines in this folder, and go on from them")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch-tokens", type=int, default=4500, help="padded ids of a batch")
    parser.add_argument("--bfloat16", action="store_true", help="autocast")
    parser.add_argument("--threads", type=int)
    asked = parser.parse_args()
    if asked.threads:
        torch.set_num_threads(asked.threads)
    with tempfile.TemporaryDirectory() as nowhere:
        train(asked, asked.run or Path(nowhere))


def train(asked: argparse.Namespace, run: Path) -> None:
    """Until validation no longer falls; a line an epoch."""
    dataset = Dataset.open(asked.data)
    held_out = [Batches(dataset.split(name), CONTEXT, 4 * asked.batch_tokens, WHOLE) for name in ("validation", "test")]
    training = Batches(dataset.split("train"), CONTEXT, asked.batch_tokens, 60)
    floor = Floor(dataset.tokenizer().size, asked.bfloat16, Checkpoints(run))
    position = floor.position
    while position.epoch < asked.epochs and position.epoch - position.best_epoch < PATIENCE:
        floor.epoch(training)
        line = json.dumps(floor.validate(held_out[0]))
        print(line, flush=True)
        with (run / "metrics.jsonl").open("a") as file:
            file.write(line + "\n")
    best = floor.checkpoints.load_best()
    floor.take(best or {})
    test = bits_per_byte(floor.model, held_out[1])
    settings = {"threads": torch.get_num_threads(), "bfloat16": asked.bfloat16}
    print(json.dumps({"best_epoch": position.best_epoch, "validation": position.best, "test": test} | settings))


if __name__ == "__main__":
    main()
