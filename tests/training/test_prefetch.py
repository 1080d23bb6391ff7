"""Batches made ahead keep their order and their errors."""

from __future__ import annotations

import threading

import pytest

from chatbot.training.prefetch import prefetched


def test_order_is_kept():
    assert list(prefetched(range(50))) == list(range(50))
    assert list(prefetched([])) == []


def test_an_error_arrives_in_its_place():
    def items():
        yield 1
        yield 2
        raise ValueError("third")

    found = prefetched(items())
    assert [next(found), next(found)] == [1, 2]
    with pytest.raises(ValueError, match="third"):
        next(found)


def test_leaving_early_ends_the_thread():
    for item in prefetched(iter(range(1000))):
        if item == 3:
            break
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("prefetch")]
