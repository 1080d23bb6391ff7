"""`chatbot tag`: a text, or lines -> the names in them."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chatbot.cli.options import json_option
from chatbot.cli.texts import each_text, text_input

if TYPE_CHECKING:
    from chatbot.side.tagging import Span

Found = tuple[str, "list[Span]"]  # a text, and the spans in it
COLOURS = ("cyan", "green", "yellow", "magenta", "blue", "red")


@click.command()
@text_input
@click.option("--model", metavar="NAME", help="a tagger: a name, a run, or a bundle folder")
@click.option("--columns", is_flag=True, help="a word and its tag on each line, an empty line after each text")
@json_option
def command(text: str | None, files: tuple[Path, ...], model: str | None, columns: bool, as_json: bool) -> None:
    """Find the names in TEXT, or else in each line of --file or of stdin.

    Names are marked in the text, by colour on a terminal and by [LABEL ...] elsewhere. --json gives the place of each
    in characters. Nothing is kept in the history.
    """
    from chatbot.inference.threads import use_one_thread

    use_one_thread()
    from chatbot.errors import UsageError
    from chatbot.side.tagging import Tagger

    if as_json and columns:
        raise UsageError("--json and --columns exclude each other")
    tagger = Tagger.load(model)

    def describe(given: str, found: Found) -> dict[str, Any]:
        spans = [dataclasses.asdict(span) for span in found[1]]
        return {"text": given, "spans": spans, "model": tagger.name, "fingerprint": tagger.fingerprint}

    def show(found: Found) -> str:
        if columns:
            return in_columns(*found, tagger.network.tokenizer.split(found[0]))
        return marked(*found, tagger.labels, colours=sys.stdout.isatty())

    each_text(
        text,
        files,
        lambda texts: list(zip(texts, tagger.tag(texts), strict=True)),
        show,
        describe if as_json else None,
    )


def marked(text: str, spans: list[Span], labels: tuple[str, ...], colours: bool) -> str:
    """The text on one line, each span as [LABEL words]; the label is coloured and small where there are colours."""
    from chatbot.terminal import one_line

    shown, done = "", 0
    for span in spans:
        words = one_line(span.text)
        if colours:
            colour = COLOURS[labels.index(span.label) % len(COLOURS)]
            words = click.style(words, fg=colour, bold=True) + click.style(f" {span.label}", fg=colour, dim=True)
        else:
            words = f"[{span.label} {words}]"
        shown += _between(text[done : span.start]) + words
        done = span.end
    return (shown + _between(text[done:])).strip()


def in_columns(text: str, spans: list[Span], places: list[tuple[int, int]]) -> str:
    """A word, a tab and its IOB2 tag on each line."""
    from chatbot.terminal import visible

    tags: dict[tuple[int, int], str] = {}
    for span in spans:
        inside = [place for place in places if span.start <= place[0] < span.end]
        tags |= {place: f"{'I' if number else 'B'}-{span.label}" for number, place in enumerate(inside)}
    return "".join(f"{visible(text[start:end])}\t{tags.get((start, end), 'O')}\n" for start, end in places)


def _between(text: str) -> str:
    """Text outside spans on one line, with the spaces at its ends."""
    from chatbot.terminal import visible

    words = " ".join(text.split())
    before, after = text[:1].isspace(), text[-1:].isspace() and bool(words)
    return " " * before + visible(words) + " " * after
