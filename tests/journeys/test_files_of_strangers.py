"""Model files that somebody else made: none runs code, none is half believed, each is answered in plain lines."""

from __future__ import annotations

import json
import os
import pickle
import struct
import time

import numpy as np
import pytest
import torch
from PIL import Image

import saccade
from saccade.errors import BadCheckpoint
from saccade.weights.files import read_tensors, write_tensors

pytestmark = pytest.mark.bad_input


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A working folder with a picture and a model."""
    root = tmp_path_factory.mktemp("work")
    Image.fromarray(np.full((16, 16, 3), 90, np.uint8)).save(root / "a.png")
    images = np.random.default_rng(0).integers(0, 255, (20, 16, 16, 3), dtype=np.uint8)
    run = saccade.train(
        (images, np.arange(20) % 2), model="conv 4 3, gap", epochs=1, settings={"threads": 1}, out=root / "run",
        listeners=[],
    )  # fmt: skip
    run.export(root / "model.safetensors")
    return root


class Bomb:
    """What runs a command when it is unpickled."""

    def __reduce__(self):
        return os.system, ("touch canary",)


def test_a_pickle_is_never_opened(server, place):
    (place / "bomb.pt").write_bytes(pickle.dumps(Bomb()))
    torch.save({"weight": Bomb()}, place / "bomb.pth")
    (place / "bomb.safetensors").write_bytes(pickle.dumps(Bomb(), protocol=4))
    for name in ("bomb.pt", "bomb.pth", "bomb.safetensors"):
        for words in (["predict", name, "a.png"], ["info", name]):
            code, out, err = server.run(place, *words)
            assert (code, out) == (4, "")
            assert "a pickle, which can run code" in err
    assert not (place / "canary").exists()


def damaged(whole: bytes) -> dict[str, bytes]:
    """A model file, spoilt in different ways."""
    length = struct.unpack("<Q", whole[:8])[0]
    header, data = json.loads(whole[8 : 8 + length]), whole[8 + length :]
    names = [name for name in header if name != "__metadata__"]

    def with_header(**changes) -> bytes:
        text = json.dumps({**header, **changes}).encode()
        return struct.pack("<Q", len(text)) + text + data

    first, second = (header[name] for name in names[:2])
    return {
        "empty": b"",
        "cut": whole[:-7],
        "cut in the header": whole[:50],
        "trailing": whole + b"more",
        "huge header": struct.pack("<Q", 1 << 62) + whole[8:],
        "header beyond the file": struct.pack("<Q", len(whole) * 2) + whole[8:],
        "no JSON": struct.pack("<Q", length) + b"\xff" * length + data,
        "overlap": with_header(**{names[0]: {**first, "data_offsets": second["data_offsets"]}}),
        "negative": with_header(**{names[0]: {**first, "shape": [-1, 4]}}),
        "wrong shape": with_header(**{names[0]: {**first, "shape": [1_000_000, 1_000_000]}}),
        "unknown type": with_header(**{names[0]: {**first, "dtype": "F13"}}),
        "offsets beyond the file": with_header(**{names[0]: {**first, "data_offsets": [0, 1 << 40]}}),
        "metadata of another kind": with_header(__metadata__={"saccade": "[1, 2]"}),
        "metadata that is no JSON": with_header(__metadata__={"saccade": "{"}),
        "text": b"hello " * 1000,
    }


def test_a_damaged_file_is_answered_at_once(place):
    for name, data in damaged((place / "model.safetensors").read_bytes()).items():
        (place / "damaged.safetensors").write_bytes(data)
        began = time.perf_counter()
        with pytest.raises(BadCheckpoint, match=r"damaged\.safetensors"):
            saccade.load(place / "damaged.safetensors")
        assert time.perf_counter() - began < 0.5, name


def test_a_damaged_file_ends_a_command_in_plain_lines(server, place):
    (place / "damaged.safetensors").write_bytes((place / "model.safetensors").read_bytes()[:-7])
    for words in (["predict", "damaged.safetensors", "a.png"], ["info", "damaged.safetensors"],
                  ["evaluate", "damaged.safetensors", "digits"]):  # fmt: skip
        code, out, err = server.run(place, *words)
        assert (code, out) == (4, "")
        assert "Traceback" not in err
        assert len(err.splitlines()) <= 4


def test_a_file_for_another_network_is_refused_with_what_differs(server, place):
    tensors, description = read_tensors(place / "model.safetensors")
    description["arguments"]["line"] = "conv 5 3, gap"
    tensors["extra"] = torch.zeros(1)
    write_tensors(place / "other.safetensors", tensors, description)
    code, out, err = server.run(place, "predict", "other.safetensors", "a.png")
    assert (code, out) == (4, "")
    assert "not wanted extra" in err
    assert "is (4, 3, 3, 3), wanted (5, 3, 3, 3)" in err


def test_weights_that_are_not_finite_are_told_of(server, place):
    tensors, description = read_tensors(place / "model.safetensors")
    next(iter(tensors.values())).view(-1)[0] = float("inf")
    write_tensors(place / "infinite.safetensors", tensors, description)
    code, _, err = server.run(place, "info", "infinite.safetensors")
    assert code == 1
    assert "not finite" in err
    code, _, err = server.run(place, "predict", "infinite.safetensors", "a.png")
    assert "warning: got infinite.safetensors with weights that are not finite" in err
    assert code in (0, 2)
