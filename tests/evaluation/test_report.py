"""The whole report: a model that uses its context is told from one that does not, and rows stand beside each other."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from toy_dialogue import LetterTokenizer, ToyStepper

from chatbot.errors import BundleError
from chatbot.evaluation.exchanges import Exchanges
from chatbot.evaluation.generation import generate_replies
from chatbot.evaluation.report import evaluate
from chatbot.settings import DecodingSettings

TEXTS = ["yes", "no", "oh yes", "it is", "so be it", "never", "not now", "well then"]
SETTINGS = DecodingSettings(max_length=12)


class Scoring(ToyStepper):
    """Scores -1 an id; `attentive`: half of that where reply and source begin with the same letter."""

    def __init__(self, attentive: bool = True) -> None:
        super().__init__()
        self.attentive = attentive

    def score(self, sources, targets):
        def rate(source, target):
            return -0.5 if self.attentive and source[0] == target[0] else -1.0

        return [np.full(len(t) + 1, rate(s, t), np.float32) for s, t in zip(sources, targets, strict=True)]


def exchanges(texts: list[str]) -> Exchanges:
    """Each text is the reply to itself."""
    targets = [np.array(LetterTokenizer().encode(text), np.int32) for text in texts]
    return Exchanges(
        sources=targets,
        targets=targets,
        reply_bytes=np.array([len(text) for text in texts]),
        reply_words=np.array([len(text.split()) for text in texts]),
        context_turns=1,
        random_replies=targets[::-1],
        random_from="training reply",
    )


def answer(sources, seeds):
    return [f"{LetterTokenizer().decode(ids)} {seed}" for ids, seed in zip(sources, seeds, strict=True)]


def test_likelihood_and_context_swap():
    texts = ["abc", "bcd", "cde"]
    report = evaluate(Scoring().score, answer, LetterTokenizer(), exchanges(texts), SETTINGS, 0)
    assert report.likelihood.nll == pytest.approx(3 * 4 * 0.5)
    assert report.likelihood.tokens == 12
    assert report.context_swap is not None
    assert report.context_swap.word_perplexity == pytest.approx(math.exp(6 / 6))
    assert report.context_swap.swapped_word_perplexity == pytest.approx(math.exp(12 / 6))
    assert report.replies == {}
    json.dumps(report.as_dict(), allow_nan=False)


def test_a_model_that_ignores_its_context_loses_nothing_by_the_swap():
    swap = evaluate(
        Scoring(attentive=False).score, answer, LetterTokenizer(), exchanges(TEXTS), SETTINGS, 0
    ).context_swap
    assert swap is not None
    assert swap.as_dict()["ratio"] == pytest.approx(1)


def test_a_single_exchange_cannot_be_swapped():
    report = evaluate(Scoring().score, answer, LetterTokenizer(), exchanges(["abc"]), SETTINGS, 0)
    assert report.context_swap is None
    assert report.as_dict()["context_swap"] is None


def test_scores_that_are_no_numbers_are_one_line():
    model = Scoring()
    model.score = lambda sources, targets: [np.array([np.nan]) for _ in sources]
    with pytest.raises(BundleError, match="no finite numbers"):
        evaluate(model.score, answer, LetterTokenizer(), exchanges(TEXTS), SETTINGS, 0)


def test_rows_of_replies():
    report = evaluate(Scoring().score, answer, LetterTokenizer(), exchanges(TEXTS), SETTINGS, 5)
    assert list(report.replies) == ["model", "human", "random"]
    assert {row.replies for row in report.replies.values()} == {5}
    assert report.replies["human"].kl == pytest.approx(0, abs=1e-12)
    assert report.replies["model"].kl > 0
    assert report.replies["human"].mean_length == pytest.approx(np.mean([1, 1, 2, 3, 2]))  # number 0, 1, 3, 4, 6
    assert report.as_dict()["replies"]["model"]["commonest_share"] == report.replies["model"].commonest_share


def test_every_source_is_answered_with_its_own_seed(monkeypatch):
    sources = [np.array(LetterTokenizer().encode(text), np.int32) for text in TEXTS]
    together = generate_replies(answer, sources, 5)
    assert together == [f"{text} {5 + number}" for number, text in enumerate(TEXTS)]
    monkeypatch.setattr("chatbot.evaluation.generation.TOGETHER", 3)
    seen = []
    assert generate_replies(answer, sources, 5, lambda *s: seen.append(s)) == together
    assert seen[-1] == ("replying", 8, 8)
