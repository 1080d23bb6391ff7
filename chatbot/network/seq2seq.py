"""The attention seq2seq LSTM: source ids and previous target ids -> logits of the next id, for training.

The formulas stand in `chatbot.bundle.schema`, whose names and shapes are those of the weights here; the same network in
NumPy is `chatbot.inference`. Inside, arrays are time-major, so that a step of the recurrence is one contiguous slice.
"""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from chatbot.bundle.config import NetworkSettings
from chatbot.bundle.schema import weight_shapes
from chatbot.network.attention import attend
from chatbot.network.decoder import decode
from chatbot.network.encoder import encode
from chatbot.network.precision import Tensor, product
from chatbot.network.recurrence import Scan
from chatbot.text.special import BOS_ID, PAD_ID


class Seq2Seq(keras.layers.Layer):  # type: ignore[misc]
    """Encoder, attention and decoder over one dictionary of weights.

    `dropout` is the share of units dropped between layers; `precision` that of the matrix products ("float32" or
    "bfloat16"); `scan` the time loop, `keras.ops.scan` or one of the same signature.
    """

    def __init__(
        self,
        network: NetworkSettings,
        dropout: float = 0.0,
        precision: str = "float32",
        seed: int = 0,
        scan: Scan = ops.scan,
    ) -> None:
        super().__init__(name="seq2seq", dtype="float32")
        self.network, self.dropout, self.precision, self.scan = network, dropout, precision, scan
        self.noise = keras.random.SeedGenerator(seed)
        for number, (name, shape) in enumerate(weight_shapes(network).items()):
            self.add_weight(shape=shape, name=name, initializer=_initializer(name, seed + number))
        self.built = True

    @property
    def by_name(self) -> dict[str, keras.Variable]:
        """Name -> variable, as in `weight_shapes`."""
        return dict(zip(weight_shapes(self.network), self.trainable_variables, strict=True))

    def export(self) -> dict[str, np.ndarray]:
        """Name -> float32 array of every weight."""
        return {name: variable.numpy() for name, variable in self.by_name.items()}

    def call(self, source_ids: Tensor, target_ids: Tensor, training: bool = False) -> Tensor:
        """Logits [batch, target_time, vocabulary] of `target_ids` [batch, target_time] given `source_ids`.

        Both are padded with 0 at the end; `target_ids` end with eos and are shifted here.
        """
        return self.logits(self.attentional(source_ids, target_ids, training))

    def attentional(self, source_ids: Tensor, target_ids: Tensor, training: bool = False) -> Tensor:
        """What the output layer reads, [batch, target_time, embedding]."""
        weights, settings = self._values(), self.network
        real = ops.cast(ops.not_equal(source_ids, PAD_ID), "float32")  # [batch, source_time]
        mask = ops.transpose(real)[:, :, None]  # [source_time, batch, 1]
        embedded = self._drop(ops.take(weights["embedding"], ops.transpose(source_ids), axis=0), training)
        memory, hidden, cell = encode(weights, settings.encoder_layers, embedded, mask, self.precision, self.scan)
        memory = ops.transpose(memory, (1, 0, 2))  # [batch, source_time, memory]
        previous = ops.transpose(_shifted(target_ids))  # [target_time, batch]
        embedded = self._drop(ops.take(weights["embedding"], previous, axis=0), training)
        everywhere = ops.ones_like(embedded[:, :, :1])  # padding at the end changes nothing before it
        states = decode(
            weights, settings.decoder_layers, embedded, everywhere, (hidden, cell), self.precision, self.scan
        )
        states = self._drop(ops.transpose(states, (1, 0, 2)), training)  # [batch, target_time, units]
        context = attend(settings.attention, weights, states, memory, real, self.precision)
        joined = ops.concatenate([states, context], axis=-1)
        combined = product(joined, weights["combine.kernel"], self.precision) + weights["combine.bias"]
        return self._drop(ops.tanh(combined), training)

    def logits(self, attentional: Tensor) -> Tensor:
        """Logits [..., vocabulary] of attentional vectors [..., embedding]."""
        weights = self._values()
        kernel = weights["embedding"] if self.network.tied else weights["output.kernel"]
        return product(attentional, ops.transpose(kernel), self.precision) + weights["output.bias"]

    def _values(self) -> dict[str, Tensor]:
        """Name -> tensor, by a reshape that changes nothing: a gradient written by hand takes no variables."""
        return {name: ops.reshape(variable, variable.shape) for name, variable in self.by_name.items()}

    def _drop(self, values: Tensor, training: bool) -> Tensor:
        if not training or not self.dropout:
            return values
        return keras.random.dropout(values, self.dropout, seed=self.noise)


def _shifted(target_ids: Tensor) -> Tensor:
    """Previous ids: bos, then the targets without the last. Eos and what follows is never read for a real target."""
    first = ops.full_like(target_ids[:, :1], BOS_ID)
    return ops.concatenate([first, target_ids[:, :-1]], axis=1)


def _initializer(name: str, seed: int) -> keras.initializers.Initializer:
    if name in ("embedding", "output.kernel"):
        return keras.initializers.RandomNormal(stddev=0.05, seed=seed)
    if name.endswith("recurrent_kernel"):
        return keras.initializers.OrthogonalInitializer(seed=seed)
    if name.endswith(("kernel", "energy")):
        return keras.initializers.GlorotUniform(seed=seed)
    if name.startswith(("encoder.", "decoder.")):
        return _open_forget_gate
    return keras.initializers.Zeros()


def _open_forget_gate(shape: tuple[int, ...], dtype: str = "float32") -> Tensor:
    """An LSTM's bias [4 * units]: 1 for the forget gate, 0 elsewhere (Jozefowicz et al. 2015)."""
    units = shape[0] // 4
    return ops.convert_to_tensor(np.repeat([0.0, 1.0, 0.0, 0.0], units), dtype=dtype)
