"""The tree of errors: everything that saccade raises on purpose.

    SaccadeError                          what to catch to catch them all
    ├── BadInput            ValueError    something given is not what is taken            exit 2, HTTP 400
    │   ├── BadImage                      a file or array that is no picture we can use
    │   ├── BadLabel                      a label, box or mask that means nothing
    │   ├── BadData                       a data set that cannot be used as a whole
    │   ├── BadShape                      a tensor or size that does not fit
    │   └── BadConfig                     a setting; lists every wrong one at once
    │       └── UnknownName LookupError   a name that is in no catalogue; offers the nearest
    ├── BadCheckpoint       ValueError    a model or checkpoint file that cannot be trusted   exit 4, HTTP 422
    ├── Diverged            ArithmeticError   training met a loss that is not finite      exit 3
    ├── StorageFull         OSError       the disk would not take it; what was there is intact   exit 5, HTTP 507
    ├── MissingExtra        ImportError   an optional part is not installed               exit 6, HTTP 501
    ├── Busy                RuntimeError  full just now; try again later                  exit 7, HTTP 503
    ├── Denied              PermissionError   not allowed                                 exit 8, HTTP 403
    ├── Unreachable         ConnectionError   nothing came from where a file is published   exit 9, HTTP 502
    └── Interrupted         RuntimeError  stopped by a signal, after saving   exit 128 + its number

A message has three clauses: `<what you gave>; <what is taken>; <what to do>`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "BadCheckpoint",
    "BadConfig",
    "BadData",
    "BadImage",
    "BadInput",
    "BadLabel",
    "BadShape",
    "Busy",
    "Denied",
    "Diverged",
    "Interrupted",
    "MissingExtra",
    "SaccadeError",
    "StorageFull",
    "UnknownName",
    "Unreachable",
    "nearest",
]


class SaccadeError(Exception):
    """The root of every error that saccade raises on purpose."""

    exit_code = 1
    http_status = 500


class BadInput(SaccadeError, ValueError):
    """Something given is not what is taken."""

    exit_code = 2
    http_status = 400


class BadImage(BadInput):
    """A file or an array that is not a picture saccade can use.

    Args:
        message: The three clauses, without the name of the file.
        path: The file, or "" when the bytes had no name.
    """

    def __init__(self, message: str, path: str = "") -> None:
        self.path = str(path)
        self.reason = message
        super().__init__(f"{printable(self.path)}: {message}" if path else message)

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.reason, self.path)


class BadLabel(BadInput):
    """A label, a box or a mask that means nothing for its image."""


class BadData(BadInput):
    """A data set that cannot be used as a whole."""


class BadShape(BadInput):
    """A tensor or a size that does not fit where it is put."""


class BadConfig(BadInput):
    """One or more settings that are unknown or out of range, all listed."""


class UnknownName(BadConfig, LookupError):
    """A name that is in no catalogue.

    Args:
        kind: What was looked for, such as "architecture".
        name: What was given.
        known: What exists.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str] = ()) -> None:
        self.kind, self.name, self.known = kind, name, tuple(known)
        super().__init__(f"got {kind} {name!r}; {offer(name, self.known)}")

    def __reduce__(self) -> tuple[type, tuple[str, str, tuple[str, ...]]]:
        return type(self), (self.kind, self.name, self.known)


class BadCheckpoint(SaccadeError, ValueError):
    """A model or checkpoint file that is broken, foreign, or for another network."""

    exit_code = 4
    http_status = 422


class Diverged(SaccadeError, ArithmeticError):
    """Training met a loss or a weight that is not finite; the files on disk stay finite."""

    exit_code = 3


class StorageFull(SaccadeError, OSError):
    """The disk would not take a file; what was there before is intact."""

    exit_code = 5
    http_status = 507


class MissingExtra(SaccadeError, ImportError):
    """An optional part of saccade is not installed.

    Args:
        what: What needs it, such as "reading HEIC".
        extra: The extra that brings it, such as "heif".
    """

    exit_code = 6
    http_status = 501

    def __init__(self, what: str, extra: str) -> None:
        self.what, self.extra = what, extra
        super().__init__(f'{what} is not installed; it comes with an extra; run: pip install "saccade[{extra}]"')

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.what, self.extra)


class Busy(SaccadeError, RuntimeError):
    """Everything is at work; the same call may go through later."""

    exit_code = 7
    http_status = 503


class Denied(SaccadeError, PermissionError):
    """The caller may not do this."""

    exit_code = 8
    http_status = 403


class Unreachable(SaccadeError, ConnectionError):
    """A published file could not be fetched; nothing half-made is left."""

    exit_code = 9
    http_status = 502


class Interrupted(SaccadeError, RuntimeError):
    """A signal asked the run to stop, and it did, after saving.

    Args:
        message: What was saved and how to go on.
        signal_number: 2 for an interrupt from the keyboard, 15 for a request to end.
    """

    def __init__(self, message: str, signal_number: int = 2) -> None:
        self.signal_number = signal_number
        self.exit_code = 128 + signal_number
        super().__init__(message)

    def __reduce__(self) -> tuple[type, tuple[str, int]]:
        return type(self), (str(self), self.signal_number)


def nearest(word: str, words: Iterable[str], limit: int = 3) -> list[str]:
    """Find the words that a misspelt one most likely meant.

    Args:
        word: What was given.
        words: What exists.
        limit: At most so many.

    Returns:
        The nearest words, best first; empty when none is near.

    Source: ours, on difflib's ratio of matching blocks.

    Example:
        >>> nearest("resnet5O", ["resnet50", "lenet5", "vgg16"], limit=1)
        ['resnet50']
    """
    lowered = {candidate.lower(): candidate for candidate in words}
    close = difflib.get_close_matches(word.lower(), lowered, n=limit, cutoff=0.6)
    return [lowered[candidate] for candidate in close]


def offer(word: str, words: Iterable[str]) -> str:
    """Say what could have been meant: "did you mean …?", or all there is when nothing is near.

    Args:
        word: What was given.
        words: What exists.

    Returns:
        The second and third clause of a message.

    Source: ours.

    Example:
        >>> offer("lenet", ["lenet5", "vgg16"])
        "taken are 2 names; did you mean 'lenet5'?"
    """
    known = sorted(words)
    close = nearest(word, known)
    if close:
        taken = "taken is 1 name" if len(known) == 1 else f"taken are {len(known)} names"
        return f"{taken}; did you mean {' or '.join(repr(name) for name in close)}?"
    shown = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    return f"taken are {shown or 'no names at all'}; choose one of them"


def printable(text: str) -> str:
    r"""Make a stranger's text safe to print on one line: control characters and lone surrogates are escaped.

    Args:
        text: Any text, such as a file name.

    Returns:
        The same text where it was harmless.

    Source: ours.

    Example:
        >>> printable("a\nb")
        'a\\nb'
    """
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in text
    )
