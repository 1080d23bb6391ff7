"""Conversations <-> one HTML page that needs nothing else: no network, no script; and unless bare, the whole records.

Everything that was said is escaped, and the page's own policy forbids whatever might be run or loaded. A record stands
in an attribute of its conversation, which browsers do not show.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from html.parser import HTMLParser
from typing import Any

from chatbot.store.annotations import described
from chatbot.store.formats.plain import header_time
from chatbot.store.formats.records import conversation_record, dumped
from chatbot.store.formats.words import BOT, YOU, Spoken
from chatbot.store.history import History
from chatbot.store.records import Annotation, Transcript
from chatbot.store.transcripts import answer, header
from chatbot.terminal import one_line, visible

_STYLE = """
:root { color-scheme: light dark; --you: #d8e6ff; --bot: #ececec; --faint: #666; }
@media (prefers-color-scheme: dark) { :root { --you: #1f3a63; --bot: #333; --faint: #aaa; } }
body { font: 1rem/1.45 system-ui, sans-serif; max-width: 44rem; margin: 0 auto; padding: 1rem; }
body { overflow-wrap: anywhere; }
h1 { font-size: 1.25rem; margin: 2.5rem 0 0; }
nav ol { padding-left: 1.5rem; }
p { white-space: pre-wrap; margin: .5rem 0; padding: .5rem .8rem; border-radius: .8rem; }
p { width: fit-content; max-width: 85%; }
.you { background: var(--you); margin-left: auto; }
.bot { background: var(--bot); }
.header, .remark { color: var(--faint); font-size: .85rem; padding: 0; }
"""
_HEAD = f"""<!doctype html>
<html lang="">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>TITLE</title>
<style>{_STYLE}</style>
</head>
<body>"""
_CLASSES = ("header", "remark", YOU, BOT)
_RECORD = "data-record"


def webpage(history: History, numbers: Sequence[int], bare: bool = False) -> Iterator[str]:
    """Lines of HTML: a list of the titles where there are several, then the branch that stands of each."""
    titles = [(number, _shown(one_line(history.show(number).conversation.title))) for number in numbers]
    name = titles[0][1] if len(titles) == 1 else f"{len(titles)} conversations"
    yield from _HEAD.replace("TITLE", name).split("\n")
    if len(titles) > 1:
        yield "<nav><ol>"
        yield from (f'<li><a href="#c{number}">{title}</a></li>' for number, title in titles)
        yield "</ol></nav>"
    for number, title in titles:
        record = "" if bare else f' {_RECORD}="{escape(dumped(conversation_record(history, number)))}"'
        yield f'<article id="c{number}"{record}>'
        yield f"<h1>{title}</h1>"
        yield from _conversation(history.show(number))
        yield "</article>"
    yield "</body>"
    yield "</html>"


def _conversation(transcript: Transcript) -> Iterator[str]:
    yield f'<p class="header">{_shown(header(transcript.conversation))}</p>'
    yield from _remarks(transcript.about(None))
    for step in transcript.path:
        yield f'<p class="{YOU}" dir="auto">{_shown(step.turn.text)}</p>'
        yield from _remarks(transcript.about_turn(step.turn.id))
        yield f'<p class="{BOT}" dir="auto">{_shown(answer(step))}</p>'
        yield from _remarks(transcript.about(step.reply.id) if step.reply else ())


def _remarks(annotations: tuple[Annotation, ...]) -> Iterator[str]:
    for one in annotations:
        yield f'<p class="remark" dir="auto">{_shown(one_line(described(one)))}</p>'


def _shown(text: str) -> str:
    return escape(visible(text, keep_newlines=True))


def records(content: str) -> Iterator[tuple[int, str | dict[str, Any]]]:
    """The number of a line and the record of the article that begins there: its own, else one made of its words."""
    page = _Page(convert_charrefs=True)
    page.feed(content)
    page.close()
    yield from page.found


class _Page(HTMLParser):
    """A page as `webpage` writes it; whatever else is in it is passed over."""

    found: list[tuple[int, str | dict[str, Any]]]

    def reset(self) -> None:
        """Begin."""
        super().reset()
        self.found = []
        self.spoken: Spoken | None = None
        self.begun, self.inside, self.text = 0, "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An article begins, or a part of one."""
        given = dict(attrs)
        if tag == "article":
            self.begun = self.getpos()[0]
            record = given.get(_RECORD)
            self.spoken = Spoken() if record is None else None
            if record is not None:
                self.found.append((self.begun, record))
        elif self.spoken and (tag == "h1" or given.get("class") in _CLASSES):
            self.inside, self.text = given.get("class") or "title", ""

    def handle_data(self, data: str) -> None:
        """Words inside a part."""
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        """A part or the article ends."""
        if self.spoken and tag == "article":
            self.found.append((self.begun, self.spoken.record()))
            self.spoken = None
        elif self.spoken and self.inside and tag in ("p", "h1"):
            self._end(self.spoken, self.inside, self.text)
            self.inside = ""

    def _end(self, spoken: Spoken, inside: str, text: str) -> None:
        if inside == "title":
            spoken.title = text
        elif inside == "header":
            spoken.when = header_time(text)
        elif inside == "remark":
            spoken.remark(text)
        elif inside == BOT:
            spoken.answer(text)
        else:
            spoken.say(YOU, text)
