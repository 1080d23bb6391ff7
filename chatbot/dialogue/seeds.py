"""Which seed a reply is drawn with: a fresh one each time, or one that follows from the person's fixed seed."""

from __future__ import annotations

import hashlib
import secrets

from chatbot.settings import DecodingSettings


def seed_for(settings: DecodingSettings, turn: int = 0, attempt: int = 0) -> int:
    """The seed of attempt `attempt` (0 is the first reply, 1 the first retry) at turn number `turn` of a dialogue.

    Without a fixed seed, 31 fresh bits. With one, the first reply of a dialogue uses it as it is, so that one reply
    and the first line of a chat agree; later replies use 63 bits of SHA-256 of (seed, turn, attempt).
    """
    if settings.seed is None:
        return secrets.randbits(31)
    if turn == attempt == 0:
        return settings.seed
    digest = hashlib.sha256(f"{settings.seed}/{turn}/{attempt}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
