"""`chatbot replay`: logged conversations played again with one or more models, and what differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from chatbot.cli.options import Within, database_option, json_option, model_option

FORMATS = ("text", "json", "markdown", "html", "junit")
SHOWN = 10


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
    type=Within(0, 1),
    default=0.0,
    show_default=True,
    metavar="X",
    help="share that may differ",
)
@click.option(
    "--tolerance",
    type=Within(0),
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
@click.option("--speed", type=Within(0.01, 1000), default=1.0, metavar="X", help="times as fast")
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
    from chatbot.cli.replay_asked import Asked, changes, check, select

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


def _note(note: str) -> str:
    from chatbot.terminal import one_line

    return f"chatbot: {one_line(note)}"
