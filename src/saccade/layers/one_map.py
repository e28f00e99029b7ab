"""One map of any architecture, borrowed for a network that looks at regions of it.

Source: ours.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

from saccade import catalog
from saccade.errors import BadConfig
from saccade.layers.backbone import Backbone
from saccade.layers.borrowed_maps import check_name, without_head
from saccade.layers.stages import modules_by_stage


class OneMap(nn.Module):
    """The last map of a stride of `coarsest` or less, of any architecture; what comes after it is taken away.

    Args:
        name: Of the architecture.
        in_channels: Channels of the images.
        coarsest: The greatest stride of the map, in pixels; where all are greater, the first map is taken.

    Raises:
        BadConfig: If it is no backbone, so that nobody knows its maps.
        UnknownName: If there is no architecture of that name; the nearest are offered.

    Source: ours; Girshick, "Fast R-CNN", arXiv 1504.08083, section 2.2, takes the last map before the last pooling.

    Example:
        >>> of_vgg = OneMap("vgg11", 3, coarsest=16)
        >>> of_vgg.width, of_vgg.stride
        (512, 16)
    """

    def __init__(self, name: str, in_channels: int, *, coarsest: int = 16) -> None:
        super().__init__()
        check_name(name)
        network = catalog.find("architectures", name)(in_channels=in_channels)
        if not isinstance(network, Backbone):
            raise BadConfig(
                f"got the backbone {name!r}, which has no stages; taken are networks that classify; choose another, "
                "such as resnet18"
            )
        self.network = without_head(network)
        self.taken = max(1, sum(stage.stride <= coarsest for stage in network.stages))
        parts = modules_by_stage(network)
        for stage in network.stages[self.taken :]:
            _take_away(network, parts[stage.name])
        self.width, self.stride = network.stages[self.taken - 1].width, network.stages[self.taken - 1].stride
        self.smallest_size: tuple[int, int] = network.smallest_size

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch _ _ _"]:
        """Give the map."""
        x = images
        for step in self.network.steps()[: self.taken]:
            x = step(x)
        return x


def _take_away(network: nn.Module, names: tuple[str, ...]) -> None:
    """Put nothing in the place of what has weights; the rest says where stages begin."""
    for name in names:
        if network.get_submodule(name).state_dict():
            parent, _, leaf = name.rpartition(".")
            setattr(network.get_submodule(parent), leaf, nn.Identity())
