"""The decoder of the same network as a Keras step function, compiled once, as Keras' own seq2seq examples decode."""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from chatbot.bundle.config import NetworkSettings
from chatbot.bundle.schema import NORM_EPSILON
from chatbot.inference.seq2seq import Seq2SeqStepper
from chatbot.text.special import BOS_ID


class KerasStep:
    """One decoding step with general attention and one layer; the source is encoded in NumPy and not timed apart."""

    def __init__(self, weights: dict[str, np.ndarray], network: NetworkSettings) -> None:
        self.cell = keras.layers.LSTMCell(network.decoder_units)
        self.cell.build((None, network.embedding_size))
        self.cell.set_weights([weights[f"decoder.0.{part}"] for part in ("kernel", "recurrent_kernel", "bias")])
        self.weights = {name: tf.constant(array) for name, array in weights.items()}
        self.output = tf.constant(weights.get("output.kernel", weights["embedding"]))
        self.compiled = tf.function(self._step, reduce_retracing=True)

    def _step(self, previous: tf.Tensor, hidden: tf.Tensor, cell: tf.Tensor, memory: tf.Tensor) -> tuple:
        w = self.weights
        hidden, (_, cell) = self.cell(ops.take(w["embedding"], previous, axis=0), [hidden, cell])
        queries = hidden @ w["attention.kernel"]  # [rows, memory]
        attention = ops.softmax(ops.einsum("btm,bm->bt", memory, queries))
        context = ops.einsum("bt,btm->bm", attention, memory)
        combined = ops.concatenate([hidden, context], 1) @ w["combine.kernel"]
        if "combine.gain" in w:
            mean, variance = ops.moments(combined, -1, keepdims=True)
            combined = (combined - mean) * ops.rsqrt(variance + NORM_EPSILON) * w["combine.gain"]
        combined = ops.tanh(combined + w["combine.bias"])
        return ops.log_softmax(tf.matmul(combined, self.output, transpose_b=True) + w["output.bias"]), hidden, cell

    def greedy(self, stepper: Seq2SeqStepper, source: list[int], tokens: int, banned: list[int]) -> list[int]:
        """A reply of exactly `tokens` tokens to one source, and the step that ends it."""
        start = stepper.start([source])
        hidden, cell = tf.constant(start.hidden[0]), tf.constant(start.cell[0])
        memory, previous, said = tf.constant(start.memory.values), BOS_ID, []
        for _ in range(tokens + 1):
            log_probs, hidden, cell = self.compiled(tf.constant([previous]), hidden, cell, memory)
            scores = log_probs.numpy()[0]
            scores[banned] = -np.inf
            previous = int(scores.argmax())
            said.append(previous)
        return said[:tokens]
