"""Results kept on purpose: a `Replay` <-> CHATBOT_HOME/baselines/NAME.json, checked field by field when it is read.

A baseline holds replies, not what the person said: a turn is known by the sum of all words up to it, so that a turn
that was edited since, or whose conversation is another, is simply not in the baseline.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chatbot.bundle.strict_json import strict_json
from chatbot.errors import ChatbotError, StoreError, UsageError
from chatbot.files import write_atomically
from chatbot.home import home
from chatbot.replay.branches import Branch
from chatbot.replay.results import Mode, Outcome, Reference, Replay
from chatbot.settings import DecodingSettings, from_mapping, suggest

FORMAT = "chatbot replay baseline 1"
LARGEST = 256 << 20  # bytes
_NAME = re.compile(r"\w[\w.-]{0,99}")

Blessed = dict[str, dict[str, Reference]]  # of a turn, by its sum: mode -> reply


@dataclass(frozen=True, slots=True)
class Baseline:
    """Replies by the uid of their conversation and the sum of their turn."""

    name: str
    model: str
    fingerprint: str
    created_at: str
    changes: dict[str, Any]
    conversations: dict[str, Blessed]

    def reference(self, branch: Branch, number: int, mode: Mode) -> Reference | None:
        """What reply `number` (from 0) of a branch is compared with; None for a turn that is not in the baseline."""
        return self.conversations.get(branch.uid, {}).get(sum_of(branch, number), {}).get(str(mode))


def sum_of(branch: Branch, number: int) -> str:
    """What a turn is known by: SHA-256 of all texts up to it, each after its length; 32 hexadecimal digits."""
    digest = hashlib.sha256()
    for text in branch.said(number):
        content = text.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "little") + content)
    return digest.hexdigest()[:32]


def names() -> list[str]:
    """The baselines there are."""
    return sorted(path.stem for path in (home() / "baselines").glob("*.json"))


def bless(name: str, replay: Replay, branches: list[Branch]) -> Path:
    """Keep the replies of a replay with one model under a name, in place of an older baseline of this name."""
    if len(replay.models) != 1:
        raise UsageError(f"--bless keeps the result of one model, but {len(replay.models)} played; name one")
    (result,) = replay.models
    conversations: dict[str, dict[str, Any]] = {}
    for branch, played in zip(branches, result.branches, strict=True):
        turns = conversations.setdefault(branch.uid, {})
        for number, turn in enumerate(played.turns):
            replies = {str(Mode.FORCED): turn.forced, str(Mode.FREE): turn.free}
            turns[sum_of(branch, number)] = {mode: _kept(one) for mode, one in replies.items() if one and one.reply}
    content = {
        "format": FORMAT,
        "model": result.model,
        "fingerprint": result.fingerprint,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "changes": replay.changes,
        "conversations": conversations,
    }
    path = path_of(name)
    _write(path, content)
    return path


def _kept(found: Outcome) -> dict[str, Any]:
    assert found.reply is not None
    return {"text": found.reply.text, "token_ids": list(found.reply.token_ids)}


def path_of(name: str) -> Path:
    """Where a baseline is, or would be; `UsageError` for what is no plain name."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"a baseline's name is 1 to 100 letters, digits, '.', '-' and '_', but received {name[:100]!r}"
        )
    return home() / "baselines" / f"{name}.json"


def load(name: str) -> Baseline:
    """A baseline; `UsageError` where there is none of this name, `StoreError` for one that is damaged."""
    path = path_of(name)
    try:
        if path.stat().st_size > LARGEST:
            raise StoreError(f"{path}: holds over {LARGEST:,} bytes; this is no baseline")
        return _parsed(name, strict_json(path.read_bytes(), str(path)), str(path))
    except FileNotFoundError:
        known = names()
        hint = suggest(name, known) if known else "keep one with: chatbot replay ID --bless NAME"
        raise UsageError(f"no baseline named {name!r}; {hint}") from None
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror or error}") from error
    except StoreError:
        raise
    except ChatbotError as error:  # of strict_json
        raise StoreError(f"{error}; keep the baseline anew with --bless {name}") from error


def forget(uids: Collection[str], texts: Sequence[str] = ()) -> list[str]:
    """Take conversations, and any reply that holds one of the texts, out of every baseline; the names of those changed.

    A baseline that cannot be read is an error: what it holds cannot be told.
    """
    changed = []
    for name in names():
        path = path_of(name)
        content = strict_json(path.read_bytes(), str(path))
        conversations = content.get("conversations")
        before = json.dumps(conversations)
        if isinstance(conversations, dict):
            content["conversations"] = {
                uid: _without(turns, texts) for uid, turns in conversations.items() if uid not in uids
            }
        if json.dumps(content.get("conversations")) != before:
            _write(path, content)
            changed.append(name)
    return changed


def _without(turns: Any, texts: Sequence[str]) -> Any:
    """The turns whose replies hold none of the texts; capitals do not count."""
    wanted = [text.casefold() for text in texts]
    if not wanted or not isinstance(turns, dict):
        return turns
    return {turn: replies for turn, replies in turns.items() if not any(text in _said(replies) for text in wanted)}


def _said(replies: Any) -> str:
    """The words of a turn's replies, as they are compared."""
    found = [one.get("text") for one in replies.values() if isinstance(one, dict)] if isinstance(replies, dict) else []
    return "\n".join(str(text).casefold() for text in found)


def _write(path: Path, content: Mapping[str, Any]) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(path, json.dumps(content, ensure_ascii=False, indent=1).encode(), mode=0o600)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror or error}") from error


def _parsed(name: str, content: dict[str, Any], where: str) -> Baseline:
    if content.get("format") != FORMAT:
        raise StoreError(f"{where}: expected format {FORMAT!r}, but found {str(content.get('format'))[:40]!r}")
    texts = {key: _typed(content, key, str, where) for key in ("model", "fingerprint", "created_at")}
    changes = _typed(content, "changes", dict, where)
    from_mapping(DecodingSettings, changes, f"{where}: changes")
    conversations = {
        uid: {turn: _references(replies, texts, f"{where}: {uid[:40]}") for turn, replies in _mapped(turns, where)}
        for uid, turns in _mapped(_typed(content, "conversations", dict, where), where)
    }
    return Baseline(name, **texts, changes=changes, conversations=conversations)


def _references(replies: Any, model: Mapping[str, str], where: str) -> dict[str, Reference]:
    found = {}
    for mode, reply in _mapped(replies, where):
        if mode not in list(Mode) or not isinstance(reply, dict):
            raise StoreError(f"{where}: expected 'forced' and 'free' replies, but found {mode[:40]!r}")
        ids = _typed(reply, "token_ids", list, where)
        if not all(type(one) is int and 0 <= one < 2**31 for one in ids):
            raise StoreError(f"{where}: token_ids must be integers from 0")
        found[mode] = Reference(_typed(reply, "text", str, where), tuple(ids), model["fingerprint"], model["model"])
    return found


def _mapped(value: Any, where: str) -> list[tuple[str, Any]]:
    if not isinstance(value, dict):
        raise StoreError(f"{where}: expected an object, but found {type(value).__name__}")
    return list(value.items())


def _typed(content: Mapping[str, Any], key: str, kind: Callable[..., Any], where: str) -> Any:
    value = content.get(key)
    if type(value) is not kind:
        raise StoreError(f"{where}: {key} must be a {getattr(kind, '__name__', kind)}, but is {str(value)[:40]!r}")
    return value
