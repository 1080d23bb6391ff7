"""A conversation's turns and replies -> its tree in lines: the standing path straight down, others beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prompt_toolkit.utils import get_cwidth

from chatbot.repl.view import BOT, YOU, Fragments
from chatbot.repl.wrapping import shorten
from chatbot.terminal import one_line

if TYPE_CHECKING:
    from chatbot.store.records import Transcript

UNANSWERED = "(no reply)"


@dataclass(slots=True)
class Node:
    """A turn of the person (`number` is 0) or a reply (numbered from 1, oldest first); `stands` on the path."""

    text: str
    number: int
    stands: bool
    children: list[Node] = field(default_factory=list)


def numbered(transcript: Transcript) -> dict[int, int]:
    """The number that a tree shows for each reply -> the reply's number in the history."""
    ids = sorted(reply.id for turn in transcript.turns for reply in turn.replies)
    return dict(enumerate(ids, start=1))


def roots(transcript: Transcript) -> list[Node]:
    """The turns that open the conversation, each with all that followed it."""
    standing = {step.turn.id for step in transcript.path}
    said = {step.reply.id for step in transcript.path if step.reply}
    numbers = {reply_id: number for number, reply_id in numbered(transcript).items()}
    replies: dict[int, Node] = {}
    opening: list[Node] = []
    for turn in transcript.turns:
        node = Node(turn.text, 0, turn.id in standing)
        parent = replies.get(turn.parent_reply_id or 0)
        (parent.children if parent else opening).append(node)
        for reply in turn.replies:
            replies[reply.id] = Node(reply.text, numbers[reply.id], reply.id in said)
            node.children.append(replies[reply.id])
    return opening


def tree_lines(opening: Sequence[Node], columns: int, boxes: bool = True) -> Iterator[Fragments]:
    """One line a node, of at most `columns` cells.

    Of siblings, the standing one (else the last) goes straight on and the others branch off before it; so a long
    conversation takes no more room than its branches need. Without `boxes`, spaces take the place of lines.
    """
    branch, beside = ("├─", "│ ") if boxes else ("  ", "  ")
    waiting = [(one, lead, rest) for one, lead, rest in reversed(_laid_out(opening, "", branch, beside))]
    while waiting:
        node, lead, rest = waiting.pop()
        yield _line(node, lead, columns)
        if not node.number and not node.children:
            yield [("class:note", shorten(_shift(rest, columns) + "  " + UNANSWERED, columns))]
        waiting.extend(reversed(_laid_out(node.children, rest, branch, beside)))


def _laid_out(siblings: Sequence[Node], before: str, branch: str, beside: str) -> list[tuple[Node, str, str]]:
    """Siblings in the order drawn, each with what stands before it and before all that is below it."""
    if not siblings:
        return []
    main = next((one for one in siblings if one.stands), siblings[-1])
    others = [(one, before + branch, before + beside) for one in siblings if one is not main]
    return [*others, (main, before, before)]


def _line(node: Node, lead: str, columns: int) -> Fragments:
    lead = _shift(lead, columns)
    mark, label = "* " if node.stands else "  ", BOT if node.number else YOU
    end = f" #{node.number}" if node.number else ""
    room = columns - get_cwidth(lead + mark + label + end)
    if room < 2:
        return [("", shorten(f"{lead}{mark}{label}{end}", columns))]
    style = "class:bot" if node.number else "class:you"
    text = shorten(one_line(node.text), room)
    return [("class:note", lead), ("class:name", mark), (style, label), ("", text), ("class:note", end)]


def _shift(lead: str, columns: int) -> str:
    """What stands before a node, cut at its left where branches of branches took half of the width."""
    return lead if len(lead) <= columns // 2 else "…" + lead[len(lead) - columns // 2 + 1 :]
