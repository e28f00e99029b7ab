"""The same picture made by two optimisers: what each pass through the network cost them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from saccade.types.imagined import Imagined
from saccade.types.plotting import STRONG, Plot

_ADAM = "#b45309"


@dataclass(frozen=True, eq=False, repr=False)
class Descents:
    """A picture made by L-BFGS and by Adam.

    Args:
        lbfgs: By the first.
        adam: By the second, in as many passes.

    Source: ours.
    """

    lbfgs: Imagined
    adam: Imagined

    @property
    def passes(self) -> int | None:
        """After how many passes L-BFGS was as cheap as Adam ever was; None if it never was."""
        least = min(self.adam.values)
        return next((number for number, value in enumerate(self.lbfgs.values, 1) if value <= least), None)

    def __str__(self) -> str:
        count, least = len(self.adam.values), min(self.adam.values)
        if self.passes is None:
            return f"Adam came to {least:.4g} in {count} passes; L-BFGS did not, at {min(self.lbfgs.values):.4g}"
        return (
            f"Adam came to {least:.4g} in {count} passes, L-BFGS in {self.passes}; "
            f"in {len(self.lbfgs.values)} it came to {min(self.lbfgs.values):.4g}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Give everything but the pixels as plain values that JSON can hold."""
        return {"passes": self.passes, "lbfgs": self.lbfgs.to_dict(), "adam": self.adam.to_dict()}

    def draw(self) -> Plot:
        """Draw both pictures, and their cost by the number of passes.

        Returns:
            The figure.
        """
        figure = Plot(figsize=(9.6, 6.4), layout="constrained")
        left, right, below = (figure.add_subplot(2, 2, 1), figure.add_subplot(2, 2, 2), figure.add_subplot(2, 1, 2))
        for axes, name, made in ((left, "L-BFGS", self.lbfgs), (right, "Adam", self.adam)):
            axes.imshow(made.draw())
            axes.set_title(f"{name}: {min(made.values):.4g} in {made.seconds:.0f} s", fontsize=9)
            axes.set_axis_off()
        for name, made, colour in (("L-BFGS", self.lbfgs, STRONG), ("Adam", self.adam, _ADAM)):
            below.plot(range(1, len(made.values) + 1), made.values, color=colour, label=name)
        below.axhline(min(self.adam.values), color=_ADAM, linewidth=0.8, linestyle=(0, (3, 3)))
        below.set(xlabel="passes through the network", ylabel="cost", yscale="log")
        below.legend(frameon=False)
        below.spines[["top", "right"]].set_visible(False)
        figure.suptitle("; ".join(self.lbfgs.notes[:3]), fontsize=9, parse_math=False)
        return figure
