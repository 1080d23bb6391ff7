"""`chatbot replay`: logged conversations played again with one or more models, and what differs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chatbot.cli.options import database_option, json_option, model_option
from chatbot.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from chatbot.replay.branches import Selection

FORMATS = ("text", "json", "markdown", "html", "junit")
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of a replay, as they were given."""

    model: str | None
    against: tuple[str, ...]
    changes: dict[str, Any]
    mode: str
    threshold: float
    tolerance: float
    likelihood: bool
    reports: tuple[Path, ...]
    format: str
    by: str
    show: int
    bless: str | None
    baseline: str | None
    turn: int | None
    side: bool


@click.command()
@click.argument("conversations", metavar="[ID|FILE]...", nargs=-1)
@click.option("--last", type=click.IntRange(1, 10_000_000), metavar="N", help="the N conversations talked in last")
@click.option("--all", "every", is_flag=True, help="all conversations kept")
@click.option("--branches", is_flag=True, help="every branch, not only the one that stands")
@model_option
@click.option("--against", multiple=True, metavar="NAME", help="a model to compare; give it once for each")
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="reply with another setting, such as beam_size=5"
)
@click.option(
    "--mode",
    type=click.Choice(["both", "forced", "free"]),
    default="both",
    show_default=True,
    help="after the logged replies, after the new ones, or both",
)
@click.option("--side", is_flag=True, help="make translations, tags and generated texts again, too")
@click.option("--exact", is_flag=True, help="say the logged words again from their receipts, or say what differs")
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    metavar="X",
    help="share that may differ",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(0),
    default=0.1,
    show_default=True,
    metavar="X",
    help="nats a word by which other words still count as likely",
)
@click.option("--no-likelihood", is_flag=True, help="compare words alone, which is faster")
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="write the whole report to a file: .txt, .json, .md, .html or .xml (JUnit)",
)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", help="of what is printed")
@json_option
@click.option(
    "--by",
    type=click.Choice(["likelihood", "chrf"]),
    default="likelihood",
    show_default=True,
    help="what tells which turns changed most",
)
@click.option(
    "--show", type=click.IntRange(0), default=SHOWN, show_default=True, metavar="N", help="print at most N; 0 is all"
)
@click.option("--bless", metavar="NAME", help="keep the result as a baseline")
@click.option("--baseline", metavar="NAME", help="compare with a baseline instead of the log")
@click.option(
    "--bisect", type=click.Path(path_type=Path), metavar="RUN", help="find the epoch of a run that changed a reply"
)
@click.option("--turn", type=click.IntRange(min=1), metavar="N", help="the turn to bisect")
@click.option("--watch", is_flag=True, help="play it back at its own pace")
@click.option("--speed", type=click.FloatRange(0.01, 1000), default=1.0, metavar="X", help="times as fast")
@database_option
def command(
    conversations: tuple[str, ...],
    last: int | None,
    every: bool,
    branches: bool,
    exact: bool,
    bisect: Path | None,
    watch: bool,
    speed: float,
    as_json: bool,
    database: str | None,
    settings: tuple[str, ...],
    mode: str,
    no_likelihood: bool,
    format_: str,
    **others: Any,
) -> None:
    """Play logged conversations again and compare: what would be said now?

    Conversations are numbers that `chatbot history list` shows, "last", or files that `chatbot history import` reads.
    Replies are searched for with the settings and the seed that were kept with them. Exit code 0: the same, or as
    likely; 3: more replies than --threshold admits are different.
    """
    from chatbot.inference.threads import use_one_thread

    use_one_thread()
    asked = Asked(
        changes=changes(settings),
        mode=mode,
        likelihood=not no_likelihood,
        format="json" if as_json else format_,
        **others,
    )
    check(asked, exact, bisect, watch)
    selection = select(conversations, last, every, branches, database, asked)
    for note in selection.notes if exact or watch or bisect else ():
        click.echo(_note(note), err=True)
    if watch:
        from chatbot.cli.replay_watch import watch as play_back

        play_back(list(selection.branches), speed)
        return
    from chatbot.cli import replay_work

    if exact:
        replay_work.say_again(selection.branches, asked)
    elif bisect is not None:
        replay_work.search_run(bisect, selection.branches, asked)
    else:
        replay_work.compare(selection, asked)


def changes(settings: tuple[str, ...]) -> dict[str, Any]:
    """KEY=VALUE pairs as checked settings."""
    from chatbot.settings import DecodingSettings, from_text

    found = {}
    for one in settings:
        name, equals, value = one.partition("=")
        if not equals:
            raise UsageError(f"--set takes KEY=VALUE, such as --set beam_size=5, but received {one[:60]!r}")
        name = name.strip().replace("-", "_")
        try:
            found[name] = from_text(DecodingSettings, name, value, "--set")
        except ConfigError as error:
            raise UsageError(str(error)) from None
    return found


def check(asked: Asked, exact: bool, bisect: Path | None, watch: bool) -> None:
    """`UsageError` for options that contradict each other, and for reports that could not be written in the end."""
    from chatbot.replay.baselines import path_of
    from chatbot.replay.reports import format_of

    ways = [name for name, given in (("--exact", exact), ("--bisect", bisect), ("--watch", watch)) if given]
    if len(ways) > 1:
        raise UsageError(f"{' and '.join(ways)} do not go together; choose one")
    if ways and (asked.changes or asked.against or asked.bless or asked.baseline or asked.reports):
        raise UsageError(f"{ways[0]} compares nothing: leave out --set, --against, --bless, --baseline and --report")
    if asked.turn is not None and bisect is None:
        raise UsageError("--turn goes with --bisect RUN")
    if asked.bless and len(asked.against) + bool(asked.model) > 1:
        raise UsageError("--bless keeps the result of one model; name one")
    for path in asked.reports:
        format_of(path)
        if not path.absolute().parent.is_dir():
            raise UsageError(f"{path}: its folder does not exist; create it first")
    for name in (asked.bless, asked.baseline):
        if name is not None:
            path_of(name)


def select(
    conversations: tuple[str, ...], last: int | None, every: bool, branches: bool, database: str | None, asked: Asked
) -> Selection:
    """The branches that were asked for; `UsageError` where none were."""
    from chatbot.replay.branches import Selection, from_file, from_history, joined
    from chatbot.store.history import History

    if every + (last is not None) + bool(conversations) > 1:
        raise UsageError("name conversations, or give --last N or --all; not several of these")
    ids = [one for one in conversations if one == "last" or (one.isdecimal() and one.isascii())]
    files = [Path(one) for one in conversations if one not in ids]
    missing = [path for path in files if not path.exists()]
    if missing:
        raise UsageError(f"{str(missing[0])!r} is no number of a conversation, and there is no such file")
    found = [from_file(path, branches) for path in files]
    if ids or last or every or (asked.baseline and not conversations):
        with History.open(database) as history:
            numbers = _numbers(history, ids, last, every, asked.baseline if not conversations else None)
            found.append(from_history(history, numbers, branches))
    elif not files:
        raise UsageError("name conversations to replay: numbers, a file, --last N or --all; see: chatbot history list")
    selection = joined(found)
    if not selection.branches:
        why = "; ".join(selection.notes[:3]) or "no conversations yet; start one with: chatbot"
        raise UsageError(f"nothing to replay: {why}")
    return Selection(selection.branches, selection.notes)


def _numbers(history: Any, ids: list[str], last: int | None, every: bool, baseline: str | None) -> list[int]:
    from chatbot.cli.history import number_of

    if last is not None:
        return [one.id for one in reversed(history.list_conversations(last))]
    if every:
        numbers: list[int] = history.numbers()
        return numbers
    if ids or baseline is None:
        return list(dict.fromkeys(number_of(one, history) for one in ids))
    from chatbot.replay.baselines import load

    blessed = load(baseline).conversations
    found = sorted(one.id for one in history.list_conversations() if one.uid in blessed)
    if not found:
        raise UsageError(f"no conversation of the baseline {baseline!r} is kept here; name a file that holds them")
    return found


def _note(note: str) -> str:
    from chatbot.terminal import one_line

    return f"chatbot: {one_line(note)}"
