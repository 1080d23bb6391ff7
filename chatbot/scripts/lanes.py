"""One sample of one dialogue while it is held: its turns so far, its seed and its variables; what it says next."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from chatbot.dialogue.asked import Context
from chatbot.dialogue.dialogue import Turn
from chatbot.dialogue.model import Model
from chatbot.dialogue.reply import Reply
from chatbot.dialogue.seeds import seed_for
from chatbot.errors import ChatbotError
from chatbot.scripts.evidence import Evidence, Session
from chatbot.scripts.script import ScriptTurn
from chatbot.scripts.variables import filled
from chatbot.settings import DecodingSettings


class Closable(Session, Protocol):
    """A session that is closed once its turn is checked."""

    def close(self) -> None:
        """Let go of its history."""
        ...


OpenSession = Callable[[Model, DecodingSettings, tuple[Turn, ...]], Closable]
"""Opens the session that holds these turns; given by cli/, for the commands of the terminal stand above scripts/."""


def sample_seed(seed: int, repeat: int, sample: int) -> int:
    """The seed of a sample of a repetition, both counted from 0; the first of the first is the dialogue's own."""
    if repeat == sample == 0:
        return seed
    digest = hashlib.sha256(f"{seed}/repeat {repeat}/sample {sample}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


@dataclass(slots=True)
class Lane:
    """A conversation as `Dialogue` would hold it with the same model, settings and seed."""

    model: Model
    settings: DecodingSettings  # with the seed of this sample
    group: int  # lanes of one group have the same model and, but for the seed, the same settings
    turns: tuple[Turn, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    turn: ScriptTurn | None = None  # the turn under way, its variables filled in
    seed: int = 0  # of the reply to it
    refusal: str = ""  # why it got no reply, where the script expects that; the next turn goes on as if it were not
    stopped: str = ""  # why the lane cannot go on

    def ask(self, turn: ScriptTurn) -> Request | None:
        """Say what the turn says; None where nothing can be answered."""
        self.turn = filled(turn, self.variables)
        said = [line for past in self.turns for line in (past.text, past.reply.text)] + [self.turn.user]
        own = [position % 2 == 1 for position in range(len(said))]
        self.seed, self.refusal = seed_for(self.settings, len(self.turns)), ""
        try:
            return Request(self, self.model.context(said, own), self.seed)
        except ChatbotError as error:
            self.refuse(error)
            return None

    def hear(self, reply: Reply) -> None:
        """Take the reply to what was said."""
        assert self.turn is not None
        self.turns = (*self.turns, Turn(self.turn.user, reply, (reply.text,)))

    def refuse(self, error: ChatbotError) -> None:
        """Take it that there is no reply: as the script expects, or for good."""
        assert self.turn is not None
        if self.turn.may_be_refused:
            self.refusal = str(error)
        else:
            self.stopped = str(error)

    @property
    def heard(self) -> str:
        """What came of what was said last."""
        return f"(no reply: {self.refusal})" if self.refusal else self.turns[-1].reply.text


@dataclass(frozen=True, slots=True)
class Request:
    """One reply that is wanted: to what, and with which seed."""

    lane: Lane
    context: Context
    seed: int

    @property
    def key(self) -> tuple[object, ...]:
        """Requests of equal keys get the same words: only drawing looks at the seed."""
        seed = self.seed if self.lane.settings.temperature > 0 else None
        return self.lane.group, self.context, seed

    def own(self, reply: Reply) -> Reply:
        """A reply that was found for a request of the same key, with the seed of this one on its receipt."""
        if reply.seed == self.seed:
            return reply
        return replace(reply, seed=self.seed, settings=replace(reply.settings, seed=self.seed))


class Place:
    """Where a lane stands after a turn: its evidence, and its session, opened when first asked for, and only once."""

    def __init__(self, lane: Lane, samples: tuple[str, ...], open_session: OpenSession | None) -> None:
        self.lane, self.open_session = lane, open_session
        self.opened: Closable | None = None
        session = self.session if open_session else None
        self.evidence = Evidence(lane.model, lane.turns, samples, session, lane.refusal)

    def session(self) -> Session:
        """The session of this turn."""
        assert self.open_session is not None
        if self.opened is None:
            self.opened = self.open_session(self.lane.model, self.lane.settings, self.lane.turns)
        return self.opened

    def close(self) -> None:
        """Let go of the session."""
        if self.opened:
            self.opened.close()
