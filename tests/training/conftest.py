"""A small prepared dataset, made once of the sample corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

SAMPLE = Path(__file__).resolve().parents[2] / "corpora" / "sample"


@pytest.fixture(scope="session")
def sample_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the prepared sample corpus."""
    from chatbot.corpus.cornell import read_cornell
    from chatbot.corpus.counts import Counts
    from chatbot.data.prepare import Corpus, PrepareSettings, prepare

    folder = tmp_path_factory.mktemp("data") / "sample"
    folder.mkdir()
    counts = Counts()
    prepare([Corpus("sample", read_cornell(SAMPLE, counts))], folder, PrepareSettings(vocabulary_size=400), counts)
    return folder
