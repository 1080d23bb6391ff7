"""A `Replay` -> Markdown: tables, then every turn that changed; what was said looks like itself."""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.replay import details, rows
from chatbot.replay.results import Replay
from chatbot.store.transcripts import escaped_markdown
from chatbot.terminal import one_line


def markdown_report(replay: Replay, by: str = "likelihood") -> str:
    """Markdown: tables, then every turn that changed."""
    lines = [f"# Replay of {_md(rows.title(replay))}", *(f"- {_md(note)}" for note in rows.notes(replay)), ""]
    for table in ([rows.BRANCH_HEAD, *rows.branch_rows(replay)], rows.total_rows(replay), rows.pair_rows(replay)):
        lines += [*_md_table(table), ""] if table else []
    lines += [" ".join(rows.how(replay)), ""]
    for one in details.changed(replay, by):
        lines += [f"## {_md(one.branch.name)}, turn {one.turn.number}, {_md(rows.label(one.result))}", ""]
        lines += [f"**You:** {_md(one.turn.said)}", ""]
        lines += [*map(_fact_line, details.turn_facts(one)), ""]
    for side in details.changed_side(replay):
        lines += [f"## {_md(details.side_title(side))}", "", *map(_fact_line, details.side_facts(side)), ""]
    return "\n".join(lines)


def _fact_line(fact: details.Fact) -> str:
    what, text, remark = fact
    return f"- {what}: {_md(text)}" + (f" *({_md(remark)})*" if remark else "")


def _md(text: str) -> str:
    return escaped_markdown(one_line(text))


def _md_table(table: Sequence[rows.Row]) -> list[str]:
    head, *body = table
    lines = ["| " + " | ".join(map(_md, row)) + " |" for row in (head, *body)]
    return [lines[0], "| --- |" + " ---: |" * (len(head) - 1), *lines[1:]]
