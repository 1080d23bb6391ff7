"""Tags and spans: the schemes are told apart and read correctly; spans by the rules of conlleval."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.tag_schemes import MixedSchemes, TagSpan, bioes, may_follow, parts, scheme_of, spans_of

LABELS = ("PER", "LOC")


@st.composite
def spanned(draw: st.DrawFn) -> tuple[int, list[TagSpan]]:
    """A number of words, and spans on them that do not overlap."""
    found, place = [], 0
    for label, gap, length in draw(
        st.lists(st.tuples(st.sampled_from(LABELS), st.integers(0, 2), st.integers(1, 3)), max_size=5)
    ):
        found.append(TagSpan(place + gap, place + gap + length, label))
        place += gap + length
    return place + draw(st.integers(0, 2)), found


def written(scheme: str, words: int, spans: list[TagSpan]) -> list[str]:
    tags = ["O"] * words
    for number, (first, end, label) in enumerate(spans):
        before = spans[number - 1] if number else None
        touching = before is not None and before.end == first and before.label == label
        for place in range(first, end):
            tags[place] = f"I-{label}"
        if scheme == "IOB2" or (scheme == "IOB1" and touching):
            tags[first] = f"B-{label}"
        elif scheme == "BILOU":
            tags[first], tags[end - 1] = f"B-{label}", f"L-{label}"
            if end - first == 1:
                tags[first] = f"U-{label}"
    return tags


@pytest.mark.parametrize("scheme", ["IOB1", "IOB2", "BILOU"])
@given(case=spanned())
def test_every_scheme_gives_its_spans_back(scheme: str, case: tuple[int, list[TagSpan]]) -> None:
    words, spans = case
    tags = written(scheme, words, spans)
    assert spans_of(tags) == spans
    assert spans_of(bioes(tags)) == spans


@given(case=spanned())
def test_bioes_tags_may_stand_side_by_side(case: tuple[int, list[TagSpan]]) -> None:
    tags = bioes(written("IOB2", *case))
    assert all(may_follow(one, two) for one, two in itertools.pairwise(["", *tags, ""]) if one or two)


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("B-PER I-PER O", [(0, 2, "PER")]),
        ("I-PER I-LOC", [(0, 1, "PER"), (1, 2, "LOC")]),
        ("O I-PER B-PER", [(1, 2, "PER"), (2, 3, "PER")]),
        ("E-PER I-PER", [(0, 1, "PER"), (1, 2, "PER")]),
        ("S-PER S-PER O", [(0, 1, "PER"), (1, 2, "PER")]),
        ("B-PER E-LOC", [(0, 1, "PER"), (1, 2, "LOC")]),
    ],
)
def test_spans_are_found_as_conlleval_finds_them(tags: str, spans: list[tuple[int, int, str]]) -> None:
    assert spans_of(tags.split()) == spans


@pytest.mark.parametrize(
    ("sentences", "scheme"),
    [
        (["O I-PER I-PER", "I-PER B-PER"], "IOB1"),
        (["O B-PER I-PER", "B-LOC"], "IOB2"),
        (["S-PER O", "B-PER E-PER"], "BIOES"),
        (["U-PER O", "B-PER L-PER"], "BIOES"),
        (["O O"], "IOB2"),
    ],
)
def test_the_scheme_is_told(sentences: list[str], scheme: str) -> None:
    assert scheme_of(sentence.split() for sentence in sentences) == scheme


@pytest.mark.parametrize(
    ("sentences", "found"),
    [
        (["O", "I-PER O", "B-PER O"], [(1, "IOB1"), (2, "IOB2")]),
        (["S-PER O", "I-PER O"], [(0, "BIOES"), (1, "IOB1")]),
        (["S-PER O", "B-PER I-PER O"], [(0, "BIOES"), (1, "IOB2")]),
        (["B-PER I-PER", "O", "B-PER E-PER"], [(0, "IOB2"), (2, "BIOES")]),
        (["S-PER B-PER"], [(0, "BIOES"), (0, "IOB2")]),
    ],
)
def test_mixed_schemes_are_refused(sentences: list[str], found: list[tuple[int, str]]) -> None:
    with pytest.raises(MixedSchemes) as caught:
        scheme_of(sentence.split() for sentence in sentences)
    assert caught.value.found == found


@pytest.mark.parametrize("tag", ["PER", "X-PER", "B-", "", "B PER", "o"])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="is no tag; expected O"):
        parts(tag)
