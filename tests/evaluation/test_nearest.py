"""What was learned that is nearest to a text, found in a dataset of a few sentences."""

from __future__ import annotations

import pytest
from small_corpus import write_dataset
from tiny import SENTENCES

from chatbot.data.dataset import Dataset
from chatbot.evaluation.nearest import nearest


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return Dataset.open(write_dataset(tmp_path_factory.mktemp("nearest") / "data"))


def replies(dataset: Dataset) -> list[tuple[str, str]]:
    """Prompt and reply of each training example."""
    split, tokenizer = dataset.split("train"), dataset.tokenizer()
    said = [
        tokenizer.decode(split.tokens[start:end].tolist())
        for start, end in zip(split.offsets[:-1], split.offsets[1:], strict=True)
    ]
    return [(said[reply - 1], said[reply]) for _, reply in split.examples.tolist()]


def test_a_reply_that_was_learned_is_found_first_and_counted(dataset: Dataset) -> None:
    known = replies(dataset)
    _, reply = known[0]
    first, *others = nearest(dataset, f" {reply} ", 3)
    assert (first.reply, first.nearness) == (reply, 100)
    assert (first.prompt, reply) in known
    assert first.verbatim == sum(said == reply for _, said in known)
    assert all(one.verbatim == 0 and (one.prompt, one.reply) in known for one in others)
    assert len({one.reply for one in (first, *others)}) == 3


def test_other_words_are_found_by_those_they_share(dataset: Dataset) -> None:
    reply = max({reply for _, reply in replies(dataset)}, key=len)
    shorter = reply.rsplit(" ", 1)[0]
    assert shorter not in SENTENCES
    first, *others = nearest(dataset, shorter, 5)
    assert (first.reply, first.verbatim) == (reply, 0)
    assert 0 < first.nearness < 100
    assert [one.nearness for one in others] == sorted((one.nearness for one in others), reverse=True)


@pytest.mark.parametrize("text", ["", " ", "☃☃☃"])
def test_nothing_is_near_to_what_shares_nothing(dataset: Dataset, text: str) -> None:
    assert nearest(dataset, text, 3) == []
