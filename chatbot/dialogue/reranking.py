"""The n-best of a context -> the n-best in another order: less repetition, less of what is said to anyone.

What is measured follows from the context's ids and the settings alone, so that a receipt gives the same words again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from chatbot.decoding.rerank import order, parts_of_each, total
from chatbot.decoding.stepper import Scorer
from chatbot.dialogue.choices import SILENCE, Choice, flawed_last
from chatbot.dialogue.likeness import repeated, similarity
from chatbot.errors import ConfigError, UsageError
from chatbot.settings import DecodingSettings
from chatbot.text.special import OTHER_ID, SELF_ID
from chatbot.text.tokenizer import Tokenizer

if TYPE_CHECKING:
    from chatbot.dialogue.model import Model


def weights(settings: DecodingSettings) -> dict[str, float]:
    """What each component is multiplied with, those that count; a penalty is below 0."""
    signed = {
        "repetition": -settings.rerank_repetition,
        "similarity": settings.rerank_similarity,
        "anti_lm": -settings.rerank_anti_lm,
        "reverse": settings.rerank_reverse,
    }
    return {name: weight for name, weight in signed.items() if weight}


def reranked(
    lists: Sequence[Sequence[Choice]], model: Model, contexts: Sequence[Sequence[int]], settings: DecodingSettings
) -> list[list[Choice]]:
    """The choices of each context by the sum of their parts, best first; as they are where no weight is set.

    All are measured together, so that many contexts cost little more than one.
    """
    counted = weights(settings)
    if not counted:
        return [list(best) for best in lists]
    asked = [(one, ids) for best, ids in zip(lists, contexts, strict=True) for one in best if one.text != SILENCE]
    ranked = iter(_measured(asked, model, settings, counted))
    found = [[one if one.text == SILENCE else next(ranked) for one in best] for best in lists]
    return [flawed_last(some[place] for place in order([one.score for one in some])) for some in found]


def _measured(
    asked: Sequence[tuple[Choice, Sequence[int]]], model: Model, settings: DecodingSettings, counted: dict[str, float]
) -> list[Choice]:
    """Each choice with its parts, measured in its context, and their sum as its score."""
    components: dict[str, Sequence[float]] = {}
    texts = [one.text for one, _ in asked]
    read = {tuple(ids): (model.tokenizer.decode(ids), prompt_of(ids, model.tokenizer)) for _, ids in asked}
    befores, prompts = zip(*(read[tuple(ids)] for _, ids in asked), strict=True) if asked else ((), ())
    if "repetition" in counted:
        components["repetition"] = list(map(repeated, texts, befores))
    if "similarity" in counted:
        components["similarity"] = list(map(similarity, texts, prompts))
    if "anti_lm" in counted:
        ids = [one.hypothesis.ids for one, _ in asked]
        components["anti_lm"] = anti_lm(model.stepper, ids, settings.anti_lm_tokens)
    if "reverse" in counted:
        components["reverse"] = reverse(reverse_model(settings.reverse_model), texts, prompts)
    parts = parts_of_each([one.score for one, _ in asked], components, counted)
    return [replace(one, score=total(some), parts=some) for (one, _), some in zip(asked, parts, strict=True)]


def prompt_of(context_ids: Sequence[int], tokenizer: Tokenizer) -> str:
    """The text of the last turn of a context; of all of it where turns are not marked."""
    marks = [place for place, token in enumerate(context_ids) if token in (SELF_ID, OTHER_ID)]
    return tokenizer.decode(context_ids[marks[-1] + 1 if marks else 0 :])


def anti_lm(stepper: Scorer, replies: Sequence[tuple[int, ...]], tokens: int) -> list[float]:
    """Mean log-probability of each reply's first tokens when nothing was said (Li et al. 2016, section 4.5.1).

    The language model is the network itself with a source of <other> alone; eos counts where it is among the first.
    """
    different = list(dict.fromkeys(replies))
    rows = dict(zip(different, stepper.score([[OTHER_ID]] * len(different), different), strict=True))
    return [float(rows[ids][:tokens].mean()) for ids in replies]


def reverse(model: Model, replies: Sequence[str], prompts: Sequence[str]) -> list[float]:
    """Log-probability of each prompt, a mean over its tokens and eos, given its reply (Li et al. 2016, MMI-bidi)."""
    sources, targets = [], {prompt: model.tokenizer.encode(prompt) for prompt in prompts}
    for reply in replies:
        try:
            sources.append(model.context([reply], [False]).ids)
        except UsageError:  # no words that the reverse model can read
            sources.append((OTHER_ID,))
    return [float(row.mean()) for row in model.stepper.score(sources, [targets[prompt] for prompt in prompts])]


@lru_cache(maxsize=1)
def reverse_model(name: str) -> Model:
    """The model of this name, loaded once; `ConfigError` where none is named."""
    from chatbot.dialogue.model import Model

    if not name:
        raise ConfigError("rerank_reverse needs a reverse model; name one with reverse_model (--reverse-model NAME)")
    return Model.load(name)
