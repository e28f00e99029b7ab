"""Many predictions, in the order of their pictures.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from saccade.types.bad_file import BadFile

SHOWN = 20


def plain(prediction: Any, top: int) -> dict[str, Any]:
    """Give a prediction as plain values.

    Args:
        prediction: Of any task.
        top: How many of the likeliest classes are told, where it is about classes.

    Returns:
        What JSON can hold.

    Source: ours.
    """
    return prediction.to_dict(top) if hasattr(prediction, "top") else prediction.to_dict()


class Predictions(list[Any]):
    """Predictions in the order of their pictures; `bad` names the files that could not be read.

    Args:
        predictions: One for each picture that could be read.
        bad: The others, each with the reason.

    Source: ours.
    """

    def __init__(self, predictions: Iterable[Any] = (), bad: Sequence[BadFile] = ()) -> None:
        super().__init__(predictions)
        self.bad = list(bad)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return {"predictions": [one.to_dict() for one in self], "bad": [one.to_dict() for one in self.bad]}

    def __repr__(self) -> str:
        shown = ", ".join([repr(one) for one in self[:SHOWN]] + (["…"] if len(self) > SHOWN else []))
        return f"Predictions([{shown}], bad={self.bad})"

    def _repr_html_(self) -> str:
        shown = "".join(one._repr_html_() for one in self[:SHOWN])
        more = f"<p>and {len(self) - SHOWN} more</p>" if len(self) > SHOWN else ""
        return shown + more + (f"<p>{len(self.bad)} files could not be read</p>" if self.bad else "")
