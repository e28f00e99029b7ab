"""The folder of a run: choosing it, keeping it to one process, and describing in it what is done.

Source: ours.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from saccade.errors import BadCheckpoint, BadConfig, Busy, nearest, printable
from saccade.training.processes import Processes, named
from saccade.weights.files import json_bytes, storage_checked, write_whole

FORMAT = 1
_PARTS = {
    "created": (), "task": (), "versions": ("saccade",),
    "settings": ("epochs", "seed"),
    "execution": ("device", "threads"),
    "model": ("architecture", "arguments"),
    "preprocessing": ("size", "channels", "mean", "std", "fit"),
    "data": ("name", "labels", "counts", "fingerprints", "origin"),
}  # fmt: skip
_LONGEST_NAME = 120
_held: dict[Path, object] = {}


@contextlib.contextmanager
def claimed(wanted: str | Path | None, name: str, processes: Processes | None = None) -> Iterator[Path]:
    """Choose the folder of a new run and hold it while the run trains.

    Args:
        wanted: What the user asked for; it must not hold a run already. None: the next free folder in `runs/`.
        name: What to call it in `runs/`; a number is added.
        processes: Those that train together; the first one chooses and holds.

    Returns:
        A context manager that gives the folder, which is there and holds no run.

    Raises:
        BadConfig: If the wanted folder holds a run, or is a file.
        Busy: If another process trains in it just now.

    Source: ours.
    """
    joined = processes or Processes()
    with contextlib.ExitStack() as stack:

        def choose() -> list[str]:
            folder = _next_free(name) if wanted is None else Path(wanted).expanduser()
            if folder.exists() and not folder.is_dir():
                raise BadConfig(
                    f"got {printable(str(folder))}, which is a file; taken is a folder; choose another --out"
                )
            stack.enter_context(_held_here(folder))
            if any((folder / name).exists() for name in ("last.safetensors", "best.safetensors")):
                raise BadConfig(
                    f"got {printable(str(folder))}, which holds a run already; taken is a new folder; "
                    "choose another --out, or go on with --resume"
                )
            return [str(folder), str(folder.resolve())]

        yield _seen_by_all(joined.from_first(choose), joined)


def begun(wanted: str | Path | None, processes: Processes) -> Path | None:
    """Find the run that this very launch began, before the launcher began it again.

    Args:
        wanted: What the user asked for; None: the folders in `runs/`.
        processes: Those that train together.

    Returns:
        Its folder; None if there is none, as in the first attempt.

    Source: ours.
    """
    if not processes.launch.agent:
        return None

    def find() -> list[str]:
        folders = [Path(wanted).expanduser()] if wanted is not None else list(Path("runs").glob("*"))
        for path in sorted((folder / "run.json" for folder in folders), key=_changed, reverse=True):
            with contextlib.suppress(BadCheckpoint):
                if processes.launch.began(read_description(path.parent), processes.call, placed=wanted is not None):
                    return [str(path.parent), str(path.parent.resolve())]
        return []

    found = processes.from_first(find)
    return _seen_by_all(found, processes) if found else None


@contextlib.contextmanager
def held(folder: Path, processes: Processes | None = None) -> Iterator[None]:
    """Keep the folder of a run to this process; the hold ends with the process, however that ends.

    Held is the empty file `.lock` in it, where the system has POSIX locks (they are no use to the child processes
    that load data, and so do not outlive this one in them); elsewhere only this process is kept from a second run.

    Args:
        folder: Made if it is not there.
        processes: Those that train together; the first one holds it for all.

    Raises:
        Busy: If another run trains in it just now.
        StorageFull: If the disk is full.

    Source: ours.
    """
    with contextlib.ExitStack() as stack:
        (processes or Processes()).from_first(lambda: stack.enter_context(_held_here(folder)))
        yield


@contextlib.contextmanager
def _held_here(folder: Path) -> Iterator[None]:
    with storage_checked(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".lock").touch()
    identity, token = folder.resolve(), object()
    if _held.setdefault(identity, token) is not token:
        raise _busy(folder)
    try:
        with (folder / ".lock").open("ab") as file:
            _lock(file.fileno(), folder)
            yield
    finally:
        del _held[identity]


def write_description(folder: Path, description: Mapping[str, Any]) -> None:
    """Write a run's description, whole or not at all.

    Args:
        folder: The run's folder.
        description: Plain values.

    Source: ours.
    """
    data = json_bytes({"format": FORMAT, **description}, indent=2)
    write_whole(folder / "run.json", lambda file: file.write(data + b"\n"))


def described_once(path: Path, told: Mapping[str, Any], what: str) -> None:
    """Write what several runs are for into their common folder; refuse the folder of anything else.

    Args:
        path: The file in that folder.
        told: Plain values.
        what: What they describe, such as "a sweep".

    Raises:
        BadConfig: If the file is there, and says something else.
        StorageFull: If the disk is full.

    Source: ours.
    """
    data = json_bytes(dict(told), indent=2)
    if not path.exists():
        write_whole(path, lambda file: file.write(data + b"\n"))
        return
    try:
        there = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        there = {}
    other = [
        name for name, value in json.loads(data).items() if not isinstance(there, dict) or there.get(name) != value
    ]
    if other:
        raise BadConfig(
            f"got {printable(str(path.parent))}, which holds {what} with another {' and '.join(other)}; taken is a new "
            "folder, or the very one that is there; choose another out"
        )


def read_description(folder: Path) -> dict[str, Any]:
    """Read a run's description.

    Args:
        folder: The run's folder.

    Returns:
        What `write_description` wrote.

    Raises:
        BadCheckpoint: If there is none, or this version of saccade cannot read it.

    Source: ours.
    """
    path = folder / "run.json"
    if not path.is_file():
        raise BadCheckpoint(_missing(folder))
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError, OSError) as error:
        reason = printable(str(error))
        raise BadCheckpoint(
            f"got {printable(str(path))}, which cannot be read ({reason}); taken is JSON as training wrote it; "
            "restore the file"
        ) from error
    problem = _problem(description)
    if problem:
        raise BadCheckpoint(f"got {printable(str(path))} {problem}")
    return description


def safe_name(name: str) -> str:
    r"""Make a name short and plain enough to be a part of a folder's name.

    Args:
        name: Any text.

    Returns:
        At most 120 bytes of it, in which what cannot be printed is left out.

    Source: ours.

    Example:
        >>> safe_name("holiday\n/photos")
        'holiday-photos'
    """
    plain = "".join(char for char in name.replace("/", "-").replace("\\", "-") if char.isprintable())
    return plain.encode()[:_LONGEST_NAME].decode("utf-8", "ignore").strip() or "run"


def _seen_by_all(names: list[str], processes: Processes) -> Path:
    """Give the folder, and see that every process has it before its eyes."""
    folder = Path(names[0] if processes.first else names[1])
    blind = [rank for rank, sees in enumerate(processes.told(folder.is_dir())) if not sees]
    if blind:
        raise BadConfig(
            f"got {printable(names[1])}, which is not there for {named(blind)}; taken is a folder on a file system "
            "that every machine shares; give one as --out"
        )
    return folder


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _next_free(name: str) -> Path:
    """Make the next folder in `runs/` that nobody has, another process neither."""
    number = 1
    while True:
        folder = Path("runs") / f"{safe_name(name)}-{number}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            number += 1
        else:
            return folder


def _lock(file: int, folder: Path) -> None:
    try:
        fcntl: Any = importlib.import_module("fcntl")
    except ModuleNotFoundError:  # not a POSIX system
        return
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN):
            raise _busy(folder) from error
        # a file system without locks: the run goes on without one


def _busy(folder: Path) -> Busy:
    return Busy(
        f"got {printable(str(folder))}, in which another run trains just now; taken is one at a time; "
        "wait until it is done, or choose another --out"
    )


def _missing(folder: Path) -> str:
    got = f"got {printable(str(folder))}, which holds no run.json; taken is the folder of a run"
    try:
        beside = [other.parent.name for other in folder.parent.glob("*/run.json")]
    except OSError:
        beside = []
    close = nearest(folder.name, beside)
    meant = printable(str(folder.parent / close[0])) if close else ""
    return f"{got}; " + (f"did you mean {meant}?" if meant else "give the folder that training made")


def _problem(description: Any) -> str:
    """Say what is wrong with a description, in the words after the name of its file; or ""."""
    if not isinstance(description, dict):
        return f"with a {type(description).__name__}; taken is a mapping as training wrote it; restore the file"
    given = description.get("format")
    if given != FORMAT:
        newer = isinstance(given, int) and given > FORMAT
        cure = "install a newer saccade" if newer else "restore the file"
        return f"of format {given!r}; taken is format {FORMAT}; {cure}"
    lacking = [part for part in _PARTS if part not in description]
    lacking += [
        f"{part}.{name}"
        for part, names in _PARTS.items()
        for name in names
        if part in description and not (isinstance(description[part], dict) and name in description[part])
    ]
    return f"without {', '.join(lacking)}; taken is a whole one; restore the file" if lacking else ""
