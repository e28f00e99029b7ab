"""From a publisher's file to plain tensors under plain names: the one place where a `.pth` is opened.

PyTorch reads it with `weights_only=True`, which builds tensors and nothing else; what would run code is refused.

Source: ours.
"""

from __future__ import annotations

import hashlib
import pickle
import re
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from saccade.errors import BadCheckpoint, printable
from saccade.weights.files import read_tensors

# densenet's files have names from before PyTorch forbade dots in them: denselayer1.norm.1.weight
_DOTTED = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12])\.")
_STRANGE = (
    pickle.UnpicklingError, RuntimeError, EOFError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError,
    OSError, AssertionError, MemoryError, zipfile.BadZipFile,
)  # fmt: skip


def read_published(path: Path, *, most_bytes: int, name: str = "") -> dict[str, Tensor]:
    """Read a file as its publisher left it, and give its tensors as `tidied` does.

    Args:
        path: A safetensors file, or one that `torch.save` wrote, under any name.
        most_bytes: The tensors may take so much together; a small file can claim to hold any amount.
        name: What the file is called in messages; "" for its own name.

    Returns:
        The tensors by name.

    Raises:
        BadCheckpoint: If it is no such file, holds anything but tensors, or claims too much. Nothing in it is executed.

    Source: ours.
    """
    name = printable(name or path.name)
    if is_safetensors(path):
        return tidied(read_tensors(path)[0])
    try:
        with warnings.catch_warnings(action="ignore"):  # of strange pickles, which are about to be refused
            values = torch.load(path, map_location="cpu", weights_only=True)
    except _STRANGE as error:
        reason = printable(str(error).partition("\n")[0]).rstrip(".")[:200]
        raise BadCheckpoint(
            f"got {name}, which cannot be read as weights ({reason}); taken is a file of tensors alone, which runs no "
            "code; do not open it by other means"
        ) from error
    tensors = _tensors(values, name)
    claimed = sum(4 * tensor.numel() for tensor in tensors.values())
    if claimed > most_bytes:
        raise BadCheckpoint(
            f"got {name} with tensors of {claimed:,} bytes; taken are {most_bytes:,} at most; do not use this file"
        )
    return tidied(tensors)


def is_safetensors(path: Path) -> bool:
    """Tell a safetensors file by how it begins: a length of eight bytes, and a brace.

    Args:
        path: Any file.

    Returns:
        Whether it is one; not whether it is whole.

    Source: the safetensors format (huggingface.co/docs/safetensors).
    """
    with path.open("rb") as file:
        return file.read(9)[8:] == b"{"


def tidied(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Bring tensors to the names and the type that networks have here.

    The "module." that wrappers for several GPUs put before every name goes, DenseNet's old names become its new ones,
    and float16 and bfloat16 become float32.

    Args:
        tensors: By the publisher's names.

    Returns:
        Each contiguous, with memory of its own.

    Source: ours.

    Example:
        >>> tidied({"module.bn.weight": torch.ones(2, dtype=torch.float16)})["bn.weight"].dtype
        torch.float32
    """
    wrapped = bool(tensors) and all(name.startswith("module.") for name in tensors)
    tidy = {}
    for name, tensor in tensors.items():
        plain = _DOTTED.sub(r"\1\2.", name.removeprefix("module.") if wrapped else name)
        tidy[plain] = (tensor.float() if tensor.is_floating_point() else tensor).contiguous().clone()
    return tidy


def content_hash(tensors: Mapping[str, Tensor]) -> str:
    """Compute the sha256 of names, shapes, types and numbers, in the order of the names, whatever file they came in.

    Args:
        tensors: By name.

    Returns:
        64 hexadecimal digits.

    Source: ours.

    Example:
        >>> content_hash({"a": torch.zeros(2), "b": torch.ones(1)})[:8]
        '68b70a5a'
    """
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name}\0{tuple(tensor.shape)}\0{tensor.dtype}\0".encode("utf-8", "surrogatepass"))
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _tensors(values: Any, name: str) -> dict[str, Tensor]:
    """The state dict, bare or under the name that training scripts give it."""
    if isinstance(values, Mapping) and isinstance(values.get("state_dict"), Mapping):
        values = values["state_dict"]
    whole = isinstance(values, Mapping) and all(
        isinstance(key, str) and isinstance(value, Tensor) and value.layout == torch.strided and not value.is_quantized
        for key, value in values.items()
    )
    if not whole or not values:
        raise BadCheckpoint(
            f"got {name}, which holds something else than tensors by name; taken is a state dict; ask its "
            "author for one"
        )
    return dict(values)
