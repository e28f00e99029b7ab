"""Published weights on this machine: fetched once, checked, converted to safetensors, and kept in a cache.

A mirror, which is a folder or an address, takes the place of the internet where there is none.

Source: ours.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from torch import Tensor

from saccade.errors import BadCheckpoint, BadConfig, Unreachable, printable
from saccade.weights.convert import content_hash, is_safetensors, read_published, tidied
from saccade.weights.files import read_description, read_tensors, storage_checked, write_tensors
from saccade.weights.ledger import Entry, packaged_file, refuse_uncleared
from saccade.weights.transfer import Limits, Progress, download

KIND, FORMAT = "published weights", 1
_STALE_SECONDS = 86_400.0


def fetch(
    entry: Entry,
    *,
    cache: Path | None = None,
    source: str | Path | None = None,
    commercial_only: bool | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Path:
    """Have published weights on this machine, as safetensors; without any connection if they are there already.

    Args:
        entry: Of the ledger.
        cache: The folder that keeps them; None: `cache_folder()`.
        source: A mirror instead of the internet: a folder, or the address of one, that holds the publisher's file under
            its own name. None: the variable SACCADE_WEIGHTS, else the publisher.
        commercial_only: Refuse what is not known to be free for commercial use; None: as SACCADE_COMMERCIAL_ONLY says.
        limits: When to give up a transfer.
        progress: Told of the bytes that have come and will have.

    Returns:
        The file. It is there whole, or not at all, whatever happens meanwhile.

    Raises:
        Denied: If the licence is refused.
        Unreachable: If the file cannot be had.
        BadCheckpoint: If it is not the one that was published.
        StorageFull: If the disk is full.
        BadConfig: If the cache cannot be written.

    Source: ours.
    """
    refuse_uncleared(entry, commercial_only)
    if entry.packaged:
        return packaged_file(entry)
    path = (cache or cache_folder()) / f"{entry.stem}.safetensors"
    if _is_there(path, entry):
        return path
    with _writable(path.parent), _partial(path) as part:
        _obtain(entry, part, source, limits, progress)
        tensors, content = _checked_tensors(entry, part)
        described = {
            "kind": KIND, "format": FORMAT, "name": entry.name, "file": entry.file, "address": entry.address,
            "sha256": _sha256(part), "content": content, "licence": entry.licence,
            "training_data": entry.training_data,
        }  # fmt: skip
        write_tensors(path, tensors, described)
    return path


def keep(
    entry: Entry,
    folder: Path,
    *,
    source: str | Path | None = None,
    commercial_only: bool | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Path:
    """Put the publisher's own file, checked, into a folder that serves as a mirror on a machine without network.

    Args:
        entry: Of the ledger.
        folder: It is made if it is not there.
        source: As for `fetch`.
        commercial_only: As for `fetch`.
        limits: As for `fetch`.
        progress: As for `fetch`.

    Returns:
        The file.

    Raises:
        Denied: If the licence is refused.
        Unreachable: If the file cannot be had.
        BadCheckpoint: If it is not the one that was published.
        StorageFull: If the disk is full.
        BadConfig: If the folder cannot be written.

    Source: ours.
    """
    refuse_uncleared(entry, commercial_only)
    if entry.packaged:
        with _writable(folder), _partial(folder / entry.file) as part:
            shutil.copyfile(packaged_file(entry), part)
            return part.replace(folder / entry.file)
    with _writable(folder), _partial(folder / entry.file) as part:
        _obtain(entry, part, source, limits, progress)
        if entry.content:
            _checked_tensors(entry, part)
        path = folder / (f"{entry.stem}.safetensors" if is_safetensors(part) else entry.file)
        part.replace(path)
    return path


def is_here(entry: Entry) -> bool:
    """Say whether weights are on this machine, so that nothing need be fetched.

    Args:
        entry: Of the ledger.

    Returns:
        Whether they came with saccade, or are in the cache, whole.

    Source: ours.
    """
    if entry.packaged:
        return packaged_file(entry).is_file()
    return _is_there(cache_folder() / f"{entry.stem}.safetensors", entry)


def read_fetched(path: Path) -> dict[str, Tensor]:
    """Read what `fetch` wrote, and see that it still is what was checked then.

    Args:
        path: The file in the cache.

    Returns:
        The tensors by name.

    Raises:
        BadCheckpoint: If it is broken, or has been changed since.

    Source: ours.
    """
    tensors, description = read_tensors(path)
    if content_hash(tensors) != description.get("content"):
        raise BadCheckpoint(
            f"got {printable(str(path))}, which has changed since it was fetched; taken is the file as it was; delete "
            "it, and it will be fetched again"
        )
    return tidied(tensors)


def cache_folder() -> Path:
    """Say where fetched weights are kept: in SACCADE_CACHE, or where the system keeps what can be had again.

    Returns:
        The folder, which may not be there yet.

    Source: the conventions of each system: XDG Base Directories, Apple's Library/Caches, LOCALAPPDATA.
    """
    chosen = os.environ.get("SACCADE_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "saccade" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "saccade"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "saccade"


def _is_there(path: Path, entry: Entry) -> bool:
    """Whether the cache holds an entry whole; a broken file is as good as none, for it is written anew."""
    try:
        described = read_description(path)
    except BadCheckpoint:
        return False
    return described.get("kind") == KIND and described.get("file") == entry.file and _fits(described, entry)


def _fits(described: Mapping[str, object], entry: Entry) -> bool:
    if entry.content:
        return described.get("content") == entry.content
    return str(described.get("sha256")).startswith(entry.sha256)


def _obtain(
    entry: Entry, part: Path, source: str | Path | None, limits: Limits | None, progress: Progress | None
) -> None:
    """Bring the publisher's file to a place of our own, and check its hash before anybody opens it."""
    mirror = str(source or os.environ.get("SACCADE_WEIGHTS") or "")
    most = int(entry.mebibytes * 1.25 * 2**20) + 2**20
    with storage_checked(part):
        if not mirror or mirror.startswith(("https://", "http://")):
            url = f"{mirror.rstrip('/')}/{entry.file}" if mirror else entry.address
            with part.open("xb") as file:
                download(url, file, most_bytes=most, limits=limits, progress=progress)
        else:
            shutil.copyfile(_in_folder(entry, Path(mirror).expanduser()), part)
    digest = _sha256(part)
    if entry.sha256 and not digest.startswith(entry.sha256):
        raise _another(entry, f"the sha256 {digest[:16]}…", entry.sha256)


def _checked_tensors(entry: Entry, part: Path) -> tuple[dict[str, Tensor], str]:
    """Read the tensors, and their hash; refuse others than those that were published, where that is known of them."""
    tensors = read_published(part, most_bytes=int(entry.mebibytes * 2.5 * 2**20) + 2**20, name=entry.file)
    content = content_hash(tensors)
    if entry.content and content != entry.content:
        raise _another(entry, f"tensors with the hash {content[:16]}…", entry.content)
    return tensors, content


def _in_folder(entry: Entry, folder: Path) -> Path:
    """Find an entry in a mirror: the publisher's file, or one with the same tensors where those can be checked."""
    names = [entry.file, *([f"{entry.stem}.safetensors"] if entry.content else [])]
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise Unreachable(
        f"got no {' or '.join(names)} in the mirror {printable(str(folder))}; taken is a folder that holds it; put it "
        f"there (it is published as {entry.address}), or unset SACCADE_WEIGHTS"
    )


def _another(entry: Entry, found: str, wanted: str) -> BadCheckpoint:
    return BadCheckpoint(
        f"got a file for {entry.name} with {found}; taken is the one that was published, whose hash begins with "
        f"{wanted[:16]}; fetch it again: it was damaged on the way, or replaced"
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _partial(path: Path) -> Iterator[Path]:
    """Give a name beside a file for what is not whole yet, and see that nothing is left there."""
    part = path.with_name(f".{path.stem[:60]}.{secrets.token_hex(4)}.part")
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def _writable(folder: Path) -> Iterator[None]:
    """Make a folder, and take away what processes that were killed a day ago have left in it."""
    try:
        with storage_checked(folder):
            folder.mkdir(parents=True, exist_ok=True)
            for left in folder.glob(".*.part"):
                with contextlib.suppress(FileNotFoundError):  # somebody else may clean up too
                    if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                        left.unlink()
            yield
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        raise BadConfig(
            f"got {printable(str(error.filename or folder))}, which cannot be used ({(error.strerror or '').lower()}); "
            "taken is a folder of your own; set SACCADE_CACHE to one"
        ) from error
