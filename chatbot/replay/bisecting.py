"""A logged reply and a training run -> what the model of each epoch says in its place, and where that changed.

Every epoch is asked, not a half of them at a time: a reply may change more than once, and asking is quick.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chatbot.bundle.folder import CONFIG_FILE
from chatbot.corpus.counts import Progress, silent
from chatbot.dialogue.model import Model
from chatbot.errors import CheckpointError, UsageError
from chatbot.replay.answering import Question, answer_alone
from chatbot.replay.branches import Branch
from chatbot.replay.contexts import logged_context
from chatbot.replay.known import KnownModels
from chatbot.replay.receipts import wanted
from chatbot.text.words import count_words


@dataclass(frozen=True, slots=True)
class Tried:
    """One checkpoint: what it says, and nats a word (the end counted as one) of the logged reply under it."""

    checkpoint: str
    fingerprint: str
    text: str
    same: bool  # as the logged reply
    nats: float


@dataclass(frozen=True, slots=True)
class Bisection:
    """All checkpoints in order, the run's bundle last; places are in `tried`."""

    branch: str
    number: int
    said: str
    old: str
    tried: tuple[Tried, ...]

    @property
    def changes(self) -> tuple[int, ...]:
        """Where the words are others than one checkpoint before."""
        pairs = zip(self.tried, self.tried[1:], strict=False)
        return tuple(place for place, (a, b) in enumerate(pairs, start=1) if a.text != b.text)

    @property
    def culprit(self) -> int | None:
        """The checkpoint after the last one that says the logged words; None where none says them, or the last does."""
        same = [place for place, one in enumerate(self.tried) if one.same]
        return same[-1] + 1 if same and same[-1] + 1 < len(self.tried) else None


def checkpoints(run: Path) -> list[Path]:
    """The bundles of a run's epochs and, last, its own; `CheckpointError` where it kept none."""
    kept = sorted(path for path in (run / "epochs").glob("epoch-*") if (path / CONFIG_FILE).exists())
    if not kept:
        if not run.exists():
            raise CheckpointError(f"{run}: there is no such folder; give a run that chatbot train wrote")
        raise CheckpointError(
            f"{run}: keeps no epochs to search (they are in {run / 'epochs'} unless training.epoch_bundles is 0); "
            f"compare with its model alone: chatbot replay ID --model {run}"
        )
    own = run / "bundle"
    return [*kept, own] if (own / CONFIG_FILE).exists() else kept


def bisect(run: Path, branch: Branch, number: int | None = None, progress: Progress = silent) -> Bisection:
    """Ask every checkpoint of a run for reply `number` (from 1); None is the first that the run's own model changes."""
    models = checkpoints(run)
    place = _first_changed(branch, Model.load(str(models[-1]))) if number is None else number - 1
    if not 0 <= place < len(branch.steps) or branch.steps[place].reply is None:
        raise UsageError(f"conversation {branch.name} has no reply {place + 1}; it has {_replies(branch)}")
    step = branch.steps[place]
    assert step.reply is not None
    tried = []
    for done, path in enumerate(models):
        progress("asking checkpoints", done, len(models))
        tried.append(_tried(path, branch, place))
    return Bisection(branch.name, place + 1, step.turn.text, step.reply.text, tuple(tried))


def _first_changed(branch: Branch, model: Model) -> int:
    """The first turn whose logged reply the model does not give; the last reply where it gives them all."""
    places = [n for n, step in enumerate(branch.steps) if step.reply]
    return next((n for n in places if not _said_again(branch, n, model)), places[-1])


def _said_again(branch: Branch, number: int, model: Model) -> bool:
    reply = branch.steps[number].reply
    return reply is not None and answer_alone(model, _question(branch, number, model)).text == reply.text


def _question(branch: Branch, number: int, model: Model) -> Question:
    asked = wanted(branch.steps[number].reply, model.settings, {})
    context, _ = logged_context(model, branch, number, KnownModels(model), asked.settings)
    return Question(context, asked.settings, asked.rank)


def _tried(path: Path, branch: Branch, number: int) -> Tried:
    model = Model.load(str(path))
    question, reply = _question(branch, number, model), branch.steps[number].reply
    assert reply is not None
    text = answer_alone(model, question).text
    nll = model.stepper.score([question.context.ids], [model.tokenizer.encode(reply.text)])[0]
    nats = float(nll.sum(dtype=float)) / (count_words(reply.text) + 1)
    name = path.name if path.parent.name == "epochs" else f"bundle (epoch {_epoch(model)})"
    return Tried(name, model.fingerprint, text, text == reply.text, nats)


def _epoch(model: Model) -> str:
    return str(model.config.training.get("best_epoch", "?"))[:10]


def _replies(branch: Branch) -> int:
    return sum(step.reply is not None for step in branch.steps)


def verdict(found: Bisection) -> str:
    """One line: the checkpoint that changed the reply."""
    tried: Sequence[Tried] = found.tried
    if found.culprit is not None:
        return f"changed by {tried[found.culprit].checkpoint}: {tried[found.culprit - 1].checkpoint} still says it"
    if tried[-1].same:
        first = next(place for place, one in enumerate(tried) if all(later.same for later in tried[place:]))
        return f"not changed: said by {tried[first].checkpoint} and all after it"
    best = max(tried, key=lambda one: one.nats)
    return f"said by no checkpoint; likeliest under {best.checkpoint}, {best.nats:.3f} nats a word"
