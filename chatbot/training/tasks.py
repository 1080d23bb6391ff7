"""All that training must know of a task: its network, its batches, and what is asked of it after each epoch.

Everything else - the loop, the step, checkpoints, validation, export - is the same for every task.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from chatbot.bundle.config import LanguageModelSettings, NetworkSettings, TaggerSettings
from chatbot.data.batches import Batched, Batches
from chatbot.data.casual import casual_texts
from chatbot.data.context import source_ids
from chatbot.data.dataset import Dataset, Split
from chatbot.data.filters import kept_examples
from chatbot.data.padding import Ids, padded
from chatbot.data.resegmenting import Resegmented, sampler_of
from chatbot.data.tagged_batches import TaggedBatches
from chatbot.data.texts import TextSplit
from chatbot.data.windows import Windows
from chatbot.network.language_model import LanguageModel
from chatbot.network.layer import WeightedLayer
from chatbot.network.seq2seq import Seq2Seq
from chatbot.network.tagger import Tagger
from chatbot.text.special import BOS_ID, EOS_ID, PAD_ID
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.settings import Recipe
from chatbot.training.validation import WHOLE

PROMPTS = ("Hello.", "How are you?", "What is your name?", "Where are we going tonight?", "I don't trust him.", "Why?")
SENTENCES = (
    "John works at Google in New York .",
    "Mary Smith flew from Berlin to Paris with Lufthansa on Monday .",
    "The president of France met Angela Merkel in London .",
    "Nobody was there .",
    "just saw @anna at the Apple store lol",
    "United beat Chelsea 2 - 1 .",
)
ASKED = 6  # of a task without prompts of its own, taken from the validation split
OPENING = {"character": 40, "word": 5}  # ids of a text that a language model goes on from

Rows = Sequence[Sequence[int]]
Prompt = tuple[str, list[int]]
S = TypeVar("S", bound=Split | TextSplit)


@dataclass(frozen=True, slots=True)
class Task:
    """What a kind of model supplies."""

    layer: type[WeightedLayer]
    batches: Callable[[Dataset, Recipe], tuple[Batched, Batched]]  # for training and for validation
    prompts: Callable[[Dataset, Tokenizer, Recipe], list[Prompt]]  # texts and ids to try the model on
    inputs: Callable[[Rows, Rows], tuple[tuple[Ids, ...], list[int]]]
    """(prompts, ids so far) -> the network's arrays, and where in each row the next id is asked for."""
    """(network, tokenizer) -> the network with the sizes that the dataset's tokenizer gives it."""
    bias: Callable[[Any, Any], NDArray[np.float32]] = lambda split, network: next_id_bias(split, network)
    """(split, network) -> where the bias of the output layer begins."""
    length: int = 20  # ids of a sample
    temperature: float = 0.0  # at which samples are drawn; 0 takes the likeliest


def log_shares(counts: NDArray[np.float64]) -> NDArray[np.float32]:
    """Log of the shares of what was counted, add-one smoothed."""
    return (np.log(counts + 1.0) - math.log((counts + 1.0).sum())).astype(np.float32)


def next_id_bias(split: Any, network: NetworkSettings | LanguageModelSettings) -> NDArray[np.float32]:
    """Log of the ids' shares among all texts and their ends, [vocabulary]."""
    counts = np.bincount(np.asarray(split.tokens, dtype=np.int64), minlength=network.vocabulary_size).astype(np.float64)
    counts[EOS_ID] += len(split)
    return log_shares(counts)


def learned_from(dataset: Dataset, recipe: Recipe, split: S, batches: Callable[[S], Batched]) -> Batched:
    """The batches of a split to train on, its texts cut anew for each epoch if the recipe says so."""
    dropout = recipe.training.subword_dropout
    return Resegmented(split, sampler_of(dataset.tokenizer()), dropout, batches) if dropout else batches(split)


def exchange_batches(dataset: Dataset, recipe: Recipe) -> tuple[Batched, Batched]:
    """Sources and targets."""
    settings = recipe.training
    split, budget, cut = dataset.split("train"), settings.batch_tokens, settings.max_target_length
    weights = dataset.weights("train", "examples") * kept_examples(split, recipe.filter).examples
    if settings.openers:
        weights = np.concatenate([weights, dataset.weights("train", "utterances")[split.openers()]])
    drawn = None if np.all(weights == 1) else weights
    share, texts = settings.casual, (split.tokens, split.offsets)
    casual = casual_texts(*texts, dataset.tokenizer(), share) if share else None

    def batches(split: Split) -> Batches:
        return Batches(split, recipe.context, budget, cut, settings.openers, drawn, casual)

    training = learned_from(dataset, recipe, split, batches)
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


def window_batches(dataset: Dataset, recipe: Recipe) -> tuple[Batched, Batched]:
    """Windows of texts."""
    settings = recipe.training

    def batches(split: TextSplit) -> Windows:
        return Windows(split, settings.batch_tokens, settings.window, settings.growing)

    training = learned_from(dataset, recipe, dataset.texts("train"), batches)
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


def tag_batches(dataset: Dataset, recipe: Recipe) -> tuple[TaggedBatches, TaggedBatches]:
    """Tagged sentences."""
    tags, budget = dataset.tokenizer().tags, recipe.training.batch_tokens  # type: ignore[attr-defined]
    training = TaggedBatches(dataset.sentences("train"), tags, budget, rare=True)
    return training, TaggedBatches(dataset.sentences("validation"), tags, 4 * budget)


def tag_prompts(dataset: Dataset, tokenizer: Tokenizer, recipe: Recipe) -> list[Prompt]:
    """A few sentences with names in them; words with a space between them."""
    return [(text, tokenizer.encode(text)) for text in SENTENCES]


def tag_bias(split: Any, network: TaggerSettings) -> NDArray[np.float32]:
    """Log of the tags' shares, [tags]."""
    return log_shares(np.bincount(np.asarray(split.tags), minlength=network.tags).astype(np.float64))


def no_next_id(prompts: Rows, so_far: Rows) -> tuple[tuple[Ids, ...], list[int]]:
    """A tagger is asked otherwise."""
    raise ValueError("a tagger says no next id")


TASKS: dict[str, Task] = {
    "tagging": Task(
        Tagger,
        tag_batches,
        tag_prompts,
        no_next_id,
        bias=tag_bias,
    ),
    "dialogue": Task(Seq2Seq, exchange_batches, dialogue_prompts, exchange_inputs),
    "translation": Task(Seq2Seq, exchange_batches, translation_prompts, exchange_inputs, length=40),
    "generation": Task(LanguageModel, window_batches, text_prompts, window_inputs, length=80, temperature=0.7),
}
