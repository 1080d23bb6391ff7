"""Pairs made of words, phrases and other names, for a translator to learn beside its sentences."""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from benchmark_modules import benchmark

from chatbot.corpus.conversation import Conversation, Utterance
from chatbot.corpus.counts import Counts
from chatbot.data.prepare import Corpus, prepare
from chatbot.data.settings import settings_for


@pytest.fixture(scope="module")
def word_pairs() -> Any:
    """The benchmark's module."""
    return benchmark("word_pairs")


def test_a_name_is_what_both_sentences_hold_and_nobody_writes_small(word_pairs: Any) -> None:
    cases = [word_pairs.Case([["We", "like", "table", "Mary"]]), word_pairs.Case([["Table", "Mary"]])]
    name = word_pairs.shared_name
    assert name(["Is", "Mary", "here", "?"], ["Mary", "est", "là", "?"], cases) == "Mary"
    assert name(["Mary", "saw", "Mary"], ["Mary", "a", "vu", "Mary"], cases) == ""  # which is which?
    assert name(["A", "Table"], ["Table"], cases) == ""  # a word that begins with a capital here
    assert name(["Mary"], ["Marie"], cases) == ""
    assert name(["OK", "DVD"], ["OK", "DVD"], cases) == ""


def test_another_name_begins_alike(word_pairs: Any) -> None:
    names = word_pairs.Names(["Tom", "Mary", "Anna", "Oscar", "Boston"], random.Random(0))
    vowels = {names.other("Anna")[0] for _ in range(50)}
    assert vowels <= set("AEIOUYH")
    found = {names.other("Tom") for _ in range(200)}
    assert "Tom" not in found
    assert not {name[0] for name in found} & set("AEIOUYH")
    assert found - set(names.names)  # some are made up
    assert all(name.istitle() and len(name) >= 3 for name in found)


def test_a_name_that_has_no_like_stays(word_pairs: Any) -> None:
    assert word_pairs.Names(["Tom"], random.Random(0)).other("Tom") == "Tom"


def test_a_name_is_changed_as_a_whole_word(word_pairs: Any) -> None:
    assert word_pairs.with_name("Tom, Tomas?", "Tom et Tomas ?", "Tom", "Jo") == ("Jo, Tomas?", "Jo et Tomas ?")


def test_words_phrases_and_names_of_the_training_pairs(
    word_pairs: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [(f"the {one} door", f"la puerta {other}") for one, other in (("old", "vieja"), ("red", "roja"))]
    said += [("the door", "la puerta"), ("Is Tom old?", "¿Tom es vieja?"), ("the old Mary", "la Mary vieja")]
    said = [(source + " now" * i, target + " ya" * i) for source, target in said for i in range(6)]
    corpus = [Conversation(str(i), tuple(Utterance("", text) for text in pair), pair[0]) for i, pair in enumerate(said)]
    wanted = {"task": "translation", "source": "en", "target": "es", "tokenizer": "word", "minimum_count": 1}
    (tmp_path / "data").mkdir()
    prepare([Corpus("toy", corpus)], tmp_path / "data", settings_for(wanted), Counts())
    asked = ["word_pairs.py", str(tmp_path / "data"), "--output", str(tmp_path / "made.tsv"), "--names", "3"]
    monkeypatch.setattr(sys, "argv", asked)
    word_pairs.main()
    made = [tuple(line.split("\t")) for line in (tmp_path / "made.tsv").read_text(encoding="utf-8").splitlines()]
    assert len(made) == len(set(made))
    assert {("red", "roja"), ("now", "ya"), ("Red", "Roja")} <= set(made)
    assert any(len(source.split()) == 2 for source, _ in made)
    for source, target in made[-3:]:
        (name,) = set(re.findall(r"\b[A-Z]\w+", target)) - {"Is"}
        assert name in source.split()
