from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cornell_files import write_files

from chatbot.corpus.conversation import Conversation, Utterance
from chatbot.corpus.cornell import read_cornell
from chatbot.corpus.counts import Counts
from chatbot.data.context import ContextSettings, source_ids
from chatbot.data.dataset import Dataset, Split
from chatbot.data.prepare import Corpus, prepare
from chatbot.data.settings import PrepareSettings
from chatbot.data.splits import SPLITS, split_hash, split_sources
from chatbot.errors import CorpusError, DatasetError, VocabularyError
from chatbot.text.tokenizer import Tokenizer

SETTINGS = PrepareSettings(vocabulary_size=350)
CONTEXTS = [
    ContextSettings(),
    ContextSettings(turns=1),
    ContextSettings(turns=20, marks=False),
    ContextSettings(turns=2, max_source_length=7),
]


def conversation(name: str, source: str, *turns: tuple[str, str]) -> Conversation:
    return Conversation(name, tuple(Utterance(*turn) for turn in turns), source)


def odd_conversations() -> Iterator[Conversation]:
    """Twelve sources, each with an empty turn, a long reply, somebody who goes on, a monologue and an empty text."""
    for i in range(12):
        said = f"Number {i}, please."
        yield conversation(
            f"a{i}", f"s{i}", ("x", said), ("y", ""), ("x", "Hm?"), ("x", "word " * 59 + "end"), ("y", "é")
        )
        yield conversation(f"b{i}", f"s{i}", ("x", "Tell me."), ("y", "word " * 60 + "end"), ("x", "That was long."))
        yield conversation(f"c{i}", f"s{i}", ("x", "Alone."))
        yield conversation(f"d{i}", f"s{i}", ("x", ""), ("y", ""))


def made(folder: Path, conversations: Iterator[Conversation], settings: PrepareSettings = SETTINGS) -> Dataset:
    folder.mkdir(parents=True)
    prepare([Corpus("test", conversations)], folder, settings, Counts())
    return Dataset.open(folder)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_files(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def dataset(corpus: Path) -> Dataset:
    return made(corpus / "prepared", read_cornell(corpus, Counts()))


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return made(tmp_path_factory.mktemp("odd") / "prepared", odd_conversations())


def examples_of(
    conversations: Iterator[Conversation], sources: list[str], tokenizer: Tokenizer, turns: int
) -> list[tuple[list[list[int]], list[bool], str]]:
    """The examples of a split, made the plain way: turns of the context, whether one's own, the reply."""
    found = []
    for one in conversations:
        said = one.utterances
        for i in range(1, len(said)):
            fits = said[i - 1].text and said[i].text and len(said[i].text.split()) <= 60
            if one.source in sources and fits:
                context = said[max(0, i - turns) : i]
                own = [turn.speaker == said[i].speaker for turn in context]
                found.append(([tokenizer.encode(turn.text) for turn in context], own, said[i].text))
    return found


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("kind", ["cornell", "odd"])
def test_every_example_is_what_its_conversation_says(
    kind: str, context: ContextSettings, corpus: Path, request: pytest.FixtureRequest
) -> None:
    dataset: Dataset = request.getfixturevalue("dataset" if kind == "cornell" else "odd")
    tokenizer = dataset.tokenizer()
    turns = min(context.turns, dataset.context.turns)
    for name in SPLITS:
        split, sources = dataset.split(name), dataset.info["splits"][name]["sources"]
        read = read_cornell(corpus, Counts()) if kind == "cornell" else odd_conversations()
        expected = examples_of(read, sources, tokenizer, turns)
        assert len(split) == len(expected) > 0
        for i, (said, own, reply) in enumerate(expected):
            assert split.source(i, context) == source_ids(said, own, context)
            assert split.target(i).tolist() == tokenizer.encode(reply)
            assert split.reply_bytes()[i] == len(reply.encode())
            assert split.reply_words()[i] == len(re.findall(r"\w+(?:'\w+)?|[^\w\s]", reply))


@pytest.mark.parametrize("context", CONTEXTS)
def test_lengths_are_those_of_the_ids(dataset: Dataset, odd: Dataset, context: ContextSettings) -> None:
    for split in (dataset.split("train"), odd.split("train"), odd.split("test")):
        sources, targets = split.source_lengths(context), split.target_lengths()
        assert sources.dtype == targets.dtype == np.int32
        assert sources.tolist() == [len(split.source(i, context)) for i in range(len(split))]
        assert targets.tolist() == [len(split.target(i)) for i in range(len(split))]


def test_what_makes_no_example_is_counted(odd: Dataset) -> None:
    dropped = odd.info["audit"]["dropped"]
    assert dropped == {"exchanges: a reply of over 60 words": 12, "exchanges: an empty utterance": 36}
    assert sum(len(odd.split(name)) for name in SPLITS) == 12 * 3
    assert [odd.info["audit"]["splits"][name]["same_speaker"] for name in SPLITS] == [10, 1, 1]


def test_no_source_is_in_two_splits_and_the_hash_is_theirs(dataset: Dataset) -> None:
    splits = {source: name for name in SPLITS for source in dataset.info["splits"][name]["sources"]}
    assert len(splits) == sum(len(dataset.info["splits"][name]["sources"]) for name in SPLITS) == 12
    assert dataset.info["split_hash"] == split_hash(splits)


def test_the_same_corpus_gives_the_same_files(dataset: Dataset, corpus: Path, tmp_path: Path) -> None:
    again = made(tmp_path / "again", read_cornell(corpus, Counts()))
    names = sorted(file.name for file in dataset.path.iterdir())
    assert len(names) == 2 + 3 * 6
    for name in names:
        assert (again.path / name).read_bytes() == (dataset.path / name).read_bytes(), name


def test_word_tokenizer_and_other_settings(corpus: Path, tmp_path: Path) -> None:
    settings = PrepareSettings(
        tokenizer="word", minimum_count=20, lower_case=True, context_turns=1, max_words=9, seed=3
    )
    prepared = made(tmp_path / "words", read_cornell(corpus, Counts()), settings)
    tokenizer = prepared.tokenizer()
    assert tokenizer.kind == "word"
    assert tokenizer.encode("The BOAT") == tokenizer.encode("the boat")
    train = prepared.split("train")
    assert (train.examples[:, 1] - train.examples[:, 0]).tolist() == [1] * len(train)
    assert train.reply_words().max() < 14
    assert 0 < prepared.info["audit"]["splits"]["test"]["unknown_share"] < 0.5
    assert prepared.context.turns == 1


def test_a_large_vocabulary_is_stored_in_four_bytes(tmp_path: Path) -> None:
    def many() -> Iterator[Conversation]:
        for i in range(5):
            said = [" ".join(f"w{i * 23_000 + j + k}" for k in range(50)) for j in range(0, 23_000, 50)]
            yield conversation(f"c{i}", f"s{i}", *(("x" if n % 2 else "y", text) for n, text in enumerate(said)))

    settings = PrepareSettings(tokenizer="word", minimum_count=1, vocabulary_size=200_000)
    prepared = made(tmp_path / "large", many(), settings)
    train = prepared.split("train")
    assert train.tokens.dtype == np.dtype("<u4")
    assert train.tokens.max() == prepared.tokenizer().size - 1 == 69_005


@pytest.mark.parametrize(
    ("conversations", "said"),
    [
        ([], "has 0 different movie"),
        ([conversation("a", "s", ("x", "Hi."), ("y", "Hello."))], "has 1 different movie or other source"),
        (
            [conversation(f"a{i}", f"s{i}", ("x", "Hi."), ("y", "")) for i in range(9)],
            "no exchange for the split train",
        ),
    ],
)
def test_an_empty_dataset_is_never_made(tmp_path: Path, conversations: list[Conversation], said: str) -> None:
    with pytest.raises(CorpusError, match=said) as caught:
        made(tmp_path / "d", iter(conversations))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("empty", SPLITS)
def test_no_split_is_empty(tmp_path: Path, empty: str) -> None:
    splits = split_sources([f"s{i}" for i in range(9)], SETTINGS.seed)
    said = [
        conversation(source, source, ("x", "Good morning to you."), ("y", "" if split == empty else "Hello."))
        for source, split in splits.items()
    ]
    with pytest.raises(CorpusError, match=f"no exchange for the split {empty}"):
        made(tmp_path / "d", iter(said))


def test_silence_is_no_corpus(tmp_path: Path) -> None:
    said = (conversation(f"a{i}", f"s{i}", ("x", ""), ("y", "")) for i in range(9))
    with pytest.raises(VocabularyError, match="of 0 texts"):
        made(tmp_path / "d", said)


def test_a_failing_reader_passes_its_error_on(tmp_path: Path) -> None:
    def failing() -> Iterator[Conversation]:
        yield from odd_conversations()
        raise CorpusError("x:5: broken")

    with pytest.raises(CorpusError, match="x:5: broken"):
        made(tmp_path / "d", failing())
    assert list((tmp_path / "d").iterdir()) == []


def changed(name: str, value: Any) -> Callable[[Path], None]:
    """A change of one value of dataset.json, at a path such as "splits.train.tokens"."""

    def change(folder: Path) -> None:
        info = json.loads((folder / "dataset.json").read_text())
        *parents, last = name.split(".")
        place = info
        for parent in parents:
            place = place[parent]
        place[last] = value
        (folder / "dataset.json").write_text(json.dumps(info))

    return change


def written(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None  # type: ignore[func-returns-value]


def edited(name: str, dtype: str, at: int, value: int) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        numbers = np.fromfile(folder / name, dtype)
        numbers[at] = value
        numbers.tofile(folder / name)

    return change


def open_whole(folder: Path) -> None:
    opened = Dataset.open(folder)
    opened.split("train")
    opened.tokenizer()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (shutil.rmtree, "no prepared dataset there"),
        (lambda folder: (folder / "dataset.json").unlink(), "no prepared dataset there"),
        (written("dataset.json", b""), "not JSON, or damaged"),
        (written("dataset.json", b"\xff\xfe"), "not JSON, or damaged"),
        (written("dataset.json", b"[" * 100_000), "not JSON, or damaged"),
        (written("dataset.json", b"[1]"), "expected a JSON object, but found a list"),
        (written("dataset.json", b"{}"), "not a prepared dataset"),
        (changed("version", 2), "format version 2, expected 1; upgrade chatbot"),
        (changed("version", "1"), "format version '1', expected 1"),
        (changed("tokenizer", None), "'tokenizer' must be an object, but is None"),
        (changed("tokenizer.kind", "telepathy"), "'tokenizer' needs a kind"),
        (changed("tokenizer.file", "../../etc/passwd"), "'tokenizer' needs a kind"),
        (changed("tokenizer.size", -1), "'tokenizer' needs a kind"),
        (changed("tokenizer.size", 360), "but dataset.json says 360"),
        (changed("tokenizer.size", 10), "train.tokens.bin: damaged: a number is out of its range"),
        (changed("splits.test", None), "'test' must be an object"),
        (changed("splits.train.tokens", 10**15), "splits.train.tokens must be a number"),
        (changed("splits.train.tokens", True), "splits.train.tokens must be a number"),
        (changed("splits.train.tokens", 7), "train.tokens.bin: .* bytes, but dataset.json says 14"),
        (changed("splits.test.examples", 0), "splits.test.examples must be a number of at least 1"),
        (changed("context.turns", 99), "context: turns must be an integer from 1 to 20"),
        (changed("context.unheard", 1), "unknown setting 'unheard'"),
        (lambda folder: (folder / "test.words.bin").unlink(), "test.words.bin: No such file"),
        (written("validation.offsets.bin", b"\0" * 8), "validation.offsets.bin: 8 bytes, but dataset.json says"),
        (edited("train.offsets.bin", "<i8", 3, -5), "train.offsets.bin: damaged"),
        (edited("train.offsets.bin", "<i8", -1, 2**40), "train.offsets.bin: damaged"),
        (edited("train.tokens.bin", "<u2", 0, 65535), "train.tokens.bin: damaged"),
        (edited("train.examples.bin", "<i4", 0, -1), "train.examples.bin: damaged"),
        (edited("train.examples.bin", "<i4", 1, 2**30), "train.examples.bin: damaged"),
        (edited("train.examples.bin", "<i4", 1, 0), "train.examples.bin: damaged"),
        (written("tokenizer.model", b"other"), "tokenizer.model: not the tokenizer that dataset.json names"),
        (lambda folder: (folder / "tokenizer.model").unlink(), "tokenizer.model: No such file"),
    ],
)
def test_a_damaged_dataset_is_one_line(
    dataset: Dataset, tmp_path: Path, change: Callable[[Path], None], said: str
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(dataset.path, folder)
    change(folder)
    with pytest.raises(DatasetError, match=said) as caught:
        open_whole(folder)
    assert "\n" not in str(caught.value)


def test_an_unknown_split_is_named(dataset: Dataset) -> None:
    with pytest.raises(DatasetError, match="no split 'valid'; did you mean 'validation'"):
        dataset.split("valid")
    assert isinstance(dataset.split("validation"), Split)


def test_a_reversed_dataset_tells_each_prompt_from_its_reply(corpus: Path, tmp_path: Path) -> None:
    settings = PrepareSettings(vocabulary_size=350, context_turns=1, reverse=True)
    prepared = made(tmp_path / "reversed", read_cornell(corpus, Counts()), settings)
    tokenizer, context, found = prepared.tokenizer(), ContextSettings(turns=1, marks=False), set()
    for split in map(prepared.split, SPLITS):
        pairs = ((split.source(i, context), split.target(i).tolist()) for i in range(len(split)))
        found |= {(tokenizer.decode(prompt), tokenizer.decode(reply)) for reply, prompt in pairs}
    conversations = [[one.text for one in c.utterances] for c in read_cornell(corpus, Counts())]
    assert found == {pair for texts in conversations for pair in pairwise(texts) if all(pair)}
