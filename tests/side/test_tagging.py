"""Taggers: spans with their places, whatever the batch; damaged ones are refused; scores are conlleval's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from side_models import TAGGED, save_tagger, save_translator, tagger

from chatbot.bundle.loading import load_bundle
from chatbot.corpus.tag_schemes import spans_of
from chatbot.errors import BundleError, UsageError, VocabularyError
from chatbot.evaluation.tags import measure_tags
from chatbot.inference.requantise import requantise
from chatbot.inference.tagger import TaggerNetwork, spelled_ids, spelled_words
from chatbot.side.tagging import Tagger
from chatbot.text.loading import tokenizer_from_bytes

TEXTS = ["Anna works at Orion.", "", "  (Ben's cat)  met\tCarla Stone", "Paris, 1996-08-22!", "?"]


@pytest.fixture
def model(tmp_path: Path) -> Tagger:
    save_tagger(tmp_path / "names")
    return Tagger.load(str(tmp_path / "names"))


def test_spans_hold_what_stands_at_their_place(model: Tagger) -> None:
    found = model.tag(TEXTS)
    assert any(found)
    for text, spans in zip(TEXTS, found, strict=True):
        assert all(text[one.start : one.end] == one.text for one in spans)
        assert all(one.label in model.labels for one in spans)
        assert [one.start for one in spans] == sorted(one.start for one in spans)


def test_texts_are_tagged_as_if_each_were_alone(model: Tagger) -> None:
    assert model.tag(TEXTS) == [model.tag([text])[0] for text in TEXTS]


def test_a_long_text_is_tagged_in_parts(model: Tagger) -> None:
    text = "Anna works at Orion in New Haven. " * 200
    spans = model.tag([text])[0]
    assert spans[-1].end > len(text) - 200
    assert all(text[one.start : one.end] == one.text for one in spans)


@pytest.mark.parametrize("head", ["crf", "softmax"])
def test_only_sequences_that_the_scheme_allows_are_said(head: str) -> None:
    from chatbot.corpus.tag_schemes import bioes

    tokenizer, network, weights = tagger(head, seed=5)
    words = [line.split() for line, _ in TAGGED] * 3
    for tags in TaggerNetwork(weights, network, tokenizer).tag(words):
        assert bioes(tags) == tags


def test_words_of_a_running_text_are_found() -> None:
    tokenizer, _, _ = tagger()
    text = "John's U.S. flat cost 1,200.50 (see http://a.b/c?d), @anna!"
    words = [text[start:end] for start, end in tokenizer.split(text)]
    assert words == ["John", "'s", "U.S.", "flat", "cost", "1,200.50", "(", "see", "http://a.b/c?d),", "@anna", "!"]


def test_characters_give_words_back() -> None:
    tokenizer, _, _ = tagger()
    words = ["Anna", "met", "Carla", "."]
    assert spelled_words(tokenizer, spelled_ids(tokenizer, words)) == words
    assert spelled_words(tokenizer, spelled_ids(tokenizer, ["Ωnna"])) == ["\ufffdnna"]


def test_a_smaller_copy_tags_and_checks_itself(tmp_path: Path) -> None:
    save_tagger(tmp_path / "names")
    requantise(tmp_path / "names", tmp_path / "small", "int8")
    assert Tagger.load(str(tmp_path / "small")).tag(TEXTS)
    assert load_bundle(tmp_path / "small").config.golden


def test_one_that_no_longer_tags_as_it_did_is_refused(tmp_path: Path) -> None:
    save_tagger(tmp_path / "names")
    bundle = load_bundle(tmp_path / "names")
    golden = bundle.config.golden[0]
    wrong = replace(golden, reply_ids=tuple((tag + 1) % 3 for tag in golden.reply_ids))
    save_tagger(tmp_path / "broken", golden=(wrong,))
    with pytest.raises(BundleError, match="'broken' no longer tags its golden sentence 1 as it did"):
        Tagger.load(str(tmp_path / "broken"))


def test_a_network_of_other_tags_is_refused(tmp_path: Path) -> None:
    _, network, _ = tagger()
    with pytest.raises(BundleError):
        save_tagger(tmp_path / "names", network=replace(network, tags=5))


def test_a_translator_tags_nothing(tmp_path: Path) -> None:
    save_translator(tmp_path / "en-fr")
    with pytest.raises(UsageError, match="is a model for translation, not for tagging"):
        Tagger.load(str(tmp_path / "en-fr"))


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"format": "chatbot tagging 1"}'])
def test_a_damaged_vocabulary_is_one_line(content: bytes) -> None:
    with pytest.raises(VocabularyError, match=r"tagging.json: "):
        tokenizer_from_bytes("tagging", content)


def test_the_measures_count_spans_by_label() -> None:
    wanted = [line.split() for _, line in TAGGED]
    said = [list(tags) for tags in wanted]
    said[0][0] = "O"  # one person missed
    said[2][1] = "S-PER"  # one made up
    said[1][6] = "S-ORG"  # one of another label
    report = measure_tags(lambda _: said, [words.split() for words, _ in TAGGED], wanted)
    assert sum(len(spans_of(tags)) for tags in wanted) == report.rows["all"].wanted == 6
    assert report.rows["all"].precision == pytest.approx(4 / 6)
    assert report.rows["all"].recall == pytest.approx(4 / 6)
    assert report.rows["LOC"].recall == pytest.approx(1 / 2)
    assert report.rows["PER"].precision == pytest.approx(2 / 3)
    assert report.word_accuracy == pytest.approx(1 - 3 / report.words)


def test_the_place_of_the_best_tag_is_that_of_the_network() -> None:
    tokenizer, network, weights = tagger("softmax")
    words = [line.split() for line, _ in TAGGED]
    scores = TaggerNetwork(weights, network, tokenizer).scores(words)
    alone = TaggerNetwork(weights, network, tokenizer).scores(words[2:])
    np.testing.assert_allclose(scores[2, : len(words[2])], alone[0], atol=1e-5)
