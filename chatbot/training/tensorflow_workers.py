"""Several processes, on one machine or many, that make each step together: `tf.distribute.MultiWorkerMirroredStrategy`.

The first worker leads: it alone has the data and the run's folder, and everything that a training of one process does
is done there. Before a step it sends every other worker the batch, of which each takes its own rows, and the columns of
a sampled softmax, the same for all; gradients are summed over all, and all make the same move. The others only follow.
`TF_CONFIG` says who they are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from chatbot.bundle.config import NETWORKS
from chatbot.data.batches import Batch
from chatbot.errors import CheckpointError
from chatbot.network.layer import WeightedLayer
from chatbot.training.sampled_softmax import Sampler, placed
from chatbot.training.settings import TrainingSettings
from chatbot.training.tensorflow_step import TensorFlowStep, given_to, scan

BEGIN, TRAIN, END = 1.0, 2.0, 3.0  # what the leader says
HEADER = 16  # numbers at the head of a message: what it is, the learning rate, then rows and widths of the arrays
FLAT = tf.TensorSpec([None], tf.float32)


class Workers:
    """The processes of one cluster, and what they say to each other."""

    def __init__(self) -> None:
        self.strategy = tf.distribute.MultiWorkerMirroredStrategy()
        self.count: int = self.strategy.num_replicas_in_sync
        self.index: int = self.strategy.cluster_resolver.task_id
        self._sum = tf.function(
            lambda values: self.strategy.run(self.summed, args=(values,)), input_signature=[FLAT], autograph=False
        )

    @staticmethod
    def summed(values: Any) -> Any:
        """The sum over all workers of a tensor, or of each of a list; inside a step only."""
        placed = tf.nest.map_structure(tf.identity, values)  # on this worker's device; an argument is on none yet
        return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, placed)

    def tell(self, *message: float) -> None:
        """Say something to all others; they `hear` it."""
        self._sum(np.array([*message, *[0.0] * (HEADER - len(message))], dtype=np.float32))

    def hear(self) -> list[float]:
        """What the leader says next."""
        heard: list[float] = self._sum(np.zeros(HEADER, dtype=np.float32)).numpy().tolist()
        return heard

    def send(self, array: NDArray[Any]) -> None:
        """Give all others an array of numbers that float32 holds exactly."""
        self._sum(np.asarray(array, dtype=np.float32).reshape(-1))

    def receive(self, size: int) -> NDArray[np.float32]:
        """Take the array of so many numbers that the leader gives."""
        return np.asarray(self._sum(np.zeros(size, dtype=np.float32)).numpy())


class SharedStep(TensorFlowStep):
    """A step that all workers make together; the leader's `train` drives it."""

    def __init__(
        self, network: WeightedLayer, settings: TrainingSettings, workers: Workers, sampler: Sampler | None = None
    ) -> None:
        self.workers, self._begun = workers, False
        self._task = {"layer": type(network).__name__, "network": asdict(network.network), "training": asdict(settings)}
        super().__init__(network, settings, sampler)  # which only the leader has
        self.sent = (*network.inputs, *((1, 1) if settings.sampled_softmax else ()))
        """Dimensions of the arrays that the leader sends: a batch, and the ids and weights of columns."""
        self._train = tf.function(
            lambda *given: workers.strategy.run(self._train_graph, args=given),
            input_signature=given_to(network, settings),
            autograph=False,
        )

    def summed(self, values: Any) -> Any:
        """Over all workers."""
        return self.workers.summed(values)

    def train(self, batch: Batch, rate: float) -> float:
        """Move the weights of all workers once; returns the loss (nats) over the whole batch."""
        if not self._begun:
            self._begin()
        arrays = [*batch.arrays, *self.columns(batch)[:2]]
        self.workers.tell(TRAIN, rate, *(size for array in arrays for size in array.shape))
        for array in arrays:
            self.workers.send(array)
        return self.move(arrays, rate)

    def move(self, arrays: Sequence[NDArray[Any]], rate: float) -> float:
        """Make the step on this worker's rows of a batch; columns may follow it."""
        batch, columns = arrays[: len(self.network.inputs)], arrays[len(self.network.inputs) :]
        own = [array[self.workers.index :: self.workers.count].astype(np.int32) for array in batch]
        chosen = placed(columns[0].astype(np.int32), columns[1], own[-1]) if columns else ()
        return float(self._train(np.float32(rate), *own, *chosen))

    def _begin(self) -> None:
        """Tell the others what is trained and where its weights stand."""
        said = np.frombuffer(json.dumps(self._task).encode(), dtype=np.uint8)
        self.workers.tell(BEGIN, len(said))
        self.workers.send(said)
        for variable in self._state():
            self.workers.send(variable.numpy())
        self._begun = True

    def take_state(self) -> None:
        """Take the leader's weights and the state of his optimiser."""
        for variable in self._state():
            values = self.workers.receive(int(np.prod(variable.shape)))
            variable.assign(values.reshape(variable.shape).astype(variable.dtype.as_numpy_dtype))

    def _state(self) -> list[Any]:
        return [*(weight.value for weight in self.network.trainable_variables), *self.optimizer.variables]


def follow(workers: Workers) -> None:
    """Make the steps that the leader says, until it says that the training is over.

    Raises `CheckpointError` where another worker is lost.
    """
    try:
        _follow(workers)
    except tf.errors.OpError:
        raise CheckpointError(
            "another worker was lost; nothing saved is lost. Start all workers again with --resume"
        ) from None


def _follow(workers: Workers) -> None:
    step: SharedStep | None = None
    while (said := workers.hear())[0] != END:
        if said[0] == BEGIN:
            step = _joined(workers, int(said[1]))
            step.take_state()
        elif step is not None:
            place, arrays = 2, []
            for count in step.sent:
                shape = [int(size) for size in said[place : place + count]]
                arrays.append(workers.receive(int(np.prod(shape))).reshape(shape))
                place += count
            step.move(arrays, said[1])


def _joined(workers: Workers, size: int) -> SharedStep:
    """The step of the network that the leader tells of."""
    from chatbot.training.tasks import TASKS

    told = json.loads(workers.receive(size).astype(np.uint8).tobytes())
    layer = next(task.layer for task in TASKS.values() if task.layer.__name__ == told["layer"])
    kind = next(name for name, task in TASKS.items() if task.layer is layer)
    settings = TrainingSettings(**told["training"])
    network = layer(
        NETWORKS[kind](**told["network"]),
        settings.dropout,
        settings.precision,
        settings.seed + workers.index,  # of what is dropped; the weights are the leader's
        scan,
        settings.label_smoothing,
        settings.variational,
        settings.word_dropout,
    )
    return SharedStep(network, settings, workers)
