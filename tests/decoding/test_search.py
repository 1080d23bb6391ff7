from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from alphabet import Alphabet, babbles, ids_of, knows, spelled
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chatbot.decoding import search
from chatbot.decoding.hypothesis import Hypothesis
from chatbot.decoding.rules import Rules
from chatbot.decoding.search import decode
from chatbot.settings import DecodingSettings

WORDS = st.text("abcd", min_size=0, max_size=5)
STRATEGIES = st.sampled_from(
    [{}, {"beam_size": 2}, {"beam_size": 4}, {"temperature": 1.0}, {"temperature": 0.7, "beam_size": 3}]
)


def settings(**values: Any) -> DecodingSettings:
    return DecodingSettings(**{"max_length": 8, "min_length": 0, "no_repeat_ngram": 0, **values})


def search_all(seed: int, sources: list[str], seeds: list[int] | None = None, **values: Any) -> list[list[Hypothesis]]:
    stepper = Alphabet(babbles(seed, 4), letters=4)
    numbers = seeds or list(range(len(sources)))
    return decode(stepper, [ids_of(source) for source in sources], settings(**values), numbers)


def best(words: dict[str, float], **values: Any) -> list[str]:
    return [spelled(one) for one in decode(Alphabet(knows(words)), [ids_of("hi")], settings(**values), [1])[0]]


def test_greedy_search_takes_the_likeliest_letter() -> None:
    assert best({"hat": 0.2, "hot": 0.19, "hit": 0.18, "yes": 0.43}) == ["hat."]


def test_beam_search_finds_the_likeliest_word() -> None:
    assert best({"hat": 0.2, "hot": 0.19, "hit": 0.18, "yes": 0.43}, beam_size=4) == ["yes.", "hat.", "hot.", "hit."]


def test_a_longer_word_wins_by_the_length_penalty() -> None:
    words = {"no": 0.5, "certainly": 0.45}
    assert best(words, beam_size=2, length_penalty=0.0, max_length=20) == ["no.", "certainly."]
    assert best(words, beam_size=2, length_penalty=1.0, max_length=20) == ["certainly.", "no."]


def test_sampling_says_each_word_as_often_as_it_is_likely() -> None:
    stepper = Alphabet(knows({"yes": 0.6, "no": 0.3, "perhaps": 0.1}))
    said = [spelled(one[0]) for one in decode(stepper, [ids_of("hi")] * 2000, settings(temperature=1.0), range(2000))]
    assert {word: said.count(word) / 2000 for word in ("yes.", "no.", "perhaps.")} == pytest.approx(
        {"yes.": 0.6, "no.": 0.3, "perhaps.": 0.1}, abs=0.03
    )


def test_the_reply_is_cut_where_it_is_too_long() -> None:
    for values in ({}, {"beam_size": 2}, {"temperature": 1.0}):
        assert best({"sequentially": 1.0}, max_length=8, **values) == ["sequenti"]
        assert best({"sequentially": 1.0}, max_length=12, **values) == ["sequentially."]


@given(st.integers(0, 1000), WORDS, STRATEGIES)
def test_a_hypothesis_adds_up(seed: int, source: str, values: dict[str, Any]) -> None:
    for one in search_all(seed, [source], length_penalty=0.8, **values)[0]:
        said, follows = spelled(one), babbles(seed, 4)
        expected = [math.log(follows(source, said[:n])[letter]) for n, letter in enumerate(said)]
        assert one.token_log_probs == pytest.approx(expected, abs=1e-5)
        assert one.log_prob == pytest.approx(sum(expected), abs=1e-4)
        assert one.score == pytest.approx(sum(expected) / ((5 + len(said)) / 6) ** 0.8, abs=1e-4)
        assert one.attention is not None
        assert one.attention.shape == (len(said), len(source))
        assert [row.tolist().index(1) for row in one.attention if source] == [
            min(n, len(source) - 1) for n in range(len(said)) if source
        ]


@given(st.integers(0, 1000), WORDS, st.floats(0, 2), st.integers(0, 3), st.integers(0, 3))
def test_a_beam_of_one_is_greedy_search(seed: int, source: str, penalty: float, least: int, ngram: int) -> None:
    values = {"length_penalty": penalty, "min_length": least, "no_repeat_ngram": ngram, "repetition_penalty": 1.3}
    greedy = search_all(seed, [source], **values)[0]
    stepper = Alphabet(babbles(seed, 4), letters=4)
    beam = search.beam_search(stepper, [ids_of(source)], settings(beam_size=1, **values))[0]
    assert [spelled(one) for one in beam] == [spelled(one) for one in greedy]
    assert beam[0].score == pytest.approx(greedy[0].score)
    assert beam[0].token_log_probs == greedy[0].token_log_probs


@given(st.integers(0, 1000), st.floats(0, 2), st.integers(0, 2), st.floats(-1, 3))
def test_a_wide_beam_finds_what_brute_force_finds(seed: int, penalty: float, least: int, reward: float) -> None:
    follows = babbles(seed, 3)

    def score(text: str) -> float:
        total = sum(math.log(follows("ab", text[:n])[letter]) for n, letter in enumerate(text))
        return (total + reward * (len(text) - 1)) / ((5 + len(text)) / 6) ** penalty

    texts = ["".join(letters) + "." for n in range(least, 4) for letters in itertools.product("abc", repeat=n)]
    expected = sorted(texts, key=score, reverse=True)
    values = settings(beam_size=1000, max_length=3, min_length=least, length_penalty=penalty, length_reward=reward)
    found = decode(Alphabet(follows, letters=3), [ids_of("ab")], values, [0])[0]
    assert [spelled(one) for one in found] == expected
    assert [one.score for one in found] == pytest.approx([score(text) for text in expected], abs=1e-5)


@given(st.integers(0, 1000), st.integers(2, 5), st.floats(0, 2), st.floats(-1, 3))
def test_stopping_early_loses_nothing(seed: int, beam_size: int, penalty: float, reward: float) -> None:
    """What is kept is what would be kept by going on to the end."""
    values = settings(beam_size=beam_size, length_penalty=penalty, length_reward=reward)
    early = decode(Alphabet(babbles(seed, 4), 4), [ids_of("a")], values, [0])[0]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("chatbot.decoding.beam.Beam._settled", lambda *_: False)
        late = decode(Alphabet(babbles(seed, 4), 4), [ids_of("a")], values, [0])[0]
    assert [spelled(one) for one in early] == [spelled(one) for one in late]


def test_a_beam_stops_as_soon_as_nothing_can_win() -> None:
    stepper = Alphabet(knows({"a": 0.5, "b": 0.4, "c" * 30: 0.1}))
    decode(stepper, [ids_of("x")], settings(beam_size=2, max_length=40, length_penalty=0.0), [0])
    assert stepper.steps == 2


@given(st.integers(0, 1000), WORDS, st.integers(2, 6))
def test_hypotheses_are_sorted_and_none_comes_twice(seed: int, source: str, beam_size: int) -> None:
    for temperature in (0.0, 1.0):
        found = search_all(seed, [source], beam_size=beam_size, temperature=temperature)[0]
        assert 1 <= len(found) <= beam_size
        assert len({(one.ids, one.finished) for one in found}) == len(found)
        scores = [one.score for one in found]
        assert scores == sorted(scores, reverse=True)


@hypothesis_settings(max_examples=40)
@given(st.integers(0, 1000), st.lists(WORDS, min_size=2, max_size=6), STRATEGIES)
def test_results_do_not_depend_on_the_batch(seed: int, sources: list[str], values: dict[str, Any]) -> None:
    seeds = list(range(10, 10 + len(sources)))
    together = search_all(seed, sources, seeds, **values)
    for source, number, found in zip(sources, seeds, together, strict=True):
        alone = search_all(seed, [source], [number], **values)[0]
        assert [spelled(one) for one in found] == [spelled(one) for one in alone]
        assert [one.score for one in found] == [one.score for one in alone]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search, "MOST_SCORES", 1)
        apart = search_all(seed, sources, seeds, **values)
    assert [[spelled(one) for one in found] for found in apart] == [[spelled(one) for one in f] for f in together]


@hypothesis_settings(max_examples=40)
@given(st.integers(0, 1000), st.lists(WORDS, min_size=1, max_size=4))
def test_a_temperature_near_zero_is_greedy_search(seed: int, sources: list[str]) -> None:
    greedy = [[spelled(one) for one in found] for found in search_all(seed, sources)]
    for temperature in (1e-6, 1e-300, 5e-324):
        drawn = search_all(seed, sources, temperature=temperature)
        assert [[spelled(one) for one in found] for found in drawn] == greedy


@given(st.integers(0, 1000), st.floats(5e-324, 10), st.integers(0, 30), st.floats(0, 1))
def test_no_setting_of_sampling_makes_a_number_go_wrong(
    seed: int, temperature: float, top_k: int, top_p: float
) -> None:
    with np.errstate(all="raise", under="ignore"):
        found = search_all(seed, ["ab"], temperature=temperature, top_k=top_k, top_p=top_p, beam_size=2)[0]
    assert all(math.isfinite(value) for one in found for value in (one.score, one.log_prob, *one.token_log_probs))


def test_one_candidate_is_greedy_search_at_any_temperature() -> None:
    for seed in range(30):
        greedy = spelled(search_all(seed, ["ab"])[0][0])
        for values in ({"top_k": 1}, {"top_p": 0.0}, {"top_p": 1e-9}):
            assert spelled(search_all(seed, ["ab"], [seed], temperature=10.0, **values)[0][0]) == greedy


def test_the_same_seed_says_the_same_and_another_something_else() -> None:
    said = [spelled(search_all(5, ["ab"], [seed], temperature=1.0)[0][0]) for seed in range(30)]
    assert said == [spelled(search_all(5, ["ab"], [seed], temperature=1.0)[0][0]) for seed in range(30)]
    assert len(set(said)) > 10


def test_the_first_of_many_samples_is_the_one_sample_of_the_seed() -> None:
    for seed in range(20):
        one = search_all(7, ["ab"], [seed], temperature=1.0)[0][0]
        many = search_all(7, ["ab"], [seed], temperature=1.0, beam_size=5)[0]
        assert spelled(one) in [spelled(other) for other in many]


@given(st.integers(0, 1000), STRATEGIES, st.integers(1, 4))
def test_no_ngram_comes_twice(seed: int, values: dict[str, Any], size: int) -> None:
    for one in search_all(seed, ["ab"], no_repeat_ngram=size, max_length=30, **values)[0]:
        ngrams = [one.ids[n : n + size] for n in range(len(one.ids) - size + 1)]
        assert len(set(ngrams)) == len(ngrams)


@given(st.integers(0, 1000), STRATEGIES, st.integers(0, 6), st.integers(1, 9))
def test_lengths_hold(seed: int, values: dict[str, Any], least: int, most: int) -> None:
    for one in search_all(seed, ["ab"], min_length=min(least, most), max_length=most, **values)[0]:
        assert len(one.ids) <= most
        assert one.finished or len(one.ids) == most
        assert len(one.ids) >= min(least, most)


@given(st.integers(0, 1000), STRATEGIES)
def test_forbidden_letters_are_never_said(seed: int, values: dict[str, Any]) -> None:
    stepper = Alphabet(babbles(seed, 4), letters=4)
    for one in decode(stepper, [ids_of("ab")], settings(**values), [3], rules=Rules(never=frozenset(ids_of("ac"))))[0]:
        assert set(spelled(one)) <= set("bd.")


def test_what_was_said_before_is_penalised() -> None:
    def follows(_: str, said: str) -> dict[str, float]:
        return {"a": 0.4, "b": 0.3, "c": 0.2, ".": 0.1}

    for penalty, text in ((1.0, "aaaaaaaa"), (1.5, "abaaaaaa"), (2.5, "abcaaaaa"), (10.0, "abc.")):
        found = decode(Alphabet(follows), [ids_of("x")], settings(repetition_penalty=penalty), [0])[0][0]
        assert spelled(found) == text
    assert found.log_prob == pytest.approx(math.log(0.4 * 0.3 * 0.2 * 0.1), abs=1e-5)


@given(st.integers(0, 50), STRATEGIES, st.integers(0, 6))
def test_a_stop_returns_what_is_there(seed: int, values: dict[str, Any], steps: int) -> None:
    answers = iter([False] * steps + [True] * 100)
    stepper = Alphabet(babbles(seed, 4), letters=4)
    found = decode(stepper, [ids_of("ab"), ids_of("c")], settings(**values), [1, 2], lambda: next(answers))
    whole = search_all(seed, ["ab", "c"], [1, 2], **values)
    assert stepper.steps <= steps
    for some, all_of_it in zip(found, whole, strict=True):
        assert some
        assert all(one.finished or len(one.ids) == steps for one in some)
        if not values:
            assert spelled(all_of_it[0]).startswith(spelled(some[0]))


@pytest.mark.parametrize("values", [{}, {"beam_size": 3}, {"temperature": 1.0}])
def test_a_model_that_gets_stuck_gives_what_it_has(values: dict[str, Any]) -> None:
    def follows(_: str, said: str) -> dict[str, float]:
        return {"a": 1.0} if len(said) < 2 else {}

    found = decode(Alphabet(follows), [ids_of("x")], settings(**values), [0])[0]
    assert [spelled(one) for one in found] == ["aa"]


@pytest.mark.parametrize("values", [{}, {"beam_size": 3}, {"temperature": 1.0}])
def test_where_nothing_may_follow_the_reply_ends(values: dict[str, Any]) -> None:
    found = search_all(1, ["ab"], no_repeat_ngram=1, min_length=8, **values)[0]
    assert all(sorted(one.ids) == ids_of("abcd") and one.finished for one in found)


def test_nothing_is_asked_of_nothing() -> None:
    for values in ({}, {"beam_size": 3}, {"temperature": 1.0}):
        assert decode(Alphabet(knows({"a": 1.0})), [], settings(**values), []) == []


def test_every_source_needs_a_seed() -> None:
    with pytest.raises(ValueError, match="one seed a source, but there are 1 for 2"):
        decode(Alphabet(knows({"a": 1.0})), [[7], [8]], settings(), [1])


def test_a_length_reward_makes_samples_longer() -> None:
    """It divides the odds of ending: by e at 1."""
    stepper = Alphabet(lambda source, said: {"a": 0.5, ".": 0.5}, 1)
    for reward, expected in ((0.0, 1.0), (1.0, math.e), (-1.0, 1 / math.e)):
        values = settings(temperature=1.0, length_reward=reward, max_length=60, no_repeat_ngram=0)
        found = decode(stepper, [ids_of("x")] * 1000, values, range(1000))
        assert np.mean([len(samples[0].ids) for samples in found]) == pytest.approx(expected, rel=0.15)
