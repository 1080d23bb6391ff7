"""What a long history costs: list, show, search and a new chat at 1,000 to 1,000,000 turns.

    python tests/benchmarks/history.py [--turns 1000 10000 100000 1000000] [--rounds 15] [--folder DIR] [--json]

One SQLite database grows through these sizes: ten turns a conversation, each with a reply and its whole receipt, words
drawn by Zipf's law. Every question is asked over a connection of its own, as a command of its own would ask it;
starting Python is not counted. Medians are printed, of the time that passed and of the processor time, and what became
of them from the smallest to the largest size. The bar is 50 ms each.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from chatbot.dialogue.reply import Alternative, Reply
from chatbot.settings import DecodingSettings
from chatbot.store.history import History
from chatbot.store.rows import reply_values
from chatbot.store.searching import search

BAR = 0.050  # seconds
TURNS_EACH = 10  # of a conversation
VOCABULARY = 50_000
LONGEST = 64  # words of a reply, more than ever are drawn
BATCH = 10_000  # turns in a transaction
FINGERPRINT = "f" * 64
compact = partial(json.dumps, separators=(",", ":"))
MINUTE, HOUR = 60_000_000, 3_600_000_000  # microseconds


def vocabulary() -> list[str]:
    """Words that can be said, the commonest first."""
    draw = random.Random(1)
    syllables = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        words["".join(draw.choices(syllables, k=draw.choice((1, 2, 2, 3, 3, 4))))] = None
    return sorted(words, key=len)


class Speaker:
    """Sentences of Zipf-distributed words, the same ones every time."""

    def __init__(self) -> None:
        self.words = vocabulary()
        self.draw = np.random.default_rng(1)
        weights = 1 / np.arange(1, VOCABULARY + 1)
        self.chances = np.cumsum(weights / weights.sum())

    def sentences(self, count: int) -> Iterator[str]:
        lengths = 1 + self.draw.poisson(8, count)
        places = np.searchsorted(self.chances, self.draw.random(int(lengths.sum())))
        said = [self.words[min(place, VOCABULARY - 1)] for place in places.tolist()]
        start = 0
        for length in lengths.tolist():
            yield " ".join(said[start : start + length]).capitalize() + "."
            start += length


def receipt(words: int) -> dict[str, object]:
    """The columns of a reply of so many words, as beam search gives it."""
    numbers, chances = tuple(range(4000, 4000 + words)), tuple(-number / 777 for number in range(1, words + 1))
    others = tuple(Alternative("one that was not said.", -1.25 - place, -4.5 - place) for place in range(2))
    fields = (-1.0, others, DecodingSettings(seed=1), 1, FINGERPRINT, "m", tuple(range(40)), 0.1)
    kept = reply_values(Reply("", numbers, (), chances, *fields))
    return {name: compact(one) if isinstance(one, (list, dict)) else one for name, one in kept.items()}


def grow(path: Path, speaker: Speaker, start: int, end: int) -> None:
    """Add turns number start..end-1, each with a reply, over the tables and triggers as they are."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-200000")
        model = (FINGERPRINT, "m", "dialogue", "{}", 0)
        connection.execute("INSERT OR IGNORE INTO model VALUES (?, ?, ?, ?, ?)", model)
        for first in range(start, end, BATCH):
            connection.execute("BEGIN")
            add(connection, speaker, range(first, min(first + BATCH, end)))
            connection.execute("COMMIT")
        connection.execute("PRAGMA optimize")


def add(connection: sqlite3.Connection, speaker: Speaker, turns: range) -> None:
    said, answered = list(speaker.sentences(len(turns))), list(speaker.sentences(len(turns)))
    connection.executemany(
        "INSERT INTO conversation (id, uid, title, fingerprint, leaf_turn_id, leaf_reply_id, created_at, updated_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (room, f"{room:032x}", f"conversation {room}", FINGERPRINT, *(room * TURNS_EACH,) * 2, *(room * HOUR,) * 2)
            for room in range(turns.start // TURNS_EACH + 1, turns.stop // TURNS_EACH + 1)
        ),
    )
    connection.executemany(
        "INSERT INTO turn (id, conversation_id, parent_reply_id, text, created_at) VALUES (?, ?, ?, ?, ?)",
        (
            (t + 1, t // TURNS_EACH + 1, t if t % TURNS_EACH else None, text, t * MINUTE)
            for t, text in zip(turns, said, strict=True)
        ),
    )
    receipts = [receipt(words) for words in range(LONGEST)]
    columns = ", ".join(receipts[0])
    connection.executemany(
        f"INSERT INTO reply (id, turn_id, created_at, {columns}) VALUES ({', '.join('?' * (3 + len(receipts[0])))})",
        ((t + 1, t + 1, t * MINUTE, *answer(text, receipts)) for t, text in zip(turns, answered, strict=True)),
    )


def answer(text: str, receipts: list[dict[str, object]]) -> Iterable[object]:
    tokens = text.split()
    return {**receipts[len(tokens)], "text": text, "tokens": compact(tokens)}.values()


def questions(speaker: Speaker, conversations: int) -> dict[str, Callable[[History, int], object]]:
    """What is asked of an open history, by the name it is printed under; the number is that of the round."""
    most, common, rare = (speaker.words[place] for place in (0, 100, 20_000))
    asked = (most, common, rare, f"{most[0]}*", f"{most} {common}")
    model = SimpleNamespace(name="m", fingerprint=FINGERPRINT, config=None)
    reply = Reply(
        "I see.", (7, 8), ("I", "see."), (-1.0, -1.0), -1.0, (), DecodingSettings(seed=1), 1, FINGERPRINT, "m", (), 0.1
    )

    def search_for(words: str, history: History, place: int) -> None:
        search(history, words)

    def chat(history: History, place: int) -> None:
        history.recent_input_lines()
        _, turn = history.start_conversation(f"a new one, {place}")
        history.add_reply(turn, reply, model)

    return {
        "list": lambda history, place: history.list_conversations(20),
        "show": lambda history, place: history.show(1 + place * 7919 % conversations),
        **{f"search {words}": partial(search_for, words) for words in asked},
        "new chat, first turn and reply kept": chat,
    }


def measure(path: Path, speaker: Speaker, turns: int, rounds: int) -> dict[str, dict[str, float]]:
    """For each question the medians of the seconds that passed and of those of the processor."""
    asked = questions(speaker, max(1, turns // TURNS_EACH))
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in asked}
    for place in range(rounds + 1):
        for name, ask in asked.items():
            wall, processor = time.perf_counter(), time.process_time()
            with History.open(str(path)) as history:
                ask(history, place)
            if place:  # the first round warms up
                taken[name].append((time.perf_counter() - wall, time.process_time() - processor))
    return {
        name: dict(zip(("seconds", "processor"), map(statistics.median, zip(*pairs, strict=True)), strict=True))
        for name, pairs in taken.items()
    }


def forget(path: Path, turns: int) -> None:
    """Delete the chats that were measured, so that the database can grow on."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("DELETE FROM conversation WHERE id > ?", (turns // TURNS_EACH,))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--turns", type=int, nargs="+", default=[1000, 10_000, 100_000, 1_000_000], help="sizes, growing"
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--folder", type=Path, help="where the database is made (2 GB at 1,000,000 turns)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    sizes = sorted({max(TURNS_EACH, turns // TURNS_EACH * TURNS_EACH) for turns in options.turns})
    found: dict[int, dict[str, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path, speaker, done = Path(folder) / "history.db", Speaker(), 0
        History.open(str(path)).close()
        for size in sizes:
            grow(path, speaker, done, size)
            print(f"{size:,} turns: {path.stat().st_size / 1e6:,.0f} MB", file=sys.stderr)
            found[size] = measure(path, speaker, size, options.rounds)
            forget(path, size)
            done = size
    print(json.dumps(found) if options.json else table(found))


def table(found: dict[int, dict[str, dict[str, float]]]) -> str:
    sizes = list(found)
    head = "".join(f"{size:>21,}" for size in sizes)
    lines = [f"{'turns':<34}{head}   growth", f"{'ms that passed, of the processor':<34}"]
    for name in found[sizes[0]]:
        each = [found[size][name] for size in sizes]
        cells = "".join(f"{one['seconds'] * 1e3:12.1f} {one['processor'] * 1e3:8.1f}" for one in each)
        growth = each[-1]["processor"] / each[0]["processor"]
        over = "" if each[-1]["processor"] < BAR else f"   over {BAR * 1e3:.0f} ms"
        lines.append(f"{name:<34}{cells}   {growth:5.1f} x{over}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
