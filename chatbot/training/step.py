"""One move of the weights, on whatever Keras backend is chosen (`KERAS_BACKEND`): TensorFlow's or PyTorch's step.

In: a network's class and its settings. Out: a `Step`, all that the loop knows of the backend.
"""

from __future__ import annotations

from typing import Any, Protocol

import keras
import numpy as np
from numpy.typing import NDArray

from chatbot.bundle.config import Network
from chatbot.data.batches import Batch
from chatbot.errors import ConfigError
from chatbot.network.layer import WeightedLayer
from chatbot.training.sampled_softmax import softmax_sampler
from chatbot.training.settings import TrainingSettings


class Step(Protocol):
    """A network with its optimiser. `optimizer.variables` is all that a step changes besides the weights."""

    network: WeightedLayer
    optimizer: Any

    def train(self, batch: Batch, rate: float) -> float:
        """Move the weights once; returns the summed negative log-likelihood (nats) of the batch before the move."""
        ...

    def score(self, batch: Batch) -> NDArray[np.float64]:
        """Negative log-likelihood (nats) of each target, [batch, time], 0 at padding; nothing is dropped."""
        ...

    def logits(self, *arrays: NDArray[np.int32]) -> NDArray[np.float32]:
        """Logits [batch, target_time, vocabulary] as the network gives them when nothing is dropped."""
        ...


def make_step(
    layer: type[WeightedLayer],
    network: Network,
    settings: TrainingSettings,
    workers: Any = None,
    shares: NDArray[np.float32] | None = None,
) -> Step:
    """The network of a recipe, ready to be trained, by several `Workers` where they are given.

    `shares` [vocabulary] of the ids in the training split, or their logs, say to a sampled softmax which are frequent.
    Raises `ConfigError` for a backend that cannot train.
    """
    chosen: dict[str, Any] = {"dropout": settings.dropout, "precision": settings.precision, "seed": settings.seed}
    chosen |= {"smoothing": settings.label_smoothing, "variational": settings.variational}
    chosen["word_dropout"] = settings.word_dropout
    backend, sampler = keras.config.backend(), softmax_sampler(settings, shares)
    if backend == "tensorflow":
        from chatbot.training.tensorflow_step import TensorFlowStep, scan

        if workers is not None:
            from chatbot.training.tensorflow_workers import SharedStep

            return SharedStep(layer(network, scan=scan, **chosen), settings, workers, sampler)
        return TensorFlowStep(layer(network, scan=scan, **chosen), settings, sampler)
    if backend == "torch":
        from chatbot.training.torch_step import TorchStep

        return TorchStep(layer(network, **chosen), settings, sampler)
    raise ConfigError(f"KERAS_BACKEND: {backend} cannot train here; expected tensorflow or torch")


def faster_precision() -> str:
    """ "bfloat16" where this machine multiplies it clearly faster than float32, else "float32"."""
    if keras.config.backend() == "torch":
        from chatbot.training import torch_step

        return torch_step.faster_precision()
    from chatbot.training import tensorflow_step

    return tensorflow_step.faster_precision()
