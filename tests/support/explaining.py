"""Small networks and questions for the tests of explanations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from saccade.explanations.asking.question import Question


class Reused(nn.Module):
    """A residual network with one ReLU that is used in place everywhere, as people write them."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(6)
        self.relu = nn.ReLU(inplace=True)
        self.first = nn.Conv2d(6, 6, 3, padding=1)
        self.second = nn.Conv2d(6, 6, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.head = nn.Linear(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.relu(self.norm(self.stem(x))))
        x = self.relu(self.second(self.relu(self.first(x))) + x)
        return self.head(x.mean((2, 3)))


def reused(seed: int = 0) -> Reused:
    """Make one with fixed weights, in training mode, one parameter of which wants no gradient and one has one."""
    torch.manual_seed(seed)
    network = Reused()
    with torch.no_grad():
        network(torch.rand(8, 3, 12, 12))  # its running statistics are those of images
    network.stem.weight.requires_grad_(False)
    network.head.bias.grad = torch.ones(4)
    return network


def class_score(logits: Tensor, asked: Sequence[Any]) -> Tensor:
    """The logit of the class that is asked of each image."""
    return logits[range(len(asked)), list(asked)]


def class_share(logits: Tensor, asked: Sequence[Any]) -> Tensor:
    """Its probability."""
    return class_score(logits.softmax(1), asked)


def question_about(network: nn.Module, images: Tensor, classes: Sequence[int], **more: Any) -> Question:
    """Ask about one class of each image."""
    return Question(network, images, class_score, list(classes), class_share, **more)


def summing(function: Callable[[Tensor], Tensor]) -> Question:
    """Ask about a function of images that gives one number for each, on two images of 2 channels, 6 by 5."""
    images = torch.rand(2, 2, 6, 5, generator=torch.Generator().manual_seed(3))

    class Function(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return function(x)

    return Question(Function(), images, lambda outputs, asked: outputs, [None, None], blank=0.0)
