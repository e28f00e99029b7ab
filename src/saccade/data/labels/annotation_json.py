"""Annotations as JSON and back, without losing a bit: floats are written so that they read back as they were.

Lists of numbers stay lists, for people and for other programs. Masks and maps are packed: their bytes, deflated, in
base 64. What is read comes from strangers: types are few, sizes are bounded before anything is unpacked.

Source: ours.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Shaped
from torch import Tensor

from saccade.errors import BadLabel
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.keypoints import Keypoints
from saccade.types.masks import Masks
from saccade.types.pixel_map import PixelMap
from saccade.types.polygons import Polygons

MOST_BYTES = 1 << 28
_TYPES = ("float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool")
_CURE = "write them with saccade, or leave them out"


def to_dict(annotations: Annotations) -> dict[str, Any]:
    """Give annotations as plain values that JSON can hold.

    Args:
        annotations: Any.

    Returns:
        What is there, by name.

    Source: ours.

    Example:
        >>> to_dict(Annotations((2, 3), torch.tensor([7]), captions=("a cat",)))["captions"]
        ['a cat']
    """
    some = annotations
    found: dict[str, Any] = {"size": list(some.size), "class_ids": _listed(some.class_ids)}
    if some.boxes is not None:
        found["boxes"] = _listed(some.boxes.coordinates)
    if some.polygons is not None:
        found["polygons"] = [[_listed(ring) for ring in thing] for thing in some.polygons.rings]
    if some.masks is not None:
        found["masks"] = _packed(some.masks.pixels)
    if some.keypoints is not None:
        points = some.keypoints
        found["keypoints"] = {
            "points": _listed(points.points),
            "visibility": _listed(points.visibility),
            "swaps": [list(pair) for pair in points.swaps],
        }
    if some.crowd is not None:
        found["crowd"] = _listed(some.crowd)
    if some.attributes:
        found["attributes"] = {name: _listed(values) for name, values in sorted(some.attributes.items())}
    for name, one in (("regions", some.regions), ("depth", some.depth)):
        if one is not None:
            found[name] = {
                "values": _packed(one.values),
                "outside": one.outside if math.isfinite(one.outside) else None,
            }
    for name, words in (("phrases", some.phrases), ("captions", some.captions)):
        if words:
            found[name] = list(words)
    return found


def from_dict(values: Mapping[str, Any]) -> Annotations:
    """Read what `to_dict` gave.

    Args:
        values: A mapping, perhaps of a stranger.

    Returns:
        The annotations.

    Raises:
        BadLabel: If it is no such thing, or too large.

    Source: ours.

    Example:
        >>> some = Annotations((2, 3), torch.tensor([7]), Boxes(torch.tensor([[0.1, 0.0, 2.0, 1.0]]), (2, 3)))
        >>> from_dict(json.loads(json.dumps(to_dict(some)))).digest() == some.digest()
        True
    """
    try:
        return _annotations(values)
    except BadLabel:
        raise
    except (TypeError, ValueError, LookupError, AttributeError, OverflowError, RuntimeError) as error:
        raise BadLabel(
            f"got annotations that cannot be read ({str(error)[:100] or type(error).__name__}); taken is what saccade "
            f"wrote; {_CURE}"
        ) from error


def read_json(data: bytes) -> Any:
    """Read JSON that a stranger may have written.

    Args:
        data: UTF-8.

    Returns:
        Its values.

    Raises:
        BadLabel: If it is none, or nested too deeply.

    Source: ours, on the json module.

    Example:
        >>> read_json(b'{"cls": 3}')
        {'cls': 3}
    """
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadLabel(
            f"got a label that is no JSON ({str(error)[:80]}); taken is UTF-8 JSON; write it anew"
        ) from error


def _annotations(values: Mapping[str, Any]) -> Annotations:
    size = (int(values["size"][0]), int(values["size"][1]))
    parts: dict[str, Any] = {}
    if "boxes" in values:
        parts["boxes"] = Boxes(_tensor(values["boxes"]), size)
    if "polygons" in values:
        rings = tuple(tuple(_tensor(ring) for ring in thing) for thing in values["polygons"])
        parts["polygons"] = Polygons(rings, size)
    if "masks" in values:
        parts["masks"] = Masks(_tensor(values["masks"]))
    if "keypoints" in values:
        points = values["keypoints"]
        swaps = tuple((int(one), int(other)) for one, other in points.get("swaps", ()))
        parts["keypoints"] = Keypoints(_tensor(points["points"]), _tensor(points["visibility"]), size, swaps)
    if "crowd" in values:
        parts["crowd"] = _tensor(values["crowd"])
    if "attributes" in values:
        parts["attributes"] = {str(name): _tensor(one) for name, one in values["attributes"].items()}
    for name in ("regions", "depth"):
        if name in values:
            outside = values[name]["outside"]
            parts[name] = PixelMap(_tensor(values[name]["values"]), math.inf if outside is None else outside + 0)
    for name in ("phrases", "captions"):
        parts[name] = tuple(str(words) for words in values.get(name, ()))
    return Annotations(size, _tensor(values["class_ids"]), **parts)


def _listed(tensor: Shaped[Tensor, ...]) -> dict[str, Any]:
    """Numbers as lists, with their type and shape; packed where JSON has no word for one of them."""
    array = tensor.detach().cpu().numpy()
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return _packed(tensor)
    return {"type": array.dtype.name, "shape": list(array.shape), "values": array.ravel().tolist()}


def _packed(tensor: Shaped[Tensor, ...]) -> dict[str, Any]:
    array = tensor.detach().cpu().numpy()
    raw = np.packbits(array) if array.dtype == bool else array.astype(array.dtype.newbyteorder("<"))
    body = base64.b64encode(zlib.compress(np.ascontiguousarray(raw).tobytes(), 6)).decode()
    return {"type": array.dtype.name, "shape": list(array.shape), "packed": body}


def _tensor(values: Mapping[str, Any]) -> Shaped[Tensor, ...]:
    name, shape = values["type"], [int(side) for side in values["shape"]]
    count = math.prod(shape)
    if name not in _TYPES or min(shape, default=0) < 0 or len(shape) > 4 or count > MOST_BYTES:
        raise BadLabel(f"got numbers of type {name!r} and shape {shape}; taken are up to {MOST_BYTES:,}; {_CURE}")
    kind = np.dtype(name)
    if "packed" in values:
        return torch.from_numpy(_unpacked(values["packed"], kind, count).reshape(shape))
    array = np.array(values["values"], kind)
    if array.size != count:
        raise BadLabel(f"got {array.size} numbers for the shape {shape}; taken are {count}; {_CURE}")
    return torch.from_numpy(array.reshape(shape))


def _unpacked(packed: str, kind: np.dtype[Any], count: int) -> Shaped[np.ndarray, " count"]:
    size = -(-count // 8) if kind.kind == "b" else count * kind.itemsize
    if size > MOST_BYTES:
        raise BadLabel(f"got a map of {size:,} bytes; taken are up to {MOST_BYTES:,}; {_CURE}")
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(base64.b64decode(packed, validate=True), size + 1)
    except (binascii.Error, zlib.error) as error:
        raise BadLabel(f"got a map that cannot be unpacked ({error}); taken is what saccade wrote; {_CURE}") from error
    if len(raw) != size:
        raise BadLabel(f"got a map of {len(raw):,} bytes or more for {size:,}; taken is as many as its shape; {_CURE}")
    if kind.kind == "b":
        return np.unpackbits(np.frombuffer(raw, np.uint8), count=count).astype(bool)
    return np.frombuffer(raw, kind.newbyteorder("<")).astype(kind)
