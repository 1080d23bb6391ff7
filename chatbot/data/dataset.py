"""A prepared dataset, opened: memory-mapped arrays, and the source and target ids of every example.

In: the folder that `chatbot prepare` wrote. Out: `Dataset` and its `Split`s; `DatasetError` for what cannot be trusted.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.data.arrays import damaged, mapped
from chatbot.data.casual import Casual
from chatbot.data.context import ContextSettings, source_ids
from chatbot.data.info import INFO, context_of, read_info, task_of
from chatbot.data.sentences import SentenceSplit
from chatbot.data.splits import SPLITS
from chatbot.data.texts import TextSplit
from chatbot.errors import DatasetError
from chatbot.settings import suggest
from chatbot.text.loading import tokenizer_from_bytes
from chatbot.text.tokenizer import Tokenizer

Array = NDArray[Any]


class Split:
    """One of train, validation, test. An example is a reply and the utterances before it."""

    def __init__(self, name: str, folder: Path, counts: dict[str, Any], vocabulary_size: int) -> None:
        self.name = name
        arrays = mapped("dialogue", name, folder, counts, vocabulary_size)
        self.tokens = arrays["tokens"]  # [tokens]
        self.offsets = arrays["offsets"]  # [utterances + 1]
        self.speakers = arrays["speakers"]  # [utterances]
        self.bytes = arrays["bytes"]  # [utterances]
        self.words = arrays["words"]  # [utterances]
        self.examples = arrays["examples"].reshape(-1, 2)  # [examples, 2]: first context utterance, reply
        self._check(folder, vocabulary_size)

    def __len__(self) -> int:
        return len(self.examples)

    def source(self, i: int, context: ContextSettings, heard: Casual | None = None) -> list[int]:
        """Ids that the encoder reads for example `i`: the turns before the reply, marked by who spoke them.

        With `heard`, what the other one said is taken from there.
        """
        first, reply = self.examples[i].tolist()
        first = max(first, reply - context.turns)
        start, *ends = self.offsets[first : reply + 1].tolist()
        ids = self.tokens[start : ends[-1]].tolist()
        turns, done = [], 0
        for end in ends:
            turns.append(ids[done : end - start])
            done = end - start
        *spoken, own = self.speakers[first : reply + 1].tolist()
        if heard is not None:
            pairs = enumerate(zip(turns, spoken, strict=True), first)
            turns = [turn if speaker == own else heard.text(place) for place, (turn, speaker) in pairs]
        return source_ids(turns, [speaker == own for speaker in spoken], context)

    def target(self, i: int) -> Array:
        """Ids of the reply of example `i`, without `<eos>`."""
        reply = int(self.examples[i, 1])
        return self.tokens[self.offsets[reply] : self.offsets[reply + 1]]

    def source_lengths(self, context: ContextSettings) -> NDArray[np.int32]:
        """Number of source ids of every example, int32 [examples]: `len(source(i, context))` for each i."""
        lengths = np.diff(self.offsets)  # [utterances]
        costs = lengths + (lengths > 0) * int(context.marks)
        before = np.concatenate([[0], np.cumsum(costs)])  # [utterances + 1]: ids of all utterances before
        first, reply = self.examples[:, 0], self.examples[:, 1]
        total = before[reply] - before[np.maximum(first, reply - context.turns)]
        return np.asarray(np.minimum(total, context.max_source_length), dtype=np.int32)

    def target_lengths(self) -> NDArray[np.int32]:
        """Number of reply ids of every example, without `<eos>`, int32 [examples]."""
        return np.asarray(np.diff(self.offsets)[self.examples[:, 1]], dtype=np.int32)

    def openers(self) -> NDArray[np.int64]:
        """Utterances, not empty, that are the reply of no example: most of them open a conversation."""
        answers = np.zeros(len(self.speakers), dtype=bool)
        answers[self.examples[:, 1]] = True
        return np.flatnonzero(~answers & (np.diff(self.offsets) > 0))

    def reply_bytes(self) -> NDArray[np.int32]:
        """UTF-8 bytes of the normalised reply of every example, int32 [examples]."""
        return np.asarray(self.bytes[self.examples[:, 1]], dtype=np.int32)

    def reply_words(self) -> NDArray[np.int32]:
        """Words (`\\w+(?:'\\w+)?|[^\\w\\s]`) of the normalised reply of every example, int32 [examples]."""
        return np.asarray(self.words[self.examples[:, 1]], dtype=np.int32)

    def _check(self, folder: Path, vocabulary_size: int) -> None:
        """Refuse numbers that would index outside an array or the vocabulary."""
        first, reply = self.examples[:, 0], self.examples[:, 1]
        wrong = ""
        if self.offsets[0] != 0 or self.offsets[-1] != len(self.tokens) or np.any(np.diff(self.offsets) < 0):
            wrong = "offsets"
        elif int(self.tokens.max()) >= vocabulary_size:
            wrong = "tokens"
        elif first.min() < 0 or np.any(first >= reply) or reply.max() >= len(self.speakers):
            wrong = "examples"
        if wrong:
            raise damaged(folder, self.name, wrong)


SPLIT_OF: dict[str, type[TextSplit] | type[SentenceSplit]] = {"generation": TextSplit, "tagging": SentenceSplit}


class Dataset:
    """A folder written by `chatbot prepare`."""

    def __init__(self, path: Path, info: dict[str, Any]) -> None:
        self.path = path
        self.info = info
        self.task = task_of(info)
        self.context = context_of(info, path / INFO)
        self._splits: dict[str, Split | TextSplit | SentenceSplit] = {}

    @classmethod
    def open(cls, path: Path) -> Dataset:
        """Open and check a dataset; raises `DatasetError`. Arrays are mapped when their split is asked for."""
        return cls(path, read_info(path))

    def split(self, name: str) -> Split:
        """The split called train, validation or test, of a dataset of exchanges or pairs."""
        found = self._split(name)
        if not isinstance(found, Split):
            raise DatasetError(f"{self.path}: was made for {self.task}, expected exchanges; prepare another")
        return found

    def texts(self, name: str) -> TextSplit:
        """The split called train, validation or test, of a dataset of texts."""
        found = self._split(name)
        if not isinstance(found, TextSplit):
            raise DatasetError(f"{self.path}: was made for {self.task}, expected texts; prepare another")
        return found

    def sentences(self, name: str) -> SentenceSplit:
        """The split called train, validation or test, of a dataset of tagged sentences."""
        found = self._split(name)
        if not isinstance(found, SentenceSplit):
            raise DatasetError(f"{self.path}: was made for {self.task}, expected tagged sentences; prepare another")
        return found

    def _split(self, name: str) -> Split | TextSplit | SentenceSplit:
        if name not in SPLITS:
            raise DatasetError(f"{self.path}: no split {name!r}; {suggest(name, SPLITS)}")
        if name not in self._splits:
            size = self.info["tokenizer"]["size"]
            self._splits[name] = SPLIT_OF.get(self.task, Split)(name, self.path, self.info["splits"][name], size)
        return self._splits[name]

    def weights(self, name: str, of: str) -> NDArray[np.float32]:
        """How often an epoch draws each of the "examples" or "utterances" of a split: the weights of their corpora."""
        shares = self.info["splits"][name].get("corpora")
        if shares is None:  # a dataset of one corpus, from before there could be several
            return np.ones(self.info["splits"][name][of], dtype=np.float32)
        weights = [corpus["weight"] for corpus in self.info["corpora"]]
        return np.repeat(weights, [share[of] for share in shares]).astype(np.float32)

    def tokenizer(self) -> Tokenizer:
        """The tokenizer whose ids the arrays hold; raises `DatasetError` when its file is another one."""
        stored = self.info["tokenizer"]
        file = self.path / stored["file"]
        try:
            content = file.read_bytes()
        except OSError as error:
            raise DatasetError(f"{file}: {error.strerror}; make it again with: chatbot prepare") from error
        if hashlib.sha256(content).hexdigest() != stored.get("sha256"):
            raise DatasetError(f"{file}: not the tokenizer that {INFO} names (sha256 differs); prepare the data again")
        tokenizer = tokenizer_from_bytes(stored["kind"], content)
        if tokenizer.size != stored["size"]:
            raise DatasetError(
                f"{file}: {tokenizer.size} ids, but {INFO} says {stored['size']}; prepare the data again"
            )
        return tokenizer
