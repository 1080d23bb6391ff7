"""The text of a reply while it is searched for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tiny import tiny_tokenizer
from toy_bundle import WORDS
from toy_dialogue import LETTERS, toy_model

from chatbot.dialogue.dialogue import Dialogue
from chatbot.dialogue.model import Model
from chatbot.dialogue.streaming import TextStream
from chatbot.text.special import SPECIAL_PIECES, UNK_ID
from chatbot.text.tokenizer import Tokenizer
from chatbot.text.word_tokenizer import WordTokenizer

SURE = ({}, {"temperature": 1.0}, {"temperature": 1.5, "top_k": 5})
BROAD = ({"beam_size": 4}, {"beam_size": 4, "beam_groups": 2}, {"beam_size": 3, "temperature": 0.7})
few = hypothesis_settings(max_examples=40)


def streamed(model: Model, text: str, stop_after: int = 99, **values: Any) -> tuple[list[str], str]:
    parts: list[str] = []
    answers = iter([False] * stop_after + [True] * 100)
    settings = replace(model.settings, **values)
    reply = model.answer([text], [False], settings, 5, stop=lambda: next(answers), on_text=parts.append)
    return parts, reply.text


@few
@given(st.text(LETTERS, min_size=1).filter(str.strip), st.sampled_from(SURE + BROAD), st.integers(0, 13))
def test_the_parts_together_are_the_reply(text: str, values: dict[str, Any], stop_after: int) -> None:
    parts, reply = streamed(toy_model(), text, stop_after, **values)
    assert "".join(parts) == reply
    assert all(parts)


def test_one_reply_comes_letter_by_letter() -> None:
    parts, reply = streamed(toy_model(), "hello")
    assert len(parts) == len(reply.replace(" ", "")) > 3


@pytest.mark.parametrize("values", [{"beam_size": 3}, {"temperature": 1.0}])
def test_a_real_bundle_streams_its_reply(values: dict[str, Any], tiny_bundle: Path) -> None:
    model = Model.load(str(tiny_bundle))
    for prompt in ("Good morning.", "Where is the umbrella?", "tea"):
        parts, reply = streamed(model, prompt, **values)
        assert "".join(parts) == reply


def test_a_dialogue_streams_and_a_retry_comes_as_a_whole() -> None:
    dialogue, parts, again = Dialogue(toy_model()), [], []
    assert dialogue.reply("hello", on_text=parts.append).text == "".join(parts)
    assert len(parts) > 1
    assert [dialogue.retry(on_text=again.append).text] == again
    dialogue.settings = replace(dialogue.settings, temperature=1.0)
    again.clear()
    assert [dialogue.retry(on_text=again.append).text] == again


TOKENIZERS = {"pieces": tiny_tokenizer(), "words": WordTokenizer([*WORDS, *'"().,!-/$'], False)}


@few
@given(st.data(), st.sampled_from(list(TOKENIZERS)))
def test_whatever_ids_come_the_parts_are_their_text(data: st.DataObject, kind: str) -> None:
    """Any ids, bytes of half characters and tags among them."""
    tokenizer: Tokenizer = TOKENIZERS[kind]
    ids = data.draw(st.lists(st.integers(len(SPECIAL_PIECES), tokenizer.size - 1) | st.just(UNK_ID), max_size=12))
    parts: list[str] = []
    stream = TextStream(tokenizer, parts.append)
    for n in range(1, len(ids) + 1):
        stream.hear(tuple(ids[:n]))
        assert "\ufffd" not in "".join(parts)
    text = tokenizer.decode(ids).strip()
    stream.finish(text)
    assert "".join(parts) == text


@pytest.mark.parametrize(
    "text", ["tea 👍🏽 tea", "caf\u00e9 t\u0119a", "a\u0323\u0302b", "5 < 6 & <b>bold</b> &lt;", "``tea''"]
)
def test_a_character_of_many_bytes_comes_whole(text: str) -> None:
    tokenizer, parts = TOKENIZERS["pieces"], []
    stream = TextStream(tokenizer, parts.append)
    ids = tokenizer.encode(text)
    for n in range(1, len(ids) + 1):
        stream.hear(tuple(ids[:n]))
    stream.finish(tokenizer.decode(ids))
    assert "".join(parts) == tokenizer.decode(ids)
    assert len(parts) > 1
    assert "\ufffd" not in "".join(parts)
