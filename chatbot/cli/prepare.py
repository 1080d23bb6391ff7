"""`chatbot prepare`: raw corpus files -> a prepared dataset, and an audit of what was done to them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from chatbot.cli.options import SettingType, Within, json_option
from chatbot.data.settings import PrepareSettings, settings_for
from chatbot.errors import UsageError
from chatbot.settings import fields_of

Function = Callable[..., Any]
FORMATS = ("cornell", "jsonl", "dailydialog", "personachat", "chatterbot", "text", "tsv", "csv")


def settings_options(function: Function) -> Function:
    """Add an option for each field of `PrepareSettings`."""
    for name, one in reversed(fields_of(PrepareSettings).items()):
        flag = isinstance(one.default, bool)
        function = click.option(
            f"--{name.replace('_', '-')}",
            name,
            type=None if flag else SettingType(PrepareSettings, name),
            is_flag=flag,
            default=one.default,
            show_default=not flag,
            help=one.metadata["help"],
        )(function)
    return function


@click.command()
@click.argument("sources", metavar="SRC...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--output", "-o", metavar="DIR", type=click.Path(path_type=Path), required=True, help="the dataset")
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    help="of the corpus; by default what its files are called tells; of several corpora, once for each or for all",
)
@click.option(
    "--weight",
    "weights",
    multiple=True,
    type=Within(min=0, min_open=True, max=100),
    help="how often an epoch draws the exchanges of a corpus, 1 by default; once for each SRC, in their order",
)
@click.option("--licence", "licences", multiple=True, help="of a corpus, for the card of a model; once for each SRC")
@click.option(
    "--fields", "fields", default="", help="of csv, tsv, jsonl: prompt=NAME,reply=NAME or conversation=NAME,text=NAME"
)
@settings_options
@click.option("--unit", type=click.Choice(["character", "word"]), help="generation: what is said at a time")
@click.option(
    "--vectors",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="tagging: the model shall know the words of these vectors, too; give the file to `train --vectors` as well",
)
@click.option("--overwrite", is_flag=True, help="replace a dataset that is there")
@json_option
def command(
    sources: tuple[Path, ...],
    output: Path,
    formats: tuple[str, ...],
    weights: tuple[float, ...],
    licences: tuple[str, ...],
    fields: str,
    unit: str | None,
    vectors: Path | None,
    overwrite: bool,
    as_json: bool,
    **settings: Any,
) -> None:
    """Turn the raw corpora SRC... into one dataset that `chatbot train` learns from.

    SRC is a folder with the files of the Cornell Movie-Dialogs Corpus (plain, .xz or .gz), or the .zip they come in;
    what `chatbot history export --as corpus` writes (*.jsonl); DailyDialog; Persona-Chat; YAML files as ChatterBot's;
    text with a line of === between conversations; or a table of prompts and replies (.tsv, .csv; see --fields).
    Text is read as UTF-8 where a line is valid, else as cp1252, with latin-1 for the bytes that cp1252 leaves
    undefined. Every neighbouring pair of utterances is an exchange; movies go to train, validation or test as a whole.

    With --task translation SRC is a file of lines `source TAB target`, or two files with as many lines; a sentence and
    all its translations are in one split. With --task generation it is plain text, or a .csv, .json or .jsonl file of
    records, of which --field or --template says what to read. With --task tagging it is a file of tagged words in
    columns (CoNLL; IOB1, IOB2 or BIOES), two (the second for validation) or three (training, validation, test). All in
    UTF-8, plain, .xz or .gz.
    """
    from chatbot.cli.output import print_json
    from chatbot.cli.prepare_view import following, print_audit
    from chatbot.corpus.counts import Counts
    from chatbot.corpus.vectors import vector_words
    from chatbot.data.combining import combined, parallel, tagged, texts
    from chatbot.data.folder import dataset_folder
    from chatbot.data.prepare import prepare

    ctx = click.get_current_context()
    given = {n: v for n, v in settings.items() if ctx.get_parameter_source(n) is not ParameterSource.DEFAULT}
    counts, chosen = Counts(), settings_for(given | ({"tokenizer": unit} if unit else {}))
    if chosen.task != "dialogue" and (formats or weights or fields):
        raise UsageError("--format, --weight and --fields are for dialogue; leave them out")
    if vectors and chosen.task != "tagging":
        raise UsageError("--vectors is for --task tagging; a model of words takes them in `chatbot train --vectors`")
    with dataset_folder(output, overwrite) as folder, following() as progress:
        if chosen.task == "dialogue":
            corpora = combined(sources, formats, weights, licences, fields, counts, progress)
        else:
            read = {"translation": parallel, "tagging": tagged, "generation": texts}[chosen.task]
            corpora = read(sources, licences, chosen, counts, progress)
        info = prepare(corpora, folder, chosen, counts, progress, vector_words(vectors) if vectors else ())
    if as_json:
        print_json({"path": str(output), **info})
    else:
        print_audit(output, info)
