"""What `chatbot test` shows: a bar on stderr while it runs; then what broke, each file's count, and a summary."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from chatbot.scripts.results import ERROR, FAILED, PASSED, SKIPPED, DialogueResult, Report
from chatbot.scripts.wording import interval_words, lines_of
from chatbot.terminal import one_line, visible

MOST_COMPARED = 40  # rows of a comparison


@dataclass(slots=True)
class Bar:
    """Replies found, of those to find."""

    progress: Progress
    task: TaskID

    def plan(self, replies: int) -> None:
        """Say how many there will be."""
        self.progress.update(self.task, total=replies)

    def advance(self, replies: int) -> None:
        """Some more were found."""
        self.progress.advance(self.task, replies)


@contextlib.contextmanager
def following() -> Iterator[Bar]:
    """A bar on stderr, where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("replies"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield Bar(progress, progress.add_task("", total=None))


def report_lines(report: Report) -> Iterator[str]:
    """The report, as lines for stdout; nothing in it can move the cursor."""
    for unread in report.unread:
        yield one_line(unread.message)
    for result in report.results:
        yield from _broken(result)
    yield from _sampled(report)
    yield from _files(report)
    if len(report.models) > 1:
        yield from _comparison(report)
    yield _summary(report)


def _broken(result: DialogueResult) -> Iterator[str]:
    if result.status == ERROR:
        yield one_line(result.error)
    elif result.status == FAILED:
        yield from lines_of(result, f"{_named(result)}: ")


def _named(result: DialogueResult) -> str:
    repeat = f" (run {result.repeat + 1})" if result.repeat else ""
    return one_line(result.dialogue.name) + repeat


def _sampled(report: Report) -> Iterator[str]:
    """For each dialogue that passed though something did not hold in all of its samples, what held least often."""
    for result in report.results:
        checked = [one for turn in result.turns for one in turn.checked if one.passed < one.samples]
        if checked and result.status == PASSED:
            least = min(checked, key=lambda one: one.passed)
            where = visible(f"{result.dialogue.path}:{least.expectation.line}: ") + _named(result)
            share = f"held in {interval_words(least)}, expected {100 * least.pass_rate:.0f} %"
            yield f"{where}: passed, though {least.expectation.spelled} {share}"


def _files(report: Report) -> Iterator[str]:
    files: dict[str, list[DialogueResult]] = {}
    for one in report.results:
        files.setdefault(visible(str(one.dialogue.path)), []).append(one)
    width = max(map(len, files), default=0)
    for path, results in files.items():
        seconds = sum(one.seconds for one in results)
        yield f"{path:{width}}  {_counts([one.status for one in results])}, {seconds:.2f} s"


def _counts(statuses: list[str]) -> str:
    counts = [(statuses.count(status), status) for status in (PASSED, FAILED, ERROR, SKIPPED)]
    return ", ".join(f"{count} {status}" for count, status in counts if count) or "none"


def _comparison(report: Report) -> Iterator[str]:
    """A row for each dialogue that did not pass with every model, a column for each model; then what passed."""
    rows: dict[tuple[str, str], dict[str, list[str]]] = {}
    for one in report.results:
        key = (str(one.dialogue.path), one.dialogue.name)
        rows.setdefault(key, {}).setdefault(one.model, []).append(one.status)
    differing = {key: row for key, row in rows.items() if {s for some in row.values() for s in some} != {PASSED}}
    shown = list(differing.items())[:MOST_COMPARED]
    table = [["", *(one_line(model) for model in report.models)]]
    table += [[one_line(name), *(_cell(row.get(model, [])) for model in report.models)] for (_, name), row in shown]
    totals = [
        (report.count(PASSED, model), sum(one.model == model for one in report.results)) for model in report.models
    ]
    table.append(["passed", *(f"{passed} of {of}" for passed, of in totals)])
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    for row in table:
        yield "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
    if len(differing) > len(shown):
        yield f"and {len(differing) - len(shown)} more dialogues that did not pass with every model"


def _cell(statuses: list[str]) -> str:
    if len(statuses) == 1:
        return statuses[0]
    return f"{statuses.count(PASSED)} of {len(statuses)} passed" if statuses else "-"


def _summary(report: Report) -> str:
    turns = sum(len(turn.replies) for one in report.results for turn in one.turns)
    unread = f", {len(report.unread)} unreadable" if report.unread else ""
    models = f" ({', '.join(map(one_line, report.models))})" if report.models else ""
    found = _counts([one.status for one in report.results])
    dialogues = _numbered(len(report.results), "dialogue", "dialogues")
    return f"{dialogues}: {found}{unread}; {_numbered(turns, 'reply', 'replies')} in {report.seconds:.2f} s{models}"


def _numbered(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
