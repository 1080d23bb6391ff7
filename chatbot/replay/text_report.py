"""A `Replay` -> lines for a terminal: tables, then the turns that changed most; nothing raw in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chatbot.replay import details, rows
from chatbot.replay.results import Replay
from chatbot.terminal import one_line


def text_report(replay: Replay, most: int | None = None, by: str = "likelihood") -> str:
    """Lines for a terminal; `most` conversations and turns, those that changed most."""
    return "\n".join(_text_lines(replay, most, by)) + "\n"


def _text_lines(replay: Replay, most: int | None, by: str) -> Iterator[str]:
    yield one_line(rows.title(replay))
    yield from (f"  {one_line(note)}" for note in rows.notes(replay))
    shown, everything = rows.branch_rows(replay, most), len(replay.models[0].branches)
    table: list[rows.Row] = [rows.BRANCH_HEAD, *shown]
    yield ""
    yield from aligned([(row[0], *row[2:]) for row in table] if len(replay.models) == 1 else table)
    if most is not None and everything > most:
        yield f"({rows.count(everything - most, 'more conversation')}; all of them with --show 0 or --report FILE)"
    for table in (rows.total_rows(replay), rows.pair_rows(replay)):
        if table:
            yield ""
            yield from aligned(table, left=1)
    yield ""
    yield from rows.how(replay)
    for side in details.changed_side(replay)[:most]:
        yield ""
        yield one_line(details.side_title(side))
        yield from map(_fact_line, details.side_facts(side))
    changed = details.changed(replay, by)
    for one in changed[: most if most is not None else len(changed)]:
        yield ""
        yield from _turn_lines(one, len(replay.models) > 1)
    if most is not None and len(changed) > most:
        more = rows.count(len(changed) - most, "more turn")
        yield f"\n({more} with other words; all of them with --show 0 or --report FILE)"


def _turn_lines(one: details.Changed, several: bool) -> Iterator[str]:
    model = f" ({rows.label(one.result)})" if several else ""
    yield one_line(f"{one.branch.name}, turn {one.turn.number}{model}: {one.turn.said}")
    yield from map(_fact_line, details.turn_facts(one))


def _fact_line(fact: details.Fact) -> str:
    what, text, remark = fact
    return f"  {what:6}  {one_line(text)}" + (f"   [{one_line(remark)}]" if remark else "")


def aligned(table: Sequence[rows.Row], left: int = 1) -> Iterator[str]:
    """Lines of a table; the first `left` columns to the left, numbers to the right."""
    plain = [tuple(map(one_line, row)) for row in table]
    widths = rows.columns(plain)
    for row in plain:
        cells = [
            text.ljust(width) if place < left else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
