"""What a classifier said of one image."""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Shaped

from saccade.errors import BadConfig, BadData, BadShape, printable

if TYPE_CHECKING:
    from saccade.types.plotting import Plot


@dataclass(frozen=True, eq=False, repr=False)
class ClassPrediction:
    """What a classifier said of one image: a probability for each class.

    Args:
        key: Which image.
        names: The name of each class, in the order of their ids.
        probabilities: Of each class, in [0, 1]; they sum to 1 unless several classes can be true at once.
        multi_label: Whether several classes can be true at once, each on its own.
        threshold: From which probability on a class counts as present (with `multi_label` only).
        image: The picture itself, if it was kept; only `plot` and notebooks use it.

    Raises:
        BadShape: If there are not as many names as probabilities, or none.
        BadData: If a probability is NaN, infinite or outside [0, 1]; the image is named.

    Source: ours.

    Example:
        >>> prediction = ClassPrediction("a.jpg", ("cat", "dog", "owl"), np.array([0.7, 0.1, 0.2]))
        >>> prediction.label, prediction.top(2)
        ('cat', [('cat', 0.7), ('owl', 0.2)])
        >>> print(prediction)
        a.jpg: cat (70.0 %)
    """

    key: str
    names: tuple[str, ...]
    probabilities: Float[np.ndarray, " classes"]
    multi_label: bool = False
    threshold: float = 0.5
    image: Shaped[np.ndarray, "height width channels"] | None = field(default=None)

    def __post_init__(self) -> None:
        if self.probabilities.shape != (len(self.names),) or not self.names:
            raise BadShape(
                f"got probabilities of shape {self.probabilities.shape} for {len(self.names)} classes; taken is one "
                "for each class, at least one; check the labels of the model"
            )
        wrong = ~((self.probabilities >= 0) & (self.probabilities <= 1 + 1e-4))
        if wrong.any():
            raise BadData(
                f"got probability {self.probabilities[wrong][0]} for image {printable(self.key)!r}; taken are numbers "
                "from 0 to 1; look at that image, and whether the weights of the model are finite"
            )

    @property
    def class_id(self) -> int:
        """The id of the likeliest class; of equal ones the first."""
        return int(self.probabilities.argmax())

    @property
    def label(self) -> str:
        """The name of the likeliest class."""
        return self.names[self.class_id]

    @property
    def confidence(self) -> float:
        """The probability of the likeliest class."""
        return float(self.probabilities[self.class_id])

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the classes taken as present, likeliest first: one, or with `multi_label` any number."""
        if not self.multi_label:
            return (self.label,)
        return tuple(name for name, probability in self.top(len(self.names)) if probability >= self.threshold)

    def top(self, count: int = 5) -> list[tuple[str, float]]:
        """List the likeliest classes with their probabilities.

        Args:
            count: At most so many.

        Returns:
            (name, probability), likeliest first; equal ones in the order of their ids.

        Raises:
            BadConfig: If fewer than one is asked for.

        Source: ours.
        """
        if count < 1:
            raise BadConfig(f"got count={count}; taken is 1 or more; ask for at least one class")
        order = np.argsort(-self.probabilities, kind="stable")[:count]
        return [(self.names[index], float(self.probabilities[index])) for index in order.tolist()]

    def to_dict(self, count: int = 5) -> dict[str, Any]:
        """Give plain values that JSON can hold.

        Args:
            count: How many of the likeliest classes to list.

        Returns:
            The key, the label, its confidence, the labels and the likeliest classes.

        Source: ours.
        """
        top = [{"label": name, "probability": round(probability, 6)} for name, probability in self.top(count)]
        return {
            "key": self.key,
            "label": self.label,
            "confidence": round(self.confidence, 6),
            "labels": list(self.labels),
            "top": top,
        }

    def plot(self, count: int = 5) -> Plot:
        """Draw the likeliest classes as bars, beside the image if it was kept.

        Args:
            count: How many classes.

        Returns:
            A matplotlib figure; `.savefig("file.png")` writes it.

        Source: ours.
        """
        from saccade.types.plotting import plot_bars

        rows = self.top(count)
        present = [name in self.labels for name, _ in rows]
        threshold = self.threshold if self.multi_label else None
        return plot_bars(rows, image=self.image, title=self.key, strong=present, threshold=threshold)

    def __str__(self) -> str:
        if self.multi_label:
            said = ", ".join(self.labels) or f"nothing (most likely {self.label}, {_percent(self.confidence)})"
        else:
            said = f"{self.label} ({_percent(self.confidence)})"
        return printable(f"{self.key}: {said}" if self.key else said)

    def __repr__(self) -> str:
        top = ", ".join(f"{printable(name)} {probability:.3f}" for name, probability in self.top(3))
        more = ", …" if len(self.names) > 3 else ""
        return f"<ClassPrediction {self.key!r}: {top}{more}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr style="background:none"><td style="text-align:left;padding:1px 10px 1px 0;'
            f'font-weight:{600 if name in self.labels else 400}">{html.escape(printable(name))}</td>'
            f'<td style="padding:1px 0;width:160px"><div style="height:10px;border-radius:2px;background:#2563eb;'
            f'width:{100 * min(probability, 1):.1f}%"></div></td>'
            f'<td style="text-align:right;padding:1px 0 1px 8px;white-space:nowrap">{_percent(probability)}</td></tr>'
            for name, probability in self.top()
        )
        title = (
            f'<div style="opacity:.7;margin-bottom:2px">{html.escape(printable(self.key))}</div>' if self.key else ""
        )
        return (
            '<div style="display:flex;gap:14px;align-items:center;font-family:system-ui,sans-serif;font-size:13px">'
            f"{self._thumbnail()}<div>{title}"
            f'<table style="border-collapse:collapse;border:none;color:inherit;font:inherit">{rows}</table></div></div>'
        )

    def _thumbnail(self) -> str:
        if self.image is None:
            return ""
        from saccade.types.drawing import as_picture

        picture, buffer = as_picture(self.image), io.BytesIO()
        picture.thumbnail((192, 192))
        picture.save(buffer, "PNG")
        data = base64.b64encode(buffer.getvalue()).decode()
        return (
            f'<img src="data:image/png;base64,{data}" alt="{html.escape(printable(self.key))}" '
            f'style="height:112px;image-rendering:{"pixelated" if max(picture.size) < 100 else "auto"}">'
        )


def _percent(probability: float) -> str:
    return f"{100 * probability:.1f} %"
