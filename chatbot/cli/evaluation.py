"""What `chatbot evaluate` does once its options are read: finds model and data, measures, and lays out the results."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.cli.prepare_view import following
from chatbot.corpus.formats import sign_of
from chatbot.data.info import INFO
from chatbot.decoding.search import check_together
from chatbot.dialogue.model import Model, answers_of
from chatbot.errors import CorpusError, UsageError
from chatbot.evaluation.exchanges import corpus_exchanges, dataset_exchanges
from chatbot.evaluation.replies import ReplyMeasures
from chatbot.evaluation.report import Report, evaluate
from chatbot.terminal import one_line

DEFAULT_SPLIT = "validation"


@dataclass(frozen=True, slots=True)
class Measured:
    """A report with what was measured on what."""

    model: str
    fingerprint: str
    data: str
    split: str | None
    report: Report

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        named = {"model": self.model, "fingerprint": self.fingerprint, "data": self.data, "split": self.split}
        return {**named, **self.report.as_dict()}

    def table(self) -> str:
        """Lines for a person."""
        where = f"{self.data} ({self.split})" if self.split else self.data
        head = f"{one_line(self.model)} {self.fingerprint[:12]} on {one_line(where)}"
        return "\n".join([head, "", *_likelihood_lines(self.report), *_reply_lines(self.report)])


def measure(
    name: str, data: Path, split: str | None, limit: int | None, prompts: int, decoding: Mapping[str, Any]
) -> Measured:
    """Load, score and reply; a model or data that is missing or damaged is a `ChatbotError` of one line."""
    is_dataset = _is_dataset(data)
    if split and not is_dataset:
        raise UsageError(f"{data}: --split is for a prepared dataset, but this holds no {INFO}; leave it out")
    model = Model.load(name)
    settings = dataclasses.replace(model.settings, **decoding)
    check_together(settings)
    with following() as progress:
        if is_dataset:
            split = split or DEFAULT_SPLIT
            exchanges = dataset_exchanges(data, split, model.tokenizer, model.config.context, limit, prompts)
        else:
            exchanges = corpus_exchanges(data, model.tokenizer, model.config.context, limit, prompts, progress)
        answer = answers_of(model, settings)
        report = evaluate(model.stepper.score, answer, model.tokenizer, exchanges, settings, prompts, progress)
    return Measured(model.name, model.fingerprint, str(data), split, report)


def _is_dataset(data: Path) -> bool:
    """Whether it is a prepared dataset; `CorpusError` where it is no raw corpus either."""
    if (data / INFO).is_file():
        return True
    if data.is_file() or sign_of(data):
        return False
    lacks = f"holds no {INFO} and no corpus" if data.exists() else "there is no such file or folder"
    raise CorpusError(f"{data}: {lacks}; give a dataset made by `chatbot prepare`, or a raw corpus that it reads")


def _likelihood_lines(report: Report) -> list[str]:
    found = report.likelihood
    turns = f"{report.context_turns} turn{'s' if report.context_turns > 1 else ''} of context"
    ends = map(_perplexity, found.perplexities)
    lines = [
        _line("replies scored", f"{found.replies:,}", f"{found.words:,} words, {found.bytes:,} bytes, {turns}"),
        _line("bits per byte", f"{found.bits_per_byte:.4f}", f"95 %: {found.bits[0]:.4f} to {found.bits[1]:.4f}"),
        _line("word perplexity", _perplexity(found.word_perplexity), f"95 %: {' to '.join(ends)}"),
    ]
    if found.unknown_words:
        share = found.unknown_words / found.words
        lines.append(_line("unknown words", f"{share:.2%}", "their spelling is paid for above, at 8 bits a byte"))
        of = f"of {found.tokens:,} tokens, reply ends among them, unknown words as one word"
        lines.append(_line("closed vocabulary", _perplexity(found.token_perplexity), of))
    if swap := report.context_swap:
        times = f"{swap.swapped_word_perplexity / swap.word_perplexity:.3f} times"
        beside = f"{times} the {_perplexity(swap.word_perplexity)} of the same {swap.replies:,} in their own context"
        lines.append(_line("contexts swapped", _perplexity(swap.swapped_word_perplexity), beside))
    if report.folds_case:
        lines.append("the tokenizer folds case: not comparable with models that keep it")
    return lines


def _line(name: str, value: str, note: str) -> str:
    return f"{name:18}{value:>10}  {note}"


def _perplexity(value: float) -> str:
    return f"{value:.2f}" if value < 1e6 else f"{value:.1e}"


def _reply_lines(report: Report) -> list[str]:
    if not report.replies:
        return []
    names = {"model": "model", "human": "human", "random": f"random {report.random_from}"}
    head = f"{'replies':22}{'distinct-1':>11}{'distinct-2':>11}{'words':>7}{'commonest':>11}{'repeats':>9}{'KL':>8}"
    rows = [_reply_line(names[name], row) for name, row in report.replies.items()]
    model = report.replies["model"]
    common = f"commonest of {model.replies:,}: {one_line(model.commonest) or '(nothing)'}"
    settings = " ".join(f"{name}={value}" for name, value in dataclasses.asdict(report.settings).items())
    return ["", head, *rows, "", common, *textwrap.wrap(f"decoding: {settings}", 100)]


def _reply_line(name: str, row: ReplyMeasures) -> str:
    shares = f"{row.commonest_share:>11.2%}{row.repeated_trigram_share:>9.2%}"
    return f"{name:22}{row.distinct_1:>11.4f}{row.distinct_2:>11.4f}{row.mean_length:>7.2f}{shares}{row.kl:>8.3f}"
