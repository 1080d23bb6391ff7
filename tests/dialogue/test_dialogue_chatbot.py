"""`from chatbot import Chatbot`: the library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from toy_dialogue import ToyStepper, toy_model

import chatbot
from chatbot import Chatbot, Reply
from chatbot.errors import ConfigError, UsageError
from chatbot.text.special import BOS_ID, EOS_ID


@pytest.fixture
def bot(tiny_bundle: Path) -> Chatbot:
    return Chatbot.load(str(tiny_bundle), beam_size=1)


def test_one_line_loads_and_one_replies(bot: Chatbot) -> None:
    reply = bot.reply("hello")
    assert isinstance(reply, Reply)
    assert str(reply) == reply.text == f"{reply}"
    assert [turn.text for turn in bot.turns] == ["hello"]


def test_settings_by_name_are_for_one_reply(bot: Chatbot) -> None:
    assert bot.reply("hello", beam_size=3, temperature=1, seed=3).settings.beam_size == 3
    assert bot.reply("hello").settings.beam_size == bot.settings.beam_size == 1
    with pytest.raises(ConfigError, match="settings: unknown setting 'beamsize'; did you mean 'beam_size'"):
        bot.reply("hello", beamsize=3)
    with pytest.raises(ConfigError, match="settings: beam_size must be an integer from 1 to 100, but received 0"):
        bot.retry(beam_size=0)
    assert len(bot.turns) == 2


def test_retry_undo_and_clear(bot: Chatbot) -> None:
    first = bot.reply("hello")
    assert bot.retry().text != first.text
    assert (bot.undo(), bot.undo()) == ("hello", None)
    bot.reply("hello")
    bot.clear()
    assert bot.turns == ()


@pytest.mark.parametrize("settings", [{}, {"beam_size": 3}, {"temperature": 1.0, "seed": 4}])
def test_a_stream_is_the_reply(bot: Chatbot, settings: dict[str, float]) -> None:
    parts = list(bot.stream("Where is the umbrella?", **settings))
    assert "".join(parts) == bot.turns[-1].reply.text
    bot.undo()
    assert bot.reply("Where is the umbrella?", **settings).text == "".join(parts)


def test_leaving_a_stream_stops_the_search() -> None:
    bot = Chatbot(toy_model(ToyStepper(end=-50), max_length=500, no_repeat_ngram=0))
    for part in bot.stream("hello"):
        assert part
        break
    (turn,) = bot.turns
    assert not turn.reply.complete
    assert len(turn.reply.token_ids) < 500


def test_an_error_in_a_stream_is_raised(bot: Chatbot) -> None:
    with pytest.raises(UsageError, match="nothing to answer"):
        list(bot.stream("  "))
    assert bot.turns == ()


def test_a_batch_answers_each_alone(bot: Chatbot) -> None:
    prompts = ["hello", "Where is the umbrella?", "tea", "Good morning."]
    for settings in ({}, {"beam_size": 3}, {"temperature": 1.0}):
        replies = bot.batch(prompts, seed=5, **settings)
        for number, (prompt, reply) in enumerate(zip(prompts, replies, strict=True)):
            alone = bot.reply(prompt, seed=5 + number, **settings)
            bot.clear()
            assert (reply.text, reply.context_ids, reply.seed) == (alone.text, alone.context_ids, 5 + number)
            assert reply.settings == alone.settings
    assert bot.batch([]) == []
    assert bot.turns == ()
    assert len({reply.seed for reply in bot.batch(["hello"] * 4, temperature=1.0)}) > 1


def test_the_score_of_a_reply_is_its_log_probability(bot: Chatbot) -> None:
    stepper, total, previous = bot.model.stepper, 0.0, BOS_ID
    state = stepper.start([bot.model.context_ids(["hello"], [False])])
    for wanted in [*bot.model.tokenizer.encode("It is tea."), EOS_ID]:
        log_probs, state = stepper.step(np.array([previous]), state)
        total, previous = total + float(log_probs[0, wanted]), wanted
    assert bot.score("hello", "It is tea.") == pytest.approx(total, abs=1e-4)
    assert bot.turns == ()


def test_what_the_package_offers_is_what_it_says() -> None:
    assert set(chatbot.__all__) <= set(dir(chatbot))
    assert all(getattr(chatbot, name) for name in chatbot.__all__)
    with pytest.raises(AttributeError, match="module 'chatbot' has no attribute 'Chatbots'"):
        chatbot.Chatbots  # noqa: B018
    assert (Path(chatbot.__file__).parent / "py.typed").exists()


def test_the_library_needs_no_tensorflow_and_its_import_no_numpy(tiny_bundle: Path) -> None:
    code = """
import sys
import chatbot
assert "numpy" not in sys.modules
bot = chatbot.Chatbot.load(sys.argv[1])
print(bot.reply("hello"))
heavy = {"tensorflow", "keras", "torch", "sqlalchemy", "click", "prompt_toolkit", "rich"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    child = subprocess.run([sys.executable, "-c", code, str(tiny_bundle)], capture_output=True, text=True, check=False)
    assert (child.returncode, child.stderr) == (0, "")
    assert child.stdout.strip()
