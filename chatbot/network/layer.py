"""What every network has: weights by name, as `bundle.schema` says, dropout, and the loss of the next id."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from chatbot.bundle.config import Network
from chatbot.bundle.schema import weight_shapes
from chatbot.network.next_id import Columns, next_id_losses, next_id_nll, sampled_next_id_losses
from chatbot.network.noise import kept
from chatbot.network.precision import Tensor, product
from chatbot.network.recurrence import Scan
from chatbot.text.special import BOS_ID, PAD_ID, UNK_ID


class WeightedLayer(keras.layers.Layer):  # type: ignore[misc]
    """A network over one dictionary of weights; a subclass says in `features` what becomes of ids.

    `dropout` is the share of units dropped between layers, the same ones at every step of a text if `variational`;
    `word_dropout` is the share of previous ids hidden, `smoothing` that of a target's probability spread over all ids;
    `precision` that of the matrix products ("float32" or "bfloat16"); `scan` the time loop, `keras.ops.scan` or
    one of the same signature.
    """

    features: Callable[..., Tensor]
    """(*inputs, training=False) -> what the output layer reads, [batch, time, size]."""
    inputs: tuple[int, ...]
    """Dimensions of the inputs; the last input holds the targets."""

    def __init__(
        self,
        network: Network,
        dropout: float = 0.0,
        precision: str = "float32",
        seed: int = 0,
        scan: Scan = ops.scan,
        smoothing: float = 0.0,
        variational: bool = False,
        word_dropout: float = 0.0,
    ) -> None:
        super().__init__(dtype="float32")
        self.smoothing, self.variational, self.word_dropout = smoothing, variational, word_dropout
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

    def values_by_name(self) -> dict[str, Tensor]:
        """Name -> tensor, by a reshape that changes nothing: a gradient written by hand takes no variables."""
        return {name: ops.reshape(variable, variable.shape) for name, variable in self.by_name.items()}

    def call(self, *inputs: Tensor, training: bool = False) -> Tensor:
        """Logits [batch, time, vocabulary]."""
        return self.logits(self.features(*inputs, training=training))

    def logits(self, features: Tensor) -> Tensor:
        """Logits [..., vocabulary] of what the output layer reads, [..., size]."""
        kernel, bias = self._output()
        return product(features, ops.transpose(kernel), self.precision) + bias

    def losses(self, *inputs: Tensor, training: bool = False) -> tuple[Tensor, Tensor]:
        """What to minimise, and the negative log-likelihood (nats), of every id of the last input, [batch, time].

        Both are 0 at padding.
        """
        targets = inputs[-1]
        return _real(self.next_id(self.features(*inputs, training=training), targets, training), targets)

    def sampled_losses(self, columns: Columns, *inputs: Tensor) -> tuple[Tensor, Tensor]:
        """`losses` in training by a sampled softmax."""
        targets = inputs[-1]
        return _real(self.next_id(self.features(*inputs, training=True), targets, True, columns), targets)

    def next_id(
        self, features: Tensor, targets: Tensor, training: bool, columns: Columns | None = None
    ) -> tuple[Tensor, Tensor]:
        """The losses of `targets` [batch, time] given `features` [batch, time, size], padding like all others."""
        flat = ops.reshape(features, (-1, features.shape[-1])), ops.reshape(targets, (-1,))
        if columns is not None:
            found = sampled_next_id_losses(*flat, columns, *self._output(), self.precision, self.smoothing)
        elif training:
            found = next_id_losses(*flat, *self._output(), self.precision, self.smoothing)
        else:
            found = (next_id_nll(*flat, *self._output(), self.precision),) * 2
        wanted, nll = (ops.reshape(one, ops.shape(targets)) for one in found)
        return wanted, nll

    def _output(self) -> tuple[Tensor, Tensor]:
        """Kernel [vocabulary, size] and bias [vocabulary] of the output layer."""
        weights = self.values_by_name()
        return weights.get("output.kernel", weights["embedding"]), weights["output.bias"]  # tied where there is none

    def drop(self, values: Tensor, training: bool, time_axis: int = 1) -> Tensor:
        """Some units set to zero, the others scaled up, while training.

        Variational dropout draws them once for all steps along `time_axis` (Gal & Ghahramani 2016).
        """
        if not training or not self.dropout:
            return values
        shape = [1 if axis == time_axis else size for axis, size in enumerate(ops.shape(values))]
        return values * kept(shape if self.variational else ops.shape(values), self.dropout, self.noise)

    def hide(self, ids: Tensor, training: bool) -> Tensor:
        """Some ids, but bos and padding, made `<unk>` while training: word dropout (Bowman et al. 2016)."""
        if not training or not self.word_dropout:
            return ids
        drawn = keras.random.uniform(ops.shape(ids), seed=self.noise) < self.word_dropout
        hidden = ops.logical_and(drawn, ops.not_equal(ids, PAD_ID) & ops.not_equal(ids, BOS_ID))
        return ops.where(hidden, ops.full_like(ids, UNK_ID), ids)


def _real(losses: tuple[Tensor, Tensor], targets: Tensor) -> tuple[Tensor, Tensor]:
    """Both with 0 at padding."""
    real = ops.cast(ops.not_equal(targets, PAD_ID), "float32")
    wanted, nll = (one * real for one in losses)
    return wanted, nll


def _initializer(name: str, seed: int) -> keras.initializers.Initializer:
    if name.endswith("embedding") or name == "output.kernel":
        return keras.initializers.RandomNormal(stddev=0.05, seed=seed)
    if name.endswith("recurrent_kernel"):
        return keras.initializers.OrthogonalInitializer(seed=seed)
    if name.endswith(("kernel", "energy")):
        return keras.initializers.GlorotUniform(seed=seed)
    if name.endswith("gain"):
        return keras.initializers.Ones()
    if name.startswith(("encoder.", "decoder.", "lstm.")):
        return _open_forget_gate
    return keras.initializers.Zeros()


def _open_forget_gate(shape: tuple[int, ...], dtype: str = "float32") -> Tensor:
    """An LSTM's bias [4 * units]: 1 for the forget gate, 0 elsewhere (Jozefowicz et al. 2015)."""
    units = shape[0] // 4
    return ops.convert_to_tensor(np.repeat([0.0, 1.0, 0.0, 0.0], units), dtype=dtype)
