"""Settings of every test: no user files, no randomness between runs."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as background jobs of some shells begin
    signal.signal(signal.SIGINT, signal.default_int_handler)
settings.register_profile("deterministic", derandomize=True, deadline=None)
settings.load_profile("deterministic")

SHARED = Path(__file__).resolve().parents[2] / "shared" / "corpora"


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a CHATBOT_HOME of its own and no settings from the environment."""
    monkeypatch.setenv("CHATBOT_HOME", str(tmp_path / "home"))
    for name in [name for name in os.environ if name.startswith("CHATBOT_") and name != "CHATBOT_HOME"]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture(scope="session")
def shared_corpora() -> Path:
    """The folder of real corpora; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the real corpora are not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small random dialogue bundle named "tiny"; copy it before changing it."""
    from tiny import save_tiny_bundle

    path = tmp_path_factory.mktemp("bundles") / "tiny"
    save_tiny_bundle(path)
    return path
