"""What `chatbot prepare` shows: a progress bar while it works, the audit as tables when it is done."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from chatbot.corpus.counts import Progress as ProgressFunction
from chatbot.terminal import visible

Row = tuple[str, ...]


class Labels(NamedTuple):
    """What a task calls its things."""

    sources: str
    examples: str
    target: str
    plural: str
    counted: Mapping[str, str]  # what a row is called -> what the dataset calls it


LABELS = {
    "dialogue": Labels(
        "movies or other sources",
        "exchanges",
        "reply",
        "replies",
        {"conversations": "conversations", "utterances": "utterances"},
    ),
    "translation": Labels("source sentences", "pairs", "translation", "translations", {"sentences": "utterances"}),
    "tagging": Labels("documents or sentences", "sentences", "sentence", "sentences", {}),
    "generation": Labels("texts or sections", "texts", "text", "texts", {}),
}


@contextlib.contextmanager
def following() -> Iterator[ProgressFunction]:
    """Yield a function that moves a bar on stderr, where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting", total=None)

        def show(stage: str, done: int, total: int) -> None:
            bar.update(task, description=visible(stage), completed=done, total=total or None)

        yield show


def print_audit(path: Path, info: Mapping[str, Any]) -> None:
    """Print the tables on stdout."""
    console = Console(highlight=False)
    with console.capture() as captured:  # rich would end the program itself at a closed pipe
        _print_tables(console, info)
    click.echo(captured.get(), nl=False)
    tokenizer = info["tokenizer"]
    click.echo(f"tokenizer  {tokenizer['kind']}, {tokenizer['size']:,} ids")
    click.echo(f"split      sha256 {info['split_hash']}")
    click.echo(f"dataset    {visible(str(path))}")


def _print_tables(console: Console, info: Mapping[str, Any]) -> None:
    audit, splits, labels = info["audit"], info["splits"], LABELS[info["task"]]
    for group in ("read", "repaired", "dropped"):
        counted = [(visible(name), f"{count:,}") for name, count in audit[group].items() if count]
        console.print(_table((group, ""), counted or [("nothing", "")]))
    console.print(_table(("", *splits), _split_rows(splits, audit["splits"], labels)))
    found = [one for one in audit["commonest_replies"] if one["count"] > 1 or info["task"] == "dialogue"]
    if found:
        commonest = [(visible(one["reply"]), f"{one['count']:,}", f"{one['share']:.2%}") for one in found]
        console.print(_table((f"commonest {labels.plural} of train", "", ""), commonest))


def _split_rows(splits: Mapping[str, Any], measures: Mapping[str, Any], labels: Labels) -> Iterator[Row]:
    yield labels.sources, *(f"{len(split['sources']):,}" for split in splits.values())
    for label, name in {**labels.counted, "tokens": "tokens", labels.examples: "examples"}.items():
        yield label, *(f"{split[name]:,}" for split in splits.values())
    for unit in ("words", "tokens"):
        lengths = [measure[f"reply_{unit}"] for measure in measures.values()]
        for quantile in lengths[0]:
            yield (
                f"{unit} of a {labels.target}, {float(quantile):.0%}",
                *(f"{length[quantile]:,}" for length in lengths),
            )
    if labels is LABELS["dialogue"]:
        yield "exchanges with oneself", *(f"{measure['same_speaker']:,}" for measure in measures.values())
    yield "near-duplicates in train", *(_duplicates(measure) for measure in measures.values())
    yield "unknown tokens", *(f"{measure['unknown_share']:.2%}" for measure in measures.values())


def _duplicates(measure: Mapping[str, Any]) -> str:
    if "also_in_train" not in measure:
        return ""
    return f"{measure['also_in_train']:,} ({measure['also_in_train_share']:.2%})"


def _table(header: Row, rows: Iterable[Row]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, title in enumerate(header):
        table.add_column(title, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table
