"""What is PyTorch's own: the training step for a machine whose accelerator TensorFlow does not know.

In: padded batches. Out: losses, and a network whose weights moved. Runs where Keras runs: on a GPU if there is one.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import torch
from keras import ops
from numpy.typing import NDArray

from chatbot.data.batches import Batch
from chatbot.network.layer import WeightedLayer
from chatbot.text.special import PAD_ID
from chatbot.training.sampled_softmax import Sampler, training_losses
from chatbot.training.settings import TrainingSettings


class TorchStep:
    """A network with its optimiser: Adam (Kingma & Ba 2015), gradients clipped by their global norm."""

    def __init__(self, network: WeightedLayer, settings: TrainingSettings, sampler: Sampler | None = None) -> None:
        self.network, self.sampler = network, sampler
        self.optimizer = keras.optimizers.Adam(settings.learning_rate, global_clipnorm=settings.clip_norm)
        self.optimizer.build(network.trainable_variables)

    def train(self, batch: Batch, rate: float) -> float:
        """Move the weights once; returns the summed negative log-likelihood (nats) of the batch before the move."""
        targets, step = batch.arrays[-1], int(self.optimizer.iterations)
        columns = self.sampler.columns(targets, step) if self.sampler else ()
        wanted, nll = training_losses(self.network, _tensors(*batch.arrays, *columns))
        loss = wanted.sum() / int((targets != PAD_ID).sum())
        values = [variable.value for variable in self.network.trainable_variables]
        gradients = torch.autograd.grad(loss, values, allow_unused=True)
        given = [torch.zeros_like(one) if grad is None else grad for one, grad in zip(values, gradients, strict=True)]
        self.optimizer.learning_rate.assign(rate)
        with torch.no_grad():
            self.optimizer.apply(given)
        return float(nll.detach().sum())

    def score(self, batch: Batch) -> NDArray[np.float64]:
        """Negative log-likelihood (nats) of each target, [batch, time], 0 at padding; nothing is dropped."""
        with torch.no_grad():
            _, nll = self.network.losses(*_tensors(*batch.arrays))
        return np.asarray(ops.convert_to_numpy(nll), dtype=np.float64)

    def logits(self, *arrays: NDArray[np.int32]) -> NDArray[np.float32]:
        """Logits [batch, target_time, vocabulary] as the network gives them when nothing is dropped."""
        with torch.no_grad():
            logits = self.network.call(*_tensors(*arrays))
        return np.asarray(ops.convert_to_numpy(logits))


def faster_precision() -> str:
    """bfloat16 on a GPU that has it; on a CPU, where autograd repeats the casts, float32."""
    usable = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    return "bfloat16" if usable else "float32"


def _tensors(*arrays: NDArray[Any]) -> list[Any]:
    return [ops.convert_to_tensor(array) for array in arrays]
