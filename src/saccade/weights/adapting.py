"""Published weights in a network with other classes or other channels.

Everything that has its shape is taken. The last layer is left fresh if the number of classes differs; the first one is
spread over other channels so that a grey picture, given in all of them, gets the same answer as before.

Source: ours; the sum over colours for one channel as in timm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadCheckpoint, printable
from saccade.weights.files import check_state


def adapt(
    network: nn.Module, published: nn.Module, tensors: Mapping[str, Tensor], *, where: str, spare: Sequence[str] = ()
) -> list[str]:
    """Put published weights into a network that may have other classes and channels than they were made for.

    Args:
        network: Takes the weights; what it already has stays where its number of classes asks for another shape.
        published: The same network with the classes and channels of the weights; it may lie on the meta device.
        tensors: By name, as `saccade.weights.convert.tidied` gives them.
        where: The file, for the message.
        spare: Beginnings of names that may be left over, such as those of auxiliary heads.

    Returns:
        The names of what stayed fresh.

    Raises:
        BadCheckpoint: If the weights are not for that network: the first ten differences are listed, and nothing is
            loaded.

    Source: ours.

    Example:
        >>> fresh, old = nn.Sequential(nn.Conv2d(1, 2, 1), nn.Linear(2, 3)), nn.Sequential(
        ...     nn.Conv2d(3, 2, 1), nn.Linear(2, 7))
        >>> adapt(fresh, old, old.state_dict(), where="memory")
        ['1.weight', '1.bias']
    """
    wanted, own = published.state_dict(), network.state_dict()
    given = {name: tensor for name, tensor in tensors.items() if name in wanted or not name.startswith(tuple(spare))}
    for name, counter in wanted.items():  # files from before PyTorch 0.4.1 have no such counters
        if name.endswith(".num_batches_tracked") and name not in given:
            given[name] = torch.zeros(counter.shape, dtype=counter.dtype)
    check_state(published, given, where)
    fresh = []
    for name, tensor in own.items():
        if given[name].shape == tensor.shape:
            continue
        if given[name].shape[1:] == tensor.shape[1:]:
            fresh.append(name)
            given[name] = tensor
        elif tensor.ndim == 4 and given[name].shape[0] == tensor.shape[0]:
            given[name] = spread(given[name], tensor.shape[1])
        else:
            raise BadCheckpoint(
                f"got weights in {printable(where)} whose {name} is {tuple(given[name].shape)}, not "
                f"{tuple(tensor.shape)}; taken are other classes and other channels, nothing else that differs; make "
                "the network as it was published"
            )
    network.load_state_dict(given)
    return fresh


def spread(weights: Float[Tensor, "filters channels rows columns"], channels: int) -> Float[Tensor, "filters _ _ _"]:
    """Fit the filters of a first layer to another number of channels.

    One channel gets the sum over the old ones. More repeat the old ones in order, scaled by old / new, so that the
    answers stay as large as they were.

    Args:
        weights: Of the first layer.
        channels: As many as wanted.

    Returns:
        The new weights.

    Source: ours.

    Example:
        >>> spread(torch.tensor([[[[1.0]], [[2.0]], [[3.0]]]]), 1).flatten().tolist()
        [6.0]
        >>> spread(torch.tensor([[[[1.0]], [[2.0]], [[3.0]]]]), 6).flatten().tolist()
        [0.5, 1.0, 1.5, 0.5, 1.0, 1.5]
    """
    old = weights.shape[1]
    if channels == 1:
        return weights.sum(1, keepdim=True)
    order = torch.arange(channels) % old
    return weights[:, order] * (old / channels)
