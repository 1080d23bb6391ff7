"""/translate and /generate in a session: of the last reply or of a text, kept with the model that made it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from paper import Paper
from side_models import save_generator, save_tagger, save_translator
from sqlalchemy import select

from chatbot.errors import UsageError
from chatbot.repl import side
from chatbot.repl.talk import Asked
from chatbot.side.translation import Translator
from chatbot.store import schema
from chatbot.store.history import History


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("chatbot.bundle.locate.SHIPPED", tmp_path / "none")
    monkeypatch.setenv("CHATBOT_HOME", str(tmp_path))
    side.translator_to.cache_clear()
    side._generator.cache_clear()
    side._tagger.cache_clear()
    return tmp_path / "models"


@pytest.fixture
def paper(tiny_bundle: Path, models: Path) -> Iterator[Paper]:
    save_translator(models / "en-fr", "en", "fr")
    save_generator(models / "words")
    paper = Paper(Asked(model=str(tiny_bundle)), columns=1000)
    yield paper
    paper.talk.close()


def annotations(history: History, number: int) -> list[tuple[str, str | None, str | None]]:
    row = schema.annotation.c
    query = select(row.kind, row.text, row.fingerprint).where(row.conversation_id == number).order_by(row.id)
    with history.read() as connection:
        return [tuple(found) for found in connection.execute(query)]  # type: ignore[misc]


def kept(paper: Paper) -> list[tuple[str, str | None, str | None]]:
    """Kind, text and fingerprint of all annotations of the conversation."""
    history = paper.talk.opened.result()
    assert history is not None
    assert paper.talk.number is not None
    return annotations(history, paper.talk.number)


def test_the_last_reply_is_translated_and_the_translation_kept(paper: Paper) -> None:
    paper.types("Good morning.")
    reply = paper.talk.conversation.result().turns[-1].reply.text
    translator = Translator.load("en-fr")
    expected = translator.translate([reply])[0].text
    assert paper.types("/translate fr") == f"fr> {expected}\n"
    assert kept(paper) == [("translation", expected, translator.fingerprint)]


def test_a_text_can_be_translated_before_anything_was_said(paper: Paper) -> None:
    expected = Translator.load("en-fr").translate(["Good morning."])[0].text
    assert paper.types("/translate fr Good morning.") == f"fr> {expected}\n"
    with pytest.raises(UsageError, match="there is no reply yet; give a text"):
        paper.types("/translate fr")


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "/translate takes a language"), ("xx hello", "no model knows the language 'xx'; there are: en")],
)
def test_what_cannot_be_translated_is_explained(paper: Paper, text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        paper.types(f"/translate {text}")


def test_languages_are_offered(paper: Paper) -> None:
    assert paper.offers("/translate ") == {"fr": "French"}


def test_a_text_is_gone_on_with_and_kept(paper: Paper) -> None:
    paper.types("Good morning.")
    shown = paper.types("/generate My sister")
    assert shown.startswith("My sister")
    ((kind, text, fingerprint),) = kept(paper)
    assert (kind, text) == ("generation", shown.rstrip("\n"))
    assert fingerprint == side._generator().fingerprint


def test_a_seed_goes_on_with_a_text_in_one_way(paper: Paper) -> None:
    paper.types("/set seed 5")
    assert len({paper.types("/generate My sister") for _ in range(4)}) == 1
    paper.types("/set seed 6")
    assert paper.types("/generate My sister") != side._generator().generate("My sister", seed=5).text + "\n"


def test_what_a_translation_was_made_of_is_shown(paper: Paper) -> None:
    paper.types("Good morning.")
    paper.types("/translate fr")
    of_reply, of_text = (paper.types(f"/translate fr{more}").strip()[4:] for more in ("", " A dog."))
    shown = paper.types("/show")
    assert f"(translation: {of_reply})" in shown
    assert f'(translation of "A dog.": {of_text})' in shown


def test_names_are_found_and_kept(paper: Paper, models: Path) -> None:
    save_tagger(models / "names")
    paper.types("Good morning.")
    shown = paper.types("/tag Anna works at Orion.")
    ((kind, text, fingerprint),) = kept(paper)
    assert (kind, text or "(no names)") == ("tags", shown.rstrip("\n"))
    assert fingerprint == side._tagger().fingerprint


def test_in_private_nothing_is_kept(paper: Paper) -> None:
    paper.types("Good morning.")
    before = paper.talk.number
    paper.types("/private")
    paper.types("Hello again.")
    paper.types("/translate fr")
    paper.types("/private off")
    paper.types("Back.")
    history = paper.talk.opened.result()
    assert history is not None
    assert annotations(history, before) == []  # type: ignore[arg-type]
    assert kept(paper) == []


def test_without_a_model_it_says_how_to_make_one(
    tiny_bundle: Path, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatbot.bundle.locate.SHIPPED", tmp_path / "none")
    paper = Paper(Asked(model=str(tiny_bundle)))
    with pytest.raises(UsageError, match="no translation model is installed; make one with: chatbot prepare"):
        paper.types("/translate fr hello")
    with pytest.raises(UsageError, match="there is no model for generation"):
        paper.types("/generate hello")
    paper.talk.close()


def test_every_reply_can_be_translated_as_it_comes(paper: Paper) -> None:
    assert paper.types("/settings").splitlines()[-1].split()[:2] == ["translate", "off"]
    assert paper.types("/set translate fr") == "translate is fr\n"
    assert paper.types("/settings").splitlines()[-1].split()[:2] == ["translate", "fr"]
    shown = paper.types("Good morning.").splitlines()
    reply = paper.talk.conversation.result().turns[-1].reply.text
    expected = Translator.load("en-fr").translate([reply])[0].text
    assert shown == [f"bot> {reply}", f"fr> {expected}"]
    for typed, last in (("/retry", "(reply 2 of 2)"), ("/edit Good evening.", "(turn 1 edited)")):
        said, translated, remark = paper.types(typed).splitlines()
        assert (said[:5], translated[:4], remark) == ("bot> ", "fr> ", last)
    assert [kind for kind, _, _ in kept(paper)] == ["translation"] * 3
    assert paper.types("/set translate off") == "translate is off\n"
    assert len(paper.types("Hello.").splitlines()) == 1


def test_it_says_what_replies_are_taken_for_where_that_is_not_english(paper: Paper, models: Path) -> None:
    save_translator(models / "fr-en", "fr", "en")
    assert paper.types("/set translate en") == "translate is en; replies are taken for French\n"


def test_a_language_nobody_knows_leaves_replies_as_they_are(paper: Paper) -> None:
    with pytest.raises(UsageError, match="no model knows the language 'xx'"):
        paper.types("/set translate xx")
    assert paper.types("/set translate") == "translate is off\n"
    assert paper.offers("/set translate ") == {"off": "replies as they are", "fr": "French"}
    assert "translate" in paper.offers("/set tr")
