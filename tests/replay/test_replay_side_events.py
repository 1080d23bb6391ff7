"""Side results: translations and generated texts made again, and how alike they are."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from side_models import TAGGED, save_generator, save_tagger, save_translator
from talks import LINES, alter_reply, branches, talk

from chatbot.dialogue.model import Model
from chatbot.home import home
from chatbot.replay.playing import replay
from chatbot.replay.reports import FORMATS
from chatbot.replay.results import Replay, Verdict
from chatbot.replay.side_events import replay_side, span_f1
from chatbot.side.generation import Generator
from chatbot.side.tagging import Tagger
from chatbot.side.translation import Translator
from chatbot.store.annotations import GENERATION, TAGS, TRANSLATION, annotate, note
from chatbot.store.history import History


@pytest.fixture
def told(tiny: Model, history: History) -> History:
    """A conversation with a translation and a generated text, made by models that are at home."""
    (home() / "models").mkdir()
    save_translator(home() / "models" / "en-fr")
    save_generator(home() / "models" / "words")
    talk(history, tiny)
    note(history, 1, 1, "a person's own words")
    translator, generator = Translator.load(), Generator.load()
    made = translator.translate([LINES[0]])[0].text
    kept = {"fingerprint": translator.fingerprint, "settings": asdict(translator.settings)}
    data = {"source": "en", "target": "fr", "text": LINES[0]}
    annotate(history, 1, TRANSLATION, made, reply_id=1, **kept, data=data)
    written = generator.generate("My sister", seed=7)
    kept = {"fingerprint": generator.fingerprint, "settings": asdict(written.settings)}
    annotate(history, 1, GENERATION, written.text, **kept, data={"prompt": "My sister", "seed": 7})
    return history


def test_the_same_models_make_the_same_again(told: History) -> None:
    found = replay_side(branches(told))
    assert [(one.kind, one.verdict, one.likeness, one.same_model) for one in found] == [
        (TRANSLATION, Verdict.SAME, 100.0, True),
        (GENERATION, Verdict.SAME, 100.0, True),
    ]
    assert [one.said for one in found] == [LINES[0], "My sister"]


def test_events_are_made_again_once_however_many_branches_there_are(told: History, tiny: Model) -> None:
    alter_reply(told, 3, text="x")
    with told.write() as connection:
        connection.exec_driver_sql("UPDATE turn SET parent_reply_id = 1 WHERE id = 3")
    several = branches(told, every=True)
    assert len(several) > 1
    assert len(replay_side(several)) == 2


def test_what_differs_is_measured_and_reported(told: History, tiny: Model) -> None:
    with told.write() as connection:
        connection.exec_driver_sql("UPDATE annotation SET text = text || ' <b>more' WHERE kind = 'translation'")
        connection.exec_driver_sql("UPDATE annotation SET fingerprint = 'old' WHERE kind = 'translation'")
    found = replay_side(branches(told))
    assert [one.verdict for one in found] == [Verdict.DIFFERENT, Verdict.SAME]
    assert found[0].likeness is not None
    assert 0 < found[0].likeness < 100
    assert not found[0].same_model
    whole = replace(replay(branches(told), [tiny]), side=found)
    assert whole.differs
    assert not replace(whole, threshold=0.5).differs
    _reported(whole)


def _reported(whole: Replay) -> None:
    """Every report holds the translation that differs, and how many there are."""
    for name, write in FORMATS.items():
        text = write(whole)
        assert LINES[0] in text.replace("\\", "")
        assert "1 of 2 the same" in text or name == "junit"
    root = ElementTree.fromstring(FORMATS["junit"](whole))
    (suite,) = [one for one in root.findall("testsuite") if one.get("name") == "side results"]
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert "<b>" not in FORMATS["html"](whole)
    assert json.loads(FORMATS["json"](whole))["side"][0]["verdict"] == "different"


def test_what_cannot_be_made_again_says_why(
    tiny: Model, history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatbot.bundle.locate.SHIPPED", tmp_path / "none")
    talk(history, tiny, LINES[:1])
    known = {"source": "en", "target": "fr", "text": "Hello."}
    annotate(history, 1, TRANSLATION, "x", data=known)
    annotate(history, 1, TRANSLATION, "y", data={**known, "text": 7})
    annotate(history, 1, TRANSLATION, "z", data=["odd"])
    annotate(history, 1, GENERATION, "w", data={"prompt": "a"})
    found = replay_side(branches(history))
    assert [one.verdict for one in found] == [Verdict.NONE] * 4
    assert [one.why.split(";")[0] for one in found] == [
        "no translation model is installed",
        "what it was made of was not kept",
        "what it was made of was not kept",
        "there is no model for generation",
    ]


def test_odd_settings_and_prompts_are_passed_over(told: History) -> None:
    annotate(told, 1, GENERATION, "w", data={"prompt": None})
    annotate(told, 1, GENERATION, "w", data={"prompt": "tea"}, settings={"novelty": 1, "temperature": 0.5})
    found = replay_side(branches(told))
    assert [one.verdict for one in found[2:]] == [Verdict.NONE, Verdict.DIFFERENT]


def test_tags_are_compared_span_by_span(tiny: Model, history: History) -> None:
    (home() / "models").mkdir()
    save_tagger(home() / "models" / "names")
    talk(history, tiny, LINES[:1])
    tagger, text = Tagger.load(), max((words for words, _ in TAGGED), key=len)
    (spans,) = tagger.tag([text])
    assert len(spans) > 1
    shown = "; ".join(f"{span.label}: {span.text}" for span in spans)
    whole = {"text": text, "spans": [asdict(span) for span in spans]}
    annotate(history, 1, TAGS, shown, fingerprint=tagger.fingerprint, settings={}, data=whole)
    annotate(history, 1, TAGS, "fewer", data={"text": text, "spans": whole["spans"][1:]})
    annotate(history, 1, TAGS, "odd", data={"text": text, "spans": [{"start": ["1"]}]})
    same, fewer, odd = replay_side(branches(history))
    assert (same.verdict, same.likeness, same.same_model) == (Verdict.SAME, 100.0, True)
    assert (fewer.verdict, fewer.new) == (Verdict.DIFFERENT, shown)
    assert fewer.likeness == pytest.approx(100 * 2 * (len(spans) - 1) / (2 * len(spans) - 1))
    assert odd.verdict is Verdict.NONE


def test_span_f1_by_hand() -> None:
    one, other, third = (0, 4, "PER"), (5, 9, "LOC"), (5, 9, "ORG")
    assert span_f1(set(), set()) == 1
    assert span_f1({one}, set()) == 0
    assert span_f1({one, other}, {one, third}) == 0.5
