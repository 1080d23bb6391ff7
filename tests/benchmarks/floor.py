"""The floor that a recipe has to beat: a plain PyTorch seq2seq trained to its best on a prepared dataset.

    python tests/benchmarks/floor.py DATA [--epochs 12] [--threads N] [--output FILE.jsonl]

One-layer encoder of 2 x 256, decoder of 512, general attention, tied embeddings of 256, the prompt alone as context,
dropout 0.2, Adam at 0.001, about 128 exchanges a batch. After every epoch: bits per byte of the validation replies, by
the measure of the README, wall and CPU seconds of training so far. It ends
when validation has not fallen for two epochs.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from pathlib import Path

import torch
from plain_training import PlainSeq2Seq, losses, trainer

from chatbot.bundle.config import NetworkSettings
from chatbot.data.batches import Batches
from chatbot.data.context import ContextSettings
from chatbot.data.dataset import Dataset
from chatbot.training.prefetch import prefetched

PATIENCE = 2


@torch.inference_mode()
def bits_per_byte(model: PlainSeq2Seq, batches: Batches) -> float:
    model.eval()
    sample = batches.sample()
    total = sum(float(losses(model, *batches.collate(members).arrays).double().sum()) for members in sample.plan)
    return total / math.log(2) / sample.bytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="a folder made by `chatbot prepare`")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch-tokens", type=int, default=4500, help="padded ids of a batch")
    parser.add_argument("--bfloat16", action="store_true", help="autocast")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--output", type=Path, help="append the lines to this file too")
    asked = parser.parse_args()
    if asked.threads:
        torch.set_num_threads(asked.threads)
    torch.manual_seed(1)
    dataset, context = Dataset.open(asked.data), ContextSettings(turns=1, max_source_length=60)
    training = Batches(dataset.split("train"), context, asked.batch_tokens, 60)
    validation = Batches(dataset.split("validation"), context, 4 * asked.batch_tokens, 1_000_000)
    model = PlainSeq2Seq(NetworkSettings(vocabulary_size=dataset.tokenizer().size), 0.2)
    step = trainer(model, 0.001, asked.bfloat16)
    best, best_epoch, wall, cpu = math.inf, 0, 0.0, 0.0
    for epoch in range(1, asked.epochs + 1):
        began, spent, nll, tokens = time.monotonic(), time.process_time(), 0.0, 0
        for batch in prefetched(map(training.collate, training.epoch(epoch, 1))):
            nll += step(*batch.arrays)
            tokens += batch.tokens
        wall, cpu = wall + time.monotonic() - began, cpu + time.process_time() - spent
        found = bits_per_byte(model, validation)
        line = {"epoch": epoch, "training_nats": nll / tokens, "bits_per_byte": found}
        line |= {"seconds": round(wall, 1), "cpu_seconds": round(cpu, 1), "tokens": tokens}
        print(json.dumps(line), flush=True)
        if asked.output:
            with asked.output.open("a") as file:
                file.write(json.dumps(line) + "\n")
        if found < best:
            best, best_epoch = found, epoch
        elif epoch - best_epoch >= PATIENCE:
            break
    print(f"best: {best:.4f} bits per byte after epoch {best_epoch}", file=sys.stderr)


if __name__ == "__main__":
    main()
