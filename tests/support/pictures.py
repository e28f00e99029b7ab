"""Small files for tests: pictures, class folders, and what must not change about a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image


def write_picture(path: Path, size: tuple[int, int] = (6, 8), shade: int = 0) -> Path:
    """Write a colour picture (height, width) with a few different pixels; its kind is that of its suffix."""
    height, width = size
    pixels = np.arange(height * width * 3, dtype=np.uint8).reshape(height, width, 3) + np.uint8(shade % 256)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def write_class_folders(root: Path, counts: Mapping[str, int], suffix: str = ".png") -> Path:
    """Write so many pictures in each folder below a root."""
    for number, (folder, count) in enumerate(counts.items()):
        for index in range(count):
            write_picture(root / folder / f"{index}{suffix}", shade=16 * number + index)
    return root


def hashes(root: Path) -> dict[str, str]:
    """The sha256 of every file below a folder."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def dark_and_light(root: Path) -> None:
    """Make photos/dark and photos/light below a folder, twenty noisy pictures in each."""
    noise = np.random.default_rng(0)
    for label, level in (("dark", 60), ("light", 120)):
        (root / "photos" / label).mkdir(parents=True)
        for number in range(20):
            pixels = noise.integers(0, 130, (20, 28, 3)) + level - 60
            Image.fromarray(pixels.astype(np.uint8)).save(root / "photos" / label / f"{number}.png")
