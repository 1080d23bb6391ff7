from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_bundle import toy_network, toy_weights

from chatbot.inference import scoring
from chatbot.inference.scoring import batches
from chatbot.inference.seq2seq import Seq2SeqStepper
from chatbot.text.special import BOS_ID, EOS_ID

NETWORK = toy_network(attention="additive", decoder_layers=2)
STEPPER = Seq2SeqStepper(toy_weights(NETWORK), NETWORK)
FED = toy_network(input_feeding=True, decoder_layers=2)
STEPPERS = {"additive": STEPPER, "fed": Seq2SeqStepper(toy_weights(FED), FED)}


def step_by_step(stepper: Seq2SeqStepper, source: list[int], target: list[int]) -> list[float]:
    state, previous, found = stepper.start([source]), BOS_ID, []
    for wanted in [*target, EOS_ID]:
        log_probs, state = stepper.step(np.array([previous]), state)
        found.append(float(log_probs[0, wanted]))
        previous = wanted
    return found


@pytest.mark.parametrize(("tokens", "logits"), [(4096, 1_000_000), (40, 200), (1, 1)])
@pytest.mark.parametrize("name", STEPPERS)
def test_scores_are_those_of_single_steps_whatever_the_batches(
    name: str, tokens: int, logits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "MOST_TOKENS", tokens)
    monkeypatch.setattr(scoring, "MOST_LOGITS", logits)
    random = np.random.default_rng(4)
    sources = [random.integers(4, 86, n).tolist() for n in random.integers(1, 30, 25)]
    targets = [random.integers(1, 86, n).tolist() for n in random.integers(0, 15, 25)]
    scores = STEPPERS[name].score(sources, targets)
    for source, target, found in zip(sources, targets, scores, strict=True):
        assert found.dtype == np.float32
        assert found == pytest.approx(step_by_step(STEPPERS[name], source, target), abs=2e-5)


def test_nothing_scores_nothing() -> None:
    assert STEPPER.score([], []) == []
    assert STEPPER.score([[]], [[]])[0].shape == (1,)


def test_every_source_needs_a_target() -> None:
    with pytest.raises(ValueError, match="shorter"):
        STEPPER.score([[7], [8]], [[9]])


@given(st.lists(st.tuples(st.integers(1, 9000), st.integers(1, 60)), max_size=40))
def test_batches_hold_every_row_once_and_are_bounded(lengths: list[tuple[int, int]]) -> None:
    table = np.array(lengths, np.int64).reshape(-1, 2)
    found = list(batches(table))
    assert sorted(row for rows in found for row in rows.tolist()) == list(range(len(lengths)))
    for rows in found:
        assert len(rows) == 1 or len(rows) * table[rows].max() <= scoring.MOST_TOKENS
        assert (np.diff(table[rows, 1]) <= 0).all()
