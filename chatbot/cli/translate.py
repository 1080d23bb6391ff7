"""`chatbot translate`: a text, or lines, in one language -> the same in another."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chatbot.cli.options import OF_DIALOGUE, decoding_options, json_option
from chatbot.cli.texts import each_text, text_input

if TYPE_CHECKING:
    from chatbot.side.translation import Pivot, Translation, Translator


@click.command()
@text_input
@click.option(
    "--to",
    "target",
    metavar="LANG",
    help="language to translate to, such as fr  [default: the only one that --from goes to]",
)
@click.option("--from", "source", metavar="LANG", help="language of the text  [default: en, or the only one there is]")
@click.option("--model", metavar="NAME", help="a translation model: a name, a run, or a bundle folder")
@click.option(
    "--n-best",
    default=1,
    type=click.IntRange(1, 100),
    metavar="N",
    help="translations to print, best first, with scores",
)
@json_option
@partial(decoding_options, without=OF_DIALOGUE)
def command(
    text: str | None,
    files: tuple[Path, ...],
    target: str | None,
    source: str | None,
    model: str | None,
    n_best: int,
    as_json: bool,
    decoding: dict[str, Any],
) -> None:
    """Translate TEXT, or else each line of --file or of stdin.

    --to and --from are codes of languages; where no model goes straight from one to the other, two go through English.
    A text is translated sentence by sentence, and a sentence that is too long for the model in parts. Nothing is kept
    in the history.
    """
    from chatbot.inference.threads import use_one_thread

    use_one_thread()
    import dataclasses

    from chatbot.dialogue.seeds import seed_for

    translator = chosen_translator(source, target, model)
    settings = dataclasses.replace(translator.settings, **decoding)
    if settings.temperature:
        settings = dataclasses.replace(settings, seed=seed_for(settings))

    def work(texts: Sequence[str]) -> list[Translation]:
        return translator.translate(texts, settings, n_best=n_best)

    def describe(given: str, found: Translation) -> dict[str, Any]:
        named = {"text": given, "source": translator.source, "target": translator.target}
        model_ = {"model": translator.name, "fingerprint": translator.fingerprint}
        return {**named, "translation": dataclasses.asdict(found), **model_, "settings": dataclasses.asdict(settings)}

    def show_line(found: Translation) -> str:
        return shown(found, n_best) + ("\n" if n_best > 1 else "")  # a blank line ends what belongs to one

    each_text(text, files, work, lambda found: shown(found, n_best), describe if as_json else None, show_line)


def chosen_translator(source: str | None, target: str | None, model: str | None) -> Translator | Pivot:
    """The model named, which must go with the languages named; else the one for these languages."""
    from chatbot.errors import UsageError
    from chatbot.side.translation import Translator, find_translator, sources_for, targets_for

    source, target = source and source.lower(), target and target.lower()
    if model is not None:
        found = Translator.load(model)
        for option, asked, own in (("--from", source, found.source), ("--to", target, found.target)):
            if asked not in (None, own):
                raise UsageError(f"{option} {asked}: {model} translates from {found.source} to {found.target}")
        return found
    if target is None and source is not None and len(targets := targets_for(source)) == 1:
        target = targets[0]
    if target is None:
        raise UsageError("name a language to translate to, such as --to fr, or a model with --model")
    if source is None:
        source = next(iter(sources_for(target)), "en")
    return find_translator(source, target)


def shown(found: Translation, n_best: int) -> str:
    """The translation alone, or the n best, each after its score, on lines of their own."""
    from chatbot.terminal import one_line

    if n_best == 1:
        return one_line(found.text)
    return "\n".join(f"{one.score:8.3f}  {one_line(one.text)}" for one in (found, *found.alternatives))
