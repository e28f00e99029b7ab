"""The model card: one HTML file that opens offline, prints well, and runs no script.

Source: the idea is that of Mitchell et al., 2019, "Model Cards for Model Reporting" (arXiv 1810.03993).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from saccade import __version__
from saccade.errors import printable
from saccade.metrics.classification import ClassificationJudgement
from saccade.metrics.detection.judgement import DetectionJudgement
from saccade.reporting.calibration import calibration_section
from saccade.reporting.classes import classes_section
from saccade.reporting.confusion import confusion_section
from saccade.reporting.curves import training_section
from saccade.reporting.detection.scenes import SIDE
from saccade.reporting.detection.section import detector_section
from saccade.reporting.facts import SPLITS, CardFacts, Judged
from saccade.reporting.flags import flags
from saccade.reporting.intervals import numbers_section
from saccade.reporting.layers import layers_section
from saccade.reporting.page import TEMPLATES, page_style, write_page
from saccade.reporting.phrases import counted, decimal, duration, per_cent, per_second, written
from saccade.reporting.pictures import one_of_each, show_verdicts
from saccade.reporting.robustness import robustness_section
from saccade.reporting.saliency import saliency_section
from saccade.reporting.summary import model_name, tiles, what_it_is, where_it_fails
from saccade.reporting.tables import data_section, environment_section, model_rows, settings_section
from saccade.reporting.thumbnails import Album

_EXAMPLES, _MISTAKES = 12, 24
_SCENES, _CHARACTERS = 60, 2_200_000


def write_card(facts: CardFacts, path: Path) -> Path:
    """Write the model card as one HTML file, whole or not at all.

    Args:
        facts: What to tell.
        path: The file.

    Returns:
        The same path.

    Raises:
        StorageFull: If the disk is full.

    Source: ours.
    """
    return write_page(render_card(facts), path)


def render_card(facts: CardFacts) -> str:
    """Lay out the model card.

    Args:
        facts: What to tell; a section whose facts are missing is left out.

    Returns:
        A page that asks nothing of the network: styles, drawings and thumbnails are in it, and its content policy
        forbids everything else.

    Source: ours.

    Example:
        >>> from datetime import UTC, datetime
        >>> "<h1>lenet5</h1>" in render_card(CardFacts("lenet5", datetime(2026, 1, 1, tzinfo=UTC)))
        True
    """
    detects = isinstance(facts.judgement, DetectionJudgement)
    style, digest = page_style("card.css", *(["detection.css"] if detects else []))
    page = _environment().get_template("card.html")
    return page.render(style=style, style_hash=digest, version=__version__, **_contents(facts))


def _contents(facts: CardFacts) -> dict[str, Any]:
    judgement, album = facts.judgement, _album(facts)
    classifier = judgement if isinstance(judgement, ClassificationJudgement) else None
    detector = detector_section(judgement, album) if isinstance(judgement, DetectionJudgement) else None
    judged = judgement if isinstance(judgement, Judged) else None
    saliency = saliency_section(facts.saliency, album)
    layers, training = layers_section(facts.layers), training_section(facts.events)
    parameters = layers.parameters if layers else 0
    return {
        "facts": facts,
        "model": model_name(facts.description),
        "split": SPLITS.get(facts.split, facts.split),
        "what": what_it_is(facts, parameters),
        "tiles": tiles(facts, layers),
        "flags": flags(facts, training),
        "examples": one_of_each(classifier, _EXAMPLES, album) if classifier else (),
        "judged": judged,
        "classifier": classifier,
        "detector": detector,
        "weakest": where_it_fails(classifier) if classifier else None,
        "numbers": numbers_section(judgement.numbers()) if judgement and not detector else None,
        "training": training,
        "mistakes": show_verdicts(judged.mistakes[:_MISTAKES], album) if judged else (),
        "confusion": confusion_section(classifier, album) if classifier else None,
        "classes": classes_section(judged.per_class) if judged else None,
        "calibration": calibration_section(judged.reliability, by_label=classifier is None) if judged else None,
        "saliency": saliency,
        "robustness": robustness_section(facts.robustness, SPLITS.get(facts.split, facts.split)),
        "layers": layers,
        "data": data_section(facts),
        "settings": settings_section(facts.description.get("settings") or {}),
        "environment": environment_section(facts.description),
        "model_rows": model_rows(facts.description),
        "album": album,
    }


def _album(facts: CardFacts) -> Album:
    """Of a detector fewer pictures, but large enough for their boxes to be seen."""
    if isinstance(facts.judgement, DetectionJudgement):
        return Album(facts.thumbnail, _SCENES, side=SIDE, characters=_CHARACTERS)
    return Album(facts.thumbnail)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = {
        "counted": counted, "decimal": decimal, "duration": duration, "per_cent": per_cent, "per_second": per_second,
        "printable": printable, "written": written, "drawing": Markup,
    }  # fmt: skip
    environment.filters.update(words)
    return environment
