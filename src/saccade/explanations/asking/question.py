"""A question about images: a network that is borrowed, and the one number of each image that is to be explained.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadConfig, BadShape

_IN_CACHE = 8  # images whose maps stay in the caches of a processor on the way through a network
Score = Callable[[Any, Sequence[Any]], Tensor]
"""Takes what a network gives for several images, and what is asked of each; gives a number for each."""


@dataclass(frozen=True, eq=False)
class Question:
    """Images, a network, and what is asked of each image.

    Args:
        network: Takes images in [0, 1], or whatever its user gives it.
        images: What is explained.
        score: The number that is explained, which can be differentiated.
        asked: What is asked of each image; `score` gets it back.
        confidence: A number that people read, such as a probability; followed where parts of an image are hidden. None:
            the score itself.
        blank: A value for each channel that stands for nothing being there.
        seed: Where all randomness comes from.
        batch_size: Images that go through the network together.
        settle: Says what is asked, where that hangs on what the network gives for the images as they are: called with
            that, before the first score is taken, for those rows of `asked` that are None, which it fills in.
        told: Told by methods that take their time how many of how many steps are done.

    Source: ours.
    """

    network: nn.Module
    images: Float[Tensor, "batch channels height width"]
    score: Score
    asked: Sequence[Any]
    confidence: Score | None = None
    blank: Float[Tensor, " channels"] | float = 0.5
    seed: int = 0
    batch_size: int = 32
    settle: Callable[[Any, Sequence[int]], None] | None = None
    told: Callable[[int, int], None] | None = None

    def __len__(self) -> int:
        """Count the images."""
        return self.images.shape[0]

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the images."""
        return self.images.shape[2], self.images.shape[3]

    def generator(self) -> torch.Generator:
        """Start the randomness of a method anew, on the processor, so that every device draws the same."""
        return torch.Generator().manual_seed(self.seed)

    def emptied(self) -> Float[Tensor, "1 channels 1 1"]:
        """Give what stands for nothing, ready to be laid over images."""
        blank = torch.as_tensor(self.blank, dtype=self.images.dtype, device=self.images.device)
        return blank.expand(self.images.shape[1])[None, :, None, None]

    def tell(self, done: int, total: int) -> None:
        """Say how far a method is, if somebody wants to know.

        Args:
            done: Steps that are done.
            total: Steps that there are.

        Source: ours.
        """
        if self.told is not None:
            self.told(done, total)

    def only(self, which: int) -> Question:
        """Ask about one of the images alone.

        Args:
            which: Its number.

        Returns:
            The question, with one image.

        Source: ours.
        """
        asked = [self.asked[which]]

        def settle(outputs: Any, _rows: Sequence[int]) -> None:
            if self.settle is not None:
                self.settle(outputs, [which])
                asked[0] = self.asked[which]

        settling = None if self.settle is None else settle
        return replace(self, images=self.images[which : which + 1], asked=asked, settle=settling)

    def settled(self) -> bool:
        """Tell whether it is known what is asked of each image."""
        return all(one is not None for one in self.asked) or self.settle is None

    def run(self, images: Float[Tensor, "rows channels height width"], rows: Sequence[int]) -> Float[Tensor, " rows"]:
        """Run the network on images as they are, settle what is asked of them, and take the score.

        Args:
            images: Some of the question's.
            rows: Which.

        Returns:
            A number for each.

        Raises:
            BadShape: If the score is not one number for each.

        Source: ours.
        """
        outputs = self.network(images)
        if self.settle is not None and any(self.asked[row] is None for row in rows):
            self.settle(outputs, rows)
        return self.score_of(outputs, rows)

    def score_of(self, outputs: Any, rows: Sequence[int]) -> Float[Tensor, " rows"]:
        """Take the number that is asked about out of what the network gave.

        Args:
            outputs: What it gave for several images.
            rows: Which image of the question each is a form of.

        Returns:
            A number for each.

        Raises:
            BadShape: If the score is not one number for each.

        Source: ours.
        """
        return _checked(self.score(outputs, [self.asked[row] for row in rows]), len(rows))

    def scores(
        self,
        images: Float[Tensor, "rows channels height width"],
        rows: Sequence[int],
        *,
        confidence: bool = False,
    ) -> Float[Tensor, " rows"]:
        """Ask about other forms of the images, without gradients, as many at once as go together.

        Args:
            images: Such as copies with something hidden.
            rows: Which image of the question each is a form of.
            confidence: Give the number that people read instead.

        Returns:
            A number for each.

        Raises:
            BadShape: If the score is not one number for each.

        Source: ours.
        """
        chosen = self.confidence if confidence and self.confidence is not None else self.score
        found = [torch.zeros(0, device=images.device)]
        at_once = min(self.batch_size, _IN_CACHE) if images.device.type == "cpu" else self.batch_size
        lying = torch.channels_last if _lies_by_pixels(self.images) else torch.contiguous_format
        with torch.no_grad():
            for part in _parts(len(rows), at_once):
                outputs = self.network(images[part].contiguous(memory_format=lying))
                found.append(_checked(chosen(outputs, [self.asked[row] for row in rows[part]]), len(rows[part])))
        return torch.cat(found)

    def gradient(
        self, images: Float[Tensor, "rows channels height width"] | None = None, rows: Sequence[int] | None = None
    ) -> Float[Tensor, "rows channels height width"]:
        """Differentiate the score with respect to images.

        Args:
            images: Other forms of the images; None: the images themselves.
            rows: Which image of the question each is a form of; None: each is its own.

        Returns:
            A gradient of the shape of the images.

        Raises:
            BadConfig: If the score cannot be differentiated.
            BadShape: If the score is not one number for each.

        Source: ours.
        """
        images = self.images if images is None else images
        rows = range(len(images)) if rows is None else rows
        found = []
        for part in _parts(len(rows), self.batch_size):
            leaf = images[part].detach().clone().requires_grad_()
            score = self.score_of(self.network(leaf), rows[part])
            (gradient,) = differentiate(score, [leaf])
            found.append(gradient)
        return torch.cat(found)


def differentiate(score: Float[Tensor, " rows"], inputs: Sequence[Tensor]) -> list[Tensor]:
    """Differentiate the sum of scores, each of which depends on its own image alone.

    Args:
        score: A number for each image.
        inputs: With respect to what.

    Returns:
        A gradient for each input; zeros where the score does not depend on it.

    Raises:
        BadConfig: If the score cannot be differentiated.

    Source: ours.

    Example:
        >>> x = torch.tensor([1.0, 2.0], requires_grad=True)
        >>> differentiate(x * x, [x])[0].tolist()
        [2.0, 4.0]
    """
    if not score.requires_grad:
        raise BadConfig(
            "got a score that has no gradient with respect to the image; taken is one that can be differentiated; "
            "use occlusion or rise, which need none"
        )
    found = torch.autograd.grad(score.sum(), list(inputs), allow_unused=True)
    return [
        torch.zeros_like(one) if gradient is None else gradient for one, gradient in zip(inputs, found, strict=True)
    ]


def _lies_by_pixels(images: Float[Tensor, "batch channels height width"]) -> bool:
    """Whether the channels of a pixel lie side by side in memory."""
    return images.stride(1) == 1 and images.shape[1] > 1


def _parts(count: int, size: int) -> Iterator[slice]:
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def _checked(score: Any, count: int) -> Float[Tensor, " rows"]:
    if not isinstance(score, Tensor) or score.shape != (count,):
        shape = tuple(score.shape) if isinstance(score, Tensor) else type(score).__name__
        raise BadShape(
            f"got a score of shape {shape} for {count} images; taken is one number for each, of shape ({count},); "
            "choose one number of what the network gives"
        )
    return score
