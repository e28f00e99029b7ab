"""Model files: safetensors with a description in JSON in the header; whole or not there at all; never unpickled.

Source: the safetensors format (huggingface.co/docs/safetensors); write-fsync-rename as every database does it.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from saccade.errors import BadCheckpoint, StorageFull, printable

_KEY = "saccade"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_whole(path: Path, write: Callable[[BinaryIO], Any]) -> None:
    """Write a file so that at every moment the old or the new one is there, whole.

    The bytes go to a temporary file beside it, which is fsynced and renamed over the old one.

    Args:
        path: The file to write; its folder is made if it is not there.
        write: Called with the open file.

    Raises:
        StorageFull: If the disk is full; the old file is intact and the temporary one removed.

    Source: ours.
    """
    temporary = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.tmp")
    try:
        with storage_checked(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("xb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            _sync_folder(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


@contextlib.contextmanager
def storage_checked(path: Path) -> Iterator[None]:
    """Turn the operating system's word for a full disk into the house's own; other errors pass.

    Args:
        path: What is being written, for the message.

    Raises:
        StorageFull: If the disk, the quota or the largest size of a file is reached.

    Source: ours.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise StorageFull(
            f"got disk full while writing {printable(str(path))}; taken is a disk with room for it; "
            "free some space and go on (what was saved before is intact)"
        ) from error


def json_bytes(values: Any, *, indent: int | None = None) -> bytes:
    r"""Give plain values as JSON in UTF-8.

    Args:
        values: What JSON can hold; every number finite.
        indent: Spaces for each level; None for one line.

    Returns:
        The text. A name that is no text (bytes of a file name that are no UTF-8) keeps its lone surrogates as escapes.

    Source: ours.

    Example:
        >>> json_bytes({"name": "é\udcff"}).decode()
        '{"name": "é\\udcff"}'
    """
    text = json.dumps(values, indent=indent, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace")  # a backslash makes of a surrogate just the escape that JSON has


def write_tensors(path: Path, tensors: Mapping[str, Tensor], description: Mapping[str, Any]) -> None:
    """Write tensors and their description as one safetensors file, whole or not at all.

    Args:
        path: The file to write.
        tensors: By name; they may share memory or be strided, each is written on its own, contiguous.
        description: Plain values for the header, as JSON.

    Raises:
        StorageFull: If the disk is full.

    Source: ours.
    """
    plain = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    data = save(plain, {_KEY: json_bytes(description).decode()})
    write_whole(path, lambda file: file.write(data))


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read every tensor of a safetensors file, and its description.

    Args:
        path: A safetensors file, ours or not.

    Returns:
        The tensors by name, and the description ({} when the file is not one of ours).

    Raises:
        BadCheckpoint: If the file is missing, not safetensors, or broken. Nothing in it is ever executed.

    Source: ours.
    """
    _refuse_pickles(path)
    try:
        with safe_open(path, framework="pt") as file:
            description = _description(file.metadata(), path)
            return {name: file.get_tensor(name) for name in file.keys()}, description  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, OverflowError, RuntimeError) as error:
        raise _unreadable(path, error) from error


def read_description(path: Path) -> dict[str, Any]:
    """Read only the description of a model file, not its tensors.

    Args:
        path: A safetensors file.

    Returns:
        The description ({} when the file is not one of ours).

    Raises:
        BadCheckpoint: If the file is missing, not safetensors, or broken.

    Source: ours.
    """
    _refuse_pickles(path)
    try:
        with safe_open(path, framework="pt") as file:
            return _description(file.metadata(), path)
    except (SafetensorError, OSError, ValueError, OverflowError, RuntimeError) as error:
        raise _unreadable(path, error) from error


def non_finite(tensors: Mapping[str, Tensor]) -> list[str]:
    """Name the floating tensors that hold a NaN or an infinity.

    Args:
        tensors: By name.

    Returns:
        The names, in order.

    Source: ours.

    Example:
        >>> non_finite({"a": torch.ones(2), "b": torch.tensor([float("nan")])})
        ['b']
    """
    return [name for name, tensor in tensors.items() if tensor.is_floating_point() and not tensor.isfinite().all()]


def load_state(module: torch.nn.Module, tensors: Mapping[str, Tensor], where: str) -> None:
    """Load a state dict that must fit exactly; never a part of it.

    Args:
        module: What to load into.
        tensors: By the module's own names.
        where: The file, for the message.

    Raises:
        BadCheckpoint: If names or shapes differ; the first ten differences are listed, and nothing is loaded.

    Source: ours.
    """
    check_state(module, tensors, where)
    module.load_state_dict(dict(tensors))


def check_state(module: torch.nn.Module, tensors: Mapping[str, Tensor], where: str) -> None:
    """See that a state dict fits a module exactly, by names and shapes.

    Args:
        module: What it would be loaded into; it may lie on the meta device, without memory.
        tensors: By the module's own names.
        where: The file, for the message.

    Raises:
        BadCheckpoint: If names or shapes differ; the first ten differences are listed.

    Source: ours.
    """
    own = module.state_dict()
    differences = [f"missing {name}" for name in own if name not in tensors]
    differences += [f"not wanted {name}" for name in tensors if name not in own]
    differences += [
        f"{name} is {tuple(tensors[name].shape)}, wanted {tuple(own[name].shape)}"
        for name in own
        if name in tensors and tensors[name].shape != own[name].shape
    ]
    if differences:
        more = f" and {len(differences) - 10} more" if len(differences) > 10 else ""
        raise BadCheckpoint(
            f"got weights in {printable(where)} for another network: {', '.join(differences[:10])}{more}; "
            f"taken are the {len(own)} tensors of {type(module).__name__}; "
            "check architecture, number of classes and channels"
        )


def _description(metadata: Mapping[str, str] | None, path: Path) -> dict[str, Any]:
    text = (metadata or {}).get(_KEY)
    if text is None:
        return {}
    description = json.loads(text)
    if not isinstance(description, dict):
        raise BadCheckpoint(f"got {printable(str(path))} with a header that is no mapping; taken is what saccade wrote")
    return description


def _refuse_pickles(path: Path) -> None:
    if not path.is_file():
        raise BadCheckpoint(
            f"got {printable(str(path))}, which is no file; taken is a .safetensors model; check the path"
        )
    with path.open("rb") as file:
        start = file.read(8)
    # a header's length, 640 bytes say, may begin as a pickle does
    length = int.from_bytes(start, "little") < path.stat().st_size
    if not length and (start[:2] in (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05") or start[:4] == b"PK\x03\x04"):
        raise BadCheckpoint(
            f"got {printable(str(path))}, a pickle, which can run code when opened; taken are .safetensors files; "
            "ask its author for one"
        )


def _unreadable(path: Path, error: Exception) -> BadCheckpoint:
    if isinstance(error, BadCheckpoint):
        return error
    reason = printable(str(error)).rstrip(".")[:200]
    return BadCheckpoint(
        f"got {printable(str(path))}, which cannot be read ({reason}); taken are whole .safetensors files; "
        "copy it again or use another one"
    )


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
