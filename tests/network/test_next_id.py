"""The loss of the next id and its gradient, beside automatic differentiation of the textbook formula."""

from __future__ import annotations

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.train


def arrays() -> tuple[np.ndarray, ...]:
    generator = np.random.default_rng(0)
    features = generator.standard_normal((7, 5)).astype(np.float32)
    kernel = generator.standard_normal((11, 5)).astype(np.float32)
    bias = generator.standard_normal(11).astype(np.float32)
    weights = np.array([1, 0, 2, 1, 0.5, 1, 1], dtype=np.float32)  # of positions; 0 as at padding
    return features, kernel, bias, weights


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_gradient_is_that_of_the_formula(smoothing: float) -> None:
    from chatbot.network.next_id import next_id_losses

    *values, weights = arrays()
    targets = np.array([3, 0, 10, 3, 1, 2, 0], dtype=np.int32)
    variables = [tf.Variable(value) for value in values]
    with tf.GradientTape() as tape:
        wanted, nll = next_id_losses(
            *(tf.convert_to_tensor(v) for v in variables[:1]),
            targets,
            *(tf.convert_to_tensor(v) for v in variables[1:]),
            smoothing=smoothing,
        )
        total = tf.reduce_sum(wanted * weights)
    found = tape.gradient(total, variables)
    with tf.GradientTape() as tape:
        logits = tf.matmul(variables[0], variables[1], transpose_b=True) + variables[2]
        expected_nll = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
        spread = -tf.reduce_mean(tf.nn.log_softmax(logits), axis=1)
        formula = (1 - smoothing) * expected_nll + smoothing * spread
        total = tf.reduce_sum(formula * weights)
    np.testing.assert_allclose(wanted, formula, rtol=1e-5)
    np.testing.assert_allclose(nll, expected_nll, rtol=1e-5)
    for one, other in zip(found, tape.gradient(total, variables), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_large_logits_do_not_overflow() -> None:
    from chatbot.network.next_id import next_id_losses

    features, kernel, bias, _ = arrays()
    _, nll = next_id_losses(1e3 * features, np.zeros(7, dtype=np.int32), kernel, bias)
    assert np.isfinite(np.asarray(nll)).all()


def test_a_loss_that_is_no_number_is_not_hidden() -> None:
    from chatbot.network.next_id import next_id_losses

    features, kernel, bias, _ = arrays()
    _, nll = next_id_losses(features * np.nan, np.zeros(7, dtype=np.int32), kernel, bias)
    assert np.isnan(np.asarray(nll)).all()


def test_scoring_gives_the_losses_of_training() -> None:
    from chatbot.network.next_id import next_id_losses, next_id_nll

    features, kernel, bias, _ = arrays()
    targets = np.array([3, 0, 10, 3, 1, 2, 0], dtype=np.int32)
    _, trained = next_id_losses(features, targets, kernel, bias)
    np.testing.assert_allclose(next_id_nll(features, targets, kernel, bias), trained, rtol=1e-5)
    _, rounded = next_id_losses(features, targets, kernel, bias, "bfloat16")
    assert not np.array_equal(rounded, trained)
    np.testing.assert_allclose(rounded, trained, rtol=0.02, atol=0.02)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_bfloat16_gradients_stay_near(smoothing: float) -> None:
    from chatbot.network.next_id import next_id_losses

    *values, weights = (tf.constant(one) for one in arrays())
    targets = np.array([3, 0, 10, 3, 1, 2, 0], dtype=np.int32)
    found = []
    for precision in ("float32", "bfloat16"):
        with tf.GradientTape() as tape:
            tape.watch(values)
            wanted, _ = next_id_losses(values[0], targets, *values[1:], precision, smoothing)
            total = tf.reduce_sum(wanted * weights)
        found.append(tape.gradient(total, values))
    for exact, rounded in zip(*found, strict=True):
        np.testing.assert_allclose(rounded, exact, atol=0.05)


def test_adam_moves_as_keras_does() -> None:
    import keras

    from chatbot.training.tensorflow_step import Adam

    generator = np.random.default_rng(1)
    ours, theirs = ([keras.Variable(np.ones((3, 2), "float32")), keras.Variable(np.ones(4, "float32"))] for _ in "ab")
    adam, reference = Adam(ours, 0.5), keras.optimizers.Adam(0.01, global_clipnorm=0.5)
    for _ in range(5):
        gradients = [tf.constant(generator.standard_normal(one.shape), tf.float32) for one in ours]
        adam.apply(gradients, tf.constant(0.01))
        reference.apply(gradients, theirs)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-5)
