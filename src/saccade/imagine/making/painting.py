"""A picture on its way down a cost, by L-BFGS or Adam; it can be put away at any step and taken up to the same bits.

Source: Liu & Nocedal, "On the limited memory BFGS method", 1989, and Kingma & Ba, arXiv 1412.6980, by torch.optim.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadCheckpoint, Diverged
from saccade.imagine.making.likeness import Likeness
from saccade.imagine.making.subject import State

Optimizer = Literal["lbfgs", "adam"]
_HISTORY = 20  # 100, of which each is two pictures, comes to costs half a percent lower
_FARTHEST = 0.05


class Painting:
    """A picture that becomes cheaper with each pass through the network.

    Args:
        picture: To begin with.
        cost: What is lowered.
        optimizer: "lbfgs" or "adam".
        step_size: The learning rate of Adam, of a range of 1. L-BFGS takes whole steps, but none that moves the pixels
            by more than 0.05 of their range (the root of the mean square): it does not look before it leaps, and
            would leap far off while it knows little of the cost.

    `number` says which of several sizes it is of, `done` counts its steps, `values` are the costs of all sizes so far,
    `terms` those of the last step.

    Source: as the file.
    """

    def __init__(
        self,
        picture: Float[Tensor, "1 channels height width"],
        cost: Likeness,
        *,
        optimizer: Optimizer = "lbfgs",
        step_size: float = 0.02,
    ) -> None:
        # torch's L-BFGS cannot take a picture whose channels lie last
        self.picture = picture.detach().clone(memory_format=torch.contiguous_format)
        self.picture.requires_grad_()
        self.number, self.done, self.values = 0, 0, list[float]()
        self.terms = dict[str, float]()
        self._cost = cost
        self._optimizer: torch.optim.Optimizer = (
            torch.optim.LBFGS([self.picture], lr=1.0, max_iter=1, history_size=_HISTORY, tolerance_change=0.0,
                              tolerance_grad=0.0)
            if optimizer == "lbfgs"
            else torch.optim.Adam([self.picture], lr=step_size)
        )  # fmt: skip

    def step(self) -> None:
        """Run the picture through the network once, and change it; its cost before the change is noted.

        Raises:
            Diverged: If its cost is no number any more; it is left as it was before this step.
        """

        def closure() -> float:
            self.terms, gradient = self._cost(self.picture)
            if not (math.isfinite(sum(self.terms.values())) and gradient.isfinite().all()):
                told = ", ".join(f"{name} {value:.4g}" for name, value in self.terms.items())
                raise Diverged(
                    f"got a cost or a gradient that is no number after {self.done} steps ({told}); taken are weights "
                    "and steps by which they stay numbers; lower them"
                )
            self.picture.grad = gradient.contiguous()
            return sum(self.terms.values())

        before = self.picture.detach().clone()
        self._optimizer.step(closure)
        if isinstance(self._optimizer, torch.optim.LBFGS):
            self._shorten(before)
        self.done += 1
        self.values.append(sum(self.terms.values()))

    def _shorten(self, before: Tensor) -> None:
        way = self.picture.detach() - before
        share = _FARTHEST / max(_FARTHEST, float(way.square().mean().sqrt()))
        if share < 1:
            with torch.no_grad():
                self.picture.copy_(before + share * way)
            self._optimizer.state[self.picture]["t"] *= share  # from which L-BFGS tells how far it came

    def state(self) -> State:
        """Put it away.

        Returns:
            All that is needed to go on to the same bits.
        """
        tensors, plain = {"picture": self.picture.detach()}, dict[str, Any]()
        for name, value in _own(self._optimizer).items():
            if isinstance(value, Tensor):
                tensors[name] = value
            elif isinstance(value, list) and any(isinstance(one, Tensor) for one in value):
                plain[name] = {"several": [None if one is None else number for number, one in enumerate(value)]}
                tensors |= {f"{name}.{number}": one for number, one in enumerate(value) if one is not None}
            else:
                plain[name] = value
        place = {"size": self.number, "step": self.done, "values": list(self.values)}
        return State(tensors, {**place, "optimizer": plain})

    def restore(self, state: State) -> None:
        """Take it up again.

        Args:
            state: What `state` gave, of a painting of the same size and optimiser.

        Raises:
            BadCheckpoint: If it is of another one.
        """
        tensors, plain = dict(state.tensors), state.described.get("optimizer", {})
        picture = tensors.pop("picture", None)
        if picture is None or picture.shape != self.picture.shape:
            raise BadCheckpoint(
                "got the state of a picture of another size; taken is one of the same pictures and settings; begin anew"
            )
        with torch.no_grad():
            self.picture.copy_(picture)
        self.done, self.values = int(state.described["step"]), list(state.described["values"])
        own: dict[str, Any] = {}
        for name, value in plain.items():
            if isinstance(value, dict) and "several" in value:
                own[name] = [None if one is None else tensors[f"{name}.{one}"] for one in value["several"]]
            else:
                own[name] = value
        own |= {name: value for name, value in tensors.items() if "." not in name}
        if own:
            self._optimizer.load_state_dict(
                {"state": {0: own}, "param_groups": self._optimizer.state_dict()["param_groups"]}
            )


def _own(optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    return optimizer.state_dict()["state"].get(0, {})
