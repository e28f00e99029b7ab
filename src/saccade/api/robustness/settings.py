"""How a model is judged on disturbed pictures; read by the command line, so nothing heavy is imported here.

Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from saccade.training.settings import Settings, knob


@dataclass(frozen=True)
class RobustnessSettings(Settings):
    """Which pictures are disturbed.

    Raises:
        BadConfig: If a field has the wrong type or is out of range.

    Source: ours.

    Example:
        >>> RobustnessSettings(images=200).images
        200
    """

    images: int = knob(500, "judge so many pictures of the split under each disturbance; 0: all", 0)
    seed: int = knob(0, "of which pictures they are, and of the noise", 0)
