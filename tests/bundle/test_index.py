"""Indexes of models: made of a folder of archives, read from files and addresses, and wrong ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from file_server import serving
from toy_bundle import save_toy

from chatbot.bundle.archive import write_archive
from chatbot.bundle.folder import read_files
from chatbot.bundle.index import read_index, write_index
from chatbot.errors import BundleError

SUM = "ab" * 32


def written(tmp_path: Path, value: Any) -> str:
    path = tmp_path / "index.json"
    path.write_text(json.dumps(value))
    return str(path)


def test_a_folder_of_archives_becomes_an_index(tmp_path: Path) -> None:
    for name in ("one", "a mödel 100%"):
        save_toy(tmp_path / "bundles" / name, "int8", name=name, training={"licence": "CC0"})
        write_archive(read_files(tmp_path / "bundles" / name), tmp_path / f"{name}.tar")
    made = write_index(tmp_path)
    found = read_index(str(tmp_path / "index.json"))
    assert list(found) == list(made) == ["a mödel 100%", "one"]
    assert [Path(one.url).is_file() for one in found.values()] == [True, True]
    one = found["one"]
    assert (one.size, one.task, one.licence) == ((tmp_path / "one.tar").stat().st_size, "dialogue", "CC0")
    assert one.description.startswith("A model for dialogue: it reads")
    with serving() as site:
        site.files["/models/index.json"] = (tmp_path / "index.json").read_bytes()
        address = f"{site.url}/models/index.json"
        assert read_index(address)["one"].url == f"{site.url}/models/one.tar"
        assert read_index(address)["a mödel 100%"].url == f"{site.url}/models/a%20m%C3%B6del%20100%25.tar"


def test_two_of_one_name_and_none_at_all_make_no_index(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="holds no"):
        write_index(tmp_path)
    save_toy(tmp_path / "toy")
    for name in ("a.tar", "b.tar"):
        write_archive(read_files(tmp_path / "toy"), tmp_path / name)
    with pytest.raises(BundleError, match=r"b\.tar: is named 'toy', as is a\.tar"):
        write_index(tmp_path)
    assert not (tmp_path / "index.json").exists()


@pytest.mark.parametrize(
    ("url", "meant"),
    [("https://example.org/x.tar", "https://example.org/x.tar"), ("sub/x.tar", "{}/sub/x.tar"), ("/x.tar", "/x.tar")],
)
def test_where_an_archive_is_is_meant_beside_the_index(tmp_path: Path, url: str, meant: str) -> None:
    source = written(tmp_path, {"m": {"url": url, "sha256": SUM.upper(), "of a later version": [1]}})
    found = read_index(source)["m"]
    assert (found.url, found.sha256, found.size) == (meant.format(tmp_path), SUM, None)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([], "must be a JSON object"),
        ({"../x": {"url": "x", "sha256": SUM}}, "must be a plain name"),
        ({"m": "x"}, "m: must be an object with url and sha256"),
        ({"m": {"sha256": SUM}}, "m: url is missing"),
        ({"m": {"url": "x"}}, "m: sha256 must be 64 hexadecimal digits, but is 'None'"),
        ({"m": {"url": "x", "sha256": "12"}}, "sha256 must be 64 hexadecimal digits, but is '12'"),
        ({"m": {"url": 3, "sha256": SUM}}, "url must be a text"),
        ({"m": {"url": "x", "sha256": SUM, "size": "big"}}, "size must be a number of bytes"),
    ],
)
def test_a_wrong_index_is_one_line(tmp_path: Path, value: Any, says: str) -> None:
    with pytest.raises(BundleError) as caught:
        read_index(written(tmp_path, value))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_index_that_cannot_be_read_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BundleError, match="cannot be read: No such file"):
        read_index(str(tmp_path / "none.json"))
    monkeypatch.setattr("chatbot.bundle.index.LARGEST_INDEX", 3)
    with pytest.raises(BundleError, match="at most 3 bytes"):
        read_index(written(tmp_path, {"m": 1}))
