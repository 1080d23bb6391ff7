"""The average of the weights: its formula, its visits to the network, and its place in a training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatbot.training.averaging import EVERY, Average


class Variable:
    """A weight that may hand out its own memory, as PyTorch's do."""

    def __init__(self, *numbers: float) -> None:
        self.array = np.array(numbers, np.float32)

    def assign(self, array: np.ndarray) -> None:
        self.array[:] = array


class Network:
    def __init__(self) -> None:
        self.by_name = {"a": Variable(1.0, 2.0), "b": Variable(3.0)}

    def export(self) -> dict[str, np.ndarray]:
        return {name: variable.array for name, variable in self.by_name.items()}

    def move(self, step: int) -> None:
        for variable in self.by_name.values():
            variable.array += np.float32(step % 7 - 3)


def moved(steps: int, decay: float) -> tuple[Any, Average]:
    network: Any = Network()
    average = Average(network, decay)
    for step in range(1, steps + 1):
        network.move(step)
        average.update(step)
    return network, average


def test_it_is_an_exponential_mean_of_what_it_sees() -> None:
    _, average = moved(10 * EVERY, 0.99)
    network, expected, step = Network(), np.array([1.0, 2.0]), 0
    for now in range(1, 10 * EVERY + 1):
        network.move(now)
        if now % EVERY == 0:
            kept = min(0.99, (1 + now) / (10 + now)) ** (now - step)
            expected, step = kept * expected + (1 - kept) * network.by_name["a"].array, now
    np.testing.assert_allclose(average.values["a"], expected, rtol=1e-5)


def test_what_the_weights_began_as_is_soon_forgotten() -> None:
    network: Any = Network()
    average = Average(network, 0.9999)
    for step in range(1, 3 * EVERY + 1):
        network.by_name["b"].assign(np.array([100.0]))
        average.update(step)
    assert average.values["b"] == pytest.approx(100.0, rel=0.01)


def test_it_visits_the_network_and_leaves_it_as_it_was() -> None:
    network, average = moved(EVERY + 3, 0.9)
    before = {name: array.copy() for name, array in network.export().items()}
    visiting = average.in_place(EVERY + 3)
    visiting.__enter__()
    assert average.step == EVERY + 3  # the last steps are taken in first
    for name, array in average.values.items():
        np.testing.assert_array_equal(network.export()[name], array)
        assert not np.array_equal(array, before[name])
    error = RuntimeError("of the visit")
    assert not visiting.__exit__(RuntimeError, error, None)
    for name, array in before.items():
        np.testing.assert_array_equal(network.export()[name], array)


def test_without_a_decay_there_is_none() -> None:
    network, average = moved(EVERY, 0.0)
    with average.in_place(EVERY):
        assert network.by_name["b"].array == moved(EVERY, 0.0)[0].by_name["b"].array
    assert average.arrays() == {}


def test_a_checkpoint_holds_all_of_it() -> None:
    network, average = moved(2 * EVERY + 5, 0.9)
    restored = Average(network, 0.9)
    restored.restore({name: array.copy() for name, array in average.arrays().items()})
    for one in (average, restored):
        one.update(2 * EVERY + 6, least=1)
    assert restored.step == average.step
    np.testing.assert_array_equal(restored.values["a"], average.values["a"])


@pytest.mark.slow
@pytest.mark.train
def test_a_training_keeps_the_average_and_resumes_to_the_bit(tmp_path: Path, sample_dataset: Path) -> None:
    pytest.importorskip("tensorflow")
    from test_train import RECIPE, run_training

    from chatbot.bundle.loading import load_bundle
    from chatbot.training.checkpoints import Checkpoints
    from chatbot.training.settings import changed

    recipe = changed(RECIPE, average=0.9, subword_dropout=0.1)
    found = {}
    for name, stops in (("straight", [None]), ("broken", [18, None])):
        outcome, _ = run_training(tmp_path / name, sample_dataset, stops, epochs=1, recipe=recipe)
        assert outcome.finished
        found[name] = Checkpoints(tmp_path / name).load_newest()[1]
    assert found["straight"].keys() == found["broken"].keys()
    for name, array in found["straight"].items():
        np.testing.assert_array_equal(found["broken"][name], array, err_msg=name)
    bundle = load_bundle(tmp_path / "straight" / "bundle")
    for name, array in bundle.weights.items():
        np.testing.assert_array_equal(array, found["straight"][f"average/{name}"])
    assert not np.array_equal(bundle.weights["embedding"], found["straight"]["weights/embedding"])
