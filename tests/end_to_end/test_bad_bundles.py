"""A bundle of another version, damaged or hostile: one line that names it, and nothing of it is used."""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from whole_commands import Chatbot

WEIGHTS, CONFIG = "weights.safetensors", "config.json"


def edit_config(**changes: object) -> Callable[[Path], None]:
    """A damage: fields of config.json replaced."""

    def damage(bundle: Path) -> None:
        config = json.loads((bundle / CONFIG).read_text())
        (bundle / CONFIG).write_text(json.dumps({**config, **changes}))

    return damage


def edit_weights(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """A damage: the weights' bytes changed."""
    return lambda bundle: (bundle / WEIGHTS).write_bytes(change((bundle / WEIGHTS).read_bytes())) and None


def huge_header(content: bytes) -> bytes:
    """A header that claims to be eight exabytes long."""
    return struct.pack("<Q", 2**63) + content[8:]


def other_weights(content: bytes) -> bytes:
    """Sound weights, but not those that answered the golden prompts: every number negated."""
    end = 8 + struct.unpack("<Q", content[:8])[0]
    return content[:end] + (-np.frombuffer(content, "<f4", offset=end)).tobytes()


DAMAGES = {
    "of a newer version": (edit_config(format=99), ["newer version", "99"]),
    "with sizes beyond all bounds": (edit_config(network={"vocabulary_size": 10**9}), ["vocabulary_size"]),
    "with a tokenizer outside its folder": (edit_config(tokenizer_file="../../x"), ["tokenizer_file"]),
    "with a cut config": (lambda bundle: (bundle / CONFIG).write_text('{"name": '), [CONFIG]),
    "without weights": (lambda bundle: (bundle / WEIGHTS).unlink(), [WEIGHTS]),
    "with cut weights": (edit_weights(lambda content: content[: len(content) // 2]), [WEIGHTS]),
    "with a huge header": (edit_weights(huge_header), [WEIGHTS]),
    "with other weights": (edit_weights(other_weights), ["tiny", "golden"]),
    "with a pickle for weights": (edit_weights(lambda content: b"\x80\x04\x95" + content), [WEIGHTS]),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_bad_bundle(chatbot: Chatbot, tiny_bundle: Path, kind: str) -> None:
    damage, words = DAMAGES[kind]
    bundle = chatbot.folder / "bundle"
    shutil.copytree(tiny_bundle, bundle)
    damage(bundle)
    chatbot.run("reply", "hello", "--model", str(bundle)).failed(1, *words)


def test_a_damaged_tokenizer(chatbot: Chatbot, tiny_bundle: Path) -> None:
    bundle = chatbot.folder / "bundle"
    shutil.copytree(tiny_bundle, bundle)
    tokenizer = bundle / json.loads((bundle / CONFIG).read_text())["tokenizer_file"]
    tokenizer.write_bytes(tokenizer.read_bytes()[:1000])
    chatbot.run("reply", "hello", "--model", str(bundle)).failed(1, tokenizer.name)


def test_what_was_typed_to_a_bad_bundle_is_said_to_be_unanswered(chatbot: Chatbot, tiny_bundle: Path) -> None:
    """A pipe into a model that cannot be loaded ends in one line, not in one for each line typed."""
    bundle = chatbot.folder / "bundle"
    shutil.copytree(tiny_bundle, bundle)
    edit_config(format=99)(bundle)
    ended = chatbot.run("--model", str(bundle), typed="hello\nhow are you?\n")
    ended.failed(1, "newer version")
    assert ended.out == ""


def test_an_empty_folder_and_a_file_are_no_models(chatbot: Chatbot) -> None:
    (chatbot.folder / "empty").mkdir()
    (chatbot.folder / "file").write_text("x")
    for name in ("empty", "file"):
        ended = chatbot.run("reply", "hello", "--model", str(chatbot.folder / name))
        assert ended.code in {1, 2}
        ended.failed(ended.code, name)
