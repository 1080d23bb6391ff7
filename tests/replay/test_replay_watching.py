"""Moments: who says what after how long, and nothing in it that could drive a terminal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from talks import LINES, alter_reply, branches, talk

from chatbot.dialogue.model import Model
from chatbot.replay.watching import LONGEST, SHORTEST, heading, moments
from chatbot.store.history import History


def test_moments_take_the_time_that_they_took_within_bounds(tiny: Model, history: History) -> None:
    talk(history, tiny)
    (branch,) = branches(history)
    first, second, third = branch.steps
    assert first.reply
    assert second.reply
    later = first.reply.created_at + timedelta(seconds=1.5)
    second = replace(second, turn=replace(second.turn, created_at=later), reply=replace(second.reply, seconds=2.0))
    never = replace(third, turn=replace(third.turn, created_at=later + timedelta(days=2)), reply=None)
    found = list(moments(replace(branch, steps=(first, second, never))))
    assert [moment.text.split(": ")[0] for moment in found] == ["you", "bot"] * 3
    assert [moment.seconds for moment in found] == [SHORTEST, SHORTEST, 1.5, 2.0, LONGEST, SHORTEST]
    assert found[0].text == f"you: {LINES[0]}"
    assert found[0].parts == ("you: ", "Good ", "morning.")
    assert found[-1].text == "bot: (no reply)"


def test_nothing_raw_is_shown(tiny: Model, history: History) -> None:
    talk(history, tiny, ["Hello!\x1b[2J\nand\x07 you?"])
    alter_reply(history, 1, text="\x1b]0;title\x07\u202eno", complete=False)
    (branch,) = branches(history)
    shown = [heading(replace(branch, title="\x1b[31mred\n")), *(moment.text for moment in moments(branch))]
    assert shown == [
        "conversation 1: \\x1b[31mred",
        "you: Hello!\\x1b[2J\n     and\\x07 you?",
        "bot: \\x1b]0;title\\x07\\u202eno (stopped)",
    ]
