"""Requests for replies -> replies: each different one is searched for once, all of one model and settings together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from chatbot.decoding.parallel import in_parallel
from chatbot.dialogue.reply import Reply
from chatbot.errors import ChatbotError
from chatbot.scripts.lanes import Request

TOGETHER = 128  # replies in a batch; more would gain little, and each core takes one batch at a time


def answer(requests: Sequence[Request], advance: Callable[[int], object] = lambda _: None) -> None:
    """Let every lane hear its reply, or that there is none. `advance` is told of each reply found."""
    waiting: dict[tuple[object, ...], list[Request]] = {}
    for request in requests:
        waiting.setdefault(request.key, []).append(request)
    unique = [some[0] for some in waiting.values()]
    batches = list(_batches(unique))
    for batch, replies in zip(batches, in_parallel(_replies, batches), strict=True):
        for first, found in zip(batch, replies, strict=True):
            same = waiting[first.key]
            for request in same:
                if isinstance(found, Reply):
                    request.lane.hear(request.own(found))
                else:
                    request.lane.refuse(found)
            advance(len(same))


def _batches(requests: Sequence[Request]) -> Iterator[list[Request]]:
    groups: dict[int, list[Request]] = {}
    for request in requests:
        groups.setdefault(request.lane.group, []).append(request)
    for some in groups.values():
        for first in range(0, len(some), TOGETHER):
            yield some[first : first + TOGETHER]


def _replies(batch: Sequence[Request]) -> Sequence[Reply | ChatbotError]:
    lane = batch[0].lane
    try:
        return lane.model.answer_each([one.context for one in batch], lane.settings, [one.seed for one in batch])
    except ChatbotError as error:
        return [error] * len(batch)
