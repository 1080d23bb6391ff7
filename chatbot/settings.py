"""Settings as frozen dataclasses: one definition serves options, `/set`, TOML files, JSON configs and the store.

In: a mapping or a text from outside. Out: a checked, immutable settings object, or a `ConfigError` of one line.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_type_hints

from chatbot.errors import ConfigError

T = TypeVar("T")


def setting(
    default: Any,
    help: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
    optional: bool = False,
) -> Any:
    """Declare a dataclass field with its help text and bounds (inclusive; of a text, its characters).

    `optional` also admits None.
    """
    bounds = {"help": help, "minimum": minimum, "maximum": maximum}
    return field(default=default, metadata={**bounds, "choices": choices, "optional": optional})


@dataclass(frozen=True, slots=True)
class DecodingSettings:
    """How a reply is searched for; spelled the same in options, `/set`, scripts and the store."""

    beam_size: int = setting(1, "hypotheses kept at each step, or samples drawn; 1 is greedy", minimum=1, maximum=100)
    temperature: float = setting(0.0, "above 0 draws at random; 0 searches", minimum=0.0, maximum=10.0)
    top_k: int = setting(0, "draw among the k likeliest tokens; 0 is all", minimum=0, maximum=1_000_000)
    top_p: float = setting(1.0, "draw among the likeliest tokens that hold this mass", minimum=0.0, maximum=1.0)
    min_p: float = setting(
        0.0, "draw among tokens at least this times as likely as the likeliest", minimum=0.0, maximum=1.0
    )
    min_length: int = setting(1, "fewest tokens in a reply", minimum=0, maximum=1000)
    max_length: int = setting(40, "most tokens in a reply", minimum=1, maximum=1000)
    length_penalty: float = setting(1.0, "score = log p / ((5+n)/6)^this (GNMT)", minimum=0.0, maximum=5.0)
    length_reward: float = setting(
        0.0, "log-odds by which each token is preferred to ending there", minimum=-10.0, maximum=10.0
    )
    no_repeat_ngram: int = setting(3, "no n-gram of this size twice in a reply; 0 is off", minimum=0, maximum=20)
    no_repeat_context: int = setting(
        0, "no n-gram of this size from what was said before; 0 is off", minimum=0, maximum=20
    )
    repetition_penalty: float = setting(
        1.0, "divide the odds of tokens used before, but of punctuation", minimum=1.0, maximum=10.0
    )
    coverage_penalty: float = setting(
        0.0, "beam search that attends to all of the prompt; 0.2 is usual, 0 is off", minimum=0.0, maximum=10.0
    )
    beam_groups: int = setting(1, "groups of a diverse beam search; must divide beam_size", minimum=1, maximum=100)
    diversity_penalty: float = setting(
        0.5, "log-odds a token loses for each group before that chose it", minimum=0.0, maximum=100.0
    )
    forbidden: str = setting("", "words no reply may contain, with commas between them", maximum=1000)
    copy_unknown: bool = setting(False, "say unknown words of the prompt again (models of whole words only)")
    rerank_repetition: float = setting(
        0.0, "n-best: penalty on words and trigrams that the conversation holds already", minimum=0.0, maximum=100.0
    )
    rerank_similarity: float = setting(
        0.0, "n-best: reward for sounding like the prompt; below 0 a penalty", minimum=-100.0, maximum=100.0
    )
    rerank_anti_lm: float = setting(
        0.0, "n-best: penalty on what is likely after any prompt (MMI-antiLM)", minimum=0.0, maximum=100.0
    )
    anti_lm_tokens: int = setting(
        5, "tokens of a reply, the first, that rerank_anti_lm looks at", minimum=1, maximum=1000
    )
    rerank_reverse: float = setting(
        0.0,
        "n-best: reward for what makes the prompt likely (MMI-bidi); needs reverse_model",
        minimum=0.0,
        maximum=100.0,
    )
    reverse_model: str = setting("", "the model, trained on replies before prompts, for rerank_reverse", maximum=1000)
    seed: int | None = setting(None, "random seed; none draws one", minimum=0, maximum=2**63 - 1, optional=True)


def fields_of(cls: type) -> dict[str, dataclasses.Field[Any]]:
    """Name -> field of a settings dataclass, in order."""
    return {f.name: f for f in dataclasses.fields(cls)}


def type_of(cls: type, name: str) -> type:
    """The plain type (int, float, str, bool) of a setting, without `| None`."""
    hint = _hints(cls)[name]
    plain = [t for t in getattr(hint, "__args__", (hint,)) if t is not type(None)]
    return plain[0] if isinstance(plain[0], type) else hint


@functools.cache  # asking takes 2 ms, and a log holds thousands of settings
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def suggest(name: str, known: Iterable[str]) -> str:
    """The end of an error line: the nearest known name, or all of them."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    return f"did you mean '{near[0]}'?" if near else "there are: " + ", ".join(names)


def from_mapping(cls: type[T], values: Mapping[str, Any], where: str) -> T:
    """Build settings from outside values. `where` begins the error line, such as "config.toml: decoding"."""
    known = fields_of(cls)
    for name in values:
        if name not in known:
            raise ConfigError(f"{where}: unknown setting {str(name)!r}; {suggest(str(name), known)}")
    return cls(**{name: checked(cls, name, value, where) for name, value in values.items()})


SAID = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}


def from_text(cls: type, name: str, text: str, where: str) -> Any:
    """One value typed by a person, converted and checked; "none" is None where the setting admits it."""
    known = fields_of(cls)
    if name not in known:
        raise ConfigError(f"{where}: unknown setting {name!r}; {suggest(name, known)}")
    if known[name].metadata.get("optional") and text.strip().lower() in {"none", ""}:
        return None
    kind = type_of(cls, name)
    value: Any = text
    try:
        if kind is bool:
            value = SAID[text.strip().lower()]
        elif kind in (int, float):
            value = kind(text)
    except (ValueError, KeyError):
        raise ConfigError(f"{where}: {name} must be {expected(cls, name)}, but received {text!r}") from None
    return checked(cls, name, value, where)


def expected(cls: type, name: str) -> str:
    """What a setting accepts, in words, such as "an integer from 1 to 100"."""
    meta = fields_of(cls)[name].metadata
    if meta.get("choices"):
        return "one of " + ", ".join(meta["choices"])
    kind = {int: "an integer", float: "a number", bool: "on or off"}.get(type_of(cls, name), "a text")
    low, high = meta.get("minimum"), meta.get("maximum")
    if low is not None and high is not None:
        kind += f" from {low} to {high}"
    elif high is not None:
        kind += f" of at most {high} characters"
    elif low is not None:
        kind += f" of at least {low}"
    return kind + (" or none" if meta.get("optional") else "")


def checked(cls: type, name: str, value: Any, where: str) -> Any:
    """The value if it has the setting's type and lies within its bounds; a `ConfigError` otherwise."""
    meta, kind = fields_of(cls)[name].metadata, type_of(cls, name)
    if value is None and meta.get("optional"):
        return None
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    wrong = type(value) is not kind or (meta.get("choices") and value not in meta["choices"])
    if not wrong and kind is not bool:
        low, high, size = meta.get("minimum"), meta.get("maximum"), len(value) if kind is str else value
        wrong = size != size or (low is not None and size < low) or (high is not None and size > high)
    if wrong:
        raise ConfigError(f"{where}: {name} must be {expected(cls, name)}, but received {value!r}")
    return value
