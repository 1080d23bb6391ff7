"""A conversation that was held -> a script whose expectations are the tightest that hold on many seeds.

What was said is said again to the model, once for each seed, all in one batch. Where every seed gives the same words,
they are what is expected; where few differ, one of them; else what all replies share: their lengths, words that each of
them holds, how many differ, and that none is broken or says itself again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chatbot.dialogue.dialogue import Turn
from chatbot.dialogue.model import Model
from chatbot.errors import ScriptError, UsageError
from chatbot.files import file_atomically
from chatbot.scripts.quantities import Interval
from chatbot.scripts.results import TurnResult
from chatbot.scripts.running import Advance, Case, Models, Runner, unheard
from chatbot.scripts.script import Dialogue, Expectation, ScriptTurn
from chatbot.scripts.writing import script_lines
from chatbot.settings import DecodingSettings, fields_of
from chatbot.store.records import Transcript

SEEDS = 20
FEW = 4  # different replies that are listed
MOST_SHARED = 5  # words that all replies hold
NOWHERE = Path("from life")
HELD: dict[str, object] = {"no_unknown": True, "no_repeat": True, "differs_from": ("user",)}  # kept where they hold


@dataclass(frozen=True, slots=True)
class Lived:
    """What was said in a conversation and what was replied, and how the first reply was found.

    `named` is what a person calls the model, None for the default one.
    """

    name: str
    model: Model
    named: str | None
    said: tuple[str, ...]
    replied: tuple[str, ...]
    settings: dict[str, object]  # those that differ from the model's own
    seed: int


def turns_of(transcript: Transcript) -> list[Turn]:
    """The turns that were answered on the branch of a conversation that stands."""
    return [Turn(one.turn.text, one.reply.receipt(), (one.reply.text,)) for one in transcript.path if one.reply]


def lived(name: str, turns: Sequence[Turn], model: Model, named: str | None = None, last: int | None = None) -> Lived:
    """A conversation, or its last turns, to be held again with a model; `UsageError` where nothing was said.

    Settings and seed are those of the first of its replies that has a receipt.
    """
    turns = turns[-last:] if last else turns
    if not turns:
        raise UsageError(f"{name!r} has no turns to make a script of; say something first")
    receipt = next((turn.reply for turn in turns if turn.reply.fingerprint), None)
    settings = {} if receipt is None else _changed(receipt.settings, model.settings)
    said, replied = (tuple(texts) for texts in zip(*((turn.text, turn.reply.text) for turn in turns), strict=True))
    return Lived(name, model, named, said, replied, settings, receipt.seed if receipt else 0)


def _changed(settings: DecodingSettings, own: DecodingSettings) -> dict[str, object]:
    names = (name for name in fields_of(DecodingSettings) if name != "seed")
    return {name: getattr(settings, name) for name in names if getattr(settings, name) != getattr(own, name)}


def scripted(life: Lived, seeds: int = SEEDS, advance: Advance = unheard) -> Dialogue:
    """The dialogue with the tightest expectations that hold on all seeds; `ScriptError` where it cannot be held.

    `advance` is told of the replies found; what it raises ends the work.
    """
    asked = [Expectation(name, False, argument, 0) for name, argument in HELD.items()]
    turns = tuple(ScriptTurn(_dollars(text), 0, NOWHERE, tuple(asked)) for text in life.said)
    drawn = life.settings.get("temperature", life.model.settings.temperature)
    samples = seeds if drawn else 1
    trial = Dialogue(life.name, NOWHERE, 0, turns, None, dict(life.settings), life.seed, samples=samples)
    result = Runner(Models(load=lambda _: life.model), advance=advance).run([Case(trial)])[0]
    if result.error or result.stopped:
        raise ScriptError(f"{life.name!r} cannot be held again: {result.error or result.stopped[0].why}")
    found = (replace(one.turn, expectations=tuple(_tightest(one))) for one in result.turns)
    return replace(trial, model=life.named, turns=tuple(found))


def _tightest(result: TurnResult) -> Iterator[Expectation]:
    replies = list(dict.fromkeys(result.replies))
    if len(replies) <= FEW:
        listed = tuple(map(_dollars, replies))
        yield Expectation("reply" if len(replies) == 1 else "any_of", False, listed, 0)
        return
    counts = [len(reply.split()) for reply in replies]
    yield Expectation("words", False, Interval(min(counts), max(counts)), 0)
    if shared := _shared(replies):
        yield Expectation("contains_all", False, shared, 0)
    yield Expectation("distinct", False, Interval(low=len(replies)), 0)
    yield from (one.expectation for one in result.checked if one.ok)


def _shared(replies: Sequence[str]) -> tuple[str, ...]:
    """The longest words that every reply holds."""
    first, *others = [reply.casefold() for reply in replies]
    words = dict.fromkeys(word.strip(".,!?;:\"'()") for word in first.split())
    held = [word for word in words if len(word) > 1 and all(word in other for other in others)]
    return tuple(map(_dollars, sorted(held, key=lambda word: (-len(word), word))[:MOST_SHARED]))


def _dollars(text: str) -> str:
    """A text in which no dollar sign begins a variable."""
    return text.replace("$", "$$")


def life_lines(lives: Sequence[Lived], seeds: int = SEEDS, advance: Advance = unheard) -> Iterator[str]:
    """The lines of a script of these conversations, what was replied when they were held as remarks.

    `advance` is told of the replies found; what it raises ends the work.
    """
    names: set[str] = set()
    dialogues = []
    for life in lives:
        dialogue = scripted(life, seeds, advance)
        for number in range(2, len(lives) + 2):
            if dialogue.name not in names:
                break
            dialogue = replace(dialogue, name=f"{life.name} ({number})")
        names.add(dialogue.name)
        dialogues.append(dialogue)
    remarks = [[f"then: {text}" for text in life.replied] for life in lives]
    yield f"# What holds on {seeds} seeds of what was said; chatbot test runs it."
    yield from script_lines(dialogues, remarks)


def write_script(path: Path, lines: Iterable[str]) -> None:
    """Write a script, for its owner only (0600), whole or not at all; `ScriptError` where one is there or it cannot."""
    if path.exists():
        raise ScriptError(f"{path}: is there already and is kept; choose another name, or remove it first")
    try:
        with file_atomically(path, mode=0o600) as file:
            for line in lines:
                file.write(f"{line}\n".encode())
    except OSError as error:
        raise ScriptError(f"{path}: cannot be written: {error.strerror or error}") from error
