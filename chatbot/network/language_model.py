"""The LSTM language model: previous ids -> logits of the next id, for training.

The formulas stand in `chatbot.bundle.schema`; the same network in NumPy is `chatbot.inference.language_model`.
"""

from __future__ import annotations

from keras import ops

from chatbot.bundle.config import LanguageModelSettings
from chatbot.network.encoder import lstm
from chatbot.network.layer import WeightedLayer
from chatbot.network.precision import Tensor, product
from chatbot.network.recurrence import recur
from chatbot.text.special import PAD_ID


class LanguageModel(WeightedLayer):
    """LSTM layers, one on the other, over one dictionary of weights; dropout before, between and after them."""

    network: LanguageModelSettings
    inputs = (2, 2)  # dimensions of what `call` takes

    def features(self, previous_ids: Tensor, target_ids: Tensor, training: bool = False) -> Tensor:
        """What the output layer reads, [batch, time, size], after each of `previous_ids` [batch, time].

        Padding may stand at either end: the states stand still there. `target_ids` are not read.
        """
        weights, settings = self.values_by_name(), self.network
        ids = ops.transpose(previous_ids)  # [time, batch]
        mask = ops.cast(ops.not_equal(ids, PAD_ID), "float32")[:, :, None]
        hidden = self.hide(ids, training)
        states = self.drop(ops.take(weights["embedding"], hidden, axis=0), training, 0)  # [time, batch, embedding]
        for layer in range(settings.layers):
            states, _ = recur(states, mask, lstm(weights, f"lstm.{layer}"), None, self.precision, self.scan)
            states = self.drop(states, training, 0)  # [time, batch, units]
        states = ops.transpose(states, (1, 0, 2))
        if "projection.kernel" in weights:
            return product(states, weights["projection.kernel"], self.precision) + weights["projection.bias"]
        return states
