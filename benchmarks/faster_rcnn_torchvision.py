"""What Faster R-CNN costs beside the reference library's: inference and a training step on the same tensors.

    ./do bench faster_rcnn_torchvision [ROUNDS]

The rival is torchvision's `fasterrcnn_resnet50_fpn` in its published form, in the same environment and process, with
the same weights, taking turns call by call. (Where its wheel does not load beside a CPU build of torch, a module
`load_torchvision` on the path, which makes it load, is imported first.) What it does to images before its network sees
them is left out: both get the same batch. Inference ends with the boxes that are left after suppression. A training
step is the four losses, their gradients and an SGD step, with the stem and the first stage left alone.

    torchvision      the rival as it comes: contiguous, float32
    saccade          the same weights, images and memory format
    + channels last  images and weights in the memory format that `saccade train` chooses
"""

from __future__ import annotations

import copy
import importlib
import importlib.util
import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import torch
from torch import Tensor, nn

from measure import header, interleaved, ratio, record, table
from saccade.architectures.faster_rcnn import FasterRcnn, faster_rcnn_resnet50
from saccade.tasks.detection import DetectionTask
from saccade.types.batch import Batch
from saccade.types.truth import Truth

RIVAL, OURS, LAST = "torchvision", "saccade", "+ channels last"
SIDE, BATCH, CLASSES, ROUNDS = 512, 2, 90, 7
LABELS = tuple(str(number) for number in range(CLASSES))
LEAST, OVERLAP, MOST = 0.05, 0.5, 100


def rival() -> nn.Module:
    if importlib.util.find_spec("load_torchvision"):
        importlib.import_module("load_torchvision")
    detection = importlib.import_module("torchvision.models.detection")
    norm = importlib.import_module("torchvision.ops").FrozenBatchNorm2d
    network = detection.fasterrcnn_resnet50_fpn(weights=None, weights_backbone=None, num_classes=CLASSES + 1)
    for name, part in list(network.backbone.body.named_modules()):
        if isinstance(part, nn.BatchNorm2d):
            parent, _, leaf = name.rpartition(".")
            setattr(network.backbone.body.get_submodule(parent), leaf, norm(part.num_features, eps=0.0))
    for name, weight in network.backbone.body.named_parameters():
        weight.requires_grad_(name.startswith(("layer2", "layer3", "layer4")))
    return network


def spread_out(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights whose proposals differ from each other, as those of a trained network do."""
    draws = torch.Generator().manual_seed(0)
    for key, deviation in (("rpn.head.cls_logits.weight", 0.1), ("rpn.head.bbox_pred.weight", 0.03)):
        state[key] = torch.randn(state[key].shape, generator=draws) * deviation
    state["roi_heads.box_predictor.cls_score.weight"] *= 3
    return state


def truths() -> list[Truth]:
    draws = torch.Generator().manual_seed(1)
    found = []
    for _ in range(BATCH):
        corners = torch.rand(8, 2, generator=draws) * 300
        sides = 40 + torch.rand(8, 2, generator=draws) * 160
        found.append(Truth(torch.cat([corners, corners + sides], 1), torch.arange(8)))
    return found


class Rival:
    """The parts of the rival, without its transform of images."""

    def __init__(self, network: Any, images: Tensor) -> None:
        structures = importlib.import_module("torchvision.models.detection.image_list")
        self.network, self.images = network, structures.ImageList(images, [(SIDE, SIDE)] * len(images))

    def infer(self) -> Any:
        """Give the boxes of each image."""
        self.network.eval()
        with torch.inference_mode():
            maps = self.network.backbone(self.images.tensors)
            proposals, _ = self.network.rpn(self.images, maps)
            return self.network.roi_heads(maps, proposals, self.images.image_sizes)[0]

    def losses(self, goals: list[Truth]) -> dict[str, Tensor]:
        """Give the four losses."""
        targets = [{"boxes": one.boxes, "labels": one.class_ids + 1} for one in goals]
        maps = self.network.backbone(self.images.tensors)
        proposals, first = self.network.rpn(self.images, maps, targets)
        return {**first, **self.network.roi_heads(maps, proposals, self.images.image_sizes, targets)[1]}


def infer(network: FasterRcnn, images: Tensor) -> Callable[[], Any]:
    task = DetectionTask(LABELS, confidence=LEAST, iou_threshold=OVERLAP, max_boxes=MOST)
    batch = Batch(images, torch.tensor([[SIDE, SIDE]] * len(images)))

    def run() -> Any:
        network.eval()
        with torch.inference_mode():
            return task.decode(network(images), batch)

    return run


def step(network: nn.Module, losses: Callable[[], dict[str, Tensor]]) -> Callable[[], object]:
    learning = [weight for weight in network.parameters() if weight.requires_grad]
    optimizer = torch.optim.SGD(learning, lr=1e-4, momentum=0.9)

    def run() -> None:
        network.train()
        optimizer.zero_grad()
        torch.stack(list(losses().values())).sum().backward()
        optimizer.step()

    return run


def main(rounds: int) -> None:
    header()
    theirs, ours = rival(), faster_rcnn_resnet50(num_classes=CLASSES, norm="frozen", frozen_stages=2)
    state = spread_out(theirs.state_dict())
    theirs.load_state_dict(state)
    ours.load_state_dict(state)
    images = torch.randn(BATCH, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    last = images.to(memory_format=torch.channels_last)
    also = copy.deepcopy(ours).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    whole, goals = Rival(theirs, images), truths()
    print(f"torchvision {version('torchvision')}; batch {BATCH}, {SIDE} × {SIDE}, {torch.get_num_threads()} threads\n")
    counts = [len(one) for one in infer(ours, images)()], [len(one["boxes"]) for one in whole.infer()]
    print(f"boxes found: {counts[0]}, by the rival {counts[1]}\n")
    ways = {
        "inference": {RIVAL: whole.infer, OURS: infer(ours, images), LAST: infer(also, last)},
        "training step": {
            RIVAL: step(theirs, lambda: whole.losses(goals)),
            OURS: step(ours, lambda: ours(images, goals)),
            LAST: step(also, lambda: also(last, goals)),
        },
    }
    figures: dict[str, object] = {}
    for what, functions in ways.items():
        timings = interleaved(functions, rounds, warm_up=1)
        print(f"{what}\n{table(timings, RIVAL)}\n", flush=True)
        figures[what] = {
            way: {
                "ms": round(timing.median * 1e3, 1),
                "times_rival": [round(number, 3) for number in ratio(timings[RIVAL], timing)],
            }
            for way, timing in timings.items()
        }
    shape = {"batch": BATCH, "side": SIDE, "rounds": rounds, "torchvision": version("torchvision")}
    record("faster_rcnn_torchvision", {**shape, "boxes": counts[0], "figures": figures})


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else ROUNDS)
