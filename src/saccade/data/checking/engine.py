"""Checking a data set: every picture is decoded once, in several processes, and all checks share what was seen.

Source: ours.
"""

from __future__ import annotations

import hashlib
import itertools
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from saccade import catalog
from saccade.data.checking.check import Check, Gathered, Look, file_of
from saccade.data.checking.perceptual import perceptual_hashes, small_luma, thumbnails_of
from saccade.data.checking.walking import walk
from saccade.data.reading import ImageWarning
from saccade.errors import BadImage, BadLabel, MissingExtra, printable
from saccade.types.finding import Finding
from saccade.types.sample import DataSet, Source

_ROOM, _AT_ONCE = "data.checks", 512
_SEVERITIES = {"error": 0, "warning": 1, "note": 2}


class Trace(NamedTuple):
    """What is kept of one picture; see `Gathered`."""

    size: tuple[int, int, int]
    small: bytes
    findings: tuple[Finding, ...]


@dataclass(frozen=True, eq=False)
class Checked:
    """What came out of checking.

    Args:
        findings: Everything that is wrong or worth knowing: errors first, then by code, in the order of the data.
        gathered: What was kept of each picture.

    Source: ours.
    """

    findings: tuple[Finding, ...]
    gathered: Gathered


def check(dataset: DataSet, *, workers: int = 0, progress: Callable[[int, int], None] | None = None) -> Checked:
    """Read everything and look for what is wrong; no file is ever changed.

    Args:
        dataset: What to check.
        workers: Processes that decode beside this one; 0: this one does it.
        progress: Told now and then how many pictures of how many are done.

    Returns:
        The findings, those of opening included.

    Source: ours.

    Example:
        >>> from saccade.data.opening import open_data
        >>> checked = check(open_data("synthetic:count=12,size=16"))
        >>> len(checked.gathered), checked.findings
        (12, ())
    """
    checks = all_checks()
    gathered, findings = gather(dataset, workers=workers, progress=progress)
    for one in sorted(checks, key=lambda one: one.rank):
        if one.judge:
            findings += one.judge(gathered)
    return Checked(in_order(_without_repetition(dataset.findings, findings)), gathered)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings: codes with errors first, then those with warnings; within a code as they come, errors first.

    Args:
        findings: In the order of the data.

    Returns:
        The same, sorted.

    Source: ours.

    Example:
        >>> [one.code for one in in_order([Finding("a", "", severity="note"), Finding("b", "")])]
        ['b', 'a']
    """
    several = list(findings)
    worst: dict[str, int] = {}
    for one in several:
        worst[one.code] = min(worst.get(one.code, 9), _SEVERITIES[one.severity])
    place = {code: number for number, code in enumerate(worst)}
    return tuple(sorted(several, key=lambda one: (worst[one.code], place[one.code], _SEVERITIES[one.severity])))


def all_checks() -> list[Check]:
    """Make every check that there is a file for in `checks`.

    Returns:
        The checks, in the order of their names.

    Source: ours.
    """
    return [catalog.find(_ROOM, name)() for name in catalog.offers(_ROOM)]


def gather(
    dataset: DataSet, *, workers: int = 0, progress: Callable[[int, int], None] | None = None
) -> tuple[Gathered, list[Finding]]:
    """Decode every picture once, and keep what the checks compare.

    Args:
        dataset: What to read.
        workers: As for `check`.
        progress: As for `check`.

    Returns:
        What was kept, and what is wrong with single pictures.

    Source: ours.
    """
    total = sum(dataset.counts().values())
    sizes, hashes = np.zeros((total, 3), np.int64), np.zeros(total, np.uint64)
    digests, thumbnails = np.zeros((total, 2), np.uint64), np.zeros((total, 16, 16), np.uint8)
    findings: list[Finding] = []
    looker, row = Looker(), 0
    looker.looks  # noqa: B018 - found once here, not once in each process that is forked
    traces = walk(dataset, looker, workers=workers, progress=progress)
    while some := list(itertools.islice(traces, _AT_ONCE)):
        place = slice(row, row + len(some))
        row += len(some)
        small = np.frombuffer(b"".join(one.small for one in some), np.uint8).reshape(-1, 32, 32)
        sizes[place] = [one.size for one in some]
        hashes[place], thumbnails[place] = perceptual_hashes(small), thumbnails_of(small)
        digests[place] = np.frombuffer(b"".join(map(_digest, some)), np.uint64).reshape(-1, 2)
        findings += [finding for one in some for finding in one.findings]
    return Gathered(dataset, sizes, digests, hashes, thumbnails), findings


def _digest(trace: Trace) -> bytes:
    """Half of the sha256 of a picture's size and coarse look; zeros for one that cannot be read."""
    return hashlib.sha256(repr(trace.size).encode() + trace.small).digest()[:16] if trace.size[0] else bytes(16)


class Looker:
    """Looks at one picture: reads its file once, decodes it once, and lets every check see it."""

    @cached_property
    def looks(self) -> list[Callable[[Look], Any]]:
        """What each check does with one picture."""
        return [one.look for one in all_checks() if one.look]

    def __call__(self, split: str, source: Source, index: int) -> Trace:
        """Look at one picture.

        Args:
            split: Its split.
            source: Of that split.
            index: Its number there.

        Returns:
            What is kept of it.
        """
        look = _seen(split, source, index)
        findings = tuple(finding for one in self.looks for finding in one(look))
        if look.image is None:
            return Trace((0, 0, 0), bytes(32 * 32), findings)
        height, width, channels = look.image.shape
        return Trace((height, width, channels), small_luma(look.image).tobytes(), findings)

    def __reduce__(self) -> tuple[type, tuple[()]]:
        return Looker, ()


def _seen(split: str, source: Source, index: int) -> Look:
    """Read one sample, and note what there was to know about it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            sample = source.read(index)
        except (BadImage, MissingExtra) as error:
            file = file_of(source, index)
            code = "missing-image" if file is not None and not file.is_file() else "image-broken"
            reason = error.reason if isinstance(error, BadImage) else str(error)
            return Look(split, source, index, None, problem=(code, reason))
        except BadLabel as error:
            return Look(split, source, index, None, problem=("bad-label", str(error)))
    warned = tuple(str(one.message) for one in caught if issubclass(one.category, ImageWarning))
    return Look(split, source, index, sample.image, sample.target, warned=warned)


def _without_repetition(opening: tuple[Finding, ...], seen: list[Finding]) -> list[Finding]:
    """Put the findings of opening first, and leave out what says the same of the same picture again."""
    told = {(one.code, one.key) for one in opening if one.key}
    return [*opening, *(one for one in seen if not one.key or (one.code, one.key) not in told)]


def summary(findings: tuple[Finding, ...]) -> dict[str, dict[str, int]]:
    """Count findings by code and severity.

    Args:
        findings: In any order.

    Returns:
        For each code, in the order in which they come, the numbers of its severities.

    Source: ours.

    Example:
        >>> summary((Finding("leak", "…"), Finding("leak", "…")))
        {'leak': {'error': 2}}
    """
    counts: dict[str, dict[str, int]] = {}
    for one in findings:
        by_severity = counts.setdefault(printable(one.code), {})
        by_severity[one.severity] = by_severity.get(one.severity, 0) + 1
    return counts
