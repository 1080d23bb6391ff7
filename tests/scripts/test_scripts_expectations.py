"""Every expectation: when it holds, when its not_ form does, and what is said of the reply where neither helps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from side_models import save_translator
from small_corpus import write_corpus, write_dataset
from tiny import SENTENCES

from chatbot.cli.script_session import Sessions
from chatbot.dialogue.dialogue import Dialogue, Turn
from chatbot.dialogue.model import Model
from chatbot.errors import ScriptError, UsageError
from chatbot.home import home
from chatbot.scripts.evidence import Evidence
from chatbot.scripts.expectations import aside
from chatbot.scripts.expectations.attending import places_of
from chatbot.scripts.expectations.repeating import repeated_words
from chatbot.scripts.expectations.table import TABLE, check
from chatbot.scripts.nodes import parse_yaml
from chatbot.scripts.script import Expectation
from chatbot.scripts.turns import read_turn
from chatbot.side.tagging import Span
from chatbot.side.translation import Translator

SAID = ("Hello! How are you?", "Where did you put the umbrella?")


@pytest.fixture(scope="module")
def model(tiny_bundle: Path) -> Model:
    return Model.load(str(tiny_bundle))


@pytest.fixture(scope="module")
def evidence(model: Model) -> Evidence:
    """Two turns held with the tiny model."""
    dialogue = Dialogue(model, replace(model.settings, seed=1))
    for text in SAID:
        dialogue.reply(text)
    return Evidence(model, dialogue.turns)


def expectation(text: str) -> Expectation:
    node = parse_yaml(f"user: x\n{text}", Path("a.yaml"))
    (found,) = read_turn(node).expectations
    return found


def saying(evidence: Evidence, *texts: str) -> Evidence:
    """The same with other replies."""
    turns = [
        Turn(turn.text, replace(turn.reply, text=text), ()) for turn, text in zip(evidence.turns, texts, strict=True)
    ]
    return replace(evidence, turns=tuple(turns))


WORDINGS = [  # the reply, what holds, what does not, and what is said of the reply then
    ("Hi.", "reply: Hi.", "reply: [hi., Hi]", 'is not "hi." or "Hi"'),
    ("Hi.", "any_of: [Hello., Hi.]", "any_of: [Hello.]", 'is not "Hello."'),
    ("Hi there, Anna", "contains: [bye, HI  there]", "contains: bye", 'does not contain "bye"'),
    ("Hi there, Anna", "contains_all: [anna, hi]", "contains_all: [anna, bob]", 'does not contain "bob"'),
    ("Hi there", "starts_with: [bye, HI]", "starts_with: there", 'does not start with "there"'),
    ("Hi 42", r"matches: ['\d\d$', x]", r"matches: '^\d'", r'does not match "^\d"'),
    ("a b c", "words: 3", "words: at least 4", "has 3 words, where at least 4 was named"),
    ("a", "words: 1..2", "words: {min: 2}", "has 1 word, where at least 2 was named"),
    ("", "words: 0", "words: '>= 1'", "has 0 words, where at least 1 was named"),
    ("a b c", "words: '<= 3'", "words: 1 to 2.5", "has 3 words, where 1 to 2.5 was named"),
    ("Hi there.", "similar_to: [Bye, Hi there!]", "similar_to: Bye", 'has a chrF of 8.3 to "Bye"'),
    ("Hi.", "similar_to: {to: Hi., min: 100}", "similar_to: {to: Hi., max: 99}", 'has a chrF of 100.0 to "Hi."'),
    ("I see.", "no_unknown: true", "not_no_unknown: true", "holds no unknown words"),
    ("I <unk> it", "not_no_unknown: true", "no_unknown: true", "holds <unk>"),
    ("so it is", "no_repeat: true", "not_no_repeat: true", "says nothing twice"),
    ("a b c, A B C", "not_no_repeat: true", "no_repeat: true", 'says "a b c" twice'),
    ("First  one.", "not_no_repeat: true", "no_repeat: true", "is that of turn 1 again"),
    ("Second", "differs_from: all", "not_differs_from: all", "differs from that of turn 1"),
    ("first one.", "not_differs_from: 1", "differs_from: 1", "is that of turn 1 again"),
    (SAID[1].upper(), "not_differs_from: [all, user]", "differs_from: user", "is what was said to it again"),
    ("a", "differs_from: 9", "not_differs_from: 9", "is the first one"),
    ("a\x1b[2Jb", "contains: a", "reply: x", 'is not "x"'),
    ("x\x1by", "words: 1", "not_matches: y", 'matches "y"'),
]


@pytest.mark.parametrize(("reply", "holds", "fails", "why"), WORDINGS)
def test_expectations_on_words(evidence: Evidence, reply: str, holds: str, fails: str, why: str) -> None:
    seen = saying(evidence, "First one.", reply)
    assert check(expectation(holds), seen) is None
    assert check(expectation(fails), seen) == why


@pytest.mark.parametrize(("reply", "holds", "fails", "why"), WORDINGS)
def test_the_negated_form_holds_where_the_other_does_not(
    evidence: Evidence, reply: str, holds: str, fails: str, why: str
) -> None:
    seen = saying(evidence, "First one.", reply)
    for text, held in ((holds, False), (fails, True)):
        one = expectation(text)
        assert (check(replace(one, negated=not one.negated), seen) is None) is held


def test_runs_of_three_words() -> None:
    assert repeated_words("I know. I know. I know.") == "i know i"
    assert repeated_words("no no") == ""
    assert repeated_words("don't go, don't go, don't go") == "don't go don't"


def test_a_reply_may_be_expected_not_to_come(evidence: Evidence) -> None:
    refused = replace(evidence, refusal="nothing to answer: the text holds no words")
    assert check(expectation("refused: nothing to ANSWER"), refused) is None
    assert check(expectation("refused: other"), refused) == 'was refused: "nothing to answer: the text holds no words"'
    assert check(expectation("refused: nothing"), evidence) == "was given, where none was expected"


@pytest.mark.parametrize(
    ("samples", "holds", "fails", "why"),
    [
        ("aab", "distinct: 2", "distinct: at least 3", "came in 2 different wordings in 3 samples"),
        ("aaab", "commonest: at most 0.75", "commonest: at most 0.7", 'was "a" in 3 of 4 samples'),
    ],
)
def test_expectations_over_samples(evidence: Evidence, samples: str, holds: str, fails: str, why: str) -> None:
    seen = replace(evidence, samples=tuple(samples))
    assert check(expectation(holds), seen) is None
    assert check(expectation(fails), seen) == why
    assert TABLE[expectation(holds).name].over_samples


@pytest.mark.parametrize("write", [write_corpus, write_dataset])
def test_a_reply_that_is_a_line_of_what_was_learned(
    evidence: Evidence, write: Callable[[Path], Path], tmp_path: Path
) -> None:
    folder = write(tmp_path / "data")
    found = expectation(f"from_corpus: {folder}")
    assert check(found, saying(evidence, "", f" {SENTENCES[3]}  ")) is None
    for text in ("It is never too late.", SENTENCES[3].upper(), ""):
        assert check(found, saying(evidence, "", text)) == f"is not a line of {folder}"
    assert check(replace(found, negated=True), saying(evidence, "", SENTENCES[3])) == f"is a line of {folder}"


def test_a_corpus_that_is_not_there(evidence: Evidence) -> None:
    with pytest.raises(ScriptError, match="none: no such corpus; expected a dataset made by chatbot prepare, or a raw"):
        check(expectation("not_from_corpus: none"), evidence)


def test_a_corpus_is_named_relative_to_the_script() -> None:
    node = parse_yaml("user: x\nfrom_corpus: data", Path("some/folder/a.yaml"))
    assert read_turn(node).expectations[0].argument == "some/folder/data"


def test_what_a_search_finds(evidence: Evidence) -> None:
    reply = evidence.reply
    second = reply.alternatives[0].text
    assert check(expectation(f'in_beam: {{text: [zz, "{second}"], beam: 3}}'), evidence) is None
    assert check(expectation("in_beam: zz"), evidence) == 'lacks "zz" among the 10 that a beam of 10 finds'
    assert check(expectation("rank: {beam: 3, max: 1}"), evidence) is None
    assert check(expectation(f'rank: {{of: "{second}", beam: 3, max: 1}}'), evidence) == f'has "{second}" at rank 2'
    assert check(expectation("rank: {of: zz, beam: 3, min: 1}"), evidence) == (
        'has "zz" nowhere among the 3 that a beam finds'
    )


def test_how_likely_texts_are(evidence: Evidence) -> None:
    own = sum(evidence.reply.token_log_probs)
    assert check(expectation(f"log_probability: {own - 0.01} to {own + 0.01}"), evidence) is None
    assert check(expectation("log_probability: at least 0"), evidence) == f"has a log-probability of {own:.2f}"
    why = check(expectation("log_probability: {of: It is late., min: 0}"), evidence)
    assert why
    other = float(why.rpartition(" ")[2])
    assert why == f'has a log-probability of "It is late." of {other:.2f}'
    margin = check(expectation("margin: {over: It is late., min: 1000}"), evidence)
    assert margin
    assert margin.endswith('nats likelier than "It is late."')
    assert float(margin.split()[1]) == pytest.approx(own - other, abs=0.02)
    assert check(expectation("margin: at least -100"), evidence) is None


def test_what_a_reply_looks_at(evidence: Evidence) -> None:
    assert check(expectation("attends: {to: UMBRELLA, min: 0, max: 1}"), evidence) is None
    assert check(expectation("attends: bicycle"), evidence) == 'was given no "bicycle" to look at'
    why = check(expectation("attends: {to: umbrella, min: 1.1}"), evidence)
    assert why
    assert 0 < float(why.split()[2]) <= 1


@pytest.mark.parametrize(
    ("text", "pieces", "places"),
    [
        ("umbrella", ["<other>", "▁the", "▁um", "brella", "?"], [2, 3]),
        ("the um", ["<other>", "▁the", "▁um", "brella"], [1, 2]),
        ("a", ["<self>", "a", "b", "a"], [1, 3]),
        ("x", ["a"], []),
    ],
)
def test_the_places_of_a_word(text: str, pieces: list[str], places: list[int]) -> None:
    assert places_of(text, pieces) == places


def test_time_is_a_ratio(evidence: Evidence) -> None:
    assert check(expectation("latency_ratio: at least 0"), evidence) is None
    why = check(expectation("latency_ratio: {to: {beam_size: 2}, max: 0}"), evidence)
    assert why
    assert why.startswith("took ")


def test_what_commands_print_and_what_is_kept(evidence: Evidence) -> None:
    with Sessions() as sessions:
        session = sessions.open(evidence.model, evidence.reply.settings, evidence.turns)
        seen = replace(evidence, session=lambda: session)
        for holds in (
            "command: {run: /show, contains: How are you?, not_contains: zz}",
            f"stored: {{turns: 2, said: '{SAID[1]}', reply: '{evidence.text}', title: '{SAID[0]}', replies: 1}}",
            "not_stored: {rating: at least 1}",
            "command: {run: /rate 4, contains: '4'}",
            "stored: {rating: 4}",
            "command: {run: /correct Yes., not_starts_with: '!'}",
            "stored: {correction: 'yes.'}",
            "not_stored: {bookmarked: true}",
            "command: {run: /bookmark, words: at least 1}",
            "stored: {bookmarked: true}",
            "command: {run: /note one, not_is: ''}",
            "not_stored: {note: two}",
            "command: {run: /pick 77, starts_with: '!'}",
            "command: {run: /undo, not_starts_with: '!'}",
            "stored: {turns: 1}",
        ):
            assert check(expectation(holds), seen) is None, holds
        assert check(expectation("stored: {turns: 2}"), seen) == "is kept with turns 1, where 2 was named"
        assert check(expectation("stored: {note: two}"), seen) == ('is kept with the note "one", where "two" was named')
        assert check(expectation("command: {run: /time, is: x}"), seen).startswith(  # type: ignore[union-attr]
            'came before /time, whose output is not "x" (it begins "'
        )
        with pytest.raises(UsageError, match="/save cannot be used in a script"):
            check(expectation("command: {run: /save x, is: x}"), seen)
        session.close()


def test_commands_need_a_session(evidence: Evidence) -> None:
    with pytest.raises(ScriptError, match="there is no session here; run it with: chatbot test"):
        check(expectation("command: {run: /why, is: x}"), evidence)


@pytest.fixture
def _fresh_side_models() -> Iterator[None]:
    """Models of other tasks are looked for in this test's own home."""
    for load in (aside.translator_for, aside.tagger):
        load.cache_clear()
    yield
    for load in (aside.translator_for, aside.tagger):
        load.cache_clear()


@pytest.mark.usefixtures("_fresh_side_models")
def test_what_a_translation_holds(evidence: Evidence) -> None:
    save_translator(home() / "models" / "en-fr")
    text = Translator.load("en-fr").translate([evidence.text])[0].text
    assert check(expectation(f"translation: {{to: fr, is: '{text}', not_contains: zz}}"), evidence) is None
    why = f'becomes "{text}" in fr, which does not contain "zz"'
    assert check(expectation("translation: {to: fr, from: en, contains: zz}"), evidence) == why
    with pytest.raises(UsageError, match="no model knows the language 'xx'"):
        check(expectation("translation: {to: xx, contains: zz}"), evidence)


@pytest.mark.usefixtures("_fresh_side_models")
def test_models_for_other_tasks_may_be_missing(
    evidence: Evidence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatbot.bundle.locate.SHIPPED", tmp_path / "none")
    with pytest.raises(UsageError, match="no translation model"):
        check(expectation("translation: {to: de, contains: ja}"), evidence)
    with pytest.raises(UsageError, match="no model for tagging"):
        check(expectation("tags: {PER: Anna}"), evidence)


class NameTagger:
    """Finds every word with a capital."""

    def tag(self, texts: Sequence[str]) -> list[list[Span]]:
        return [
            [Span(found.start(), found.end(), "PER", found[0]) for found in re.finditer(r"[A-Z]\w+", text)]
            for text in texts
        ]


def test_the_names_in_a_reply(evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "tagger", NameTagger)
    seen = saying(evidence, "", "so Anna met Bob")
    assert check(expectation("tags: {PER: [anna, Bob]}"), seen) is None
    why = 'has "Anna" as PER, "Bob" as PER'
    assert check(expectation("not_tags: {PER: Bob}"), seen) == why
    assert check(expectation("tags: {PER: Anna, LOC: Bob}"), seen) == f'{why}, and not "Bob" as LOC'
    assert check(expectation("tags: {PER: x}"), saying(evidence, "", "so")) == 'has nothing, and not "x" as PER'
