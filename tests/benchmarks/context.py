"""What earlier turns tell a dialogue model: bits per byte of human replies after the prompt alone, and after more.

    python tests/benchmarks/context.py MODEL DATA [--split validation] [--limit N]

The model is the same each time, and so are the replies; only what it reads of the conversation is cut. In training it
read short contexts, too: those of all that is said early in a conversation. The interval is a paired one, of 95 %.
"""

from __future__ import annotations

import math
import os
from dataclasses import replace

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from hurried import asked_for  # after the number of threads is set

from chatbot.dialogue.model import Model
from chatbot.evaluation.exchanges import dataset_exchanges
from chatbot.evaluation.likelihood import perplexity, ratio_interval, score_replies


def main() -> None:
    asked = asked_for(__doc__)
    model = Model.load(asked.model)
    whole = model.config.context
    first = None
    print(f"{'turns read':>10}{'bits per byte':>15}{'word perplexity':>17}{'gain':>9}  95 %")
    for turns in range(1, whole.turns + 1):
        context = replace(whole, turns=turns)
        exchanges = dataset_exchanges(asked.data, asked.split, model.tokenizer, context, asked.limit, 1)
        nll = score_replies(model.stepper.score, exchanges.sources, exchanges.targets)
        bits = nll.sum() / math.log(2) / exchanges.reply_bytes.sum()
        words = perplexity(nll.sum() / (exchanges.reply_words + 1).sum())
        first = nll if first is None else first
        gain = (first - nll) / math.log(2)
        low, high = ratio_interval(gain, exchanges.reply_bytes)
        share = gain.sum() / exchanges.reply_bytes.sum()
        print(f"{turns:10}{bits:15.4f}{words:17.2f}{share:9.4f}  {low:.4f} to {high:.4f}", flush=True)


if __name__ == "__main__":
    main()
