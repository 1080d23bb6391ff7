"""Language models go on from a prompt: by the seed, at a temperature, in words or characters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from side_models import save_generator, save_translator

from chatbot.errors import UsageError
from chatbot.inference.cache import CacheSettings
from chatbot.settings import DecodingSettings
from chatbot.side.generation import Generator


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generators")
    save_generator(folder / "words", "word")
    save_generator(folder / "letters", "character")
    return folder


@pytest.fixture
def words(folder: Path) -> Generator:
    return Generator.load(str(folder / "words"))


@pytest.fixture
def letters(folder: Path) -> Generator:
    return Generator.load(str(folder / "letters"))


def test_a_seed_says_the_same_again(words: Generator) -> None:
    first, again, other = (words.generate("My sister is", seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first.text != other.text
    assert first.text.startswith("My sister is ")
    assert first.seed == first.settings.seed == 1


def test_it_goes_on_where_the_text_stopped(letters: Generator) -> None:
    settings = replace(letters.settings, temperature=0.0, max_length=6)
    whole = letters.generate("tea", settings)
    more = letters.generate(whole.text, settings)
    assert letters.generate("tea", replace(settings, max_length=12)).token_ids[:6] == whole.token_ids
    assert more.prompt == whole.text


def test_an_empty_prompt_begins_a_text(words: Generator) -> None:
    assert words.generate("", seed=3).token_ids


def test_spaces_follow_the_kind_of_unit(words: Generator, letters: Generator) -> None:
    ids = words.tokenizer.encode("tea , dog")
    assert words.spoken(words.read("Some"), ids) == " tea, dog"
    assert letters.spoken(letters.read("some "), letters.tokenizer.encode("tea")) == "tea"


def test_the_table_is_a_distribution_that_sharpens(words: Generator) -> None:
    cold, warm = (words.likeliest("My sister is", one, words.tokenizer.size) for one in (0.2, 1.0))
    assert sum(one.probability for one in warm) == pytest.approx(1.0)
    assert cold[0].token == warm[0].token
    assert cold[0].probability > warm[0].probability
    assert [one.probability for one in warm] == sorted((one.probability for one in warm), reverse=True)
    assert not {"<pad>", "<unk>", "<bos>"} & {one.token for one in warm if one.probability > 0}
    assert sum(one.token == "" for one in warm) == 1  # the end of the text


def test_temperature_zero_leaves_one_word(words: Generator) -> None:
    best, second = words.likeliest("My sister is", 0.0, 2)
    assert best.probability == pytest.approx(1.0)
    assert second.probability < 1e-6


def test_the_table_is_what_sampling_draws_from(words: Generator) -> None:
    first = words.likeliest("Where did you", 1.0, 1)[0]
    one = DecodingSettings(temperature=1.0, max_length=1, no_repeat_ngram=0, min_length=0)
    drawn = [words.generate("Where did you", one, seed).token_ids for seed in range(400)]
    share = sum(ids == (first.id,) for ids in drawn) / len(drawn)
    assert share == pytest.approx(first.probability, abs=0.08)


def test_a_cache_makes_what_was_said_likelier(folder: Path) -> None:
    prompt = "tea dog tea dog tea dog tea"
    plain = Generator.load(str(folder / "words"))
    cached = Generator.load(str(folder / "words"), CacheSettings(weight=0.6))
    chance = {
        name: {one.token: one.probability for one in model.likeliest(prompt, 1.0, 500)}["dog"]
        for name, model in (("plain", plain), ("cached", cached))
    }
    assert chance["cached"] > chance["plain"]


def test_a_very_long_prompt_is_read_from_its_end(letters: Generator) -> None:
    assert letters.read("tea " * 5000)[-4:] == letters.read("tea ")


def test_a_translator_writes_no_text(tmp_path: Path) -> None:
    save_translator(tmp_path / "en-fr")
    with pytest.raises(UsageError, match="is a model for translation, not for generation"):
        Generator.load(str(tmp_path / "en-fr"))
