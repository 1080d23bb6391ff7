"""The CRF's loss is what summing over all sequences of tags gives; its gradient too, and NumPy finds its best path."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.train

LENGTHS = [4, 1, 3]
TAGS = np.array([[0, 2, 1, 1], [2, 0, 0, 0], [1, 1, 0, 0]])


def parameters() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    return tuple(random.normal(size=size).astype(np.float32) for size in ((3, 4, 3), (3, 3), 3, 3))  # type: ignore[return-value]


def total(path: tuple[int, ...], scores: np.ndarray, pairs: np.ndarray, first: np.ndarray, last: np.ndarray) -> float:
    own = sum(scores[word, tag] for word, tag in enumerate(path))
    return float(own + sum(pairs[a, b] for a, b in itertools.pairwise(path)) + first[path[0]] + last[path[-1]])


def by_hand(scores: np.ndarray, pairs: np.ndarray, first: np.ndarray, last: np.ndarray) -> list[float]:
    found = []
    for row, length in enumerate(LENGTHS):
        every = [total(path, scores[row], pairs, first, last) for path in itertools.product(range(3), repeat=length)]
        own = total(tuple(TAGS[row, :length]), scores[row], pairs, first, last)
        found.append(math.log(sum(map(math.exp, every))) - own)
    return found


def mask() -> np.ndarray:
    return (np.arange(4) < np.array(LENGTHS)[:, None]).astype(np.float32)


def test_the_loss_is_the_sum_over_all_sequences() -> None:
    from chatbot.network.crf import crf_losses

    scores, pairs, first, last = parameters()
    found = np.asarray(crf_losses(scores, TAGS, mask(), pairs, first, last))
    np.testing.assert_allclose(found, by_hand(scores, pairs, first, last), rtol=1e-4)


def test_the_gradient_is_that_of_small_steps() -> None:
    import tensorflow as tf

    from chatbot.network.crf import crf_losses
    from chatbot.training.tensorflow_step import scan

    scores, pairs, first, last = parameters()
    variable = tf.Variable(pairs)

    @tf.function
    def gradient() -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(
                crf_losses(tf.constant(scores), tf.constant(TAGS), tf.constant(mask()), variable, first, last, scan)
            )
        return tape.gradient(loss, variable)

    found = gradient().numpy()
    for a, b in itertools.product(range(3), repeat=2):
        moved = pairs.copy()
        moved[a, b] += 1e-3
        moved_back = pairs.copy()
        moved_back[a, b] -= 1e-3
        slope = (sum(by_hand(scores, moved, first, last)) - sum(by_hand(scores, moved_back, first, last))) / 2e-3
        assert found[a, b] == pytest.approx(slope, abs=2e-2)


@pytest.mark.parametrize("head", ["crf", "softmax"])
def test_numpy_gives_the_same_scores_whatever_the_padding(head: str) -> None:
    from chatbot.bundle.config import TaggerSettings
    from chatbot.bundle.schema import weight_shapes
    from chatbot.data.padding import padded
    from chatbot.data.tagged_batches import padded_characters
    from chatbot.inference.tagger import TaggerNetwork
    from chatbot.network.tagger import Tagger
    from chatbot.text.tagging_tokenizer import train_tagging

    sentences = [["Anna", "likes", "New", "York"], ["I"], ["Ben", "ran"]]
    tokenizer = train_tagging([(sentences[0], ["S-PER", "O", "B-LOC", "E-LOC"]), (["Anna", "ran"], ["S-PER", "O"])], 50)
    sizes = {"embedding_size": 6, "character_embedding": 5, "filters": 7, "encoder_units": 4, "encoder_layers": 2}
    known = {"vocabulary_size": tokenizer.size, "character_size": tokenizer.character_size, "tags": len(tokenizer.tags)}
    network = TaggerSettings(**known, **sizes, head=head)
    built = Tagger(network, seed=2)
    weights = built.export()
    assert {name: array.shape for name, array in weights.items()} == weight_shapes(network)
    words = np.pad(padded([tokenizer.word_ids(one) for one in sentences]), ((0, 0), (0, 2)))
    characters = padded_characters([[tokenizer.character_ids(word) for word in one] for one in sentences])
    characters = np.pad(characters, ((0, 0), (0, 2), (0, 3)))
    expected = np.asarray(built(words, characters, words))
    found = TaggerNetwork(weights, network, tokenizer).scores(sentences)
    for row, sentence in enumerate(sentences):
        np.testing.assert_allclose(found[row, : len(sentence)], expected[row, : len(sentence)], atol=1e-5)
