"""A web server of files in memory, on this machine, whose faults a test chooses."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """What the server has, how it answers, and what it was asked."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    ranges: bool = True
    etag: str | None = '"one"'
    breaks: list[int] = field(default_factory=list)  # bytes after which each answer breaks off, in turn
    says_length: bool = True
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)  # headers of each request
    silent: bool = False  # takes a request and answers nothing
    closing: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def serving() -> Iterator[Site]:
    """A site on a port of its own, until the block ends."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self, site)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def answer(request: BaseHTTPRequestHandler, site: Site) -> None:
    asked = {name: value for name, value in request.headers.items()}
    site.asked.append({**asked, "path": request.path})
    if site.silent:
        site.closing.wait(60)
        return
    if request.path in site.redirects:
        request.send_response(302)
        request.send_header("Location", site.redirects[request.path])
        request.end_headers()
        return
    if request.path not in site.files:
        request.send_error(404)
        return
    content, first, status = site.files[request.path], 0, 200
    validator = site.etag or site.headers.get("Last-Modified")
    if site.ranges and "Range" in asked and asked.get("If-Range") == validator:
        first = int(asked["Range"].removeprefix("bytes=").rstrip("-"))
        status = 206 if first < len(content) else 416
    request.send_response(status)
    if site.etag:
        request.send_header("ETag", site.etag)
    for name, value in site.headers.items():
        request.send_header(name, value)
    if status == 416:
        request.send_header("Content-Range", f"bytes */{len(content)}")
        request.end_headers()
        return
    if status == 206:
        request.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
    if site.says_length:
        request.send_header("Content-Length", str(len(content) - first))
    request.end_headers()
    end = first + site.breaks.pop(0) if site.breaks else len(content)
    request.wfile.write(content[first:end])
