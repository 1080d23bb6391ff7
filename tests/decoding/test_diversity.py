"""Settings that steer a search away from what was said: groups, coverage, the context, rules of the vocabulary."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from alphabet import Alphabet, babbles, ids_of, knows, spelled
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chatbot.decoding.growing import LEAST_COVERAGE, coverage
from chatbot.decoding.hypothesis import Hypothesis
from chatbot.decoding.rules import USUAL, Rules
from chatbot.decoding.search import beam_search, decode, widened
from chatbot.errors import ConfigError
from chatbot.settings import DecodingSettings, from_mapping

STRATEGIES = st.sampled_from(
    [{}, {"beam_size": 3}, {"beam_size": 4, "beam_groups": 2}, {"temperature": 1.0}, {"temperature": 0.7, "min_p": 0.1}]
)
SOURCES = st.text("abcd", min_size=1, max_size=6)
few = hypothesis_settings(max_examples=40)


def settings(**values: Any) -> DecodingSettings:
    return DecodingSettings(**{"max_length": 8, "min_length": 0, "no_repeat_ngram": 0, **values})


def found(seed: int, source: str = "ab", rules: Rules = USUAL, **values: Any) -> list[Hypothesis]:
    return decode(Alphabet(babbles(seed, 4), 4), [ids_of(source)], settings(**values), [seed], rules=rules)[0]


@few
@given(st.integers(0, 1000), SOURCES, STRATEGIES, st.integers(1, 4))
def test_no_ngram_of_the_context_is_said(seed: int, source: str, values: dict[str, Any], size: int) -> None:
    said = {source[n : n + size] for n in range(len(source) - size + 1)}
    for one in found(seed, source, no_repeat_context=size, **values):
        text = spelled(one).removesuffix(".")
        assert not said & {text[n : n + size] for n in range(len(text) - size + 1)}


@few
@given(st.integers(0, 1000), STRATEGIES, st.lists(st.text("abcd", min_size=1, max_size=3), min_size=1, max_size=4))
def test_forbidden_sequences_are_never_said(seed: int, values: dict[str, Any], words: list[str]) -> None:
    rules = Rules(sequences=frozenset(tuple(ids_of(word)) for word in words))
    for one in found(seed, rules=rules, **values):
        assert not any(word in spelled(one) for word in words)


@few
@given(st.integers(0, 1000), STRATEGIES, st.text("abc", min_size=1, max_size=2))
def test_an_opening_is_forbidden_at_the_start_and_after_a_mark_only(
    seed: int, values: dict[str, Any], word: str
) -> None:
    rules = Rules(openings=frozenset({tuple(ids_of(word))}), marks=frozenset(ids_of("d")))
    for one in found(seed, rules=rules, **values):
        assert ("d" + word) not in "d" + spelled(one)


def test_an_opening_may_stand_inside_a_word() -> None:
    rules = Rules(openings=frozenset({tuple(ids_of("at"))}), marks=frozenset(ids_of("x")))
    word = Alphabet(knows({"cat": 0.9, "dog": 0.1}))
    assert spelled(decode(word, [[7]], settings(), [0], rules=rules)[0][0]) == "cat."
    opening = Alphabet(knows({"xat": 0.9, "xot": 0.1}))
    assert spelled(decode(opening, [[7]], settings(beam_size=2), [0], rules=rules)[0][0]) == "xot."


def test_marks_are_spared_by_the_repetition_penalty() -> None:
    def follows(_: str, said: str) -> dict[str, float]:
        return {"a": 0.4, "b": 0.35, ".": 0.25}

    said = []
    for marks in ("", "a"):
        rules = Rules(marks=frozenset(ids_of(marks)))
        values = settings(repetition_penalty=3.0)
        said.append(spelled(decode(Alphabet(follows), [[7]], values, [0], rules=rules)[0][0]))
    assert said == ["ab.", "aaaaaaaa"]


def test_min_p_draws_only_what_is_likely_enough() -> None:
    stepper = Alphabet(knows({"a": 0.5, "b": 0.3, "c": 0.15, "d": 0.05}))
    for least, letters in ((0.0, "abcd"), (0.2, "abc"), (0.5, "ab"), (0.61, "a"), (1.0, "a")):
        values = settings(temperature=1.0, min_p=least)
        drawn = {spelled(one[0])[0] for one in decode(stepper, [[7]] * 200, values, range(200))}
        assert drawn == set(letters)


@few
@given(st.integers(0, 1000), SOURCES, st.floats(0, 5), st.integers(2, 4))
def test_the_coverage_penalty_is_part_of_the_score(seed: int, source: str, beta: float, size: int) -> None:
    hypotheses = found(seed, source, coverage_penalty=beta, beam_size=size)
    for one in hypotheses:
        received = np.zeros(len(source))
        for moment in range(len(spelled(one))):
            received[min(moment, len(source) - 1)] += 1
        penalty = sum(math.log(max(min(share, 1), LEAST_COVERAGE)) for share in received)
        assert one.score == pytest.approx(one.log_prob / ((5 + len(spelled(one))) / 6) + beta * penalty, abs=1e-4)
    assert hypotheses == sorted(hypotheses, key=lambda one: -one.score)


def test_coverage_is_best_where_all_was_attended_to() -> None:
    rows = [np.array([0.5, 0.5, 0.0], np.float32), np.array([0.9, 0.1, 0.0], np.float32)]
    assert coverage(rows) == pytest.approx(math.log(0.6) + math.log(LEAST_COVERAGE))
    assert coverage([*rows, np.array([0.0, 0.4, 1.0], np.float32)]) == pytest.approx(0)
    assert coverage([]) == 0
    assert coverage([np.zeros(0, np.float32)]) == 0


def test_a_reply_that_covers_the_prompt_wins_by_the_coverage_penalty() -> None:
    def said(beta: float) -> list[str]:
        stepper = Alphabet(knows({"a": 0.6, "bcdef": 0.4}))
        values = settings(beam_size=2, coverage_penalty=beta, length_penalty=0.0)
        return [spelled(one) for one in decode(stepper, [ids_of("abcdef")], values, [0])[0]]

    assert said(0.0) == ["a.", "bcdef."]
    assert said(0.2) == ["bcdef.", "a."]


@few
@given(st.integers(0, 1000), SOURCES, st.integers(1, 3), st.integers(2, 3))
def test_groups_without_diversity_find_what_one_group_finds(seed: int, source: str, size: int, groups: int) -> None:
    """Each group alone is a beam search; what they find alike comes once."""
    diverse = found(seed, source, beam_size=size * groups, beam_groups=groups, diversity_penalty=0.0)
    stepper = Alphabet(babbles(seed, 4), 4)
    plain = beam_search(stepper, [ids_of(source)], settings(beam_size=size))[0]
    assert [spelled(one) for one in diverse] == [spelled(one) for one in plain]
    assert [one.score for one in diverse] == [one.score for one in plain]


def test_a_great_diversity_penalty_makes_every_group_begin_otherwise() -> None:
    for seed in range(20):
        hypotheses = found(seed, beam_size=4, beam_groups=4, diversity_penalty=100.0)
        assert len({spelled(one)[0] for one in hypotheses}) == len(hypotheses) >= 2
    words = {"hat": 0.3, "hot": 0.29, "hut": 0.28, "yes": 0.13}
    narrow = decode(Alphabet(knows(words)), [[7]], settings(beam_size=2), [0])[0]
    diverse = decode(Alphabet(knows(words)), [[7]], settings(beam_size=2, beam_groups=2, diversity_penalty=2), [0])[0]
    assert [spelled(one) for one in narrow] == ["hat.", "hot."]
    assert [spelled(one) for one in diverse] == ["hat.", "yes."]


@few
@given(st.integers(0, 1000), st.lists(SOURCES, min_size=2, max_size=4))
def test_groups_do_not_depend_on_the_batch(seed: int, sources: list[str]) -> None:
    values = settings(beam_size=4, beam_groups=2, coverage_penalty=0.3, no_repeat_context=2)
    stepper = Alphabet(babbles(seed, 4), 4)
    together = decode(stepper, [ids_of(source) for source in sources], values, [0] * len(sources))
    for source, hypotheses in zip(sources, together, strict=True):
        alone = decode(stepper, [ids_of(source)], values, [0])[0]
        assert [spelled(one) for one in hypotheses] == [spelled(one) for one in alone]


def test_groups_must_divide_the_beam() -> None:
    with pytest.raises(ConfigError, match=r"^beam_groups must divide beam_size, but 3 does not divide 5; .* to 6$"):
        found(1, beam_size=5, beam_groups=3)
    assert found(1, beam_size=5, beam_groups=3, temperature=1.0)


@given(st.integers(1, 100), st.integers(1, 100), st.integers(1, 200))
def test_a_widened_beam_can_be_cut_into_its_groups(times: int, groups: int, size: int) -> None:
    before = settings(beam_size=min(100 // groups, times) * groups, beam_groups=groups)
    after = widened(before, size)
    assert after.beam_size % groups == 0
    assert before.beam_size <= after.beam_size <= 100
    assert after.beam_size >= min(size, 100 - groups + 1)
    from_mapping(DecodingSettings, {"beam_size": after.beam_size}, "test")


def test_settings_of_before_these_were_added_load_with_defaults() -> None:
    old = {
        **{"beam_size": 4, "temperature": 0.5, "top_k": 0, "top_p": 1.0, "min_length": 1, "max_length": 20},
        **{"length_penalty": 0.8, "no_repeat_ngram": 3, "repetition_penalty": 1.2, "seed": 7},
    }
    loaded = from_mapping(DecodingSettings, old, "reply 1")
    assert (loaded.beam_size, loaded.seed) == (4, 7)
    off = (loaded.min_p, loaded.coverage_penalty, loaded.no_repeat_context, loaded.forbidden, loaded.copy_unknown)
    assert off == (0.0, 0.0, 0, "", False)
    assert loaded.beam_groups == 1
