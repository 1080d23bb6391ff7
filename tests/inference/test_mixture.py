"""Network and n-grams together: the mixture step by step, of whole replies, and as the model of a bundle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toy_bundle import WORDS, save_toy, toy_config, toy_network, toy_weights

from chatbot.bundle.ngram import facts_of
from chatbot.bundle.saving import save_bundle
from chatbot.decoding.search import decode
from chatbot.dialogue.model import Model
from chatbot.inference.mixture import MixedStepper
from chatbot.inference.requantise import requantise
from chatbot.inference.seq2seq import Seq2SeqStepper
from chatbot.ngram.kneser_ney import NgramModel, joined
from chatbot.ngram.pruning import pruned
from chatbot.ngram.table import NgramTable
from chatbot.repl.explain import steps
from chatbot.settings import DecodingSettings
from chatbot.text.special import BOS_ID
from chatbot.text.word_tokenizer import WordTokenizer

NETWORK = toy_network()
STEPPER = Seq2SeqStepper(toy_weights(NETWORK), NETWORK)
SAID = [[9, 10, 11, 12], [9, 10, 11, 13], [20, 21], [20, 22]] * 5
SOURCES, TARGETS = [[4, 9, 10], [5, 20], [7]], [[9, 10, 11], [], [30, 9, 10, 11, 12]]


def table() -> NgramTable:
    return pruned(NgramModel.train(joined(SAID), 3, NETWORK.vocabulary_size), 1000)


def stepwise(stepper, source: list[int], target: list[int]) -> list[float]:
    state, previous, found = stepper.start([source]), BOS_ID, []
    for wanted in [*target, 3]:
        log_probs, state = stepper.step(np.array([previous]), state)
        found.append(float(log_probs[0, wanted]))
        previous = wanted
    return found


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_whole_replies_are_scored_as_step_by_step_and_by_the_formula(share: float):
    known = table()
    stepper = MixedStepper(STEPPER, known, share)
    alone = STEPPER.score(SOURCES, TARGETS)
    for source, target, found, own in zip(SOURCES, TARGETS, stepper.score(SOURCES, TARGETS), alone, strict=True):
        assert found.dtype == np.float32
        assert found.tolist() == pytest.approx(stepwise(stepper, source, target), abs=1e-4)
        formula = (1 - share) * np.exp(own) + share * np.exp(known.log_probs(joined([target]))[1:])
        assert np.exp(found) == pytest.approx(formula, rel=1e-4)


def test_a_step_gives_probabilities_and_rows_may_be_chosen():
    stepper = MixedStepper(STEPPER, table(), 0.4)
    state = stepper.start(SOURCES)
    log_probs, state = stepper.step(np.full(3, BOS_ID), state)
    assert np.exp(log_probs).sum(axis=1) == pytest.approx(np.ones(3), abs=1e-4)
    both, _ = stepper.step(np.array([20, 9, 9]), state)
    one, after = stepper.step(np.array([9]), state.select(np.array([2])))
    assert one[0] == pytest.approx(both[2], abs=1e-4)
    assert after.attention is not None
    assert after.attention.shape[0] == 1


def test_what_was_counted_becomes_likelier():
    alone, together = STEPPER, MixedStepper(STEPPER, table(), 0.5)
    assert together.score([[4]], [[9, 10, 11]])[0][1] > alone.score([[4]], [[9, 10, 11]])[0][1] + 1


def test_decoding_knows_no_difference():
    settings = DecodingSettings(beam_size=3, max_length=6)
    for answers in decode(MixedStepper(STEPPER, table(), 0.95), SOURCES, settings, [0] * len(SOURCES)):
        assert set(answers[0].ids) <= {id_ for said in SAID for id_ in said}


def save_with_ngrams(path: Path, share: float = 0.95) -> str:
    known = table()
    config = toy_config(ngram=facts_of(known, share))
    return save_bundle(path, config, toy_weights(NETWORK), WordTokenizer(WORDS, False), "", known)


def test_a_bundle_speaks_with_its_ngrams_and_its_copy_too(tmp_path: Path):
    save_with_ngrams(tmp_path / "one")
    save_toy(tmp_path / "other")
    model, plain = (Model.load(str(tmp_path / name)) for name in ("one", "other"))
    found = model.stepper.score(SOURCES, TARGETS)
    assert isinstance(model.stepper, MixedStepper)
    assert not isinstance(plain.stepper, MixedStepper)
    expected = MixedStepper(STEPPER, table(), 0.95).score(SOURCES, TARGETS)
    assert np.concatenate(found) == pytest.approx(np.concatenate(expected), abs=1e-5)
    requantise(tmp_path / "one", tmp_path / "small", "int8")
    small = Model.load(str(tmp_path / "small"))
    assert isinstance(small.stepper, MixedStepper)
    assert small.config.ngram == replace(model.config, name="small").ngram
    assert np.concatenate(small.stepper.score(SOURCES, TARGETS)) == pytest.approx(np.concatenate(found), abs=0.2)


def test_what_ngrams_gave_to_a_reply_is_told(tmp_path: Path):
    save_with_ngrams(tmp_path / "one", 0.6)
    model = Model.load(str(tmp_path / "one"))
    reply = model.answer_ids([4, 9, 10], replace(model.settings, seed=0, max_length=5))
    for step in steps(model, reply):
        assert step.from_ngrams is not None
        assert 0 < step.from_ngrams < 1
    save_toy(tmp_path / "other")
    plain = Model.load(str(tmp_path / "other"))
    reply = plain.answer_ids([4, 9, 10], replace(plain.settings, seed=0, max_length=5))
    assert {step.from_ngrams for step in steps(plain, reply)} == {None}
