"""Dialogues held in lockstep come to what each comes to alone, and what `Chatbot` says with the same seeds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from toy_dialogue import ToyStepper, toy_model
from toy_scripts import PATH, dialogue, toy_models, turn

from chatbot.dialogue.chatbot import Chatbot
from chatbot.errors import BundleError, ChatbotError, UsageError
from chatbot.scripts.lanes import sample_seed
from chatbot.scripts.results import ERROR, FAILED, PASSED, SKIPPED
from chatbot.scripts.running import Case, Models, Runner
from chatbot.scripts.script import Capture

SETTINGS: list[dict[str, Any]] = [{}, {"temperature": 1.0}, {"beam_size": 3}, {"temperature": 0.7, "beam_size": 2}]
SAID = ("hello", "how are you", "why", "the sea", "hello")


def talks(count: int = 12):
    """Dialogues of one to five turns, in four ways of decoding, with seeds of their own."""
    return [
        dialogue(*map(turn, SAID[: 1 + number % 5]), name=f"talk {number}", settings=SETTINGS[number % 4], seed=number)
        for number in range(count)
    ]


def run(*dialogues, **options):
    return Runner(toy_models()).run([Case(one) for one in dialogues], **options)


def replies(result):
    return [one.replies for one in result.turns]


def test_a_scripted_dialogue_says_what_the_library_says():
    for script, result in zip(talks(), run(*talks()), strict=True):
        model = toy_model()
        bot = Chatbot(model, script.decoding(model.settings))
        assert [(bot.reply(one.user).text,) for one in script.turns] == replies(result)
        assert [(one.reply.seed,) for one in bot.turns] == [one.seeds for one in result.turns]


def test_what_a_dialogue_comes_to_depends_on_no_other():
    together = run(*talks(), *reversed(talks()))
    alone = [run(one)[0] for one in talks()]
    assert [replies(one) for one in together] == [replies(one) for one in [*alone, *reversed(alone)]]


def test_the_same_reply_is_searched_for_once():
    class Counting(ToyStepper):
        started = 0

        def start(self, sources):
            self.started += len(sources)
            return super().start(sources)

    stepper = Counting()
    script = dialogue(turn("hello"), samples=20)
    heard = []
    result = Runner(toy_models(toy_model(stepper)), advance=heard.append).run([Case(script), Case(script)])
    assert stepper.started == 1
    assert sum(heard) == 40
    assert len(set(result[0].turns[0].replies)) == 1
    assert result[0].turns[0].seeds[0] != result[0].turns[0].seeds[1]


def test_samples_have_seeds_of_their_own_and_the_first_has_the_dialogues():
    script = dialogue(turn("hello"), turn("why"), samples=5, settings={"temperature": 1.0}, seed=7)
    many, one = run(script, replace(script, samples=1))
    assert len(set(many.turns[0].seeds)) == 5
    assert [t.replies[:1] for t in many.turns] == replies(one)
    assert sample_seed(7, 0, 0) == 7
    assert len({sample_seed(7, repeat, sample) for repeat in range(5) for sample in range(5)}) == 25


def test_a_repetition_has_other_seeds():
    script = dialogue(turn("hello"), settings={"temperature": 1.0})
    results = Runner(toy_models()).run([Case(script, repeat=number) for number in range(4)])
    assert len({one.turns[0].seeds for one in results}) == 4


def test_what_holds_in_enough_samples_passes():
    script = dialogue(turn("hello", contains=("a",)), samples=40, settings={"temperature": 1.0})
    share = run(script)[0].turns[0].checked[0].passed / 40
    assert 0 < share < 1
    enough, more = run(replace(script, pass_rate=share), replace(script, pass_rate=share + 0.02))
    assert (enough.status, more.status) == (PASSED, FAILED)
    low, high = enough.turns[0].checked[0].interval
    assert 0 < low < share < high < 1


def test_an_expectation_over_all_samples_is_checked_once():
    from chatbot.scripts.quantities import Interval

    varied = turn("hello", distinct=Interval(low=3))
    result, greedy = run(
        dialogue(varied, samples=20, pass_rate=0.1, settings={"temperature": 1.0}),
        dialogue(varied, samples=20, pass_rate=0.1),
    )
    assert result.turns[0].checked[0].samples == 1
    assert (result.status, greedy.status) == (PASSED, FAILED)


def test_variables_are_those_of_each_sample():
    capture = Capture("letter", "([a-z])", 4)
    script = dialogue(
        turn("hello", captures=(capture,)), turn("say $letter"), samples=12, settings={"temperature": 1.0}
    )
    first, second = run(script)[0].turns
    assert len(set(second.users)) > 1
    found = [next(c for c in text if c.isascii() and c.isalpha()) for text in first.replies]
    assert list(second.users) == [f"say {letter}" for letter in found]


def test_a_capture_that_finds_nothing_fails():
    result = run(dialogue(turn("hello", captures=(Capture("number", "[0-9]+", 9),))))[0]
    assert result.status == FAILED
    assert result.turns[0].checked[0].expectation.line == 9


def test_a_turn_without_words_ends_its_dialogue_and_no_other():
    broken, whole = run(dialogue(turn("hello"), turn("...", line=8), turn("why")), dialogue(turn("hello"), turn("why")))
    assert (broken.status, whole.status) == (FAILED, PASSED)
    assert (broken.stopped[0].line, len(broken.turns), len(whole.turns)) == (8, 1, 2)


def test_a_turn_that_expects_to_be_refused_is_passed_over():
    script = dialogue(turn("hello"), turn("...", refused=("nothing to answer",)), turn("why"))
    refused, plain = run(script, dialogue(turn("hello"), turn("why")))
    assert refused.status == PASSED
    assert refused.turns[2].replies == plain.turns[1].replies
    assert run(dialogue(turn("hello", refused=("nothing",))))[0].status == FAILED
    assert run(dialogue(turn("...", refused=("something else",), contains=("x",))))[0].status == FAILED


def test_a_model_that_cannot_be_loaded_ends_the_dialogues_that_name_it_and_is_tried_once():
    tried = []

    def load(name):
        tried.append(name)
        if name == "gone":
            raise BundleError("gone: there is no such model")
        return toy_model()

    cases = [Case(dialogue(turn("hello"), model=name)) for name in ("gone", None, "gone")]
    results = Runner(Models(load=load)).run(cases)
    assert [one.status for one in results] == [ERROR, PASSED, ERROR]
    assert results[0].error == f"{PATH}:2: gone: there is no such model"
    assert tried == ["gone", None]


def test_settings_that_do_not_go_together_end_their_dialogue():
    wrong, right = run(dialogue(turn("hello"), settings={"beam_size": 3, "beam_groups": 2}), dialogue(turn("hello")))
    assert (wrong.status, right.status) == (FAILED, PASSED)
    assert "beam_groups must divide beam_size" in wrong.stopped[0].why


def test_an_error_in_a_check_is_why_it_fails():
    result = run(dialogue(turn("hello", stored={"turns": 1})))[0]
    assert result.turns[0].checked[0].why.startswith("could not be checked: ")


def test_stopping_at_the_first_leaves_the_rest_unrun():
    bad, long = dialogue(turn("hello", contains=("0",))), dialogue(turn("hello"), turn("why"))
    done, broken, left = run(dialogue(turn("hello")), bad, long, stop_at_first=True)
    assert [one.status for one in (done, broken, left)] == [PASSED, FAILED, SKIPPED]
    assert [one.status for one in run(bad, long)] == [FAILED, PASSED]


def test_a_session_is_opened_once_a_turn_and_closed():
    opened = []

    class Session:
        def __init__(self, model, settings, turns):
            self.texts, self.closed, self.typed = [one.text for one in turns], False, []
            opened.append(self)

        def run(self, command):
            self.typed.append(command)
            if command == "/fail":
                raise UsageError("cannot")
            return "some words"

        def close(self):
            self.closed = True

    command = {"run": "/why", "contains": ("some",)}
    script = dialogue(turn("hello"), turn("why", command=command, not_command={"run": "/time", "contains": ("other",)}))
    result = Runner(toy_models(), Session).run([Case(script)])[0]
    assert result.status == PASSED
    assert [(one.texts, one.typed, one.closed) for one in opened] == [(["hello", "why"], ["/why", "/time"], True)]


def test_models_are_loaded_once():
    loaded = []
    models = Models("usual", lambda name: loaded.append(name) or toy_model())
    cases = [Case(dialogue(turn("hello"))), Case(dialogue(turn("hello"), model="other")), Case(dialogue(turn("why")))]
    assert [one.model for one in Runner(models).run(cases)] == ["usual", "other", "usual"]
    assert loaded == ["usual", "other"]
    with pytest.raises(ChatbotError):
        Models(load=lambda name: (_ for _ in ()).throw(BundleError("x"))).get(None)
