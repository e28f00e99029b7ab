"""The words of predict for a great many images: files of results, part by part, here or on a cluster."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from saccade.cli._parser import offering, whole_number
from saccade.cli._streams import note, print_facts, print_json
from saccade.cli._views import views_of
from saccade.errors import BadInput, printable

if TYPE_CHECKING:
    from saccade.api.many.working import PartDone

_TOLD_SECONDS = 10
_FLAGS = {"part_size": "--part-size", "threads": "--threads", "cluster": "--cluster", "workers": "--workers"}


def add_many(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say where results go, and where they are computed.

    Args:
        parser: Takes them.

    Source: ours.
    """
    add = parser.add_argument
    add("--out", metavar="FOLDER", help="write the results there, and go on with what is there")
    add("--part-size", metavar="N", type=whole_number, help="images in a file of results (default 32 batches)")
    add("--threads", metavar="N", type=whole_number, help="of each network (default all; 1 for each worker)")
    where = add("--cluster", metavar="WHERE", help="a Ray Data job: local, auto, or HOST:PORT")
    offering(where, lambda: ("local", "auto"))
    add("--workers", metavar="N", type=whole_number, help="processes of the cluster (default as there is room)")


def wrong_many(options: argparse.Namespace) -> list[str]:
    """List flags that mean nothing without others.

    Args:
        options: What the words said.

    Returns:
        A message for each.

    Source: ours.
    """
    given = [flag for name, flag in _FLAGS.items() if getattr(options, name) is not None]
    problems = [f"got {flag} without --out; taken are both; add --out FOLDER" for flag in given if not options.out]
    if options.out and options.workers is not None and options.cluster is None:
        problems.append("got --workers without --cluster; taken are both; add --cluster local")
    return problems


def predict_into(options: argparse.Namespace, models: list[str], images: Iterable[str | Path]) -> int:
    """Predict into files, naming what is left out, and say in the end what is there.

    Args:
        options: What the words said.
        models: One, or several of an ensemble.
        images: Paths.

    Returns:
        0; 2 when no image could be read, or any could not with `--strict`.

    Source: ours.
    """
    from saccade.api.many.predicting import predict_many
    from saccade.api.many.settings import Cluster, ManySettings

    settings = ManySettings(
        batch_size=options.batch_size, top=options.top, part_size=options.part_size, device=options.device,
        confidence=options.confidence, threads=options.threads, commercial_only=options.commercial_only,
    )  # fmt: skip
    cluster = None if options.cluster is None else Cluster(options.cluster, options.workers)
    stored = predict_many(
        models[0] if len(models) == 1 else models,
        images,
        out=options.out,
        views=views_of(options),
        settings=settings,
        cluster=cluster,
        tell=_Telling(),
    )
    bad = len(stored.bad)
    done = len(stored) - bad
    if options.json:
        print_json({"out": options.out, "files": len(stored.files), "predicted": done, "left_out": bad})
    else:
        facts = {"out": printable(options.out), "files": f"{len(stored.files):,}", "predicted": f"{done:,}"}
        print_facts([*facts.items(), ("left out", f"{bad:,}")])
    return BadInput.exit_code if done == 0 or (bad and options.strict) else 0


class _Telling:
    """Names what is left out, and says now and then how far it is."""

    def __init__(self) -> None:
        self._told = time.monotonic()
        self._first = True

    def __call__(self, part: PartDone, done: int, parts: int) -> None:
        if self._first and done > 1:
            note(f"{done - 1:,} of {parts:,} parts are there already")
        self._first = False
        for file in part.bad:
            note(f"left out {file.key}: {file.reason}")
        if time.monotonic() - self._told > _TOLD_SECONDS and done < parts:
            self._told = time.monotonic()
            note(f"{done:,} of {parts:,} parts done")
