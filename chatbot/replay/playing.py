"""Branches and models -> a `Replay`: what each model says now, and in how much that differs."""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.corpus.counts import Progress, silent
from chatbot.dialogue.asked import Stop
from chatbot.dialogue.model import Model
from chatbot.errors import ChatbotError
from chatbot.replay.branches import Branch
from chatbot.replay.known import KnownModels
from chatbot.replay.player import Player, Playing
from chatbot.replay.results import Replay
from chatbot.replay.totals import pairs_of


def replay(
    branches: Sequence[Branch],
    models: Sequence[Model],
    playing: Playing | None = None,
    notes: Sequence[str] = (),
    progress: Progress = silent,
    stop: Stop | None = None,
) -> Replay:
    """Play all branches with each model. `ChatbotError` where not one reply could be compared."""
    playing = playing or Playing()
    known = KnownModels(*models)
    results = tuple(Player(branches, model, playing, known, progress, stop).result() for model in models)
    for result in results:
        if not result.totals.compared:
            whys = [o.why for b in result.branches for t in b.turns for o in (t.forced, t.free) if o and o.why]
            raise ChatbotError(f"nothing could be compared: {whys[0] if whys else 'no reply was kept'}")
    return Replay(
        results,
        playing.modes,
        dict(playing.changes),
        playing.tolerance,
        playing.threshold,
        playing.baseline,
        pairs_of(results),
        tuple(notes),
    )
