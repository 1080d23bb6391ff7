"""`chatbot history forget`: words or conversations -> gone without a trace, and what looking for them then found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from chatbot.cli.confirming import confirm, yes_option
from chatbot.cli.history_changes import counted
from chatbot.cli.options import database_option, json_option

if TYPE_CHECKING:
    from chatbot.store.forgetting import Plan
    from chatbot.store.history import History
    from chatbot.store.purging import Looked, Proof

ROWS = {"conversation": "conversation", "turn": "turn", "reply": "reply", "annotation": "note or other remark"}
ROWS |= {"title": "title", "input_line": "typed line"}
MOST_SHOWN = 20  # conversations that are named


@click.command()
@click.argument("what", metavar="TEXT|ID...", nargs=-1, required=True)
@click.option("--text", "as_text", is_flag=True, help="take numbers as text to forget, too, not as conversations")
@click.option("--backups", is_flag=True, help="remove the backups beside the database that hold it, whole")
@yes_option
@json_option
@database_option
def forget(what: tuple[str, ...], as_text: bool, backups: bool, yes: bool, as_json: bool, database: str | None) -> None:
    """Forget TEXT wherever it was said, or the conversations of these numbers, so that no byte of it stays.

    A turn or reply that holds the text goes with all that followed it, for later replies were made of it; so do notes,
    translations, titles and lines typed. Capitals do not count. Then the full-text indexes are merged, the file is
    written anew and its journal overwritten; and all these files are read through for the text. Nobody else may use
    the database meanwhile. What a disk keeps of files it has freed, and copies elsewhere, are out of reach.

    The exit code is 0 where the database's files no longer hold it. Backups beside them that do are named.
    """
    from chatbot.cli.output import print_json
    from chatbot.errors import StoreError, UsageError
    from chatbot.replay.baselines import forget as forget_in_baselines
    from chatbot.store.history import History
    from chatbot.store.purging import forget as forgotten

    if not all(map(str.strip, what)):
        raise UsageError("there is nothing to forget in an empty text; expected chatbot history forget TEXT or ID")
    with History.open(database) as history:
        plan = _plan(history, what, as_text)
        confirm(_question(plan, backups), yes)
        uids = {one.uid for one in history.list_conversations() if one.id in plan.conversations}
        proof = forgotten(history, plan, backups)
        shown = history.location.shown
    baselines = forget_in_baselines(uids, () if _are_numbers(what, as_text) else what)
    if as_json:
        print_json({**proof.as_dict(), "baselines": baselines})
    else:
        for line in _lines(proof):
            click.echo(line)
        if baselines:
            click.echo(f"removed from the baselines of chatbot replay: {', '.join(baselines)}")
    if not proof.clean:
        raise StoreError(f"{shown}: still holds some of it; see that no other program uses it, and forget it again")


def _plan(history: History, what: tuple[str, ...], as_text: bool) -> Plan:
    from chatbot.cli.history import number_of
    from chatbot.errors import NoConversation, UsageError
    from chatbot.store.forgetting import plan_conversations, plan_words

    numbers = [one for one in what if _are_numbers((one,), as_text)]
    if numbers and len(numbers) < len(what):
        raise UsageError("forget conversations by number, or text, not both at once; --text makes text of numbers")
    if numbers:
        try:
            return plan_conversations(history, [number_of(one, history) for one in dict.fromkeys(numbers)])
        except NoConversation as error:
            meant = f"to forget {error.number} as a text, add --text"
            raise UsageError(f"{history.location.shown}: no conversation {error.number}; {meant}") from None
    return plan_words(history, what)


def _are_numbers(what: tuple[str, ...], as_text: bool) -> bool:
    """Whether conversations are named, and no text is."""
    return not as_text and all(one == "last" or (one.isdecimal() and one.isascii()) for one in what)


def _question(plan: Plan, backups: bool) -> str:
    parts = {
        "conversation": len(plan.conversations),
        "turn": sum(map(len, plan.turns.values())),
        "reply": sum(map(len, plan.replies.values())),
        "annotation": len(plan.annotations),
        "title": len(plan.titles),
        "input_line": len(plan.lines),
    }
    found = ", ".join(counted(count, ROWS[name]) for name, count in parts.items() if count) or "nothing"
    where = f" (in {_named(plan.touched)})" if plan.touched else ""
    also = ", and backups that hold it" if backups else ""
    follows = "; what followed in the same conversation goes, too" if plan.turns or plan.replies else ""
    return f"This forgets {found}{where}{also}, for good{follows}."


def _named(numbers: list[int]) -> str:
    more = f" and {len(numbers) - MOST_SHOWN} more" if len(numbers) > MOST_SHOWN else ""
    return f"conversation{'s' if len(numbers) > 1 else ''} " + ", ".join(map(str, numbers[:MOST_SHOWN])) + more


def _lines(proof: Proof) -> Iterator[str]:
    removed = ", ".join(counted(count, ROWS[name]) for name, count in proof.removed.items() if count)
    yield f"removed: {removed or 'nothing, no row holds it'}"
    if proof.free_pages is None:
        yield "the files of a server are its own: see its keeper about its logs and backups"
        return
    yield f"purged: full-text indexes merged, journal overwritten, {counted(proof.free_pages, 'free page')}"
    if proof.elsewhere:
        yield f"not looked for, since what is kept says it, too: {counted(len(proof.elsewhere), 'text')}"
    if not proof.looked_for:
        yield "nothing was left to look for in the files, or it is too short to tell from chance"
    for one in (*proof.files, *proof.backups) if proof.looked_for else ():
        yield f"{_shown(one)}"
    if any(one.found and not one.removed for one in proof.backups):
        yield "backups hold it; the same with --backups removes them, or move them away"


def _shown(one: Looked) -> str:
    from chatbot.terminal import one_line

    found = (
        "cannot be read" if one.found is None else f"there, {counted(one.found, 'time')}" if one.found else "not there"
    )
    return f"looked in {one_line(one.file)} ({one.bytes:,} bytes): {found}{', and removed' if one.removed else ''}"
