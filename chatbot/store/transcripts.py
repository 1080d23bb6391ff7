"""A transcript -> lines of text or of Markdown, safe to print: for the terminal, and for files people read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from chatbot.store.annotations import described
from chatbot.store.records import Annotation, Conversation, Step, Transcript
from chatbot.terminal import one_line, visible

UNDONE = "(all turns were undone; see them with --all-branches)"


def path_lines(transcript: Transcript) -> Iterator[str]:
    """The branch that stands, a header first."""
    yield header(transcript.conversation)
    yield from (remark(one) for one in transcript.about(None))
    for step in transcript.path:
        yield said("you", step.turn.text)
        yield said("bot", answer(step))
        if step.reply:
            yield from (remark(one) for one in transcript.about(step.reply.id))
    if not transcript.path:
        yield UNDONE


def branch_lines(transcript: Transcript) -> Iterator[str]:
    """Every turn and reply, oldest first, with what it follows; a header first."""
    yield header(transcript.conversation)
    yield from (remark(one) for one in transcript.about(None))
    standing = {step.turn.id for step in transcript.path}
    replies = {step.reply.id for step in transcript.path if step.reply}
    for turn in transcript.turns:
        after = f"after reply {turn.parent_reply_id}" if turn.parent_reply_id else "first"
        yield said(f"{'*' if turn.id in standing else ' '} turn {turn.id} ({after})", turn.text)
        for one in turn.replies:
            cut = "" if one.complete else " (stopped)"
            yield said(f"{'*' if one.id in replies else ' '}   reply {one.id}", one.text + cut)
            yield from (f"      {remark(about)}" for about in transcript.about(one.id))


def markdown_lines(transcript: Transcript) -> Iterator[str]:
    """The branch that stands as Markdown; what was said looks like itself, whatever marks it holds."""
    conversation = transcript.conversation
    yield f"# {escaped_markdown(one_line(conversation.title))}"
    yield ""
    yield f"*{escaped_markdown(header(conversation))}*"
    yield from _remarks(transcript.about(None))
    for step in transcript.path:
        yield from _paragraph("You", step.turn.text)
        yield from _paragraph("Bot", answer(step))
        yield from _remarks(transcript.about(step.reply.id) if step.reply else ())


def header(conversation: Conversation) -> str:
    """The first line of a conversation shown."""
    model = one_line(conversation.model or "no model")
    return f"conversation {conversation.id}, {model}, {local(conversation.created_at)}"


def answer(step: Step) -> str:
    """What stands as the reply, with what is to be said of it."""
    if step.reply is None:
        return "(no reply)"
    others = len(step.turn.replies)
    place = [one.id for one in step.turn.replies].index(step.reply.id) + 1
    cut = "" if step.reply.complete else " (stopped)"
    return step.reply.text + cut + (f" (reply {place} of {others})" if others > 1 else "")


def remark(annotation: Annotation) -> str:
    """One line about a reply or a conversation."""
    return f"  ({one_line(described(annotation))})"


def said(who: str, text: str) -> str:
    """Words with who said them; further lines stand under the first."""
    return f"{who}: " + visible(text, keep_newlines=True).replace("\n", "\n" + " " * (len(who) + 2))


def local(moment: datetime) -> str:
    """A time as the person's clock shows it."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def _paragraph(who: str, text: str) -> Iterator[str]:
    yield ""
    lines = [escaped_markdown(line) for line in visible(text, keep_newlines=True).split("\n")]
    yield f"**{who}:** " + "  \n".join(lines)


def _remarks(annotations: tuple[Annotation, ...]) -> Iterator[str]:
    for one in annotations:
        yield ""
        yield f"> {escaped_markdown(one_line(described(one)))}"


def escaped_markdown(text: str) -> str:
    """A line in which no mark means anything to Markdown or HTML."""
    text = re.sub(r"([\\`*_{}\[\]<>#|~&])", r"\\\1", text)
    text = re.sub(r"^(\s*)([-+=])", r"\1\\\2", text)  # would begin a list or a heading
    return re.sub(r"^(\s*\d+)([.)])", r"\1\\\2", text)
