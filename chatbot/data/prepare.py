"""Conversations -> a prepared dataset on disk: split, tokenizer, arrays, audit.

In: conversations of any readers, and settings. Out: the files of a dataset in a folder, `dataset.json` last. Memory
holds one conversation at a time, and at most `TRAINING_SIZE` of text to train the tokenizer on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from chatbot.corpus.conversation import Conversation
from chatbot.corpus.counts import Counts, Progress, silent
from chatbot.data.arrays import SplitWriter
from chatbot.data.audit import open_audit
from chatbot.data.context import ContextSettings
from chatbot.data.examples import ExampleWriter
from chatbot.data.info import FORMAT, FORMAT_VERSION, INFO
from chatbot.data.sentences import SentenceWriter
from chatbot.data.settings import PrepareSettings
from chatbot.data.shaping import shaped
from chatbot.data.splits import SPLITS, split_hash, split_ranked, split_sources
from chatbot.data.spool import Spool, open_spool
from chatbot.data.texts import TextWriter
from chatbot.errors import CorpusError
from chatbot.text.character_tokenizer import train_characters
from chatbot.text.sentencepiece_tokenizer import train_sentencepiece
from chatbot.text.special import SPECIAL_PIECES
from chatbot.text.tagging_tokenizer import train_tagging
from chatbot.text.tokenizer import Tokenizer
from chatbot.text.word_tokenizer import train_words

Writer = ExampleWriter | TextWriter | SentenceWriter
WRITERS: dict[str, type[Writer]] = {
    "dialogue": ExampleWriter,
    "translation": ExampleWriter,
    "generation": TextWriter,
    "tagging": SentenceWriter,
}
LACKS = {
    "dialogue": "exchange for the split {}: expected neighbouring utterances that are not empty, the reply of at most "
    "{} words; give a larger corpus, --max-words or --seed",
    "translation": "pair for the split {}: expected sentences that are not empty, the target of at most {} words; give "
    "a larger corpus, --max-words or --seed",
    "tagging": "sentence for the split {}; give more of them, or two files",
    "generation": "text for the split {}: expected some that are not empty; give a larger corpus",
}
SPLIT_BY = {"dialogue": "movie or other source", "translation": "source sentence", "tagging": "document or sentence"}
TRAINING_SIZE = 20 << 20  # characters; of a larger corpus every n-th text trains the tokenizer: more changes little


@dataclass(frozen=True, slots=True)
class Corpus:
    """One of the corpora that make a dataset. Its exchanges are drawn `weight` times in an epoch of training."""

    name: str
    conversations: Iterable[Conversation]
    weight: float = 1.0
    licence: str = ""
    in_order: bool = False  # a running text: the last of its sources are held out, not any of them
    only: tuple[str, ...] = SPLITS  # the splits that it is for


def prepare(
    corpora: Sequence[Corpus],
    folder: Path,
    settings: PrepareSettings,
    counts: Counts,
    progress: Progress = silent,
    known: Iterable[str] = (),
) -> dict[str, Any]:
    """Write a dataset into the empty `folder`; returns what `dataset.json` holds. `counts` is the readers'.

    `known` are words that the vocabulary of a tagger gets besides those of the training split.

    Every corpus is split by itself, so that its movies stay in their splits whatever it is combined with. Raises
    `CorpusError` when a split would be empty, `VocabularyError` when no tokenizer can be trained.
    """
    with open_spool() as spool, open_audit() as audit:
        assigned = _fill_spool(spool, corpora, settings, counts)
        progress("training the tokenizer", 0, 0)
        tokenizer = _trained(spool, settings, known)
        content = tokenizer.to_bytes()
        (folder / tokenizer.file_name).write_bytes(content)
        splits, measures = {}, {}
        for name in SPLITS:
            audit.begin(name)
            with SplitWriter(folder, name, tokenizer.size, settings.task) as writer:
                examples = WRITERS[settings.task](writer, tokenizer, settings, counts, audit)
                shares = _write_split(examples, spool, name, corpora, progress)
            sources = [source for source, split in assigned.items() if split == name]
            splits[name] = {**writer.counts(), "sources": sources, "corpora": shares}
            measures[name] = audit.split_measures()
        commonest = audit.commonest_replies()
    info = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "task": settings.task,
        "languages": list(settings.languages),
        "corpora": [{"name": one.name, "weight": one.weight, "licence": one.licence} for one in corpora],
        "settings": asdict(settings),
        "context": asdict(ContextSettings(turns=settings.context_turns)),
        "tokenizer": _described(tokenizer, content),
        "split_hash": split_hash(assigned),
        "splits": splits,
        "audit": {**counts.as_dict(), "splits": measures, "commonest_replies": commonest},
    }
    (folder / INFO).write_text(json.dumps(info, indent=1) + "\n", encoding="utf-8")
    return info


def _fill_spool(spool: Spool, corpora: Sequence[Corpus], settings: PrepareSettings, counts: Counts) -> dict[str, str]:
    """Read all corpora; returns source -> split. Of several, each source is told apart by its corpus's name."""
    found: list[list[str]] = []
    prefixes = [f"{corpus.name}/" if len(corpora) > 1 else "" for corpus in corpora]
    for number, corpus in enumerate(corpora):
        for conversation in corpus.conversations:
            spool.add(shaped(conversation, settings, prefixes[number]), number)
        found.append([source.removeprefix(prefixes[number]) for source in spool.sources(number)])
    most = max(
        (len(sources) for corpus, sources in zip(corpora, found, strict=True) if len(corpus.only) > 1), default=3
    )
    if most < len(SPLITS):
        raise CorpusError(_too_little(most, settings.task, counts))
    assigned: dict[str, str] = {}
    for corpus, prefix, sources in zip(corpora, prefixes, found, strict=True):
        if len(corpus.only) == 1:
            splits = dict.fromkeys(sources, corpus.only[0])
        elif len(sources) < len(SPLITS):  # too little to hold any of it out; another corpus does
            splits = dict.fromkeys(sources, "train")
        elif corpus.in_order:
            splits = split_ranked(sources[::-1], settings.held_out)
        else:
            splits = split_sources(sources, settings.seed, settings.held_out)
        if "validation" not in corpus.only:  # another corpus is all of that
            splits = {source: "train" if split == "validation" else split for source, split in splits.items()}
        assigned |= {f"{prefix}{source}": split for source, split in splits.items()}
    spool.assign(assigned)
    return assigned


def _too_little(sources: int, task: str, counts: Counts) -> str:
    """Why a corpus cannot be split, and what of it was dropped on the way."""
    dropped = "; ".join(f"{number:,} {reason}" for reason, number in counts.dropped.items())
    name = SPLIT_BY.get(task, "text")
    found = f"{sources} different {name if sources == 1 else name.replace(' or ', 's or ') + 's'}"
    return (
        f"the corpus has {found}{f' (dropped: {dropped})' if dropped else ''}; expected at least {len(SPLITS)}, "
        "since training, validation and test each need one of their own"
    )


def _trained(spool: Spool, settings: PrepareSettings, known: Iterable[str]) -> Tokenizer:
    """The tokenizer of the training texts; `CorpusError` where it knows nothing of them."""
    tokenizer = _train(spool, settings, known)
    if settings.tokenizer in ("word", "character") and tokenizer.size == len(SPECIAL_PIECES):
        raise CorpusError(
            f"no {settings.tokenizer} is in the training texts {settings.minimum_count} times or more; give a larger "
            "corpus, or a smaller --minimum-count"
        )
    return tokenizer


def _train(spool: Spool, settings: PrepareSettings, known: Iterable[str]) -> Tokenizer:
    if settings.tokenizer == "tagging":
        tagged = (tuple(turn.text.split(" ") for turn in one.utterances) for one in spool.conversations("train"))
        return train_tagging(((words, tags) for words, tags in tagged), settings.vocabulary_size, known)
    _, size = spool.size("train")
    texts = islice(spool.texts("train"), 0, None, 1 + size // TRAINING_SIZE)
    if settings.tokenizer == "character":
        return train_characters(texts, settings.vocabulary_size, settings.minimum_count, settings.lower_case)
    if settings.tokenizer == "word":
        sizes = settings.vocabulary_size, settings.minimum_count
        return train_words(texts, *sizes, settings.lower_case, settings.split_contractions)
    return train_sentencepiece(texts, settings.vocabulary_size, settings.lower_case)


def _write_split(
    examples: Writer, spool: Spool, split: str, corpora: Sequence[Corpus], progress: Progress
) -> list[dict[str, Any]]:
    """Write the conversations of a split, one corpus after the other; returns what each of them gave."""
    total, _ = spool.size(split)
    shares, done, writer = [], 0, examples.writer
    for number, corpus in enumerate(corpora):
        before = writer.examples, writer.utterances
        for conversation in spool.conversations(split, number):
            if done % 256 == 0:
                progress(f"writing {split}", done, total)
            examples.add(conversation)
            done += 1
        added = {"examples": writer.examples - before[0], "utterances": writer.utterances - before[1]}
        shares.append({"name": corpus.name, **added})
    if not writer.examples:
        raise CorpusError(
            f"the corpus has no {LACKS[examples.settings.task].format(split, examples.settings.max_words)}"
        )
    return shares


def _described(tokenizer: Tokenizer, content: bytes) -> dict[str, Any]:
    return {
        "kind": tokenizer.kind,
        "file": tokenizer.file_name,
        "size": tokenizer.size,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
