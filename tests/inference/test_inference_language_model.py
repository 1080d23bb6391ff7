"""The language model in NumPy: batches, prompts and steps agree, and so does Keras; the cache does what it says."""

from __future__ import annotations

import numpy as np
import pytest
from side_models import language_model

from chatbot.bundle.config import LanguageModelSettings
from chatbot.bundle.schema import count_parameters, weight_shapes
from chatbot.inference.cache import Cache, CacheSettings
from chatbot.inference.language_model import LanguageModelStepper
from chatbot.text.special import BOS_ID, EOS_ID

VARIANTS = [{"tied": True}, {"tied": True, "embedding_size": 16}, {"tied": False, "layers": 1}]
PROMPTS = [[7, 8, 9, 10], [], [12]]
TARGETS = [[9, 9], [8, 7, 6, 10, 11], []]


def stepper(cache: CacheSettings | None = None, **sizes: object) -> LanguageModelStepper:
    _, network, weights = language_model(**sizes)
    return LanguageModelStepper(weights, network, cache)


def stepped(model: LanguageModelStepper, prompt: list[int], target: list[int]) -> list[float]:
    """Log-probabilities of the target's ids and of eos, one step at a time."""
    state, previous, found = model.start([prompt]), np.array([BOS_ID]), []
    for wanted in [*target, EOS_ID]:
        log_probs, state = model.step(previous, state)
        found.append(float(log_probs[0, wanted]))
        previous = np.array([wanted])
    return found


@pytest.mark.parametrize("sizes", VARIANTS, ids=str)
def test_scoring_together_is_stepping_alone(sizes: dict[str, object]) -> None:
    model = stepper(**sizes)
    for found, prompt, target in zip(model.score(PROMPTS, TARGETS), PROMPTS, TARGETS, strict=True):
        np.testing.assert_allclose(found, stepped(model, prompt, target), atol=1e-5)


def test_a_prompt_is_read_as_if_it_had_been_said() -> None:
    model = stepper()
    whole = stepped(model, [], [7, 8, 9])
    np.testing.assert_allclose(stepped(model, [7, 8], [9]), whole[2:], atol=1e-6)


def test_rows_can_be_selected_at_any_time() -> None:
    model = stepper()
    state = model.start(PROMPTS).select(np.array([2, 0]))
    first, state = model.step(np.array([BOS_ID] * 2), state)
    second, _ = model.step(np.array([9]), state.select(np.array([1])))
    assert first[1, 9] == pytest.approx(stepped(model, PROMPTS[0], [9])[0], abs=1e-5)
    assert second[0, EOS_ID] == pytest.approx(stepped(model, PROMPTS[0], [9])[1], abs=1e-5)


def test_ids_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="prompt ids must be from 0"):
        stepper().start([[10_000]])


def test_the_lecture_has_2_407_248_parameters() -> None:
    lecture = LanguageModelSettings(vocabulary_size=10_000, embedding_size=100, units=128, layers=1, tied=False)
    assert count_parameters(lecture) == 2_407_248


@pytest.mark.train
@pytest.mark.parametrize("sizes", VARIANTS, ids=str)
def test_keras_gives_the_same_and_padding_changes_nothing(sizes: dict[str, object]) -> None:
    pytest.importorskip("tensorflow")
    from keras import ops

    from chatbot.data.padding import padded
    from chatbot.network.language_model import LanguageModel

    _, network, weights = language_model(**sizes)
    built = LanguageModel(network)
    assert {name: tuple(value.shape) for name, value in built.export().items()} == weight_shapes(network)
    for name, variable in built.by_name.items():
        variable.assign(weights[name])
    rows = [[BOS_ID, *prompt, *target] for prompt, target in zip(PROMPTS, TARGETS, strict=True)]
    scores = LanguageModelStepper(weights, network).score(PROMPTS, TARGETS)
    for left in (False, True):
        ids = padded(rows, left)
        expected = np.asarray(ops.log_softmax(built(ids, ids), axis=-1))
        for row, (target, found) in enumerate(zip(TARGETS, scores, strict=True)):
            end = ids.shape[1] if left else len(rows[row])
            wanted = [*target, EOS_ID]
            own = expected[row, np.arange(end - len(wanted), end), wanted]
            np.testing.assert_allclose(found, own, atol=1e-4)


def test_a_cache_of_weight_zero_changes_nothing() -> None:
    plain, cached = stepper(), stepper(CacheSettings(weight=0.0))
    np.testing.assert_allclose(stepped(cached, [7, 8, 7], [8, 9]), stepped(plain, [7, 8, 7], [8, 9]), atol=1e-6)


def test_a_cache_prefers_what_followed_and_stays_a_distribution() -> None:
    plain, cached = stepper(), stepper(CacheSettings(weight=0.5))
    prompt = [7, 8, 7, 8, 7, 8, 7]
    before, _ = plain.step(np.array([BOS_ID]), plain.start([prompt]))
    after, _ = cached.step(np.array([BOS_ID]), cached.start([prompt]))
    assert after[0, 8] > before[0, 8]
    assert np.exp(after[0].astype(float)).sum() == pytest.approx(1.0, abs=1e-5)


def test_the_cache_is_the_formula_and_forgets_the_oldest() -> None:
    states = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], np.float32)
    cache = Cache.of([states], [[4, 5, 4]], CacheSettings(size=2, weight=0.25, flatness=1.0))
    assert cache.ids.tolist() == [[5, 4]]
    log_probs = np.log(np.full((1, 8), 1 / 8, np.float32))
    found = np.exp(cache.mixed(log_probs, np.array([[2.0, 0.0]], np.float32)))[0]
    weight = np.exp([0.0, 2.0])  # likeness of the two moments kept
    expected = np.full(8, 0.75 / 8)
    expected[[5, 4]] += 0.25 * weight / weight.sum()
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    later = cache.after(np.array([[3.0, 3.0]], np.float32)).followed_by(np.array([6]))
    assert later.ids.tolist() == [[4, 6]]


def test_the_text_so_far_fills_the_cache_as_a_prompt_would() -> None:
    model = stepper(CacheSettings(weight=0.4))
    assert stepped(model, [7, 8, 9], [10])[0] == pytest.approx(stepped(model, [7], [8, 9, 10])[2], abs=1e-5)
