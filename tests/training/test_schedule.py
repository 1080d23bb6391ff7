"""Budgets and learning rates."""

from __future__ import annotations

import pytest

from chatbot.training.schedule import Budget, learning_rate
from chatbot.training.settings import TrainingSettings

SETTINGS = TrainingSettings(learning_rate=0.01, warmup_steps=10, final_rate=0.1)


def test_minutes_count_before_epochs():
    assert Budget(epochs=4).progress(epoch=1.0, seconds=1e9) == 0.25
    assert Budget(epochs=4, minutes=2).progress(epoch=3.9, seconds=30) == 0.25
    assert Budget(epochs=4, minutes=2).progress(epoch=0, seconds=500) == 1.0


def test_the_rate_rises_then_falls_to_its_last_share():
    assert learning_rate(SETTINGS, 0, 0.0) == pytest.approx(0.001)
    assert learning_rate(SETTINGS, 9, 0.0) == pytest.approx(0.01)
    assert learning_rate(SETTINGS, 500, 0.5) == pytest.approx(0.0055)
    assert learning_rate(SETTINGS, 500, 1.0) == pytest.approx(0.001)


def test_no_warm_up_starts_at_the_top():
    assert learning_rate(TrainingSettings(warmup_steps=0), 0, 0.0) == 0.001
