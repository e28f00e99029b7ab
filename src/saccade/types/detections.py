"""What a detector found in one picture."""

from __future__ import annotations

import base64
import html
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped
from PIL import Image

from saccade.errors import BadData, BadShape, MissingExtra, printable
from saccade.types.drawing import as_picture
from saccade.types.overlay import draw_boxes


@dataclass(frozen=True, eq=False, repr=False)
class Detections:
    """What a detector found in one picture, the surest first.

    They can be filtered by a mask or by numbers, as NumPy does: `found[found.confidence > 0.5]`,
    `found[found.class_id == 2]`, `found[:3]`.

    Args:
        key: Which picture.
        names: The name of each class, in the order of their ids.
        size: (height, width) of the picture in pixels.
        boxes: Rows (x1, y1, x2, y2) in pixels of the picture.
        confidence: Of each, in [0, 1].
        class_id: Of each.
        picture: The picture itself, if it was kept; only `draw` and notebooks use it.

    Raises:
        BadShape: If there are not as many of each.
        BadData: If a number is NaN, infinite or out of range; the picture is named.

    Source: ours; the names are those that the field uses.

    Example:
        >>> boxes = np.array([[1.0, 2, 5, 8], [0, 0, 4, 4]])
        >>> found = Detections("a.jpg", ("cat", "dog"), (10, 10), boxes, np.array([0.9, 0.4]), np.array([1, 0]))
        >>> len(found), found[found.confidence > 0.5].labels
        (2, ['dog'])
        >>> print(found)
        a.jpg: 1 dog, 1 cat
    """

    key: str
    names: tuple[str, ...]
    size: tuple[int, int]
    boxes: Float[np.ndarray, "found 4"]
    confidence: Float[np.ndarray, " found"]
    class_id: Int[np.ndarray, " found"]
    picture: Shaped[np.ndarray, "height width channels"] | None = field(default=None)

    def __post_init__(self) -> None:
        count = len(self.class_id)
        if self.boxes.shape != (count, 4) or self.confidence.shape != (count,) or self.class_id.ndim != 1:
            raise BadShape(
                f"got boxes of shape {self.boxes.shape}, confidences of {self.confidence.shape} and classes of "
                f"{self.class_id.shape}; taken are (found, 4), (found) and (found); give as many of each"
            )
        wrong = ~np.isfinite(self.boxes).all(1) | ~((self.confidence >= 0) & (self.confidence <= 1 + 1e-4))
        wrong |= (self.class_id < 0) | (self.class_id >= len(self.names))
        if wrong.any():
            number = int(np.flatnonzero(wrong)[0])
            raise BadData(
                f"got box {self.boxes[number].tolist()} of class {self.class_id[number]} with confidence "
                f"{self.confidence[number]} for image {printable(self.key)!r}; taken are finite boxes, confidences "
                f"from 0 to 1 and {len(self.names)} classes; look at that image, and whether the weights of the model "
                "are finite"
            )

    def __len__(self) -> int:
        """Count what was found."""
        return len(self.class_id)

    def __getitem__(self, which: Any) -> Detections:
        """Keep some: by a mask, by numbers, by a slice, or one by its number."""
        if isinstance(which, int | np.integer):
            which = [which]
        return replace(self, boxes=self.boxes[which], confidence=self.confidence[which], class_id=self.class_id[which])

    def __iter__(self) -> Iterator[Detections]:
        """Give each by itself."""
        return (self[number] for number in range(len(self)))

    @property
    def labels(self) -> list[str]:
        """The name of the class of each."""
        return [self.names[number] for number in self.class_id]

    @property
    def area(self) -> Float[np.ndarray, " found"]:
        """Of each box, in square pixels."""
        return (self.boxes[:, 2:] - self.boxes[:, :2]).clip(min=0).prod(1)

    def to_dict(self) -> dict[str, Any]:
        """Give everything but the picture as plain values that JSON can hold."""
        return {
            "key": self.key,
            "size": list(self.size),
            "detections": [
                {"label": label, "class_id": int(number), "confidence": round(float(sure), 6),
                 "box": [round(float(side), 3) for side in box]}
                for label, number, sure, box in zip(
                    self.labels, self.class_id, self.confidence, self.boxes, strict=True
                )
            ],
        }  # fmt: skip

    def to_supervision(self) -> Any:
        """Give the same boxes as the Detections of supervision, for its annotators, trackers and zones.

        Returns:
            A `supervision.Detections` with xyxy, confidence, class_id, and the names of the classes in
            data["class_name"].

        Raises:
            MissingExtra: If supervision is not installed.

        Source: ours; the names are those of supervision 0.16 and later.
        """
        try:
            import supervision  # pyright: ignore[reportMissingImports]
        except ImportError as error:
            raise MissingExtra("supervision", "supervision") from error
        return supervision.Detections(
            xyxy=self.boxes.astype(np.float32),
            confidence=self.confidence.astype(np.float32),
            class_id=self.class_id.astype(np.int64),
            data={"class_name": np.array(self.labels, dtype=np.str_)},
        )

    def draw(self, picture: Any = None) -> Image.Image:
        """Draw each box on the picture, with its class and confidence.

        Args:
            picture: A PIL image, or an array (height, width, channels), at any scale; None: the one that was kept.

        Returns:
            A new picture of the same size, RGB.

        Raises:
            BadData: If there is no picture.

        Source: ours.
        """
        picture = self.picture if picture is None else picture
        if picture is None:
            raise BadData(
                f"got {printable(self.key)!r} without its picture; taken is a picture to draw on; write draw(picture)"
            )
        shown = picture.convert("RGB") if isinstance(picture, Image.Image) else as_picture(picture).convert("RGB")
        scale = np.array([shown.width / self.size[1], shown.height / self.size[0]] * 2)
        told = [f"{label} {sure:.2f}" for label, sure in zip(self.labels, self.confidence, strict=True)]
        return draw_boxes(shown, self.boxes * scale, self.class_id, told)

    def __str__(self) -> str:
        counts = Counter(self.labels).most_common()
        return printable(f"{self.key}: {', '.join(f'{count} {label}' for label, count in counts) or 'nothing'}")

    def __repr__(self) -> str:
        return f"<Detections in {self}>"

    def _repr_html_(self) -> str:
        shown = ""
        if self.picture is not None:
            buffer = io.BytesIO()
            self.draw().save(buffer, "JPEG", quality=85)
            encoded = base64.b64encode(buffer.getvalue()).decode()
            shown = f'<img style="max-width:480px" src="data:image/jpeg;base64,{encoded}">'
        return f"<figure>{shown}<figcaption>{html.escape(str(self))}</figcaption></figure>"
