"""A training that cannot fit is refused before it begins, in one line that says what would."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chatbot.bundle.config import NetworkSettings, TaggerSettings
from chatbot.errors import ConfigError
from chatbot.training import memory
from chatbot.training.memory import available, check_memory
from chatbot.training.settings import changed, load_recipe

SMALL = load_recipe("small")
NETWORK = replace(SMALL.network, vocabulary_size=8000)


def refused(monkeypatch: pytest.MonkeyPatch, free: int | None, recipe=SMALL, network=NETWORK, ids: int = 1000) -> str:
    monkeypatch.setattr(memory, "available", lambda: free)
    try:
        check_memory(recipe, network, ids)
    except ConfigError as error:
        return str(error)
    return ""


def test_what_fits_is_not_refused(monkeypatch: pytest.MonkeyPatch):
    assert refused(monkeypatch, 8 * 10**9) == ""
    assert refused(monkeypatch, None, changed(SMALL, batch_tokens=1_000_000)) == ""


def test_what_would_fit_is_said_and_does(monkeypatch: pytest.MonkeyPatch):
    large = changed(SMALL, batch_tokens=60_000)
    line = refused(monkeypatch, 4 * 10**9, large)
    assert "batches of 60,000 ids take about 11.6 GB of memory, but 4.0 GB are free; training.batch_tokens = " in line
    fits = int(line.split(" = ")[1].split()[0])
    assert refused(monkeypatch, 4 * 10**9, changed(large, batch_tokens=fits)) == ""
    assert refused(monkeypatch, 4 * 10**9, changed(large, batch_tokens=fits + 1)) != ""


def test_where_no_batch_fits_the_network_is_too_large(monkeypatch: pytest.MonkeyPatch):
    assert refused(monkeypatch, 50 * 10**6).endswith("but 50 MB are free; take a smaller network")


def test_counting_ngrams_is_looked_at_first(monkeypatch: pytest.MonkeyPatch):
    line = refused(monkeypatch, 2 * 10**9, ids=30_000_000)
    assert "n-grams of 30,000,000 ids takes about 3.0 GB of memory, but 2.0 GB are free; leave the section" in line
    assert refused(monkeypatch, 2 * 10**9, changed(SMALL, order=0), ids=30_000_000) == ""


def test_a_tagger_tells_only_its_tags_apart(monkeypatch: pytest.MonkeyPatch):
    network = TaggerSettings(vocabulary_size=400_000, embedding_size=8)
    assert refused(monkeypatch, 10**9, load_recipe("tagging"), network) == ""
    assert refused(monkeypatch, 10**9, SMALL, NetworkSettings(vocabulary_size=200_000)) != ""


@pytest.mark.parametrize(
    ("meminfo", "most", "taken", "expected"),
    [
        ("MemTotal: 9000 kB\nMemAvailable:    2000 kB\n", "max", "7", 2000 * 1024),
        ("MemAvailable:    2000 kB\nSwapFree: 500 kB\n", "max", "7", 2500 * 1024),
        ("MemTotal: 9000 kB\nMemAvailable:    2000 kB\n", "900000", "100000", 830_000),
        ("MemTotal: 9000 kB\nMemAvailable:    2000 kB\n", "100", "90000", 0),
        ("nothing of the kind", "", "", None),
    ],
)
def test_what_the_system_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meminfo, most, taken, expected):
    (tmp_path / "meminfo").write_text(meminfo)
    (tmp_path / "memory.max").write_text(most)
    (tmp_path / "memory.current").write_text(taken)
    (tmp_path / "memory.stat").write_text("anon 7\ninactive_file 30000\n")
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "CONTROL_GROUP", tmp_path)
    assert available() == expected
