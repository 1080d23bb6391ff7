"""Translators: loaded and checked, many texts at once, long ones by sentence, two languages through a third."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from side_models import save_generator, save_translator

from chatbot.bundle.config import BundleConfig, NetworkSettings
from chatbot.bundle.parsing import config_to_bytes
from chatbot.data.context import ContextSettings
from chatbot.errors import BundleError, UsageError
from chatbot.side.translation import Pivot, Translator, find_translator, sources_for

CONFIG = BundleConfig("x", "translation", NetworkSettings(), ContextSettings(), "word", "w.txt", "float32")


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with models en-fr, fr-en and en-vi."""
    monkeypatch.setattr("chatbot.bundle.locate.SHIPPED", tmp_path / "none")
    monkeypatch.setenv("CHATBOT_HOME", str(tmp_path))
    for source, target in (("en", "fr"), ("fr", "en"), ("en", "vi")):
        save_translator(tmp_path / "models" / f"{source}-{target}", source, target)
    return tmp_path / "models"


def test_texts_are_translated_as_if_each_were_alone(models: Path) -> None:
    translator = Translator.load("en-fr")
    texts = ["Good morning.", "", "Would you like some tea?", "Hello!"]
    together = translator.translate(texts)
    assert [one.text for one in together] == [translator.translate([text])[0].text for text in texts]
    assert [bool(one.text) for one in together] == [True, False, True, True]
    assert together[1].log_probs == ()
    assert together[0].score < 0


def test_the_score_is_that_of_the_log_probabilities(models: Path) -> None:
    translator = Translator.load("en-fr")
    (found,) = translator.translate(["Hello!"], replace(translator.settings, length_penalty=0.0))
    assert found.score == pytest.approx(math.fsum(found.log_probs))


def test_the_n_best_differ_and_fall(models: Path) -> None:
    (found,) = Translator.load("en-fr").translate(["Good morning."], n_best=4)
    several = [found, *found.alternatives]
    assert 1 < len(several) <= 4
    assert len({one.text for one in several}) == len(several)
    assert [one.score for one in several] == sorted((one.score for one in several), reverse=True)


def test_a_text_too_long_is_translated_sentence_by_sentence(models: Path) -> None:
    translator = Translator.load("en-fr")
    sentences = ["Good morning.", "Did you sleep well?", "It is never too late for tea."] * 3
    (found,) = translator.translate([" ".join(sentences)])
    assert found.text == " ".join(one.text for one in translator.translate(sentences))


def test_what_finds_no_end_is_cut_at_some_times_its_source(models: Path) -> None:
    save_translator(models / "en-fr", decoding={"max_length": 300, "length_reward": 10.0})
    translator = Translator.load("en-fr")
    texts = ["Hello.", "Where is the small house by the river?"]
    short, long = translator.translate(texts)
    assert not short.finished
    assert not long.finished
    assert len(short.log_probs) < len(long.log_probs) < 300
    assert [short, long] == [translator.translate([text])[0] for text in texts]
    (longer,) = translator.translate(texts[:1], replace(translator.settings, min_length=120))
    assert len(longer.log_probs) == 120


def test_no_sentence_is_left_out(models: Path) -> None:
    translator = Translator.load("en-fr")
    alone = [translator.translate([text])[0] for text in ("Good morning.", "How are you?")]
    (found,) = translator.translate(["Good morning. How are you?"], n_best=2)
    assert found.text == " ".join(one.text for one in alone)
    assert found.score == pytest.approx(sum(one.score for one in alone), abs=1e-4)
    assert found.alternatives[0].score < found.score


def test_languages_without_a_model_go_through_english(models: Path) -> None:
    found = find_translator("fr", "vi")
    assert isinstance(found, Pivot)
    assert (found.source, found.target, found.name) == ("fr", "vi", "fr-en+en-vi")
    (one,) = found.translate(["Bonjour !"])
    assert one.via == find_translator("fr", "en").translate(["Bonjour !"])[0].text
    assert one.text == find_translator("en", "vi").translate([one.via])[0].text


def test_a_direct_model_is_preferred_and_found_by_its_languages(models: Path) -> None:
    found = find_translator("en", "fr")
    assert isinstance(found, Translator)
    assert found.fingerprint == Translator.load("en-fr").fingerprint
    assert sources_for("fr") == ["en"]
    assert sources_for("de") == []


@pytest.mark.parametrize(
    ("source", "target", "says"),
    [
        ("en", "xx", "no model knows the language 'xx'; there are: en, fr, vi"),
        ("vi", "fr", "no model translates from vi to fr, nor two through en; there are: en-fr, en-vi, fr-en"),
        ("en", "en", "from en to en; name another language"),
    ],
)
def test_what_cannot_be_translated_gives_the_list(models: Path, source: str, target: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        find_translator(source, target)


def test_without_a_model_it_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATBOT_HOME", str(tmp_path))
    monkeypatch.setattr("chatbot.bundle.locate.SHIPPED", tmp_path / "none")
    with pytest.raises(
        UsageError, match="no translation model is installed; make one with: chatbot prepare SRC --task"
    ):
        find_translator("en", "fr")
    with pytest.raises(UsageError, match="there is no model for translation"):
        Translator.load()


def test_a_model_of_another_task_is_refused(models: Path) -> None:
    save_generator(models / "poet")
    with pytest.raises(UsageError, match="poet: is a model for generation, not for translation; there are: en-"):
        Translator.load("poet")


@pytest.mark.parametrize("languages", [(), ("en",), ("en", "fr", "vi"), ("en", "../x"), ("EN", "fr")])
def test_wrong_languages_in_a_bundle_are_refused(languages: tuple[str, ...]) -> None:
    with pytest.raises(BundleError, match="languages: must be 2 codes of languages"):
        config_to_bytes(replace(CONFIG, languages=languages))


def test_the_card_says_what_it_does(models: Path) -> None:
    card = (models / "en-vi" / "CARD.md").read_text()
    assert "it reads a sentence in English, at most 30 tokens, and says it in Vietnamese." in card
