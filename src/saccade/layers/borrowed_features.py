"""The features of any classifier, borrowed for a network on top of it: what its last dense layer would take.

Source: ours; features of a dense layer for other classes, Donahue et al., "DeCAF", arXiv 1310.1531.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade import catalog
from saccade.errors import BadConfig
from saccade.layers.backbone import Backbone
from saccade.layers.borrowed_maps import check_name, without_head
from saccade.layers.stages import HEAD, modules_by_stage

_SIDE = 32


class BorrowedFeatures(nn.Module):
    """A vector for each image, from any architecture without its last layer.

    Where its head ends with a dense layer, that is left out: of AlexNet 4,096 numbers remain, of a residual network the
    means of its last map. Where it ends otherwise, the whole head is left out, and its last map is averaged.

    Args:
        name: Of the architecture.
        in_channels: Channels of the images.

    Raises:
        BadConfig: If it is no backbone, so that nobody knows its head.
        UnknownName: If there is no architecture of that name; the nearest are offered.

    Source: ours.

    Example:
        >>> BorrowedFeatures("resnet8", 3)(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 64])
        >>> BorrowedFeatures("squeezenet1_1", 3).width
        512
    """

    def __init__(self, name: str, in_channels: int) -> None:
        super().__init__()
        check_name(name)
        network = catalog.find("architectures", name)(in_channels=in_channels)
        if not isinstance(network, Backbone):
            raise BadConfig(
                f"got the backbone {name!r}, which has no stages; taken are networks that classify; choose another, "
                "such as resnet18"
            )
        last, idle = _last_dense(network)
        self.dense, self.smallest_size = bool(last), network.smallest_size
        if last:
            self.width: int = network.get_submodule(last).in_features  # pyright: ignore[reportAttributeAccessIssue]
            for one in (last, *idle):
                parent, _, leaf = one.rpartition(".")
                setattr(network.get_submodule(parent), leaf, nn.Identity())
            self.network = network
        else:
            self.width, self.network = network.stages[-1].width, without_head(network)

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch features"]:
        """Give the features of each image."""
        if self.dense:
            return self.network(images)
        return self.network.forward_features(images)[self.network.stages[-1].name].mean((2, 3))


def _last_dense(network: Backbone) -> tuple[str, list[str]]:
    """The dense layer that gives the logits, "" if there is none; and what learns in the head but never runs."""
    head = {name: network.get_submodule(name) for name in modules_by_stage(network)[HEAD]}
    ran = dict[str, object]()

    def note(name: str, given: object) -> None:
        ran[name] = given

    hooks = [
        part.register_forward_hook(lambda _module, _taken, given, name=name: note(name, given))
        for name, part in head.items()
    ]
    network.eval()
    with torch.no_grad():
        first = next(network.parameters())
        size = [max(_SIDE, least) for least in network.smallest_size]
        logits = network(torch.zeros(1, network.in_channels, *size, device=first.device, dtype=first.dtype))
    network.train()
    for hook in hooks:
        hook.remove()
    last = [name for name, given in ran.items() if given is logits and isinstance(head[name], nn.Linear)]
    idle = [name for name, part in head.items() if name not in ran and any(True for _ in part.parameters())]
    return (last[0] if last else ""), idle
