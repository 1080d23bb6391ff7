"""A `Replay` -> one HTML page that needs nothing else: no script, no link, nothing fetched."""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Iterable, Iterator, Sequence

from chatbot.replay import details, rows
from chatbot.replay.results import Replay
from chatbot.terminal import one_line

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; margin: 1rem 0; }
th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #8884; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
section { border-left: 4px solid #8886; padding: .1rem 1rem; margin: 1.2rem 0; }
section.different { border-color: #c33; }
h2 { font-size: 1rem; margin: .3rem 0; }
dl { display: grid; grid-template-columns: 4rem 1fr; margin: 0; }
dd { margin: 0; }
del { background: #c332; } ins { background: #3a32; text-decoration: none; }
small { opacity: .7; }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd; } }
"""


def html_report(replay: Replay, by: str = "likelihood") -> str:
    """The whole page: tables, then every turn that changed with what was said, before and now."""
    return "\n".join(_page(replay, by)) + "\n"


def _page(replay: Replay, by: str) -> Iterator[str]:
    yield '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Replay</title>'
    yield f"<style>{STYLE}</style></head><body>"
    yield f"<h1>Replay</h1><p>{_safe(rows.title(replay))}</p>"
    if told := rows.notes(replay):
        yield "<ul>" + "".join(f"<li>{_safe(note)}</li>" for note in told) + "</ul>"
    for table in (rows.total_rows(replay), rows.pair_rows(replay)):
        yield from _table(table)
    yield f"<p><small>{_safe(' '.join(rows.how(replay)))}</small></p>"
    yield from _table([rows.BRANCH_HEAD, *rows.branch_rows(replay)])
    for one in details.changed(replay, by):
        yield from _section(one)
    for side in details.changed_side(replay):
        yield f'<section class="other"><h2>{_safe(details.side_title(side))}</h2><dl>'
        yield from _facts(side.old, details.side_facts(side), ("new",))
        yield "</dl></section>"
    yield "</body></html>"


def _table(table: Sequence[rows.Row]) -> Iterator[str]:
    if not table:
        return
    head, *body = table
    yield "<table><thead><tr>" + "".join(f"<th>{_safe(cell)}</th>" for cell in head) + "</tr></thead><tbody>"
    for row in body:
        yield "<tr>" + "".join(f"<td>{_safe(cell)}</td>" for cell in row) + "</tr>"
    yield "</tbody></table>"


def _section(one: details.Changed) -> Iterator[str]:
    found = one.turn.forced or one.turn.free
    kind = "different" if found and found.verdict == "different" else "other"
    yield f'<section class="{kind}"><h2>{_safe(one.branch.name)}, turn {one.turn.number}: {_safe(one.turn.said)}</h2>'
    yield f"<small>{_safe(rows.label(one.result))}</small><dl>"
    before = one.turn.reference.text if one.turn.reference else None
    yield from _facts(before, details.turn_facts(one), ("forced", "free"))
    yield "</dl></section>"


def _facts(before: str | None, facts: Iterable[details.Fact], new: tuple[str, ...]) -> Iterator[str]:
    """Terms and what they are; those that are `new` with what changed since `before`."""
    for what, text, remark in facts:
        shown = difference(before, text) if what in new and before is not None else _safe(text)
        yield f"<dt>{what}</dt><dd>{shown}" + (f" <small>{_safe(remark)}</small>" if remark else "") + "</dd>"


def difference(before: str, after: str) -> str:
    """The new text as HTML, its new words in <ins>, the words that went in <del>."""
    old, new = (re.findall(r"\S+\s*", one_line(text)) for text in (before, after))
    parts = []
    for kind, first, last, start, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = ("".join(map(_safe, words)) for words in (old[first:last], new[start:end]))
        if kind == "equal":
            parts.append(come)
        else:
            parts += [f"<del>{gone}</del> " if gone else "", f"<ins>{come}</ins>" if come else ""]
    return "".join(parts)


def _safe(text: str) -> str:
    """A text on one line that no browser takes for markup; a space at its end stays."""
    return html.escape(one_line(text)) + (" " if text[-1:].isspace() else "")
