"""A text and a corpus -> whether the text is one of its lines, letter for letter once both are normalised."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from chatbot.corpus.counts import Counts, silent
from chatbot.corpus.formats import reader, sign_of
from chatbot.corpus.normalise import normalise
from chatbot.data.dataset import Dataset
from chatbot.data.info import INFO
from chatbot.data.splits import SPLITS
from chatbot.errors import ScriptError
from chatbot.evaluation.nearest import utterances_with
from chatbot.text.special import UNK_ID


def holds_line(path: str, text: str) -> bool:
    """Whether a text is a line of the dataset or raw corpus at a path, which is read once.

    Raises `ScriptError` where there is none, `DatasetError` or `CorpusError` where it cannot be read.
    """
    return _corpus(path)(text)


@lru_cache(maxsize=4)
def _corpus(path: str) -> Callable[[str], bool]:
    folder = Path(path)
    if not folder.exists():
        raise ScriptError(f"{path}: no such corpus; expected a dataset made by chatbot prepare, or a raw corpus")
    return _prepared(folder) if (folder / INFO).exists() else _raw(folder)


def _prepared(folder: Path) -> Callable[[str], bool]:
    dataset = Dataset.open(folder)
    tokenizer = dataset.tokenizer()
    splits = [dataset.split(name) for name in SPLITS]

    def holds(text: str) -> bool:
        ids = tokenizer.encode(text)
        return bool(ids) and UNK_ID not in ids and any(len(utterances_with(split, ids)) for split in splits)

    return holds


def _raw(folder: Path) -> Callable[[str], bool]:
    conversations = reader(sign_of(folder) or "jsonl", {})(folder, Counts(), silent)
    known = {utterance.text for conversation in conversations for utterance in conversation.utterances} - {""}
    return lambda text: normalise(text) in known
