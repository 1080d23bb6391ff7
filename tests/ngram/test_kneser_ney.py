"""Kneser-Ney: sums to one, agrees with figures worked by hand and with the formula written out in dictionaries."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.ngram.kneser_ney import NgramModel, joined
from chatbot.text.special import BOS_ID, EOS_ID

VOCABULARY = 10
CORPUS = [[6, 7, 8], [6, 7, 9], [6, 7, 8, 8], [7], [9, 9, 9, 6], [8, 6, 7, 8], [6]]


def probability(model: NgramModel, context: list[int], word: int) -> float:
    """p(word | bos context)."""
    return float(np.exp(model.log_probs(np.array([BOS_ID, *context, word]))[-1]))


def test_joined_puts_every_reply_between_bos_and_eos():
    assert joined([[6, 7], np.array([8], np.uint16)]).tolist() == [2, 6, 7, 3, 2, 8, 3]
    assert joined([]).tolist() == []


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_probabilities_sum_to_one_in_every_context(order: int):
    model = NgramModel.train(joined(CORPUS), order, VOCABULARY)
    prefixes = {tuple(reply[:cut]) for reply in CORPUS for cut in range(len(reply) + 1)}
    unseen = {(5,), (9, 8), (8, 8, 8, 8, 8), (5, 6, 7)}
    for context in prefixes | unseen:
        total = sum(probability(model, list(context), word) for word in range(VOCABULARY) if word != BOS_ID)
        bos = np.exp(_bos(model, list(context)))
        assert total + bos == pytest.approx(1, abs=1e-12), context


def _bos(model: NgramModel, context: list[int]) -> float:
    """Log-probability that the model keeps for bos: what any id never seen gets in this context."""
    never = 4  # stands in no reply of CORPUS
    return float(model.log_probs(np.array([BOS_ID, *context, never]))[-1])


def test_a_bigram_model_worked_by_hand():
    # "a b", "a b", "a c": a = 6, b = 7, c = 8. Bigrams: bos a 3, a b 2, a c 1, b eos 2, c eos 1.
    model = NgramModel.train(joined([[6, 7], [6, 7], [6, 8]]), 2, VOCABULARY)
    # Unigrams by what stands before them: a 1 (bos), b 1 (a), c 1 (a), eos 2 (b, c); in all 5.
    # Counts of counts 3, 1, 0: too few, so D is .5, 1, 1.5. Kept back: (3 * .5 + 1 * 1) / 5 = .5, spread over 10 ids.
    lower = {6: 0.5 / 5 + 0.05, 7: 0.5 / 5 + 0.05, 8: 0.5 / 5 + 0.05, EOS_ID: 1 / 5 + 0.05, 9: 0.05}
    # Bigrams that occur 1, 2, 3 times: 2, 2, 1; n4 = 0. Y = 2 / (2 + 4) = 1/3.
    # D1 = 1 - 2/3 * 2/2 = 1/3; D2 = 2 - 3/3 * 1/2 = 3/2; D3 = 3 - 0 = 3.
    kept_back = (3 / 2 + 1 / 3) / 3  # after a: b twice, c once, 3 in all
    expected = {
        7: (2 - 3 / 2) / 3 + kept_back * lower[7],
        8: (1 - 1 / 3) / 3 + kept_back * lower[8],
        9: kept_back * lower[9],
        EOS_ID: kept_back * lower[EOS_ID],
    }
    for word, value in expected.items():
        assert probability(model, [6], word) == pytest.approx(value, abs=1e-15)
    assert probability(model, [], 6) == pytest.approx(lower[6])  # 3 - 3 = 0 are left after bos: all of it backs off
    assert probability(model, [9], 7) == pytest.approx(lower[7])  # a context never seen


def test_a_unigram_model_counts_occurrences():
    model = NgramModel.train(joined([[6, 6, 6], [7, 6]]), 1, VOCABULARY)
    # a 4, b 1, eos 2; counts of counts 1, 1, 0: fallback .5, 1, 1.5; kept back 3 / 7 over 10 ids
    assert probability(model, [], 6) == pytest.approx((4 - 1.5) / 7 + 3 / 7 / 10)
    assert probability(model, [7, 7], EOS_ID) == pytest.approx((2 - 1) / 7 + 3 / 7 / 10)


def test_log_probs_of_a_reply_do_not_depend_on_its_neighbours():
    model = NgramModel.train(joined(CORPUS), 4, VOCABULARY)
    together = model.log_probs(joined(CORPUS))
    alone = np.concatenate([model.log_probs(joined([reply])) for reply in CORPUS])
    np.testing.assert_array_equal(together, alone)
    assert (together[joined(CORPUS) == BOS_ID] == 0).all()


replies = st.lists(st.lists(st.integers(6, 9), min_size=1, max_size=6), min_size=1, max_size=30)


@given(replies, st.lists(st.integers(6, 9), max_size=5), st.integers(6, 9), st.integers(1, 5))
def test_agrees_with_the_formula_in_dictionaries(corpus, context, word, order):
    model = NgramModel.train(joined(corpus), order, VOCABULARY)
    expected = _reference(corpus, order, [BOS_ID, *context][-(order - 1) :] if order > 1 else [], word)
    assert probability(model, context, word) == pytest.approx(expected, rel=1e-12)


def _reference(corpus: list[list[int]], order: int, context: list[int], word: int) -> float:
    """The definition, read off the page: recursive, with dictionaries."""
    sentences = [[BOS_ID, *reply, EOS_ID] for reply in corpus]
    grams = [
        Counter(tuple(s[i : i + n]) for s in sentences for i in range(len(s) - n + 1)) for n in range(1, order + 1)
    ]

    def counts(n: int) -> dict[tuple[int, ...], int]:
        if n == order:
            adjusted = dict(grams[n - 1])
        else:
            befores = defaultdict(set)
            for gram in grams[n]:
                befores[gram[1:]].add(gram[0])
            adjusted = {g: grams[n - 1][g] if g[0] == BOS_ID else len(befores[g]) for g in grams[n - 1]}
        adjusted.pop((BOS_ID,), None)
        return adjusted

    def p(h: tuple[int, ...], w: int) -> float:
        c = counts(len(h) + 1)
        lower = p(h[1:], w) if h else 1 / VOCABULARY
        after = {g: v for g, v in c.items() if g[:-1] == h}
        if not after:
            return lower
        d = _reference_discounts(list(c.values()))
        total = sum(after.values())
        gamma = sum(d[min(v, 3) - 1] for v in after.values()) / total
        value = after.get((*h, w), 0)
        return (max(value - d[min(value, 3) - 1], 0) / total if value else 0) + gamma * lower

    return p(tuple(context), word)


def _reference_discounts(values: list[int]) -> list[float]:
    n = [values.count(i) for i in range(5)]
    if 0 in n[1:4]:
        return [0.5, 1.0, 1.5]
    y = n[1] / (n[1] + 2 * n[2])
    d = [i - (i + 1) * y * n[i + 1] / n[i] for i in (1, 2, 3)]
    return d if all(0 <= d[i - 1] <= i for i in (1, 2, 3)) else [0.5, 1.0, 1.5]
