"""Hypotheses of a search, and those it dropped -> their prefix tree in lines, each branch with its log-probability."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prompt_toolkit.utils import get_cwidth

from chatbot.repl.drawing_probabilities import parts
from chatbot.repl.view import Fragments
from chatbot.repl.wrapping import shorten
from chatbot.terminal import visible


@dataclass(frozen=True, slots=True)
class Found:
    """A hypothesis: its tokens, and the log-probability of each; where it ended, the last one is `<eos>`.

    One that was `dropped` stands up to where it was followed.
    """

    tokens: tuple[str, ...]
    log_probs: tuple[float, ...]
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Branch:
    """Tokens that hypotheses have in common from `first` on, up to where they part; `found` are those, best first."""

    found: tuple[Found, ...]
    first: int
    end: int

    @property
    def total(self) -> float:
        """The log-probability of all tokens up to the branch's end."""
        return sum(self.found[0].log_probs[: self.end])

    @property
    def text(self) -> str:
        """The tokens of this branch as text."""
        best = self.found[0]
        known = parts(best.tokens[: self.end], best.log_probs[: self.end])
        before = parts(best.tokens[: self.first], best.log_probs[: self.first])
        return "".join(text for text, _ in known)[len("".join(text for text, _ in before)) :].strip()


def branches(found: Sequence[Found], first: int = 0) -> list[Branch]:
    """The branches that hypotheses which agree up to token `first` go on with, the best hypothesis's first."""
    groups: dict[str, list[Found]] = {}
    for one in found:
        if len(one.tokens) > first:
            groups.setdefault(one.tokens[first], []).append(one)
    return [Branch(tuple(group), first, _parting(group, first)) for group in groups.values()]


def beam_lines(found: Sequence[Found], chosen: Sequence[str], columns: int, boxes: bool = True) -> Iterator[Fragments]:
    """One line a branch, of at most `columns` cells.

    "*" marks the way to the reply of the tokens `chosen`, "x" a branch of which nothing was found.
    """
    waiting = _laid_out(branches(found), "", boxes)
    while waiting:
        branch, lead, below = waiting.pop()
        tokens = branch.found[0].tokens[: branch.end]
        dropped = all(one.dropped for one in branch.found)
        mark = "* " if tuple(chosen[: branch.end]) == tokens else "x " if dropped else "  "
        yield _line(branch, lead, mark, columns)
        waiting += _laid_out(branches(branch.found, branch.end), below, boxes)


def _parting(group: Sequence[Found], first: int) -> int:
    end = first
    while all(len(one.tokens) > end and one.tokens[end] == group[0].tokens[end] for one in group):
        end += 1
    return end


def _laid_out(siblings: Sequence[Branch], before: str, boxes: bool) -> list[tuple[Branch, str, str]]:
    """Siblings, the first one last, each with what stands before it and before all that is below it."""
    laid: list[tuple[Branch, str, str]] = []
    for branch in siblings:
        last = branch is siblings[-1]
        corner, beside = (("└─", "  ") if last else ("├─", "│ ")) if boxes else ("  ", "  ")
        laid.append((branch, before + corner, before + beside))
    return laid[::-1]


def _line(branch: Branch, lead: str, mark: str, columns: int) -> Fragments:
    if len(lead) > columns // 2:
        lead = "…" + lead[len(lead) - columns // 2 + 1 :]
    end = f" {branch.total:.2f}"
    text = shorten(visible(branch.text), max(1, columns - get_cwidth(lead + mark + end)))
    style = "class:note" if mark == "x " else ""
    return [("class:note", lead), ("class:name", mark), (style, text), ("class:note", end)]
