"""The statistical translator of the benchmarks: alignment, phrases, search and tuning on a toy language."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmark_modules import benchmark

from chatbot.corpus.conversation import Conversation, Utterance
from chatbot.corpus.counts import Counts
from chatbot.data.dataset import Dataset
from chatbot.data.prepare import Corpus, prepare
from chatbot.data.settings import settings_for

WORDS = {"red": "roja", "old": "vieja", "big": "alta", "house": "casa", "table": "mesa", "door": "puerta", "the": "la"}


@pytest.fixture(scope="module")
def modules() -> Any:
    """The translator's modules."""
    names = "alignment extraction decoder tuning table pairs"
    return [benchmark(f"phrase_{name}") for name in names.split()]


def toy() -> tuple[list[list[str]], list[list[str]]]:
    """Sentences whose adjectives stand behind the nouns in the other language; one combination is missing."""
    sources, targets = [], []
    for adjective, noun in itertools.product(("red", "old", "big"), ("house", "table", "door")):
        if (adjective, noun) != ("old", "door"):
            sources += [["the", adjective, noun], ["the", noun], [noun, "."]]
            targets += [["la", WORDS[noun], WORDS[adjective]], ["la", WORDS[noun]], [WORDS[noun], "."]]
    return sources, targets


def test_words_find_their_translations(modules: Any) -> None:
    sources, targets = toy()
    for source, target, links in zip(sources, targets, modules[0].aligned(sources, targets), strict=True):
        assert {(source[i], target[j]) for i, j in links} == {(word, WORDS.get(word, word)) for word in source}


def test_grow_diag_final_and(modules: Any) -> None:
    grown = modules[0].grown
    assert grown({(0, 0), (1, 1)}, {(0, 0), (2, 1)}) == {(0, 0), (1, 1), (2, 1)}  # a neighbour, then its neighbour
    assert grown({(0, 0), (3, 3)}, {(0, 0)}) == {(0, 0), (3, 3)}  # far away, but both words are alone
    assert grown({(0, 0), (0, 3)}, {(0, 0)}) == {(0, 0)}  # far away, and one of them is linked


def test_phrases_hold_what_they_are_linked_to(modules: Any) -> None:
    spans = modules[1].spans
    assert set(spans(2, 2, {(0, 1), (1, 0)})) == {(0, 1, 1, 2), (1, 2, 0, 1), (0, 2, 0, 2)}
    assert set(spans(1, 2, {(0, 0)})) == {(0, 1, 0, 1), (0, 1, 0, 2)}  # with the unlinked neighbour, and without
    assert not list(spans(1, 9, {(0, 0), (0, 8)}))  # too long


def test_an_unseen_sentence_is_translated_in_the_right_order(modules: Any) -> None:
    decoder = modules[4].built(*toy(), 20, 5)
    decoder.weights[modules[2].LANGUAGE], decoder.weights[modules[2].DISTORTION] = 1.0, 0.02
    best, *others = decoder.decode(["the", "old", "door"])
    assert best.words() == ["la", "puerta", "vieja"]
    for hypothesis in (best, *others):
        assert hypothesis.score == pytest.approx(float(decoder.weights @ hypothesis.features()))
    assert decoder.decode(["Zanzibar"])[0].words() == ["Zanzibar"]
    assert decoder.decode([])[0].words() == []


def test_the_language_model_is_the_evaluated_one(modules: Any) -> None:
    from chatbot.ngram.kneser_ney import NgramModel, joined

    language = modules[2].Language(toy()[1])
    ids = [[language.ids[word] for word in sentence] for sentence in toy()[1]]
    wanted = NgramModel.train(joined(ids), 5, language.size).log_probs(joined(ids[:3])).sum()
    found = sum(language.extended((2,), (*sentence, 3))[0] for sentence in ids[:3])
    assert found == pytest.approx(wanted)


def test_tuning_reaches_a_higher_bleu(modules: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tuning = modules[3]
    matched = np.array([tuning.matches(list("abcde"), list("abcdfg"))])
    precision = (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** (1 / 4)
    assert tuning.bleu(matched.sum(axis=0)) == pytest.approx(precision * math.exp(1 - 6 / 5))
    sources, targets = ([[*one, *other] for one, other in itertools.pairwise(side)] for side in toy())
    decoder = modules[4].built(sources, targets, 20, 5)
    decoder.weights[modules[2].LANGUAGE] = -0.5

    def reached(decoder: Any) -> float:
        said = [decoder.decode(source)[0].words() for source in sources]
        return float(tuning.bleu(np.sum(list(map(tuning.matches, said, targets)), axis=0)))

    before = reached(decoder)
    monkeypatch.setattr(tuning, "TRIES", 200)
    tuned = tuning.tuned(decoder, sources, targets)
    assert before < 0.5
    assert reached(tuned) > 0.9
    assert tuned.weights[modules[2].LANGUAGE] > 0


def test_sentences_begin_in_capitals_and_only_there(modules: Any) -> None:
    phrase_table = modules[4]
    case = phrase_table.Case([["The", "Seine", "."], ["We", "saw", "the", "Seine", ".", "We", "did", "."]])
    assert case.lowered(["The", "Seine", ".", "Did", "we", "?"]) == ["the", "Seine", ".", "did", "we", "?"]
    assert case.lowered(["Seine", "."]) == ["Seine", "."]
    assert phrase_table.raised(['"', "did", "we", "?", '"', "no", "."]) == ['"', "Did", "we", "?", '"', "No", "."]


def test_pairs_are_made_of_new_sentences_of_known_words(modules: Any, tmp_path: Path) -> None:
    said = [tuple(" ".join(words) for words in pair) for pair in zip(*toy(), strict=True)]
    corpus = [Conversation(str(i), tuple(Utterance("", text) for text in pair), pair[0]) for i, pair in enumerate(said)]
    settings = settings_for(
        {"task": "translation", "source": "en", "target": "es", "tokenizer": "word", "minimum_count": 1}
    )
    (tmp_path / "data").mkdir()
    prepare([Corpus("toy", corpus)], tmp_path / "data", settings, Counts())
    dataset = Dataset.open(tmp_path / "data")
    translator = modules[4].trained(dataset, None, 20, 5)
    sentences = ["the old door\tla puerta", "the red window", "the house", "the " * 20 + "door", "", "the old door"]
    (tmp_path / "sentences.txt").write_text("\n".join(sentences))
    assert modules[5].taken(tmp_path / "sentences.txt", dataset, translator, 15, 0) == ["the old door"]
    assert translator.said("the old door") == "La puerta vieja"
