"""What the model thought at each step of a reply -> a table of tokens and rivals, and one of two temperatures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prompt_toolkit.utils import get_cwidth

from chatbot.repl.drawing_probabilities import SPACE
from chatbot.repl.styled import wrap_styled
from chatbot.repl.view import Fragments
from chatbot.repl.wrapping import shorten
from chatbot.terminal import one_line

LONGEST_TOKEN = 14  # cells of a token in the first column
NGRAMS_SHOWN = 40  # columns from which there is room for what n-grams gave
SIDE_BY_SIDE = 76  # columns from which the temperatures stand beside each other


@dataclass(frozen=True, slots=True)
class Candidate:
    """A token that could come next, and its log-probability."""

    token: str
    log_prob: float


@dataclass(frozen=True, slots=True)
class Step:
    """A token of the reply, its likeliest rivals, and for each temperature all of them with their probabilities."""

    chosen: Candidate
    rivals: tuple[Candidate, ...]
    tempered: tuple[tuple[tuple[str, float], ...], ...]
    from_ngrams: float | None = None  # share of its probability that n-grams gave, where there are any


def named(token: str) -> str:
    """A token as it can be shown: the end of the reply by name, no control characters."""
    return "(end)" if token == "<eos>" else one_line(token) or "(space)"


def spoken(token: str) -> str:
    """As `named`, without the mark of a space before it."""
    return named(token).removeprefix(SPACE) or named(token)


def percent(probability: float) -> str:
    """At most four cells."""
    return "<1%" if 0 < probability < 0.005 else f"{probability:.0%}"


def rival_lines(found: Sequence[Step], columns: int) -> Iterator[Fragments]:
    """A row a token: log-probability, probability, how much of it n-grams gave, and the rivals."""
    wide = _widest([step.chosen.token for step in found], columns)
    mixed = columns >= NGRAMS_SHOWN and any(step.from_ngrams is not None for step in found)
    head = f"{'log p':>6} {'p':>4}" + (" n-grams" if mixed else "")
    yield from _row("token", head, [("class:note", "rather than")], wide, columns)
    for step in found:
        log_prob = step.chosen.log_prob
        better = log_prob < max((one.log_prob for one in step.rivals), default=log_prob)
        numbers = f"{log_prob:6.2f} {percent(math.exp(min(0.0, log_prob))):>4}"
        numbers += f" {percent(step.from_ngrams or 0.0):>7}" if mixed else ""
        rivals = ", ".join(f"{named(one.token)} {one.log_prob:.2f}" for one in step.rivals)
        mark = [("class:note", "not likeliest: ")] if better else []
        yield from _row(named(step.chosen.token), numbers, [*mark, ("", rivals)], wide, columns)


def temperature_lines(found: Sequence[Step], temperatures: Sequence[float], columns: int) -> Iterator[Fragments]:
    """The same steps at each temperature, beside each other where there is room, else below each other."""
    wide = _widest([step.chosen.token for step in found], columns)
    half = (columns - wide - 2 - 3) // 2
    heads = [f"temperature {temperature:g}" for temperature in temperatures]
    if columns >= SIDE_BY_SIDE:
        head = " │ ".join(_padded(head, half) for head in heads)
        yield [("class:name", _padded("", wide) + "  "), ("class:note", head.rstrip())]
    for step in found:
        texts = [_spread(one) for one in step.tempered]
        name = [("class:name", _padded(named(step.chosen.token), wide) + "  ")]
        if columns >= SIDE_BY_SIDE:
            yield [*name, ("", " │ ".join(_padded(text, half) for text in texts).rstrip())]
            continue
        for number, (temperature, text) in enumerate(zip(temperatures, texts, strict=True)):
            start = name if not number else [("", " " * (wide + 2))]
            label = f"{temperature:<4g}"
            room = columns - wide - 2 - len(label)
            lines = wrap_styled([("", text)], room, room)
            yield [*start, ("class:note", label), *lines[0]]
            yield from ([("", " " * (wide + 2 + len(label))), *line] for line in lines[1:])


def _row(token: str, numbers: str, rest: Fragments, wide: int, columns: int) -> Iterator[Fragments]:
    start = f"{_padded(token, wide)} {numbers}  "
    room = columns - get_cwidth(start)
    if room >= 24:
        lines = wrap_styled(rest, room, room)
        yield [("class:name", start), *lines[0]]
        yield from ([("", " " * get_cwidth(start)), *line] for line in lines[1:])
        return
    yield [("class:name", start.rstrip())]
    yield from ([("", "  "), *line] for line in wrap_styled(rest, columns - 2, columns - 2))


def _spread(tokens: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{spoken(token)} {percent(probability)}" for token, probability in tokens)


def _widest(tokens: Sequence[str], columns: int) -> int:
    longest = max([5, *(get_cwidth(named(token)) for token in tokens)])
    return min(longest, LONGEST_TOKEN, max(5, columns // 4))


def _padded(text: str, width: int) -> str:
    text = shorten(text, width)
    return text + " " * (width - get_cwidth(text))
