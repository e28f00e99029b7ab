"""The recipe "fast" against its source's arithmetic, written out slowly: decoupled rates, lookahead, triangle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from saccade.architectures.airbench import airbench94
from saccade.tasks.classification import classification
from saccade.training.execution import Execution
from saccade.training.job import Job
from saccade.training.loop import Trainer
from saccade.training.recipes import find_recipe
from saccade.types.batch import Batch

STEPS, SIZE = 8, 16


@dataclass(frozen=True)
class Noise:
    """Batches of random images."""

    steps: int = STEPS

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        for step in range(start, self.steps):
            images, targets = drawn(epoch, step)
            yield Batch(images, torch.tensor([[16, 16]] * SIZE), targets, ("",) * SIZE)


def drawn(epoch: int, step: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(100 * epoch + step)
    return torch.randn(SIZE, 3, 16, 16, generator=generator), torch.randint(10, (SIZE,), generator=generator)


def network() -> nn.Module:
    torch.manual_seed(0)
    made = airbench94()
    made.prepare(drawn(9, 9)[0])
    return made.double()


def slow(epochs: int) -> dict[str, torch.Tensor]:
    """The source's own arithmetic: a sum over images, rates and decays divided by what Nesterov makes of a gradient."""
    made, momentum, batch = network(), 0.85, SIZE
    scale = 1024 * (1 + 1 / (1 - momentum))
    rate, decay = 11.5 / scale * (1024 / batch), 0.0153 * 1024 / scale
    shifts = {name for name, _ in made.named_parameters() if "norm" in name}
    velocity = {name: torch.zeros_like(value) for name, value in made.named_parameters()}
    slow_weights = {name: value.clone() for name, value in made.state_dict().items()}
    total, done = epochs * STEPS, 0
    peak = int(0.23 * total)
    made.train()
    for epoch in range(epochs):
        for step in range(STEPS):
            images, targets = drawn(epoch, step)
            height = 0.2 + 0.8 * done / peak if done < peak else 1 - 0.93 * (done - peak) / (total - peak)
            logits = made(images.double())
            spread = torch.full((batch, 10), 0.2 / 10, dtype=torch.float64)
            spread[torch.arange(batch), targets] += 0.8
            loss = -(spread * F.log_softmax(logits, 1)).sum()
            gradients = torch.autograd.grad(loss, list(made.parameters()))
            with torch.no_grad():
                for (name, weight), gradient in zip(made.named_parameters(), gradients, strict=True):
                    own = rate * (64 if name in shifts else 1)
                    pulled = gradient + decay / own * weight
                    velocity[name] = pulled if not done else momentum * velocity[name] + pulled
                    weight.sub_(own * height * (pulled + momentum * velocity[name]))
                done += 1
                if done % 5 == 0:
                    kept = 0.95**5 * (done / total) ** 3
                    for name, value in made.state_dict().items():
                        if value.is_floating_point():
                            slow_weights[name] = kept * slow_weights[name] + (1 - kept) * value
                            value.copy_(slow_weights[name])
    return {name: value for name, value in made.state_dict().items() if value.is_floating_point()}


def test_the_recipe_does_what_its_source_does(tmp_path: Path) -> None:
    changes = {"epochs": 3, "batch_size": SIZE, "weight_decay": 0.0153 / 11.5}
    settings = find_recipe("fast").training({**changes, "learning_rate": 11.5 / (1 + 1 / (1 - 0.85))})
    task = classification(tuple("abcdefghij"), label_smoothing=settings.label_smoothing)
    trainer = Trainer(Job(network(), task, settings, Execution(), tmp_path / "last.safetensors"))

    class Double(Noise):
        def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
            for batch in super().epoch(epoch, start):
                yield Batch(batch.images.double(), batch.sizes, batch.targets, batch.keys)

    trainer.fit(Double(), None)
    expected = slow(3)
    for name, value in trainer.job.network.state_dict().items():
        if value.is_floating_point():
            torch.testing.assert_close(value, expected[name], rtol=1e-6, atol=1e-8)


def test_the_recipe_has_the_rounded_numbers_of_its_source() -> None:
    settings = find_recipe("fast").training()
    assert settings.learning_rate == round(11.5 / (1 + 1 / (1 - 0.85)), 3)
    assert settings.weight_decay == round(0.0153 / 11.5, 5)


def test_whitened_patches_have_the_identity_as_their_second_moments() -> None:
    generator = torch.Generator().manual_seed(0)
    images = F.avg_pool2d(torch.randn(50, 3, 34, 34, generator=generator), 3, 1)
    made = airbench94()
    made.prepare(images)
    out = (
        (made.whiten(images) - made.state_dict()["whiten.bias"][:, None, None])
        .detach()
        .permute(0, 2, 3, 1)
        .reshape(-1, 24)
        .double()
    )
    moments = (out.T @ out / len(out)).numpy()
    patches = np.concatenate([
        images[:, :, row : row + 2, column : column + 2].reshape(50, -1).numpy()
        for row in range(31) for column in range(31)
    ]).astype(np.float64)  # fmt: skip
    values = np.linalg.eigvalsh(patches.T @ patches / len(patches))[::-1]
    np.testing.assert_allclose(np.diag(moments)[:12], values / (values + 5e-4), rtol=1e-3)
    np.testing.assert_allclose(moments[:12, :12] - np.diag(np.diag(moments)[:12]), 0, atol=1e-3)
    np.testing.assert_allclose(moments[:12, 12:], -moments[:12, :12], atol=1e-5)
