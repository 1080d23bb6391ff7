from __future__ import annotations

import gzip
import lzma
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from cornell_files import SEPARATOR, conversation_rows, joined, line_rows, text_of, write_files

from chatbot.corpus.conversation import Conversation, Utterance
from chatbot.corpus.cornell import read_cornell
from chatbot.corpus.counts import Counts
from chatbot.errors import CorpusError

LINES, CONVERSATIONS = "movie_lines.txt", "movie_conversations.txt"


def read(path: Path) -> tuple[list[Conversation], Counts]:
    counts = Counts()
    return list(read_cornell(path, counts)), counts


def error_of(path: Path) -> str:
    with pytest.raises(CorpusError) as caught:
        read(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def pack(folder: Path, how: str) -> Path:
    """The corpus in `folder`, packed; returns what a user would name as SRC."""
    files = sorted(folder.iterdir())
    if how in {"xz", "gz"}:
        compress = {"xz": lzma.compress, "gz": gzip.compress}[how]
        for file in files:
            file.with_name(f"{file.name}.{how}").write_bytes(compress(file.read_bytes()))
            file.unlink()
    elif how == "subfolder":
        inner = folder / "cornell movie-dialogs corpus"
        inner.mkdir()
        for file in files:
            file.rename(inner / file.name)
    elif how.startswith("zip"):
        archive = folder / "cornell_movie_dialogs_corpus.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
            for file in files:
                opened.writestr(f"__MACOSX/c/._{file.name}", b"resource fork")
                opened.writestr(f"__MACOSX/{file.name}", b"resource fork")
                opened.write(file, f"cornell movie-dialogs corpus/{file.name}")
                file.unlink()
        return archive if how == "zip" else folder
    return folder


def test_conversations_come_in_order(tmp_path: Path) -> None:
    conversations, counts = read(write_files(tmp_path))
    first = conversations[0]
    assert first.id == "L000"
    assert first.source == "m0"
    assert first.utterances == tuple(Utterance(f"u0{turn % 2}", text_of(0, 0, turn), f"L00{turn}") for turn in range(5))
    assert [(c.source, c.id) for c in conversations] == [
        (row[2], row[3][2:-2].split("'")[0]) for row in conversation_rows()
    ]
    assert counts.read == {LINES: 240, CONVERSATIONS: 48}
    assert not counts.repaired
    assert not +counts.dropped


@pytest.mark.parametrize("how", ["xz", "gz", "subfolder", "zip", "zip in a folder"])
def test_packed_corpora_say_the_same(tmp_path: Path, how: str) -> None:
    plain, _ = read(write_files(tmp_path / "plain"))
    packed, _ = read(pack(write_files(tmp_path / "packed"), how))
    assert packed == plain


def test_texts_are_normalised_and_repairs_counted(tmp_path: Path) -> None:
    lines = line_rows()
    for row, text in zip(lines, ["<u>Oh</u>", "a\tb", "“q”", "", "don’t", "two  spaces", "\xad"], strict=False):
        row[4] = text
    conversations, counts = read(write_files(tmp_path, lines))
    said = {turn.id: turn.text for conversation in conversations for turn in conversation.utterances}
    assert [said[row[0]] for row in lines[:7]] == ["Oh", "a b", '"q"', "", "don't", "two spaces", ""]
    assert counts.read["lines with an empty text"] == 2
    assert counts.repaired == {
        "lines: markup": 1,
        "lines: white space": 2,
        "lines: quotes and dashes": 2,
        "lines: control characters": 1,
        "lines: decoded from cp1252": 3,
    }


def test_line_ends_and_cut_spaces_do_not_matter(tmp_path: Path) -> None:
    lines = line_rows()
    lines[3][4] = ""
    folder = write_files(tmp_path, lines)
    plain, _ = read(folder)
    for name in (LINES, CONVERSATIONS):
        rows = (folder / name).read_bytes().split(b"\n")
        (folder / name).write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(row.rstrip() for row in rows).rstrip())
    assert read(folder)[0] == plain


def test_metadata_is_counted_when_it_is_there(tmp_path: Path) -> None:
    folder = write_files(tmp_path)
    title = SEPARATOR.join(["m0", "a title", "1999", "6.9", "1000", "['comedy']"])
    (folder / "movie_titles_metadata.txt").write_text(f"{title}\n", encoding="utf-8")
    assert read(folder)[1].read["movie_titles_metadata.txt"] == 1


def test_a_few_malformed_lines_are_counted(tmp_path: Path) -> None:
    folder = write_files(tmp_path)
    with (folder / LINES).open("ab") as file:
        file.write(b"L9 +++$+++ only three +++$+++ fields\n\n")
    with (folder / CONVERSATIONS).open("rb+") as file:
        rows = joined(conversation_rows() * 5)  # 240 lines: one in a hundred is two of them
        file.write(rows + b"u0 +++$+++ u1 +++$+++ m0 +++$+++ __import__('os').remove('x')\n")
    conversations, counts = read(folder)
    assert len(conversations) == 240
    assert counts.dropped["lines: malformed in movie_lines.txt"] == 2
    assert counts.dropped["lines: malformed in movie_conversations.txt"] == 1


def test_what_does_not_fit_is_dropped_and_counted(tmp_path: Path) -> None:
    lines, conversations = line_rows(), conversation_rows() * 5
    lines += [["L000", "u9", "m9", "X", "an id again"], ["L99", "u9", "m9", "X", "in no conversation"]]
    conversations += [["u0", "u1", "m0", "['L000', 'L100']"], ["u0", "u1", "m0", "['L000', 'L999']"]]
    found, counts = read(write_files(tmp_path, lines, conversations))
    assert len(found) == 240
    assert counts.dropped == {
        "lines: the id of an earlier one": 1,
        "lines: in no conversation": 1,
        "conversations: a line of another movie": 1,
        "conversations: a missing line": 1,
    }


def test_a_missing_folder_or_file_is_named(tmp_path: Path) -> None:
    assert "No such file" in error_of(tmp_path / "nowhere")
    assert f"no {LINES} in it" in error_of(tmp_path)
    folder = write_files(tmp_path / "corpus")
    (folder / CONVERSATIONS).unlink()
    assert f"no {CONVERSATIONS} in it" in error_of(folder)
    assert "not a .zip file" in error_of(folder / LINES)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (LINES, b"", "movie_lines.txt: the file is empty"),
        (LINES, b"one,two,three\n" * 50, "movie_lines.txt:1: found 1 field, the last one 'one,two,three'; expected 5"),
        (LINES, b'{"id": "L1"}\n' * 5000, "100 of 100 lines are malformed, is this another format?"),
        (LINES, joined(line_rows()).replace(b"+++$+++", b"\t"), "found 1 field"),
        (LINES, joined(line_rows())[:-60], ":240: the file ends in the middle of a line"),
        (LINES, joined(line_rows()[:200]), "conversations name missing lines, was movie_lines.txt cut short?"),
        (LINES, "L1 +++$+++ ü\n".encode("utf-16"), "movie_lines.txt:1: "),
        (LINES, b"x" * (1 << 20), "movie_lines.txt:1: a line of over"),
        (CONVERSATIONS, b"", "movie_conversations.txt: the file is empty"),
        (CONVERSATIONS, joined(conversation_rows())[:-9], ":48: the file ends in the middle of a line"),
        (
            CONVERSATIONS,
            joined(conversation_rows()).replace(b"['L000'", b"[L000"),
            "_conversations.txt:1: found 4",
        ),
        (CONVERSATIONS, joined(line_rows()), "movie_conversations.txt:1: found 5 fields"),
    ],
)
def test_wrong_files_are_errors_that_say_where(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    folder = write_files(tmp_path)
    (folder / name).write_bytes(content)
    assert said in error_of(folder)


@pytest.mark.parametrize("compress", [lzma.compress, gzip.compress])
def test_truncated_and_damaged_archives_say_where(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    folder = write_files(tmp_path)
    (folder / LINES).unlink()
    packed = compress(joined(line_rows()))
    file = folder / f"{LINES}.{'xz' if compress is lzma.compress else 'gz'}"
    for content in (packed[: len(packed) * 2 // 3], packed[:3], b"no archive at all", packed[:200] + b"X" * 200):
        file.write_bytes(content)
        assert f"{file}:" in error_of(folder)
        assert "cannot read on" in error_of(folder)


def test_truncated_and_damaged_zips_say_where(tmp_path: Path) -> None:
    archive = pack(write_files(tmp_path), "zip")
    content = archive.read_bytes()
    archive.write_bytes(content[: len(content) // 2])
    assert "not a .zip file, or a damaged one" in error_of(archive)
    at = content.index(b"dialogs corpus/movie_lines.txt") + 200
    archive.write_bytes(content[:at] + b"\0" * 500 + content[at + 500 :])
    assert "movie_lines.txt:" in error_of(archive)


def test_control_characters_of_a_corpus_are_escaped_in_errors(tmp_path: Path) -> None:
    folder = write_files(tmp_path)
    (folder / LINES).write_bytes(b"\x1b[2J\x07boo\n" * 3)
    assert error_of(folder).isprintable()


@pytest.mark.slow
def test_the_real_corpus_is_read_whole(shared_corpora: Path) -> None:
    counts = Counts()
    conversations = pairs = 0
    for conversation in read_cornell(shared_corpora / "cornell", counts):
        conversations += 1
        pairs += len(list(pairwise(conversation.utterances)))
    assert (conversations, pairs) == (68_857, 182_401)
    assert counts.read[LINES] == 251_258
    assert not +counts.dropped
