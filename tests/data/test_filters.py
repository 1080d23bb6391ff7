"""What is generic or repeated is left out of training."""

from __future__ import annotations

import pytest

from chatbot.corpus.conversation import Conversation, Utterance
from chatbot.corpus.counts import Counts
from chatbot.data.dataset import Dataset, Split
from chatbot.data.filters import FilterSettings, kept_examples
from chatbot.data.prepare import Corpus, prepare
from chatbot.data.settings import PrepareSettings


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Split:
    """Every question of a number is answered by "Yes."; "Why?" is answered by a number; one exchange stands often."""
    folder = tmp_path_factory.mktemp("filters") / "data"
    folder.mkdir()
    conversations = []
    for i in range(40):
        for number, turns in enumerate(((f"Is it {i}?", "Yes."), ("Why?", f"Because of {i}."), ("Where?", "At sea."))):
            said = tuple(Utterance("ab"[place], text) for place, text in enumerate(turns))
            conversations.append(Conversation(f"{i}-{number}", said, f"m{i}"))
    settings = PrepareSettings(tokenizer="word", vocabulary_size=300, minimum_count=1)
    prepare([Corpus("test", conversations)], folder, settings, Counts())
    return Dataset.open(folder).split("train")


def replies(split: Split, settings: FilterSettings) -> tuple[list[int], dict[str, int]]:
    """How many replies of each kind are kept (of 32), and what was dropped."""
    found = kept_examples(split, settings)
    return [int(found.examples[kind::3].sum()) for kind in range(3)], found.dropped


def test_nothing_is_left_out_unless_told(split: Split) -> None:
    assert replies(split, FilterSettings()) == ([32, 32, 32], {})
    kept, dropped = replies(split, FilterSettings(copies=1000, min_reply=1, reply_entropy=60.0, prompt_entropy=60.0))
    assert kept == [32, 32, 32]
    assert set(dropped.values()) == {0}


def test_the_entropy_of_a_reply_is_that_of_its_prompts(split: Split) -> None:
    """32 different prompts, each once: exactly 5 bits; one prompt 32 times: none."""
    assert replies(split, FilterSettings(reply_entropy=4.99))[0] == [0, 32, 32]
    assert replies(split, FilterSettings(reply_entropy=5.01))[0] == [32, 32, 32]
    assert replies(split, FilterSettings(prompt_entropy=4.99))[0] == [32, 0, 32]
    assert replies(split, FilterSettings(prompt_entropy=5.01))[0] == [32, 32, 32]


def test_copies_and_short_replies_are_counted_by_reason(split: Split) -> None:
    assert replies(split, FilterSettings(copies=3))[0] == [32, 32, 3]
    kept, dropped = replies(split, FilterSettings(copies=1, min_reply=3, reply_entropy=1.0))
    assert kept == [0, 32, 1]
    assert dropped == {"a generic reply": 32, "a generic prompt": 0, "a copy of others": 31, "a short reply": 0}
