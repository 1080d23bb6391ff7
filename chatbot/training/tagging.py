"""What is a tagger's own in training: the tags that the graph under training gives to sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chatbot.bundle.config import Golden, Network
from chatbot.corpus.tag_schemes import spans_of
from chatbot.data.padding import Ids, padded
from chatbot.data.tagged_batches import TaggedBatches, padded_characters
from chatbot.text.span_scores import SpanScores
from chatbot.text.tag_paths import allowed, best_path
from chatbot.text.tagging_tokenizer import LONGEST_WORD, TaggingTokenizer
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.settings import TrainingSettings
from chatbot.training.step import Step, make_step
from chatbot.training.tasks import Prompt, Task

MOST_GOLDEN = 3
LONGEST_GOLDEN = 20  # words
SAFE_MARGIN = 0.1  # between the best two scores of each word


def best_tags(graph: Step, arrays: Sequence[Ids], tags: Sequence[str]) -> tuple[list[list[str]], NDArray[np.float32]]:
    """The tags of each sentence by the best sequence that the scheme allows, and the scores they come from."""
    scores = graph.logits(*arrays)  # [sentences, words, tags]
    pairs, first, last = allowed(tags)
    weights = graph.network.by_name
    if "transitions.pairs" in weights:
        own = (np.asarray(weights[f"transitions.{part}"].numpy()) for part in ("pairs", "first", "last"))
        pairs, first, last = (rule + learned for rule, learned in zip((pairs, first, last), own, strict=True))
    lengths = np.count_nonzero(arrays[0], axis=1).tolist()
    paths = best_path(scores, pairs, first, last, lengths)
    return [[tags[tag] for tag in path] for path in paths], scores


def span_f1(graph: Step, batches: TaggedBatches) -> float:
    """F1 of the spans of all sentences."""
    counted = SpanScores()
    for members in batches.sample().plan:
        arrays = batches.collate_sample(members).arrays
        found, _ = best_tags(graph, arrays, batches.tags)
        for said, row in zip(found, arrays[-1].tolist(), strict=True):
            counted.add(said, [batches.tags[tag - 1] for tag in row if tag])
    return counted.f1()


class TagProbe:
    """As `Probe`, for taggers: sentences -> the spans found in them, and golden sentences."""

    def __init__(self, task: Task, network: Network, tokenizer: Tokenizer, prompts: Sequence[Prompt]) -> None:
        assert isinstance(tokenizer, TaggingTokenizer)
        self.tokenizer, self.sentences = tokenizer, [text.split(" ") for text, _ in prompts]
        self.graph = make_step(task.layer, network, TrainingSettings(precision="float32", dropout=0.0))

    def load(self, weights: dict[str, NDArray[np.float32]]) -> None:
        """Take over weights by name."""
        for name, variable in self.graph.network.by_name.items():
            variable.assign(weights[name])

    def replies(self) -> list[tuple[str, str]]:
        """Each sentence with its spans."""
        found, _ = self._tagged(self.sentences)
        return [(" ".join(words), _marked(words, tags)) for words, tags in zip(self.sentences, found, strict=True)]

    def golden(self) -> tuple[Golden, ...]:
        """Sentences with their tags, as far as these are beyond doubt; a sentence is kept by its words' characters."""
        plain = [words for words in self.sentences if len(words) <= LONGEST_GOLDEN and all(map(self._known, words))]
        found, scores = self._tagged(plain)
        kept = []
        for words, tags, row in zip(plain, found, scores, strict=True):
            best = np.sort(row[: len(words)], axis=1)
            if np.all(best[:, -1] - best[:, -2] > SAFE_MARGIN):
                source = tuple(i for word in words for i in self.tokenizer.character_ids(word))
                kept.append(Golden(source, tuple(self.tokenizer.tag_ids[tag] for tag in tags)))
        return tuple(kept[:MOST_GOLDEN])

    def _tagged(self, sentences: Sequence[Sequence[str]]) -> tuple[list[list[str]], NDArray[np.float32]]:
        if not sentences:
            return [], np.zeros((0, 0, 0), np.float32)
        words = padded([self.tokenizer.word_ids(one) for one in sentences])
        characters = padded_characters([[self.tokenizer.character_ids(word) for word in one] for one in sentences])
        return best_tags(self.graph, (words, characters, words), self.tokenizer.tags)

    def _known(self, word: str) -> bool:
        """Whether a word's characters give it back."""
        return len(word) <= LONGEST_WORD and set(word) <= set(self.tokenizer.characters)


def _marked(words: Sequence[str], tags: Sequence[str]) -> str:
    """The spans of a sentence, such as "PER: John Smith; LOC: York"."""
    return "; ".join(f"{label}: {' '.join(words[first:end])}" for first, end, label in spans_of(tags))
