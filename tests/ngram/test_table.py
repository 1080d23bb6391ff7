"""The table of a bundle: says what the Kneser-Ney model says, sums to one whatever was left out, and keeps the best."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.ngram.kneser_ney import NgramModel, joined
from chatbot.ngram.mixing import best_share, mixed
from chatbot.ngram.pruning import pruned
from chatbot.ngram.table import SHARES, NgramTable, Stored, codes_of
from chatbot.text.special import BOS_ID, EOS_ID

VOCABULARY = 30
ALL = 10**6
RANDOM = np.random.default_rng(3)
CORPUS = [(RANDOM.zipf(1.5, size=RANDOM.integers(1, 9)) % 22 + 6).tolist() for _ in range(300)]
MODEL = NgramModel.train(joined(CORPUS), 4, VOCABULARY)
WHOLE = pruned(MODEL, ALL)
HELD_OUT = joined([(RANDOM.zipf(1.5, size=7) % 24 + 5).tolist() for _ in range(40)])


def longer(table: NgramTable) -> int:
    """N-grams of two ids and more."""
    return sum(len(level.ids) for level in table.stored[1:])


def test_with_all_ngrams_it_is_the_model_but_for_rounding():
    assert [len(level.ids) for level in WHOLE.stored] == [len(order.keys) for order in MODEL.orders]
    expected, found = MODEL.log_probs(HELD_OUT), WHOLE.log_probs(HELD_OUT)
    assert np.abs(found - expected).max() < 0.4
    assert abs(found.mean() - expected.mean()) < 0.03


@given(st.lists(st.integers(4, VOCABULARY - 1), max_size=6), st.sampled_from([0, 1, 40, 200, ALL]))
def test_probabilities_sum_to_one_after_anything_however_much_was_left_out(context: list[int], most: int):
    table = pruned(MODEL, most)
    nodes = table.start(1)
    for one in [BOS_ID, *context]:
        nodes = table.after(nodes, np.array([one]))
    assert table.probabilities(nodes)[0].sum() == pytest.approx(1, abs=1e-5)
    assert table.probabilities(nodes).min() > 0


@pytest.mark.parametrize("most", [50, ALL])
def test_step_by_step_it_says_what_it_says_of_whole_replies(most: int):
    table = pruned(MODEL, most)
    replies = np.split(HELD_OUT, np.flatnonzero(HELD_OUT == BOS_ID)[1:])
    length = min(len(reply) for reply in replies)
    rows = np.stack([reply[:length] for reply in replies])
    nodes = table.start(len(rows))
    for place in range(length - 1):
        nodes = table.after(nodes, rows[:, place])
        found = np.log(table.probabilities(nodes)[np.arange(len(rows)), rows[:, place + 1]])
        expected = [table.log_probs(row)[place + 1] for row in rows]
        assert found == pytest.approx(expected, abs=1e-4)


def test_bos_begins_anew():
    nodes = WHOLE.after(WHOLE.start(1), np.array([BOS_ID]))
    later = nodes
    for one in (7, 8, BOS_ID):
        later = WHOLE.after(later, np.array([one]))
    assert later.tolist() == nodes.tolist()


@pytest.mark.parametrize("most", [1, 10, 100, 400])
def test_pruned_it_holds_no_more_than_asked_and_foresees_its_own_texts_better_with_more(most: int):
    table, larger = pruned(MODEL, most), pruned(MODEL, 2 * most)
    assert longer(table) == most
    own = joined(CORPUS)
    assert larger.log_probs(own).sum() > table.log_probs(own).sum()


def test_what_is_kept_says_more_than_what_occurs_most():
    """After 6 comes 7, which nothing else foretells; 8 and 9 follow each other as often as they stand anywhere."""
    texts = [[6, 7]] * 20 + [[8, 9], [9, 8], [8, 8], [9, 9]] * 30
    single, pairs = pruned(NgramModel.train(joined(texts), 2, VOCABULARY), 6).stored
    contexts = np.zeros(len(single.ids), int)
    contexts[np.unpackbits(pairs.followed)[: len(contexts)] > 0] = pairs.followers
    kept = list(zip(np.repeat(single.ids, contexts).tolist(), pairs.ids.tolist(), strict=True))
    assert (6, 7) in kept
    assert (8, 9) not in kept


def test_a_code_never_stands_for_more_than_the_share():
    shares = np.concatenate([[0.0, 1.0, 1e-7, 1e-9], RANDOM.random(500)])
    codes = codes_of(shares)
    assert codes[:4].tolist() == [0, 254, 1, 0]
    assert np.all(SHARES[codes] <= shares * (1 + 1e-12))
    assert np.all(SHARES[codes.astype(int) + 1][4:] >= shares[4:] * 0.999)


def wrong(**changes: object) -> str:
    ids, codes = np.array([4, 5, 6], np.uint16), np.array([200, 200, 200], np.uint8)
    fields = {"ids": ids, "codes": codes, "followed": np.array([128], np.uint8), "followers": np.array([3], np.uint16)}
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the line is for the caller to look at
        NgramTable(8, [Stored(**{**fields, **changes})])  # type: ignore[arg-type]
    return str(raised.value)


def test_arrays_that_do_not_fit_are_refused():
    assert "other contexts" in wrong(followed=np.array([0], np.uint8))
    assert "more or fewer" in wrong(followers=np.array([2], np.uint16))
    assert "beyond the vocabulary" in wrong(ids=np.array([4, 5, 9], np.uint16))
    assert "out of order" in wrong(ids=np.array([4, 6, 5], np.uint16))
    assert "twice" in wrong(ids=np.array([4, 5, 5], np.uint16))
    assert "all probability, or more" in wrong(codes=np.array([255, 0, 0], np.uint8))


def test_the_best_share_is_where_the_ids_are_likeliest():
    own, known = np.log(RANDOM.random(400)), np.log(RANDOM.random(400))
    share = best_share(own, known)
    best = mixed(own, known, share).sum()
    assert 0.01 < share < 0.99
    assert all(mixed(own, known, share + step).sum() < best for step in (-0.05, 0.05))
    assert best_share(np.log(np.full(9, 0.5)), np.log(np.full(9, 1e-9))) == pytest.approx(0.001)
    alike = own + RANDOM.normal(0, 0.1, 400)
    found = mixed(own, alike, best_share(own, alike)).sum()
    assert all(mixed(own, alike, share).sum() <= found for share in np.linspace(0.001, 0.999, 500))


def test_eos_is_foreseen_and_bos_is_not():
    log_probs = WHOLE.log_probs(joined([[7]]))
    assert log_probs[0] == 0
    nodes = WHOLE.after(WHOLE.after(WHOLE.start(1), np.array([BOS_ID])), np.array([7]))
    assert WHOLE.probabilities(nodes)[0, EOS_ID] > 10 * WHOLE.probabilities(nodes)[0, BOS_ID]
