"""What a method is: knobs, and one open function that looks at a question.

Source: ours.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from saccade.explanations.asking.question import Question
from saccade.training.settings import Settings


@dataclass(frozen=True, eq=False)
class Answer:
    """How much each place of each image had to do with the number that was asked about.

    Args:
        maps: Of any size; the place is the same share of its map as of the image. Zero is nothing to do with it.
        signed: Whether values below zero speak against it, not for less.
        colours: A value for each channel too, of the size of the images, where the method has them.
        notes: What a reader must know of each map, such as which layer it is of; one for all, or one for each image.

    Source: ours.
    """

    maps: Float[Tensor, "batch rows columns"]
    signed: bool = False
    colours: Float[Tensor, "batch channels height width"] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Method(Settings):
    """A way to explain what a network says of an image; its fields are its knobs, each a flag of the command line.

    `image_by_image` says that it takes its time with each image, so that nothing is gained by several at once.

    Source: ours.
    """

    image_by_image: ClassVar[bool] = False

    @property
    def begins_with_the_images(self) -> bool:
        """Whether it runs the network on the images as they are, by `Question.run`, before anything else."""
        return False

    def prepared(self, question: Question) -> Method:
        """Choose once what would be chosen anew for each batch; by default nothing.

        Args:
            question: About images like those that follow, with the network borrowed.

        Returns:
            The method that is to be used from now on.

        Source: ours.
        """
        del question
        return self

    @abstractmethod
    def look(self, question: Question) -> Answer:
        """Say how much each place had to do with the answer.

        Args:
            question: With the network borrowed: in evaluation mode, its parameters without gradients. Whatever is done
                to flags and hooks is undone afterwards.

        Returns:
            The maps, on the device of the images.

        Source: of each method.
        """
