"""Fast R-CNN against R-CNN: seconds an image, and where they go.

    ./do bench region_detectors [IMAGES]

So many images, 5 by default, spread evenly over the first split of blood cells (SACCADE_DATA/bccd), each made 500
pixels long on its longer side. Both networks stand on the same backbone, propose by the same search, at most 2,000
regions an image, and take turns. AlexNet is what R-CNN was published with; the small form of R-CNN is on ResNet-14 of
half width. Weights are random: the work does not depend on them.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn

from measure import header, record
from saccade import catalog
from saccade.data.opening import open_data
from saccade.data.preprocess import to_images
from saccade.layers.searched_regions import SearchedRegions

BACKBONES, LONGER_SIDE = ("alexnet", "resnet14_half"), 500
NAMES = ("rcnn", "fast_rcnn")


def images(number: int) -> list[torch.Tensor]:
    source = next(iter(open_data(str(Path(os.environ["SACCADE_DATA"], "bccd"))).splits.values()))
    found = []
    for index in list(range(0, len(source), max(1, len(source) // number)))[:number]:
        image = source.read(index).image
        factor = LONGER_SIDE / max(image.shape[:2])
        size = (round(image.shape[1] * factor), round(image.shape[0] * factor))
        found.append(to_images([cv2.resize(np.ascontiguousarray(image), size, interpolation=cv2.INTER_AREA)]))
    return found


@contextmanager
def stopwatch(network: nn.Module) -> Iterator[dict[str, float]]:
    """Add up the seconds that the search and the backbone take."""
    spent, began = dict.fromkeys(("search", "backbone"), 0.0), {}
    handles = []
    for part in network.modules():
        stage = "search" if isinstance(part, SearchedRegions) else "backbone" if part is network.backbone else ""
        if stage:

            def start(_module: nn.Module, _inputs: Any, stage: str = stage) -> None:
                began[stage] = time.perf_counter()

            def stop(_module: nn.Module, _inputs: Any, _output: Any, stage: str = stage) -> None:
                spent[stage] += time.perf_counter() - began[stage]

            handles += [part.register_forward_pre_hook(start), part.register_forward_hook(stop)]
    yield spent
    for handle in handles:
        handle.remove()


def seconds(network: nn.Module, image: torch.Tensor) -> dict[str, float]:
    with torch.inference_mode(), stopwatch(network) as spent:
        start = time.perf_counter()
        outputs = network(image)
        whole = time.perf_counter() - start
    regions = float(outputs["scores"].shape[1])
    return {"whole": whole, **spent, "the rest": whole - sum(spent.values()), "regions": regions}


def main(number: str = "5") -> None:
    header()
    pictures = images(int(number))
    figures = {}
    for backbone in BACKBONES:
        networks = {
            name: catalog.find("architectures", name)(num_classes=3, backbone=backbone).eval() for name in NAMES
        }
        for network in networks.values():
            seconds(network, torch.rand(1, 3, 64, 64))
        found = {name: [] for name in NAMES}
        for turn, picture in enumerate(pictures):
            for name in NAMES if turn % 2 else NAMES[::-1]:
                found[name].append(seconds(networks[name], picture))
        told = {
            name: {what: round(statistics.median(one[what] for one in every), 3) for what in every[0]}
            for name, every in found.items()
        }
        factors = sorted(a["whole"] / b["whole"] for a, b in zip(*found.values(), strict=True))
        searched = sorted(
            (a["whole"] - a["search"]) / (b["whole"] - b["search"]) for a, b in zip(*found.values(), strict=True)
        )
        figures[backbone] = {
            **told,
            "factor": [round(statistics.median(factors), 2), round(factors[0], 2), round(factors[-1], 2)],
            "factor without the search": round(statistics.median(searched), 2),
        }
        print(f"on {backbone}, {len(pictures)} images")
        for what, value in figures[backbone].items():
            print(f"  {what:26} {value}")
    record("region_detectors", {"longer_side": LONGER_SIDE, "images": len(pictures), "figures": figures})


if __name__ == "__main__":
    main(*sys.argv[1:])
