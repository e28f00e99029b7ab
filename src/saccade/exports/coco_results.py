"""What a detector found, in the form in which COCO's evaluation takes results.

Source: the format of COCO's results (Lin et al., 2014).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from saccade.errors import BadConfig, BadData, printable
from saccade.types.detections import Detections


def coco_results(
    found: Sequence[Detections], *, image_ids: Mapping[str, int] | None = None, category_ids: Sequence[int] = ()
) -> list[dict[str, Any]]:
    """List every box found as COCO has it: image_id, category_id, bbox (left, top, width, height), score.

    Args:
        found: What was found in each picture.
        image_ids: The id of each picture by its key, as in the file of labels; None: 1, 2, 3 … in their order.
        category_ids: The id of each class, as in the file of labels; () for 1, 2, 3 … in their order.

    Returns:
        Plain values that JSON can hold, picture by picture.

    Raises:
        BadData: If a picture has no id.
        BadConfig: If there are not as many ids of categories as classes.

    Source: as the file.

    Example:
        >>> import numpy as np
        >>> one = Detections("a.jpg", ("cat",), (9, 9), np.array([[1.0, 2, 4, 8]]), np.array([0.5]), np.array([0]))
        >>> coco_results([one])
        [{'image_id': 1, 'category_id': 1, 'bbox': [1.0, 2.0, 3.0, 6.0], 'score': 0.5}]
    """
    results = []
    for number, one in enumerate(found, 1):
        if image_ids is not None and one.key not in image_ids:
            raise BadData(
                f"got {printable(one.key)!r}, which has no id; taken is an id for each picture; give image_ids for all"
            )
        if category_ids and len(category_ids) != len(one.names):
            raise BadConfig(
                f"got {len(category_ids)} category_ids for {len(one.names)} classes; taken is one for each; "
                "give as many"
            )
        ids = category_ids or range(1, len(one.names) + 1)
        image_id = number if image_ids is None else image_ids[one.key]
        results += [
            {"image_id": int(image_id), "category_id": int(ids[class_id]), "bbox": [x1, y1, x2 - x1, y2 - y1],
             "score": round(sure, 6)}
            for (x1, y1, x2, y2), sure, class_id in zip(
                one.boxes.tolist(), one.confidence.tolist(), one.class_id.tolist(), strict=True
            )
        ]  # fmt: skip
    return results
