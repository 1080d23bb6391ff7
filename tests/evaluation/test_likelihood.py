"""Bits per byte and word perplexity against figures worked by hand; scores that depend on nothing but the exchange."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tiny import NETWORK, tiny_weights

from chatbot.bundle.config import NetworkSettings
from chatbot.evaluation.likelihood import likelihood, ratio_interval, score_replies
from chatbot.inference.seq2seq import Seq2SeqStepper
from chatbot.text.special import BOS_ID, EOS_ID


def ids(*rows: list[int]) -> list[np.ndarray]:
    return [np.array(row, np.int32) for row in rows]


def fake_score(sources, targets):
    """-1 for each id of a reply, and for its end minus a hundredth of what its source adds up to."""
    return [np.array([-1.0] * len(t) + [-0.01 * sum(s)], np.float32) for s, t in zip(sources, targets, strict=True)]


def test_measures_worked_by_hand():
    nll = np.array([math.log(2) * 30, math.log(2) * 10])
    found = likelihood(nll, 9, np.array([8, 2]), np.array([4, 2]))
    assert found.bits_per_byte == pytest.approx(40 / 10)
    assert found.word_perplexity == pytest.approx(2 ** (40 / (6 + 2)))  # each reply's end counts as a word
    assert (found.replies, found.words, found.bytes, found.tokens) == (2, 6, 10, 9)
    assert found.as_dict()["bits_per_byte"] == found.bits_per_byte


def test_unknown_words_pay_for_their_spelling():
    plain = likelihood(np.array([5.0, 7.0]), 9, np.array([8, 2]), np.array([4, 2]))
    paying = likelihood(np.array([5.0, 7.0]), 9, np.array([8, 2]), np.array([4, 2]), np.array([6, 0]), np.array([2, 0]))
    # two words of 6 bytes in all, and two ends: 8 symbols of 8 bits
    assert paying.bits_per_byte == pytest.approx(plain.bits_per_byte + 8 * 8 / 10)
    assert paying.spelling == pytest.approx(8 * math.log(256))
    assert paying.nll == plain.nll
    assert paying.unknown_words == 2


def test_hopeless_models_have_a_perplexity_that_json_can_hold():
    found = likelihood(np.array([1e6]), 2, np.array([1]), np.array([1]))
    assert math.isfinite(found.word_perplexity)


def test_replies_come_back_in_order_and_progress_reaches_the_end():
    sources, targets = ids([5, 1], [9] * 7, [], [20, 20]), ids([6] * 4, [6], [7, 7], [])
    seen = []
    nll = score_replies(fake_score, sources, targets, lambda *step: seen.append(step))
    np.testing.assert_allclose(nll, [4.06, 1.63, 2, 0.4], rtol=1e-6)
    assert seen[-1] == ("scoring", 4, 4)


def test_scores_of_a_network_are_those_of_its_steps_in_any_company():
    tokenizer_size = 40
    network = NetworkSettings(tokenizer_size, *(getattr(NETWORK, n) for n in NETWORK.__slots__[1:]))
    weights = tiny_weights(network, _Pieces())
    stepper = Seq2SeqStepper(weights, network)
    random = np.random.default_rng(1)
    sources = [random.integers(6, 40, n).astype(np.int32) for n in (3, 9, 1, 4)]
    targets = [random.integers(6, 40, n).astype(np.int32) for n in (5, 1, 8, 2)]
    together = score_replies(stepper.score, sources, targets)
    for source, target, nll in zip(sources, targets, together, strict=True):
        state, total = stepper.start([source.tolist()]), 0.0
        for previous, following in zip([BOS_ID, *target], [*target, EOS_ID], strict=True):
            log_probs, state = stepper.step(np.array([previous]), state)
            total -= float(log_probs[0, following])
        assert nll == pytest.approx(total, abs=1e-3)


class _Pieces:
    def pieces(self, ids):
        return ["x"] * len(ids)


def test_intervals_hold_the_ratio_and_are_the_same_every_time():
    random = np.random.default_rng(3)
    below = random.integers(1, 20, 500)
    above = below * random.gamma(20, 0.1, 500)
    low, high = ratio_interval(above, below)
    assert low < above.sum() / below.sum() < high
    assert (low, high) == ratio_interval(above, below)
    assert high - low < 0.5


def test_an_interval_is_right_nineteen_times_in_twenty():
    random = np.random.default_rng(4)
    hits = 0
    for _ in range(100):
        low, high = ratio_interval(random.exponential(2.0, 400), np.ones(400, np.int64))
        hits += low < 2.0 < high
    assert 87 <= hits <= 99


def test_a_single_reply_has_an_interval_of_no_width():
    assert ratio_interval(np.array([3.0]), np.array([2])) == (1.5, 1.5)
