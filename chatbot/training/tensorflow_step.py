"""What is TensorFlow's own: the compiled training step, the compiled validation, and its time loop.

In: padded batches. Out: losses, and a network whose weights moved. Everything else in training knows no TensorFlow.
"""

from __future__ import annotations

import time
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops, tree
from numpy.typing import NDArray

from chatbot.data.batches import Batch
from chatbot.network.layer import WeightedLayer
from chatbot.text.special import PAD_ID
from chatbot.training.settings import TrainingSettings

NUMBER = tf.TensorSpec([], tf.float32)


def scan(step: Any, init: Any, xs: Any, reverse: bool = False) -> Any:
    """`keras.ops.scan` for a length that is known only when it runs, so that one graph serves every batch."""
    inputs = [tf.convert_to_tensor(x) for x in tree.flatten(xs)]
    length = tf.shape(inputs[0])[0]
    arrays = [tf.TensorArray(x.dtype, size=length, element_shape=x.shape[1:]).unstack(x) for x in inputs]
    carry = [tf.convert_to_tensor(x) for x in tree.flatten(init)]
    outputs = [tf.TensorArray(x.dtype, size=length, element_shape=x.shape) for x in carry]

    def body(count: Any, carry: Any, outputs: Any) -> Any:
        at = length - 1 - count if reverse else count
        slices = tree.pack_sequence_as(xs, [array.read(at) for array in arrays])
        carry, values = step(tree.pack_sequence_as(init, carry), slices)
        written = [array.write(at, value) for array, value in zip(outputs, tree.flatten(values), strict=True)]
        return count + 1, tree.flatten(carry), written

    _, carry, outputs = tf.while_loop(
        lambda count, *_: count < length, body, (0, carry, outputs), maximum_iterations=length
    )
    return tree.pack_sequence_as(init, carry), tree.pack_sequence_as(init, [array.stack() for array in outputs])


class TensorFlowStep:
    """A network with its optimiser: Adam (Kingma & Ba 2015), gradients clipped by their global norm."""

    def __init__(self, network: WeightedLayer, settings: TrainingSettings) -> None:
        self.network = network
        self.optimizer = keras.optimizers.Adam(settings.learning_rate, global_clipnorm=settings.clip_norm)
        self.optimizer.build(network.trainable_variables)
        inputs = [tf.TensorSpec([None] * dimensions, tf.int32) for dimensions in network.inputs]
        self._train = tf.function(self._train_graph, input_signature=[NUMBER, *inputs], autograph=False)
        self._score = tf.function(self._score_graph, input_signature=inputs, autograph=False)
        self._logits = tf.function(network.call, input_signature=inputs, autograph=False)

    def train(self, batch: Batch, rate: float) -> float:
        """Move the weights once; returns the summed negative log-likelihood (nats) of the batch before the move."""
        return float(self._train(rate, *batch.arrays))

    def score(self, batch: Batch) -> NDArray[np.float64]:
        """Negative log-likelihood (nats) of each example, [batch]; nothing is dropped."""
        return np.asarray(self._score(*batch.arrays), dtype=np.float64)

    def logits(self, *arrays: NDArray[np.int32]) -> NDArray[np.float32]:
        """Logits [batch, target_time, vocabulary] as the network gives them when nothing is dropped."""
        return np.asarray(self._logits(*arrays))

    def _train_graph(self, rate: Any, *inputs: Any) -> Any:
        with tf.GradientTape() as tape:
            losses = _token_losses(self.network, inputs, training=True)
            total = tf.reduce_sum(losses)
            loss = total / tf.reduce_sum(_real(inputs[-1]))
        self.optimizer.learning_rate.assign(rate)
        self.optimizer.apply(tape.gradient(loss, self.network.trainable_variables))
        return total

    def _score_graph(self, *inputs: Any) -> Any:
        return tf.reduce_sum(_token_losses(self.network, inputs, training=False), axis=1)


def faster_precision() -> str:
    """ "bfloat16" where this machine multiplies it clearly faster than float32, else "float32"."""
    generator = np.random.default_rng(0)
    left, right = (generator.standard_normal((512, 512), dtype=np.float32) for _ in range(2))
    seconds = {}
    for precision in ("float32", "bfloat16"):
        operands = tf.cast(left, precision), tf.cast(right, precision)
        times = []
        for _ in range(8):
            start = time.perf_counter()
            tf.matmul(*operands).numpy()
            times.append(time.perf_counter() - start)
        seconds[precision] = sorted(times)[len(times) // 2]
    return "bfloat16" if seconds["bfloat16"] < 0.8 * seconds["float32"] else "float32"


def _real(target_ids: Any) -> Any:
    return ops.cast(ops.not_equal(target_ids, PAD_ID), "float32")


def _token_losses(network: WeightedLayer, inputs: Any, training: bool) -> Any:
    """Negative log-likelihood (nats) of every target id, [batch, target_time]; 0 at padding. The last input is them."""
    logits = network.call(*inputs, training=training)
    return tf.nn.sparse_softmax_cross_entropy_with_logits(inputs[-1], logits) * _real(inputs[-1])
