"""What `chatbot replay` does once its options are read: loads models, plays, prints, writes, and ends with 0 or 3."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from chatbot.cli.ending import print_error
from chatbot.cli.options import chosen_model
from chatbot.cli.output import print_json
from chatbot.cli.prepare_view import following
from chatbot.dialogue.model import Model
from chatbot.errors import DialogueFailure, UsageError
from chatbot.replay import baselines
from chatbot.replay.bisecting import Bisection, verdict
from chatbot.replay.bisecting import bisect as bisected
from chatbot.replay.branches import Branch, Selection
from chatbot.replay.exact import Said, exact
from chatbot.replay.known import KnownModels
from chatbot.replay.player import Playing, logged
from chatbot.replay.playing import replay
from chatbot.replay.reports import FORMATS, write_report
from chatbot.replay.results import Mode, Replay, differing
from chatbot.replay.side_events import replay_side
from chatbot.replay.text_report import aligned, text_report
from chatbot.terminal import one_line

if TYPE_CHECKING:
    from chatbot.cli.replay_asked import Asked


def compare(selection: Selection, asked: Asked) -> None:
    """Play with every model, report, keep; `DialogueFailure` where too much is different."""
    models = load_models(asked)
    kept = baselines.load(asked.baseline) if asked.baseline else None
    playing = Playing(
        modes=tuple(Mode) if asked.mode == "both" else (Mode(asked.mode),),
        changes={**(kept.changes if kept else {}), **asked.changes},
        tolerance=asked.tolerance,
        threshold=asked.threshold,
        likelihood=asked.likelihood,
        references=kept.reference if kept else logged,
        baseline=asked.baseline,
    )
    try:
        with following() as progress, interruptible() as stop:
            result = replay(selection.branches, models, playing, selection.notes, progress, stop.is_set)
            if asked.side:
                result = replace(result, side=replay_side(selection.branches, progress))
    except KeyboardInterrupt:
        print_error("stopped; nothing was written")
        raise
    show(result, asked)
    for path in asked.reports:
        write_report(result, path)
    if asked.bless:
        keep(asked.bless, result, selection.branches)
    elif result.differs:
        raise DialogueFailure(failure(result))


def load_models(asked: Asked) -> list[Model]:
    """The models that were named, each once; the one to talk with where none was."""
    names = [name for name in (asked.model, *asked.against) if name]
    if asked.against and len(names) == 1:
        names.insert(0, chosen_model(None) or "")
    found = [Model.load(name or None) for name in names] or [Model.load(chosen_model(None))]
    return list({model.fingerprint: model for model in found}.values())


def show(result: Replay, asked: Asked) -> None:
    """Print the report in the format that was asked for."""
    if asked.format == "text":
        click.echo(text_report(result, asked.show or None, asked.by), nl=False)
    else:
        click.echo(FORMATS[asked.format](result), nl=False)


def keep(name: str, result: Replay, branches: Sequence[Branch]) -> None:
    """Keep the result as a baseline, and say so."""
    replaced = name in baselines.names()
    baselines.bless(name, result, list(branches))
    turns = sum(len(branch.turns) for branch in result.models[0].branches)
    again = " again" if replaced else ""
    click.echo(f"kept{again} as the baseline {name}: {turns} turns; compare with: --baseline {name}", err=True)


def failure(result: Replay) -> str:
    """Why the exit code is 3."""
    admitted = f"--threshold admits {result.threshold:.1%}"
    worst = max(result.models, key=lambda one: differing(one, result.modes))
    share = worst.totals.different or worst.totals.free_same
    if share is None or differing(worst, result.modes) <= result.threshold:
        of_side = result.side_share
        assert of_side is not None
        return f"{of_side.count} of {of_side.of} translations and other texts are different; {admitted}"
    count = share.count if worst.totals.different else share.of - share.count
    return f"{count} of {share.of} replies are different under {worst.model}; {admitted}"


def say_again(branches: Sequence[Branch], asked: Asked) -> None:
    """`--exact`: every reply from its receipt."""
    model = Model.load(asked.model) if asked.model else None
    with following() as progress:
        found = exact(branches, model, KnownModels(*([model] if model else [])), progress)
    wrong = [one for one in found if not one.reproduced]
    if asked.format == "json":
        print_json([asdict(one) for one in found])
    else:
        for line in exact_lines(found):
            click.echo(one_line(line) if not line.startswith("  ") else "  " + one_line(line))
    if wrong:
        raise DialogueFailure(f"{len(wrong)} of {len(found)} replies could not be said again as they were logged")


def exact_lines(found: Sequence[Said]) -> Iterator[str]:
    """What could not be said again and why, then the count."""
    for one in found:
        if one.reproduced and not (one.causes or one.notes):
            continue
        yield f"{one.branch}, turn {one.number}: {one.said}"
        yield f"  old: {one.old}"
        if not one.reproduced:
            yield f"  new: {one.new if one.new is not None else '(none)'}"
        yield from (f"  differs - {cause}" for cause in one.causes)
        yield from (f"  note - {note}" for note in one.notes)
    yield f"{sum(one.reproduced for one in found)} of {len(found)} replies said again to the letter"


def search_run(run: Path, branches: Sequence[Branch], asked: Asked) -> None:
    """`--bisect`: which epoch changed a reply."""
    if len(branches) != 1:
        raise UsageError(f"--bisect looks at one conversation, but {len(branches)} were named")
    with following() as progress:
        found = bisected(run, branches[0], asked.turn, progress)
    if asked.format == "json":
        print_json({**asdict(found), "changes": found.changes, "culprit": found.culprit, "verdict": verdict(found)})
        return
    for line in bisect_lines(found):
        click.echo(line)


def bisect_lines(found: Bisection) -> Iterator[str]:
    """A table of all checkpoints, and the verdict."""
    yield one_line(f"{found.branch}, turn {found.number}: {found.said}")
    yield one_line(f"logged: {found.old}")
    yield ""
    changes = found.changes
    rows = [("checkpoint", "", "nats a word", "reply")]
    for place, one in enumerate(found.tried):
        mark = "same" if one.same else "changed" if place in changes else ""
        rows.append((one.checkpoint, mark, f"{one.nats:.3f}", one.text))
    width = max(len(row[2]) for row in rows)
    yield from aligned([(row[0], row[1], row[2].rjust(width), row[3]) for row in rows], left=4)
    yield ""
    yield one_line(verdict(found))


@contextlib.contextmanager
def interruptible() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets before it raises, so that searches in other threads end at their next step."""
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield stopping
        return
    before = signal.signal(signal.SIGINT, stop)
    try:
        yield stopping
    finally:
        signal.signal(signal.SIGINT, before)
