"""The options of `chatbot replay` -> what is asked for, checked, and the branches to replay."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatbot.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from chatbot.replay.branches import Selection


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
