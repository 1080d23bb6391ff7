"""config.json <-> `BundleConfig`: bytes from a stranger are checked field by field; what is written can be read.

Fields that are missing get their defaults where they have one, so that a bundle written before a field existed loads.
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any, TypeVar

from chatbot.bundle.config import FORMAT_VERSION, NETWORKS, BundleConfig, Golden, Network, NetworkSettings, NgramFacts
from chatbot.bundle.ngram import facts_from
from chatbot.bundle.schema import MOST_PARAMETERS, count_parameters
from chatbot.bundle.strict_json import strict_json
from chatbot.data.context import ContextSettings
from chatbot.errors import BundleError, ConfigError
from chatbot.settings import DecodingSettings, from_mapping, suggest
from chatbot.text.languages import is_code
from chatbot.text.loading import KINDS

WEIGHTS_DTYPES = ("float32", "float16", "int8")
OWN_FILES = ("config.json", "weights.safetensors", "card.md")  # what a tokenizer's file cannot be named
LARGEST_CONFIG = 1_000_000  # bytes
MOST_GOLDEN = 16  # prompts, each answered while loading
LONGEST_PROMPT = 1000  # tokens
LONGEST_REPLY = 64
LONGEST_NAME = 100
LONGEST_MESSAGE = 300
REQUIRED = ("name", "task", "network", "tokenizer_kind", "tokenizer_file", "weights_dtype")

T = TypeVar("T")


def config_from_bytes(content: bytes, where: str) -> BundleConfig:
    """Read config.json; `where` (its path) begins the error line."""
    values = strict_json(content, where)
    _check_format(values.get("format"), where)
    known = [field.name for field in dataclasses.fields(BundleConfig)]
    for name in values:
        if name not in known:
            raise BundleError(f"{where}: unknown field {name!r}; {suggest(name, known)}")
    for name in REQUIRED:
        if name not in values:
            raise BundleError(f"{where}: the field '{name}' is missing")
    task = _choice(values["task"], tuple(NETWORKS), f"{where}: task")
    network: Network = _settings(NETWORKS[task], values["network"], f"{where}: network")
    if (asked := count_parameters(network)) > MOST_PARAMETERS:
        raise BundleError(f"{where}: network has {asked:,} parameters, but at most {MOST_PARAMETERS:,} are read")
    decoding = _mapping(values.get("decoding", {}), f"{where}: decoding")
    _settings(DecodingSettings, decoding, f"{where}: decoding")
    return BundleConfig(
        name=plain_name(values["name"], f"{where}: name"),
        task=task,
        network=network,
        context=_settings(ContextSettings, values.get("context", {}), f"{where}: context"),
        tokenizer_kind=_choice(values["tokenizer_kind"], KINDS, f"{where}: tokenizer_kind"),
        tokenizer_file=_file_name(values["tokenizer_file"], f"{where}: tokenizer_file"),
        weights_dtype=_choice(values["weights_dtype"], WEIGHTS_DTYPES, f"{where}: weights_dtype"),
        training=_mapping(values.get("training", {}), f"{where}: training"),
        decoding=decoding,
        golden=_golden(values.get("golden", []), _largest_id(network), f"{where}: golden"),
        languages=_languages(values.get("languages", []), task, f"{where}: languages"),
        ngram=_ngram(values.get("ngram"), task, f"{where}: ngram"),
    )


def config_to_bytes(config: BundleConfig) -> bytes:
    """The content of config.json, the same bytes for the same config; `BundleError` where it could not be read back."""
    try:
        values = dataclasses.asdict(config)
        if not config.languages:
            del values["languages"]  # so that bundles of other tasks can be read by versions that know no translation
        if config.ngram is None:
            del values["ngram"]
        text = json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False)
        lists_on_one_line = re.sub(r"\[\n\s+([\d,\s]+?)\n\s+\]", lambda m: f"[{' '.join(m[1].split())}]", text)
        content = (lists_on_one_line + "\n").encode("utf-8")
    except (TypeError, ValueError) as error:
        raise BundleError(f"config.json: cannot be written as JSON: {error}") from error
    if len(content) > LARGEST_CONFIG:
        raise BundleError(f"config.json: must hold at most {LARGEST_CONFIG:,} bytes, but holds {len(content):,}")
    config_from_bytes(content, "config.json")
    return content


def _check_format(version: Any, where: str) -> None:
    if type(version) is not int or version < 1:
        raise BundleError(
            f"{where}: format must be an integer of at least 1, but is {_short(version)}; is this a bundle?"
        )
    if version > FORMAT_VERSION:
        raise BundleError(
            f"{where}: was written by a newer version of chatbot (format {version}, this one reads {FORMAT_VERSION}); "
            "update chatbot to load it"
        )


def _settings(cls: type[T], values: Any, where: str) -> T:
    try:
        return from_mapping(cls, _mapping(values, where), where)
    except ConfigError as error:
        raise BundleError(str(error)[:LONGEST_MESSAGE]) from error


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BundleError(f"{where}: must be an object, but received {_short(value)}")
    return value


def _choice(value: Any, choices: tuple[str, ...], where: str) -> str:
    if not isinstance(value, str) or value not in choices:
        raise BundleError(f"{where}: must be one of {', '.join(choices)}, but received {_short(value)}")
    return value


def plain_name(value: Any, where: str) -> str:
    """The name of a model, which is also a folder's: printable, no path; `BundleError` otherwise."""
    if not (
        isinstance(value, str)
        and 0 < len(value) <= LONGEST_NAME
        and value.isprintable()
        and value == value.strip()
        and not value.startswith((".", "-"))
        and not set(value) & set("/\\:")
    ):
        raise BundleError(
            f"{where}: must be a plain name of 1 to {LONGEST_NAME} printable characters, but received {_short(value)}"
        )
    return value


def _file_name(value: Any, where: str) -> str:
    """A plain file name: nothing in it can lead out of the bundle's folder."""
    plain = re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", value) if isinstance(value, str) else None
    if plain is None or plain[0].lower() in OWN_FILES:
        raise BundleError(f"{where}: must be a plain file name of its own, but received {_short(value)}")
    return plain[0]


def _largest_id(network: Network) -> int:
    """What the ids of golden prompts are below: those of tokens, or of characters where these are more."""
    return max(network.vocabulary_size, getattr(network, "character_size", 0))


def _languages(value: Any, task: str, where: str) -> tuple[str, ...]:
    wanted = 2 if task == "translation" else 0
    if not isinstance(value, list) or len(value) != wanted or not all(map(is_code, value)):
        raise BundleError(f"{where}: must be {wanted} codes of languages, but received {_short(value)}")
    return tuple(value)


def _ngram(value: Any, task: str, where: str) -> NgramFacts | None:
    if value is None:
        return None
    if NETWORKS[task] is not NetworkSettings:
        raise BundleError(f"{where}: a model for {task} has none")
    return facts_from(_mapping(value, where), where)


def _golden(value: Any, vocabulary: int, where: str) -> tuple[Golden, ...]:
    if not isinstance(value, list) or len(value) > MOST_GOLDEN:
        raise BundleError(f"{where}: must be a list of at most {MOST_GOLDEN} prompts, but received {_short(value)}")
    found = []
    for number, one in enumerate(value):
        if not isinstance(one, dict) or set(one) != {"source_ids", "reply_ids"}:
            raise BundleError(f"{where}[{number}]: must hold source_ids and reply_ids, but received {_short(one)}")
        source = _ids(one["source_ids"], vocabulary, LONGEST_PROMPT, f"{where}[{number}].source_ids")
        reply = _ids(one["reply_ids"], vocabulary, LONGEST_REPLY, f"{where}[{number}].reply_ids")
        found.append(Golden(source, reply))
    return tuple(found)


def _ids(value: Any, vocabulary: int, most: int, where: str) -> tuple[int, ...]:
    whole = isinstance(value, list) and 0 < len(value) <= most
    if not whole or not all(type(token) is int and 0 <= token < vocabulary for token in value):
        raise BundleError(f"{where}: must be 1 to {most} token ids below {vocabulary}, but received {_short(value)}")
    return tuple(value)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + "..."
