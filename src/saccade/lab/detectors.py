"""Every step from windows that slide to YOLO, on the same pictures: how good each is, how fast, how costly.

A classifier that looks at every window finds things, slowly. Each step after it took away what cost most in the one
before: windows that overlap share their work (OverFeat), only regions that look like things are looked at (R-CNN), the
picture goes through the network once for all of them (Fast R-CNN), the network proposes them itself (Faster R-CNN),
what lies around them has its say (GBD-Net); then no regions at all (SSD, YOLO). This experiment runs them all on data
with boxes, and shows why each step was taken.

Source: the papers of the steps; see `saccade.lab.lineage`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from saccade.errors import UnknownName
from saccade.lab.lineage import LINEAGE, steps_named
from saccade.training.settings import Settings, knob

if TYPE_CHECKING:
    from saccade.lab.standings import Lineage
    from saccade.training.events import Listener

__all__ = ["detectors"]

CARDS: dict[str, dict[str, Any]] = {
    "detectors": {
        "paper": "You only look once: unified, real-time object detection", "year": 2016, "arxiv": "1506.02640",
        "about": "from sliding windows to YOLO, every step on your data: accuracy, seconds, images a second, memory",
    },
}  # fmt: skip

WITHOUT_DATA = "synthetic:task=detection,count=500,size=64,difficulty=0.4,shapes=3,classes=ring+star+square"


@dataclass(frozen=True)
class DetectorsSettings(Settings):
    """Which steps are taken, and how; the defaults take minutes on two cores.

    Raises:
        BadConfig: If any field has the wrong type or is out of range, or there is no such step.

    Source: ours.

    Example:
        >>> DetectorsSettings(steps="rcnn,fast-rcnn").effort
        1.0
    """

    steps: str = knob("", f"which steps, with commas between them, of {', '.join(LINEAGE)}; none: all")
    effort: float = knob(1.0, "how many times as long as usual each step learns", 0)
    image_size: int = knob(64, "rows and columns of pixels that the detectors get", 32)
    seed: int = knob(0, "where all randomness comes from")
    workers: int = knob(0, "processes that read images beside training", 0)
    threads: int = knob(0, "threads of the processor; 0: all cores", 0)
    device: Literal["auto", "cpu", "cuda", "mps"] = knob("auto", "where to train")

    def contradictions(self) -> list[str]:
        """List steps that there are not."""
        try:
            steps_named(self.steps)
        except UnknownName as error:
            return [str(error)]
        return []

    def shared(self) -> dict[str, Any]:
        """Give the settings of training that every step has alike."""
        return {name: getattr(self, name) for name in ("seed", "workers", "threads", "device")}


# for a machine with time, and photographs
FULL = DetectorsSettings(effort=8.0, image_size=320)


def detectors(
    data: Any = None,
    *,
    settings: DetectorsSettings | Mapping[str, Any] | None = None,
    out: str | Path = "runs/detectors",
    watch: Callable[[str], Listener] | None = None,
) -> Lineage:
    """Run every step from sliding windows to YOLO on pictures with boxes, and compare them.

    Each step has a run of its own in the folder, such as "04-fast-rcnn", that can be judged, reported and predicted
    with as any other. Called again with the same folder it goes on where it stopped; what is done is not done again,
    and further steps join those that are there.

    Args:
        data: What `saccade.train` takes, with boxes and with test images; None is shapes, drawn on demand.
        settings: Which steps, and how; None is all of them in the small form.
        out: The folder.
        watch: Called with what begins, such as "rcnn" and "rcnn, judged"; gives a listener to its events.

    Returns:
        What was found; it is also in the folder, as a table of numbers and as a drawing.

    Raises:
        BadConfig: If a setting is wrong, or the folder lies among the data or holds what was learned from others.
        BadData: If the data have no boxes, or no images to learn from or to be judged by.
        Busy: If another process works in that folder just now.
        Diverged: If a step's loss stopped being finite.
        Interrupted: After a signal; what is done is kept.

    Source: the papers of the steps.
    """
    from saccade.api.origin import described
    from saccade.data.opening import open_data
    from saccade.data.place import refuse_inside
    from saccade.lab.boxed_ground import refuse_unfit
    from saccade.lab.standings import Lineage
    from saccade.lab.stepping import Stepping
    from saccade.training.folder import described_once, held

    chosen = settings if isinstance(settings, DetectorsSettings) else DetectorsSettings.from_dict(settings or {})
    folder = Path(out).expanduser()
    dataset = open_data(WITHOUT_DATA if data is None else data, seed=chosen.seed)
    refuse_inside(folder, dataset)
    refuse_unfit(dataset)
    told = described(dataset)
    with held(folder):
        same = {name: getattr(chosen, name) for name in ("effort", "image_size", "seed")}
        described_once(folder / "lab.json", {"set of settings": same, "data": told["fingerprints"]}, "a lineage")
        stepping = Stepping(dataset, folder, chosen.image_size, chosen.shared(), chosen.effort, watch)
        standings = stepping.all_done(steps_named(chosen.steps))
        found = Lineage(chosen.to_dict(), told, standings, folder)
        found.save()
    return found
