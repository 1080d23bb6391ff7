"""A recipe: every number of a training, read from a short TOML file that says why.

In: the name of a shipped recipe or a TOML file. Out: a `Recipe`, checked.
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from chatbot.bundle.config import NETWORKS, Network, NetworkSettings, TaggerSettings
from chatbot.data.context import ContextSettings
from chatbot.data.filters import FilterSettings
from chatbot.errors import ConfigError
from chatbot.ngram.settings import NgramSettings
from chatbot.settings import DecodingSettings, from_mapping, setting, suggest
from chatbot.text.tagging_tokenizer import TaggingTokenizer
from chatbot.text.tokenizer import Tokenizer

USUAL = {"dialogue": "small", "translation": "translation", "tagging": "tagging", "generation": "characters"}
"""Task -> the recipe taken unless one is named; for whole words there is "words"."""
RECIPES = Path(__file__).parent.parent / "recipes"


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How the weights are found."""

    learning_rate: float = setting(0.001, "Adam's highest rate", minimum=0.0, maximum=1.0)
    warmup_steps: int = setting(200, "steps over which the rate rises to it", minimum=0, maximum=1_000_000)
    final_rate: float = setting(0.05, "share of the rate left at the end; the fall is linear", minimum=0.0, maximum=1.0)
    epochs: int = setting(10, "passes over the training split, where no minutes are given", minimum=1, maximum=10_000)
    patience: int = setting(3, "epochs without a better validation before stopping", minimum=1, maximum=1000)
    batch_tokens: int = setting(6000, "padded source and target ids of a batch", minimum=64, maximum=1_000_000)
    max_target_length: int = setting(60, "ids of a reply trained on, eos among them", minimum=2, maximum=1000)
    window: int = setting(128, "generation: ids of a text that are learned from at once", minimum=1, maximum=10_000)
    growing: bool = setting(False, "generation: every beginning of a text is an example, padded on the left")
    openers: bool = setting(False, "train also on utterances that answer nothing, given an empty turn")
    dropout: float = setting(0.2, "share of units dropped between layers", minimum=0.0, maximum=0.95)
    variational: bool = setting(False, "drop the same units at every step of a text (Gal & Ghahramani 2016)")
    word_dropout: float = setting(
        0.0, "share of previous ids, or a tagger's words, made <unk> (Bowman et al. 2016)", minimum=0.0, maximum=0.9
    )
    subword_dropout: float = setting(
        0.0, "cut texts into other, smaller pieces in each epoch; 0.1 is much", minimum=0.0, maximum=0.9
    )
    casual: float = setting(
        0.0, "share of prompts or sources read without capitals and the mark at the end", minimum=0.0, maximum=1.0
    )
    label_smoothing: float = setting(
        0.0, "share of a target's probability spread over all ids (Szegedy et al. 2016)", minimum=0.0, maximum=0.9
    )
    sampled_softmax: int = setting(
        0,
        "ids drawn at each step for the softmax's sum, besides the targets and the most frequent; 0 sums over all",
        minimum=0,
        maximum=1_000_000,
    )
    average: float = setting(
        0.0,
        "score and keep the average of the weights over about the last 1 / (1 - this) steps; 0 is none",
        minimum=0.0,
        maximum=0.99999,
    )
    clip_norm: float = setting(1.0, "largest norm of a gradient (Pascanu et al. 2013)", minimum=0.0001, maximum=1e6)
    precision: str = setting(
        "auto", "of matrix products; auto takes the faster", choices=("auto", "float32", "bfloat16")
    )
    checkpoint_seconds: int = setting(60, "longest time of work that a killed process loses", minimum=1, maximum=86_400)
    seed: int = setting(1, "of weights, dropout and order", minimum=0, maximum=2**31 - 1)
    weights: str = setting("float32", "how the bundle stores them", choices=("float32", "float16", "int8"))
    epoch_bundles: int = setting(
        20,
        "epochs, the latest, whose models are kept as int8, with n-grams, for replay --bisect; 0 is none",
        minimum=0,
        maximum=10_000,
    )


@dataclass(frozen=True, slots=True)
class Recipe:
    """All settings of a training. The vocabulary's size comes from the dataset."""

    network: Network = field(default_factory=NetworkSettings)
    context: ContextSettings = field(default_factory=ContextSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    filter: FilterSettings = field(default_factory=FilterSettings)
    ngram: NgramSettings = field(default_factory=NgramSettings)
    decoding: dict[str, Any] = field(default_factory=dict)  # how the bundle answers unless told otherwise
    task: str = "dialogue"

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as in the TOML file."""
        return asdict(self)


def load_recipe(name: str) -> Recipe:
    """The recipe of a shipped name or of a TOML file; `ConfigError` names the file, the section and the setting."""
    shipped = sorted(path.stem for path in RECIPES.glob("*.toml"))
    path = RECIPES / f"{name}.toml" if name in shipped else Path(name)
    if not path.is_file():
        raise ConfigError(f"no recipe named {name!r} and no such file; {suggest(name, shipped)}")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not a readable TOML file: {error}") from None
    return recipe_from(content, str(path))


def recipe_from(content: dict[str, Any], where: str) -> Recipe:
    """A recipe of parsed sections; what is not given keeps its default."""
    content = dict(content)
    task = content.pop("task", "dialogue")
    if task not in NETWORKS:
        raise ConfigError(f"{where}: task must be one of {', '.join(NETWORKS)}, but received {str(task)[:40]!r}")
    sections: dict[str, type[Any]] = {
        "network": NETWORKS[task],
        "context": ContextSettings,
        "training": TrainingSettings,
        "filter": FilterSettings,
        "ngram": NgramSettings,
    }
    for name, values in content.items():
        if name not in (*sections, "decoding"):
            raise ConfigError(f"{where}: unknown section {name!r}; {suggest(name, (*sections, 'decoding'))}")
        if not isinstance(values, dict):
            raise ConfigError(f"{where}: {name}: must be a section of settings, but received {str(values)[:40]!r}")
    if content.get("ngram", {}).get("order") and NETWORKS[task] is not NetworkSettings:
        raise ConfigError(f"{where}: ngram: a model for {task} has none beside its network; leave the section out")
    decoding = content.get("decoding", {})
    from_mapping(DecodingSettings, decoding, f"{where}: decoding")
    parts = {name: from_mapping(cls, content.get(name, {}), f"{where}: {name}") for name, cls in sections.items()}
    if parts["training"].sampled_softmax and task == "tagging":
        raise ConfigError(f"{where}: training: sampled_softmax: a tagger chooses among few tags; leave the setting out")
    return Recipe(**parts, decoding=decoding, task=task)


def usual_recipe(task: str, tokenizer: str) -> str:
    """The name of the recipe for a task, where none is given; `tokenizer` is the dataset's kind."""
    return "words" if task == "generation" and tokenizer == "word" else USUAL[task]


def fitted(recipe: Recipe, task: str, where: str) -> Recipe:
    """The recipe for `task`; `ConfigError` where its network is of another kind. `where` names it."""
    if NETWORKS[recipe.task] is not NETWORKS[task]:
        raise ConfigError(f"{where}: is a recipe for {recipe.task}, but the data was prepared for {task}")
    return replace(recipe, task=task)


def changed(recipe: Recipe, **values: Any) -> Recipe:
    """The recipe with some settings of any section replaced, by the settings' own names."""
    for section in ("network", "context", "training", "filter", "ngram"):
        part = getattr(recipe, section)
        own = {name: value for name, value in values.items() if name in type(part).__dataclass_fields__}
        recipe = replace(recipe, **{section: replace(part, **own)})
    return recipe


def sized(network: Network, tokenizer: Tokenizer) -> Network:
    """A recipe's network with as many rows as the tokenizer of a dataset asks for."""
    if isinstance(network, TaggerSettings) and isinstance(tokenizer, TaggingTokenizer):
        network = replace(network, character_size=tokenizer.character_size, tags=len(tokenizer.tags))
    return replace(network, vocabulary_size=tokenizer.size)
