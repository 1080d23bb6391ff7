"""Conversations -> a prepared dataset on disk: split, tokenizer, arrays, audit.

In: an iterator of conversations from any reader, and settings. Out: the files of a dataset in a folder, `dataset.json`
among them. Nothing is kept in memory but what one conversation needs, and the tokenizer's training texts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from chatbot.corpus.conversation import Conversation
from chatbot.corpus.counts import Counts, Progress, silent
from chatbot.data.arrays import SplitWriter
from chatbot.data.audit import Audit
from chatbot.data.context import ContextSettings
from chatbot.data.info import FORMAT, FORMAT_VERSION, INFO
from chatbot.data.splits import SPLITS, split_hash, split_sources
from chatbot.data.spool import Spool
from chatbot.errors import CorpusError
from chatbot.settings import setting
from chatbot.text.sentencepiece_tokenizer import train_sentencepiece
from chatbot.text.special import UNK_ID
from chatbot.text.tokenizer import Tokenizer
from chatbot.text.word_tokenizer import train_words

TRAINING_TEXTS = 400_000  # at most so many, evenly spread, train the tokenizer: more cost memory and change little
_WORD = re.compile(r"\w+(?:'\w+)?|[^\w\s]")


@dataclass(frozen=True, slots=True)
class PrepareSettings:
    """What `chatbot prepare` may be told."""

    tokenizer: str = setting("sentencepiece", "kind of tokenizer", choices=("sentencepiece", "word"))
    vocabulary_size: int = setting(8000, "token ids, the special ones among them", minimum=300, maximum=200_000)
    minimum_count: int = setting(2, "word tokenizer: rarer words are <unk>", minimum=1, maximum=1_000_000)
    lower_case: bool = setting(False, "fold case; kept by default")
    context_turns: int = setting(
        3, "turns before a reply that it is given, the prompt among them", minimum=1, maximum=20
    )
    max_words: int = setting(60, "longer replies make no example", minimum=1, maximum=1000)
    seed: int = setting(0, "another seed splits the movies otherwise", minimum=0, maximum=2**31 - 1)


def prepare(
    conversations: Iterable[Conversation],
    folder: Path,
    corpus: str,
    settings: PrepareSettings,
    counts: Counts,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Write a dataset into the empty `folder`; returns what `dataset.json` holds. `counts` is the reader's.

    Raises `CorpusError` when a split would be empty, `VocabularyError` when no tokenizer can be trained.
    """
    with Spool() as spool, Audit() as audit:
        for conversation in conversations:
            spool.add(conversation)
        splits = split_sources(spool.sources(), settings.seed)
        spool.assign(splits)
        progress("training the tokenizer", 0, 0)
        tokenizer = _train(spool, settings)
        content = tokenizer.to_bytes()
        (folder / tokenizer.file_name).write_bytes(content)
        written = {name: _write(name, folder, spool, tokenizer, settings, counts, audit, progress) for name in SPLITS}
        info = {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "corpus": corpus,
            "settings": asdict(settings),
            "context": asdict(ContextSettings(turns=settings.context_turns)),
            "tokenizer": {
                "kind": tokenizer.kind,
                "file": tokenizer.file_name,
                "size": tokenizer.size,
                "sha256": hashlib.sha256(content).hexdigest(),
            },
            "split_hash": split_hash(splits),
            "splits": {
                name: {**written[name], "sources": [source for source in splits if splits[source] == name]}
                for name in SPLITS
            },
            "audit": {**counts.as_dict(), **audit.as_dict()},
        }
    (folder / INFO).write_text(json.dumps(info, indent=1) + "\n", encoding="utf-8")
    return info


def _train(spool: Spool, settings: PrepareSettings) -> Tokenizer:
    step = -(-sum(1 for _ in spool.texts("train")) // TRAINING_TEXTS) or 1
    texts: Iterator[str] = islice(spool.texts("train"), 0, None, step)
    if settings.tokenizer == "word":
        return train_words(texts, settings.vocabulary_size, settings.minimum_count, settings.lower_case)
    return train_sentencepiece(texts, settings.vocabulary_size, settings.lower_case)


def _write(
    split: str,
    folder: Path,
    spool: Spool,
    tokenizer: Tokenizer,
    settings: PrepareSettings,
    counts: Counts,
    audit: Audit,
    progress: Progress,
) -> dict[str, int]:
    """Write the arrays of one split; returns its counts."""
    with SplitWriter(folder, split, tokenizer.size) as writer:
        for conversation in spool.conversations(split):
            _write_conversation(conversation, split, writer, tokenizer, settings, counts, audit)
            if writer.conversations % 256 == 0:
                progress(f"writing {split}", writer.conversations, 0)
    if not writer.examples:
        raise CorpusError(
            f"no exchange of the corpus is left for {split}: expected neighbouring utterances that are not empty, "
            f"the second of at most {settings.max_words} words; give a larger corpus, --max-words or another --seed"
        )
    names = ("conversations", "utterances", "tokens", "examples")
    return {name: getattr(writer, name) for name in names}


def _write_conversation(
    conversation: Conversation,
    split: str,
    writer: SplitWriter,
    tokenizer: Tokenizer,
    settings: PrepareSettings,
    counts: Counts,
    audit: Audit,
) -> None:
    turns = conversation.utterances
    speakers: dict[str, int] = {}
    encoded = [tokenizer.encode(turn.text) for turn in turns]
    start = writer.utterances
    writer.conversations += 1
    for turn, ids in zip(turns, encoded, strict=True):
        speaker = speakers.setdefault(turn.speaker, len(speakers))
        words = len(_WORD.findall(turn.text))
        writer.add_utterance(ids, speaker, len(turn.text.encode("utf-8")), words)
        audit.add_tokens(split, len(ids), ids.count(UNK_ID))
    for i in range(1, len(turns)):
        prompt, reply = turns[i - 1], turns[i]
        words = len(reply.text.split())
        if not prompt.text or not reply.text:
            counts.dropped["exchange with an empty utterance"] += 1
        elif words > settings.max_words:
            counts.dropped[f"exchange with a reply of over {settings.max_words} words"] += 1
        else:
            writer.add_example(start + max(0, i - settings.context_turns), start + i)
            audit.add_example(split, prompt.text, reply.text, words, len(encoded[i]))
