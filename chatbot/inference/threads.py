"""One thread for the matrix products of talking, which are small: handing them to others costs more than it saves.

On two cores that other work kept busy, a greedy reply took 0.3 to 1 s with OpenBLAS's two threads, 0.02 to 0.06 s with
one. Scoring many replies at once gains from threads, and keeps them.
"""

from __future__ import annotations

import os


def use_one_thread() -> None:
    """To be called before NumPy is first imported; what the user has set himself stands."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
