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
from chatbot.dialogue.choices import SILENCE, Choice
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
    best: Sequence[Choice], model: Model, context_ids: Sequence[int], settings: DecodingSettings
) -> list[Choice]:
    """The choices by the sum of their parts, best first; as they are where no weight is set."""
    counted = weights(settings)
    if not counted or best[0].text == SILENCE:
        return list(best)
    components: dict[str, Sequence[float]] = {}
    texts, prompt = [one.text for one in best], prompt_of(context_ids, model.tokenizer)
    if "repetition" in counted:
        before = model.tokenizer.decode(context_ids)
        components["repetition"] = [repeated(text, before) for text in texts]
    if "similarity" in counted:
        components["similarity"] = [similarity(text, prompt) for text in texts]
    if "anti_lm" in counted:
        ids = [one.hypothesis.ids for one in best]
        components["anti_lm"] = anti_lm(model.stepper, ids, settings.anti_lm_tokens)
    if "reverse" in counted:
        components["reverse"] = reverse(reverse_model(settings.reverse_model), texts, prompt)
    parts = parts_of_each([one.score for one in best], components, counted)
    chosen = [replace(one, score=total(some), parts=some) for one, some in zip(best, parts, strict=True)]
    return [chosen[place] for place in order([one.score for one in chosen])]


def prompt_of(context_ids: Sequence[int], tokenizer: Tokenizer) -> str:
    """The text of the last turn of a context; of all of it where turns are not marked."""
    marks = [place for place, token in enumerate(context_ids) if token in (SELF_ID, OTHER_ID)]
    return tokenizer.decode(context_ids[marks[-1] + 1 if marks else 0 :])


def anti_lm(stepper: Scorer, replies: Sequence[tuple[int, ...]], tokens: int) -> list[float]:
    """Mean log-probability of each reply's first tokens when nothing was said (Li et al. 2016, section 4.5.1).

    The language model is the network itself with a source of <other> alone; eos counts where it is among the first.
    """
    rows = stepper.score([[OTHER_ID]] * len(replies), replies)
    return [float(row[:tokens].mean()) for row in rows]


def reverse(model: Model, replies: Sequence[str], prompt: str) -> list[float]:
    """Log-probability of the prompt, a mean over its tokens and eos, given each reply (Li et al. 2016, MMI-bidi)."""
    sources = []
    for reply in replies:
        try:
            sources.append(model.context([reply], [False]).ids)
        except UsageError:  # no words that the reverse model can read
            sources.append((OTHER_ID,))
    target = model.tokenizer.encode(prompt)
    return [float(row.mean()) for row in model.stepper.score(sources, [target] * len(sources))]


@lru_cache(maxsize=1)
def reverse_model(name: str) -> Model:
    """The model of this name, loaded once; `ConfigError` where none is named."""
    from chatbot.dialogue.model import Model

    if not name:
        raise ConfigError("rerank_reverse needs a reverse model; name one with reverse_model (--reverse-model NAME)")
    return Model.load(name)
