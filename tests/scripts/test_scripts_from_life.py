"""A conversation -> a script that holds, as tightly as it can, and is written so that it reads as the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from toy_dialogue import ToyStepper, toy_model

from chatbot.dialogue.dialogue import Dialogue, Turn
from chatbot.dialogue.model import Model
from chatbot.errors import ScriptError, UsageError
from chatbot.scripts.from_life import Lived, life_lines, lived, scripted, turns_of, write_script
from chatbot.scripts.quantities import Interval
from chatbot.scripts.reading import read_script
from chatbot.scripts.running import Case, Models, Runner
from chatbot.store.history import History
from chatbot.store.recorded import RecordedDialogue

SAID = ("hello there", "why is that", "what now")
SEEDS = 6


def held(model: Model, said: tuple[str, ...] = SAID, **settings: object) -> tuple[Turn, ...]:
    dialogue = Dialogue(model, replace(model.settings, **settings))  # type: ignore[arg-type]
    for text in said:
        dialogue.reply(text)
    return dialogue.turns


def names(life: Lived) -> list[list[str]]:
    return [[one.spelled for one in turn.expectations] for turn in scripted(life, SEEDS).turns]


def test_what_is_found_by_a_search_is_expected_word_for_word() -> None:
    model = toy_model()
    turns = held(model)
    dialogue = scripted(lived("talk", turns, model), SEEDS)
    assert [turn.expectations[0].argument for turn in dialogue.turns] == [(turn.reply.text,) for turn in turns]
    assert names(lived("talk", turns, model)) == [["reply"]] * 3
    assert dialogue.samples == 1


def test_what_is_drawn_is_expected_as_tightly_as_all_seeds_allow() -> None:
    model = toy_model(temperature=1.0)
    dialogue = scripted(lived("talk", held(model, seed=4), model), SEEDS)
    assert (dialogue.seed, dialogue.samples) == (4, SEEDS)
    for turn in dialogue.turns:
        first = turn.expectations[0]
        assert first.name == "words"
        assert isinstance(first.argument, Interval)
    (result,) = Runner(Models(load=lambda _: model)).run([Case(dialogue)])
    assert result.status == "passed"
    for turn, said in zip(dialogue.turns, result.turns, strict=True):
        counts = [len(reply.split()) for reply in said.replies]
        assert turn.expectations[0].argument == Interval(min(counts), max(counts))


def test_few_different_replies_are_listed() -> None:
    class Stepper(ToyStepper):
        """Says one of two letters, then ends."""

        def logits(self, source: int, position: int, previous: int) -> object:  # type: ignore[override]
            found = super().logits(source, position, previous) * 0 - 50
            found[[9, 10] if position == 0 else [3]] = 5
            return found

    model = toy_model(Stepper(), temperature=1.0)
    dialogue = scripted(lived("talk", held(model, ("hello",), seed=1), model), 20)
    (only,) = dialogue.turns[0].expectations
    assert only.name == "any_of"
    assert sorted(only.argument) == ["d", "e"]


def test_settings_and_seed_are_those_of_the_first_receipt() -> None:
    model = toy_model()
    life = lived("talk", held(model, beam_size=3, seed=9), model, "other")
    assert (life.settings, life.seed, life.named) == ({"beam_size": 3}, 9, "other")
    assert scripted(life, SEEDS).settings == {"beam_size": 3}


def test_only_the_last_turns() -> None:
    model = toy_model()
    assert lived("talk", held(model), model, last=2).said == SAID[1:]
    assert lived("talk", held(model), model, last=99).said == SAID
    with pytest.raises(UsageError, match="'talk' has no turns to make a script of; say something first"):
        lived("talk", (), model)


def test_the_script_reads_as_it_was_written(tmp_path: Path) -> None:
    model = toy_model(temperature=1.0, beam_size=2)
    said = ('it costs $five: "yes" # no', "- true", "null")
    turns = held(model, said, seed=3)
    lives = [lived("a: 'b'", turns, model, "toy"), lived("a: 'b'", turns, model, "toy", 1)]
    path = tmp_path / "a.dialogue.yaml"
    write_script(path, life_lines(lives, SEEDS))
    first, second = read_script(path).dialogues
    assert (first.name, second.name) == ("a: 'b'", "a: 'b' (2)")
    assert [turn.user for turn in first.turns] == ['it costs $$five: "yes" # no', "- true", "null"]
    wanted = scripted(lives[0], SEEDS)
    for one, other in zip(first.turns, wanted.turns, strict=True):
        assert [(e.name, e.argument) for e in one.expectations] == [(e.name, e.argument) for e in other.expectations]
    results = Runner(Models(load=lambda _: model)).run([Case(first), Case(second)])
    assert [one.status for one in results] == ["passed", "passed"]
    assert [turn.users[0] for turn in results[0].turns] == list(said)
    assert f"# then: {turns[0].reply.text}" in path.read_text(encoding="utf-8")


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    write_script(path, ["x: 1"])
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ScriptError, match="is there already and is kept"):
        write_script(path, ["x: 2"])
    with pytest.raises(ScriptError, match="cannot be written"):
        write_script(tmp_path / "none" / "a.yaml", ["x: 2"])
    assert path.read_text() == "x: 1\n"


def test_a_conversation_from_the_history(tmp_path: Path) -> None:
    model = toy_model()
    with History.open(str(tmp_path / "h.db")) as history:
        recorded = RecordedDialogue(Dialogue(model), history)
        for text in SAID:
            recorded.reply(text)
        recorded.undo()
        turns = turns_of(history.show(1))
    assert [turn.text for turn in turns] == list(SAID[:2])
    assert lived("talk", turns, model).replied == tuple(turn.reply.text for turn in recorded.turns)


def test_who_is_told_of_the_replies_can_end_the_work() -> None:
    model, told = toy_model(), []

    def tired(count: int) -> None:
        told.append(count)
        if sum(told) == 2:
            raise ScriptError("enough")

    with pytest.raises(ScriptError, match="enough"):
        list(life_lines([lived("talk", held(model), model)], advance=tired))
    assert sum(told) == 2 < len(SAID)
