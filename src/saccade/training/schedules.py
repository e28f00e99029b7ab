"""How the learning rate moves: pure functions of the step, so a resumed run needs no state for it."""

from __future__ import annotations

import math


def rate_factor(schedule: str, step: int, *, total: int, warmup: int) -> float:
    """Give the share of the peak learning rate at a step.

    Args:
        schedule: "constant", "cosine" (half a period down to zero), "linear" (down to zero), or "step" (a tenth after
            half, a hundredth after three quarters).
        step: Steps of the optimiser done before this one, from 0.
        total: Steps of the whole run.
        warmup: Steps over which the rate first rises in a straight line.

    Returns:
        A factor in [0, 1].

    Source: cosine, arXiv 1608.03983, equation 5 without restarts; step, arXiv 1512.03385, section 4.2 (there at 32 k
        and 48 k of 64 k steps); warm-up, arXiv 1706.02677, section 2.2.

    Example:
        >>> [round(rate_factor("cosine", step, total=4, warmup=0), 3) for step in range(4)]
        [1.0, 0.854, 0.5, 0.146]
    """
    if step < warmup:
        return (step + 1) / warmup
    done = min(1.0, (step - warmup) / max(1, total - warmup))
    if schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * done))
    if schedule == "linear":
        return 1 - done
    if schedule == "step":
        return 1.0 if done < 0.5 else 0.1 if done < 0.75 else 0.01
    return 1.0
