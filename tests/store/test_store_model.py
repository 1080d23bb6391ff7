"""Whatever is done in whatever order, the store holds what a plain model in memory does: a Hypothesis state machine."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from toy_dialogue import toy_model

from chatbot.dialogue.wellformed import well_formed
from chatbot.store.annotations import TAGS, annotate, bookmark, correct, note, rate
from chatbot.store.deleting import delete_conversations
from chatbot.store.exporting import export_lines, write_export
from chatbot.store.forking import fork
from chatbot.store.health import health
from chatbot.store.history import History
from chatbot.store.importing import import_file
from chatbot.store.searching import TITLE, search

MODEL = toy_model()
REPLY = MODEL.answer(["hello"], [False], MODEL.settings, seed=1)
WORDS = ("rain", "sun", "wind")
TEXTS = st.builds(
    lambda words, odd: f"{' '.join(words)}\n{odd}", st.lists(st.sampled_from(WORDS), max_size=3), st.text(max_size=3)
)
PICK = st.integers(0, 1000)  # which of those that there are

About = tuple[str, str | None, int | None, int | None]  # kind, text, number of the turn, number of the reply


@dataclass
class Turn:
    id: int
    parent: int | None
    text: str
    replies: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Room:
    title: str
    turns: list[Turn]
    leaf: tuple[int | None, int | None]
    about: list[About] = field(default_factory=list)

    @property
    def replies(self) -> list[tuple[Turn, int, str]]:
        return [(turn, number, text) for turn in self.turns for number, text in turn.replies]

    @property
    def path(self) -> list[tuple[Turn, int | None]]:
        turn, reply = self.leaf
        found: list[tuple[Turn, int | None]] = []
        while turn is not None:
            said = next(one for one in self.turns if one.id == turn)
            found.insert(0, (said, reply))
            reply = said.parent
            turn = next((one.id for one, number, _ in self.replies if number == reply), None)
        return found


def title(text: str) -> str:
    line = " ".join(text.split())
    return well_formed(line if len(line) <= 80 else line[:79] + "…")


class Store(RuleBasedStateMachine):
    """The history at `url` beside `rooms`, what it should hold."""

    url: str

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.history = History.open(self.url)
        delete_conversations(self.history, self.history.numbers())
        self.rooms: dict[int, Room] = {}

    def teardown(self) -> None:
        self.history.close()
        shutil.rmtree(self.folder)

    def room(self, pick: int) -> tuple[int, Room]:
        return list(self.rooms.items())[pick % len(self.rooms)]

    @rule(text=TEXTS)
    def start(self, text: str) -> None:
        number, turn = self.history.start_conversation(text)
        self.rooms[number] = Room(title(text), [Turn(turn, None, well_formed(text))], (turn, None))

    @precondition(lambda self: self.rooms)
    @rule(pick=PICK, text=TEXTS)
    def say(self, pick: int, text: str) -> None:
        """In answer to any reply, or anew: what stood stays, as after an edit or an undo."""
        number, room = self.room(pick)
        parents = [None, *(reply for _, reply, _ in room.replies)]
        parent = parents[-1 - pick % len(parents)]
        turn = self.history.add_turn(number, text, parent)
        room.turns.append(Turn(turn, parent, well_formed(text)))
        room.leaf = (turn, None)

    @precondition(lambda self: self.rooms)
    @rule(pick=PICK, text=TEXTS)
    def answer(self, pick: int, text: str) -> None:
        """The first reply to a turn, or another one, as after a retry."""
        _, room = self.room(pick)
        turn = room.turns[-1 - pick % len(room.turns)]
        reply = self.history.add_reply(turn.id, replace(REPLY, text=text), MODEL)
        turn.replies.append((reply, well_formed(text)))
        room.leaf = (turn.id, reply)

    @precondition(lambda self: self.rooms)
    @rule(pick=PICK)
    def stand(self, pick: int) -> None:
        number, room = self.room(pick)
        places = [(None, None), *((turn.id, None) for turn in room.turns), *((t.id, r) for t, r, _ in room.replies)]
        room.leaf = places[pick % len(places)]
        self.history.set_leaf(number, *room.leaf)

    @precondition(lambda self: self.rooms)
    @rule(pick=PICK, text=TEXTS)
    def rename(self, pick: int, text: str) -> None:
        number, room = self.room(pick)
        self.history.rename(number, text)
        room.title = title(text)

    @precondition(lambda self: any(room.replies for room in self.rooms.values()))
    @rule(pick=PICK, rating=st.integers(1, 5), text=TEXTS, kind=st.sampled_from(["rating", "correction", "note", TAGS]))
    def say_of_a_reply(self, pick: int, rating: int, text: str, kind: str) -> None:
        number, room = next((n, room) for n, room in self.rooms.items() if room.replies)
        turn, reply, _ = room.replies[pick % len(room.replies)]
        if kind in ("rating", "correction"):
            room.about = [one for one in room.about if (one[0], one[3]) != (kind, reply)]
        if kind == "rating":
            text = str(rating)
            rate(self.history, reply, rating)
        elif kind == "correction":
            correct(self.history, reply, text)
        elif kind == "note":
            note(self.history, number, reply, text)
        else:
            annotate(self.history, number, kind, text, turn_id=turn.id, reply_id=reply, data=[text], fingerprint="f")
        room.about.append((kind, well_formed(text), turn.id if kind == TAGS else None, reply))

    @precondition(lambda self: self.rooms)
    @rule(pick=PICK)
    def mark(self, pick: int) -> None:
        number, room = self.room(pick)
        marked = bookmark(self.history, number)
        assert marked == (("bookmark", None, None, None) not in room.about)
        room.about = [one for one in room.about if one[0] != "bookmark"]
        room.about += [("bookmark", None, None, None)] if marked else []

    @precondition(lambda self: self.rooms)
    @rule(pick=PICK)
    def copy(self, pick: int) -> None:
        number, room = self.room(pick)
        steps = [(turn, reply) for turn, reply in room.path if reply is not None]
        if not steps:
            return
        new = fork(self.history, number)
        copies = self.history.show(new).path
        turns, same, parent = [], {}, None
        for (turn, reply), step in zip(steps, copies, strict=True):
            assert step.reply
            turns.append(Turn(step.turn.id, parent, turn.text, [(step.reply.id, dict(turn.replies)[reply])]))
            same |= {("turn", turn.id): step.turn.id, ("reply", reply): step.reply.id, ("turn", None): None}
            parent = step.reply.id
        about = [
            (kind, text, same[("turn", at)], same[("reply", reply)])
            for kind, text, at, reply in room.about
            if ("reply", reply) in same
        ]
        self.rooms[new] = Room(room.title.removesuffix(" (fork)") + " (fork)", turns, (turns[-1].id, parent), about)

    @precondition(lambda self: len(self.rooms) > 1)
    @rule(pick=PICK)
    def delete(self, pick: int) -> None:
        number, _ = self.room(pick)
        delete_conversations(self.history, [number])
        del self.rooms[number]

    @rule()
    def reopen(self) -> None:
        self.history.close()
        self.history = History.open(self.url)

    @rule(word=st.sampled_from(WORDS))
    def look_for(self, word: str) -> None:
        found = {(one.kind, one.id) for one in search(self.history, word, limit=1000) if one.kind != TITLE}
        texts = [one for one in self.texts() if one[0] != "rating"]
        assert found >= {(kind, number) for kind, number, text in texts if word in text.split()}
        assert found <= {(kind, number) for kind, number, text in texts if word in text}

    def texts(self) -> Iterator[tuple[str, int, str]]:
        for number, room in self.rooms.items():
            yield from (("turn", turn.id, turn.text) for turn in room.turns)
            yield from (("reply", reply, text) for _, reply, text in room.replies)
            kept = self.history.show(number).annotations
            yield from ((one.kind, one.id, one.text) for one in kept if one.text is not None)

    @rule()
    def export_and_import(self) -> None:
        numbers, file = self.history.numbers(), self.folder / "all.jsonl"
        write_export(self.history, numbers, "jsonl", file, overwrite=True)
        assert not numbers or import_file(self.history, file).added == []
        with History.open(str(self.folder / "other.db")) as other:
            delete_conversations(other, other.numbers())
            added = import_file(other, file).added if numbers else []
            assert list(export_lines(other, added, "jsonl")) == list(export_lines(self.history, numbers, "jsonl"))

    @invariant()
    def all_is_there(self) -> None:
        listed = {one.id: (one.title, one.turns) for one in self.history.list_conversations()}
        assert listed == {number: (room.title, len(room.turns)) for number, room in self.rooms.items()}
        for number, room in self.rooms.items():
            kept = self.history.show(number)
            assert [
                Turn(turn.id, turn.parent_reply_id, turn.text, [(reply.id, reply.text) for reply in turn.replies])
                for turn in kept.turns
            ] == room.turns
            assert [(step.turn.id, step.reply and step.reply.id) for step in kept.path] == [
                (turn.id, reply) for turn, reply in room.path
            ]
            assert [(one.kind, one.text, one.turn_id, one.reply_id) for one in kept.annotations] == room.about


def test_the_store_holds_what_the_model_holds(database: str) -> None:
    machine = type("StoreHere", (Store,), {"url": database})
    examples = 15 if database.startswith("sqlite") else 4  # a server takes longer to say the same
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=examples, stateful_step_count=25, suppress_health_check=list(HealthCheck)),
    )
    assert list(health(database))[-1] == "ok"
