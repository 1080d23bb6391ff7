"""Commands whose work is done behind the prompt, because it computes, or asks the history, which may be locked.

A command is a function that returns what it shows; its arguments are checked there too.
"""

from __future__ import annotations

from collections.abc import Callable

from chatbot.repl.loading import Stop, Stopped, in_background, waited
from chatbot.repl.talk import Errand, Shown, Talk
from chatbot.repl.view import View

Look = Callable[[Talk, str, Stop], Shown]
Change = Callable[[Talk, str], Shown]


def looking(look: Look) -> Callable[[Talk, str], Errand]:
    """For a command that only looks: Ctrl-C ends it at once, and what is still found then is dropped."""

    def command(talk: Talk, text: str) -> Errand:
        def run(stop: Stop) -> Shown:
            try:
                return waited(in_background(lambda: look(talk, text, stop)), stop)
            except Stopped:
                return _stopped

        return Errand(run)

    return command


def changing(change: Change) -> Callable[[Talk, str], Errand]:
    """For a command that changes something kept: it is done whole or not at all, and waited for."""
    return lambda talk, text: Errand(lambda stop: change(talk, text))


def noted(text: str) -> Shown:
    """Shows a note."""
    return lambda view: view.note(text)


def _stopped(view: View) -> None:
    view.note("(stopped)")
