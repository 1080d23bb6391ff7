"""Downloads against a server on this machine that knows ranges or not, breaks off, lies or is silent."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.request import Request

import pytest
from file_server import Site, serving

from chatbot.bundle import web
from chatbot.bundle.download import Part, download
from chatbot.bundle.web import fetch
from chatbot.errors import BundleError

CONTENT = bytes(range(256)) * 1000
SIZE = len(CONTENT)
LIMIT = 10 * SIZE


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.files["/a"] = CONTENT
        yield site


@pytest.fixture
def part(site: Site, tmp_path: Path) -> Part:
    return Part(f"{site.url}/a", tmp_path / "models")


def get(part: Part, limit: int = LIMIT, size: int | None = None) -> list[tuple[int, int | None]]:
    seen: list[tuple[int, int | None]] = []
    download(part, limit, size, lambda done, whole: seen.append((done, whole)))
    return seen


def failing(part: Part, limit: int = LIMIT, size: int | None = None) -> str:
    with pytest.raises(BundleError) as caught:
        get(part, limit, size)
    return str(caught.value)


def test_a_file_is_downloaded_and_its_progress_told(part: Part) -> None:
    seen = get(part)
    assert part.path.read_bytes() == CONTENT
    assert seen[0] == (0, SIZE)
    assert seen[-1] == (SIZE, SIZE)
    assert part.path.stat().st_mode & 0o077 == 0
    part.remove()
    assert list(part.path.parent.iterdir()) == []


def test_what_broke_off_goes_on_where_it_stood(part: Part, site: Site) -> None:
    site.breaks = [100_000, 50_000]
    get(part)
    assert part.path.read_bytes() == CONTENT
    assert [one.get("Range") for one in site.asked] == [None, "bytes=100000-", "bytes=150000-"]


def test_a_later_attempt_goes_on_with_what_an_earlier_one_left(part: Part, site: Site) -> None:
    site.breaks = [100_000, 0]
    line = failing(part)
    assert "the 100,000 bytes that came are kept; type the same line again" in line
    site.asked.clear()
    seen = get(Part(part.url, part.path.parent))
    assert part.path.read_bytes() == CONTENT
    assert seen[0] == (100_000, SIZE)
    assert site.asked[0]["Range"] == "bytes=100000-"


@pytest.mark.parametrize("why", ["no ranges", "another file"])
def test_a_server_that_cannot_go_on_begins_again(part: Part, site: Site, why: str) -> None:
    site.breaks = [100_000, 0]
    failing(part)
    site.ranges = why != "no ranges"
    if why == "another file":
        site.files["/a"], site.etag = CONTENT[::-1], '"two"'
    get(part)
    assert part.path.read_bytes() == site.files["/a"]


def test_without_etag_or_date_nothing_is_kept(part: Part, site: Site) -> None:
    site.etag, site.breaks = None, [100_000, 0]
    line = failing(part)
    assert "nothing is kept" in line
    assert not part.path.exists()
    site.headers["Last-Modified"], site.breaks = "Sat, 01 Nov 2025 00:00:00 GMT", [100_000, 0]
    assert "are kept" in failing(part)


def test_a_weak_etag_is_no_ground_to_go_on(part: Part, site: Site) -> None:
    site.etag, site.breaks = 'W/"one"', [100_000, 0]
    assert "nothing is kept" in failing(part)


def test_a_part_that_is_whole_is_not_sent_again(part: Part, site: Site) -> None:
    get(part)
    get(part)
    assert [one.get("Range") for one in site.asked] == [None, f"bytes={SIZE}-"]
    assert part.path.read_bytes() == CONTENT


def test_a_part_that_is_longer_than_the_file_is_thrown_away(part: Part, site: Site) -> None:
    get(part)
    with part.path.open("ab") as file:
        file.write(b"more")
    get(part)
    assert part.path.read_bytes() == CONTENT


@pytest.mark.parametrize("note", [b"", b"{}", b"[1]", b'{"url": 3, "validator": 4}', b'{"url": "elsewhere"}'])
def test_a_note_that_says_nothing_begins_again(part: Part, site: Site, note: bytes) -> None:
    get(part)
    part.path.write_bytes(b"x" * 100)
    part.note.write_bytes(note)
    get(part)
    assert part.path.read_bytes() == CONTENT


def test_what_is_too_large_is_refused_before_it_comes_and_while_it_comes(part: Part, site: Site) -> None:
    assert f"must hold at most 1,000 bytes, but holds {SIZE:,} or more" in failing(part, limit=1000)
    site.says_length = False
    assert "must hold at most 1,000 bytes" in failing(part, limit=1000)
    assert not part.path.exists()


def test_the_size_that_the_index_says_must_be_the_servers(part: Part, site: Site) -> None:
    assert f"must hold 5 bytes, as the index says, but holds {SIZE:,}" in failing(part, size=5)
    site.says_length = False
    assert "as the index says" in failing(part, size=SIZE + 1)
    get(part, size=SIZE)


def test_a_full_disk_is_one_line_and_keeps_what_came(part: Part, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr("chatbot.bundle.download.os.fsync", full)
        patched.setattr(
            "chatbot.bundle.download.write_atomically", lambda path, content, mode: path.write_bytes(content)
        )
        line = failing(part)
    assert "cannot be written: No space left on device; the" in line
    assert "are kept" in line
    get(part)
    assert part.path.read_bytes() == CONTENT


def test_a_silent_server_is_not_waited_for_for_ever(part: Part, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "TIMEOUT", 0.05)
    site.silent = True
    assert "no answer for 0.05 seconds" in failing(part)


def test_what_is_not_there_is_one_line(part: Part, site: Site) -> None:
    del site.files["/a"]
    assert failing(part) == f"{site.url}/a: the server says 404 Not Found; check the address"


def test_a_server_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with serving() as gone:
        url = gone.url
    assert failing(Part(f"{url}/a", tmp_path)) == f"{url}/a: cannot be reached: Connection refused"


def test_redirects_are_followed_to_another_host_but_not_in_a_circle(part: Part, site: Site) -> None:
    site.redirects["/a"] = site.url.replace("127.0.0.1", "localhost") + "/b"
    site.files["/b"] = CONTENT
    get(part)
    assert part.path.read_bytes() == CONTENT
    site.redirects["/b"] = "/a"
    part.remove()
    assert "redirects in a circle" in failing(part)
    site.redirects["/a"] = "file:///etc/passwd"
    assert "to where it may not (302)" in failing(part)


def test_a_redirect_from_https_to_http_is_refused() -> None:
    asked = Request("https://example.org/a")
    redirects = web._Redirects()
    with pytest.raises(BundleError, match=r"redirects from https to http://example\.org/b"):
        redirects.redirect_request(asked, SimpleNamespace(), 302, "", {}, "http://example.org/b")
    assert redirects.redirect_request(asked, SimpleNamespace(), 302, "", {}, "https://example.com/b") is not None


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://example.org/a", "must be an address that begins with https:// or http://"),
        ("http:///a", "must be an address"),
        ("https://[x", "is no address"),
        ("http://me:secret@example.org/a", "leave out what stands before '@'"),
        ("http://127.0.0.1:99999999/a", "cannot be reached"),
        ("http://127.0.0.1:port/a", "cannot be reached"),
        (f"http://{'a' * 70}.invalid/", "cannot be reached"),
    ],
)
def test_what_is_no_address_is_one_line(tmp_path: Path, url: str, says: str) -> None:
    line = failing(Part(url, tmp_path))
    assert says in line
    assert "\n" not in line
    assert "secret" not in line


def test_a_small_file_is_fetched_whole_or_not_at_all(site: Site) -> None:
    assert fetch(f"{site.url}/a", SIZE) == CONTENT
    site.breaks = [7]
    with pytest.raises(BundleError, match="broke after 7 of"):
        fetch(f"{site.url}/a", SIZE)
    with pytest.raises(BundleError, match="at most 10 bytes"):
        fetch(f"{site.url}/a", 10)
    site.headers["Content-Encoding"] = "gzip"
    with pytest.raises(BundleError, match="compressed"):
        fetch(f"{site.url}/a", SIZE)


def test_letters_beyond_ascii_are_spelled_out(site: Site) -> None:
    site.files["/mod%C3%A8le"] = b"x"
    assert fetch(f"{site.url}/modèle", 10) == b"x"
