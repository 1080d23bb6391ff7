"""A tagger in NumPy: words and their characters -> the tags of each word, by the best sequence that the scheme allows.

The mathematics is that of `chatbot.bundle.schema`; the same network for training is `chatbot.network.tagger`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from chatbot.bundle.config import BundleConfig, Golden, TaggerSettings
from chatbot.errors import BundleError
from chatbot.inference.encoder import Bidirectional, padded
from chatbot.inference.lstm import Floats, Ids, Weights
from chatbot.text.tag_paths import allowed, best_path
from chatbot.text.tagging_tokenizer import BEGIN_ID, END_ID, FIRST_CHARACTER, TaggingTokenizer

REMEMBERED = 100_000  # words whose character features are kept
TOGETHER = 64  # sentences


class TaggerNetwork:
    """The tagger over float32 weights named as in `weight_shapes`."""

    def __init__(self, weights: Weights, network: TaggerSettings, tokenizer: TaggingTokenizer) -> None:
        self.weights, self.network, self.tokenizer = weights, network, tokenizer
        self.layers = Bidirectional(weights, network.encoder_layers)
        self.pairs, self.first, self.last = allowed(tokenizer.tags)
        if network.head == "crf":
            self.pairs = self.pairs + weights["transitions.pairs"]
            self.first = self.first + weights["transitions.first"]
            self.last = self.last + weights["transitions.last"]
        self._spelled: dict[str, Floats] = {}

    def tag(self, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
        """The BIOES tag of every word of every sentence."""
        found: dict[int, list[str]] = {}
        order = sorted((i for i, words in enumerate(sentences) if words), key=lambda i: len(sentences[i]))
        for start in range(0, len(order), TOGETHER):
            some = order[start : start + TOGETHER]
            lengths = [len(sentences[i]) for i in some]
            scores = self.scores([sentences[i] for i in some])
            for i, path in zip(some, best_path(scores, self.pairs, self.first, self.last, lengths), strict=True):
                found[i] = [self.tokenizer.tags[tag] for tag in path]
        return [found.get(i, []) for i in range(len(sentences))]

    def scores(self, sentences: Sequence[Sequence[str]]) -> Floats:
        """Scores [sentences, words, tags], of what is padding too."""
        lengths = np.array([len(words) for words in sentences], np.int64)
        ids = padded([self.tokenizer.word_ids(words) for words in sentences], lengths)
        self._spell({word for words in sentences for word in words})
        spelled = np.zeros((*ids.shape, self.network.filters), np.float32)
        for row, words in zip(spelled, sentences, strict=True):
            row[: len(words)] = [self._spelled[word] for word in words]
        inputs = np.concatenate([self.weights["embedding"][ids], spelled], axis=2)  # [sentences, words, size]
        states, _, _ = self.layers.run(inputs, lengths)
        scores = states.reshape(-1, states.shape[2]) @ self.weights["output.kernel"].T + self.weights["output.bias"]
        return scores.reshape(*ids.shape, -1)

    def _spell(self, words: Iterable[str]) -> None:
        """Remember the character features of these words."""
        new = [word for word in words if word not in self._spelled]
        if len(self._spelled) + len(new) > REMEMBERED:
            self._spelled.clear()
            new = list(words)
        if not new:
            return
        spelled = [self.tokenizer.character_ids(word) for word in new]
        characters: Ids = padded(spelled, np.array([len(ids) for ids in spelled], np.int64))  # [words, characters]
        vectors = self.weights["characters.embedding"][characters]
        windows = np.concatenate([vectors[:, :-2], vectors[:, 1:-1], vectors[:, 2:]], axis=2)
        found = windows.reshape(-1, windows.shape[2]) @ self.weights["characters.kernel"]
        found = np.tanh(found + self.weights["characters.bias"]).reshape(*windows.shape[:2], -1)
        found[characters[:, 2:] == 0] = -1.0
        self._spelled.update(zip(new, found.max(axis=1), strict=True))


def spelled_ids(tokenizer: TaggingTokenizer, words: Sequence[str]) -> tuple[int, ...]:
    """A sentence as a golden prompt keeps it: the characters of its words, each between the marks of its ends."""
    return tuple(i for word in words for i in tokenizer.character_ids(word))


def spelled_words(tokenizer: TaggingTokenizer, ids: Iterable[int]) -> list[str]:
    """The words that `spelled_ids` was given, where it knew all their characters."""
    words: list[str] = []
    for i in ids:
        if i == BEGIN_ID:
            words.append("")
        elif i != END_ID and words:
            known = FIRST_CHARACTER <= i < tokenizer.character_size
            words[-1] += tokenizer.characters[i - FIRST_CHARACTER] if known else "\ufffd"
    return words


def check_golden_tags(network: TaggerNetwork, config: BundleConfig) -> None:
    """`BundleError` unless the golden sentences get the tags that they got when the bundle was made."""
    sentences = [spelled_words(network.tokenizer, one.source_ids) for one in config.golden]
    for number, (golden, tags) in enumerate(zip(config.golden, network.tag(sentences), strict=True), start=1):
        if golden.reply_ids != tuple(network.tokenizer.tag_ids[tag] for tag in tags):
            raise BundleError(
                f"model '{config.name}' no longer tags its golden sentence {number} as it did when it was made: it is "
                "damaged or does not fit this version; get it again, or choose another with --model"
            )


def golden_tags(network: TaggerNetwork, sentences: Iterable[Sequence[int]]) -> tuple[Golden, ...]:
    """Golden sentences for these, as `spelled_ids` gives them."""
    kept = [tuple(one) for one in sentences]
    tagged = network.tag([spelled_words(network.tokenizer, one) for one in kept])
    ids = [tuple(network.tokenizer.tag_ids[tag] for tag in tags) for tags in tagged]
    return tuple(Golden(source, tags) for source, tags in zip(kept, ids, strict=True) if tags)
