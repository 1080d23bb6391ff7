"""The same few conversations as a prepared dataset and as a raw corpus."""

from __future__ import annotations

from pathlib import Path

from tiny import SENTENCES

from chatbot.corpus.conversation import Conversation, Utterance
from chatbot.corpus.counts import Counts
from chatbot.data.prepare import Corpus, prepare
from chatbot.data.settings import PrepareSettings

MOVIES = 20


def conversations() -> list[Conversation]:
    """Two a movie; in the second one somebody says nothing, speaks twice in a row, and will not stop."""
    found = []
    for movie in range(MOVIES):
        texts = [SENTENCES[(movie * 3 + i) % len(SENTENCES)] for i in range(5)]
        speakers = "ababa"
        found.append(_conversation(f"m{movie}", "1", speakers, texts))
        found.append(_conversation(f"m{movie}", "2", "abbab", [texts[0], "", *texts[2:4], "word " * 61]))
    return found


def _conversation(movie: str, number: str, speakers: str, texts: list[str]) -> Conversation:
    turns = [Utterance(f"{movie}{s}", " ".join(t.split())) for s, t in zip(speakers, texts, strict=True)]
    return Conversation(f"{movie}-{number}", tuple(turns), movie)


def write_dataset(folder: Path, **settings: object) -> Path:
    folder.mkdir(parents=True)
    chosen = PrepareSettings(**{"vocabulary_size": 330, "minimum_count": 1, **settings})  # type: ignore[arg-type]
    prepare([Corpus("test", conversations())], folder, chosen, Counts())
    return folder


def write_corpus(folder: Path, movies: set[str] | None = None) -> Path:
    """Cornell's files, of all movies or of some."""
    folder.mkdir(parents=True)
    lines, order = [], []
    for conversation in conversations():
        if movies is None or conversation.source in movies:
            ids = [f"L{len(lines) + i}" for i in range(len(conversation.utterances))]
            for line, turn in zip(ids, conversation.utterances, strict=True):
                lines.append([line, turn.speaker, conversation.source, turn.speaker.upper(), turn.text])
            order.append(["a", "b", conversation.source, str(ids)])
    for name, rows in (("movie_lines.txt", lines), ("movie_conversations.txt", order)):
        (folder / name).write_text("".join(" +++$+++ ".join(row) + "\n" for row in rows))
    return folder
