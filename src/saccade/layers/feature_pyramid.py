"""A pyramid of maps that are alike at every scale: what coarse maps know of a picture is told to the fine ones.

Parameters have the names of the field's reference library.

Source: Lin et al., "Feature pyramid networks for object detection", arXiv 1612.03144.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from saccade import catalog
from saccade.errors import BadConfig, BadShape
from saccade.layers.backbone import Backbone, Stage
from saccade.layers.borrowed_maps import check_name, without_head
from saccade.layers.settled_norm import Norm, settle_norms
from saccade.layers.stages import modules_by_stage

_FINEST, _MOST = 4, 4
POOLED = "pool"


class FeaturePyramid(nn.Module):
    """From maps of a backbone to as many of one width, and one more that is coarser.

    Args:
        in_channels: Of each map that comes in, the finest first.
        width: Channels of each that goes out.

    Raises:
        BadShape: If there are no maps.

    Source: Lin et al. 2017, section 3; the coarser one, every second place of the coarsest, is section 4.1's.

    Example:
        >>> import torch
        >>> pyramid = FeaturePyramid([8, 16], width=4)
        >>> maps = pyramid([torch.zeros(1, 8, 8, 8), torch.zeros(1, 16, 4, 4)])
        >>> {name: tuple(one.shape) for name, one in maps.items()}
        {'0': (1, 4, 8, 8), '1': (1, 4, 4, 4), 'pool': (1, 4, 2, 2)}
    """

    def __init__(self, in_channels: Sequence[int], *, width: int = 256) -> None:
        super().__init__()
        if not in_channels:
            raise BadShape("got no maps; taken is the width of each map of a backbone; give at least one")
        self.inner_blocks = nn.ModuleList(nn.Sequential(nn.Conv2d(one, width, 1)) for one in in_channels)
        self.layer_blocks = nn.ModuleList(nn.Sequential(nn.Conv2d(width, width, 3, padding=1)) for _ in in_channels)
        for part in self.modules():
            if isinstance(part, nn.Conv2d) and part.bias is not None:
                nn.init.kaiming_uniform_(part.weight, a=1)
                nn.init.zeros_(part.bias)

    def forward(self, maps: Sequence[Float[Tensor, "batch _ _ _"]]) -> dict[str, Float[Tensor, "batch width _ _"]]:
        """Tell each map what the coarser ones know.

        Args:
            maps: The finest first.

        Returns:
            Maps of the same sizes, named "0", "1" …, and "pool", half the size of the last.

        Source: Lin et al. 2017, figure 3.
        """
        above, told = None, list[Tensor]()
        for own, inner, layer in zip(
            reversed(maps), reversed(self.inner_blocks), reversed(self.layer_blocks), strict=True
        ):
            seen = inner(own)
            if above is not None:
                seen = seen + F.interpolate(above, size=seen.shape[2:], mode="nearest")
            above = seen
            told.append(layer(seen))
        levels = {str(number): one for number, one in enumerate(reversed(told))}
        return {**levels, POOLED: F.max_pool2d(told[0], 1, stride=2)}


class PyramidBackbone(nn.Module):
    """Any architecture with a feature pyramid on its last maps.

    The maps of a stride of 4 or more are taken, at most four of them.

    Args:
        name: Of the architecture.
        in_channels: Channels of the images.
        width: Channels of each map.
        norm: "batch" learns with the statistics of each batch; "frozen" leaves all batch normalisation as it is, for
            weights that come from another training. Names and shapes are the same.
        frozen_stages: So many stages, from the stem on, are not learned at all.

    Raises:
        BadConfig: If it is no backbone, has no such map, or fewer stages than are to be frozen; or there is no such
            norm.
        UnknownName: If there is no architecture of that name; the nearest are offered.

    Source: Lin et al. 2017.

    Example:
        >>> PyramidBackbone("resnet18", 3, width=8).strides
        (4, 8, 16, 32)
    """

    def __init__(
        self, name: str, in_channels: int, *, width: int = 256, norm: Norm = "batch", frozen_stages: int = 0
    ) -> None:
        super().__init__()
        check_name(name)
        network = catalog.find("architectures", name)(in_channels=in_channels)
        chosen = _maps_of(network, name, frozen_stages)
        frozen = [stage.name for stage in network.stages[:frozen_stages]]
        parts = modules_by_stage(network) if frozen else {}
        left = {module for stage in frozen for module in parts[stage]}
        self.body: Backbone = without_head(network)
        settle_norms(self.body, norm, left)
        for module in left:
            self.body.get_submodule(module).requires_grad_(False)
        self.names, self.strides = tuple(stage.name for stage in chosen), tuple(stage.stride for stage in chosen)
        self.smallest_size: tuple[int, int] = network.smallest_size
        self.width = width
        self.fpn = FeaturePyramid([stage.width for stage in chosen], width=width)

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> dict[str, Float[Tensor, "batch _ _ _"]]:
        """Give the maps by name, the finest first, and "pool"."""
        features = self.body.forward_features(images)
        return self.fpn([features.pop(name) for name in self.names])

    def pad(self, images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch channels _ _"]:
        """Add zeros below and to the right, so that both sides are multiples of the coarsest stride.

        Args:
            images: Of any size.

        Returns:
            The same, or larger ones.

        Source: ours; the published detectors pad as much.
        """
        down, right = (-side % self.strides[-1] for side in images.shape[2:])
        return F.pad(images, (0, right, 0, down)) if down or right else images


def _maps_of(network: nn.Module, name: str, frozen_stages: int) -> list[Stage]:
    stages = network.stages if isinstance(network, Backbone) else ()
    chosen = [stage for stage in stages if stage.stride >= _FINEST][-_MOST:]
    doubled = all(after.stride == 2 * before.stride for before, after in itertools.pairwise(chosen))
    if not chosen or not doubled:
        raise BadConfig(
            f"got the backbone {name!r} with maps of strides {[stage.stride for stage in stages]}; taken are networks "
            f"with a stride of {_FINEST} or more, each the double of the one before; choose another, such as resnet18"
        )
    whole = isinstance(frozen_stages, int) and not isinstance(frozen_stages, bool)
    if not whole or not 0 <= frozen_stages <= len(stages):
        raise BadConfig(
            f"got frozen_stages={frozen_stages!r}; {name} has {len(stages)} stages with its stem; give at most as many"
        )
    return chosen
