"""The same training makes translators and language models: they learn, resume to the bit, and load in NumPy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatbot.corpus.conversation import Conversation, Utterance
from chatbot.corpus.counts import Counts
from chatbot.data.dataset import Dataset
from chatbot.data.prepare import Corpus, prepare
from chatbot.data.settings import settings_for
from chatbot.errors import ConfigError
from chatbot.training.run import open_run, start_run
from chatbot.training.schedule import Budget
from chatbot.training.settings import Recipe, changed, fitted, load_recipe, recipe_from, usual_recipe
from chatbot.training.start import Start

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.train

WORDS = ("one", "two", "three", "four", "five", "six")
FOREIGN = {word: word[::-1] for word in WORDS}
SIZES: dict[str, dict[str, Any]] = {
    "translation": {"embedding_size": 16, "encoder_units": 12, "decoder_units": 24},
    "generation": {"embedding_size": 12, "units": 24, "layers": 2},
    "tagging": {"embedding_size": 12, "character_embedding": 6, "filters": 8, "encoder_units": 12},
}
TRAINING = {"learning_rate": 0.01, "warmup_steps": 0, "dropout": 0.1, "precision": "float32", "batch_tokens": 400}


def sentences(count: int) -> list[str]:
    random = np.random.default_rng(0)
    return [" ".join(random.choice(WORDS, random.integers(1, 5))) for _ in range(count)]


def conversation(task: str, number: int, text: str) -> Conversation:
    said = [Utterance("source", text)]
    if task == "tagging":  # "two" begins a span that "three" ends, "six" is one
        words = text.split()
        pairs = {i for i in range(len(words) - 1) if words[i : i + 2] == ["two", "three"]}
        named = ["B-PAIR" if i in pairs else "E-PAIR" if i - 1 in pairs else "O" for i in range(len(words))]
        tags = ["S-NAME" if word == "six" else tag for word, tag in zip(words, named, strict=True)]
        said.append(Utterance("tags", " ".join(tags)))
    if task == "translation":
        said.append(Utterance("target", " ".join(FOREIGN[word] for word in text.split())))
    return Conversation(str(number), tuple(said), text)


@pytest.fixture(scope="module", params=["translation", "generation", "tagging"])
def dataset(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    task = request.param
    folder = tmp_path_factory.mktemp(task)
    own = {"source": "en", "target": "fr"} if task == "translation" else {}
    kind = "tagging" if task == "tagging" else "word"
    settings = settings_for({"task": task, "tokenizer": kind, "minimum_count": 1, **own})
    said = [conversation(task, number, text) for number, text in enumerate(sentences(150))]
    prepare([Corpus(task, said)], folder, settings, Counts())
    return Dataset.open(folder)


def recipe(dataset: Dataset) -> Recipe:
    known = {"task": dataset.task, "network": SIZES[dataset.task], "training": {**TRAINING, "window": 20}}
    return changed(recipe_from(known, "test"), vocabulary_size=dataset.tokenizer().size)


class Watcher:
    def __init__(self, stop_after: int | None = None) -> None:
        self.stop_after, self.steps, self.epochs, self.examples = stop_after, 0, [], 0

    def step(self, *_: object) -> None:
        self.steps += 1

    def epoch(self, position, measures, better, replies) -> None:
        self.epochs.append((measures, replies))

    def scored(self, examples: int) -> None:
        self.examples += examples

    def stopping(self) -> bool:
        return self.stop_after is not None and self.steps >= self.stop_after


def weights(path: Path) -> dict[str, np.ndarray]:
    from chatbot.training.checkpoints import Checkpoints

    return Checkpoints(path).load_newest()[1]


@pytest.fixture(scope="module")
def finished(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory):
    from chatbot.training.train import train

    run = start_run(tmp_path_factory.mktemp("runs") / "straight", recipe(dataset), Budget(2), dataset, False)
    watcher = Watcher()
    return run, train(dataset, run, watcher), watcher


def test_it_learns_and_says_something_after_each_epoch(finished, dataset: Dataset) -> None:
    _, outcome, watcher = finished
    first, last = watcher.epochs[0][0], watcher.epochs[-1][0]
    assert outcome.finished
    assert last.token_perplexity < first.token_perplexity < dataset.tokenizer().size
    assert (last.f1 is not None) == (dataset.task == "tagging")
    assert len(watcher.epochs) == 2
    assert watcher.examples == outcome.measures.examples
    assert all(prompt for _, replies in watcher.epochs for prompt, _ in replies)


def test_stopped_and_resumed_it_ends_at_the_same_bits(finished, dataset: Dataset, tmp_path: Path) -> None:
    if dataset.task == "translation":
        pytest.skip("the network of dialogue, which test_train.py resumes")
    from chatbot.training.train import train

    straight, _, _ = finished
    run = start_run(tmp_path / "broken", recipe(dataset), Budget(2), dataset, False)
    watcher = Watcher(3)
    assert not train(dataset, run, watcher, stopping=watcher.stopping).finished
    assert train(dataset, open_run(run.path, dataset), Watcher(), Start(resume=True)).finished
    expected = weights(straight.path)
    for name, array in weights(run.path).items():
        np.testing.assert_array_equal(array, expected[name], err_msg=name)


def test_its_bundle_loads_for_its_task_and_scores_as_the_trainer_did(finished, dataset: Dataset) -> None:
    run, outcome, _ = finished
    if dataset.task == "translation":
        from chatbot.evaluation.likelihood import score_replies
        from chatbot.side.translation import Translator

        model = Translator.load(str(run.path))
        split = dataset.split("validation")
        rows = range(len(split))
        sources = [np.array(split.source(i, model.context), np.int32) for i in rows]
        nll = score_replies(model.stepper.score, sources, [split.target(i).astype(np.int32) for i in rows])
        assert (model.source, model.target) == ("en", "fr")
    elif dataset.task == "tagging":
        from chatbot.evaluation.tags import measure_tags
        from chatbot.side.tagging import Tagger

        tagger = Tagger.load(str(run.path))
        held, names = dataset.sentences("validation"), tagger.network.tokenizer.tags
        words = [held.text(i, tagger.network.tokenizer).split(" ") for i in range(len(held))]
        tags = [[names[tag] for tag in held.sentence(i)[2]] for i in range(len(held))]
        found = measure_tags(tagger.tag_words, words, tags)
        assert found.rows["all"].f1 == pytest.approx(outcome.measures.f1)
        assert found.word_accuracy > 0.5
        return
    else:
        from chatbot.evaluation.texts import score_texts
        from chatbot.side.generation import Generator

        model = Generator.load(str(run.path))
        texts = dataset.texts("validation")
        nll = score_texts(model.stepper.score, [texts.ids(i).astype(np.int32) for i in range(len(texts))])
        assert model.unit == "word"
    assert nll.sum() == pytest.approx(scored_ids(dataset) * np.log(outcome.measures.token_perplexity), rel=1e-4)


def scored_ids(dataset: Dataset) -> int:
    """Target ids of the validation split, the ends among them."""
    if dataset.task == "translation":
        split = dataset.split("validation")
        return int(split.target_lengths().sum()) + len(split)
    texts = dataset.texts("validation")
    return len(texts.tokens) + len(texts)


def test_growing_beginnings_teach_a_language_model(dataset: Dataset, tmp_path: Path) -> None:
    if dataset.task != "generation":
        pytest.skip("only language models learn from beginnings")
    from chatbot.training.train import train

    run = start_run(tmp_path / "run", changed(recipe(dataset), growing=True), Budget(1), dataset, False)
    watcher = Watcher()
    assert train(dataset, run, watcher).finished
    assert watcher.epochs[0][0].token_perplexity < dataset.tokenizer().size


def test_a_recipe_of_another_task_is_refused() -> None:
    with pytest.raises(ConfigError, match="small: is a recipe for dialogue, but the data was prepared for generation"):
        fitted(load_recipe("small"), "generation", "small")
    assert fitted(load_recipe("tiny"), "translation", "tiny").task == "translation"
    assert [usual_recipe("generation", kind) for kind in ("word", "character")] == ["words", "characters"]
