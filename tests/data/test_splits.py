from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.data.splits import SPLITS, split_hash, split_sources
from chatbot.errors import CorpusError


def test_about_ten_per_cent_are_held_out_twice() -> None:
    splits = split_sources([f"m{i}" for i in range(552)], 0)
    assert Counter(splits.values()) == {"train": 442, "validation": 55, "test": 55}


@given(st.sets(st.text(), min_size=3, max_size=30), st.integers(0, 2**31 - 1), st.randoms(use_true_random=False))
def test_only_names_and_seed_matter(sources: set[str], seed: int, random: object) -> None:
    splits = split_sources(sources, seed)
    shuffled = sorted(sources)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert split_sources([*shuffled, *shuffled], seed) == splits
    assert set(splits) == sources
    assert set(splits.values()) == set(SPLITS)


def test_another_seed_splits_otherwise() -> None:
    names = [f"m{i}" for i in range(40)]
    assert split_hash(split_sources(names, 1)) != split_hash(split_sources(names, 2))


def test_the_hash_is_of_the_sorted_lines() -> None:
    # printf 'a\ttest\nb\ttrain\n' | sha256sum
    expected = "2f358694f66d3f5ed3e4a67f864fb457be1c30e70ad121bdad5de16a450e3c9c"
    assert split_hash({"b": "train", "a": "test"}) == expected


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_sources_are_an_error(count: int) -> None:
    with pytest.raises(CorpusError, match=f"has {count} movies, sentences or other sources; expected at least 3"):
        split_sources([f"m{i}" for i in range(count)], 0)
