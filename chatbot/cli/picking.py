"""`chatbot generate --pick`: a person chooses each next word from the likeliest, or lets one be drawn."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import click

from chatbot.terminal import visible
from chatbot.text.special import EOS_ID

if TYPE_CHECKING:
    from chatbot.settings import DecodingSettings
    from chatbot.side.generation import Generator

UNSEEN = {"": "(end)", " ": "(space)"}
HELP = "a number picks, other words are taken as they are, an empty line draws, . alone ends"


def pick_words(generator: Generator, prompt: str, settings: DecodingSettings, count: int) -> None:
    """Ask until the person ends it, or the text does; the whole text is the last thing printed."""
    click.echo(HELP, err=True)
    text = prompt
    one_more = dataclasses.replace(settings, max_length=1)
    for step in itertools.count():
        offered = generator.likeliest(text, settings.temperature, count)
        click.echo(f"\n{visible(text, keep_newlines=True)}", err=True)
        for number, one in enumerate(offered, start=1):
            click.echo(f"{number:4}  {one.probability:7.2%}  {named(one.token)}", err=True)
        try:
            answer = click.prompt(">", default="", show_default=False, prompt_suffix=" ", err=True)
        except click.Abort:  # Ctrl-C, or no more input
            click.echo(err=True)
            break
        if answer.strip() == ".":
            break
        if answer.strip().isdecimal():
            if not 1 <= int(answer) <= len(offered):
                click.echo(f"there is no {answer.strip()} here; type 1 to {len(offered)}, or words", err=True)
                continue
            chosen = offered[int(answer) - 1]
            if chosen.id == EOS_ID:
                break
            text += generator.spoken(generator.read(text), [chosen.id])
        elif answer.strip():
            text = _with(text, answer, generator.unit)
        else:
            drawn = generator.generate(text, one_more, None if settings.seed is None else settings.seed + step)
            if not drawn.token_ids:
                break
            text = drawn.text
    click.echo(visible(text, keep_newlines=True))


def named(token: str) -> str:
    """A token as it is shown in a table; what could not be seen has a name."""
    return UNSEEN.get(token) or visible(token)


def _with(text: str, typed: str, unit: str) -> str:
    """The text and what was typed; whole words with a space between them."""
    return f"{text} {typed.strip()}" if unit == "word" and text else text + typed
