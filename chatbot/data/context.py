"""Earlier turns -> the source ids that the encoder reads; training and chatting both go through here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatbot.settings import setting
from chatbot.text.special import OTHER_ID, SELF_ID


@dataclass(frozen=True, slots=True)
class ContextSettings:
    """How earlier turns become a source sequence."""

    turns: int = setting(
        3, "turns before the reply that the encoder reads, the prompt among them", minimum=1, maximum=20
    )
    max_source_length: int = setting(80, "tokens kept of the source, the latest ones", minimum=2, maximum=1000)
    marks: bool = setting(True, "each turn opens with <self> or <other>, seen from who replies")


def source_ids(turns: Sequence[Sequence[int]], own: Sequence[bool], settings: ContextSettings) -> list[int]:
    """Join the last turns, oldest first; `own[i]` says that turn i was spoken by the one who now replies.

    Empty turns are left out. What is too long loses its oldest tokens; the first token kept may then be no mark.
    """
    ids: list[int] = []
    for turn, mine in list(zip(turns, own, strict=True))[-settings.turns :]:
        if len(turn):
            ids.extend(([SELF_ID if mine else OTHER_ID] if settings.marks else []) + list(turn))
    return ids[-settings.max_source_length :]
