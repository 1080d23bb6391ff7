"""Paths of corpora, with their formats and weights -> the corpora that `prepare` makes one dataset of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from chatbot.corpus.conll import read_conll
from chatbot.corpus.counts import Counts, Progress
from chatbot.corpus.fields import field_map
from chatbot.corpus.formats import format_of, reader
from chatbot.corpus.pairs import read_pairs
from chatbot.corpus.texts import SECTIONED, kind_of, read_texts
from chatbot.data.prepare import Corpus
from chatbot.data.settings import PrepareSettings
from chatbot.data.splits import SPLITS
from chatbot.errors import UsageError

T = TypeVar("T")


def combined(
    sources: Sequence[Path],
    formats: Sequence[str],
    weights: Sequence[float],
    licences: Sequence[str],
    fields: str,
    counts: Counts,
    progress: Progress,
) -> list[Corpus]:
    """One corpus for each source; what is said of corpora is given for none, for all at once, or for each in order.

    Raises `UsageError`.
    """
    named = _each("--format", sources, formats) or [format_of(source) for source in sources]
    weighted = _each("--weight", sources, weights) or [1.0] * len(sources)
    stated = _each("--licence", sources, licences) or [""] * len(sources)
    meant = field_map(fields)
    found: list[Corpus] = []
    for source, format_, weight, licence in zip(sources, named, weighted, stated, strict=True):
        read = reader(format_, meant if len(sources) == 1 or format_ in ("tsv", "csv") else {})
        same = sum(one.name.split("-")[0] == format_ for one in found)
        name = f"{format_}-{same + 1}" if same else format_
        found.append(Corpus(name, read(source, counts, progress), weight, licence))
    return found


def parallel(
    sources: Sequence[Path], licences: Sequence[str], settings: PrepareSettings, counts: Counts, progress: Progress
) -> list[Corpus]:
    """Sentences and their translations: one file of two columns, or two files. Raises `UsageError`."""
    if len(sources) > 2:
        raise UsageError(f"{len(sources)} files given; expected one of lines `source TAB target`, or two parallel ones")
    name = f"{settings.source}-{settings.target}"
    return [Corpus(name, read_pairs(sources, counts, progress), licence="; ".join(licences))]


def tagged(
    sources: Sequence[Path], licences: Sequence[str], settings: PrepareSettings, counts: Counts, progress: Progress
) -> list[Corpus]:
    """Tagged sentences: one file, two (the second for validation), or three (for training, validation, test)."""
    if len(sources) > 3:
        raise UsageError(f"{len(sources)} files given; expected at most three: for training, validation and test")
    splits = {1: (SPLITS,), 2: (("train", "test"), ("validation",)), 3: tuple((name,) for name in SPLITS)}
    only: Sequence[tuple[str, ...]] = splits[len(sources)]
    stated = _each("--licence", sources, licences) or [""] * len(sources)
    return [
        Corpus(name, read_conll(source, counts, progress), licence=licence, only=own)
        for name, source, licence, own in zip(SPLITS, sources, stated, only, strict=False)
    ]


def texts(
    sources: Sequence[Path], licences: Sequence[str], settings: PrepareSettings, counts: Counts, progress: Progress
) -> list[Corpus]:
    """Texts to go on from, a corpus for each source."""
    stated = _each("--licence", sources, licences) or [""] * len(sources)
    field, template = settings.field, settings.template
    return [
        Corpus(
            f"{kind_of(source)}-{number}" if len(sources) > 1 else kind_of(source),
            read_texts(source, counts, progress, field, template),
            licence=licence,
            in_order=kind_of(source) == SECTIONED,
        )
        for number, (source, licence) in enumerate(zip(sources, stated, strict=True), start=1)
    ]


def _each(option: str, sources: Sequence[Path], given: Sequence[T]) -> list[T]:
    if given and len(given) not in (1, len(sources)):
        raise UsageError(f"{option}: given {len(given)} times for {len(sources)} corpora; give it once, or for each")
    return list(given) * (len(sources) if len(given) == 1 else 1)
