"""A bundle's configuration -> CARD.md: what the model is, what it learned from, how well, and its limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from chatbot.bundle.config import BundleConfig, NetworkSettings, TaggerSettings
from chatbot.bundle.schema import count_parameters
from chatbot.terminal import one_line
from chatbot.text.languages import language_name

NO_LICENCE = (
    "None is recorded with this model. The texts it learned from belong to their owners: see the corpus's own terms "
    "before passing the model on."
)
LIMITS = {
    "dialogue": "It says what its training texts make likely. It knows no facts, remembers nothing beyond the turns "
    "stated above, and may be wrong, rude or senseless. Do not rely on it for advice of any kind.",
    "translation": "It knows sentences like those it learned from, one at a time. Longer or rarer ones it translates "
    "badly, and it may leave out or invent what matters. Have what counts checked by a person.",
    "tagging": "It knows names like those it learned from, in texts like those. It misses some and sees others where "
    "there are none; what it finds is not to be relied on where people can be harmed.",
    "generation": "It goes on with what its training texts make likely. Nothing it says is meant, and it may repeat "
    "passages it learned by heart.",
}
NOT_IN_TABLE = ("recipe", "licence", "limits")


def render_card(config: BundleConfig) -> str:
    """Markdown. `config.training` may hold any facts; "licence" and "limits" are texts, "recipe" is shown as JSON."""
    training = config.training
    facts = {name: value for name, value in training.items() if name not in NOT_IN_TABLE}
    parts = [
        f"# {_plain(config.name)}",
        description(config),
        "## Model\n\n" + _table(_architecture(config)),
        "## Training data and measures\n\n" + (_table(_flat(facts)) if facts else "Nothing is recorded."),
        "## Licence\n\n" + _plain(training.get("licence") or NO_LICENCE),
        "## Limits\n\n" + _plain(training.get("limits") or LIMITS[config.task]),
    ]
    if training.get("recipe"):
        recipe = json.dumps(training["recipe"], indent=2)  # ASCII, so that no line of it can close the block
        parts.append(f"## Recipe\n\n```json\n{recipe}\n```")
    return "\n\n".join(parts) + "\n"


def description(config: BundleConfig) -> str:
    """What a model is for and what it does, in one sentence."""
    return f"A model for {config.task}: {_what_it_does(config)}"


def _what_it_does(config: BundleConfig) -> str:
    length = _count(config.context.max_source_length, "token")
    if config.task == "dialogue":
        turns = _count(config.context.turns, "turn")
        return f"it reads the last {turns} of a conversation, at most {length}, and answers."
    if config.task == "translation":
        source, target = map(language_name, config.languages)
        return f"it reads a sentence in {source}, at most {length}, and says it in {target}."
    if config.task == "tagging":
        return "it reads the words of a sentence and marks the names among them."
    return "it reads the beginning of a text and goes on."


def _architecture(config: BundleConfig) -> Iterator[tuple[str, Any]]:
    network = config.network
    yield "parameters", count_parameters(network)
    yield "weights stored as", config.weights_dtype
    if isinstance(network, TaggerSettings):
        yield "layers", f"{network.encoder_layers} bidirectional LSTM, {network.encoder_units} units a direction"
        yield "characters", f"{network.filters} features, {network.character_size:,} ids"
        yield "head", f"{network.head}, {network.tags} tags"
        yield "embedding", f"{network.embedding_size} units, {network.vocabulary_size:,} words"
        return
    if isinstance(network, NetworkSettings):
        yield from _seq2seq(network)
    else:
        yield "layers", f"{network.layers} LSTM, {network.units} units"
    yield "embedding", f"{network.embedding_size} units" + (", shared with the output layer" if network.tied else "")
    yield "tokenizer", f"{config.tokenizer_kind}, {network.vocabulary_size:,} ids"
    if config.ngram:
        types = sum(config.ngram.types)
        yield (
            "n-grams",
            f"{types:,} of up to {len(config.ngram.types)} ids, {config.ngram.share:.0%} of each probability",
        )


def _seq2seq(network: NetworkSettings) -> Iterator[tuple[str, Any]]:
    yield "encoder", f"{network.encoder_layers} bidirectional LSTM, {network.encoder_units} units a direction"
    yield "attention", network.attention
    fed = ", input feeding" if network.input_feeding else ""
    yield "decoder", f"{network.decoder_layers} LSTM, {network.decoder_units} units{fed}"


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested facts as "outer: inner"."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}: ")
        else:
            yield prefix + name, value


def _table(rows: Iterator[tuple[str, Any]]) -> str:
    lines = [f"| {_cell(name.replace('_', ' '))} | {_cell(value)} |" for name, value in rows]
    return "\n".join(["| | |", "| --- | --- |", *lines])


def _cell(value: Any) -> str:
    shown = f"{value:.4g}" if isinstance(value, float) else f"{value:,}" if type(value) is int else _plain(value)
    return shown.replace("\\", "\\\\").replace("|", "\\|")


def _plain(value: Any) -> str:
    return one_line(str(value))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
