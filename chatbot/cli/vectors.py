"""`chatbot vectors`: raw corpus files -> a file of word vectors, for `prepare --vectors` and `train --vectors`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from chatbot.cli.prepare import FORMATS
from chatbot.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatbot.data.prepare import Corpus


@click.command()
@click.argument("sources", metavar="SRC...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--output", "-o", metavar="FILE", type=click.Path(path_type=Path), required=True, help="the vectors")
@click.option("--format", "formats", multiple=True, type=click.Choice(FORMATS), help="of the corpora, as for prepare")
@click.option("--fields", default="", help="of csv, tsv, jsonl: prompt=NAME,reply=NAME or conversation=NAME,text=NAME")
@click.option("--size", default=100, show_default=True, type=click.IntRange(2, 1000), help="numbers of a vector")
@click.option(
    "--words", default=40_000, show_default=True, type=click.IntRange(10, 200_000), help="the commonest words"
)
@click.option("--minimum-count", default=3, show_default=True, type=click.IntRange(1), help="of a word")
@click.option("--window", default=4, show_default=True, type=click.IntRange(1, 20), help="neighbours on each side")
@click.option("--overwrite", is_flag=True, help="replace a file that is there")
def command(
    sources: tuple[Path, ...],
    output: Path,
    formats: tuple[str, ...],
    fields: str,
    size: int,
    words: int,
    minimum_count: int,
    window: int,
    overwrite: bool,
) -> None:
    """Count which words stand near which in the dialogues SRC..., and write a vector for each common word.

    Words of alike company, names of towns among them, get vectors alike, which helps a model that has few examples of
    its own: `chatbot prepare --task tagging --vectors FILE`, then `chatbot train --vectors FILE`. SRC is what `chatbot
    prepare` reads for dialogue. Minutes for millions of words; nothing is trained. The file is text, a word and its
    numbers on each line, as GloVe's.
    """
    from chatbot.cli.output import check_new
    from chatbot.cli.prepare_view import following
    from chatbot.corpus.counts import Counts
    from chatbot.data.combining import combined
    from chatbot.files import file_atomically
    from chatbot.text.word_vectors import VectorSettings, learn_vectors, lines_of

    check_new(output, overwrite)
    with following() as progress, file_atomically(output) as file:
        corpora = combined(sources, formats, (), (), fields, Counts(), progress)
        settings = VectorSettings(size, words, minimum_count, window)
        known, vectors = learn_vectors(_texts(corpora), settings, lambda step: progress(step, 0, 0))
        file.writelines(line.encode("utf-8") for line in lines_of(known, vectors))
    click.echo(f"wrote {visible(str(output))}: {len(known):,} words, {size} numbers each")


def _texts(corpora: Iterable[Corpus]) -> Iterator[str]:
    for corpus in corpora:
        for conversation in corpus.conversations:
            yield from (utterance.text for utterance in conversation.utterances)
