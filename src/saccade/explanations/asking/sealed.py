"""The sealed call: it checks, borrows the network, lets a method look, checks again, and gives the network back.

Source: ours.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from saccade.errors import BadData, BadShape
from saccade.explanations.asking.method import Answer, Method
from saccade.explanations.asking.question import Question
from saccade.inspect.taps import borrowed


def answered(method: Method, question: Question) -> Answer:
    """Let a method look at a question.

    Args:
        method: With its knobs.
        question: About images.

    Returns:
        Its answer, on the processor, each map as large as its image. The network is as it was: flags, hooks and
        gradients, after an error too.

    Raises:
        BadShape: If the images are no batch of at least one, or the method gives other maps than one for each.
        BadData: If an image or a map holds NaN or infinity.
        BadConfig: If the method cannot be used on that network.

    Source: ours.
    """
    images = question.images
    if images.dim() != 4 or 0 in images.shape or not images.is_floating_point():
        raise BadShape(
            f"got images of shape {tuple(images.shape)} and type {images.dtype}; taken are floats (batch, channels, "
            "height, width), at least one; add images[None]"
        )
    if len(question.asked) != len(images):
        raise BadShape(f"got {len(question.asked)} questions about {len(images)} images; taken is one for each")
    if not bool(images.sum().isfinite()):
        raise BadData("got images with NaN or infinity; taken are finite numbers; look at where they come from")
    with borrowed(question.network), torch.enable_grad():
        for parameter in question.network.parameters():
            parameter.requires_grad_(False)
        question = replace(question, images=images.detach())
        if not question.settled() and not method.begins_with_the_images:
            for start in range(0, len(question), question.batch_size):
                rows = range(start, min(start + question.batch_size, len(question)))
                with torch.no_grad():
                    question.run(question.images[start : rows.stop], rows)
        answer = method.look(question)
    maps = answer.maps.detach()
    if maps.dim() != 3 or len(maps) != len(images):
        raise BadShape(f"got maps of shape {tuple(maps.shape)} for {len(images)} images; taken is one for each")
    colours = None if answer.colours is None else answer.colours.detach().float().cpu()
    maps = enlarged(maps.float().cpu(), question.size)
    if not bool(maps.sum().isfinite()):
        raise BadData(
            "got a map with NaN or infinity; taken are finite numbers; look at whether the weights of the model are "
            "finite"
        )
    return Answer(maps, answer.signed, colours, answer.notes)


def prepared(method: Method, question: Question) -> Method:
    """Let a method choose once what would be chosen anew for each batch.

    Args:
        method: With its knobs.
        question: About images like those that follow.

    Returns:
        The method that is to be used from now on. The network is as it was.

    Raises:
        BadConfig: If the method cannot be used on that network.

    Source: ours.
    """
    with borrowed(question.network), torch.enable_grad():
        for parameter in question.network.parameters():
            parameter.requires_grad_(False)
        return method.prepared(question)


def enlarged(maps: Float[Tensor, "batch rows columns"], size: tuple[int, int]) -> Float[Tensor, "batch height width"]:
    """Bring maps to the size of their images, bilinearly.

    Args:
        maps: Coarser, as a rule.
        size: (height, width).

    Returns:
        The maps; themselves if they have that size.

    Source: Selvaraju et al., arXiv 1610.02391, section 3, for bilinear upsampling.

    Example:
        >>> enlarged(torch.ones(1, 2, 2), (4, 6)).shape
        torch.Size([1, 4, 6])
    """
    if maps.shape[1:] == size:
        return maps
    return functional.interpolate(maps[:, None], size, mode="bilinear", align_corners=False)[:, 0]
