"""A dialogue that is kept while it goes on: a turn before its reply is computed, a reply before anyone sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from chatbot.dialogue.dialogue import Dialogue, Turn
from chatbot.dialogue.model import Model
from chatbot.dialogue.reply import Reply
from chatbot.dialogue.wellformed import well_formed
from chatbot.settings import DecodingSettings
from chatbot.store.history import History


class RecordedDialogue:
    """A `Dialogue` with its `History`; the conversation begins to be kept with its first turn."""

    def __init__(self, dialogue: Dialogue, history: History) -> None:
        self.dialogue = dialogue
        self.history = history
        self.conversation_id: int | None = None
        self._kept: list[tuple[int, int]] = []  # numbers of the turn and the reply of each turn of the dialogue

    @classmethod
    def resume(cls, dialogue: Dialogue, history: History, conversation_id: int) -> Self:
        """Go on where a kept conversation stands; its turns replace those of `dialogue`.

        A last turn that was never answered stays kept, but is not gone on from.
        """
        recorded = cls(dialogue, history)
        transcript = history.show(conversation_id)
        steps = [(step.turn, step.reply) for step in transcript.path if step.reply]
        dialogue.turns = tuple(
            Turn(turn.text, reply.receipt(), tuple(one.text for one in turn.replies)) for turn, reply in steps
        )
        recorded._kept = [(turn.id, reply.id) for turn, reply in steps]
        recorded.conversation_id = conversation_id
        return recorded

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The turns of the dialogue, oldest first."""
        return self.dialogue.turns

    @property
    def last(self) -> tuple[int, int] | None:
        """The numbers of the last turn and of the reply that stands to it; None before the first reply."""
        return self._kept[-1] if self._kept else None

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

    def reply(self, text: str, stop: Callable[[], bool] | None = None) -> Reply:
        """As `Dialogue.reply`; the text is kept even where no reply comes of it. `StoreError` if it cannot be kept."""
        text = well_formed(text)
        if not text.strip():
            return self.dialogue.reply(text, stop)  # says that there is nothing to answer
        return self._keep(self._keep_turn(text), lambda: self.dialogue.reply(text, stop))

    def retry(self, stop: Callable[[], bool] | None = None) -> Reply:
        """As `Dialogue.retry`; the replies before it stay kept, beside it."""
        if not self._kept:
            return self.dialogue.retry(stop)  # says that there is nothing to retry
        return self._keep(self._kept[-1][0], lambda: self.dialogue.retry(stop))

    def undo(self) -> str | None:
        """As `Dialogue.undo`; what is undone stays kept, on a branch of its own."""
        if self.conversation_id is not None and self._kept:
            self.history.set_leaf(self.conversation_id, *(self._kept[-2] if len(self._kept) > 1 else (None, None)))
            self._kept.pop()
        return self.dialogue.undo()

    def clear(self) -> None:
        """Start a new conversation; it is kept from its first turn on."""
        self.dialogue.clear()
        self.conversation_id, self._kept = None, []

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
        self._kept[len(self.dialogue.turns) - 1 :] = [(turn_id, reply_id)]
        return reply
