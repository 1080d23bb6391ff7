"""Forced and free replays: what is the same, what the model changed, what only the context changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from talks import LINES, alter_reply, branches, talk

from chatbot.dialogue.model import Model
from chatbot.dialogue.reply import Reply
from chatbot.errors import ChatbotError
from chatbot.replay.player import Playing
from chatbot.replay.playing import replay
from chatbot.replay.results import Mode, ModelResult, Replay, TurnResult, Verdict
from chatbot.store.history import History


def turns(result: ModelResult) -> list[TurnResult]:
    return [turn for branch in result.branches for turn in branch.turns]


def verdicts(found: Replay, mode: Mode = Mode.FORCED) -> list[str]:
    outcomes = [getattr(turn, mode) for result in found.models for turn in turns(result)]
    return [str(one.verdict) for one in outcomes]


@pytest.mark.parametrize("settings", [{}, {"temperature": 0.0}, {"temperature": 0.0, "beam_size": 4}, {"beam_size": 3}])
def test_the_model_that_talked_says_the_same(tiny: Model, history: History, settings: dict[str, object]) -> None:
    talk(history, tiny, **settings)
    talk(history, tiny, ["And you?", "Let us wait."], **settings)
    found = replay(branches(history), [tiny])
    assert verdicts(found) == ["same"] * 5
    assert verdicts(found, Mode.FREE) == ["same"] * 5
    totals = found.models[0].totals
    assert (totals.turns, totals.compared, found.differs) == (5, 5, False)
    assert totals.same
    assert (totals.same.count, totals.same.of) == (5, 5)
    assert [branch.parted for branch in found.models[0].branches] == [None, None]
    assert totals.shift
    assert totals.shift.value == 0


def test_a_retried_reply_is_found_again_at_its_rank(tiny: Model, history: History) -> None:
    dialogue = talk(history, tiny, LINES[:1], temperature=0.0, beam_size=4)
    dialogue.retry()
    assert dialogue.turns[-1].reply.rank > 0
    dialogue.reply(LINES[1])
    assert verdicts(replay(branches(history), [tiny])) == ["same", "same"]


def test_batches_answer_as_one_by_one(tiny: Model, history: History) -> None:
    for seed in range(6):
        talk(history, tiny, LINES[: 1 + seed % 3], seed=seed)
    found = replay(branches(history), [tiny], Playing(changes={"temperature": 1.5}))
    for turn in turns(found.models[0]):
        assert turn.free
        assert isinstance(turn.free.reply, Reply)
        again = tiny.answer_ids(turn.free.reply.context_ids, turn.free.reply.settings)
        assert again.text == turn.free.text


def test_another_model_parts_and_free_replies_follow_its_own_words(
    tiny: Model, stranger: Model, history: History
) -> None:
    talk(history, tiny)
    found = replay(branches(history), [stranger])
    (branch,) = found.models[0].branches
    assert branch.parted == 1
    assert found.differs
    first, second, _ = branch.turns
    assert first.free
    assert second.free
    assert second.forced
    assert second.free.reply
    assert first.forced
    assert first.free.text == first.forced.text  # nothing was said before them
    said = [LINES[0], first.free.text or "", LINES[1]]
    assert second.free.reply.context_ids == stranger.context(said, [False, True, False]).ids
    logged = [LINES[0], branches(history)[0].steps[0].reply.text, LINES[1]]  # type: ignore[union-attr]
    assert second.forced.reply
    assert second.forced.reply.context_ids == stranger.context(logged, [False, True, False]).ids


def test_what_only_the_context_changed_is_told_apart(tiny: Model, history: History) -> None:
    """The log's first reply is made another one: forced replies still follow it, free ones cannot."""
    talk(history, tiny, temperature=0.0)
    alter_reply(history, 1, text="Soup with bread, perhaps.", token_ids=[9, 10])
    second = tiny.answer([LINES[0], "Soup with bread, perhaps.", LINES[1]], [False, True, False], _settings(history))
    alter_reply(history, 2, text=second.text, token_ids=list(second.token_ids), context_ids=list(second.context_ids))
    (branch,) = replay(branches(history), [tiny]).models[0].branches
    assert [turn.forced.verdict for turn in branch.turns[:2] if turn.forced] == [Verdict.DIFFERENT, Verdict.SAME]
    assert branch.parted == 1
    assert branch.turns[1].free
    assert branch.turns[1].drifted == (branch.turns[1].free.text != second.text)
    assert branch.turns[1].drifted


def _settings(history: History):
    reply = branches(history)[0].steps[1].reply
    assert reply
    return reply.receipt().settings


def test_likelihood_is_under_both_models(tiny: Model, twin: Model, stranger: Model, history: History) -> None:
    talk(history, tiny, max_length=200)
    found = replay(branches(history), [stranger, twin, tiny], Playing(tolerance=0.0))
    for theirs, twins, own in zip(*(turns(result) for result in found.models), strict=True):
        assert theirs.likelihood
        assert twins.likelihood
        assert own.likelihood
        reply = own.forced.reply if own.forced else None
        assert reply
        expected = sum(reply.token_log_probs)
        assert theirs.likelihood.old_under_old == pytest.approx(expected, abs=1e-3)
        assert own.likelihood.old_under_new == pytest.approx(expected, abs=1e-3)
        assert twins.likelihood.old_under_new == pytest.approx(expected, abs=1e-3)
        assert own.likelihood.gap == 0
        assert theirs.likelihood.gap > 0
        assert theirs.likelihood.new_under_old != theirs.likelihood.new_under_new
    assert found.models[0].gone == ()
    assert [(pair.first, pair.second) for pair in found.pairs] == [(0, 1), (0, 2), (1, 2)]
    assert found.pairs[2].same
    assert found.pairs[2].same.value == 1


def test_an_old_model_that_is_gone_is_named(tiny: Model, stranger: Model, history: History) -> None:
    talk(history, tiny)
    (result,) = replay(branches(history), [stranger]).models
    assert result.gone == (tiny.fingerprint,)
    assert [turn.likelihood.old_under_old for turn in turns(result) if turn.likelihood] == [None] * 3
    assert result.totals.old_words is None
    assert result.totals.new_words


def test_other_words_as_likely_are_no_alarm(tiny: Model, history: History) -> None:
    talk(history, tiny, seed=1)
    changed = {"seed": 2, "temperature": 2.0}
    strict = replay(branches(history), [tiny], Playing(changes=changed, tolerance=0.0))
    loose = replay(branches(history), [tiny], Playing(changes=changed, tolerance=100.0))
    assert "different" in verdicts(strict)
    assert strict.differs
    assert set(verdicts(loose)) <= {"same", "as likely"}
    assert not loose.differs
    assert not replace(strict, threshold=1.0).differs


def test_without_likelihood_words_alone_count(tiny: Model, history: History) -> None:
    talk(history, tiny)
    found = replay(branches(history), [tiny], Playing(changes={"temperature": 3.0}, likelihood=False, tolerance=100.0))
    assert all(turn.likelihood is None for turn in turns(found.models[0]))
    assert "different" in verdicts(found)


@pytest.mark.parametrize("mode", list(Mode))
def test_one_mode_alone(tiny: Model, stranger: Model, history: History, mode: Mode) -> None:
    talk(history, tiny)
    found = replay(branches(history), [stranger], Playing(modes=(mode,)))
    other = Mode.FREE if mode is Mode.FORCED else Mode.FORCED
    assert all(getattr(turn, other) is None for turn in turns(found.models[0]))
    assert set(verdicts(found, mode)) == {"different"}
    assert found.differs


def test_a_stopped_reply_is_the_same_where_the_new_one_begins_with_it(tiny: Model, history: History) -> None:
    talk(history, tiny, seed=3)
    whole = branches(history)[0].steps[1].reply
    assert whole
    alter_reply(history, whole.id, text=whole.text[:4], token_ids=list(whole.token_ids[:2]), complete=False)
    (branch,) = replay(branches(history), [tiny]).models[0].branches
    assert branch.turns[1].forced
    assert branch.turns[1].forced.verdict is Verdict.SAME
    assert "was stopped" in branch.turns[1].forced.why
    assert branch.turns[1].likelihood is None
    assert branch.turns[2].free
    assert branch.turns[2].forced
    assert branch.turns[2].free.text == branch.turns[2].forced.text  # it goes on from the words that stood


def test_a_stopped_beam_search_is_not_compared(tiny: Model, history: History) -> None:
    talk(history, tiny, beam_size=3, temperature=0.0)
    alter_reply(history, 1, text="zzz", token_ids=[250, 250, 250], complete=False)
    alter_reply(history, 2, text="...", token_ids=[], complete=False)
    found = replay(branches(history), [tiny])
    assert verdicts(found) == ["not compared", "not compared", "same"]
    assert found.models[0].totals.compared == 1


def test_a_last_turn_without_a_reply_is_played_and_not_compared(tiny: Model, history: History) -> None:
    dialogue = talk(history, tiny)
    assert dialogue.last
    history.add_turn(1, "Are you there?", dialogue.last[1])
    (branch,) = replay(branches(history), [tiny]).models[0].branches
    last = branch.turns[-1]
    assert last.reference is None
    assert last.forced
    assert last.forced.verdict is Verdict.NONE
    assert last.forced.text
    assert "no reply" in last.forced.why


def test_settings_of_a_newer_version_are_left_out_and_named(tiny: Model, history: History) -> None:
    talk(history, tiny)
    alter_reply(history, 1, settings={"temperature": 0.8, "mirostat": 2, "beam_size": "many", "seed": 5})
    first, *_ = turns(replay(branches(history), [tiny]).models[0])
    assert len(first.remarks) == 1
    assert "mirostat, beam_size" in first.remarks[0]
    assert first.forced
    assert first.forced.reply
    assert first.forced.reply.settings.temperature == 0.8


def test_missing_receipts_are_named(tiny: Model, history: History) -> None:
    talk(history, tiny)
    nothing = {"settings": None, "fingerprint": None, "context_ids": None, "token_ids": None, "seed": None}
    alter_reply(history, 1, **nothing)
    alter_reply(history, 2, settings={"temperature": 0.5}, seed=None)
    alter_reply(history, 3, settings={"temperature": 0.5}, seed=-7)
    first, second, third = turns(replay(branches(history), [tiny]).models[0])
    assert "settings were not kept" in first.remarks[0]
    assert first.forced
    assert first.forced.reply
    assert first.forced.reply.settings.max_length == tiny.settings.max_length
    assert "seed was not kept" in second.remarks[0]
    assert "seed was not kept" in third.remarks[0]
    assert first.likelihood
    assert first.likelihood.old_under_old is None


def test_context_ids_of_a_stranger_are_not_trusted(tiny: Model, history: History) -> None:
    talk(history, tiny)
    alter_reply(history, 1, context_ids=[10**9], token_ids=[-5, 10**8])
    alter_reply(history, 2, context_ids=[7] * 5000)
    assert len(verdicts(replay(branches(history), [tiny]))) == 3


def test_a_context_that_the_log_does_not_hold_is_taken_from_the_receipt_and_named(
    tiny: Model, history: History
) -> None:
    said = ["Hello!", "I am fine.", LINES[1]]
    settings = replace(tiny.settings, temperature=0.8, beam_size=1, seed=4)
    number, turn = history.start_conversation(LINES[1])
    history.add_reply(turn, tiny.answer(said, [False, True, False], settings), tiny)
    (only,) = turns(replay(branches(history), [tiny]).models[0])
    assert only.forced
    assert only.forced.verdict is Verdict.SAME
    assert "a context that the log does not hold" in only.remarks[0]
    assert number == 1


def test_nothing_to_compare_is_an_error(tiny: Model, history: History) -> None:
    talk(history, tiny, LINES[:1], beam_size=3, temperature=0.0)
    alter_reply(history, 1, text="zzz", token_ids=[250, 250, 250], complete=False)
    with pytest.raises(ChatbotError, match="nothing could be compared: was stopped"):
        replay(branches(history), [tiny])


def test_settings_that_do_not_go_together_say_so(tiny: Model, history: History) -> None:
    talk(history, tiny)
    with pytest.raises(ChatbotError, match="beam_groups must divide"):
        replay(branches(history), [tiny], Playing(changes={"temperature": 0.0, "beam_size": 3, "beam_groups": 2}))


def test_a_prompt_without_words_is_passed_over(tiny: Model, history: History) -> None:
    dialogue = talk(history, tiny, LINES[:1])
    assert dialogue.last
    turn = history.add_turn(1, "   ", dialogue.last[1])
    history.add_reply(turn, dialogue.turns[0].reply, tiny)
    (branch,) = replay(branches(history), [tiny]).models[0].branches
    assert branch.turns[1].number == 2
    assert branch.turns[1].free
    assert branch.turns[0].forced
    assert branch.turns[0].forced.verdict is Verdict.SAME


def test_every_branch_counts_a_turn_once(tiny: Model, history: History) -> None:
    dialogue = talk(history, tiny)
    dialogue.edit(2, "Perhaps the letter was lost.")
    dialogue.retry()
    (result,) = replay(branches(history, every=True), [tiny]).models
    replies = sum(len(turn.replies) for turn in history.show(1).turns)
    assert result.totals.turns == replies
    assert result.totals.same
    assert result.totals.same.value == 1
    assert [len(branch.counted) for branch in result.branches] == [2, 2, 1]


def test_progress_ends_at_all_and_a_stop_is_asked(tiny: Model, history: History) -> None:
    talk(history, tiny)
    told: list[tuple[str, int, int]] = []
    asked: list[bool] = []
    replay(
        branches(history),
        [tiny],
        progress=lambda *one: told.append(one),
        stop=lambda: bool(asked.append(True)),
    )
    assert ("tiny: logged contexts", 3, 3) in told
    assert asked
