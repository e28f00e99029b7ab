"""Judge a model on images it did not learn from, with the uncertainty of each figure.

MODEL is the folder of a run or a .safetensors file. Without DATA a run is judged
on its own data, which must be unchanged; the figures are then kept in the run's
folder. With DATA, the model is judged on that: on all of it where it has no
splits of its own, and by the names of its classes, in whatever order they are.
Every interval is the one at 95 %.

With --ensemble all words are models, whose probabilities are averaged; --data names
other data for them. With --crops, --flips or --scales every picture is looked at
several times. Then it is also said what that gains over one model, or one view, on
the same images, and how many times as long it takes. No run's folder is written to.

Of a detector also each class is told, and how many mistakes there are of each kind.

With --disturbed it is also told what is left of the headline figure under noise,
blur, JPEG and brightness, at five strengths each, on the same pictures each time;
for a run on its own data that is kept in its folder as robustness-SPLIT.json.

for example:
  saccade evaluate runs/photos-resnet18-1
  saccade evaluate model.safetensors other-photos/ --json
  saccade evaluate runs/photos-resnet18-1 --crops 10
  saccade evaluate runs/a runs/b runs/c --ensemble --flips
  saccade evaluate runs/photos-resnet18-1 --disturbed --images 200
"""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Any

from saccade.api.robustness.settings import RobustnessSettings
from saccade.cli._detectors import print_detector, told
from saccade.cli._parser import offering, whole_number
from saccade.cli._settings import add_settings, given_settings
from saccade.cli._streams import note, print_json, print_table
from saccade.cli._views import add_views, views_of
from saccade.cli.predict import add_device
from saccade.errors import printable

if TYPE_CHECKING:
    from saccade.api.ensembles.evaluation import EnsembleEvaluation
    from saccade.api.evaluation import Evaluation
    from saccade.metrics.robustness import Robustness

SPLITS = ("test", "val", "train")


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("model", metavar="MODEL", help="folder of a run, or a model file")
    parser.add_argument("more", metavar="DATA", nargs="*", help="what to judge it on instead of its own data")
    parser.add_argument("--data", metavar="DATA", help="the same, where several models are named")
    parser.add_argument("--ensemble", action="store_true", help="all words are models; average what they say")
    add_views(parser)
    add_judging(parser)
    parser.add_argument("--disturbed", action="store_true", help="also under noise, blur, JPEG and brightness")
    add_settings(parser.add_argument_group("with --disturbed"), RobustnessSettings)


def add_judging(parser: argparse.ArgumentParser) -> None:
    """Add the words of every verb that judges: --split, --json, --device, --batch-size.

    Args:
        parser: Takes them.

    Source: ours.
    """
    split = parser.add_argument(
        "--split", metavar="WORD", choices=SPLITS, default="test", help=f"{', '.join(SPLITS)} (default test)"
    )
    offering(split, lambda: SPLITS)
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")
    add_device(parser)
    parser.add_argument(
        "--batch-size", metavar="N", type=whole_number, default=64, help="images in a batch (default 64)"
    )


def wrong(options: argparse.Namespace) -> list[str]:
    """Say what is wrong with words that do not go together.

    Args:
        options: What the words said.

    Returns:
        A message for each mistake.

    Source: ours.
    """
    more, given = len(options.more), given_settings(options, RobustnessSettings)
    if given and not options.disturbed:
        return [f"got --{next(iter(given))} without --disturbed; taken is it with that; add it"]
    if options.disturbed and (options.ensemble or views_of(options) is not None):
        return ["got --disturbed for several models or views; taken is one model and one view; leave one of them out"]
    if options.ensemble and not more:
        return ["got --ensemble and one model; taken are two or more; name the others, or leave --ensemble out"]
    if not options.ensemble and more > 1:
        return [f"got {more + 1} words; taken are MODEL and DATA; add --ensemble if all of them are models"]
    if not options.ensemble and more and options.data is not None:
        return [f"got {options.more[0]!r} and --data; taken is one of them; add --ensemble if both words are models"]
    return []


def run(options: argparse.Namespace) -> int:
    """Judge, and print.

    Args:
        options: What the words said.

    Returns:
        The exit code.

    Source: ours.
    """
    import saccade

    models = [options.model, *options.more] if options.ensemble else options.model
    data = options.data if options.ensemble or not options.more else options.more[0]
    views = views_of(options)
    evaluation = saccade.evaluate(
        models,
        data,
        split=options.split,
        device=options.device,
        batch_size=options.batch_size,
        views=views,
    )
    for file in evaluation.bad:
        note(f"left out {file.key}: {file.reason}")
    disturbed = _disturbed(options, data) if options.disturbed else None
    if options.json:
        told = {} if disturbed is None else {"disturbed": disturbed.to_dict()}
        print_json({**evaluation.to_dict(), **told})
        return 0
    print_evaluation(evaluation)
    _print_detector(evaluation)
    if disturbed is not None:
        print_disturbed(disturbed)
    if options.ensemble or views is not None:
        _print_together(evaluation)
    return 0


def print_evaluation(evaluation: Evaluation) -> None:
    """Print the figures, each with its interval.

    Args:
        evaluation: What `saccade.evaluate` returned.

    Source: ours.
    """
    remark = f" ({evaluation.note})" if evaluation.note else ""
    print(f"{evaluation.images:,} images of the {evaluation.split} split{remark}")
    rows = [
        [name.replace("_", " "), told(value), f"{told(low)} to {told(high)}" if math.isfinite(value) else ""]
        for name, (value, low, high) in evaluation.numbers().items()
    ]
    print_table(rows, head=["figure", "value", "interval at 95 %"], right=[1])


def _disturbed(options: argparse.Namespace, data: Any) -> Robustness:
    import saccade

    return saccade.robustness(
        options.model,
        data,
        split=options.split,
        settings=given_settings(options, RobustnessSettings),
        device=options.device,
        batch_size=options.batch_size,
    )


def print_disturbed(found: Robustness) -> None:
    """Print what is left of the headline figure under each disturbance.

    Args:
        found: What `saccade.robustness` returned.

    Source: ours.
    """
    sampled = f", a sample of {found.of:,}" if found.of > found.images else ""
    print(f"\n{found.images:,} images{sampled}, disturbed")
    rows = [["none", "", found.undisturbed], *([one.kind, f"{one.strength:g}", one.figure] for one in found.points)]
    table = [
        [kind, strength, told(value), f"{told(low)} to {told(high)}" if math.isfinite(value) else ""]
        for kind, strength, (value, low, high) in rows
    ]
    print_table(table, head=["disturbance", "strength", found.name.replace("_", " "), "interval at 95 %"], right=[1, 2])


def _print_detector(evaluation: Evaluation) -> None:
    from saccade.metrics.detection.judgement import DetectionJudgement

    if isinstance(evaluation.judgement, DetectionJudgement):
        print_detector(evaluation.judgement)


def _print_together(evaluation: Any) -> None:
    """Print how each model or view stands beside the whole, and what the whole gains and costs."""
    together: EnsembleEvaluation = evaluation
    rows = []
    for one in together.standings:
        value, low, high = one.figures[together.headline]
        times = [f"{one.latency.alone:.2f}", f"{one.latency.in_batch:.2f}"]
        rows.append([printable(one.name), f"{value:.4f}", f"{low:.4f} to {high:.4f}", *times])
    head = ["", together.headline.replace("_", " "), "interval at 95 %", "ms alone", "ms in a batch"]
    print()
    print_table(rows, head=head, right=[1, 3, 4])
    if together.gains:
        columns = [[_told(figure) for figure in gain.figures.values()] for gain in together.gains]
        names = [name.replace("_", " ") for name in together.gains[0].figures]
        print()
        print_table(
            list(zip(names, *columns, strict=True)), head=["gain", *(f"over {gain.over}" for gain in together.gains)]
        )
    print()
    for sentence in together.verdicts():
        print(sentence)


def _told(figure: tuple[float, float, float]) -> str:
    return "{:+.4f} ({:+.4f} to {:+.4f})".format(*figure)
