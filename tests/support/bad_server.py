"""A web server in a thread of the test's own process, on this machine alone, that misbehaves as it is told."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Manner:
    """What the server does.

    Args:
        body: What it gives under every path.
        cut: Bytes after which it hangs up, for each answer in order; no cut once they are used up.
        statuses: What it answers instead, in order, before it gives the body.
        ranges: Whether it goes on where a transfer was cut.
        kind: The type of content that it states.
        length: The length that it states; None for the true one, -1 for none at all.
        location: Where it sends people with its redirects.
        drip: Seconds between single bytes of the body; 0 for all at once.
        drip_head: The same for the head of the answer.
        asked: Filled with the path and the Range of each request.
    """

    body: bytes = b""
    cut: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    ranges: bool = True
    kind: str = "application/octet-stream"
    length: int | None = None
    location: str = ""
    drip: float = 0.0
    drip_head: float = 0.0
    asked: list[tuple[str, str]] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    """Answers one request as the server's manner says."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        manner, wanted = self.server.manner, self.headers.get("Range", "")
        self.close_connection = True
        manner.asked.append((self.path, wanted))
        with contextlib.suppress(OSError):
            if manner.drip_head:
                self.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000, manner.drip_head)
            elif manner.statuses:
                self.answer(manner.statuses.pop(0), b"no")
            else:
                start = int(wanted[6:-1]) if wanted and manner.ranges else 0
                self.answer(206 if start else 200, manner.body[start:], start)

    def answer(self, status: int, body: bytes, start: int = 0) -> None:
        manner = self.server.manner
        self.send_response(status)
        self.send_header("Content-Type", manner.kind)
        self.send_header("ETag", '"1"')
        if manner.location and 300 <= status < 400:
            self.send_header("Location", manner.location)
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{len(manner.body) - 1}/{len(manner.body)}")
        if manner.length != -1:
            self.send_header("Content-Length", str(len(body) if manner.length is None else manner.length))
        self.end_headers()
        if manner.cut and status in (200, 206):
            body = body[: manner.cut.pop(0)]
        if manner.drip:
            self.drip(body, manner.drip)
        else:
            self.wfile.write(body)

    def drip(self, text: bytes, seconds: float) -> None:
        for place in range(len(text)):
            self.wfile.write(text[place : place + 1])
            self.wfile.flush()
            if self.server.stopping.wait(seconds):
                return

    def log_message(self, *_: object) -> None:
        """Say nothing on stderr."""


class Server(ThreadingHTTPServer):
    """Knows its manner, and when to stop dripping."""

    daemon_threads = True

    def __init__(self, manner: Manner) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.manner, self.stopping = manner, threading.Event()


@contextlib.contextmanager
def serving(manner: Manner) -> Iterator[str]:
    """Serve until the block ends; gives the address."""
    with Server(manner) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.stopping.set()
            server.shutdown()
            thread.join()
