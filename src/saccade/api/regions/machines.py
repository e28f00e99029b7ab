"""What R-CNN learns on the features of regions: a support vector machine and a regression of boxes for each class.

A machine learns a class from the things themselves, and from regions that overlap none of them by much. Those are far
too many, and nearly all are plain: it begins with some, and goes through the images for those that it takes for a
thing, or nearly so.

Source: Girshick et al., 2014, "Rich feature hierarchies", arXiv 1311.2524, sections 2.3 and 3.5, appendices B and C;
    the settings of the machines are those of the authors' code; the solvers are scikit-learn's.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Bool, Float32, Float64, Int64

from saccade.data.randomness import order
from saccade.errors import printable
from saccade.ops.box_coding import encode_boxes
from saccade.ops.boxes import iou

BACKGROUND_BELOW, MOVED_FROM = 0.3, 0.6
_NORM, _STRENGTH, _PULL = 20.0, 0.001, 1000.0
_WEIGHT_OF_THINGS, _WEIGHT_OF_BIAS = 2, 10
_FIRST, _AGAIN_AFTER, _HARD_FROM, _EASY_BELOW, _PASSES = 500, 2000, -1.0, -1.2, 2
_MOST_BYTES = 2**30  # of features for the regression of all classes
_NEVER, _DRAW = -12.0, 11
Features = Float32[np.ndarray, "_ width"]
Codes = Float32[np.ndarray, "_ 4"]


class FewThingsWarning(UserWarning):
    """A class has too few things to learn it from."""


@dataclass(frozen=True, eq=False)
class Looked:
    """What is known of the regions of one image.

    Args:
        features: Of each region, and after them of each thing.
        boxes: Of each region, and after them of each thing, rows (x1, y1, x2, y2).
        class_ids: Of the things.

    Source: ours.
    """

    features: Float32[np.ndarray, "rows width"]
    boxes: Float32[np.ndarray, "rows 4"]
    class_ids: Int64[np.ndarray, " things"]

    def overlaps(self) -> Float32[np.ndarray, "rows things"]:
        """Give the overlap of each row with each thing."""
        boxes = torch.from_numpy(self.boxes)
        return iou(boxes, boxes[len(boxes) - len(self.class_ids) :]).numpy()

    def free(self, classes: int) -> Bool[np.ndarray, "rows classes"]:
        """Say of each row which classes it may be the background of: it overlaps none of their things by much."""
        overlaps, free = self.overlaps(), np.ones((len(self.boxes), classes), bool)
        for column, class_id in enumerate(self.class_ids.tolist()):
            free[:, class_id] &= overlaps[:, column] < BACKGROUND_BELOW
        return free


Look = Callable[[int], Looked | None]
"""Gives what is known of an image by its number; None where it cannot be read. The same each time."""


@dataclass(frozen=True, eq=False)
class Gathered:
    """What was kept of all images when they were first looked at.

    Args:
        things: Of each class the features of its things.
        moves: Of each class the features of regions near its things, and the codes that move them there.
        drawn: The features of some regions, drawn by chance.
        drawn_free: Which classes each of them may be the background of.
        known: (image, row) of each of those.
        scale: What brings the features to a mean norm of 20.

    Source: ours.
    """

    things: list[Features]
    moves: list[tuple[Features, Codes]]
    drawn: Features
    drawn_free: Bool[np.ndarray, "_ classes"]
    known: frozenset[tuple[int, int]]
    scale: float


def gather(look: Look, images: int, classes: int, *, width: int, seed: int = 0) -> Gathered:
    """Look at every image once, and keep what every machine begins with.

    Args:
        look: Gives the regions of an image.
        images: How many there are.
        classes: How many there are.
        width: Numbers of a region's features.
        seed: Of the regions that are drawn: 500 or a few more of all images, or one of each.

    Returns:
        What was kept. Where regions near things are so many that their features would take more than a gibibyte, those
        of later images are left out.

    Source: Girshick et al. 2014, sections 2.3 and 3.5.
    """
    things, near, codes = ([list[np.ndarray]() for _ in range(classes)] for _ in range(3))
    drawn, free, known = [np.zeros((0, width), np.float32)], [np.zeros((0, classes), bool)], set[tuple[int, int]]()
    norms, rows, quota, most = 0.0, 0, -(-_FIRST // max(1, images)), _MOST_BYTES // (4 * width * classes)
    for image in range(images):
        looked = look(image)
        if looked is None:
            continue
        searched = len(looked.boxes) - len(looked.class_ids)
        norms += float(np.linalg.norm(looked.features.astype(np.float64), axis=1).sum())
        rows += len(looked.boxes)
        some = order(searched, seed, _DRAW, image)[:quota]
        known |= {(image, int(row)) for row in some}
        drawn.append(looked.features[some])
        free.append(looked.free(classes)[some])
        for class_id, chosen, moved in _near(looked, searched):
            things[class_id].append(looked.features[searched:][looked.class_ids == class_id])
            if sum(map(len, near[class_id])) < most:
                near[class_id].append(looked.features[:searched][chosen])
                codes[class_id].append(moved)
    none = np.zeros((0, width), np.float32)
    return Gathered(
        [np.concatenate([none, *some]) for some in things],
        [
            (np.concatenate([none, *some]), np.concatenate([np.zeros((0, 4), np.float32), *moved]))
            for some, moved in zip(near, codes, strict=True)
        ],
        np.concatenate(drawn),
        np.concatenate(free),
        frozenset(known),
        _NORM * rows / norms if norms else 1.0,
    )


@dataclass
class _Machine:
    """A machine that is being learnt: its class, its hard background, and its weights on scaled features."""

    things: Features
    plain: Features
    hard: list[Features] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)
    new: int = 0
    weight: Float64[np.ndarray, " width"] = field(default_factory=lambda: np.zeros(0))
    bias: float = _NEVER

    def learn(self) -> None:
        """Separate things from background; background that has become plain is forgotten."""
        background = np.concatenate([self.plain, *self.hard])
        self.weight, self.bias = _separated(self.things, background)
        if self.hard:
            hard = np.concatenate(self.hard)
            kept = hard @ self.weight + self.bias >= _EASY_BELOW
            self.hard = [hard[kept]]
            self.places = [place for place, stays in zip(self.places, kept, strict=True) if stays]
        self.new = 0

    def take(self, image: int, rows: Sequence[int], features: Features) -> None:
        """Add hard background; learn anew where enough has come together."""
        self.hard.append(features)
        self.places += [(image, row) for row in rows]
        self.new += len(rows)
        if self.new >= _AGAIN_AFTER:
            self.learn()


def fit_machines(
    gathered: Gathered, look: Look, images: int, labels: Sequence[str], *, passes: int = _PASSES
) -> tuple[Float32[np.ndarray, "classes width"], Float32[np.ndarray, " classes"]]:
    """Learn a linear support vector machine for each class.

    Args:
        gathered: What every machine begins with.
        look: Gives the regions of an image.
        images: How many there are.
        labels: The names of the classes, for warnings.
        passes: How often all images are gone through for hard background, at most; 0: what was drawn has to do.

    Returns:
        Weight and bias on features as they come. A class of fewer than two things, or without background, gets a
        machine that never fires, and is warned of.

    Source: Girshick et al. 2014, section 2.3; hard negatives, Felzenszwalb et al., 2010.
    """
    scale, classes, width = gathered.scale, len(labels), gathered.drawn.shape[1]
    machines = dict[int, _Machine]()
    for class_id, (things, label) in enumerate(zip(gathered.things, labels, strict=True)):
        plain = gathered.drawn[gathered.drawn_free[:, class_id]]
        if len(things) > 1 and len(plain):
            machines[class_id] = _Machine(scale * things, scale * plain)
            machines[class_id].learn()
        else:
            _warn(label, len(things))
    for _ in range(passes):
        if not _mined(machines, gathered, look, images, classes):
            break
    weight, bias = np.zeros((classes, width), np.float32), np.full(classes, _NEVER, np.float32)
    for class_id, machine in machines.items():
        weight[class_id], bias[class_id] = scale * machine.weight, machine.bias
    return weight, bias


def _mined(machines: dict[int, _Machine], gathered: Gathered, look: Look, images: int, classes: int) -> bool:
    """Go through all images for background that machines take for a thing, or nearly so; say if there was any."""
    found = False
    for image in range(images):
        looked = look(image) if machines else None
        if looked is None:
            continue
        features, free = gathered.scale * looked.features, looked.free(classes)
        for class_id, machine in machines.items():
            known = gathered.known.union(place for place in machine.places if place[0] == image)
            hard = free[:, class_id] & (features @ machine.weight + machine.bias > _HARD_FROM)
            rows = [row for row in np.flatnonzero(hard).tolist() if (image, row) not in known]
            if rows:
                found = True
                machine.take(image, rows, features[rows])
    for machine in machines.values():
        if machine.new:
            machine.learn()
    return found


def fit_regressors(
    gathered: Gathered,
) -> tuple[Float32[np.ndarray, "classes 4 width"], Float32[np.ndarray, "classes 4"]]:
    """Learn for each class how its regions are to be moved.

    Args:
        gathered: What was kept of all images.

    Returns:
        Weight and bias of the codes of boxes, on features as they come; zeros, which move nothing, for a class that no
        region is near of.

    Source: Girshick et al. 2014, appendix C: ridge regression with λ = 1000.
    """
    from sklearn.linear_model import Ridge  # it takes a second to import: only who fits pays for it
    from threadpoolctl import threadpool_limits

    scale, classes, width = gathered.scale, len(gathered.moves), gathered.drawn.shape[1]
    weight, bias = np.zeros((classes, 4, width), np.float32), np.zeros((classes, 4), np.float32)
    for class_id, (features, codes) in enumerate(gathered.moves):
        if len(features):
            with threadpool_limits(1):  # one thread gives the same bits on any machine
                model = Ridge(alpha=_PULL, solver="cholesky").fit(scale * features.astype(np.float64), codes)
            weight[class_id], bias[class_id] = scale * model.coef_, model.intercept_
    return weight, bias


def _near(looked: Looked, searched: int) -> list[tuple[int, np.ndarray, np.ndarray]]:
    """For each class of an image: which regions are near a thing of it, and the codes that move each to the nearest."""
    overlaps, found = looked.overlaps()[:searched], []
    boxes = torch.from_numpy(looked.boxes)
    for class_id in np.unique(looked.class_ids).tolist():
        own = np.flatnonzero(looked.class_ids == class_id)
        chosen = np.flatnonzero(overlaps[:, own].max(1) >= MOVED_FROM)
        nearest = own[overlaps[chosen][:, own].argmax(1)]
        found.append((class_id, chosen, encode_boxes(boxes[searched + nearest], boxes[chosen]).numpy()))
    return found


def _separated(things: Features, background: Features) -> tuple[Float64[np.ndarray, " width"], float]:
    from sklearn.exceptions import ConvergenceWarning  # it takes a second to import: only who fits pays for it
    from sklearn.svm import LinearSVC
    from threadpoolctl import threadpool_limits

    machine = LinearSVC(
        C=_STRENGTH, loss="hinge", intercept_scaling=_WEIGHT_OF_BIAS, class_weight={1: _WEIGHT_OF_THINGS},
        random_state=0, max_iter=2000,
    )  # fmt: skip
    labels = np.repeat([1, 0], [len(things), len(background)])
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # near the best is as good here
        machine.fit(np.concatenate([things, background]), labels)
    return machine.coef_[0], float(np.ravel(machine.intercept_)[0])


def _warn(label: str, things: int) -> None:
    few = f"{things} thing{'' if things == 1 else 's'}" if things < 2 else "no background"
    warnings.warn(
        f"got {few} of class {printable(label)!r} to learn from; taken are two or more, and regions without any; the "
        "model will never find one: add pictures with it",
        FewThingsWarning,
        stacklevel=3,
    )
