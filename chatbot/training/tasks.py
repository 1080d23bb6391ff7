"""All that training must know of a task: its network, its batches, and what is asked of it after each epoch.

Everything else - the loop, the step, checkpoints, validation, export - is the same for every task.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from chatbot.data.batches import Batched, Batches
from chatbot.data.context import source_ids
from chatbot.data.dataset import Dataset
from chatbot.data.filters import kept_examples
from chatbot.data.padding import Ids, padded
from chatbot.data.windows import Windows
from chatbot.network.language_model import LanguageModel
from chatbot.network.layer import WeightedLayer
from chatbot.network.seq2seq import Seq2Seq
from chatbot.text.special import BOS_ID, EOS_ID, PAD_ID
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.settings import Recipe
from chatbot.training.validation import WHOLE

PROMPTS = ("Hello.", "How are you?", "What is your name?", "Where are we going tonight?", "I don't trust him.", "Why?")
ASKED = 6  # of a task without prompts of its own, taken from the validation split
OPENING = {"character": 40, "word": 5}  # ids of a text that a language model goes on from

Rows = Sequence[Sequence[int]]
Prompt = tuple[str, list[int]]


@dataclass(frozen=True, slots=True)
class Task:
    """What a kind of model supplies."""

    layer: type[WeightedLayer]
    batches: Callable[[Dataset, Recipe], tuple[Batched, Batched]]  # for training and for validation
    prompts: Callable[[Dataset, Tokenizer, Recipe], list[Prompt]]  # texts and ids to try the model on
    inputs: Callable[[Rows, Rows], tuple[tuple[Ids, ...], list[int]]]
    """(prompts, ids so far) -> the network's arrays, and where in each row the next id is asked for."""
    length: int = 20  # ids of a sample
    temperature: float = 0.0  # at which samples are drawn; 0 takes the likeliest


def exchange_batches(dataset: Dataset, recipe: Recipe) -> tuple[Batches, Batches]:
    """Sources and targets."""
    settings = recipe.training
    split, budget, cut = dataset.split("train"), settings.batch_tokens, settings.max_target_length
    weights = dataset.weights("train", "examples") * kept_examples(split, recipe.filter).examples
    if settings.openers:
        weights = np.concatenate([weights, dataset.weights("train", "utterances")[split.openers()]])
    training = Batches(split, recipe.context, budget, cut, settings.openers, None if np.all(weights == 1) else weights)
    return training, Batches(dataset.split("validation"), recipe.context, 4 * budget, WHOLE)


def exchange_inputs(prompts: Rows, so_far: Rows) -> tuple[tuple[Ids, ...], list[int]]:
    """Eos stands where the next id is asked for."""
    return (padded(prompts), padded([[*ids, EOS_ID] for ids in so_far])), [len(ids) for ids in so_far]


def dialogue_prompts(dataset: Dataset, tokenizer: Tokenizer, recipe: Recipe) -> list[Prompt]:
    """A few openings of small talk."""
    found = [(text, source_ids([tokenizer.encode(text)], [False], recipe.context)) for text in PROMPTS]
    return [(text, [i for i in ids if i != PAD_ID]) for text, ids in found]


def translation_prompts(dataset: Dataset, tokenizer: Tokenizer, recipe: Recipe) -> list[Prompt]:
    """A few sentences of the validation split."""
    split = dataset.split("validation")
    places = [i * len(split) // ASKED for i in range(min(ASKED, len(split)))]
    sources = [split.source(i, recipe.context) for i in places]
    return [(tokenizer.decode(ids), ids) for ids in sources]


def window_batches(dataset: Dataset, recipe: Recipe) -> tuple[Windows, Windows]:
    """Windows of texts."""
    settings = recipe.training
    training = Windows(dataset.texts("train"), settings.batch_tokens, settings.window, settings.growing)
    return training, Windows(dataset.texts("validation"), 4 * settings.batch_tokens, settings.window)


def window_inputs(prompts: Rows, so_far: Rows) -> tuple[tuple[Ids, ...], list[int]]:
    """Prompts and what follows are one text."""
    rows = [[BOS_ID, *prompt, *ids] for prompt, ids in zip(prompts, so_far, strict=True)]
    previous = padded(rows)
    return (previous, previous), [len(row) - 1 for row in rows]


def text_prompts(dataset: Dataset, tokenizer: Tokenizer, recipe: Recipe) -> list[Prompt]:
    """How a few texts of the validation split begin."""
    split, length = dataset.texts("validation"), OPENING.get(tokenizer.kind, 10)
    places = [i * len(split) // (ASKED // 2) for i in range(min(ASKED // 2, len(split)))]
    openings = [split.ids(i)[:length].tolist() for i in places]
    return [(tokenizer.decode(ids), ids) for ids in openings]


TASKS: dict[str, Task] = {
    "dialogue": Task(Seq2Seq, exchange_batches, dialogue_prompts, exchange_inputs),
    "translation": Task(Seq2Seq, exchange_batches, translation_prompts, exchange_inputs, length=40),
    "generation": Task(LanguageModel, window_batches, text_prompts, window_inputs, length=80, temperature=0.7),
}
