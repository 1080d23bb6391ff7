"""`chatbot generate`: the beginning of a text -> how it goes on, at one temperature or at several."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chatbot.cli.options import OF_DIALOGUE, SettingType, decoding_options, json_option
from chatbot.cli.picking import named
from chatbot.cli.texts import each_text, given_text, text_input
from chatbot.errors import UsageError
from chatbot.settings import DecodingSettings

if TYPE_CHECKING:
    from chatbot.inference.cache import CacheSettings
    from chatbot.side.generation import Continuation, Generator, Next

BEGINNING = "(the beginning)"

Found = list[tuple[float, "Continuation | list[Next]"]]  # at each temperature: a text, or a table


@click.command()
@partial(text_input, name="PROMPT")
@click.option(
    "--temperature",
    "temperatures",
    multiple=True,
    type=SettingType(DecodingSettings, "temperature"),
    help="0 takes the likeliest, 1 draws as the model thinks; can be repeated, to compare",
)
@click.option(
    "--top", type=click.IntRange(1, 1000), metavar="N", help="only show the N likeliest next words, in percent"
)
@click.option("--pick", is_flag=True, help="choose each next word yourself, from the likeliest")
@click.option("--model", metavar="NAME", help="a language model: a name, a run, or a bundle folder")
@click.option("--cache", is_flag=True, help="what the text held already is likelier to come again (a neural cache)")
@click.option(
    "--cache-size", type=int, metavar="N", help="words or characters that the cache remembers  [default: 500]"
)
@click.option("--cache-weight", type=float, metavar="X", help="share of the cache in each probability  [default: 0.1]")
@click.option("--cache-flatness", type=float, metavar="X", help="how alike moments must be to count  [default: 0.3]")
@json_option
@partial(decoding_options, without=("temperature", "coverage_penalty", *OF_DIALOGUE))
def command(
    text: str | None,
    files: tuple[Path, ...],
    temperatures: tuple[float, ...],
    top: int | None,
    pick: bool,
    model: str | None,
    cache: bool,
    cache_size: int | None,
    cache_weight: float | None,
    cache_flatness: float | None,
    as_json: bool,
    decoding: dict[str, Any],
) -> None:
    """Go on with PROMPT, or else with each line of --file or of stdin; without any of them, begin a text.

    Several temperatures are drawn with the same random numbers and shown side by side, or one below the other where the
    terminal is narrow or there is none. With --top only a table of what may come next is printed for each. Nothing is
    kept in the history.
    """
    from chatbot.inference.threads import use_one_thread

    use_one_thread()
    from chatbot.side.generation import Generator

    remembered = cache_settings(cache, size=cache_size, weight=cache_weight, flatness=cache_flatness)
    generator = Generator.load(model, remembered)
    settings = dataclasses.replace(generator.settings, **decoding)
    wanted = temperatures or (settings.temperature,)
    if pick:
        from chatbot.cli.picking import pick_words

        if as_json or files or len(wanted) > 1:
            raise UsageError("--pick goes with one PROMPT and one temperature, and prints no JSON")
        pick_words(generator, text or "", dataclasses.replace(settings, temperature=wanted[0]), top or 5)
        return

    def work(prompts: Sequence[str]) -> list[Found]:
        each = at_each if text is not None else at_each_of_a_line
        return [each(generator, prompt, settings, wanted, top) for prompt in prompts]

    def describe(prompt: str, found: Found) -> dict[str, Any]:
        named = {"prompt": prompt, "model": generator.name, "fingerprint": generator.fingerprint}
        return {**named, "cache": remembered and dataclasses.asdict(remembered), "temperatures": rows(found)}

    def show(found: Found) -> str:
        return shown(found, text or "")

    each_text(given_text(text, files), files, work, show, describe if as_json else None, shown_on_a_line, blank=True)


def cache_settings(wanted: bool, **given: float | None) -> CacheSettings | None:
    """The cache that was asked for, by --cache or by one of its settings."""
    from chatbot.inference.cache import CacheSettings
    from chatbot.settings import from_mapping

    named = {name: value for name, value in given.items() if value is not None}
    return from_mapping(CacheSettings, named, "--cache") if wanted or named else None


def at_each(
    generator: Generator, prompt: str, settings: DecodingSettings, temperatures: Sequence[float], top: int | None
) -> Found:
    """What the prompt becomes at each temperature, all with one seed; or the table of what comes next."""
    from chatbot.dialogue.seeds import seed_for

    if top is not None:
        return [(one, generator.likeliest(prompt, one, top)) for one in temperatures]
    seed = seed_for(settings)
    return [
        (one, generator.generate(prompt, dataclasses.replace(settings, temperature=one), seed)) for one in temperatures
    ]


def at_each_of_a_line(
    generator: Generator, prompt: str, settings: DecodingSettings, temperatures: Sequence[float], top: int | None
) -> Found:
    """As `at_each`; a prompt that cannot be read becomes nothing, and a line on stderr: the other lines go on."""
    from chatbot.cli.ending import print_error
    from chatbot.terminal import one_line

    try:
        return at_each(generator, prompt, settings, temperatures, top)
    except UsageError as error:
        print_error(f"{one_line(prompt)[:40]!r}: {error}")
        return []


def rows(found: Found) -> list[dict[str, Any]]:
    """The results for JSON."""
    made = []
    for temperature, one in found:
        if isinstance(one, list):
            made.append({"temperature": temperature, "next": [dataclasses.asdict(row) for row in one]})
        else:
            made.append({"temperature": temperature, **dataclasses.asdict(one)})
    return made


def shown(found: Found, prompt: str) -> str:
    """Texts as they are, tables of what follows the prompt; side by side on a terminal where there are several."""
    from chatbot.cli.columns import Part, laid_out, terminal_columns
    from chatbot.terminal import visible

    tables = isinstance(found[0][1], list)
    parts = [
        Part(
            f"temperature {temperature:g}",
            table(one) if isinstance(one, list) else visible(one.text, keep_newlines=True),
            rows=tables,
        )
        for temperature, one in found
    ]
    before = f"{visible(prompt, keep_newlines=True) or BEGINNING}\n\n" if tables else ""
    return before + laid_out(parts, terminal_columns())


def shown_on_a_line(found: Found) -> str:
    """Everything on one line, a tab between the temperatures; the line ends of a text as \\n."""
    from chatbot.terminal import visible

    return "\t".join(
        " ".join(f"{named(row.token)} {row.probability:.2%}" for row in one)
        if isinstance(one, list)
        else visible(one.text)
        for _, one in found
    )


def table(words: Sequence[Next]) -> str:
    """Percentages and words, the likeliest first."""
    return "\n".join(f"{row.probability:8.2%}  {named(row.token)}" for row in words)
