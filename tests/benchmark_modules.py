"""Modules of tests/benchmarks, which import one another by their bare names."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

FOLDER = str(Path(__file__).resolve().parent / "benchmarks")


def benchmark(name: str) -> Any:
    """The module of that name."""
    sys.path.insert(0, FOLDER)
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(FOLDER)
