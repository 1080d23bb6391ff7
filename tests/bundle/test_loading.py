from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from toy_bundle import WORDS, save_toy, toy_config, toy_network, toy_weights

from chatbot.bundle.folder import CARD_FILE, CONFIG_FILE, WEIGHTS_FILE, fingerprint, read_config
from chatbot.bundle.loading import load_bundle
from chatbot.bundle.quantise import as_stored
from chatbot.bundle.saving import save_bundle
from chatbot.errors import BundleError
from chatbot.text.word_tokenizer import WordTokenizer

TOKENIZER_FILE = "tokenizer.json"
FILES = (CONFIG_FILE, TOKENIZER_FILE, WEIGHTS_FILE)


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    save_toy(tmp_path / "toy", "int8")
    return tmp_path / "toy"


def refused(path: Path) -> str:
    with pytest.raises(BundleError) as raised:
        load_bundle(path)
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
def test_what_is_saved_is_loaded(tmp_path: Path, dtype: str) -> None:
    saved = save_toy(tmp_path / "toy", dtype)
    bundle = load_bundle(tmp_path / "toy")
    assert bundle.path == tmp_path / "toy"
    assert bundle.fingerprint == saved
    assert bundle.config.weights_dtype == dtype
    assert bundle.tokenizer.encode(" ".join(WORDS[:3])) == [6, 7, 8]
    assert bundle.card.startswith("# toy\n")
    expected = as_stored(toy_weights(toy_network()), dtype)
    assert all(np.array_equal(bundle.weights[name], expected[name]) for name in expected)


def test_the_fingerprint_is_of_the_three_files_that_decide_a_reply(toy: Path) -> None:
    before = load_bundle(toy).fingerprint
    assert before == fingerprint(*((toy / name).read_bytes() for name in FILES))
    (toy / CARD_FILE).write_text("another card")
    assert load_bundle(toy).fingerprint == before
    config = (toy / CONFIG_FILE).read_bytes()
    (toy / CONFIG_FILE).write_bytes(config + b" ")
    assert load_bundle(toy).fingerprint != before


def test_a_fingerprint_knows_where_a_file_ends() -> None:
    assert fingerprint(b"ab", b"c", b"") != fingerprint(b"a", b"bc", b"")


def test_the_same_model_has_the_same_fingerprint(tmp_path: Path) -> None:
    assert save_toy(tmp_path / "a", "int8") == save_toy(tmp_path / "b", "int8")
    assert save_toy(tmp_path / "c", "int8", seed=1) != save_toy(tmp_path / "d", "int8")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(toy: Path, name: str) -> None:
    (toy / name).unlink()
    assert refused(toy) == f"{toy / name}: the file is missing from the bundle"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere") == f"{tmp_path / 'nowhere'}: there is no such folder"


def test_a_missing_card_is_an_empty_one(toy: Path) -> None:
    (toy / CARD_FILE).unlink()
    assert load_bundle(toy).card == ""


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "cannot be read" in refused(tmp_path / "file")


@pytest.mark.parametrize("name", [*FILES, CARD_FILE])
def test_a_folder_or_a_pipe_in_place_of_a_file_is_refused(toy: Path, name: str) -> None:
    (toy / name).unlink()
    os.mkfifo(toy / name)
    assert refused(toy) == f"{toy / name}: is not a plain file"
    (toy / name).unlink()
    (toy / name).mkdir()
    assert refused(toy) == f"{toy / name}: cannot be read: Is a directory"


@pytest.mark.parametrize("name", [*FILES, CARD_FILE])
def test_a_link_out_of_the_folder_is_refused(toy: Path, tmp_path: Path, name: str) -> None:
    (toy / name).rename(tmp_path / "outside")
    (toy / name).symlink_to(tmp_path / "outside")
    assert refused(toy) == f"{toy / name}: leads out of the bundle's folder"


def test_a_link_within_the_folder_and_a_link_to_the_folder_are_followed(toy: Path, tmp_path: Path) -> None:
    (toy / WEIGHTS_FILE).rename(toy / "real")
    (toy / WEIGHTS_FILE).symlink_to("real")
    (tmp_path / "link").symlink_to(toy)
    assert load_bundle(tmp_path / "link").config.name == "toy"


def test_a_link_in_a_circle_is_refused(toy: Path) -> None:
    (toy / CONFIG_FILE).unlink()
    (toy / CONFIG_FILE).symlink_to(CONFIG_FILE)
    assert refused(toy).startswith(str(toy / CONFIG_FILE))


@pytest.mark.parametrize("name", [*FILES, CARD_FILE])
def test_an_endless_file_is_not_read(toy: Path, name: str) -> None:
    with (toy / name).open("r+b") as file:
        file.truncate(10**12)  # sparse
    assert "must hold at most" in refused(toy)


@pytest.mark.parametrize("name", FILES)
def test_truncation_anywhere_is_found(toy: Path, name: str) -> None:
    content = (toy / name).read_bytes()
    for end in {0, 1, 7, 8, 9, len(content) // 3, len(content) // 2, len(content) - 2}:
        (toy / name).write_bytes(content[:end])
        assert refused(toy)


@pytest.mark.parametrize("name", FILES)
def test_noise_is_found_or_harmless(toy: Path, name: str) -> None:
    content, dice = (toy / name).read_bytes(), random.Random(name)
    for _ in range(60):
        noisy = bytearray(content)
        for _ in range(dice.choice((1, 1, 1, 20))):
            noisy[dice.randrange(len(noisy))] ^= 1 << dice.randrange(8)
        (toy / name).write_bytes(noisy)
        with contextlib.suppress(BundleError):
            assert len(load_bundle(toy).weights) == len(toy_weights(toy_network()))


def test_a_tokenizer_of_another_size_is_refused(toy: Path) -> None:
    (toy / TOKENIZER_FILE).write_bytes(WordTokenizer(WORDS[:-1], False).to_bytes())
    assert refused(toy) == f"{toy / TOKENIZER_FILE}: must have 86 ids as the network has, but has 85"


def test_a_damaged_tokenizer_is_refused(toy: Path) -> None:
    (toy / TOKENIZER_FILE).write_bytes(b"{}")
    assert refused(toy).startswith(f"{toy / TOKENIZER_FILE}: ")


def test_weights_of_another_network_are_refused(toy: Path) -> None:
    values = json.loads((toy / CONFIG_FILE).read_text())
    values["network"]["decoder_units"] = 48
    (toy / CONFIG_FILE).write_text(json.dumps(values))
    assert "must have shape" in refused(toy)


def test_only_the_configuration_can_be_read(toy: Path) -> None:
    (toy / WEIGHTS_FILE).unlink()
    assert read_config(toy).name == "toy"


def test_saving_replaces_an_old_bundle_and_leaves_nothing_beside_it(toy: Path) -> None:
    (toy / "old").write_text("x")
    save_toy(toy, "float16")
    assert sorted(path.name for path in toy.iterdir()) == sorted([*FILES, CARD_FILE])
    assert [path.name for path in toy.parent.iterdir() if path.name != "home"] == ["toy"]


def fail(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    "spoil",
    [lambda m: m.setattr(Path, "write_bytes", fail), lambda m: m.setattr(os, "fsync", fail)],
    ids=["write", "sync"],
)
def test_a_full_disk_leaves_the_old_bundle(
    toy: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[pytest.MonkeyPatch], None]
) -> None:
    before = load_bundle(toy).fingerprint
    with monkeypatch.context() as patched:
        spoil(patched)
        with pytest.raises(BundleError, match="cannot be written: No space left on device"):
            save_toy(toy, "float16", seed=1)
    assert load_bundle(toy).fingerprint == before
    assert [path.name for path in toy.parent.iterdir() if path.name != "home"] == ["toy"]


def test_a_tokenizer_that_does_not_fit_is_not_saved(tmp_path: Path) -> None:
    tokenizer = WordTokenizer(WORDS[:5], False)
    with pytest.raises(BundleError, match="the tokenizer has 11 ids, but the network has 86"):
        save_bundle(tmp_path / "x", toy_config(), toy_weights(toy_network()), tokenizer, "")
    assert not (tmp_path / "x").exists()


def test_a_copied_bundle_is_the_same(toy: Path, tmp_path: Path) -> None:
    shutil.copytree(toy, tmp_path / "copy")
    assert load_bundle(tmp_path / "copy").fingerprint == load_bundle(toy).fingerprint
