"""Results in order, errors passed on, and nothing begun once the caller has stopped."""

from __future__ import annotations

import threading
import time

import pytest

from chatbot.decoding.parallel import in_parallel


def test_results_come_in_the_order_of_the_jobs():
    def work(job: int) -> int:
        time.sleep(0.002 * (job % 3))
        return job * job

    assert list(in_parallel(work, range(20))) == [n * n for n in range(20)]
    assert list(in_parallel(work, [])) == []


def test_an_error_of_a_job_is_raised():
    with pytest.raises(ZeroDivisionError):
        list(in_parallel(lambda job: 1 // job, [1, 0, 1]))


def test_what_has_not_begun_is_dropped():
    begun, go = [], threading.Event()

    def work(job: int) -> int:
        begun.append(job)
        if job:
            go.wait(5)
        return job

    results = in_parallel(work, range(1000))
    assert next(results) == 0
    threading.Timer(0.05, go.set).start()
    results.close()
    assert len(begun) < 100
