"""A conversation in memory: replies, retries, undo; seeds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_dialogue import LETTERS, ToyStepper, toy_model

from chatbot.dialogue.dialogue import Dialogue
from chatbot.dialogue.seeds import seed_for
from chatbot.dialogue.wellformed import well_formed
from chatbot.errors import ChatbotError, UsageError
from chatbot.settings import DecodingSettings


def test_earlier_turns_are_the_context_of_the_next() -> None:
    model = toy_model()
    dialogue = Dialogue(model)
    first = dialogue.reply("hello")
    second = dialogue.reply("why")
    assert second.context_ids == tuple(model.context_ids(["hello", first.text, "why"], [False, True, False]))
    assert [(turn.text, turn.reply) for turn in dialogue.turns] == [("hello", first), ("why", second)]


def test_undo_forgets_and_gives_the_text_back() -> None:
    dialogue = Dialogue(toy_model())
    dialogue.reply("hello")
    before = dialogue.turns
    dialogue.reply("why")
    assert dialogue.undo() == "why"
    assert dialogue.turns == before
    assert (dialogue.undo(), dialogue.undo()) == ("hello", None)


def test_clear_keeps_model_and_settings() -> None:
    dialogue = Dialogue(toy_model(), DecodingSettings(beam_size=2))
    dialogue.reply("hello")
    dialogue.clear()
    assert (dialogue.turns, dialogue.settings.beam_size) == ((), 2)


@pytest.mark.parametrize("settings", [{}, {"beam_size": 3}, {"temperature": 1.0}, {"temperature": 1.0, "seed": 5}])
def test_each_retry_says_something_new_in_place_of_the_last(settings: dict[str, float]) -> None:
    dialogue = Dialogue(toy_model(**settings))
    dialogue.reply("hello")
    dialogue.reply("why")
    for _ in range(4):
        dialogue.retry()
    shown = dialogue.turns[-1].shown
    assert len(dialogue.turns) == 2
    assert len(shown) == len(set(shown)) == 5
    assert shown[-1] == dialogue.turns[-1].reply.text


def test_a_retry_with_a_peaked_distribution_ends() -> None:
    class Sure(ToyStepper):
        def logits(self, source: int, position: int, previous: int):
            return super().logits(source, position, previous) * 100

    dialogue = Dialogue(toy_model(Sure(), temperature=0.1))
    assert dialogue.reply("hello").text == dialogue.retry().text


def test_nothing_to_retry() -> None:
    with pytest.raises(UsageError, match="nothing to retry"):
        Dialogue(toy_model()).retry()


def test_a_text_that_an_error_left_unanswered_is_what_is_retried_or_taken_back() -> None:
    dialogue = Dialogue(toy_model())
    dialogue.reply("hello")
    good, bad = dialogue.settings, replace(dialogue.settings, beam_size=2, beam_groups=3)
    dialogue.settings = bad
    for _ in range(2):
        with pytest.raises(ChatbotError):
            dialogue.reply("why")
    with pytest.raises(ChatbotError):
        dialogue.retry()
    assert dialogue.unanswered == "why"
    dialogue.settings = good
    dialogue.retry()
    assert [turn.text for turn in dialogue.turns] == ["hello", "why"]
    assert len(dialogue.turns[-1].shown) == 1
    dialogue.settings = bad
    with pytest.raises(ChatbotError):
        dialogue.reply("when")
    assert (dialogue.undo(), dialogue.undo(), dialogue.undo(), dialogue.undo()) == ("when", "why", "hello", None)


def test_an_error_leaves_the_dialogue_as_it_was() -> None:
    dialogue = Dialogue(toy_model(max_length=1, beam_size=100))
    dialogue.reply("hello")
    before = dialogue.turns
    with pytest.raises(UsageError, match="nothing to answer"):
        dialogue.reply("\x07")
    assert dialogue.turns == before
    for _ in range(len(LETTERS) - 2):  # all but the space, and the first reply
        dialogue.retry()
    before = dialogue.turns
    with pytest.raises(ChatbotError, match="no other reply"):
        dialogue.retry()
    assert dialogue.turns == before


def words(seed: int | None) -> list[str]:
    dialogue = Dialogue(toy_model(temperature=1.0, seed=seed))
    first = [dialogue.reply("hello").text, dialogue.retry().text, dialogue.reply("hello").text]
    dialogue.undo()
    return [*first, dialogue.reply("hello").text]


def test_a_fixed_seed_repeats_the_conversation_not_the_reply() -> None:
    assert words(7) == words(7) != words(8)
    assert words(7)[2] == words(7)[3]
    assert len(set(words(7)[:3])) == 3
    assert words(None) != words(None)


def test_each_reply_replays_alone_from_its_receipt() -> None:
    dialogue = Dialogue(toy_model(temperature=1.0, seed=7))
    for text in ("hello", "why", "when"):
        dialogue.reply(text)
        dialogue.retry()
    for turn in dialogue.turns:
        again = dialogue.model.answer_ids(turn.reply.context_ids, turn.reply.settings, rank=turn.reply.rank)
        assert replace(again, seconds=0) == replace(turn.reply, seconds=0)


def test_model_and_settings_may_be_replaced_on_the_way() -> None:
    dialogue = Dialogue(toy_model())
    dialogue.reply("hello")
    dialogue.model, dialogue.settings = toy_model(fingerprint="e" * 64), DecodingSettings(beam_size=2)
    reply = dialogue.reply("why")
    assert (reply.fingerprint, reply.settings.beam_size) == ("e" * 64, 2)


@given(st.integers(0, 2**63 - 1), st.integers(0, 1000), st.integers(0, 50))
def test_seeds_follow_from_the_fixed_one_and_can_be_set_again(seed: int, turn: int, attempt: int) -> None:
    settings = DecodingSettings(seed=seed)
    derived = seed_for(settings, turn, attempt)
    assert derived == seed_for(settings, turn, attempt)
    assert 0 <= derived < 2**63
    assert seed_for(settings) == seed
    assert derived != seed_for(settings, turn + 1, attempt) != seed_for(settings, turn + 1, attempt + 1)


@given(st.text(st.characters(codec=None)))
def test_well_formed_text_can_be_encoded_and_keeps_its_length(text: str) -> None:
    clean = well_formed(text)
    clean.encode()
    assert "\x00" not in clean
    assert len(clean) == len(text)
    assert well_formed(clean) == clean
