"""Recipes from TOML: shipped ones, a person's own, and wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.errors import ConfigError
from chatbot.training.settings import RECIPES, Recipe, changed, load_recipe, recipe_from


@pytest.mark.parametrize("name", sorted(path.stem for path in RECIPES.glob("*.toml")))
def test_shipped_recipes_load(name):
    assert load_recipe(name).network.embedding_size > 0


def test_a_file_of_ones_own(tmp_path: Path):
    file = tmp_path / "mine.toml"
    file.write_text('[network]\nattention = "dot"\n[training]\ndropout = 0\n')
    recipe = load_recipe(str(file))
    assert recipe.network.attention == "dot"
    assert recipe.training.dropout == 0.0


def test_it_survives_the_run_file():
    recipe = changed(Recipe(), vocabulary_size=99, seed=5, turns=2)
    assert recipe_from(recipe.as_dict(), "run.json") == recipe
    assert (recipe.network.vocabulary_size, recipe.training.seed, recipe.context.turns) == (99, 5, 2)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[network]\nencoder_unit = 4", "network: unknown setting 'encoder_unit'; did you mean 'encoder_units'?"),
        ("ngram = 3\n", "ngram: must be a section of settings, but received '3'"),
        ("[netwrok]\n", "unknown section 'netwrok'; did you mean 'network'?"),
        ("[training]\ndropout = 1.5", "dropout must be a number from 0.0 to 0.95, but received 1.5"),
        ("[training]\nseed = true", "seed must be an integer"),
        ("[training]\nsampled_softmax = -1", "sampled_softmax must be an integer from 0 to 1000000, but received -1"),
        ('task = "tagging"\n[training]\nsampled_softmax = 9', "sampled_softmax: a tagger chooses among few tags"),
        ('[network]\nattention = "bahdanau"', "attention must be one of dot, general, additive"),
        ("[decoding]\nbeam = 4", "decoding: unknown setting 'beam'; did you mean 'beam_size'?"),
        ("[network", "not a readable TOML file"),
    ],
)
def test_wrong_ones_say_what_is_wrong(tmp_path: Path, content: str, says: str):
    file = tmp_path / "wrong.toml"
    file.write_text(content)
    with pytest.raises(ConfigError) as caught:
        load_recipe(str(file))
    assert str(caught.value).startswith(str(file))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(ConfigError, match="no recipe named 'smal' and no such file; did you mean 'small'"):
        load_recipe("smal")
