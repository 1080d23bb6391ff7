"""A dialogue that is kept while it goes on: a turn before its reply is computed, a reply before anyone sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from chatbot.dialogue.dialogue import Dialogue, Turn
from chatbot.dialogue.model import Model
from chatbot.dialogue.reply import Reply
from chatbot.dialogue.streaming import OnText
from chatbot.dialogue.wellformed import well_formed
from chatbot.errors import UsageError
from chatbot.settings import DecodingSettings
from chatbot.store.history import History
from chatbot.store.records import Transcript


class RecordedDialogue:
    """A `Dialogue` with its `History`; the conversation begins to be kept with its first turn."""

    def __init__(self, dialogue: Dialogue, history: History) -> None:
        self.dialogue = dialogue
        self.history = history
        self.conversation_id: int | None = None
        self._kept: list[tuple[int, int]] = []  # numbers of the turn and the reply of each turn of the dialogue
        self._waiting: int | None = None  # number of the turn whose text is unanswered

    @classmethod
    def resume(cls, dialogue: Dialogue, history: History, conversation_id: int) -> Self:
        """Go on where a kept conversation stands; its turns replace those of `dialogue`.

        A last turn that was never answered stays kept, but is not gone on from.
        """
        recorded = cls(dialogue, history)
        recorded._follow(history.show(conversation_id))
        return recorded

    def _follow(self, transcript: Transcript) -> None:
        """Stand where the conversation stands."""
        steps = [(step.turn, step.reply) for step in transcript.path if step.reply]
        self.dialogue.turns = tuple(
            Turn(turn.text, reply.receipt(), tuple(one.text for one in turn.replies)) for turn, reply in steps
        )
        self._kept = [(turn.id, reply.id) for turn, reply in steps]
        self._waiting = self.dialogue.unanswered = None
        self.conversation_id = transcript.conversation.id

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The turns of the dialogue, oldest first."""
        return self.dialogue.turns

    @property
    def last(self) -> tuple[int, int] | None:
        """The numbers of the last turn and of the reply that stands to it; None before the first reply."""
        return self._kept[-1] if self._kept else None

    @property
    def unanswered(self) -> str | None:
        """As of the dialogue."""
        return self.dialogue.unanswered

    @property
    def settings(self) -> DecodingSettings:
        """How the next reply is searched for; may be replaced."""
        return self.dialogue.settings

    @settings.setter
    def settings(self, settings: DecodingSettings) -> None:
        self.dialogue.settings = settings

    @property
    def model(self) -> Model:
        """Who replies; may be replaced."""
        return self.dialogue.model

    @model.setter
    def model(self, model: Model) -> None:
        self.dialogue.model = model

    def reply(self, text: str, stop: Callable[[], bool] | None = None, on_text: OnText | None = None) -> Reply:
        """As `Dialogue.reply`; the text is kept even where no reply comes of it. `StoreError` if it cannot be kept."""
        text = well_formed(text)
        if not text.strip():
            return self.dialogue.reply(text, stop)  # says that there is nothing to answer
        self._waiting = turn_id = self._keep_turn(text)
        return self._keep(turn_id, lambda: self.dialogue.reply(text, stop, on_text))

    def retry(self, stop: Callable[[], bool] | None = None, on_text: OnText | None = None) -> Reply:
        """As `Dialogue.retry`; the replies before it stay kept, beside it."""
        turn_id = self._waiting if self.unanswered else self._kept[-1][0] if self._kept else None
        if turn_id is None:
            return self.dialogue.retry(stop)  # says that there is nothing to retry
        return self._keep(turn_id, lambda: self.dialogue.retry(stop, on_text))

    def edit(
        self, place: int, text: str, stop: Callable[[], bool] | None = None, on_text: OnText | None = None
    ) -> Reply:
        """Say `text` in place of turn `place` (1 is the first); what followed stays kept, on a branch of its own.

        An error leaves the dialogue, and the branch that stands, as they were.
        """
        turns, kept = self.dialogue.turns, self._kept
        self.dialogue.turns, self._kept = turns[: place - 1], kept[: place - 1]
        try:
            return self.reply(text, stop, on_text)
        except BaseException:
            self.dialogue.turns, self._kept = turns, kept
            self._waiting = self.dialogue.unanswered = None
            if self.conversation_id is not None and kept:
                self.history.set_leaf(self.conversation_id, *kept[-1])
            raise

    def take(self, reply: Reply, model: Model) -> None:
        """Let another reply to the last text stand, kept beside those it has; none is kept twice."""
        turn_id = self._kept[-1][0]
        for turn in self.history.show(self.conversation_id).turns if self.conversation_id else ():
            for other in turn.replies if turn.id == turn_id else ():
                if (other.token_ids, other.fingerprint) == (reply.token_ids, reply.fingerprint):
                    self.stand(other.id)
                    return
        self.model = model
        self._keep(turn_id, lambda: taken(self.dialogue, reply))

    def stand(self, reply_id: int) -> None:
        """Go on from any reply of the conversation; what stood before stays kept. `UsageError` if there is none."""
        transcript = self.history.show(self.conversation_id) if self.conversation_id else None
        turns = [t.id for t in transcript.turns for r in t.replies if r.id == reply_id] if transcript else []
        if not transcript or not turns:
            raise UsageError(f"this conversation has no reply {reply_id}")
        self.history.set_leaf(transcript.conversation.id, turns[0], reply_id)
        self._follow(self.history.show(transcript.conversation.id))

    def undo(self) -> str | None:
        """As `Dialogue.undo`; what is undone stays kept, on a branch of its own."""
        if self._kept and not self.unanswered:
            self._kept.pop()
        if self.conversation_id is not None:
            self.history.set_leaf(self.conversation_id, *(self._kept[-1] if self._kept else (None, None)))
        self._waiting = None
        return self.dialogue.undo()

    def clear(self) -> None:
        """Start a new conversation; it is kept from its first turn on."""
        self.dialogue.clear()
        self.conversation_id, self._kept, self._waiting = None, [], None

    def _keep_turn(self, text: str) -> int:
        if self.conversation_id is None:
            self.conversation_id, turn_id = self.history.start_conversation(text)
            return turn_id
        return self.history.add_turn(self.conversation_id, text, self._kept[-1][1] if self._kept else None)

    def _keep(self, turn_id: int, answer: Callable[[], Reply]) -> Reply:
        before = self.dialogue.turns
        try:
            reply = answer()
            reply_id = self.history.add_reply(turn_id, reply, self.dialogue.model)
        except BaseException:
            self.dialogue.turns = before
            raise
        self._kept[len(self.dialogue.turns) - 1 :], self._waiting = [(turn_id, reply_id)], None
        return reply


def taken(dialogue: Dialogue, reply: Reply) -> Reply:
    """Put a reply in place of the last one of a dialogue in memory."""
    *earlier, last = dialogue.turns
    dialogue.turns = (*earlier, Turn(last.text, reply, tuple(dict.fromkeys((*last.shown, reply.text)))))
    dialogue.unanswered = None
    return reply
