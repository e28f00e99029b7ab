"""The record of CIFAR-10 as a script of its own, in plain PyTorch: the rival of `saccade train --recipe fast`.

It knows one network, one size of picture and one recipe, keeps all pictures in memory as floats, and changes a whole
epoch of them at once. After each epoch it appends a line to a log, in the form of DAWNBench: epoch, hours of training,
accuracy on the test pictures in percent. Written after Jordan, arXiv 2404.00498 (airbench94), with a mean where it has
a sum and without averaged views; in float32, or on a CUDA device, where everything then lies, in bfloat16.
`python benchmarks/record_script.py FOLDER LOG`
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

MEAN, DEVIATION = torch.tensor([0.4914, 0.4822, 0.4465]), torch.tensor([0.2470, 0.2435, 0.2616])
BATCH, MOMENTUM, RATE, DECAY, BIAS_RATE, SMOOTHING = 1024, 0.85, 11.5, 0.0153, 64.0, 0.2
WIDTHS, SHIFT, EVERY, BIAS_EPOCHS = (64, 256, 256), 2, 5, 3


def pictures(folder: Path) -> tuple[Tensor, Tensor]:
    """Read classes of pictures as normalised floats, channels last."""
    files = [(file, label) for label, each in enumerate(sorted(folder.iterdir())) for file in sorted(each.iterdir())]
    read = np.stack([np.asarray(Image.open(file).convert("RGB")) for file, _ in files])
    images = (torch.from_numpy(read).float() / 255 - MEAN) / DEVIATION
    return images.permute(0, 3, 1, 2), torch.tensor([label for _, label in files])


def convolution(inside: int, outside: int) -> nn.Conv2d:
    made = nn.Conv2d(inside, outside, 3, padding="same", bias=False)
    nn.init.dirac_(made.weight.data[:inside])
    return made


def norm(width: int) -> nn.BatchNorm2d:
    made = nn.BatchNorm2d(width, eps=1e-12, momentum=0.4)
    made.weight.requires_grad_(False)
    return made


def network(train: Tensor) -> nn.Sequential:
    """Make the network, its first layer from patches of the first 5,000 pictures."""
    first = nn.Conv2d(3, 24, 2)
    nn.init.zeros_(first.bias)
    patches = train[:5000].unfold(2, 2, 1).unfold(3, 2, 1).permute(0, 2, 3, 1, 4, 5).reshape(-1, 12)
    values, vectors = torch.linalg.eigh(patches.T @ patches / len(patches))
    half = (vectors / (values + 5e-4).sqrt()).T.flip(0).reshape(12, 3, 2, 2)
    first.weight.data.copy_(torch.cat([half, -half]))
    first.weight.requires_grad_(False)
    layers, inside = [first, nn.GELU()], 24
    for width in WIDTHS:
        layers += [convolution(inside, width), nn.MaxPool2d(2), norm(width), nn.GELU()]
        layers += [convolution(width, width), norm(width), nn.GELU()]
        inside = width
    layers += [nn.MaxPool2d(3), nn.Flatten(), nn.Linear(inside, 10, bias=False)]
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


def epochs_of(images: Tensor, labels: Tensor) -> Iterator[Iterator[tuple[Tensor, Tensor]]]:
    """Give epochs of batches: each picture mirrored in every other epoch, and shifted by at most two pixels."""
    mirrored = torch.rand(len(images)) < 0.5
    padded = F.pad(torch.where(mirrored[:, None, None, None], images.flip(-1), images), (SHIFT,) * 4, "reflect")
    side, epoch = images.shape[-1], 0
    while True:
        shifts, cut = torch.randint(2 * SHIFT + 1, (2, len(images))), torch.empty_like(images)
        for row in range(2 * SHIFT + 1):
            for column in range(2 * SHIFT + 1):
                here = (shifts[0] == row) & (shifts[1] == column)
                cut[here] = padded[here, :, row : row + side, column : column + side]
        cut = cut.flip(-1) if epoch % 2 else cut
        order = torch.randperm(len(images))[: len(images) // BATCH * BATCH].split(BATCH)
        yield ((cut[part].to(memory_format=torch.channels_last), labels[part]) for part in order)
        epoch += 1


@torch.no_grad()
def accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    model.eval()
    right = torch.cat([model(part).argmax(1) for part in images.split(1000)]) == labels
    model.train()
    return 100 * float(right.float().mean())


def train(folder: Path, log: Path, *, epochs: int, seed: int, device: str) -> None:
    torch.manual_seed(seed)
    parts = [pictures(folder / part) for part in ("train", "val")]
    torch.set_default_device(device)
    (images, labels), test = ([values.to(device) for values in part] for part in parts)
    model, total = network(images), len(images) // BATCH * epochs
    scale = 1024 * (1 + 1 / (1 - MOMENTUM))
    rate, decay = RATE / scale * BATCH, DECAY * BATCH / scale  # of a mean, where the paper has a sum
    shifts = [value for layer in model if isinstance(layer, nn.BatchNorm2d) for value in [layer.bias]]
    taken = {id(value) for value in shifts}
    others = [value for value in model.parameters() if value.requires_grad and id(value) not in taken]
    groups = [(shifts, rate * BIAS_RATE), (others, rate)]
    optimizer = torch.optim.SGD(
        [{"params": values, "lr": own, "weight_decay": decay / own} for values, own in groups],
        momentum=MOMENTUM, nesterov=True,
    )  # fmt: skip
    peak = 0.23 * total
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: float(np.interp(step, [0, peak, total], [0.2, 1.0, 0.07]))
    )
    slow = {name: value.clone() for name, value in model.state_dict().items()}
    stream, spent, step = epochs_of(images, labels), 0.0, 0
    for epoch in range(1, epochs + 1):
        begun = time.perf_counter()
        model[0].bias.requires_grad_(epoch <= BIAS_EPOCHS)
        for seen, truth in next(stream):
            with torch.autocast(device, torch.bfloat16, enabled=device != "cpu"):
                loss = F.cross_entropy(model(seen) / 9, truth, label_smoothing=SMOOTHING)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            step += 1
            if step % EVERY == 0:
                kept = 0.95**EVERY * (step / total) ** 3
                follow(model, slow, kept)
        if epoch == epochs:
            follow(model, slow, 1.0)
        float(loss)  # a device may still be at work
        spent += time.perf_counter() - begun
        with log.open("a") as file:
            file.write(f"{epoch}\t{spent / 3600:.6f}\t{accuracy(model, *test):.3f}\n")


@torch.no_grad()
def follow(model: nn.Module, slow: dict[str, Tensor], kept: float) -> None:
    """Let the slow weights follow the fast ones, and the fast ones begin again from there."""
    for name, value in model.state_dict().items():
        if value.is_floating_point():
            slow[name].lerp_(value, 1 - kept)
            value.copy_(slow[name])


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path, help="train/CLASS/ and val/CLASS/ of pictures, 32 × 32")
    asked.add_argument("log", type=Path, help="file of epochs, hours and accuracies")
    asked.add_argument("--epochs", type=int, default=10)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--device", default="cpu")
    asked.add_argument("--threads", type=int, default=torch.get_num_threads())
    given = asked.parse_args()
    torch.set_num_threads(given.threads)
    given.log.write_text("epoch\thours\ttop1Accuracy\n")
    train(given.folder, given.log, epochs=given.epochs, seed=given.seed, device=given.device)
