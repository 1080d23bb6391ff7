"""Conversations as a dataset wants them: cut, turned round, split each by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.corpus.conversation import Conversation, Utterance
from chatbot.corpus.counts import Counts
from chatbot.data.dataset import Dataset
from chatbot.data.prepare import Corpus, prepare
from chatbot.data.settings import PrepareSettings, settings_for
from chatbot.data.shaping import shaped
from chatbot.errors import UsageError

SAID = ("Well, I don't know. Do you?", "No.", "Why not ask him?")


def conversation(name: str = "c1", source: str = "film") -> Conversation:
    return Conversation(name, tuple(Utterance("xy"[i % 2], text) for i, text in enumerate(SAID)), source)


def texts(**settings: object) -> list[str]:
    return [turn.text for turn in shaped(conversation(), PrepareSettings(**settings)).utterances]  # type: ignore[arg-type]


def test_by_default_nothing_changes() -> None:
    assert shaped(conversation(), PrepareSettings()) == conversation()


def test_long_utterances_are_cut_after_a_word() -> None:
    assert texts(cut_words=4) == ["Well, I don't", "No.", "Why not ask him"]
    assert texts(cut_words=4, split_contractions=True) == ["Well, I do", "No.", "Why not ask him"]
    assert texts(cut_words=5, split_contractions=True)[0] == "Well, I don't"


def test_conversations_are_cut_before_they_are_turned_round() -> None:
    assert texts(cut_turns=2) == list(SAID[:2])
    assert texts(cut_turns=2, reverse=True) == ["No.", SAID[0]]


def test_a_conversation_can_be_a_source_of_its_own() -> None:
    alone = PrepareSettings(split_by="conversation")
    sources = {
        shaped(one, alone, prefix).source
        for one in (conversation(), conversation("c2"), conversation("c1", "other"))
        for prefix in ("", "corpus/")
    }
    assert len(sources) == 6
    assert all(source.startswith("corpus/") for source in sources if "/" in source)


def test_one_film_can_be_in_all_splits(tmp_path: Path) -> None:
    settings = PrepareSettings(tokenizer="word", minimum_count=1, split_by="conversation", context_turns=1)
    prepare([Corpus("test", (conversation(f"c{i}") for i in range(20)))], tmp_path, settings, Counts())
    dataset = Dataset.open(tmp_path)
    held = {name: split["sources"] for name, split in dataset.info["splits"].items()}
    assert {name: len(sources) for name, sources in held.items()} == {"train": 16, "validation": 2, "test": 2}
    assert len({source for sources in held.values() for source in sources}) == 20
    assert [len(dataset.split(name)) for name in held] == [32, 4, 4]


@pytest.mark.parametrize("given", [{"split_by": "conversation"}, {"cut_words": 9}, {"cut_turns": 9}])
def test_they_are_for_dialogue(given: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"^--(split-by|cut-words|cut-turns) is for dialogue; add --task dialogue"):
        settings_for({"task": "generation", **given})
