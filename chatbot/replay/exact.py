"""Logged replies -> the same words again from their receipts, or which of model, settings, seed and context differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chatbot.corpus.counts import Progress, silent
from chatbot.dialogue.model import Model
from chatbot.errors import ChatbotError
from chatbot.replay.agreement import disagreement
from chatbot.replay.answering import Answer, Question, answer_alone
from chatbot.replay.branches import Branch
from chatbot.replay.contexts import ELSEWHERE, log_context, receipt_context
from chatbot.replay.known import KnownModels
from chatbot.replay.receipts import SEED_MISSING, SETTINGS_MISSING, wanted
from chatbot.replay.results import Reference
from chatbot.replay.verdicts import begins, reference_of
from chatbot.store.records import StoredReply

SHORT = 12  # characters of a fingerprint


@dataclass(frozen=True, slots=True)
class Said:
    """One logged reply, said again. `causes` are what differs, a line each; `notes` what is to be known besides."""

    branch: str
    number: int
    said: str
    old: str
    new: str | None
    reproduced: bool
    causes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def exact(
    branches: Sequence[Branch], model: Model | None, known: KnownModels, progress: Progress = silent
) -> list[Said]:
    """Every reply of the branches, each once, alone, by the model that gave it, or by `model` if one is named."""
    turns = [(branch, n) for branch in branches for n in range(branch.shared, len(branch.steps))]
    turns = [(branch, n) for branch, n in turns if branch.steps[n].reply]
    found = []
    for done, (branch, number) in enumerate(turns):
        progress("saying again", done, len(turns))
        found.append(_again(branch, number, model, known))
    return found


def _again(branch: Branch, number: int, named: Model | None, known: KnownModels) -> Said:
    step = branch.steps[number]
    reply, reference = step.reply, reference_of(step.reply)
    assert reply is not None
    assert reference is not None
    causes: list[str] = []
    notes: list[str] = []
    model = named or known.find(reply.fingerprint)
    if model is None or model.fingerprint != reply.fingerprint:
        causes.append(_model_cause(reply, model))
    answer = None if model is None else _answer(branch, number, model, causes, notes)
    new = answer.text if answer and not isinstance(answer, ChatbotError) else None
    if isinstance(answer, ChatbotError):
        causes.append(str(answer))
    reproduced = answer is not None and not isinstance(answer, ChatbotError) and _same(reference, answer)
    if reproduced and not reply.complete:
        notes.append("was stopped; the whole reply begins with the same words")
    if model is not None and not reproduced and not causes:
        causes.append(_unexplained(reply, model))
    return Said(branch.name, number + 1, step.turn.text, reply.text, new, reproduced, tuple(causes), tuple(notes))


def _answer(branch: Branch, number: int, model: Model, causes: list[str], notes: list[str]) -> Answer | None:
    """The reply from the receipt; what it lacks is added to the causes, what the log lacks to the notes."""
    reply = branch.steps[number].reply
    assert reply is not None
    asked = wanted(reply, model.settings, {})
    causes += [_named(remark) for remark in asked.remarks]
    context = receipt_context(reply, model)
    try:
        logged = log_context(model, branch, number)
    except ChatbotError as error:
        logged = None
        if context is None:
            return error
    if context is None:
        causes.append("context: the receipt holds none that this model can read; the log's words were read")
        context = logged
    elif logged is None or logged.ids != context.ids:
        notes.append(f"context: {ELSEWHERE}; the receipt's own was read")
    assert context is not None
    try:
        answer = answer_alone(model, Question(context, asked.settings, asked.rank))
    except ChatbotError as error:
        return error
    if answer.reverse_fingerprint != (reply.reverse_fingerprint or ""):
        causes.append("model: replies were ranked anew by another reverse model")
    return answer


def _same(reference: Reference, answer: Answer) -> bool:
    if isinstance(answer, ChatbotError):
        return False
    return answer.text == reference.text if reference.complete else begins(reference, answer)


def _model_cause(reply: StoredReply, model: Model | None) -> str:
    if not reply.fingerprint:
        return "model: none was kept" + (f"; {model.name} was asked" if model else "")
    old = f"{reply.model or 'a model'} ({reply.fingerprint[:SHORT]})"
    if model is None:
        return f"model: {old} is not among the known models; put its bundle into CHATBOT_HOME/models, or name it"
    return f"model: the reply is of {old}, but {model.name} ({model.fingerprint[:SHORT]}) was asked"


def _named(remark: str) -> str:
    what = "seed" if remark == SEED_MISSING else "settings"
    return f"{what}: {remark if remark in (SEED_MISSING, SETTINGS_MISSING) else remark.removeprefix('settings ')}"


def _unexplained(reply: StoredReply, model: Model) -> str:
    if not reply.complete:
        return "it was stopped, and where is not kept"
    if found := disagreement(reply, model):
        return f"receipt: {found}; it was changed after it was kept"
    return "model, settings, seed and context are the same, but the words are not: rounding, or another version"
