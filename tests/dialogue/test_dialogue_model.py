"""Turns in, replies with receipts out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import save_tiny_bundle
from toy_dialogue import FIRST, LETTERS, LetterTokenizer, ToyStepper, toy_model

from chatbot.bundle import loading
from chatbot.bundle.loading import load_bundle
from chatbot.data.context import ContextSettings, source_ids
from chatbot.dialogue.choices import SILENCE
from chatbot.dialogue.model import Model
from chatbot.errors import BundleError, ChatbotError, UsageError
from chatbot.settings import DecodingSettings
from chatbot.text.special import EOS_ID, UNK_ID


def answer(model: Model, text: str, **settings: object):
    return model.answer([text], [False], replace(model.settings, **settings))


def test_the_receipt_holds_what_the_reply_is_a_function_of() -> None:
    model = toy_model()
    reply = model.answer(["hello", "yes", "why"], [False, True, False], replace(model.settings, beam_size=4), 11)
    ids = [model.tokenizer.encode(text) for text in ("hello", "yes", "why")]
    assert reply.context_ids == tuple(source_ids(ids, [False, True, False], model.config.context))
    assert (reply.seed, reply.settings.seed, reply.settings.beam_size) == (11, 11, 4)
    assert (reply.fingerprint, reply.model, reply.complete, reply.rank) == ("f" * 64, "toy", True, 0)
    assert reply.text == model.tokenizer.decode(reply.token_ids).strip()
    assert reply.tokens == tuple(model.tokenizer.pieces(reply.token_ids))
    assert len(reply.token_log_probs) == len(reply.token_ids) + 1  # and eos
    texts = [one.text for one in reply.alternatives]
    assert len(texts) == len(set(texts)) == 3
    assert reply.text not in texts


@given(st.text(LETTERS, min_size=1).filter(str.strip), st.integers(0, 2**63 - 1), st.sampled_from([0.0, 0.7, 1.5]))
def test_a_receipt_gives_the_same_words_again(text: str, seed: int, temperature: float) -> None:
    model = toy_model(beam_size=3)
    reply = answer(model, text, seed=seed, temperature=temperature)
    again = model.answer_ids(reply.context_ids, reply.settings, rank=reply.rank)
    assert replace(again, seconds=0) == replace(reply, seconds=0)


def test_only_the_turns_of_the_context_are_read() -> None:
    model = toy_model(context=ContextSettings(turns=2))
    long = ["first", "second", "third", "why"]
    assert model.context_ids(long, [False, True] * 2) == model.context_ids(long[2:], [False, True])


def test_a_very_long_text_keeps_its_latest_tokens() -> None:
    model = toy_model(context=ContextSettings(max_source_length=10))
    text = "word " * 5000 + "the end"
    assert model.context_ids([text], [False]) == model.tokenizer.encode(text)[-10:]
    spaced = "hello" + " " * 100_000
    assert model.context_ids([spaced], [False])[-5:] == model.tokenizer.encode("hello")


@pytest.mark.parametrize("text", ["", "  \n", "\x1b\x07", "\u200b"])
def test_nothing_to_answer_is_said_in_one_line(text: str) -> None:
    with pytest.raises(UsageError, match=r"^nothing to answer: .*[^\n]$"):
        answer(toy_model(), text)


def test_what_no_tokenizer_takes_is_replaced_before_it_is_read() -> None:
    class Strict(LetterTokenizer):
        def encode(self, text: str) -> list[int]:
            text.encode()
            return super().encode(text)

    reply = answer(replace(toy_model(), tokenizer=Strict()), "ab\ud800c\x00")
    assert reply.context_ids[1:] == (FIRST, FIRST + 1, FIRST + 2)


def test_without_a_seed_one_is_drawn_and_kept() -> None:
    model = toy_model(temperature=1.0)
    replies = [answer(model, "hello") for _ in range(8)]
    assert len({reply.seed for reply in replies}) > 1
    assert all(reply.settings.seed == reply.seed for reply in replies)


class Blank(ToyStepper):
    """Most likely says a space and ends; least likely says "a"."""

    def logits(self, source: int, position: int, previous: int):
        logits = super().logits(source, position, previous) * 0 - 50
        logits[FIRST + LETTERS.index(" ")], logits[FIRST] = (0, -5) if position == 0 else (-50, -50)
        logits[EOS_ID] = -50 if position == 0 else 0
        logits[UNK_ID] = 9
        return logits


def test_a_blank_reply_gives_way_to_the_next() -> None:
    reply = answer(toy_model(Blank()), "hello", beam_size=3)
    assert (reply.text, reply.rank) == ("a", 0)
    assert all(one.text.strip() for one in reply.alternatives)


def test_where_there_are_no_words_silence_is_said() -> None:
    reply = answer(toy_model(Blank()), "hello")
    assert (reply.text, reply.token_ids) == (SILENCE, (FIRST + LETTERS.index(" "),))


def test_stopping_keeps_what_was_found() -> None:
    model = toy_model(ToyStepper(end=-50))
    whole = answer(model, "hello")
    asked = iter([False, False, False, True, True])
    part = model.answer(["hello"], [False], model.settings, stop=lambda: next(asked))
    assert (whole.complete, part.complete) == (True, False)
    assert part.token_ids == whole.token_ids[:3]
    silent = model.answer(["hello"], [False], model.settings, stop=lambda: True)
    assert (silent.text, silent.complete) == (SILENCE, False)


def test_what_was_shown_is_not_said_again_by_a_search() -> None:
    model, shown, scores = toy_model(), [], []
    for _ in range(8):
        reply = model.answer(["hello"], [False], model.settings, shown=shown)
        again = model.answer_ids(reply.context_ids, reply.settings, rank=reply.rank)
        assert again.text == reply.text not in shown
        shown.append(reply.text)
        scores.append(reply.score)


def test_where_nothing_else_can_be_said_that_is_said() -> None:
    with pytest.raises(ChatbotError, match="no other reply found: raise beam_size"):
        toy_model().answer(["hello"], [False], DecodingSettings(max_length=1), shown=[*LETTERS, SILENCE])


def test_a_bundle_on_disk_is_loaded_with_its_settings(tmp_path: Path) -> None:
    fingerprint = save_tiny_bundle(tmp_path / "bundle", beam_size=2)
    model = Model.load(str(tmp_path / "bundle"))
    assert (model.name, model.fingerprint, model.settings.beam_size) == ("tiny", fingerprint, 2)
    reply = answer(model, "Good morning.")
    assert reply.text
    assert reply.settings.beam_size == 2


def test_a_model_for_something_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_tiny_bundle(tmp_path / "bundle")
    bundle = load_bundle(tmp_path / "bundle")
    other = replace(bundle, config=replace(bundle.config, task="tagging"))
    monkeypatch.setattr(loading, "load_bundle", lambda path: other)
    with pytest.raises(UsageError, match="is a model for tagging, not for dialogue; there are: cornell"):
        Model.load(str(tmp_path / "bundle"))


def test_a_model_that_answers_otherwise_than_it_did_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_tiny_bundle(tmp_path / "bundle")
    bundle = load_bundle(tmp_path / "bundle")
    assert bundle.config.golden
    wrong = bundle.weights["output.bias"] + np.resize([5, 0], bundle.weights["output.bias"].shape)
    other = replace(bundle, weights={**bundle.weights, "output.bias": wrong.astype(np.float32)})
    monkeypatch.setattr(loading, "load_bundle", lambda path: other)
    with pytest.raises(BundleError, match="'tiny' no longer answers its golden prompt"):
        Model.load(str(tmp_path / "bundle"))
