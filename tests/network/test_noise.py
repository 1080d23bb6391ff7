"""What is dropped while training, and that nothing is otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from chatbot.text.special import BOS_ID, UNK_ID

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.train
IDS = np.array([[2, 7, 8, 9, 3, 0], [2, 6, 6, 6, 6, 3]], dtype=np.int32)


def network(**chosen):
    from chatbot.bundle.config import NetworkSettings
    from chatbot.network.seq2seq import Seq2Seq

    return Seq2Seq(NetworkSettings(vocabulary_size=12, embedding_size=4, encoder_units=3, decoder_units=5), **chosen)


@pytest.mark.parametrize("time_axis", [0, 1])
def test_variational_dropout_drops_the_same_units_at_every_step(time_axis: int) -> None:
    values = np.ones((5, 6, 40), dtype=np.float32)
    dropped = np.asarray(network(dropout=0.5, variational=True).drop(values, True, time_axis)) == 0
    first = dropped.take([0], axis=time_axis)
    assert (dropped == first).all()
    assert 0.3 < first.mean() < 0.7
    plain = np.asarray(network(dropout=0.5).drop(values, True, time_axis)) == 0
    assert not (plain == plain.take([0], axis=time_axis)).all()


@pytest.mark.parametrize("width", [1, 40, 41])
def test_dropout_keeps_the_mean(width: int) -> None:
    import keras

    from chatbot.network.noise import kept

    drawn = np.asarray(kept((12_000 // width, width), 0.1, keras.random.SeedGenerator(5)))
    assert drawn.shape == (12_000 // width, width)
    assert 0.085 < (drawn == 0).mean() < 0.115
    np.testing.assert_allclose(np.unique(drawn), [0, 1 / 0.9], rtol=1e-4)


def test_word_dropout_hides_words_but_neither_bos_nor_padding() -> None:
    given = np.repeat(IDS, 50, axis=0)
    hidden = np.asarray(network(word_dropout=0.9).hide(given, True))
    assert set(hidden[hidden != given].tolist()) == {UNK_ID}
    words = given > BOS_ID
    assert 0.8 < (hidden != given)[words].mean() < 1.0
    assert (hidden == given)[~words].all()


def test_nothing_is_dropped_but_in_training() -> None:
    noisy = network(dropout=0.5, variational=True, word_dropout=0.5, smoothing=0.1)
    quiet = network()
    for name, variable in quiet.by_name.items():
        variable.assign(noisy.by_name[name])
    targets = np.array([[7, 8, 3, 0], [6, 3, 0, 0]], dtype=np.int32)
    for one, other in zip(noisy.losses(IDS, targets), quiet.losses(IDS, targets), strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))
    wanted, nll = noisy.losses(IDS, targets, training=True)
    assert not np.allclose(np.asarray(wanted), np.asarray(nll))
    assert not np.allclose(np.asarray(nll), np.asarray(quiet.losses(IDS, targets)[1]))
