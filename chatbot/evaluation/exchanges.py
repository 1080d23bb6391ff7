"""A prepared dataset or a raw corpus -> the exchanges a model is measured on, in the model's own token ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.corpus.conversation import Conversation
from chatbot.corpus.counts import Counts, Progress, silent
from chatbot.corpus.formats import format_of, reader
from chatbot.data.context import ContextSettings, source_ids
from chatbot.data.dataset import Dataset, Split
from chatbot.errors import CorpusError, DatasetError
from chatbot.text.special import SPECIAL_PIECES, UNK_ID
from chatbot.text.tokenizer import Tokenizer
from chatbot.text.words import count_words

LONGEST_REPLY = 60  # white-space words
UNKNOWN = SPECIAL_PIECES[UNK_ID]

Ids = NDArray[np.int32]
Integers = NDArray[np.int64]
Recode = Callable[[Iterable[int]], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Exchanges:
    """Contexts and human replies; arrays [exchanges]. `random_replies` are human replies to something else."""

    sources: list[Ids]
    targets: list[Ids]  # without eos
    reply_bytes: Integers
    reply_words: Integers
    context_turns: int  # at most, the prompt among them
    random_replies: list[Ids]
    random_from: str  # what they are: "training reply" or "reply"

    def __len__(self) -> int:
        return len(self.targets)


def evenly(count: int, most: int | None) -> list[int]:
    """At most `most` indices below `count`, in order, evenly spread; all of them for None."""
    wanted = count if most is None else min(most, count)
    return [i * count // wanted for i in range(wanted)]


def at_random(count: int, most: int) -> list[int]:
    """At most `most` different indices below `count`, the same every time."""
    drawn: list[int] = np.random.default_rng(0).choice(count, min(most, count), replace=False).tolist()
    return drawn


def dataset_exchanges(
    path: Path, split_name: str, tokenizer: Tokenizer, context: ContextSettings, limit: int | None, random_replies: int
) -> Exchanges:
    """Exchanges of a prepared dataset's split; `DatasetError` where its texts cannot be had in the model's tokens."""
    dataset = Dataset.open(path)
    if dataset.task != "dialogue":
        raise DatasetError(f"{path}: was made for {dataset.task}, but the model is for dialogue")
    recode = recoder(dataset.tokenizer(), tokenizer, path)
    split, train = dataset.split(split_name), dataset.split("train")
    chosen = evenly(len(split), limit)
    return Exchanges(
        sources=[_source(split, i, context, recode) for i in chosen],
        targets=[_ids(recode(split.target(i))) for i in chosen],
        reply_bytes=split.reply_bytes()[chosen].astype(np.int64),
        reply_words=split.reply_words()[chosen].astype(np.int64),
        context_turns=min(context.turns, dataset.context.turns),
        random_replies=[_ids(recode(train.target(i))) for i in at_random(len(train), random_replies)],
        random_from="training reply",
    )


def recoder(own: Tokenizer, wanted: Tokenizer, path: Path) -> Recode:
    """A function from a dataset's ids to the model's: the same ids, or their text encoded anew."""
    if own.kind == wanted.kind and own.to_bytes() == wanted.to_bytes():
        return lambda ids: [int(i) for i in ids]
    if own.kind == "word" or folds_case(own):
        raise DatasetError(
            f"{path}: was prepared with another tokenizer than the model's, and its ids do not give the texts back; "
            "evaluate on the raw corpus instead"
        )

    @lru_cache(maxsize=64)  # neighbouring exchanges share their turns
    def encoded(ids: tuple[int, ...]) -> Sequence[int]:
        return wanted.encode(own.decode(ids))

    return lambda ids: encoded(tuple(int(i) for i in ids))


def folds_case(tokenizer: Tokenizer) -> bool:
    """Whether upper and lower case are the same to a tokenizer, so that it has less to predict."""
    ids = tokenizer.encode("I")
    return UNK_ID not in ids and ids == tokenizer.encode("i")


def _source(split: Split, i: int, context: ContextSettings, recode: Recode) -> Ids:
    first, reply = (int(u) for u in split.examples[i])
    turns = [recode(split.tokens[split.offsets[u] : split.offsets[u + 1]]) for u in range(first, reply)]
    own = [bool(split.speakers[u] == split.speakers[reply]) for u in range(first, reply)]
    return _ids(source_ids(turns, own, context))


def _ids(ids: Any) -> Ids:
    return np.asarray(ids, np.int32)


def corpus_exchanges(
    path: Path,
    tokenizer: Tokenizer,
    context: ContextSettings,
    limit: int | None,
    random_replies: int,
    progress: Progress = silent,
) -> Exchanges:
    """Exchanges of a raw corpus, all of it; `CorpusError` where it cannot be read or holds none."""
    conversations = reader(format_of(path), {})(path, Counts(), progress)
    examples = [(conversation, at) for conversation in conversations for at in reply_places(conversation)]
    if not examples:
        raise CorpusError(f"{path}: no exchange to score, that is no two neighbouring lines with words in them")
    chosen = [examples[i] for i in evenly(len(examples), limit)]
    encode = lru_cache(maxsize=64)(tokenizer.encode)
    sources, targets = [], []
    for done, (conversation, at) in enumerate(chosen, start=1):
        reply, turns = conversation.utterances[at], conversation.utterances[max(0, at - context.turns) : at]
        own = [turn.speaker == reply.speaker for turn in turns]
        sources.append(_ids(source_ids([encode(turn.text) for turn in turns], own, context)))
        targets.append(_ids(encode(reply.text)))
        progress("encoding", done, len(chosen))
    texts = [conversation.utterances[at].text for conversation, at in chosen]
    others = [examples[i] for i in at_random(len(examples), random_replies)]
    return Exchanges(
        sources=sources,
        targets=targets,
        reply_bytes=np.array([len(text.encode()) for text in texts], np.int64),
        reply_words=np.array([count_words(text) for text in texts], np.int64),
        context_turns=context.turns,
        random_replies=[_ids(encode(conversation.utterances[at].text)) for conversation, at in others],
        random_from="reply",
    )


def reply_places(conversation: Conversation) -> list[int]:
    """Which utterances are replies to score: not empty, at most 60 white-space words, after one not empty."""
    texts = [utterance.text for utterance in conversation.utterances]
    return [
        at for at in range(1, len(texts)) if texts[at - 1] and texts[at] and len(texts[at].split()) <= LONGEST_REPLY
    ]


def unknown_words(exchanges: Exchanges, tokenizer: Tokenizer) -> tuple[Integers, Integers]:
    """Unknown words of every reply, and their UTF-8 bytes: those that the decoded known words do not account for.

    Ids hold no spelling. Where decoding does not set spaces just as they were the bytes are an estimate, at least one a
    word; for word lists of 8,000 and 20,000 on Cornell's validation movies the sum was within 0.1 % of the truth.
    """
    words = np.array([np.count_nonzero(target == UNK_ID) for target in exchanges.targets], np.int64)
    spelled = np.zeros(len(words), np.int64)
    for i in np.flatnonzero(words):
        known = len(tokenizer.decode(exchanges.targets[i].tolist()).replace(UNKNOWN, "").encode())
        spelled[i] = max(int(words[i]), int(exchanges.reply_bytes[i]) - known)
    return words, spelled
