"""The line at the bottom: model, decoding, conversation and hints; what does not fit is left out, hints first."""

from __future__ import annotations

from prompt_toolkit.utils import get_cwidth

from chatbot.repl.talk import Talk
from chatbot.repl.wrapping import shorten
from chatbot.settings import DecodingSettings
from chatbot.terminal import one_line


def toolbar(talk: Talk, doing: str, columns: int) -> str:
    """The text, of at most `columns` cells; `doing` is what Ctrl-C would stop, "" for nothing."""
    decoding = [decoding_part(talk.settings)] if talk.loaded else []
    if doing:
        parts = [model_part(talk), f"Ctrl-C stops {doing}", *decoding]
    else:
        marks = (["private"] if talk.private else []) + (["Alt-Enter sends"] if talk.multiline else [])
        parts = [*marks, model_part(talk), *decoding, conversation_part(talk), "/help", "Ctrl-D leaves"]
    line = " " + parts[0]
    for part in parts[1:]:
        longer = f"{line} · {part}"
        if get_cwidth(longer) > columns:
            break
        line = longer
    return shorten(line, columns)


def model_part(talk: Talk) -> str:
    """The model's name, or what is happening to it."""
    if talk.loaded:
        return one_line(talk.model.result().name)
    name = one_line(talk.name or "the model")
    return f"{name} is not loaded: /model" if talk.model.done() else f"loading {name} ..."


def decoding_part(settings: DecodingSettings) -> str:
    """How replies are found, in two or three words."""
    if settings.temperature:
        limits = (f" top-k {settings.top_k}" if settings.top_k else "") + (
            f" top-p {settings.top_p:g}" if settings.top_p < 1 else ""
        )
        return f"temperature {settings.temperature:g}{limits}"
    return f"beam {settings.beam_size}" if settings.beam_size > 1 else "greedy"


def conversation_part(talk: Talk) -> str:
    """The conversation's number in the history and how many turns it has."""
    turns = f"{talk.turns} turn{'s' if talk.turns != 1 else ''}"
    if not talk.keep or talk.private:
        return f"not kept, {turns}"
    return f"conversation {talk.number}, {turns}" if talk.number else "new conversation"
