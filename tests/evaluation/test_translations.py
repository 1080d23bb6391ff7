"""BLEU and chrF of translations, short and long sentences apart."""

from __future__ import annotations

import pytest

pytest.importorskip("sacrebleu")

from chatbot.evaluation.translations import measure_translations

SOURCES = ["One two three four.", "A sentence of some more words than ten , as it were , indeed .", "Five six."]
REFERENCES = ["Un deux trois quatre.", "Une phrase de plus de dix mots , comme on dit , en effet .", "Cinq six."]


def test_what_equals_the_reference_is_perfect() -> None:
    report = measure_translations(SOURCES, REFERENCES, REFERENCES)
    rows = list(report.rows.items())
    assert [(name, one.pairs) for name, one in rows] == [
        ("all", 3),
        ("of at most 10 words", 2),
        ("of more than 10", 1),
    ]
    assert all(one.bleu == pytest.approx(100) and one.chrf == pytest.approx(100) for _, one in rows)
    assert report.rows["all"].length_ratio == 1.0
    assert "case:mixed" in report.bleu_signature
    assert "tok:13a" in report.bleu_signature


def test_what_shares_nothing_is_nothing_and_too_short_is_seen() -> None:
    report = measure_translations(SOURCES, ["zzz"] * 3, REFERENCES)
    assert report.rows["all"].bleu < 2
    assert report.rows["all"].length_ratio < 0.2


def test_without_long_sentences_there_is_no_such_row() -> None:
    assert list(measure_translations(SOURCES[:1], REFERENCES[:1], REFERENCES[:1]).rows) == [
        *("all", "of at most 10 words")
    ]
