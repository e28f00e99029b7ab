"""Parts as a Ray Data job: workers that load the model once, each write the files of the parts that they are given.

Ray Data's own checkpoints are for jobs that read and write through it, and keep no order; here a part that is done is a
file that is there, so a job goes on from what it finds, whoever made it.

Source: ours, on Ray Data's pools of actors (docs.ray.io/en/latest/data/batch_inference.html).
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import shutil
import socket
import sys
import tempfile
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from saccade import errors
from saccade.api.ensembles.answering import Answering
from saccade.api.ensembles.ensembling import answering_of
from saccade.api.many.job import RECORD, Job, hash_of_models
from saccade.api.many.parts import Part, is_whole
from saccade.api.many.settings import Cluster
from saccade.api.many.working import PartDone, interrupted, predict_part
from saccade.errors import BadConfig, MissingExtra, SaccadeError, Unreachable, printable
from saccade.training.execution import available_cores
from saccade.training.interrupts import StopRequest
from saccade.types.bad_file import BadFile

_BLOCKS = 10_000  # at most; each is something that Ray keeps account of
_LONGEST = 40  # letters of a temporary folder; Ray puts a socket below it, whose path must not have more than 107
_TOKEN = Path("~/.ray/auth_token")
_CURRENT = Path(tempfile.gettempdir(), "ray", "ray_current_cluster")  # where ray start says what it started
_PATIENCE = 5.0  # seconds
_STORE = 256 << 20  # bytes of memory for lists of names; what is more goes to disk


class Worker:
    """A process of a cluster; it loads the model with its first part.

    Args:
        job: What its parts belong to.
        device: What it computes on.

    Source: ours.
    """

    def __init__(self, job: Job, device: str) -> None:
        self.job, self.device = job, device
        self._answering: Answering | None = None

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Do a part; an error of ours is told, not raised, so that Ray need not carry it.

        Args:
            row: `number`, `keys` as JSON, and `job`.

        Returns:
            `number`, `bad` as JSON, and the name and the message of an error, "" for none.
        """
        part = Part(int(row["number"]), tuple(json.loads(row["keys"])), row["job"])
        try:
            if self._answering is None:
                self._answering = self._loaded()
            done = predict_part(self._answering, self.job, part)
        except (SaccadeError, OSError) as error:
            return {"number": part.number, "bad": "[]", "failed": type(error).__name__, "message": str(error)}
        bad = json.dumps([[file.key, file.reason] for file in done.bad] if done else [])
        return {"number": part.number, "bad": bad, "failed": "", "message": ""}

    def _loaded(self) -> Answering:
        """The model; refused if this machine sees other files than the first process."""
        for path in (str(Path(self.job.folder, RECORD)), self.job.witness):
            if path and not Path(path).exists():
                raise BadConfig(
                    f"got a machine that does not see {printable(path)}; taken are machines that see model, pictures "
                    "and results under the same paths; mount them there, as by NFS"
                )
        settings = self.job.settings
        torch.set_num_threads(settings.threads or 1)
        models = list(self.job.models)
        found = answering_of(
            models[0] if len(models) == 1 else models,
            self.job.views,
            confidence=settings.confidence,
            device=self.device,
            commercial_only=settings.commercial_only,
        )
        if hash_of_models(found) != self.job.hashed:
            raise BadConfig(
                f"got a machine with another model at {printable(', '.join(models))}; taken is the one of the first "
                "process; copy it there"
            )
        return found


class _StopAtOnce(StopRequest):
    """As its parent, but the first signal interrupts what waits for the cluster."""

    def _ask(self, number: int, frame: FrameType | None) -> None:
        super()._ask(number, frame)
        raise KeyboardInterrupt


def predict_there(job: Job, parts: Sequence[Part], cluster: Cluster, tell: Callable[[PartDone], None]) -> None:
    """Do parts on a cluster, in whatever order they come.

    Args:
        job: What they belong to.
        parts: Those that are to be done, at least one.
        cluster: Where.
        tell: Called with what was done of each, as soon as it is.

    Raises:
        BadConfig: If the cluster has no room for a worker, or its machines do not see the files.
        Interrupted: After a signal; what is done is kept.
        MissingExtra: If Ray is not installed.
        SaccadeError: If Ray gives up, or a worker met an error.
        Unreachable: If there is no cluster.

    Source: ours.
    """
    numbered, done = {part.number: part for part in parts}, 0
    ray = _imported(alone=cluster.address == "local")
    with _connected(ray, cluster, job), _StopAtOnce() as stop:
        rows = _rows(ray, job, parts, cluster)
        try:
            for row in rows:
                if row["failed"]:
                    raise _raised(row["failed"], row["message"])
                tell(_checked(job, numbered[row["number"]], json.loads(row["bad"])))
                done += 1
        except KeyboardInterrupt:
            raise interrupted(job, done, len(parts), stop.signal_number or 2) from None
        except ray.exceptions.RayError as error:
            reason = printable(" ".join(str(error).split()))[-300:]
            raise SaccadeError(
                f"got an error of the cluster after {done:,} of {len(parts):,} parts ({reason}); what is done is kept "
                f"in {printable(job.folder)}; the same command goes on with the rest"
            ) from error
        finally:
            with _quiet():
                rows.close()


def _rows(ray: Any, job: Job, parts: Sequence[Part], cluster: Cluster) -> Generator[dict[str, Any], None, None]:
    """Run the job, and give what workers say of each part."""
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    workers, cpus, gpus = _room(ray.cluster_resources(), job, cluster)
    items = [{"number": part.number, "keys": json.dumps(part.keys), "job": part.job} for part in parts]
    done = ray.data.from_items(items, override_num_blocks=min(len(items), _BLOCKS)).map(
        Worker,
        fn_constructor_args=(job, "cuda" if gpus else job.settings.device),
        compute=ray.data.ActorPoolStrategy(size=min(workers, len(items))),
        num_cpus=cpus,
        num_gpus=gpus,
    )
    yield from done.iter_rows()


def _room(resources: dict[str, float], job: Job, cluster: Cluster) -> tuple[int, int, int]:
    """How many workers there are, and what each of them takes: processors and CUDA devices."""
    settings = job.settings
    cpus, devices = settings.threads or 1, int(resources.get("GPU", 0))
    gpus = int(settings.device == "cuda" or (settings.device == "auto" and devices > 0))
    room = devices if gpus else int(resources.get("CPU", 0)) // cpus
    if room < 1:
        wanted = f"{cpus} processor{'s' * (cpus > 1)}{' and a CUDA device' if gpus else ''}"
        raise BadConfig(
            f"got a cluster without room for a worker, which takes {wanted}; taken is one with room; use fewer threads "
            "or another device, or wait until its machines are there"
        )
    return cluster.workers or room, cpus, gpus


def _checked(job: Job, part: Part, bad: list[list[str]]) -> PartDone:
    """See that what a worker wrote is here."""
    if not is_whole(Path(job.folder), part):
        raise BadConfig(
            f"got a machine whose file {part.file} is not seen in {printable(job.folder)}; taken is a folder that all "
            "machines share; name such a one"
        )
    return PartDone(part.number, len(part.keys), tuple(BadFile(key, reason) for key, reason in bad))


def _raised(name: str, message: str) -> SaccadeError:
    """The error that a worker met, as far as it is one of those that are no more than a message."""
    plain = ("BadCheckpoint", "BadConfig", "BadData", "BadInput", "Denied", "StorageFull", "Unreachable")
    if name in plain:
        return getattr(errors, name)(message)
    return SaccadeError(f"got {printable(message)} in a worker; taken are machines that work; look at that one")


@contextlib.contextmanager
def _connected(ray: Any, cluster: Cluster, job: Job) -> Iterator[None]:
    """Connect; what was started for this job ends with it, and a Ray that was there before stays."""
    if ray.is_initialized():
        yield
        return
    folder = tempfile.mkdtemp(prefix="saccade-ray-")
    try:
        _connect(ray, cluster, job, folder)
        yield
    finally:
        with _quiet():
            ray.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


def _connect(ray: Any, cluster: Cluster, job: Job, folder: str) -> None:
    """Start Ray on this machine, or go to one that runs."""
    settings: dict[str, Any] = {"address": cluster.address}
    _refuse_silence(cluster.address)
    if cluster.address == "local":
        cpus = max(available_cores(), (cluster.workers or 0) * (job.settings.threads or 1))
        settings |= {"num_cpus": cpus, "object_store_memory": _STORE, "include_dashboard": False}
        settings |= {"_temp_dir": folder} if len(folder) < _LONGEST else {}
    try:
        with _quiet(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Ray will change some day is not for the user of saccade
            ray.init(log_to_driver=False, logging_level=logging.CRITICAL, **settings)
    except (ConnectionError, RuntimeError, ValueError) as error:
        reason = printable(" ".join(str(error).split()))[:200]
        raise Unreachable(
            f"got no cluster at {cluster.address!r} ({reason}); taken is one that runs, with the same Ray, Python and "
            "RAY_AUTH_TOKEN; start it with ray start --head"
        ) from error


def _refuse_silence(address: str) -> None:
    """See that somebody answers at HOST:PORT; Ray itself would ask for a quarter of an hour."""
    if address == "auto":
        address = os.environ.get("RAY_ADDRESS", "")
        with contextlib.suppress(OSError):
            address = address or _CURRENT.read_text(encoding="utf-8").strip()
    host, sign, port = address.rpartition(":")
    if not sign:
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE).close()
    except (OSError, ValueError) as error:
        raise Unreachable(
            f"got no answer at {printable(address)} ({printable(str(error))}); taken is the address of a cluster that "
            "runs; start it with ray start --head"
        ) from error


def _imported(*, alone: bool) -> Any:
    """Ray, told before it is imported to send nothing home, and to let nobody in but those who know a secret."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if "ray" not in sys.modules and "RAY_AUTH_MODE" not in os.environ:
        if alone:  # its ports are open to the network
            os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        elif _TOKEN.expanduser().exists() or "RAY_AUTH_TOKEN" in os.environ:  # ray start makes one, and asks for it
            os.environ["RAY_AUTH_MODE"] = "token"
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import ray
            import ray.data
            import ray.exceptions
    except ImportError as error:
        raise MissingExtra("Ray, which predicts on a cluster,", "cluster") from error
    return ray


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep from stderr how little Ray says that it will say, and which workers it misses after it has ended them."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
