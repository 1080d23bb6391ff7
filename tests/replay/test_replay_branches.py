"""Which turns are played: the branch that stands, all of them, those of a file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from talks import LINES, branches, talk

from chatbot.dialogue.model import Model
from chatbot.errors import StoreError
from chatbot.replay.branches import branches_of, from_file, from_history, joined, own_turns
from chatbot.store.exporting import write_export
from chatbot.store.history import History
from chatbot.store.reading import branch
from chatbot.store.records import Conversation, StoredReply, StoredTurn, Transcript

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def words(history: History, every: bool) -> list[list[str]]:
    return [[step.turn.text for step in branch.steps] for branch in branches(history, every)]


def test_the_branch_that_stands_is_played_and_others_are_named(tiny: Model, history: History) -> None:
    talk(history, tiny).edit(2, "No, thank you.")
    found = from_history(history, [1], False)
    assert [branch.name for branch in found.branches] == ["1"]
    assert words(history, False) == [[LINES[0], "No, thank you."]]
    assert len(found.notes) == 1
    assert "has 2 branches" in found.notes[0]


def test_every_branch_says_what_it_shares(tiny: Model, history: History) -> None:
    talk(history, tiny).edit(2, "No, thank you.")
    found = from_history(history, [1], True)
    assert words(history, True) == [[LINES[0], "No, thank you."], list(LINES)]
    assert [(branch.name, branch.shared) for branch in found.branches] == [("1.1", 0), ("1.2", 1)]
    assert found.notes == ()


def test_what_was_undone_is_no_part_of_the_branch_that_stands(tiny: Model, history: History) -> None:
    talk(history, tiny).undo()
    assert words(history, False) == [list(LINES[:2])]
    assert [branch.shared for branch in branches(history, True)] == [0, 2]


def test_all_undone_is_said(tiny: Model, history: History) -> None:
    talk(history, tiny, LINES[:1]).undo()
    found = from_history(history, [1], False)
    assert found.branches == ()
    assert "all was undone" in found.notes[0]
    assert words(history, True) == [[LINES[0]]]


def test_a_conversation_without_replies_is_said(history: History) -> None:
    history.start_conversation("Is anyone there?")
    for every in (False, True):
        found = from_history(history, [1], every)
        assert found.branches == ()
        assert found.notes == ("conversation 1: holds no reply to compare with",)


def test_a_file_is_read_without_touching_the_users_history(tiny: Model, history: History, tmp_path: Path) -> None:
    for lines in (LINES, LINES[:1]):
        talk(history, tiny, lines)
    path = tmp_path / "talks.jsonl"
    write_export(history, [1, 2], "jsonl", path, False)
    path.write_text(path.read_text() + "{nonsense\n")
    found = from_file(path, False)
    assert [branch.name for branch in found.branches] == ["talks.jsonl:1", "talks.jsonl:2"]
    assert [branch.uid for branch in found.branches] == [branch.uid for branch in branches(history)]
    assert [step.reply.text for step in found.branches[0].steps if step.reply] == [
        step.reply.text for step in branches(history)[0].steps if step.reply
    ]
    assert len(found.notes) == 1
    assert "talks.jsonl:3" in found.notes[0]
    assert not (tmp_path / "home" / "history.db").exists()


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nothing\.jsonl"):
        from_file(tmp_path / "nothing.jsonl", False)


def test_selections_are_joined_in_order(tiny: Model, history: History) -> None:
    talk(history, tiny, LINES[:1])
    one = from_history(history, [1], False)
    assert len(joined([one, one]).branches) == 2
    assert joined([]).branches == ()


@given(st.data())
def test_all_branches_count_every_reply_once_and_follow_the_tree(data: st.DataObject) -> None:
    """Turns of a random tree: each opens the conversation or answers any reply before it, and has 0 to 3 replies."""
    turns: list[StoredTurn] = []
    replies: list[StoredReply] = []
    for number in range(1, data.draw(st.integers(1, 8)) + 1):
        parent = data.draw(st.sampled_from([None, *(reply.id for reply in replies)]))
        own = [reply_of(len(replies) + place + 1, number) for place in range(data.draw(st.integers(0, 3)))]
        replies += own
        turns.append(StoredTurn(number, parent, f"turn {number}", NOW, tuple(own)))
    leaf = data.draw(st.sampled_from([None, *replies]))
    path = branch({turn.id: turn for turn in turns}, leaf.turn_id if leaf else None, leaf.id if leaf else None)
    room = Conversation(1, "u", "title", None, None, len(turns), NOW, NOW)
    found = branches_of(Transcript(room, tuple(turns), path), "1")
    counted = [
        (step.turn.id, step.reply.id if step.reply else None) for one in found for step in one.steps[one.shared :]
    ]
    known = [(turn.id, reply.id if reply else None) for turn in turns for reply in (turn.replies or (None,))]
    assert sorted(counted, key=str) == sorted(known, key=str)
    assert not path or found[0].steps == path
    for one in found:
        for before, step in zip(one.steps, one.steps[1:], strict=False):
            assert before.reply is not None
            assert step.turn.parent_reply_id == before.reply.id


def reply_of(number: int, turn: int) -> StoredReply:
    nothing = dict.fromkeys(("score", "rank", "settings", "seed", "fingerprint", "model", "seconds"), None)
    lists = dict.fromkeys(("tokens", "token_ids", "token_log_probs", "alternatives", "context_ids"), ())
    kept = {"id": number, "turn_id": turn, "text": "text", "complete": True, "created_at": NOW}
    return StoredReply(**kept, **nothing, **lists)  # type: ignore[arg-type]


def test_the_texts_before_a_reply_may_be_cut_to_the_last(tiny: Model, history: History) -> None:
    talk(history, tiny)
    (branch,) = branches(history)
    whole = branch.said(2)
    assert len(whole) == 5
    assert branch.said(2, 1) == whole[-3:]
    assert branch.said(0, 3) == whole[:1]
    assert own_turns(whole) == [False, True, False, True, False]
    assert own_turns(whole[-2:]) == [True, False]
