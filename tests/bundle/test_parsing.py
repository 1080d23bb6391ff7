from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_bundle import toy_config

from chatbot.bundle.config import Golden
from chatbot.bundle.parsing import config_from_bytes, config_to_bytes
from chatbot.errors import BundleError

CAME_LATER = ("tied", "layer_norm", "input_feeding")
VALUES = json.loads(config_to_bytes(toy_config()))


def read(**changes: Any) -> None:
    config_from_bytes(json.dumps({**VALUES, **changes}).encode(), "config.json")


def test_what_is_written_is_read_back() -> None:
    config = toy_config(
        golden=(Golden((5, 7, 8), (9, 10)),),
        decoding={"beam_size": 5, "length_penalty": 0.5},
        training={"note": 'é "quoted"\n[\n 1\n]', "list": [1, 2], "deep": {"er": [0.5]}},
    )
    content = config_to_bytes(config)
    assert config_from_bytes(content, "x") == config
    assert b'"source_ids": [5, 7, 8]' in content
    assert config_to_bytes(config_from_bytes(content, "x")) == content


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"format": 2}, "was written by a newer version of chatbot (format 2, this one reads 1)"),
        ({"format": 2, "surprise": 1}, "newer version"),
        ({"format": 0}, "format must be an integer of at least 1, but is 0"),
        ({"format": "1"}, "format must be an integer of at least 1, but is '1'"),
        ({"format": True}, "format must be an integer of at least 1, but is True"),
        ({"nam": "x"}, "unknown field 'nam'; did you mean 'name'?"),
        ({"name": ""}, "name: must be a plain name"),
        ({"name": "a/b"}, "name: must be a plain name"),
        ({"name": "..\\b"}, "name: must be a plain name"),
        ({"name": "\x1b[31mred"}, "name: must be a plain name"),
        ({"name": ["a"]}, "name: must be a plain name"),
        (
            {"task": "world domination"},
            "task: must be one of dialogue, translation, tagging, generation, but received 'world domination'",
        ),
        ({"tokenizer_kind": "bytes"}, "tokenizer_kind: must be one of sentencepiece, word"),
        ({"tokenizer_file": "../../etc/passwd"}, "tokenizer_file: must be a plain file name"),
        ({"tokenizer_file": "/etc/passwd"}, "tokenizer_file: must be a plain file name"),
        ({"tokenizer_file": ".."}, "tokenizer_file: must be a plain file name"),
        ({"tokenizer_file": "C:x"}, "tokenizer_file: must be a plain file name"),
        ({"tokenizer_file": "Config.json"}, "tokenizer_file: must be a plain file name of its own"),
        ({"weights_dtype": "int4"}, "weights_dtype: must be one of float32, float16, int8, but received 'int4'"),
        ({"network": []}, "network: must be an object, but received []"),
        ({"network": {"units": 3}}, "network: unknown setting 'units'"),
        ({"network": {"embedding_size": 5000}}, "embedding_size must be an integer from 1 to 4096, but received 5000"),
        ({"network": {"embedding_size": 2.0}}, "embedding_size must be an integer"),
        ({"network": {"embedding_size": True}}, "embedding_size must be an integer"),
        ({"network": {"vocabulary_size": 200_000, "embedding_size": 4096}}, "at most 200,000,000 are read"),
        ({"network": {"attention": "flash"}}, "attention must be one of dot, general, additive"),
        ({"network": {"input_feeding": 1}}, "input_feeding must be on or off, but received 1"),
        ({"context": {"turns": 0}}, "turns must be an integer from 1 to 20, but received 0"),
        ({"decoding": {"beam": 5}}, "decoding: unknown setting 'beam'; did you mean 'beam_size'?"),
        ({"decoding": {"beam_size": 10**9}}, "beam_size must be an integer from 1 to 100"),
        ({"decoding": {"temperature": 10**17}}, "temperature must be a number from 0.0 to 10.0"),
        ({"training": 3}, "training: must be an object"),
        ({"golden": {}}, "golden: must be a list of at most 16 prompts"),
        ({"golden": [{}] * 17}, "golden: must be a list of at most 16 prompts"),
        ({"golden": [{"source_ids": [5]}]}, "golden[0]: must hold source_ids and reply_ids"),
        (
            {"golden": [{"source_ids": [5], "reply_ids": [86]}]},
            "golden[0].reply_ids: must be 1 to 64 token ids below 86",
        ),
        ({"golden": [{"source_ids": [-1], "reply_ids": [6]}]}, "golden[0].source_ids: must be 1 to 1000 token ids"),
        ({"golden": [{"source_ids": [1.0], "reply_ids": [6]}]}, "golden[0].source_ids: must be 1 to 1000 token ids"),
        ({"golden": [{"source_ids": [], "reply_ids": [6]}]}, "golden[0].source_ids: must be 1 to 1000 token ids"),
    ],
)
def test_what_is_wrong_gets_one_line(changes: dict[str, Any], line: str) -> None:
    with pytest.raises(BundleError) as raised:
        read(**changes)
    assert line in str(raised.value)
    assert str(raised.value).startswith("config.json: ")
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 400


@pytest.mark.parametrize("name", ["name", "task", "network", "tokenizer_kind", "tokenizer_file", "weights_dtype"])
def test_a_missing_field_is_named(name: str) -> None:
    values = {key: value for key, value in VALUES.items() if key != name}
    with pytest.raises(BundleError, match=f"the field '{name}' is missing"):
        config_from_bytes(json.dumps(values).encode(), "config.json")


def test_fields_that_came_later_have_defaults() -> None:
    values = {key: value for key, value in VALUES.items() if key not in ("golden", "training", "decoding", "context")}
    values["network"] = {key: value for key, value in values["network"].items() if key not in CAME_LATER}
    config = config_from_bytes(json.dumps(values).encode(), "config.json")
    assert config == dataclasses.replace(toy_config(), training={})


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "a\nb"},
        {"training": {"x": float("nan")}},
        {"training": {"x": object()}},
        {"training": {"x": "y" * 1_000_000}},
    ],
    ids=["name", "nan", "object", "huge"],
)
def test_what_could_not_be_read_is_not_written(fields: dict[str, Any]) -> None:
    with pytest.raises(BundleError):
        config_to_bytes(toy_config(**fields))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(VALUES)), JSON)
def test_any_value_in_any_field_is_read_or_refused(name: str, value: Any) -> None:
    message = ""
    try:
        read(**{name: value})
    except BundleError as error:
        message = str(error)
    assert not message or message.startswith("config.json: ")
    assert "\n" not in message
