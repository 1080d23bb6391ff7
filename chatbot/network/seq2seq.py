"""The attention seq2seq LSTM: source ids and previous target ids -> logits of the next id, for training.

The formulas stand in `chatbot.bundle.schema`, whose names and shapes are those of the weights here; the same network in
NumPy is `chatbot.inference`. Inside, arrays are time-major, so that a step of the recurrence is one contiguous slice.
"""

from __future__ import annotations

from keras import ops

from chatbot.bundle.config import NetworkSettings
from chatbot.network.attention import attend
from chatbot.network.decoder import decode
from chatbot.network.encoder import encode
from chatbot.network.feeding import feed, read_once
from chatbot.network.layer import WeightedLayer
from chatbot.network.normalisation import normalised
from chatbot.network.precision import Tensor, product
from chatbot.text.special import BOS_ID, PAD_ID


class Seq2Seq(WeightedLayer):
    """Encoder, attention and decoder over one dictionary of weights."""

    network: NetworkSettings
    inputs = (2, 2)  # dimensions of what `call` takes

    def features(self, source_ids: Tensor, target_ids: Tensor, training: bool = False) -> Tensor:
        """Attentional vectors [batch, target_time, embedding] for `target_ids` [batch, target_time].

        Both are padded with 0 at the end; `target_ids` end with eos and are shifted here.
        """
        weights, settings = self.values_by_name(), self.network
        real = ops.cast(ops.not_equal(source_ids, PAD_ID), "float32")  # [batch, source_time]
        mask = ops.transpose(real)[:, :, None]  # [source_time, batch, 1]
        embedded = self.drop(ops.take(weights["embedding"], ops.transpose(source_ids), axis=0), training, 0)
        memory, hidden, cell = encode(weights, settings.encoder_layers, embedded, mask, self.precision, self.scan)
        memory = ops.transpose(memory, (1, 0, 2))  # [batch, source_time, memory]
        previous = ops.transpose(self.hide(_shifted(target_ids), training))  # [target_time, batch]
        embedded = self.drop(ops.take(weights["embedding"], previous, axis=0), training, 0)
        if settings.input_feeding:
            source = read_once(weights, settings.attention, memory, real, self.precision)
            noise = self._noise(previous, training)
            vectors = feed(weights, settings, embedded, (hidden, cell), source, noise, self.precision, self.scan)
            return ops.transpose(vectors, (1, 0, 2))
        states = decode(weights, settings.decoder_layers, embedded, (hidden, cell), self.precision, self.scan)
        states = self.drop(ops.transpose(states, (1, 0, 2)), training, 1)  # [batch, target_time, units]
        context = attend(settings.attention, weights, states, memory, real, self.precision)
        joined = ops.concatenate([states, context], axis=-1)
        combined = product(joined, weights["combine.kernel"], self.precision)
        if settings.layer_norm:
            combined = normalised(combined, weights["combine.gain"])
        return self.drop(ops.tanh(combined + weights["combine.bias"]), training, 1)

    def _noise(self, previous: Tensor, training: bool) -> tuple[Tensor, ...]:
        """Dropout's factors for states and attentional vectors, [target_time, batch, size], drawn for all steps."""
        if not training or not self.dropout:
            return ()
        sizes = self.network.decoder_units, self.network.embedding_size
        return tuple(self.drop(ops.ones((*ops.shape(previous), size)), training, 0) for size in sizes)


def _shifted(target_ids: Tensor) -> Tensor:
    """Previous ids: bos, then the targets without the last. Eos and what follows is never read for a real target."""
    first = ops.full_like(target_ids[:, :1], BOS_ID)
    return ops.concatenate([first, target_ids[:, :-1]], axis=1)
