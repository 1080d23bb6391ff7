"""Old and new replies in their logged contexts -> what the old and the new model think of both, scored in batches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chatbot.corpus.counts import Progress, silent
from chatbot.dialogue.model import Model
from chatbot.dialogue.reply import Reply
from chatbot.dialogue.wellformed import well_formed
from chatbot.errors import UsageError
from chatbot.evaluation.likelihood import score_replies
from chatbot.replay.branches import Branch
from chatbot.replay.contexts import log_context, receipt_context
from chatbot.replay.known import KnownModels
from chatbot.replay.results import Likelihood, Reference
from chatbot.text.words import count_words

Ids = tuple[int, ...]
LONGEST = 1000  # tokens of a reply that are scored; none that this program gives is longer


@dataclass(frozen=True, slots=True)
class Weighing:
    """One turn to be weighed: its old and new reply, and the context that the new model read."""

    branch: Branch
    number: int
    reference: Reference
    reply: Reply


class _Ledger:
    """Asks each model about all replies at once: `ask` promises a place, `settle` fills it."""

    def __init__(self) -> None:
        self.asked: dict[str, dict[tuple[Ids, Ids], int]] = defaultdict(dict)  # pair -> its place; each once
        self.models: dict[str, Model] = {}
        self.found: dict[str, list[float]] = {}

    def ask(self, model: Model, source: Ids, target: Ids) -> tuple[str, int]:
        self.models[model.fingerprint] = model
        pairs = self.asked[model.fingerprint]
        return model.fingerprint, pairs.setdefault((source, target[:LONGEST]), len(pairs))

    def settle(self, progress: Progress) -> None:
        for fingerprint, pairs in self.asked.items():
            sources, targets = ([np.asarray(ids, np.int32) for ids in side] for side in zip(*pairs, strict=True))
            nll = score_replies(self.models[fingerprint].stepper.score, sources, targets, progress)
            self.found[fingerprint] = (-nll).tolist()

    def value(self, place: tuple[str, int]) -> float:
        return self.found[place[0]][place[1]]


def likelihoods(
    model: Model, turns: Sequence[Weighing], known: KnownModels, progress: Progress = silent
) -> list[Likelihood]:
    """The likelihoods of each turn; the old model's are None where it is gone, or cannot read the context."""
    ledger = _Ledger()
    places = [(_of_new(ledger, model, turn), _of_old(ledger, turn, known)) for turn in turns]
    ledger.settle(progress)
    found = []
    for turn, (new, old) in zip(turns, places, strict=True):
        under_new = [ledger.value(place) for place in new]
        under_old = [ledger.value(place) for place in old] if old else [None, None]
        words = [count_words(text) + 1 for text in (turn.reference.text, turn.reply.text)]
        found.append(Likelihood(under_old[0], under_old[1], under_new[0], under_new[1], words[0], words[1]))
    return found


Places = tuple[tuple[str, int], tuple[str, int]]


def _of_new(ledger: _Ledger, model: Model, turn: Weighing) -> Places:
    old = _tokens(model, turn.reference.text, turn.reference.ids)
    first = ledger.ask(model, turn.reply.context_ids, old)
    same = turn.reply.text == turn.reference.text and turn.reply.token_ids == old
    return first, first if same else ledger.ask(model, turn.reply.context_ids, turn.reply.token_ids)


def _of_old(ledger: _Ledger, turn: Weighing, known: KnownModels) -> Places | None:
    old = known.find(turn.reference.fingerprint)
    if old is None:
        return None
    source = _old_context(old, turn)
    if source is None:
        return None
    first = ledger.ask(old, source, _tokens(old, turn.reference.text, turn.reference.ids))
    if turn.reply.text == turn.reference.text:
        return first, first
    return first, ledger.ask(old, source, _tokens(old, turn.reply.text, turn.reply.token_ids))


def _old_context(old: Model, turn: Weighing) -> Ids | None:
    kept = turn.branch.steps[turn.number].reply
    context = receipt_context(kept, old) if kept and kept.fingerprint == old.fingerprint else None
    try:
        return (context or log_context(old, turn.branch, turn.number)).ids
    except UsageError:
        return None


def _tokens(model: Model, text: str, ids: Ids) -> Ids:
    """The tokens that were said, where they mean the text to this model too; else its own for the text."""
    fit = all(0 <= token < model.tokenizer.size for token in ids)
    if ids and fit and model.tokenizer.decode(ids).strip() == text:
        return ids
    return tuple(model.tokenizer.encode(well_formed(text)))
