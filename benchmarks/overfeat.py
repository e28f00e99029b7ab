"""What is gained when a classifier slides as a convolution: the same windows, one by one and in one pass.

    ./do bench overfeat

AlexNet looks at windows of 224 × 224, 32 pixels apart, in a picture of 512 × 512; a small network without padding at
windows of 32 × 32, 4 apart, in one of 256 × 256. The one-by-one way cuts each window out, in batches of 64. Both take
turns in one process. Beside the ratio of times stands that of multiply-adds.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from measure import header, interleaved, ratio, record, table
from saccade.api.predictor import Predictor
from saccade.api.tiles.convolved import Convolved
from saccade.api.tiles.sliding import Sliding
from saccade.architectures.alexnet import alexnet
from saccade.exports.model_file import ModelDescription
from saccade.inspect.layer_table import layer_table
from saccade.layers.convolutional_head import convolutional
from saccade.layers.normalised import Normalised
from saccade.types.preprocessing import Preprocessing

ROUNDS, LABELS = 7, ("a", "b", "background")


def small() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 32, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64 * 4 * 4, 128), nn.ReLU(),
        nn.Linear(128, len(LABELS)),
    )  # fmt: skip


def one_case(name: str, network: nn.Module, window: int, side: int) -> dict[str, object]:
    taken = Preprocessing((window, window), 3, (0.5,) * 3, (0.25,) * 3)
    model = Predictor(
        Normalised(network.eval(), taken.mean, taken.std),
        ModelDescription("", {}, "classification", LABELS, taken),
        device="cpu",
    )
    image = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    together, alone = Convolved(model, [window]), Sliding(model, [window])
    alone.windows = together.windows  # pyright: ignore[reportAttributeAccessIssue]
    boxes, found = together.named("", image)
    apart = float(np.abs(found - alone.named("", image)[1]).max())
    timings = interleaved(
        {"one by one": lambda: alone.named("", image), "one pass": lambda: together.named("", image)}, ROUNDS
    )
    sliding = convolutional(network, (window, window))
    work = len(boxes) * layer_table(network, (window, window)).macs / layer_table(sliding, (side, side)).macs
    faster = tuple(round(value, 2) for value in ratio(timings["one by one"], timings["one pass"]))
    print(f"{name}: {len(boxes)} windows; probabilities differ by {apart:.1e} at most\n{table(timings, 'one by one')}")
    print(f"fewer multiply-adds by {work:.1f} times\n")
    return {"windows": len(boxes), "times_faster": faster, "times_fewer_macs": round(work, 2), "apart": apart}


def main() -> None:
    header()
    torch.manual_seed(0)
    figures = {
        "alexnet": one_case("AlexNet", alexnet(num_classes=len(LABELS)), 224, 512),
        "small": one_case("small, without padding", small(), 32, 256),
    }
    record("overfeat", {"figures": figures, "rounds": ROUNDS})


if __name__ == "__main__":
    main()
