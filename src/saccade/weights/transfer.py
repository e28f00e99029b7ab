"""Fetching one file over HTTP into a file, however badly the server behaves: bounded in size and time, resumed if cut.

What comes is not believed before its hash has been checked; that is the caller's part.

Source: RFC 9110 (ranges, redirects); ours, on urllib3.
"""

from __future__ import annotations

import contextlib
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from saccade.errors import BadCheckpoint, Unreachable, printable

Progress = Callable[[int, int], None]
"""Called with the bytes that are there and those that will be; 0 where the server does not say."""

_CHUNK = 1 << 16
_PASSING = (408, 425, 429, 500, 502, 503, 504)
_FURTHER = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Limits:
    """When a transfer is given up.

    Args:
        connect: Seconds for a connection.
        wait: Seconds in which nothing comes.
        slowest: Bytes a second, on average, after `grace`.
        grace: Seconds that a slow start may take.
        attempts: In a row, without a mebibyte of progress in between.
        pause: Seconds before the second attempt; doubled before each further one.

    Source: ours.
    """

    connect: float = 10.0
    wait: float = 30.0
    slowest: float = 1024.0
    grace: float = 30.0
    attempts: int = 5
    pause: float = 0.5


def download(
    url: str, file: BinaryIO, *, most_bytes: int, limits: Limits | None = None, progress: Progress | None = None
) -> None:
    """Fetch a file; go on where it was cut, if the server can.

    Args:
        url: https:// or http://. Proxies are taken from the environment.
        file: Open for writing, empty.
        most_bytes: A larger one is refused.
        limits: When to give up.
        progress: Told of every piece.

    Raises:
        Unreachable: If it cannot be had: no connection, an error of the server, a redirect to another server, too
            slow, or cut again and again.
        BadCheckpoint: If what comes is a web page, or too large.

    Source: ours.
    """
    from urllib3.exceptions import HTTPError

    limits = limits or Limits()
    failures, kept, told, version = 0, 0, "", ""
    with _pool(url, limits) as pool:
        while failures < limits.attempts:
            if failures:
                time.sleep(limits.pause * 2 ** (failures - 1))
            try:
                with _answer(pool, url, file.tell(), version, limits) as answer:
                    told = _refused(answer, url)
                    if not told:
                        version = answer.headers.get("ETag", "")
                        _receive(answer, file, url, most_bytes=most_bytes, limits=limits, progress=progress)
                        return
            except HTTPError as error:
                told = _in_words(error)
            grown, kept = file.tell() - kept, file.tell()
            failures = 1 if grown >= 1 << 20 else failures + 1
    raise _unreachable(url, told)


def _pool(url: str, limits: Limits) -> Any:
    import urllib3

    parts = urllib.parse.urlsplit(url)
    timeout = urllib3.Timeout(connect=limits.connect, read=limits.wait)
    proxy = "" if urllib.request.proxy_bypass(parts.hostname or "") else urllib.request.getproxies().get(parts.scheme)
    if proxy:
        return urllib3.ProxyManager(proxy, timeout=timeout)
    return urllib3.PoolManager(timeout=timeout)


@contextlib.contextmanager
def _answer(pool: Any, url: str, start: int, version: str, limits: Limits) -> Iterator[Any]:
    """Ask for the rest of a file; follow redirects on the same server alone."""
    headers = {"Accept-Encoding": "identity", "User-Agent": "saccade"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if version and not version.startswith("W/"):
            headers["If-Range"] = version
    place = url
    for _ in range(4):
        with contextlib.closing(_asked(pool, place, headers, limits.connect + limits.wait)) as answer:
            if answer.status not in _FURTHER:
                yield answer
                return
            place = urllib.parse.urljoin(place, answer.headers.get("Location", ""))
        if urllib.parse.urlsplit(place)[:2] != urllib.parse.urlsplit(url)[:2]:
            raise _unreachable(url, f"a redirect to another server, {place[:200]}")
    raise _unreachable(url, "one redirect after the other")


def _asked(pool: Any, url: str, headers: dict[str, str], seconds: float) -> Any:
    """Send a request, and wait for the head of the answer, even if it drips in letter by letter, only so long."""
    from urllib3.exceptions import HTTPError

    done: list[Any] = []
    given_up = threading.Event()

    def ask() -> None:
        try:
            answer = pool.request(
                "GET", url, headers=headers, preload_content=False, decode_content=False, redirect=False, retries=False
            )
        except (HTTPError, OSError, ValueError) as error:
            answer = error
        done.append(answer)
        if given_up.is_set() and not isinstance(answer, Exception):
            answer.close()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if not done:
        given_up.set()
        raise _unreachable(url, "no whole answer in time")
    if isinstance(done[0], HTTPError):
        raise done[0]
    if isinstance(done[0], Exception):
        raise _unreachable(url, str(done[0])) from done[0]
    return done[0]


def _refused(answer: Any, url: str) -> str:
    """Say why an answer is not the file: "" if it is; what will not pass is raised at once."""
    if answer.status == 416:
        return ""
    if answer.status in (200, 206):
        if answer.headers.get("Content-Type", "").strip().lower().startswith("text/html"):
            raise BadCheckpoint(
                f"got a web page from {printable(url)}; taken is a file of weights; look at the address in a "
                "browser: a login or a proxy may stand before it"
            )
        return ""
    told = f"{answer.status} {answer.reason or ''}".strip()
    if answer.status not in _PASSING:
        raise _unreachable(url, told)
    return told


def _receive(
    answer: Any,
    file: BinaryIO,
    url: str,
    *,
    most_bytes: int,
    limits: Limits,
    progress: Progress | None,
) -> None:
    """Append what comes; begin again where the server gives the whole file."""
    from urllib3.exceptions import ProtocolError

    start = file.tell()
    if answer.status != 206 or not answer.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
        file.seek(0)
        file.truncate()
        start = 0
        if answer.status != 200:
            raise ProtocolError(f"{answer.status} instead of the part that was asked for")
    length = answer.headers.get("Content-Length", "")
    whole = start + int(length) if length.isdecimal() else 0
    _refuse_large(whole, url, most_bytes)
    began = time.monotonic()
    while piece := answer.read1(_CHUNK):
        file.write(piece)
        _refuse_large(file.tell(), url, most_bytes)
        seconds = time.monotonic() - began
        if seconds > limits.grace and file.tell() - start < limits.slowest * seconds:
            raise _unreachable(url, f"less than {limits.slowest / 1024:g} KiB a second")
        if progress is not None:
            progress(file.tell(), whole)
    if whole and file.tell() < whole:
        raise ProtocolError(f"cut after {file.tell():,} of {whole:,} bytes")


def _refuse_large(size: int, url: str, most_bytes: int) -> None:
    if size > most_bytes:
        raise BadCheckpoint(
            f"got more than {most_bytes:,} bytes from {printable(url)}; taken is a file of the size that its publisher "
            "states; the file has been replaced: do not use it"
        )


def _in_words(error: Any) -> str:
    """The last cause of an error of the library, without its objects."""
    from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, ReadTimeoutError

    if isinstance(error, NameResolutionError):
        return "no such server, or no network"
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError):
        return "no answer in time"
    return str(error).rpartition(": ")[2].strip("()'\" ")[:200] or type(error).__name__


def _unreachable(url: str, told: str) -> Unreachable:
    name = url.rpartition("/")[2]
    return Unreachable(
        f"got {printable(told)} from {printable(url)}; taken is a server that gives the file; try again, or put {name} "
        "into a folder by other means and set SACCADE_WEIGHTS to that folder"
    )
