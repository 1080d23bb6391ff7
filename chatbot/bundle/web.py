"""An address -> the server's answer, over HTTP or HTTPS; whatever goes wrong is one line that names the address.

A redirect is followed, to another host, too, but never from https to http, nor to anything that is no web address.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import IO, Any
from urllib.parse import quote, urlsplit

from chatbot.errors import BundleError

TIMEOUT = 30.0  # seconds that a server may be silent
UNSATISFIABLE = 416  # the range that was asked for lies beyond the end
_KEPT = "%/:=&?~#+!$,;'@()*[]"  # of an address, what stays as it is
_CHUNK = 1 << 16

Answer = http.client.HTTPResponse | urllib.error.HTTPError


class Interrupted(Exception):
    """A connection that broke after it stood; its text says how."""


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect unless it gives up encryption."""

    max_redirections = 5

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """The next request; `BundleError` for one in the clear after one that was encrypted."""
        if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
            raise BundleError(
                f"{req.full_url}: redirects from https to {newurl}, which anyone could change; not followed"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def is_address(text: str) -> bool:
    """Whether this is meant as the address of something in a network."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text) is not None


@contextlib.contextmanager
def answer(url: str, headers: Mapping[str, str] | None = None) -> Iterator[Answer]:
    """What the server answers: 200, or to a range 206 or 416. Anything else is a `BundleError`.

    Reading in the block raises `Interrupted` where the connection breaks.
    """
    asked = _request(url, headers or {})
    try:
        found = urllib.request.build_opener(_Redirects).open(asked, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code != UNSATISFIABLE:
            error.close()
            raise BundleError(f"{url}: {_refusal(error)}") from error
        found = error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise BundleError(f"{url}: cannot be reached: {_why(error)}") from error
    with contextlib.closing(found):
        if found.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise BundleError(f"{url}: the server sends it compressed, though asked not to")
        yield found


def pieces(found: Answer) -> Iterator[bytes]:
    """The body as it comes. `Interrupted` where the connection breaks, or is silent for too long."""
    while True:
        try:
            piece = found.read(_CHUNK)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Interrupted(_why(error)) from error
        if not piece:
            return
        yield piece


def fetch(url: str, limit: int) -> bytes:
    """The whole of a small file, of at most `limit` bytes."""
    content = b""
    with answer(url) as found:
        try:
            for piece in pieces(found):
                content += piece
                if len(content) > limit:
                    raise BundleError(f"{url}: must hold at most {limit:,} bytes, but holds more")
        except Interrupted as error:
            raise BundleError(f"{url}: the connection broke: {error}") from error
        if (promised := length_of(found)) is not None and promised != len(content):
            raise BundleError(f"{url}: the connection broke after {len(content):,} of {promised:,} bytes")
    return content


def length_of(found: Answer) -> int | None:
    """The bytes that the server says its answer has."""
    said = found.headers.get("Content-Length", "")
    return int(said) if re.fullmatch(r"\d{1,15}", said) else None


def _request(url: str, headers: Mapping[str, str]) -> urllib.request.Request:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise BundleError(f"{url}: is no address: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BundleError(f"{url}: must be an address that begins with https:// or http://")
    if "@" in parts.netloc:
        raise BundleError("an address with a name or a password in it is not taken; leave out what stands before '@'")
    always = {"User-Agent": "chatbot", "Accept-Encoding": "identity"}
    return urllib.request.Request(quote(url, safe=_KEPT), headers={**always, **headers})


def _refusal(error: urllib.error.HTTPError) -> str:
    if 300 <= error.code < 400:
        return f"redirects in a circle, or to where it may not ({error.code})"
    hint = "; check the address" if error.code in (404, 410) else ""
    return f"the server says {error.code} {http.client.responses.get(error.code, '')}".rstrip() + hint


def _why(error: Exception) -> str:
    """The cause in a few words."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return f"no answer for {TIMEOUT:g} seconds"
    return getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
