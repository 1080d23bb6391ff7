"""Slow things done behind the prompt: work -> a future; a dialogue that waits for its model."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, TimeoutError
from typing import TypeVar

from chatbot.errors import ChatbotError

T = TypeVar("T")
Stop = Callable[[], bool]


def never() -> bool:
    """Lets everything go on."""
    return False


class Stopped(ChatbotError):
    """The person no longer wants to wait."""


POLL = 0.05  # seconds between two looks at whether the person still wants to wait


def in_background(work: Callable[[], T], future: Future[T] | None = None) -> Future[T]:
    """Run `work` in a thread that does not keep the program from ending; its result or exception is the future's."""
    future = future or Future()
    future.set_running_or_notify_cancel()  # from here on, no one who waits for it can cancel it

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name="chatbot", daemon=True).start()
    return future


def waited(future: Future[T], stop: Stop | None = None) -> T:
    """The future's result; `Stopped` once `stop` says True before it is there."""
    while True:
        try:
            return future.result(timeout=POLL if stop else None)
        except TimeoutError:
            if future.done():
                raise
            if stop and stop():
                raise Stopped("stopped while the model was still loading") from None
