"""Plain and residual networks of several depths: does a deeper one learn its own training images worse?

A plain network with more layers could do whatever one with fewer does, by passing signals on; so nothing but
optimisation can make its *training* error higher. He et al. found that it is, called it degradation, and added
shortcuts. Both kinds have the same parameters here: a shortcut without projection (option A) has none.

Source: He, Zhang, Ren & Sun, "Deep residual learning for image recognition", arXiv 1512.03385, section 4.2, figure 6.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from saccade.errors import BadConfig
from saccade.training.settings import Settings, TrainingSettings, knob

if TYPE_CHECKING:
    from saccade.lab.arm import Arm
    from saccade.lab.comparison import Comparison
    from saccade.training.events import Listener

__all__ = ["degradation"]

CARDS: dict[str, dict[str, Any]] = {
    "degradation": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "about": "plain and residual networks, shallow and deep: training error, test error, gradient of each layer",
    },
}  # fmt: skip

DEPTHS = (8, 20, 32, 44, 56, 110)
WITHOUT_DATA = "synthetic:count=4000,size=32,difficulty=0.8"


@dataclass(frozen=True)
class DegradationSettings(Settings):
    """What is compared, and how each network is trained; the defaults are the small form.

    Raises:
        BadConfig: If any field has the wrong type or is out of range, or there is no network of a depth.

    Source: ours.

    Example:
        >>> DegradationSettings(depths=(8, 20)).seeds
        1
    """

    depths: tuple[int, ...] = knob((20, 56), "layers of the networks: any of 8, 20, 32, 44, 56, 110", 8, 110)
    seeds: int = knob(1, "how often each network is trained, each time from other weights", 1)
    width: int = knob(8, "channels of the first stage; the paper has 16", 1)
    size: int = knob(12, "rows and columns of pixels that the networks get; the paper has 32", 1)
    images: int = knob(0, "training images, each class by its share; 0: all", 0)
    judged: int = knob(1000, "how many of them, and how many test images, judge each epoch; 0: all", 0)
    epochs: int = knob(30, "passes over the training images", 1)
    batch_size: int = knob(64, "images in a step", 1)
    learning_rate: float = knob(0.03, "the peak learning rate, with a momentum of 0.9; the paper has 0.1", 0)
    weight_decay: float = knob(1e-4, "pull of weights to zero; norms and biases are spared", 0)
    schedule: Literal["constant", "cosine", "linear", "step"] = knob("cosine", "how the rate falls")
    warmup_epochs: float = knob(1.0, "epochs over which the rate rises from zero", 0)
    mirror: bool = knob(False, "mirror half of the images left to right")
    crop_rate: float = knob(0.0, "share of the height padded with zeros before a random crop; 0: no crop", 0, 1)
    probes: int = knob(5, "at how many steps of a run the gradients are looked at", 0)
    workers: int = knob(0, "processes that read images beside training", 0)
    threads: int = knob(0, "threads of the processor; 0: all cores", 0)
    device: Literal["auto", "cpu", "cuda", "mps"] = knob("auto", "where to train")

    def __post_init__(self) -> None:
        super().__post_init__()
        for depth in self.depths:
            if depth not in DEPTHS:
                raise BadConfig(
                    f"got depths={self.depths!r}; taken are {', '.join(map(str, DEPTHS))}; choose among them"
                )

    def training(self, seed: int) -> TrainingSettings:
        """Give the settings of one run.

        Args:
            seed: Of its weights and of the order of its images.

        Returns:
            How each network is trained, but for its depth.

        Source: He et al. 2015, section 4.2.
        """
        return TrainingSettings(
            epochs=self.epochs, batch_size=self.batch_size, optimizer="momentum", learning_rate=self.learning_rate,
            weight_decay=self.weight_decay, schedule=self.schedule, warmup_epochs=self.warmup_epochs,
            height=self.size, width=self.size, mirror=self.mirror, crop_rate=self.crop_rate, workers=self.workers,
            seed=seed, device=self.device, precision="float32", threads=self.threads,
        )  # fmt: skip


# Of CIFAR-10's 50,000 training images 45,000 are left, as in the paper; 182 epochs of 352 steps are its 64,000 steps.
# The rate is a tenth after half of them and a hundredth after three quarters.
FULL = DegradationSettings(
    width=16, size=32, judged=5000, epochs=182, batch_size=128, learning_rate=0.1, schedule="step", warmup_epochs=0.0,
    mirror=True, crop_rate=0.125, probes=9,
)  # fmt: skip


def degradation(
    data: Any = None,
    *,
    settings: DegradationSettings | Mapping[str, Any] | None = None,
    out: str | Path = "runs/degradation",
    watch: Callable[[str], Listener] | None = None,
) -> Comparison:
    """Train plain and residual networks of several depths on the same images, and compare them.

    Each network has a run of its own in the folder. Called again with the same folder it goes on where it stopped;
    what is done is not done again.

    Args:
        data: What `saccade.train` takes; None is CIFAR-10 in the folder that SACCADE_DATA names, or, where that is not
            set, coloured shapes made on demand.
        settings: What is compared and how; None is the small form, `FULL` the paper's.
        out: The folder.
        watch: Called with the name of each network before it is trained; gives a listener to its events.

    Returns:
        What was found; it is also in the folder, as a table of numbers and as a drawing.

    Raises:
        BadConfig: If a setting is wrong, the data suit another task, or the folder lies among the data or holds runs of
            other settings.
        BadData: If the data cannot be used.
        Busy: If another process trains in that folder just now.
        Interrupted: After a signal; the state is saved.

    Source: He et al. 2015, section 4.2.
    """
    from saccade.data.opening import open_data
    from saccade.data.place import refuse_inside
    from saccade.lab.arm import train_arm
    from saccade.lab.comparison import Comparison
    from saccade.lab.ground import ground_of

    chosen = settings if isinstance(settings, DegradationSettings) else DegradationSettings.from_dict(settings or {})
    folder = Path(out).expanduser()
    dataset = open_data(usual_data() if data is None else data)
    refuse_inside(folder, dataset)
    ground = ground_of(dataset, size=chosen.size, images=chosen.images, judged=chosen.judged)
    records = {}
    for arm in arms(chosen):
        listener = watch(arm.name) if watch else None
        records[arm.name] = train_arm(arm, ground, folder / arm.name, probes=chosen.probes, listener=listener)
    comparison = Comparison("degradation", chosen.to_dict(), ground.described(), records, folder)
    comparison.save()
    return comparison


def arms(settings: DegradationSettings) -> list[Arm]:
    """List the networks in the order in which they are trained.

    Args:
        settings: Which depths, and how many seeds.

    Returns:
        For each seed and depth a plain network and a residual one, called "plain20-0", "residual20-0" and so on.

    Source: ours.

    Example:
        >>> [arm.name for arm in arms(DegradationSettings(depths=(8,), seeds=2))]
        ['plain8-0', 'residual8-0', 'plain8-1', 'residual8-1']
    """
    from saccade.lab.arm import Arm

    return [
        Arm(f"{kind}{depth}-{seed}", f"resnet{depth}", {"shortcut": shortcut, "width": settings.width},
            settings.training(seed))
        for seed in range(settings.seeds)
        for depth in sorted(set(settings.depths))
        for kind, shortcut in (("plain", "none"), ("residual", "A"))
    ]  # fmt: skip


def usual_data() -> str:
    """Say on what the networks are trained when nothing is said.

    Returns:
        The folder "cifar10" in the folder that SACCADE_DATA names, if it is there; else the name of synthetic data.

    Source: ours.
    """
    folder = os.environ.get("SACCADE_DATA", "")
    cifar = Path(folder, "cifar10")
    return str(cifar) if folder and cifar.is_dir() else WITHOUT_DATA
