"""A small corpus in Cornell's file format with invented text: twelve movies, four conversations each."""

from __future__ import annotations

from pathlib import Path

MOVIES, CONVERSATIONS, TURNS = 12, 4, 5
SEPARATOR = " +++$+++ "
OPENINGS = ("Good morning", "Listen", "Well", "I don't know", "Tell me", "Honestly")
MIDDLES = ("the boat leaves at", "we should paint the fence before", "your uncle called around", "nobody eats soup at")
ENDINGS = ("noon.", "seven!", "midnight?", "half past four...", "dawn, I suppose.")


def text_of(movie: int, conversation: int, turn: int) -> str:
    """What is said in a turn; different in every place."""
    n = (movie * CONVERSATIONS + conversation) * TURNS + turn
    return f"{OPENINGS[n % 6]}, {MIDDLES[n // 6 % 4]} {n} {ENDINGS[n // 24 % 5]}"


def line_rows() -> list[list[str]]:
    """Rows of movie_lines.txt, in no good order, as in the original."""
    return [
        [
            f"L{movie}{conversation}{turn}",
            f"u{movie}{turn % 2}",
            f"m{movie}",
            "NAME",
            text_of(movie, conversation, turn),
        ]
        for movie in range(MOVIES)
        for conversation in reversed(range(CONVERSATIONS))
        for turn in reversed(range(TURNS))
    ]


def conversation_rows() -> list[list[str]]:
    """Rows of movie_conversations.txt."""
    return [
        [f"u{movie}0", f"u{movie}1", f"m{movie}", str([f"L{movie}{conversation}{turn}" for turn in range(TURNS)])]
        for movie in range(MOVIES)
        for conversation in range(CONVERSATIONS)
    ]


def joined(rows: list[list[str]]) -> bytes:
    """Rows as the bytes of a file."""
    return "".join(SEPARATOR.join(row) + "\n" for row in rows).encode("cp1252")


def write_files(
    folder: Path, lines: list[list[str]] | None = None, conversations: list[list[str]] | None = None
) -> Path:
    """Write the two files that matter into a folder, which is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "movie_lines.txt").write_bytes(joined(line_rows() if lines is None else lines))
    rows = conversation_rows() if conversations is None else conversations
    (folder / "movie_conversations.txt").write_bytes(joined(rows))
    return folder
