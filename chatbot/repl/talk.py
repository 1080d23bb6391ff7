"""One session's state: the model, the settings, the conversation being recorded; shared by every front end and command.

Nothing here waits, but the work it hands out: a `Work` runs in another thread and ends in a reply, or in something else
that prints itself.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chatbot.errors import ChatbotError, NoConversation
from chatbot.home import load_config
from chatbot.repl.loading import Stop, in_background, waited
from chatbot.repl.view import PRIVATE_YOU, YOU, View
from chatbot.settings import DecodingSettings

if TYPE_CHECKING:
    from chatbot.dialogue.model import Model
    from chatbot.dialogue.reply import Reply
    from chatbot.repl.late import LateDialogue
    from chatbot.store.history import History
    from chatbot.store.recorded import RecordedDialogue

Shown = Callable[[View], None]


@dataclass(frozen=True, slots=True)
class Errand:
    """A work that ends in no reply, but in something that prints itself."""

    run: Callable[[Stop], Shown]

    def __call__(self, stop: Stop) -> Shown:
        """Do it, in another thread than the prompt's."""
        return self.run(stop)


Work = Errand | Callable[[Stop], "Reply | Shown"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for."""

    model: str | None = None
    database: str | None = None
    decoding: Mapping[str, Any] = field(default_factory=dict)  # only what was given
    keep: bool = True
    theme: str | None = None


class Talk:
    """The session. `given` holds the settings that differ from the model's own; `on_load` hears of each loading."""

    def __init__(self, asked: Asked, view: View) -> None:
        config = load_config()
        self.view = view
        self.keep = asked.keep
        self.private = False  # whether nothing is kept for now
        self.multiline = False  # whether Enter makes a new line
        self.database = asked.database
        self.given: dict[str, Any] = {**config.decoding, **asked.decoding}
        self.name = asked.model or config.chat.model or None
        self.model: Future[Model] = Future()
        self.load_seconds = 0.0
        self.hear: Callable[[str], None] = lambda part: None  # gets a reply part by part, in the thread that finds it
        self.after: Callable[[Reply, Stop], Reply | Shown] = lambda reply, stop: reply  # what is made of each reply
        self.translated = ""  # the language that each reply is translated to
        self.learned_from = ""  # the dataset that replies were last looked up in
        self.draft = ""  # what the next prompt begins with
        self.on_load: Callable[[Future[Model]], None] = lambda model: None
        self.opened: Future[History | None] = Future()
        self.conversation: Future[RecordedDialogue | LateDialogue] = Future()

    def start(self) -> None:
        """Open the history and load the model, in the background."""
        in_background(self._open, self.opened)
        in_background(self._converse, self.conversation)
        self.load(self.name)

    def load(self, name: str | None) -> None:
        """Load another model in the background; the conversation goes on with it, or with the old one if that fails."""
        before = (self.model, self.name) if self.loaded else None

        def work() -> Model:
            began = time.perf_counter()
            from chatbot.dialogue.model import Model

            try:
                model = Model.load(name)
                self.load_seconds = time.perf_counter() - began
                return model
            except BaseException:
                if before and self.model is loading:
                    self.model, self.name = before
                raise

        loading: Future[Model] = Future()
        self.name, self.model = name, loading
        in_background(work, loading)
        self.on_load(loading)

    def begin(self) -> None:
        """Start a new conversation; it is kept from its first line on."""
        self.conversation = in_background(self._converse)

    def resume(self, number: int) -> None:
        """Go on with a conversation kept earlier; `StoreError` where there is none of this number."""
        from chatbot.repl.late import LateDialogue
        from chatbot.store.recorded import RecordedDialogue

        history = self.opened.result()
        assert history is not None, "nothing is kept in this session"
        dialogue = RecordedDialogue.resume(LateDialogue(self._source), history, number)
        self.conversation = Future()
        self.conversation.set_result(dialogue)

    def keep_private(self) -> None:
        """Keep nothing of what follows; what was said before stays its context."""
        dialogue = self.conversation.result()
        unrecorded: Any = getattr(dialogue, "dialogue", dialogue)
        self.private = True
        self.conversation = Future()
        self.conversation.set_result(unrecorded)

    def close(self) -> None:
        """Close the history, if it was opened."""
        if self.opened.done() and not self.opened.exception() and (history := self.opened.result()):
            history.close()

    def show(self, outcome: Reply | Shown) -> None:
        """Print what came of a work."""
        if callable(outcome):
            outcome(self.view)
        else:
            self.view.reply(outcome.text, outcome.complete)

    def failure(self, failure: BaseException) -> None:
        """Print what went wrong, in the words of a conversation."""
        if isinstance(failure, NoConversation):
            gone = "this conversation was deleted elsewhere; /new starts another"
            none = f"no conversation {failure.number}; /history lists them"
            self.view.error(gone if failure.number == self.number else none)
        else:
            self.view.failure(failure)

    def say(self, text: str) -> Work:
        """The work of answering `text`, which is kept first."""
        return lambda stop: self.after(self.conversation.result().reply(text, stop, self.hear), stop)

    def retry(self) -> Work:
        """The work of finding another reply to the last text."""
        return lambda stop: self.after(self.conversation.result().retry(stop, self.hear), stop)

    @property
    def label(self) -> str:
        """What stands before what the person types."""
        return PRIVATE_YOU if self.private else YOU

    @property
    def number(self) -> int | None:
        """The conversation's number in the history; None before its first turn is kept."""
        ready = self.conversation.done() and not self.conversation.exception()
        return getattr(self.conversation.result(), "conversation_id", None) if ready else None

    @property
    def settings(self) -> DecodingSettings:
        """The settings in force; the model's own are those of the program while it is loading."""
        own = self.model.result().settings if self.loaded else DecodingSettings()
        return dataclasses.replace(own, **self.given)

    @property
    def loaded(self) -> bool:
        """Whether the model is there."""
        return self.model.done() and not self.model.exception()

    @property
    def turns(self) -> int:
        """Turns of the conversation so far."""
        ready = self.conversation.done() and not self.conversation.exception()
        return len(self.conversation.result().turns) if ready else 0

    @property
    def unanswered(self) -> str | None:
        """The last text, where an error kept it from having a reply."""
        ready = self.conversation.done() and not self.conversation.exception()
        return self.conversation.result().unanswered if ready else None

    def _open(self) -> History | None:
        if not self.keep:
            return None
        from chatbot.store.history import History

        return History.open(self.database)

    def _converse(self) -> RecordedDialogue | LateDialogue:
        from chatbot.repl.late import LateDialogue

        dialogue = LateDialogue(self._source)
        history = self.opened.result()
        if history is None or self.private:
            return dialogue
        from chatbot.store.recorded import RecordedDialogue

        return RecordedDialogue(dialogue, history)

    def _source(self, stop: Stop | None) -> tuple[Model, DecodingSettings]:
        asked = self.model
        try:
            model = waited(asked, stop)
        except ChatbotError:
            if self.model is asked:
                raise
            model = waited(self.model, stop)  # the old one, where the new one could not be loaded
        return model, dataclasses.replace(model.settings, **self.given)
