"""Questions to a model -> its replies, many decoded at once; each as if it had been asked alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chatbot.dialogue.asked import Context, Stop
from chatbot.dialogue.model import Model
from chatbot.dialogue.reply import Reply
from chatbot.errors import ChatbotError
from chatbot.settings import DecodingSettings

TOLD = 256  # questions between two words about progress; the model decodes some of them at once, on all cores

Done = Callable[[int], None]  # told how many more questions are answered
Answer = Reply | ChatbotError  # the error says why there is no reply


@dataclass(frozen=True, slots=True)
class Question:
    """A context, how to search (the seed set), and the place of the reply among the hypotheses."""

    context: Context
    settings: DecodingSettings
    rank: int = 0


def answers(
    model: Model, questions: Sequence[Question], done: Done = lambda _: None, stop: Stop | None = None
) -> list[Answer]:
    """The answer to each question; the same question is decoded once.

    `stop` is asked between two steps of every search; whoever lets it answer true throws the replies away.
    """
    jobs = _jobs(list(dict.fromkeys(questions)))
    found: dict[Question, Answer] = {}
    for job in jobs:
        found.update(zip(job, _answered(model, job, stop), strict=True))
        done(len(job))
    return [found[question] for question in questions]


def answer_alone(model: Model, question: Question) -> Reply:
    """The reply to one question, decoded by itself as a dialogue does; `ChatbotError` where there is none."""
    context = question.context
    return model.answer_ids(context.ids, question.settings, rank=question.rank, words=context.words)


def _jobs(questions: Sequence[Question]) -> list[list[Question]]:
    """Questions of the same settings together, those of like length first; a later rank is searched for alone."""
    groups: dict[DecodingSettings, list[Question]] = defaultdict(list)
    alone = []
    for question in questions:
        if question.rank:
            alone.append([question])
        else:
            groups[replace(question.settings, seed=0)].append(question)
    jobs = alone
    for group in groups.values():
        group.sort(key=lambda question: len(question.context.ids))
        jobs += [group[first : first + TOLD] for first in range(0, len(group), TOLD)]
    return jobs


def _answered(model: Model, job: Sequence[Question], stop: Stop | None) -> Sequence[Answer]:
    try:
        if job[0].rank:
            return [answer_alone(model, job[0])]
        seeds = [question.settings.seed or 0 for question in job]
        return model.answer_each([question.context for question in job], job[0].settings, seeds, stop)
    except ChatbotError as error:
        return [error] * len(job)
