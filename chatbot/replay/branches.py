"""A history or an exported file -> the branches to play again: turns from the first to a leaf, with their replies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatbot.store.history import History
from chatbot.store.importing import import_file
from chatbot.store.reading import branch
from chatbot.store.records import Annotation, Step, Transcript


@dataclass(frozen=True, slots=True)
class Branch:
    """What was said from the first turn to a leaf.

    `name` is what reports call it: the number of its conversation, and of the branch where there are several. The first
    `shared` turns are those of a branch before it, which counts them.
    """

    name: str
    uid: str
    title: str
    steps: tuple[Step, ...]
    shared: int = 0
    side: tuple[Annotation, ...] = ()  # what was said about the conversation; translations and tags among it

    def said(self, number: int, turns: int | None = None) -> list[str]:
        """The texts before reply `number` (from 0): the person's and the logged replies in turn, a prompt last.

        At least the last `turns` of them, where it is given.
        """
        first = 0 if turns is None else max(0, number - turns)
        earlier = [text for step in self.steps[first:number] for text in (step.turn.text, logged_text(step))]
        return [*earlier, self.steps[number].turn.text]


@dataclass(frozen=True, slots=True)
class Selection:
    """The branches to play, and lines about what was left out."""

    branches: tuple[Branch, ...]
    notes: tuple[str, ...] = ()


def logged_text(step: Step) -> str:
    """The reply that stands to a turn; empty where it was never answered."""
    return step.reply.text if step.reply else ""


def own_turns(texts: Sequence[str]) -> list[bool]:
    """Which of alternating texts, a prompt last, the bot said."""
    return [(len(texts) - place) % 2 == 0 for place in range(len(texts))]


def from_history(history: History, numbers: Sequence[int], every_branch: bool) -> Selection:
    """The branch that stands of each conversation, or every branch; `StoreError` where there is none of a number."""
    return _selection(((str(number), history.show(number)) for number in numbers), every_branch)


def from_file(path: Path, every_branch: bool) -> Selection:
    """The conversations of a file that `chatbot history import` reads; bad lines are left out and noted.

    `StoreError` where the file cannot be read. The user's own history stays as it is.
    """
    with History.open("sqlite://") as history:
        outcome = import_file(history, path)
        named = ((f"{path.name}:{number}", history.show(number)) for number in outcome.added)
        found = _selection(named, every_branch)
    return Selection(found.branches, (*found.notes, *outcome.errors))


def joined(selections: Sequence[Selection]) -> Selection:
    """Several selections as one."""
    notes = tuple(note for one in selections for note in one.notes)
    return Selection(tuple(branch for one in selections for branch in one.branches), notes)


def _selection(transcripts: Iterator[tuple[str, Transcript]], every_branch: bool) -> Selection:
    branches: list[Branch] = []
    notes: list[str] = []
    for name, transcript in transcripts:
        found = branches_of(transcript, name)
        if not any(step.reply for one in found for step in one.steps):
            notes.append(f"conversation {name}: holds no reply to compare with")
            continue
        if every_branch:
            branches += found
            continue
        room = transcript.conversation
        standing = Branch(name, room.uid, room.title, transcript.path, side=transcript.annotations)
        if any(step.reply for step in standing.steps):
            branches.append(standing)
        else:
            notes.append(f"conversation {name}: no reply stands, all was undone; play it with --branches")
        if len(found) > 1:
            notes.append(f"conversation {name}: has {len(found)} branches; played is the one that stands (--branches)")
    return Selection(tuple(branches), tuple(notes))


def branches_of(transcript: Transcript, name: str) -> list[Branch]:
    """All branches of a conversation, the one that stands first."""
    turns = {turn.id: turn for turn in transcript.turns}
    answered = {turn.parent_reply_id for turn in transcript.turns}
    leaves = [
        (turn.id, reply.id if reply else None)
        for turn in transcript.turns
        for reply in (turn.replies or (None,))
        if reply is None or reply.id not in answered
    ]
    paths = [transcript.path, *(branch(turns, *leaf) for leaf in leaves)]
    unique = list({_key(path): path for path in paths if path or len(paths) == 1}.values())
    found: list[Branch] = []
    for place, path in enumerate(unique):
        shared = max((_common(path, other.steps) for other in found), default=0)
        named = f"{name}.{place + 1}" if len(unique) > 1 else name
        room = transcript.conversation
        found.append(Branch(named, room.uid, room.title, path, shared, transcript.annotations))
    return found


def _key(path: Sequence[Step]) -> tuple[tuple[int, int | None], ...]:
    return tuple((step.turn.id, step.reply.id if step.reply else None) for step in path)


def _common(one: Sequence[Step], other: Sequence[Step]) -> int:
    """How many steps both begin with."""
    pairs = zip(_key(one), _key(other), strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
