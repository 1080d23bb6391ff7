"""Archives of bundles: the same bytes again, and what a stranger may put into one."""

from __future__ import annotations

import gzip
import io
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_bundle import save_toy

from chatbot.bundle import archive
from chatbot.bundle.archive import SUMS_FILE, checksums, read_archive, write_archive
from chatbot.bundle.folder import CARD_FILE, CONFIG_FILE, WEIGHTS_FILE, read_files
from chatbot.bundle.loading import bundle_of, load_bundle
from chatbot.errors import BundleError


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of a toy bundle that lies beside it."""
    folder = tmp_path_factory.mktemp("packed")
    save_toy(folder / "toy", "int8")
    write_archive(read_files(folder / "toy"), folder / "toy.tar")
    return folder / "toy.tar"


def refused(path: Path) -> str:
    with pytest.raises(BundleError) as caught:
        bundle_of(read_archive(path))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def rewritten(packed: Path, to: Path, change: Callable[[tarfile.TarInfo], tarfile.TarInfo | None]) -> Path:
    """A copy of the archive with its entries changed; None leaves one out."""
    with tarfile.open(packed) as old, tarfile.open(to, "w") as new:
        for entry in old.getmembers():
            content = old.extractfile(entry)
            assert content is not None
            if (other := change(entry)) is not None:
                new.addfile(other, content)
    return to


def added(packed: Path, to: Path, entry: tarfile.TarInfo, content: bytes = b"") -> Path:
    """A copy of the archive with one entry more."""
    to.write_bytes(packed.read_bytes())
    entry.size = len(content)
    with tarfile.open(to, "a") as file:
        file.addfile(entry, io.BytesIO(content))
    return to


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    return made


def test_what_was_packed_is_the_same_bundle(packed: Path) -> None:
    before, after = load_bundle(packed.with_name("toy")), bundle_of(read_archive(packed))
    assert (before.fingerprint, before.config, before.card) == (after.fingerprint, after.config, after.card)


def test_the_same_bundle_is_the_same_bytes(packed: Path, tmp_path: Path) -> None:
    save_toy(tmp_path / "elsewhere", "int8")
    (tmp_path / "elsewhere" / "notes.txt").write_text("not packed")
    write_archive(read_files(tmp_path / "elsewhere"), tmp_path / "again.tar")
    assert (tmp_path / "again.tar").read_bytes() == packed.read_bytes()
    write_archive(read_archive(packed), tmp_path / "copy.tar")
    assert (tmp_path / "copy.tar").read_bytes() == packed.read_bytes()


def test_an_archive_made_by_hand_is_read_too(packed: Path, tmp_path: Path) -> None:
    shutil.copytree(packed.with_name("toy"), tmp_path / "toy")
    (tmp_path / "toy" / SUMS_FILE).write_bytes(checksums(read_files(tmp_path / "toy")))
    with tarfile.open(tmp_path / "hand.tar", "w") as file:
        file.add(tmp_path / "toy", "./toy")  # a folder's entry, owners and times
    assert read_archive(tmp_path / "hand.tar").fingerprint == read_archive(packed).fingerprint
    flat = rewritten(packed, tmp_path / "flat.tar", lambda one: one.replace(name=one.name.split("/")[1], deep=False))
    assert read_archive(flat).fingerprint == read_archive(packed).fingerprint


def test_a_model_without_a_card_can_be_given_away(packed: Path, tmp_path: Path) -> None:
    shutil.copytree(packed.with_name("toy"), tmp_path / "toy")
    (tmp_path / "toy" / CARD_FILE).unlink()
    write_archive(read_files(tmp_path / "toy"), tmp_path / "a.tar")
    assert read_archive(tmp_path / "a.tar").card == ""


@pytest.mark.skipif(not (shutil.which("tar") and shutil.which("sha256sum")), reason="tar and sha256sum are not here")
def test_tar_and_sha256sum_can_look_into_it(packed: Path, tmp_path: Path) -> None:
    subprocess.run(["tar", "-xf", packed], cwd=tmp_path, check=True, timeout=60)
    subprocess.run(["sha256sum", "--check", "--status", SUMS_FILE], cwd=tmp_path / "toy", check=True, timeout=60)
    assert load_bundle(tmp_path / "toy").fingerprint == read_archive(packed).fingerprint


@pytest.mark.parametrize(
    ("name", "kind", "link", "says"),
    [
        ("toy/extra.py", tarfile.REGTYPE, "", "holds 'extra.py', which belongs to no bundle"),
        ("../escaped", tarfile.REGTYPE, "", "does not lie in the one folder"),
        ("/etc/escaped", tarfile.REGTYPE, "", "does not lie in the one folder"),
        ("toy/../../escaped", tarfile.REGTYPE, "", "does not lie in the one folder"),
        ("other/config.json", tarfile.REGTYPE, "", "stands twice"),
        ("toy/config.json", tarfile.REGTYPE, "", "stands twice"),
        ("toy/link", tarfile.SYMTYPE, "/etc/passwd", "is not a plain file"),
        ("toy/link", tarfile.LNKTYPE, "toy/config.json", "is not a plain file"),
        ("toy/device", tarfile.CHRTYPE, "", "is not a plain file"),
        ("toy/pipe", tarfile.FIFOTYPE, "", "is not a plain file"),
        ("toy/holes", tarfile.GNUTYPE_SPARSE, "", "is not a plain file"),
        ("toy/", tarfile.REGTYPE, "", "has no name or stands twice"),
        ("toy/deeper", tarfile.DIRTYPE, "", "does not lie in the one folder"),
    ],
)
def test_what_belongs_to_no_bundle_is_refused(
    packed: Path, tmp_path: Path, name: str, kind: bytes, link: str, says: str
) -> None:
    assert says in refused(added(packed, tmp_path / "a.tar", entry(name, kind, link)))


@pytest.mark.parametrize("missing", [CONFIG_FILE, WEIGHTS_FILE, "tokenizer.json", SUMS_FILE])
def test_a_file_that_is_missing_is_named(packed: Path, tmp_path: Path, missing: str) -> None:
    path = rewritten(packed, tmp_path / "a.tar", lambda one: None if one.name.endswith(missing) else one)
    assert missing in refused(path)


def test_sizes_are_looked_at_before_anything_is_read(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    big = tmp_path / "big.tar"
    with tarfile.open(packed) as old, tarfile.open(big, "w") as new:
        for one in old.getmembers():
            content = old.extractfile(one)
            assert content is not None
            if one.name.endswith(CARD_FILE):
                one.size, content = 2_000_000, io.BytesIO(bytes(2_000_000))
            new.addfile(one, content)
    assert "CARD.md: must hold at most 1,000,000 bytes, but holds 2,000,000" in refused(big)
    many = tmp_path / "many.tar"
    with tarfile.open(many, "w") as new:
        for number in range(20):
            new.addfile(entry(f"toy/{number}"))
    assert "holds more than 8 entries" in refused(many)
    monkeypatch.setattr(archive, "LARGEST_ARCHIVE", 1000)
    assert "must hold at most 1,000 bytes" in refused(packed)


def test_what_is_no_archive_is_one_line(packed: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    assert "there is no such file" in refused(path)
    assert "there is no such file" in refused(tmp_path)
    for content in (b"", b"hello", gzip.compress(packed.read_bytes()), b"PK\x03\x04", bytes(2000)):
        path.write_bytes(content)
        refused(path)


@settings(max_examples=50)
@given(st.integers(0, 50_000), st.binary(min_size=1, max_size=8))
def test_whatever_is_damaged_is_one_line_or_no_damage_to_the_bundle(
    tmp_path_factory: pytest.TempPathFactory, packed: Path, place: int, new: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.tar"
    content = bytearray(packed.read_bytes())
    content[place : place + len(new)] = new
    path.write_bytes(bytes(content))
    try:
        found = bundle_of(read_archive(path)).fingerprint
    except BundleError as error:
        said = str(error)
    else:
        said = ""
        assert found == read_archive(packed).fingerprint
    assert "\n" not in said


@pytest.mark.parametrize("share", [0.05, 0.3, 0.7, 0.9])
def test_an_archive_that_is_cut_off_is_one_line(packed: Path, tmp_path: Path, share: float) -> None:
    content = packed.read_bytes()
    path = tmp_path / "a.tar"
    path.write_bytes(content[: int(len(content) * share)])
    refused(path)
