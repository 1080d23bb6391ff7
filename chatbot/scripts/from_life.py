"""A conversation that was held -> a script whose expectations are the tightest that hold on many seeds.

What was said is said again to the model, once for each seed, all in one batch. Where every seed gives the same words,
they are what is expected; where few differ, one of them; else what all replies share: their lengths, words that each of
them holds, how many differ, and that none is broken or says itself again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chatbot.dialogue.model import Model
from chatbot.errors import ScriptError, UsageError
from chatbot.scripts.quantities import Interval
from chatbot.scripts.results import TurnResult
from chatbot.scripts.running import Case, Models, Runner
from chatbot.scripts.script import Dialogue, Expectation, ScriptTurn
from chatbot.scripts.writing import script_lines
from chatbot.store.records import Transcript

SEEDS = 20
FEW = 4  # different replies that are listed
MOST_SHARED = 5  # words that all replies hold
NOWHERE = Path("from life")
HELD: dict[str, object] = {"no_unknown": True, "no_repeat": True, "differs_from": ("user",)}  # kept where they hold


@dataclass(frozen=True, slots=True)
class Lived:
    """What was said in a conversation and what was replied (None where nothing was), and how replies were found.

    `named` is what a person calls the model, None for the default one.
    """

    name: str
    model: Model
    named: str | None
    said: tuple[str, ...]
    replied: tuple[str | None, ...]
    settings: dict[str, object]  # those that differ from the model's own
    seed: int


def lived(transcript: Transcript, model: Model, named: str | None = None, last: int | None = None) -> Lived:
    """The branch of a conversation that stands, or its last turns, to be held again with a model.

    Settings and seed are those of its first reply that has a receipt. `UsageError` where nothing was said.
    """
    steps = transcript.path[-last:] if last else transcript.path
    if not steps:
        raise UsageError(f"conversation {transcript.conversation.id} has nothing to make a script of; say something")
    settings: dict[str, object] = {}
    seed = 0
    for step in steps:
        if step.reply and step.reply.settings:
            receipt = step.reply.receipt()
            own = {name: getattr(model.settings, name) for name in step.reply.settings if name != "seed"}
            settings = {name: getattr(receipt.settings, name) for name in own}
            settings = {name: value for name, value in settings.items() if value != own[name]}
            seed = receipt.seed
            break
    said = tuple(step.turn.text for step in steps)
    replied = tuple(step.reply.text if step.reply else None for step in steps)
    return Lived(transcript.conversation.title, model, named, said, replied, settings, seed)


def scripted(life: Lived, seeds: int = SEEDS) -> Dialogue:
    """The dialogue with the tightest expectations that hold on all seeds; `ScriptError` where it cannot be held."""
    asked = [Expectation(name, False, argument, 0) for name, argument in HELD.items()]
    turns = tuple(ScriptTurn(_dollars(text), 0, NOWHERE, tuple(asked)) for text in life.said)
    drawn = life.settings.get("temperature", life.model.settings.temperature)
    samples = seeds if drawn else 1
    trial = Dialogue(life.name, NOWHERE, 0, turns, None, dict(life.settings), life.seed, samples=samples)
    result = Runner(Models(load=lambda _: life.model)).run([Case(trial)])[0]
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


def life_lines(lives: Sequence[Lived], seeds: int = SEEDS) -> Iterator[str]:
    """The lines of a script of these conversations, what was replied when they were held as remarks."""
    names: set[str] = set()
    dialogues = []
    for life in lives:
        dialogue = scripted(life, seeds)
        for number in range(2, len(lives) + 2):
            if dialogue.name not in names:
                break
            dialogue = replace(dialogue, name=f"{life.name} ({number})")
        names.add(dialogue.name)
        dialogues.append(dialogue)
    remarks = [[f"then: {text}" if text is not None else "" for text in life.replied] for life in lives]
    yield f"# What holds on {seeds} seeds of what was said; chatbot test runs it."
    yield from script_lines(dialogues, remarks)
