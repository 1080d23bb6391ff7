"""The n-best in another order, and what moved them there."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import save_tiny_bundle

from chatbot.dialogue.likeness import repeated, similarity
from chatbot.dialogue.model import Model, answers_of
from chatbot.dialogue.reply import Alternative, Reply
from chatbot.dialogue.reranking import anti_lm, prompt_of, reverse_model
from chatbot.errors import ConfigError, UsageError
from chatbot.text.special import BOS_ID, EOS_ID, OTHER_ID, SELF_ID

WEIGHTS: dict[str, float] = {"rerank_repetition": 3, "rerank_similarity": -4, "rerank_anti_lm": 0.7}
PROMPT = ["Where is the tea?", "Soup with bread.", "Would you like some tea?"], [False, True, False]


@pytest.fixture(scope="module")
def model(tiny_bundle: Path) -> Model:
    return Model.load(str(tiny_bundle))


def answer(model: Model, **values: Any) -> Reply:
    settings = replace(model.settings, beam_size=6, **values)
    return model.answer(*PROMPT, settings, 1)


def listed(reply: Reply) -> list[Reply | Alternative]:
    return [reply, *reply.alternatives]


def test_without_weights_nothing_is_measured(model: Model) -> None:
    assert all(one.parts == {} for one in listed(answer(model)))


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_component_is_measured_on_every_hypothesis_and_decides_their_order(model: Model, name: str) -> None:
    plain, reply = answer(model), answer(model, **{name: 100.0})
    component = name.removeprefix("rerank_")
    assert {one.text for one in listed(reply)} == {one.text for one in listed(plain)}
    assert [list(one.parts) for one in listed(reply)] == [["model", component]] * len(listed(plain))
    for one in listed(reply):
        assert one.score == pytest.approx(sum(part.score * part.weight for part in one.parts.values()))
    measured = [one.parts[component].score * one.parts[component].weight for one in listed(reply)]
    assert measured == sorted(measured, reverse=True)
    assert len(set(measured)) > 1


def test_the_model_s_part_is_the_score_of_decoding(model: Model) -> None:
    scores = {one.text: one.score for one in listed(answer(model))}
    reply = answer(model, **WEIGHTS)
    assert {one.text: one.parts["model"].score for one in listed(reply)} == scores


def test_a_receipt_gives_the_same_order_again(model: Model, tiny_bundle: Path) -> None:
    for seed, temperature in ((1, 0.0), (2, 1.0)):
        values = {"rerank_reverse": 2.0, "reverse_model": str(tiny_bundle), **WEIGHTS}
        settings = replace(model.settings, beam_size=5, temperature=temperature, **values)
        reply = model.answer(*PROMPT, settings, seed)
        again = model.answer_ids(reply.context_ids, reply.settings, rank=reply.rank)
        assert replace(again, seconds=0) == replace(reply, seconds=0)


def test_the_reverse_model_scores_the_prompt_given_the_reply(model: Model, tmp_path: Path) -> None:
    fingerprint = save_tiny_bundle(tmp_path / "reverse", name="reverse", max_length=7)
    reply = answer(model, rerank_reverse=1.0, reverse_model=str(tmp_path / "reverse"))
    assert reply.reverse_fingerprint == fingerprint != reply.fingerprint
    for one in listed(reply):
        ids = model.tokenizer.encode(PROMPT[0][-1])
        (row,) = model.stepper.score([[OTHER_ID, *model.tokenizer.encode(one.text)]], [ids])
        assert one.parts["reverse"].score == pytest.approx(row.mean(), abs=1e-4)


@pytest.mark.parametrize("values", [{}, {"temperature": 1.0}, {"forbidden": "tea, no", "no_repeat_context": 2}])
def test_what_is_measured_is_what_a_conversation_says(model: Model, tiny_bundle: Path, values: dict[str, Any]) -> None:
    values = {"rerank_reverse": 2.0, "reverse_model": str(tiny_bundle), **WEIGHTS, **values}
    settings = replace(model.settings, beam_size=4, **values)
    prompts = ["Where is the tea?", "Soup.", "Good morning to you, and to your cat."]
    contexts = [model.context_ids([prompt], [False]) for prompt in prompts]
    alone = [model.answer([prompt], [False], settings, seed).text for seed, prompt in enumerate(prompts, start=5)]
    assert answers_of(model, settings)(contexts, [5, 6, 7]) == alone


def test_a_reverse_model_must_be_named_and_be_there(model: Model) -> None:
    with pytest.raises(ConfigError, match=r"^rerank_reverse needs a reverse model; .*--reverse-model NAME\)$"):
        answer(model, rerank_reverse=1.0)
    with pytest.raises(UsageError, match="nowhere"):
        answer(model, rerank_reverse=1.0, reverse_model="/nowhere")
    assert reverse_model.cache_info().maxsize == 1


def test_the_anti_language_model_is_the_network_without_a_prompt(model: Model) -> None:
    ids = tuple(model.tokenizer.encode("It is tea."))
    state, previous, found = model.stepper.start([[OTHER_ID]]), BOS_ID, []
    for wanted in [*ids, EOS_ID]:
        log_probs, state = model.stepper.step(np.array([previous]), state)
        found.append(float(log_probs[0, wanted]))
        previous = wanted
    assert anti_lm(model.stepper, [ids, ids], 2) == pytest.approx([sum(found[:2]) / 2] * 2, abs=1e-4)
    assert anti_lm(model.stepper, [ids], 99) == pytest.approx([math.fsum(found) / len(found)], abs=1e-4)


def test_the_prompt_is_the_last_turn(model: Model) -> None:
    ids = model.tokenizer.encode("Good morning.")
    assert prompt_of([OTHER_ID, 300, SELF_ID, 301, OTHER_ID, *ids], model.tokenizer) == "Good morning."
    assert prompt_of(ids, model.tokenizer) == "Good morning."


@pytest.mark.parametrize(
    ("reply", "before", "share"),
    [
        ("the old cat sat", "The old cat!", (3 / 4 + 1 / 2) / 2),
        ("old cat", "the old cat", 1.0),
        ("no, no, no", "yes", 0.0),
        ("", "yes", 0.0),
        ("...", "...", 0.0),
    ],
)
def test_what_is_repeated_is_counted_in_words_and_trigrams(reply: str, before: str, share: float) -> None:
    assert repeated(reply, before) == pytest.approx(share)


@given(st.text("abc ", max_size=10), st.text("abc ", max_size=10))
def test_similarity_is_a_share_and_symmetric(one: str, other: str) -> None:
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, other) == similarity(other, one)
    assert similarity(one, one) == (1 if one.strip() else 0)


def test_similar_texts_are_more_similar() -> None:
    assert similarity("I love you", "You love me") > similarity("I love you", "Shut the door")
    assert similarity("Abc", "abc") == 1
    assert similarity("abc", "xyz") == 0
