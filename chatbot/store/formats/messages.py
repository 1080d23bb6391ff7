"""Conversations <-> chats as OpenAI's interfaces and their imitators have them: {"messages": [{"role", "content"}]}.

Unless bare, the whole record goes beside the messages as "chatbot", which other programs leave alone. Read are also
lists of messages without an object around them, lists of chats, and the trees ("mapping") of ChatGPT's own exports.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from chatbot.errors import StoreError
from chatbot.store.formats.records import conversation_record, dumped
from chatbot.store.formats.words import BOT, YOU, Spoken
from chatbot.store.history import History

OURS = "chatbot"
_WHO = {"user": YOU, "human": YOU, "assistant": BOT, "bot": BOT, "gpt": BOT}
_MOST = 1_000_000  # messages of a chat


def messages(history: History, numbers: Sequence[int], bare: bool = False) -> Iterator[str]:
    """A line of JSON for each conversation."""
    for number in numbers:
        said = []
        for step in history.show(number).path:
            said.append({"role": "user", "content": step.turn.text})
            if step.reply:
                said.append({"role": "assistant", "content": step.reply.text})
        yield dumped({"messages": said} | ({} if bare else {OURS: conversation_record(history, number)}))


def is_chat(value: Any) -> bool:
    """Whether a value of JSON looks like a chat, or like a list of messages."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, dict) and "role" in one for one in value)
    return isinstance(value, dict) and ("messages" in value or "mapping" in value)


def record_of(chat: Any, where: str) -> Any:
    """The record of a chat: its own, if it has one, else one made of its words. `StoreError` where it is none."""
    if isinstance(chat, dict) and OURS in chat:
        return chat[OURS]
    said = {"messages": chat} if isinstance(chat, list) else chat
    found = _walk(said, where) if "mapping" in said else said["messages"]
    if not isinstance(found, list):
        raise StoreError(f"{where}: messages must be a list, but is of type {type(found).__name__}")
    title = said.get("title")
    spoken = Spoken(title if isinstance(title, str) else "", _time(said.get("create_time") or said.get("created")))
    for place, message in enumerate(found, start=1):
        _add(spoken, message, f"{where}: message {place}")
    if not spoken.turns:
        raise StoreError(f"{where}: nobody says anything in this chat; expected messages with a role and a content")
    return spoken.record()


def _add(spoken: Spoken, message: Any, where: str) -> None:
    role = message.get("role") if isinstance(message, dict) else None
    if not isinstance(role, str):
        raise StoreError(f"{where} must be an object with a role and a content")
    text = _text(message.get("content"), where)
    if not text.strip():
        return  # such as a call of a tool
    if role in _WHO:
        spoken.say(_WHO[role], text)
    else:
        spoken.note(f"{role}: {text}")


def _text(content: Any, where: str) -> str:
    """The text of a message: a text, or a list of parts of which the texts count."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):  # ChatGPT's own
        return _text(content.get("parts", content.get("text")), where)
    if isinstance(content, list):
        return "\n".join(filter(None, (_part(one) for one in content)))
    raise StoreError(f"{where}: content must be a text or a list of parts, but is of type {type(content).__name__}")


def _part(part: Any) -> str:
    text = part.get("text") if isinstance(part, dict) else part
    return text if isinstance(text, str) else ""


def _walk(chat: dict[str, Any], where: str) -> list[Any]:
    """The messages of the branch of a tree that ends at its current node, first to last."""
    nodes, name = chat["mapping"], chat.get("current_node")
    if not isinstance(nodes, dict) or not isinstance(name, str):
        raise StoreError(f"{where}: a tree of messages needs a mapping and a current_node")
    found: list[dict[str, Any] | None] = []
    while isinstance(name, str) and isinstance(node := nodes.get(name), dict) and len(found) < min(_MOST, len(nodes)):
        message = node.get("message")
        author = message.get("author") if isinstance(message, dict) else None
        role = author.get("role") if isinstance(author, dict) else None
        found.append({"role": role or "system", "content": message.get("content")} if message and role else None)
        name = node.get("parent")
    return [one for one in reversed(found) if one]


def _time(stamp: Any) -> datetime | None:
    """A time in seconds since 1970."""
    if isinstance(stamp, int | float) and not isinstance(stamp, bool) and 0 < stamp < 1e11:
        return datetime.fromtimestamp(stamp, UTC)
    return None
