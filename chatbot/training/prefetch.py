"""Work done ahead in a thread, in the same order: batches are padded while the machine multiplies."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
END = object()


def prefetched(items: Iterable[T], ahead: int = 4) -> Iterator[T]:
    """Yield `items` in order, up to `ahead` of them made before they are asked for.

    An error arrives in the place of its item.
    """
    iterator = iter(items)
    with ThreadPoolExecutor(1, thread_name_prefix="prefetch") as thread:
        ready: deque[Future[object]] = deque(thread.submit(next, iterator, END) for _ in range(ahead))
        try:
            while (item := ready.popleft().result()) is not END:
                ready.append(thread.submit(next, iterator, END))
                yield item  # type: ignore[misc]  # not END: one of `items`
        finally:
            for future in ready:
                future.cancel()
