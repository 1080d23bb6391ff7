from __future__ import annotations

from pathlib import Path

import pytest

from chatbot.data.folder import dataset_folder
from chatbot.errors import DatasetError


def write(path: Path, overwrite: bool = False, content: str = "{}") -> None:
    with dataset_folder(path, overwrite) as folder:
        (folder / "dataset.json").write_text(content)


def error_of(path: Path, overwrite: bool = False) -> str:
    with pytest.raises(DatasetError) as caught:
        write(path, overwrite)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_dataset_is_replaced_only_when_told(tmp_path: Path) -> None:
    path = tmp_path / "new" / "data"
    write(path, content="1")
    assert "add --overwrite to replace it" in error_of(path)
    assert (path / "dataset.json").read_text() == "1"
    write(path, overwrite=True, content="2")
    assert (path / "dataset.json").read_text() == "2"
    assert [child.name for child in path.parent.iterdir()] == ["data"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.mkdir()
    write(path)
    assert (path / "dataset.json").exists()


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_with_other_files_is_never_touched(tmp_path: Path, overwrite: bool) -> None:
    write(tmp_path / "data")
    (tmp_path / "data" / "notes.txt").write_text("mine")
    assert "holds 'notes.txt', which no dataset has" in error_of(tmp_path / "data", overwrite)
    assert (tmp_path / "data" / "notes.txt").read_text() == "mine"
    assert "choose another --output" in error_of(tmp_path, overwrite)


def test_a_file_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_text("mine")
    assert "is a file" in error_of(path, overwrite=True)
    assert f"{path}: is a file" in error_of(path / "below" / "it")
    assert path.read_text() == "mine"


def fail(path: Path, error: BaseException) -> None:
    with dataset_folder(path, False) as folder:
        (folder / "train.tokens.bin").write_bytes(b"half")
        raise error


def test_an_error_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="No space left on device"):
        fail(tmp_path / "data", OSError(28, "No space left on device"))
    with pytest.raises(KeyboardInterrupt):
        fail(tmp_path / "data", KeyboardInterrupt())
    assert list(tmp_path.iterdir()) == []


def test_a_link_leads_to_the_folder_it_names(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "data")
    write(tmp_path / "link")
    write(tmp_path / "link", overwrite=True, content="2")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "data" / "dataset.json").read_text() == "2"


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    half = tmp_path / ".data.4194305.tmp"  # above the largest process id
    half.mkdir()
    aside = tmp_path / ".data.4194305.old.tmp"
    aside.mkdir()
    (aside / "dataset.json").write_text("old")
    assert "add --overwrite" in error_of(tmp_path / "data")
    assert [child.name for child in tmp_path.iterdir()] == ["data"]
    assert (tmp_path / "data" / "dataset.json").read_text() == "old"
