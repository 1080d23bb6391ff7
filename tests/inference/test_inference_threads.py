from __future__ import annotations

import os

import pytest

from chatbot.inference.threads import use_one_thread


def test_one_thread_unless_the_user_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "x")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    use_one_thread()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    use_one_thread()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "2"
