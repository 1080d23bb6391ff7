from __future__ import annotations

from toy_bundle import toy_config, toy_network

from chatbot.bundle.card import render_card
from chatbot.bundle.config import NgramFacts


def test_a_card_says_what_the_model_is_and_how_good() -> None:
    card = render_card(toy_config(weights_dtype="int8"))
    for line in (
        "# toy",
        "A model for dialogue: it reads the last 3 turns of a conversation, at most 80 tokens, and answers.",
        "| weights stored as | int8 |",
        "| attention | general |",
        "| corpus | none: random weights |",
        "| epochs | 3 |",
        "| validation: perplexity | 42.5 |",
        "## Licence",
        "## Limits",
    ):
        assert line in card.split("\n")


def test_a_card_tells_of_input_feeding() -> None:
    assert "| decoder | 1 LSTM, 40 units |" in render_card(toy_config())
    assert "| decoder | 1 LSTM, 40 units, input feeding |" in render_card(toy_config(toy_network(input_feeding=True)))


def test_a_card_tells_of_ngrams() -> None:
    card = render_card(toy_config(ngram=NgramFacts(0.3, (70, 1000), (1, 60))))
    assert "| n-grams | 1,070 of up to 2 ids, 30% of each probability |" in card
    assert "n-grams" not in render_card(toy_config())


def test_a_licence_and_limits_of_its_own_are_told() -> None:
    card = render_card(toy_config(training={"licence": "MIT", "limits": "only greets"}))
    assert "## Licence\n\nMIT\n" in card
    assert "## Limits\n\nonly greets\n" in card
    assert "Nothing is recorded." in card


def test_the_recipe_is_a_block_of_its_own() -> None:
    card = render_card(toy_config(training={"recipe": {"training": {"dropout": 0.2}}}))
    assert '```json\n{\n  "training": {\n    "dropout": 0.2\n  }\n}\n```\n' in card
    assert "| recipe" not in card


def test_no_fact_breaks_the_table_or_reaches_the_terminal_raw() -> None:
    card = render_card(toy_config(training={"a|b\n": "c|d\n\x1b[31m", "n": 1234567, "f": 0.123456789, "b": True}))
    assert "| a\\|b | c\\|d \\\\x1b[31m |" in card
    assert "| n | 1,234,567 |" in card
    assert "| f | 0.1235 |" in card
    assert "| b | True |" in card
