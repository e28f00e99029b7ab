"""The basis in which a picture changes: by pixels, or by waves and by the colours that photographs have.

A step along the gradient depends on what is called a step of length one. In pixels every wave costs the same, and the
finest, of which there are most, take over. Measured in waves whose length is weighed by their frequency, and in colours
that are as correlated as those of photographs, the same gradient gives pictures with large forms.

Source: Olah, Mordvintsev & Schubert, "Feature visualization", Distill 2017, section "Preconditioning and
    parameterization".
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

_COLOURS = ((0.26, 0.09, 0.02), (0.27, 0.0, -0.05), (0.27, -0.09, 0.03))
"""A root of the covariance of the colours of ImageNet's photographs, as its authors publish it (Lucid, Apache-2.0)."""


def preconditioned(
    gradient: Float[Tensor, "batch channels height width"], decay: float
) -> Float[Tensor, "batch channels height width"]:
    """Turn a gradient by pixels into the steepest step in waves and natural colours, as pixels.

    Args:
        gradient: With respect to pixels.
        decay: What a wave of frequency f counts is 1 / f to this power, for each root; 0 leaves all alike, 1 is what
            photographs have.

    Returns:
        A step; colours are only turned where there are three.

    Source: Olah et al. 2017. A step in a basis x = B z is B Bᵀ times the gradient by x.

    Example:
        >>> flat = preconditioned(torch.ones(1, 1, 4, 4), 0.0)
        >>> torch.allclose(flat, torch.ones(1, 1, 4, 4))
        True
    """
    height, width = gradient.shape[2:]
    rows = torch.fft.fftfreq(height, device=gradient.device)[:, None]
    columns = torch.fft.rfftfreq(width, device=gradient.device)
    frequency = (rows.square() + columns.square()).sqrt().clamp(min=1 / max(height, width))
    waves = torch.fft.rfft2(gradient.float()) * frequency.pow(-2 * decay)
    step = torch.fft.irfft2(waves, s=(height, width))
    if gradient.shape[1] != 3:
        return step
    root = torch.tensor(_COLOURS, device=gradient.device)
    return torch.einsum("ij,bjhw->bihw", root @ root.T, step)
