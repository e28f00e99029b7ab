"""Training step and inference of SSD300, beside the reference library on the same tensors and with the same weights.

    ./do bench ssd_torchvision [ROUNDS]

The rival is torchvision, in the same environment and process, taking turns call by call. (Where its wheel does not load
beside a CPU build of torch, a module `load_torchvision` on the path, which makes it load, is imported first.) Both get
images that are normalised and of 300 × 300 already: the rival's own resizing and normalisation are left out.

    torchvision      the rival as it comes: contiguous, float32
    saccade          the same weights, images and memory format
    + channels last  images and weights in the memory format that `saccade train` chooses

    training step    forward with targets, both losses, backward, a step of momentum
    network          forward alone, up to the numbers of each default box
    inference        forward, decoding, suppression by class: from 0.01 on, overlap 0.45, 200 boxes of an image

Before anything is timed, the losses of both are compared, and the numbers of each default box. (The rival cuts boxes
off at the edges of the image before suppression, ours after it, so a few of the boxes that are found differ.) The
background is given so much weight that about two thousand boxes of an image are sure enough to be looked at, as in a
trained network; with random weights it would be all of them.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from measure import Timing, header, interleaved, ratio, record, table
from saccade.architectures.ssd import SSD, ssd300
from saccade.ops.anchors import SSD300, default_boxes
from saccade.tasks.detection import detection
from saccade.types.batch import Batch
from saccade.types.truth import Truth

SIDE, CLASSES, TRAINED, SEEN, ROUNDS = 300, 90, 2, 1, 7
LEAST, OVERLAP, MOST, LOOKED_AT = 0.01, 0.45, 200, 2000
RIVAL, OURS, LAST = "torchvision", "saccade", "+ channels last"
Work = Callable[[], Any]


def rival() -> nn.Module:
    """The reference library's network, which takes images as they are."""
    if importlib.util.find_spec("load_torchvision"):
        importlib.import_module("load_torchvision")
    models = importlib.import_module("torchvision.models.detection")
    network = models.ssd300_vgg16(weights=None, weights_backbone=None, num_classes=CLASSES + 1)
    network.transform.normalize = lambda image: image
    network.transform.resize = lambda image, target: (image, target)
    return network


def last(network: nn.Module) -> nn.Module:
    return network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


def networks() -> tuple[nn.Module, SSD, SSD]:
    """The rival and ours, twice, with the same weights."""
    torch.manual_seed(0)
    theirs = rival()
    weigh_background(theirs)
    ours, also = ssd300(num_classes=CLASSES), ssd300(num_classes=CLASSES)
    for network in (ours, also):
        network.load_state_dict(theirs.state_dict())
    last(also)
    return theirs, ours, also


@torch.no_grad()
def weigh_background(theirs: Any) -> None:
    """Raise the bias of the background until few enough boxes are sure of anything."""
    maps = list(theirs.backbone(tensors(1)[0]).values())
    columns = [one.bias.view(-1, CLASSES + 1)[:, 0] for one in theirs.head.classification_head.module_list]
    while (theirs.head.classification_head(maps).softmax(-1)[..., 1:] > LEAST).sum() > LOOKED_AT:
        for column in columns:
            column.add_(0.1)


def tensors(count: int) -> tuple[Tensor, list[Truth]]:
    """Images of 300 × 300 as the network sees them, each with five things.

    A thing lies near a default box, so that its best one is beyond doubt: where several contain it, and so overlap it
    alike, the last bits of the default boxes would choose, which are not the same in both.
    """
    draws = torch.Generator().manual_seed(1)
    images = torch.nn.functional.interpolate(torch.randn(count, 3, 15, 15, generator=draws) * 60, (SIDE, SIDE))
    images += torch.randn(count, 3, SIDE, SIDE, generator=draws) * 20
    near = default_boxes(SSD300, [(cells, cells) for cells in (38, 19, 10, 5, 3, 1)], (SIDE, SIDE))
    near = near[((near > 5) & (near < SIDE - 5)).all(1)]
    near = near[torch.randint(0, len(near), (count, 5), generator=draws)]
    boxes = near + torch.randn(count, 5, 4, generator=draws)
    classes = torch.randint(0, CLASSES, (count, 5), generator=draws)
    return images, [Truth(*pair) for pair in zip(boxes, classes, strict=True)]


def training(network: nn.Module, run: Work) -> Work:
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-6, momentum=0.9)

    def step() -> dict[str, float]:
        optimizer.zero_grad()
        terms = run()
        sum(terms.values()).backward()
        optimizer.step()
        return {name: term.item() for name, term in terms.items()}

    return step


def training_steps() -> dict[str, Work]:
    theirs, ours, also = networks()
    images, truths = tensors(TRAINED)
    images_last = images.to(memory_format=torch.channels_last)
    targets = [{"boxes": truth.boxes, "labels": truth.class_ids + 1} for truth in truths]
    return {
        RIVAL: training(theirs.train(), lambda: theirs(list(images), targets)),
        OURS: training(ours.train(), lambda: ours(images, truths)),
        LAST: training(also.train(), lambda: also(images_last, truths)),
    }


def forwards(images: Tensor) -> dict[str, Work]:
    theirs, ours, also = (network.eval() for network in networks())
    images_last = images.to(memory_format=torch.channels_last)

    def reference() -> object:
        return theirs.head(list(theirs.backbone(images).values()))  # pyright: ignore[reportCallIssue]

    return {
        RIVAL: torch.inference_mode()(reference),
        OURS: torch.inference_mode()(lambda: ours.head(ours.backbone(images))),
        LAST: torch.inference_mode()(lambda: also.head(also.backbone(images_last))),
    }


def inferences(images: Tensor) -> dict[str, Work]:
    theirs, ours, also = (network.eval() for network in networks())
    images_last = images.to(memory_format=torch.channels_last)
    task = detection(
        [str(number) for number in range(CLASSES)], confidence=LEAST, iou_threshold=OVERLAP, max_boxes=MOST
    )
    batch = Batch(images, torch.full((len(images), 2), SIDE))
    return {
        RIVAL: torch.inference_mode()(lambda: theirs(list(images))),
        OURS: torch.inference_mode()(lambda: task.decode(ours(images), batch)),
        LAST: torch.inference_mode()(lambda: task.decode(also(images_last), batch)),
    }


def check(steps: dict[str, Work], forward: dict[str, Work]) -> None:
    """See that all ways give the same losses, and the same numbers of each default box."""
    theirs, *ours = (step() for step in steps.values())
    for terms in ours:
        assert abs(terms["classes"] / theirs["classification"] - 1) < 1e-4
        assert abs(terms["boxes"] / theirs["bbox_regression"] - 1) < 1e-4
    reference, *others = (work() for work in forward.values())
    for codes, logits in others:
        assert torch.allclose(codes, reference["bbox_regression"], atol=1e-4)
        assert torch.allclose(logits, reference["cls_logits"], atol=1e-4)


def done(works: dict[str, Work]) -> Iterator[tuple[str, Any]]:
    """Do each once."""
    return ((way, work()) for way, work in works.items())


def figures(timings: dict[str, Timing]) -> dict[str, Any]:
    return {
        way: {
            "ms": round(timing.median * 1e3, 2),
            "times_rival": [round(number, 3) for number in ratio(timings[RIVAL], timing)],
        }
        for way, timing in timings.items()
    }


def main(rounds: int) -> None:
    header()
    version = importlib.metadata.version("torchvision")
    print(f"torchvision {version}; {SIDE} × {SIDE}, float32, {torch.get_num_threads()} threads\n")
    images, _ = tensors(SEEN)
    works = {"training step": training_steps(), "network": forwards(images), "inference": inferences(images)}
    check(works["training step"], works["network"])
    boxes = [len(found[0]["boxes"] if way == RIVAL else found[0]) for way, found in done(works["inference"])]
    print(f"boxes that are found: {boxes}\n")
    timed = dict[str, Any]()
    for what, ways in works.items():
        count = TRAINED if what == "training step" else SEEN
        timings = interleaved(ways, rounds, warm_up=1)
        print(f"{what}, {count} images, ms for each\n{table(timings, RIVAL, count)}\n", flush=True)
        timed[what] = {"images": count, "ways": figures(timings)}
    record("ssd_torchvision", {"torchvision": version, "rounds": rounds, "boxes": boxes, "figures": timed})


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
