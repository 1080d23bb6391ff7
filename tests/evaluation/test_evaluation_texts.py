"""Texts are scored whole, piece by piece, each piece after what stands before it."""

from __future__ import annotations

import numpy as np
import pytest
from side_models import language_model

from chatbot.evaluation import texts
from chatbot.evaluation.texts import score_texts
from chatbot.inference.language_model import LanguageModelStepper


@pytest.fixture
def model() -> LanguageModelStepper:
    _, network, weights = language_model("character")
    return LanguageModelStepper(weights, network)


def test_pieces_add_up_to_the_whole(model: LanguageModelStepper, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    several = [random.integers(6, 20, size).astype(np.int32) for size in (1, 7, 8, 40, 23)]
    expected = [-float(model.score([[]], [one.tolist()])[0].sum()) for one in several]
    monkeypatch.setattr(texts, "PIECE", 8)
    monkeypatch.setattr(texts, "CONTEXT", 1000)
    np.testing.assert_allclose(score_texts(model.score, several), expected, rtol=1e-4)


def test_a_shorter_memory_reads_only_so_much_before_a_piece(
    model: LanguageModelStepper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "PIECE", 4)
    monkeypatch.setattr(texts, "CONTEXT", 3)
    seen = []

    def score(sources: list[list[int]], targets: list[list[int]]) -> list[np.ndarray]:
        seen.extend(zip(map(tuple, sources), map(tuple, targets), strict=True))
        return model.score(sources, targets)

    score_texts(score, [np.arange(6, 16)])
    assert sorted(seen) == [((), (6, 7, 8, 9)), ((7, 8, 9), (10, 11, 12, 13)), ((11, 12, 13), (14, 15))]
