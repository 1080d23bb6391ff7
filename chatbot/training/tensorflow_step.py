"""What is TensorFlow's own: the compiled training step, the compiled validation, and its time loop.

In: padded batches. Out: losses, and a network whose weights moved. Everything else in training knows no TensorFlow.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import tree
from numpy.typing import NDArray

from chatbot.data.batches import Batch
from chatbot.network.layer import WeightedLayer
from chatbot.network.next_id import Columns
from chatbot.text.special import PAD_ID
from chatbot.training.sampled_softmax import Sampler, training_losses
from chatbot.training.settings import TrainingSettings

NUMBER = tf.TensorSpec([], tf.float32)
BETAS, EPSILON = (0.9, 0.999), 1e-7  # of Adam


def scan(step: Any, init: Any, xs: Any, reverse: bool = False) -> Any:
    """`keras.ops.scan` for a length that is known only when it runs, so that one graph serves every batch.

    A step reads slices of `xs` in place and gives out what it carries on.
    """
    inputs = [tf.convert_to_tensor(x) for x in tree.flatten(xs)]
    length = tf.shape(inputs[0])[0]
    carry = [tf.convert_to_tensor(x) for x in tree.flatten(init)]
    outputs = [tf.TensorArray(x.dtype, size=length, element_shape=x.shape) for x in carry]

    def body(count: Any, carry: Any, outputs: Any) -> Any:
        at = length - 1 - count if reverse else count
        carry, _ = step(tree.pack_sequence_as(init, carry), tree.pack_sequence_as(xs, [x[at] for x in inputs]))
        carry = tree.flatten(carry)
        return count + 1, carry, [array.write(at, value) for array, value in zip(outputs, carry, strict=True)]

    _, carry, outputs = tf.while_loop(
        lambda count, *_: count < length, body, (0, carry, outputs), maximum_iterations=length
    )
    return tree.pack_sequence_as(init, carry), tree.pack_sequence_as(init, [array.stack() for array in outputs])


class TensorFlowStep:
    """A network with its optimiser: Adam (Kingma & Ba 2015), gradients clipped by their global norm."""

    def __init__(self, network: WeightedLayer, settings: TrainingSettings, sampler: Sampler | None = None) -> None:
        self.network, self.sampler = network, sampler
        self.optimizer = Adam(network.trainable_variables, settings.clip_norm)
        inputs = [tf.TensorSpec([None] * dimensions, tf.int32) for dimensions in network.inputs]
        self._train = tf.function(self._train_graph, input_signature=given_to(network, settings), autograph=False)
        self._score = tf.function(self._score_graph, input_signature=inputs, autograph=False)
        self._logits = tf.function(network.call, input_signature=inputs, autograph=False)

    def train(self, batch: Batch, rate: float) -> float:
        """Move the weights once; returns the summed negative log-likelihood (nats) of the batch before the move."""
        return float(self._train(rate, *batch.arrays, *self.columns(batch)))

    def columns(self, batch: Batch) -> Columns | tuple[()]:
        """The ids that this step's softmax sums over; none where it is whole."""
        return self.sampler.columns(batch.arrays[-1], int(self.optimizer.steps.numpy())) if self.sampler else ()

    def score(self, batch: Batch) -> NDArray[np.float64]:
        """Negative log-likelihood (nats) of each target, [batch, time], 0 at padding; nothing is dropped."""
        return np.asarray(self._score(*batch.arrays), dtype=np.float64)

    def logits(self, *arrays: NDArray[np.int32]) -> NDArray[np.float32]:
        """Logits [batch, target_time, vocabulary] as the network gives them when nothing is dropped."""
        return np.asarray(self._logits(*arrays))

    def _train_graph(self, rate: Any, *given: Any) -> Any:
        targets = given[len(self.network.inputs) - 1]
        with tf.GradientTape() as tape:
            wanted, nll = training_losses(self.network, given)
            real = tf.cast(tf.not_equal(targets, PAD_ID), tf.float32)
            loss = tf.reduce_sum(wanted) / self.summed(tf.reduce_sum(real))
        gradients = tape.gradient(loss, [one.value for one in self.network.trainable_variables])
        self.optimizer.apply(self.summed([tf.convert_to_tensor(one) for one in gradients]), rate)
        return self.summed(tf.reduce_sum(nll))

    def summed(self, values: Any) -> Any:
        """A tensor, or each of a list, added up over all who make this step together: here one alone."""
        return values

    def _score_graph(self, *inputs: Any) -> Any:
        return self.network.losses(*inputs)[1]


def given_to(network: WeightedLayer, settings: TrainingSettings) -> list[tf.TensorSpec]:
    """What a training step takes: the rate, the inputs, and columns if the recipe samples them."""
    inputs = [tf.TensorSpec([None] * dimensions, tf.int32) for dimensions in network.inputs]
    columns = Columns(tf.TensorSpec([None], tf.int32), tf.TensorSpec([None], tf.float32), inputs[-1])
    return [NUMBER, *inputs, *(columns if settings.sampled_softmax else ())]


class Adam:
    """Adam (Kingma & Ba 2015) after clipping by the global norm (Pascanu et al. 2013), one fused operation a weight."""

    def __init__(self, weights: Sequence[keras.Variable], clip_norm: float) -> None:
        self.weights, self.clip_norm = [weight.value for weight in weights], clip_norm
        self.steps = tf.Variable(0, dtype=tf.int64)
        self.means, self.squares = ([tf.Variable(tf.zeros_like(one)) for one in self.weights] for _ in range(2))

    @property
    def variables(self) -> list[Any]:
        """All that a step changes besides the weights."""
        return [self.steps, *self.means, *self.squares]

    def apply(self, gradients: Sequence[Any], rate: Any) -> None:
        """Move the weights once at a learning rate."""
        clipped, _ = tf.clip_by_global_norm(gradients, self.clip_norm)
        step = tf.cast(self.steps.assign_add(1), tf.float32)
        powers = tf.pow(BETAS[0], step), tf.pow(BETAS[1], step)
        for weight, mean, square, gradient in zip(self.weights, self.means, self.squares, clipped, strict=True):
            handles = weight.handle, mean.handle, square.handle
            tf.raw_ops.ResourceApplyAdam(
                **dict(zip(("var", "m", "v"), handles, strict=True)),
                **dict(zip(("beta1_power", "beta2_power"), powers, strict=True)),
                **dict(zip(("beta1", "beta2"), BETAS, strict=True)),
                lr=rate,
                epsilon=EPSILON,
                grad=gradient,
            )


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
