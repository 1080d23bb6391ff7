"""A conversation as it was read -> the conversation that a dataset holds: cut, turned round, its source named."""

from __future__ import annotations

from dataclasses import replace

from chatbot.corpus.conversation import Conversation
from chatbot.data.settings import PrepareSettings
from chatbot.text.word_tokenizer import first_words


def shaped(conversation: Conversation, settings: PrepareSettings, prefix: str = "") -> Conversation:
    """The conversation under these settings; `prefix` tells its source apart from those of other corpora.

    Split by conversation, each is a source of its own.
    """
    source = f"{prefix}{conversation.source}"
    if settings.split_by == "conversation":
        source = f"{source} {conversation.id}"
    turns = conversation.utterances[: settings.cut_turns or None]
    if settings.cut_words:
        most, contractions = settings.cut_words, settings.split_contractions
        turns = tuple(replace(turn, text=first_words(turn.text, most, contractions)) for turn in turns)
    found = replace(conversation, source=source, utterances=turns)
    return found.reversed() if settings.reverse else found
