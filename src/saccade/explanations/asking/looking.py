"""What a look into a network is: knobs, and one open function that makes a sheet of small pictures.

Source: ours.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from saccade.errors import BadConfig
from saccade.inspect.taps import borrowed
from saccade.training.settings import Settings
from saccade.types.sheet import Sheet


@dataclass(frozen=True, eq=False)
class Looked:
    """A picture that a network looks at.

    Args:
        key: Which.
        images: It as the network takes it.
        picture: The same for the eye, pixel by pixel.

    Source: ours.
    """

    key: str
    images: Float[Tensor, "1 channels height width"]
    picture: UInt8[np.ndarray, "height width 3"]


@dataclass(frozen=True, eq=False)
class View:
    """A network, and pictures for it.

    Args:
        network: Takes images in [0, 1].
        pictures: That it looks at, one after the other; they can be gone through once.
        size: (height, width) of its images.
        labels: The names of its classes, where it has any.
        seed: Where all randomness comes from.
        seen: Which pictures were gone through by now.

    Source: ours.
    """

    network: nn.Module
    pictures: Iterable[Looked]
    size: tuple[int, int]
    labels: tuple[str, ...] = ()
    seed: int = 0
    seen: list[str] = field(default_factory=list[str])

    def one_by_one(self) -> Iterator[Looked]:
        """Go through the pictures.

        Returns:
            Each.

        Raises:
            BadConfig: If there are none.

        Source: ours.
        """
        for picture in self.pictures:
            self.seen.append(picture.key)
            yield picture
        if not self.seen:
            raise BadConfig("got no picture that can be read; taken is one or more; name some")


@dataclass(frozen=True)
class Look(Settings):
    """A way to look into a network; its fields are its knobs.

    Source: ours.
    """

    @abstractmethod
    def see(self, view: View) -> Sheet:
        """Make a sheet.

        Args:
            view: With the network borrowed.

        Returns:
            What is seen.

        Source: of each look.
        """


def looked(look: Look, view: View) -> Sheet:
    """Let a look have a network for a while, without gradients; it is as it was afterwards.

    Args:
        look: With its knobs.
        view: The network, and pictures.

    Returns:
        What is seen.

    Raises:
        UnknownName: If there is no such layer; the nearest are offered.
        BadConfig: If the network has nothing of what is looked for, or there is no picture.

    Source: ours.
    """
    with borrowed(view.network), torch.no_grad():
        return look.see(view)
