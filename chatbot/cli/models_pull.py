"""`chatbot models pull` and `remove`: a model from a file or a web address -> one to be chosen by its name; or away."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chatbot.cli.confirming import confirm, yes_option
from chatbot.cli.options import json_option
from chatbot.errors import BundleError, UsageError
from chatbot.terminal import visible

if TYPE_CHECKING:
    from chatbot.bundle.download import Part, Progress
    from chatbot.bundle.folder import BundleFiles
    from chatbot.bundle.index import Entry

index_option = click.option(
    "--index",
    metavar="FILE|URL",
    envvar="CHATBOT_MODELS_INDEX",
    help="the index of models that NAME is looked up in; models_index of config.toml if not given",
)


@click.command()
@click.argument("source", metavar="SOURCE")
@index_option
@click.option("--sha256", metavar="HEX", help="what the archive must have, or nothing is installed")
@click.option("--name", help="the name to install it under; its own if not given")
@click.option("--overwrite", "--force", is_flag=True, help="replace a model of that name")
@json_option
def pull(source: str, index: str | None, sha256: str | None, name: str | None, overwrite: bool, as_json: bool) -> None:
    """Install a model that was packed, so that its name is enough from then on.

    SOURCE is the archive that `chatbot models pack` wrote: a file, a web address, or a NAME that is in an index. A
    download that breaks off is kept; the same line goes on with it. All is checked before anything is replaced.
    """
    from chatbot.bundle.index import Entry, checked_sha256
    from chatbot.bundle.installing import free_place, install
    from chatbot.bundle.web import is_address
    from chatbot.cli.models import facts
    from chatbot.cli.output import print_json

    known = not is_address(source) and not _is_file(source)
    wanted = _looked_up(source, index) if known else Entry(source, "")
    if not overwrite and known and (there := _same(name or source, wanted)):
        click.echo(f"{visible(name or source)} is installed already, and is what the index has", err=True)
        if as_json:
            print_json(facts(there))
        return
    place = free_place(name or source, overwrite) if known or name else None
    checksum = checked_sha256(sha256, "--sha256") if sha256 else wanted.sha256
    path, discard = _fetched(wanted)
    try:
        files = _checked(path, wanted, checksum)
    except BundleError:
        discard()
        raise
    place = install(files.content, place.name if place else files.config.name, overwrite)
    discard()
    if as_json:
        print_json({**facts(files), "path": str(place)})
    else:
        click.echo(f"installed {visible(place.name)} ({_summary(files)}); {_first_use(files, place.name)}")


@click.command()
@click.argument("name")
@yes_option
def remove(name: str, yes: bool) -> None:
    """Remove a model that was installed, after asking.

    What it said stays in the history, but cannot be replayed or explained by it any more.
    """
    from chatbot.bundle.installing import installed, uninstall

    place = installed(name)
    confirm(f"This removes the model {visible(name)} from {visible(str(place.parent))}.", yes)
    uninstall(name)
    click.echo(f"removed {visible(name)}")


def _is_file(source: str) -> bool:
    """Whether a file is meant: it is there, or is written as only a file can be."""
    from chatbot.bundle.archive import SUFFIX

    path = Path(source).expanduser()
    if path.is_dir() and path.name != source:
        raise UsageError(f"{source}: is a folder; pack it first with: chatbot models pack {source} --output FILE")
    return path.is_file() or path.name != source or source.endswith(SUFFIX)


def _looked_up(name: str, index: str | None) -> Entry:
    """The model that an index has under this name."""
    from chatbot.settings import suggest

    offered = offered_models(index, f"no file {name[:100]!r} is here, and ")
    if name not in offered:
        near = suggest(name, offered) if offered else "it is empty"
        raise UsageError(f"no model {name[:100]!r} is in the index; {near}")
    return offered[name]


def offered_models(index: str | None, before: str = "") -> dict[str, Entry]:
    """What the chosen index offers; `before` begins the error line where none is chosen."""
    from chatbot.bundle.index import read_index
    from chatbot.home import load_config

    where = index or load_config().chat.models_index
    if not where:
        raise UsageError(
            f"{before}no index of models is known; name one with --index, CHATBOT_MODELS_INDEX, or models_index in "
            "config.toml"
        )
    return read_index(where)


def _same(name: str, wanted: Entry) -> BundleFiles | None:
    """The installed model of this name, if it is the one that the index offers."""
    from chatbot.bundle.folder import read_files
    from chatbot.bundle.locate import own_models

    try:
        files = read_files(own_models() / name)
    except BundleError:
        return None
    return files if files.fingerprint == wanted.fingerprint else None


def _fetched(wanted: Entry) -> tuple[Path, Callable[[], None]]:
    """The archive's file, and what removes it where it was downloaded."""
    from chatbot.bundle.archive import LARGEST_ARCHIVE
    from chatbot.bundle.download import Part, download
    from chatbot.bundle.locate import own_models
    from chatbot.bundle.web import is_address

    if not is_address(wanted.url):
        return Path(wanted.url).expanduser(), lambda: None
    part = Part(wanted.url, own_models())
    with _progress(part) as progress:
        download(part, LARGEST_ARCHIVE, wanted.size, progress)
    return part.path, part.remove


@contextlib.contextmanager
def _progress(part: Part) -> Iterator[Progress]:
    """One line that grows on a terminal, nothing elsewhere; Ctrl-C says what is kept."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=None), DownloadColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task = bar.add_task("downloading", total=None)
    try:
        with bar:
            yield lambda done, whole: bar.update(task, completed=done, total=whole)
    except KeyboardInterrupt:
        click.echo(f"chatbot: stopped; {part.left()}", err=True)
        raise


def _checked(path: Path, wanted: Entry, checksum: str) -> BundleFiles:
    """The bundle in an archive, once checksum, files, weights, tokenizer and golden prompts are what they must be."""
    from chatbot.bundle.archive import read_archive
    from chatbot.bundle.loading import bundle_of
    from chatbot.inference.loading import check

    if checksum:
        _check_sum(path, wanted.url, checksum)
    try:
        files = read_archive(path)
        bundle = bundle_of(files)
        check(bundle.weights, bundle.config, bundle.tokenizer)
    except BundleError as error:
        raise BundleError(str(error).replace(str(path), wanted.url)) from error  # not the part's name
    return files


def _check_sum(path: Path, where: str, wanted: str) -> None:
    import hashlib

    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BundleError(f"{where}: cannot be read: {error.strerror or error}") from error
    if found != wanted:
        raise BundleError(f"{where}: must have the sha256 {wanted}, but has {found}; nothing was installed")


def _summary(files: BundleFiles) -> str:
    size: Any = sum(map(len, files.content.values())) / 1e6
    return f"{files.config.task}, {size:.1f} MB, {files.fingerprint[:12]}"


def _first_use(files: BundleFiles, name: str) -> str:
    """What to type next."""
    commands = {"translation": " translate TEXT", "tagging": " tag TEXT", "generation": " generate TEXT"}
    return f"try: chatbot{commands.get(files.config.task, '')} --model {visible(shlex.quote(name))}"
