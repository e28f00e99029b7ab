"""How the learning rate moves: pure functions of the step, so a resumed run needs no state for it."""

from __future__ import annotations

import math

from saccade.training.settings import TrainingSettings

RANGE = 1e-7
"""Where "range" begins, as a share of the peak."""

_RISE, _FROM, _TO = 0.23, 0.2, 0.07
"""Of "triangle": the share of the run that rises, and the shares of the peak at both ends."""


def rate_at(settings: TrainingSettings, step: int, steps_per_epoch: int) -> float:
    """Give the learning rate at a step.

    Args:
        settings: `learning_rate`, `schedule`, `epochs`, `warmup_epochs`, `milestones`, `rate_decay`, `decay_epochs`.
        step: Steps of the optimiser done before this one, from 0.
        steps_per_epoch: Of the optimiser.

    Returns:
        The rate; groups of parameters may have a share of it, or a multiple.

    Source: ours.

    Example:
        >>> falling = TrainingSettings(epochs=4, warmup_epochs=0.0, schedule="milestones", milestones=(1, 3))
        >>> [round(rate_at(falling, 10 * epoch, 10) / falling.learning_rate, 6) for epoch in range(4)]
        [1.0, 0.1, 0.1, 0.01]
    """
    total = settings.epochs * steps_per_epoch
    warmup = min(round(settings.warmup_epochs * steps_per_epoch), total // 2)
    factor = rate_factor(settings.schedule, step, total=total, warmup=warmup)
    if settings.schedule == "milestones":
        factor *= settings.rate_decay ** sum(step >= one * steps_per_epoch for one in settings.milestones)
    elif settings.schedule == "exponential":
        factor *= settings.rate_decay ** math.floor(step / (settings.decay_epochs * steps_per_epoch))
    return settings.learning_rate * factor


def rate_factor(schedule: str, step: int, *, total: int, warmup: int) -> float:
    """Give the share of the peak learning rate at a step, as far as it does not depend on epochs.

    Args:
        schedule: "constant", "cosine" (half a period down to zero), "linear" (down to zero), "hold" (the peak for half
            of the steps, then a straight line to zero), "step" (a tenth after half, a hundredth after three quarters),
            "triangle" (in a straight line from a fifth to the peak at 23 % of the run, and in another to 7 %), or
            "range" (from a ten-millionth to the peak, by the same factor at each step, to find out what the peak may
            be); "milestones" and "exponential" are "constant" here.
        step: Steps of the optimiser done before this one, from 0.
        total: Steps of the whole run.
        warmup: Steps over which the rate first rises in a straight line; "triangle" and "range" have none.

    Returns:
        A factor in [0, 1].

    Source: cosine, arXiv 1608.03983, equation 5 without restarts; step, arXiv 1512.03385, section 4.2 (there at 32 k
        and 48 k of 64 k steps); warm-up, arXiv 1706.02677, section 2.2; triangle, Jordan, arXiv 2404.00498, with the
        numbers of its listing; range, Smith, "Cyclical learning rates", arXiv 1506.01186, section 3.3, there in a
        straight line; hold, Zhu et al., arXiv 1703.10593, section 7.1.

    Example:
        >>> [round(rate_factor("cosine", step, total=4, warmup=0), 3) for step in range(4)]
        [1.0, 0.854, 0.5, 0.146]
    """
    if schedule == "triangle":
        return _triangle(step, total)
    if schedule == "range":
        return RANGE ** (1 - min(1.0, step / max(1, total - 1)))
    if step < warmup:
        return (step + 1) / warmup
    done = min(1.0, (step - warmup) / max(1, total - warmup))
    if schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * done))
    if schedule == "linear":
        return 1 - done
    if schedule == "hold":
        return min(1.0, 2 - 2 * done)
    if schedule == "step":
        return 1.0 if done < 0.5 else 0.1 if done < 0.75 else 0.01
    return 1.0


def _triangle(step: int, total: int) -> float:
    rising = int(total * _RISE)
    if step < rising:
        return _FROM + (1 - _FROM) * step / rising
    return 1 - (1 - _TO) * min(1.0, (step - rising) / max(1, total - rising))
