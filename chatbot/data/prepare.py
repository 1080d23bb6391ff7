"""Conversations -> a prepared dataset on disk: split, tokenizer, arrays, audit.

In: conversations of any reader, and settings. Out: the files of a dataset in a folder, `dataset.json` last. Memory
holds one conversation at a time, and at most `TRAINING_SIZE` of text to train the tokenizer on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
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
from chatbot.data.settings import PrepareSettings
from chatbot.data.splits import SPLITS, split_hash, split_sources
from chatbot.data.spool import Spool, open_spool
from chatbot.errors import CorpusError
from chatbot.text.sentencepiece_tokenizer import train_sentencepiece
from chatbot.text.tokenizer import Tokenizer
from chatbot.text.word_tokenizer import train_words

TRAINING_SIZE = 20 << 20  # characters; of a larger corpus every n-th text trains the tokenizer: more changes little


def prepare(
    conversations: Iterable[Conversation],
    folder: Path,
    corpus: str,
    settings: PrepareSettings,
    counts: Counts,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Write a dataset into the empty `folder`; returns what `dataset.json` holds. `counts` is the reader's.

    `corpus` names the corpus's format. Raises `CorpusError` when a split would be empty, `VocabularyError` when no
    tokenizer can be trained.
    """
    with open_spool() as spool, open_audit() as audit:
        for conversation in conversations:
            spool.add(conversation.reversed() if settings.reverse else conversation)
        assigned = split_sources(spool.sources(), settings.seed)
        spool.assign(assigned)
        progress("training the tokenizer", 0, 0)
        tokenizer = _train(spool, settings)
        content = tokenizer.to_bytes()
        (folder / tokenizer.file_name).write_bytes(content)
        splits, measures = {}, {}
        for name in SPLITS:
            audit.begin(name)
            with SplitWriter(folder, name, tokenizer.size) as writer:
                _fill(ExampleWriter(writer, tokenizer, settings, counts, audit), spool, name, progress)
            sources = [source for source, split in assigned.items() if split == name]
            splits[name] = {**writer.counts(), "sources": sources}
            measures[name] = audit.split_measures()
        commonest = audit.commonest_replies()
    info = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "corpus": corpus,
        "settings": asdict(settings),
        "context": asdict(ContextSettings(turns=settings.context_turns)),
        "tokenizer": _described(tokenizer, content),
        "split_hash": split_hash(assigned),
        "splits": splits,
        "audit": {**counts.as_dict(), "splits": measures, "commonest_replies": commonest},
    }
    (folder / INFO).write_text(json.dumps(info, indent=1) + "\n", encoding="utf-8")
    return info


def _train(spool: Spool, settings: PrepareSettings) -> Tokenizer:
    _, size = spool.size("train")
    texts = islice(spool.texts("train"), 0, None, 1 + size // TRAINING_SIZE)
    if settings.tokenizer == "word":
        return train_words(texts, settings.vocabulary_size, settings.minimum_count, settings.lower_case)
    return train_sentencepiece(texts, settings.vocabulary_size, settings.lower_case)


def _fill(examples: ExampleWriter, spool: Spool, split: str, progress: Progress) -> None:
    total, _ = spool.size(split)
    for done, conversation in enumerate(spool.conversations(split)):
        if done % 256 == 0:
            progress(f"writing {split}", done, total)
        examples.add(conversation)
    if not examples.writer.examples:
        raise CorpusError(
            f"the corpus has no exchange for the split {split}: expected neighbouring utterances that are not empty, "
            f"the reply of at most {examples.settings.max_words} words; give a larger corpus, --max-words or --seed"
        )


def _described(tokenizer: Tokenizer, content: bytes) -> dict[str, Any]:
    return {
        "kind": tokenizer.kind,
        "file": tokenizer.file_name,
        "size": tokenizer.size,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
