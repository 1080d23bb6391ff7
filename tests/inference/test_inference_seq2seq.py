from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_bundle import toy_network, toy_weights

from chatbot.inference.seq2seq import Seq2SeqStepper, log_softmax
from chatbot.text.special import BOS_ID

ARCHITECTURES: dict[str, dict[str, Any]] = {
    "general": {},
    "dot": {"attention": "dot", "decoder_units": 48},
    "additive": {"attention": "additive"},
    "deep": {"encoder_layers": 2, "decoder_layers": 3, "tied": False},
    "fed": {"input_feeding": True, "layer_norm": True, "decoder_layers": 2},
}
STEPPERS: dict[str, Seq2SeqStepper] = {}
IDS = st.lists(st.integers(4, 85), max_size=12)


def stepper(name: str = "general") -> Seq2SeqStepper:
    if name not in STEPPERS:
        network = toy_network(**ARCHITECTURES[name])
        STEPPERS[name] = Seq2SeqStepper(toy_weights(network), network)
    return STEPPERS[name]


def teacher_forced(model: Seq2SeqStepper, sources: list[list[int]], targets: list[list[int]]) -> np.ndarray:
    """Log-probabilities [rows, time, vocabulary], step by step; targets are padded with 9."""
    state, previous, found = model.start(sources), np.full(len(sources), BOS_ID), []
    for moment in range(max(map(len, targets)) + 1):
        log_probs, state = model.step(previous, state)
        found.append(log_probs)
        previous = np.array([target[moment] if moment < len(target) else 9 for target in targets])
    return np.stack(found, axis=1)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_row_does_not_depend_on_its_batch(name: str) -> None:
    random = np.random.default_rng(3)
    sources = [random.integers(4, 86, n).tolist() for n in (7, 1, 30, 12, 2, 19, 7, 5, 3, 80, 6, 11, 4, 25, 9, 14)]
    targets = [random.integers(6, 86, 10).tolist() for _ in sources]
    together = teacher_forced(stepper(name), sources, targets)
    for row, (source, target) in enumerate(zip(sources, targets, strict=True)):
        alone = teacher_forced(stepper(name), [source], [target])[0]
        assert np.abs(together[row] - alone).max() < 1e-5
        assert np.array_equal(together[row].argmax(axis=1), alone.argmax(axis=1))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_next_ids_are_a_distribution(name: str) -> None:
    log_probs = teacher_forced(stepper(name), [[4, 7, 9], [5]], [[8, 8], [9]])
    assert log_probs.dtype == np.float32
    assert np.exp(log_probs).sum(axis=2) == pytest.approx(np.ones((2, 3)), abs=1e-5)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_whole_source_is_read_and_in_order(name: str) -> None:
    model = stepper(name)
    plain = teacher_forced(model, [[4, 7, 8, 9]], [[10]])
    for other in ([4, 7, 8], [7, 8, 9], [4, 8, 7, 9], [5, 7, 8, 9], [4, 7, 8, 10]):
        assert np.abs(teacher_forced(model, [other], [[10]]) - plain).max() > 1e-3


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_weight_matters(name: str) -> None:
    model = stepper(name)
    plain, weights = teacher_forced(model, [[4, 7, 8]], [[10]]), toy_weights(model.network)
    for weight, array in weights.items():
        changed = {**weights, weight: array + np.float32(0.05) * np.sign(array)}
        other = Seq2SeqStepper(changed, model.network)
        assert np.abs(teacher_forced(other, [[4, 7, 8]], [[10]]) - plain).max() > 1e-5, weight


def test_attention_lies_on_the_source_alone() -> None:
    model = stepper()
    assert model.start([[7]]).attention is None
    _, state = model.step(np.array([BOS_ID, BOS_ID]), model.start([[7, 8, 9], [7]]))
    assert state.attention is not None
    assert state.attention.sum(axis=1) == pytest.approx([1, 1], abs=1e-6)
    assert state.attention[1].tolist() == [1, 0, 0]


@pytest.mark.parametrize("name", ["general", "fed"])
@given(st.lists(IDS, min_size=1, max_size=4), st.data())
def test_selected_rows_go_on_as_they_were(name: str, sources: list[list[int]], data: st.DataObject) -> None:
    model = stepper(name)
    rows = data.draw(st.lists(st.integers(0, len(sources) - 1), min_size=1, max_size=6))
    _, state = model.step(np.full(len(sources), BOS_ID), model.start(sources))
    expected, after = model.step(np.arange(10, 10 + len(sources)), state)
    found, selected = model.step(np.array([10 + row for row in rows]), state.select(np.array(rows)))
    assert np.abs(found - expected[rows]).max() < 1e-5
    assert after.attention is not None
    assert selected.attention is not None
    width = selected.attention.shape[1]
    assert np.abs(selected.attention - after.attention[rows][:, :width]).max() < 1e-5


def test_the_memory_is_shared_by_the_hypotheses_of_a_source() -> None:
    state = stepper().start([[7, 8], [9]])
    beams = state.select(np.array([0, 0, 0, 1, 1]))
    assert beams.memory is state.memory
    assert beams.select(np.array([2, 1, 0, 4, 4])).memory is state.memory
    assert len(beams.select(np.array([4, 3])).memory.values) == 1


def test_an_empty_source_is_answered_without_a_number_going_wrong() -> None:
    log_probs = teacher_forced(stepper(), [[], [7]], [[8], [8]])
    assert np.isfinite(log_probs).all()
    assert np.abs(log_probs[0] - teacher_forced(stepper(), [[]], [[8]])[0]).max() < 1e-5


@pytest.mark.parametrize("source", [[86], [-1], [7, 10**9]])
def test_ids_out_of_range_are_refused(source: list[int]) -> None:
    with pytest.raises(ValueError, match="source ids must be from 0 to 85"):
        stepper().start([[7], source])


def test_the_largest_weights_that_are_loaded_overflow_nothing() -> None:
    network = toy_network()
    weights = {name: np.sign(array) * np.float32(10_000) for name, array in toy_weights(network).items()}
    assert not np.isnan(teacher_forced(Seq2SeqStepper(weights, network), [[7] * 50], [[8, 9]])).any()


def test_log_softmax_of_anything_finite_is_finite_at_the_best() -> None:
    found = log_softmax(np.array([[1e30, -1e30, 0], [0, 0, 0]], np.float32))
    assert found[0, 0] == 0
    assert found[1] == pytest.approx(np.log(np.ones(3) / 3), abs=1e-6)
