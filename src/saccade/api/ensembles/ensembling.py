"""Several models, or several views of a picture, as one model: the mean of their probabilities.

Source: Hansen and Salamon, 1990, "Neural network ensembles"; views as in `saccade.api.ensembles.views`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float64, Shaped
from torch import Tensor

from saccade import catalog
from saccade.api.ensembles.agreement import MEANS, check_mirrors, check_sizes, check_together, columns_of
from saccade.api.ensembles.answering import Answering, Prepared
from saccade.api.ensembles.views import Look, Views
from saccade.api.predictor import Predictor, as_run, load
from saccade.api.run import Run
from saccade.data.preprocess import preprocess, to_images
from saccade.errors import BadConfig, printable
from saccade.types.batch import Batch
from saccade.types.preprocessing import Preprocessing

Pictures = Mapping[Preprocessing, Float[Tensor, "batch _ _ _"]]
_TOGETHER = 64  # pictures that go through a network at once, at least


@dataclass(frozen=True, eq=False)
class Member:
    """One model of an ensemble.

    Args:
        name: What to call it.
        predictor: The model.
        columns: Which of its outputs is each class of the ensemble.
        looks: What it is shown of a picture.

    Source: ours.
    """

    name: str
    predictor: Predictor
    columns: tuple[int, ...]
    looks: tuple[Look, ...]

    def answer(self, pictures: Pictures) -> Float64[Tensor, "batch classes"]:
        """Average what the model says of its views.

        Args:
            pictures: Whole ones, by the preprocessing that made them.

        Returns:
            Logits, in the order of the ensemble's classes.

        Source: ours.
        """
        said = [logits for look in self.looks for logits in self._each(look, pictures[look.preprocessing])]
        return MEANS[self.predictor.task.name](torch.cat(said))[:, list(self.columns)]

    def _each(
        self, look: Look, images: Float[Tensor, "batch channels height width"]
    ) -> list[Float[Tensor, "views batch classes"]]:
        """Few pictures go through with several of their views at once, many with one view after the other."""
        model, parts = self.predictor, list(look.parts(images))
        at_once = max(1, _TOGETHER // len(images))
        said = []
        for start in range(0, len(parts), at_once):
            some = parts[start : start + at_once]
            shown = torch.cat(some).to(model.device, memory_format=model.execution.torch_memory_format)
            with torch.inference_mode(), model.execution.autocast():
                logits = model.network(shown)
            said.append(logits.float().cpu().unflatten(0, (len(some), len(images))))
        return said


class Ensemble(Answering):
    """Several models, or several views of a picture, as one model; it predicts and is evaluated like any other.

    Every model counts the same, and so does every view. Each model prepares pictures in its own way.

    Args:
        models: By name; all of one task, and of the same classes, in whatever order.
        views: What each of them is shown of a picture; None: one view.
        labels: The names of the classes, in the order that is wanted; () for that of the first model.
        runs: By the same names, the runs that models come from, as far as they do.

    Raises:
        BadConfig: If there are no models, they do not go together, or one cannot be shown such views.

    Source: as the file.
    """

    def __init__(
        self,
        models: Mapping[str, Predictor],
        *,
        views: Views | None = None,
        labels: Sequence[str] = (),
        runs: Mapping[str, Run] | None = None,
    ) -> None:
        if not models:
            raise BadConfig("got no models; taken is at least one; name the models")
        check_together(models)
        first = next(iter(models.values()))
        self.views = views or Views()
        self.labels: tuple[str, ...] = tuple(labels) or first.labels
        self.task = self.shown = catalog.find("tasks", first.task.name)(self.labels)
        self.runs = dict(runs or {})
        self.members = tuple(
            Member(name, model, columns_of(model, self.labels), self.views.looks(model.description.preprocessing))
            for name, model in models.items()
        )
        for member in self.members:
            if self.views.mirrored:
                run = self.runs.get(member.name)
                origin = member.predictor.description.origin
                check_mirrors(member.name, origin if run is None else run.description["settings"])
            check_sizes(member.name, member.predictor, [look.size for look in member.looks])
        looks = [look.preprocessing for member in self.members for look in member.looks]
        self.preparations: tuple[Preprocessing, ...] = tuple(dict.fromkeys(looks))

    def prepared(self, image: Shaped[np.ndarray, "height width channels"]) -> Prepared:
        """Make of a picture what the models take, once for each size and way; raises BadImage if that cannot be."""
        return Prepared(tuple([preprocess(image, preparation) for preparation in self.preparations]), image.shape[:2])

    def answers(self, items: Sequence[tuple[str, Prepared]]) -> list[Any]:
        """Give a prediction for each of several pictures, at least one, that come with their names and prepared."""
        stacks = zip(*[one.arrays for _, one in items], strict=True)
        pictures = {
            preparation: to_images(arrays) for preparation, arrays in zip(self.preparations, stacks, strict=True)
        }
        images = pictures[self.preparations[0]]
        sizes = torch.tensor([self.preparations[0].size] * len(items))
        batch = Batch(images, sizes, None, tuple(key for key, _ in items))
        return self.task.decode(self.answer(pictures), batch)

    def answer(self, pictures: Pictures) -> Float64[Tensor, "batch classes"]:
        """Average what the models say.

        Args:
            pictures: Whole ones, by the preprocessing that made them.

        Returns:
            Logits, of which the task makes the mean probabilities again.

        Source: ours.
        """
        return self.mean([member.answer(pictures) for member in self.members])

    def mean(self, answers: Sequence[Float[Tensor, "batch classes"]]) -> Float64[Tensor, "batch classes"]:
        """Average several answers, as this task does.

        Args:
            answers: Logits of each.

        Returns:
            Logits.

        Source: see `saccade.ops.opinions`.
        """
        return MEANS[self.task.name](torch.stack(list(answers)))

    def only(self, *members: Member) -> Ensemble:
        """Give some of the models, with one view of each picture.

        Args:
            members: Of those in `members`.

        Returns:
            An ensemble whose classes are in the order of this one's.

        Source: ours.
        """
        models = {member.name: member.predictor for member in members}
        return Ensemble(models, labels=self.labels, runs=self.runs)

    def __repr__(self) -> str:
        names = ", ".join(printable(member.name) for member in self.members)
        return f"Ensemble({names}; {len(self.labels)} classes, {self.views})"


def ensemble(
    models: str | Path | Run | Answering | Sequence[str | Path | Run | Predictor],
    *,
    views: Views | None = None,
    device: str = "auto",
    commercial_only: bool | None = None,
) -> Ensemble:
    """Make one model of several, or of several views of a picture.

    Args:
        models: What `load` takes; one, or several.
        views: What each model is shown of a picture, such as `Views(crops=10)`; None: one view.
        device: "auto", "cpu", "cuda" or "mps"; predictors stay where they are.
        commercial_only: See `load`.

    Returns:
        The ensemble. An ensemble that is given alone is given back, if no other views are asked for.

    Raises:
        BadConfig: If the models do not go together, or one cannot be shown such views.
        BadCheckpoint: If there is no model there, or it cannot be trusted.

    Source: ours.
    """
    if isinstance(models, Ensemble) and views in (None, models.views):
        return models
    several: list[Any] = list(models) if isinstance(models, list | tuple) else [models]
    loaded: dict[str, Predictor] = {}
    runs: dict[str, Run] = {}
    for given in several:
        run = as_run(given)
        name = _free(_name(given), loaded)
        loaded[name] = load(run or given, device=device, commercial_only=commercial_only)
        if run is not None:
            runs[name] = run
    return Ensemble(loaded, views=views, runs=runs)


def answering_of(
    model: Any,
    views: Views | None,
    *,
    confidence: float | None = None,
    device: str = "auto",
    commercial_only: bool | None = None,
) -> Answering:
    """Load one model, or several that answer together.

    Args:
        model: What `saccade.predict` takes.
        views: What each is shown of a picture; None: one view.
        confidence: Of a detector: from which on boxes are shown; None: what is usual.
        device: "auto", "cpu", "cuda" or "mps".
        commercial_only: See `saccade.load`.

    Returns:
        What answers. A model that is there already is given back as it is.

    Raises:
        BadConfig: If the models do not go together, or cannot be shown such views, or find no boxes to choose from.
        BadCheckpoint: If there is no model there, or it cannot be trusted.

    Source: ours.
    """
    several = list(model) if isinstance(model, list | tuple) else [model]
    if views is None and len(several) == 1 and not isinstance(several[0], Ensemble):
        alone = load(several[0], device=device, commercial_only=commercial_only)
        return alone if confidence is None else alone.at(confidence)
    if confidence is not None:
        raise BadConfig(
            f"got confidence={confidence} for several models or views; taken is it for one detector; leave it out"
        )
    given = several[0] if len(several) == 1 else several
    return ensemble(given, views=views, device=device, commercial_only=commercial_only)


def _name(model: Any) -> str:
    """What to call a model: a run by its folder, and so the best model in it; another file by its own name."""
    if isinstance(model, Predictor):
        return model.description.architecture or "a module of your own"
    path = model.path if isinstance(model, Run) else Path(str(model))
    if path.suffix != ".safetensors":
        return path.resolve().name if isinstance(model, Run) or path.is_dir() else str(model)
    beside = path.resolve().parent
    return beside.name if path.stem == "best" and (beside / "run.json").is_file() else path.stem


def _free(name: str, taken: Mapping[str, Any]) -> str:
    number = sum(1 for other in taken if other == name or other.startswith(f"{name} ("))
    return f"{name} ({number + 1})" if number else name
