"""What a display says of a run, in words and figures.

Source: ours.
"""

from __future__ import annotations

from saccade.api.watching.pace import Pace, headline
from saccade.training.events import EpochDone, FeaturesComputed


def facts(pace: Pace) -> list[str]:
    """Say where a run is, in a few words each, the most wanted first.

    Args:
        pace: What is known of the run.

    Returns:
        Step, loss, time left, speed, share of time spent waiting for data, best epoch; each only when it is known.

    Source: ours.
    """
    found = [f"step {pace.step}/{pace.steps_per_epoch}"]
    if pace.step >= pace.steps_per_epoch > 0:
        found = ["validating"]
    if pace.loss is not None:
        found.append(f"loss {figure(pace.loss)}")
    if pace.seconds_left is not None:
        found.append(f"{duration(pace.seconds_left)} left")
    if pace.images_per_second is not None:
        found.append(f"{pace.images_per_second:,.0f} images/s")
    if pace.waiting is not None:
        found.append(f"{100 * pace.waiting:.0f} % waiting for data")
    if pace.best is not None and pace.best[1] is not None:
        found.append(f"best {figure(pace.best[1])} in epoch {pace.best[0] + 1}")
    return found


def epoch_line(event: EpochDone, pace: Pace) -> str:
    """Say in one line how an epoch went.

    Args:
        event: The epoch.
        pace: What is known of the run.

    Returns:
        The line.

    Source: ours.
    """
    digits = len(str(pace.epochs))
    parts = [f"epoch {event.epoch + 1:>{digits}}/{pace.epochs}"]
    if event.losses:
        parts.append(f"loss {figure(sum(event.losses.values()))}")
    name, value = headline(event)
    if event.validation and value is not None:
        parts.append(f"{name.replace('_', ' ')} {figure(value)}{' (best)' if event.best else ''}")
    if event.seconds > 0:
        parts.append(f"{event.images / event.seconds:,.0f} images/s")
        parts.append(f"waiting {100 * event.waited / event.seconds:.0f} %")
    if pace.seconds_left is not None and event.epoch + 1 < pace.epochs:
        parts.append(f"{duration(pace.seconds_left)} left")
    return "  ".join(parts).rstrip()


def features_line(event: FeaturesComputed) -> str:
    """Say in one line how far the looking at pictures is.

    Args:
        event: What was looked at so far.

    Returns:
        The line.

    Source: ours.
    """
    reused = f", {event.reused:,} known from before" if event.reused else ""
    some = f"{event.done:,} of " if event.done < event.total else ""
    return f"features of {some}{counted(event.total, event.split + ' image')} in {duration(event.seconds)}{reused}"


def duration(seconds: float) -> str:
    """Say how long something takes.

    Args:
        seconds: Zero or more.

    Returns:
        The shortest form that is exact enough.

    Source: ours.

    Example:
        >>> duration(4.2), duration(75), duration(3700)
        ('4 s', '1:15', '1:01:40')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes}:{rest:02}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def figure(value: float) -> str:
    """Write a figure in six letters or so.

    Args:
        value: Any number.

    Returns:
        Four digits after the point, fewer for large numbers, powers of ten for tiny ones.

    Source: ours.

    Example:
        >>> figure(0.91234), figure(123.456), figure(0.0000123)
        ('0.9123', '123.5', '1.2e-05')
    """
    if 0 < abs(value) < 0.001:
        return f"{value:.1e}"
    return f"{value:.4f}" if abs(value) < 100 else f"{value:.1f}"


def counted(number: int, thing: str) -> str:
    """Count things.

    Args:
        number: How many.
        thing: What one of them is called.

    Returns:
        Both, with an s where one is needed.

    Source: ours.

    Example:
        >>> counted(1, "epoch"), counted(2000, "step")
        ('1 epoch', '2,000 steps')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
