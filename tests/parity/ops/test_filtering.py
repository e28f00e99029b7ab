"""Filtering in tiles against the slow obvious loops, and against OpenCV's filter2D."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from saccade.ops.filter_views import draw_response
from saccade.ops.filtering import filtered
from saccade.ops.kernels import KERNELS, named_kernel, parse_kernel

BORDERS = {"reflect": cv2.BORDER_REFLECT_101, "replicate": cv2.BORDER_REPLICATE, "zeros": cv2.BORDER_CONSTANT}
UNEVEN = {"2 × 2": "1 2; 3 4", "1 × 4": "1 -2 3 -4", "4 × 3": "1 2 3; 0 0 1; 5 0 0; -1 2 7"}
RNG = np.random.default_rng(0)


def kernels() -> dict[str, torch.Tensor]:
    found = {name: named_kernel(name) for name in KERNELS} | {name: parse_kernel(text) for name, text in UNEVEN.items()}
    return found | {"sobel at 30°": named_kernel("sobel", angle=30), "random": torch.randn(5, 7)}


def written_out(image: np.ndarray, kernel: np.ndarray, padding: str) -> np.ndarray:
    """Each pixel of the result, window by window."""
    rows, columns = kernel.shape
    before, after = ((rows - 1) // 2, (columns - 1) // 2), (rows // 2, columns // 2)
    mode = {"reflect": "reflect", "replicate": "edge", "circular": "wrap", "zeros": "constant"}[padding]
    padded = np.pad(image.astype(np.float64), (*zip(before, after, strict=True), (0, 0)), mode=mode)  # type: ignore[call-overload]
    result = np.zeros(image.shape)
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            window = padded[row : row + rows, column : column + columns]
            result[row, column] = (window * kernel[:, :, None]).sum((0, 1))
    return result


@pytest.mark.parametrize("padding", ["reflect", "replicate", "circular", "zeros"])
@pytest.mark.parametrize("name", [*UNEVEN, "sobel at 30°", "scharr", "gaussian", "laplacian8", "random"])
def test_tiles_are_what_the_loops_say(name: str, padding: str) -> None:
    kernel = kernels()[name]
    image = RNG.random((13, 11, 2), dtype=np.float32)
    expected = written_out(image, kernel.double().numpy(), padding)
    bound = 1e-6 * float(kernel.abs().sum())
    assert np.abs(filtered(image, kernel, padding=padding, tile=(4, 5)) - expected).max() < bound


@pytest.mark.parametrize("padding", BORDERS)
@pytest.mark.parametrize("name", kernels())
def test_responses_are_those_of_opencv(name: str, padding: str) -> None:
    kernel = kernels()[name].double().numpy()
    image = RNG.integers(0, 256, (75, 143, 3), dtype=np.uint8)
    anchor = (kernel.shape[1] - 1) // 2, (kernel.shape[0] - 1) // 2
    expected = cv2.filter2D(image.astype(np.float64) / 255, -1, kernel, anchor=anchor, borderType=BORDERS[padding])
    difference = np.abs(filtered(image, torch.from_numpy(kernel).float(), padding=padding) - expected)
    assert difference.max() < 1e-6 * np.abs(kernel).sum()


@pytest.mark.parametrize("name", ["sharpen", "emboss", "sobel", "gaussian", "box"])
def test_pictures_are_those_of_opencv_within_rounding(name: str) -> None:
    kernel = named_kernel(name)
    image = RNG.integers(0, 256, (75, 143, 3), dtype=np.uint8)
    ours, theirs = draw_response(image, kernel, view="plain"), cv2.filter2D(image, -1, kernel.numpy())
    assert np.abs(ours.astype(int) - theirs).max() <= 1
    assert (ours == theirs).mean() > 0.999
