"""The drawings: every line fits the terminal whatever is in it, and says what it should."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.utils import get_cwidth

from chatbot.repl.drawing_attention import SHADES, heat_lines, sentences, shade
from chatbot.repl.drawing_beams import Found, beam_lines
from chatbot.repl.drawing_probabilities import coloured, grade, legend, parts
from chatbot.repl.drawing_tree import Node, tree_lines
from chatbot.repl.drawing_why import Candidate, Step, percent, rival_lines, temperature_lines
from chatbot.repl.styled import wrap_styled
from chatbot.repl.view import Fragments

WIDTHS = [20, 40, 80, 250]
ODD = ["▁hello", "▁世界", "👩‍👩‍👧", "e\u0301", "<0xF0>", "\x1b[2J", "", "▁" + "long" * 20, "<eos>"]


def drawn(lines: list[Fragments]) -> str:
    return "\n".join("".join(text for _, text in line) for line in lines)


def fits(lines: list[Fragments], columns: int) -> None:
    for line in drawn(lines).split("\n"):
        assert get_cwidth(line) <= columns, line
        assert "\x1b" not in line


def conversation() -> list[Node]:
    old = Node("Hi.", 1, False, [Node("what?", 0, False, [Node("nothing.", 2, False)])])
    new = Node("Hello there.", 3, True, [Node("how are you", 0, True)])
    return [Node("hello", 0, True, [old, new])]


def test_a_tree_has_its_standing_path_straight_and_its_branches_beside_it() -> None:
    assert drawn(list(tree_lines(conversation(), 40))).split("\n") == [
        "* you> hello",
        "├─  bot> Hi. #1",
        "│   you> what?",
        "│   bot> nothing. #2",
        "* bot> Hello there. #3",
        "* you> how are you",
        "  (no reply)",
    ]


def test_a_tree_without_lines_is_indented() -> None:
    assert drawn(list(tree_lines(conversation(), 40, boxes=False))).split("\n")[1:4] == [
        "    bot> Hi. #1",
        "    you> what?",
        "    bot> nothing. #2",
    ]


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_deep_and_odd_tree_fits(columns: int) -> None:
    node = Node("end", 0, False)
    for number in range(1, 200):
        other = Node(ODD[number % len(ODD)] * 30, number, False)
        node = Node("say " * 50 + ODD[number % len(ODD)], 0, False, [Node("x", number, False, [node]), other])
    lines = list(tree_lines([node], columns))
    fits(lines, columns)
    assert len(lines) == 199 * 3 + 2


def steps() -> list[Step]:
    rivals = (Candidate("▁No", -1.0), Candidate("▁世界", -2.5), Candidate("▁" + "long" * 9, -3.0))
    spread = (("▁Yes", 0.001), ("▁No", 0.9), ("<eos>", 0.05))
    return [Step(Candidate(token, -1.5), rivals, (spread, spread)) for token in ODD]


@pytest.mark.parametrize("columns", WIDTHS)
def test_the_steps_of_a_reply_fit(columns: int) -> None:
    for lines in (rival_lines(steps(), columns), temperature_lines(steps(), (0.2, 1.0), columns)):
        fits(list(lines), columns)


def test_each_token_stands_with_its_probability_and_what_it_beat() -> None:
    step = Step(
        Candidate("▁Yes", math.log(0.5)),
        (Candidate("▁No", math.log(0.25)), Candidate("<eos>", math.log(0.2))),
        ((("▁Yes", 0.97), ("▁No", 0.03)), (("▁Yes", 0.5), ("▁No", 0.25))),
    )
    assert drawn(list(rival_lines([step], 80))).split("\n")[1] == "▁Yes   -0.69  50%  ▁No -1.39, (end) -1.61"
    side = drawn(list(temperature_lines([step], (0.2, 1.0), 80))).split("\n")
    assert side[0].split() == ["temperature", "0.2", "│", "temperature", "1"]
    assert [part.strip() for part in side[1].split("│")] == ["▁Yes   Yes 97%, No 3%", "Yes 50%, No 25%"]
    below = drawn(list(temperature_lines([step], (0.2, 1.0), 40))).split("\n")
    assert [line.split() for line in below] == [
        ["▁Yes", "0.2", "Yes", "97%,", "No", "3%"],
        ["1", "Yes", "50%,", "No", "25%"],
    ]


def test_what_ngrams_gave_to_a_token_stands_beside_it() -> None:
    step = Step(Candidate("▁Yes", math.log(0.5)), (Candidate("▁No", -1.39),), ((), ()), 0.25)
    head, row = drawn(list(rival_lines([step], 80))).split("\n")
    assert head.split() == ["token", "log", "p", "p", "n-grams", "rather", "than"]
    assert row == "▁Yes   -0.69  50%     25%  ▁No -1.39"
    for columns in WIDTHS:
        fits(list(rival_lines([replace(one, from_ngrams=0.001) for one in steps()], columns)), columns)


def test_a_token_that_was_not_the_likeliest_says_so() -> None:
    assert "not likeliest: ▁No -1.00" in drawn(list(rival_lines(steps()[:1], 80)))


@pytest.mark.parametrize(("probability", "shown"), [(0.0, "0%"), (0.0001, "<1%"), (0.256, "26%"), (1.0, "100%")])
def test_percent(probability: float, shown: str) -> None:
    assert percent(probability) == shown


@pytest.mark.parametrize("columns", [10, *WIDTHS])
def test_a_heat_map_fits_and_shows_every_weight(columns: int) -> None:
    reply, source = ODD * 2, ODD[:4]
    weights = [[0.7, 0.2, 0.1, 0.0]] * len(reply)
    lines = list(heat_lines(weights, reply, source, columns))
    fits(lines, columns)
    text = drawn(lines)
    assert text.count("██") == text.count("▒▒") == text.count("░░") == len(reply)
    words = list(sentences(weights, reply, source, columns))
    fits(words, columns)


def test_a_heat_map_lines_up_under_its_letters() -> None:
    lines = drawn(list(heat_lines([[0.9, 0.1], [0.0, 1.0]], ["ab", "世"], ["me", "you"], 40))).split("\n")
    assert lines == ["    a", "    b 世", " me ██··", "you ░░██"]
    assert drawn(list(sentences([[0.9, 0.1]], ["▁ab"], ["▁me", "you"], 40))) == "ab: me 90%, you 10%"


def test_shades_grow_darker() -> None:
    assert [shade(weight) for weight in (1.0, 0.4, 0.2, 0.1, 0.0)] == [mark for _, mark in SHADES]


def test_a_search_is_drawn_as_a_prefix_tree() -> None:
    found = [
        Found(("▁I", "▁do", ".", "<eos>"), (-1.0, -0.5, -0.25, 0.0)),
        Found(("▁No", "<eos>"), (-2.0, -0.5)),
        Found(("▁I", "▁am", ".", "<eos>"), (-1.0, -1.0, -1.0, -0.5)),
        Found(("▁I",), (-1.0,)),
    ]
    assert drawn(list(beam_lines(found, ("▁I", "▁am", ".", "<eos>"), 40))).split("\n") == [
        "├─* I -1.00",
        "│ ├─  do. (end) -1.75",
        "│ └─* am. (end) -3.50",
        "└─  No (end) -2.50",
    ]


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_search_of_odd_tokens_fits(columns: int) -> None:
    found = [Found((*ODD[:size], f"▁{size}", *ODD), (-0.1,) * (size + 1 + len(ODD))) for size in range(len(ODD))]
    fits(list(beam_lines(found, ODD, columns)), columns)
    assert list(beam_lines([], ODD, columns)) == []


def test_the_parts_of_a_reply_are_its_text() -> None:
    tokens = ("▁I", "▁s", "ay", "<0xF0>", "<0x9F>", "<0x91>", "<0x8B>", ".")
    found = parts(tokens, [0.0, -1.0, -2.0, 0.0, -3.0, 0.0, -1.0, -0.1, -0.2])
    assert [text for text, _ in found] == ["I", " s", "ay", "👋", ".", " (end)"]
    assert found[3][1] == pytest.approx(math.exp(-3.0))
    assert parts((), ()) == []
    assert [text for text, _ in parts(("hello", "you"), (0.0, 0.0))] == ["hello", " you"]


def test_probabilities_are_coloured_or_marked() -> None:
    shown = [("Yes", 0.9), (" it", 0.3), (" is", 0.1), (".", math.nan)]
    assert drawn([coloured(shown, False)]) == "Yes (it) [is]{.}"
    styled = coloured(shown, True)
    assert drawn([styled]) == "Yes it is."
    assert [style for style, text in styled if text.strip()] == [grade(one).style for _, one in shown]
    assert len({style for style, _ in legend(True)} - {""}) == 4
    assert "(20% and more)" in drawn([legend(False)])


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.text("ab \n世", max_size=12))), st.integers(4, 30))
def test_wrapping_keeps_styles_and_words(fragments: Fragments, columns: int) -> None:
    lines = wrap_styled(fragments, columns, columns)
    fits(lines, columns)
    before = [(style, one) for style, text in fragments for one in text if not one.isspace()]
    after = [(style, one) for line in lines for style, text in line for one in text if not one.isspace()]
    assert after == before
