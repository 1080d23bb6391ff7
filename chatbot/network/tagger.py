"""The tagger: words and their characters -> scores of the tags of each word, for training.

The formulas stand in `chatbot.bundle.schema`; the same network in NumPy is `chatbot.inference.tagger`.
"""

from __future__ import annotations

from keras import ops

from chatbot.bundle.config import TaggerSettings
from chatbot.network.crf import crf_losses
from chatbot.network.encoder import encode
from chatbot.network.layer import WeightedLayer
from chatbot.network.precision import Tensor, product
from chatbot.text.special import PAD_ID


class Tagger(WeightedLayer):
    """Word vectors and character features, bidirectional LSTM layers, and a CRF or a softmax over the tags."""

    network: TaggerSettings
    inputs = (2, 3, 2)  # dimensions of words, characters and tags

    def features(self, words: Tensor, characters: Tensor, tags: Tensor, training: bool = False) -> Tensor:
        """What the output layer reads, [sentences, words, 2 * units].

        `words` [sentences, words] and `characters` [sentences, words, characters] are padded with 0 at the end. `tags`
        are not read.
        """
        weights = self.values_by_name()
        spelled = self._spelled(characters)
        known = ops.take(weights["embedding"], self.hide(words, training), axis=0)
        joined = ops.concatenate([known, spelled], axis=-1)
        inputs = self.drop(ops.transpose(joined, (1, 0, 2)), training)  # [words, sentences, size]
        mask = ops.cast(ops.not_equal(ops.transpose(words), PAD_ID), "float32")[:, :, None]
        states, _, _ = encode(weights, self.network.encoder_layers, inputs, mask, self.precision, self.scan)
        return self.drop(ops.transpose(states, (1, 0, 2)), training)

    def losses(self, *inputs: Tensor, training: bool = False) -> tuple[Tensor, Tensor]:
        """What to minimise, and the negative log-likelihood (nats), [sentences, words]; 0 at padding.

        Tags count from 1, 0 is padding. That of a CRF belongs to a sentence and stands at its first word.
        """
        real = ops.cast(ops.not_equal(inputs[-1], PAD_ID), "float32")
        tags = ops.maximum(inputs[-1] - 1, 0)
        words, characters, _ = inputs
        features = self.features(words, characters, inputs[-1], training)
        if self.network.head == "softmax":
            wanted, nll = (one * real for one in self.next_id(features, tags, training))
            return wanted, nll
        weights = self.values_by_name()
        pairs, first, last = (weights[f"transitions.{part}"] for part in ("pairs", "first", "last"))
        sentences = crf_losses(self.logits(features), tags, real, pairs, first, last, self.scan)
        begins = ops.concatenate([real[:, :1], real[:, 1:] * 0.0], axis=1)
        losses = begins * sentences[:, None]
        return losses, ops.stop_gradient(losses)

    def _spelled(self, characters: Tensor) -> Tensor:
        """Features of each word's characters, [sentences, words, filters]."""
        weights = self.values_by_name()
        vectors = ops.take(weights["characters.embedding"], characters, axis=0)  # [..., characters, size]
        windows = ops.concatenate([vectors[:, :, :-2], vectors[:, :, 1:-1], vectors[:, :, 2:]], axis=-1)
        found = ops.tanh(product(windows, weights["characters.kernel"], self.precision) + weights["characters.bias"])
        real = ops.cast(ops.not_equal(characters[:, :, 2:], PAD_ID), "float32")[:, :, :, None]
        return ops.max(found * real - (1.0 - real), axis=2)  # -1 is below all that tanh gives
