"""All that the card says of a detector alone.

Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from saccade.metrics.detection.judgement import DetectionJudgement
from saccade.metrics.judgement import ClassRow
from saccade.reporting.detection.confusion import BoxConfusion, box_confusion
from saccade.reporting.detection.curves import FEW, Chart, charts, known_classes
from saccade.reporting.detection.pictures import Example, ShownMistakes, examples, missed_things, wrong_boxes
from saccade.reporting.detection.tables import (
    ClassLine,
    KindLine,
    NumberLine,
    SizeLine,
    class_lines,
    commonest,
    kind_lines,
    number_lines,
    size_lines,
)
from saccade.reporting.phrases import per_cent, threshold
from saccade.reporting.thumbnails import Album


@dataclass(frozen=True)
class DetectorSection:
    """What the card says of a detector.

    Args:
        judgement: The figures themselves.
        things: How many there are to be found.
        threshold: The confidence that was chosen, as a command takes it.
        numbers: The figures over all confidences.
        chosen: Those from the chosen confidence on.
        voc: VOC's mean average precision: the area, and at eleven recalls.
        charts: The curves.
        classes: The first classes, the weakest first, and the others.
        sizes: Things by size.
        kinds: The kinds of mistakes.
        confusion: What was taken for what.
        wrong: The surest wrong boxes.
        missed: The largest things missed.
        examples: Pictures with what was found and what is there.
        weakest: The class with the least average precision, of those with ten things or more if there are two such;
            None when there is nothing to choose, or all are perfect.
        commonest: The kind of mistake made most often; None without mistakes.

    Source: ours.
    """

    judgement: DetectionJudgement
    things: int
    threshold: str
    numbers: tuple[NumberLine, ...]
    chosen: tuple[NumberLine, ...]
    voc: tuple[str, str]
    charts: tuple[Chart, ...]
    classes: tuple[tuple[ClassLine, ...], tuple[ClassLine, ...]]
    sizes: tuple[SizeLine, ...]
    kinds: tuple[KindLine, ...]
    confusion: BoxConfusion
    wrong: ShownMistakes
    missed: ShownMistakes
    examples: tuple[Example, ...]
    weakest: ClassRow | None
    commonest: KindLine | None

    @property
    def among(self) -> str:
        """Among which classes the weakest was looked for, as a sentence begins."""
        few = [row for row in self.judgement.per_class if 0 < row.support < FEW]
        return f"Of the classes with {FEW} things or more, it" if few and self.weakest not in few else "It"

    @property
    def mistakes(self) -> int:
        """How many mistakes there are: wrong boxes and missed things."""
        return self.wrong.total + self.missed.total


def detector_section(judgement: DetectionJudgement, album: Album) -> DetectorSection:
    """Lay out what the card says of a detector.

    Args:
        judgement: Of a detector.
        album: Gets the pictures: examples first, then wrong boxes, then missed things.

    Returns:
        The section.

    Source: ours.
    """
    numbers, chosen = number_lines(judgement)
    kinds, voc = kind_lines(judgement), judgement.voc.numbers()
    return DetectorSection(
        judgement=judgement,
        things=sum(row.support for row in judgement.per_class),
        threshold=threshold(judgement.confidence),
        numbers=numbers,
        chosen=chosen,
        voc=(per_cent(voc["voc2010"]), per_cent(voc["voc2007"])),
        charts=charts(judgement),
        classes=class_lines(judgement),
        sizes=size_lines(judgement),
        kinds=kinds,
        confusion=box_confusion(judgement),
        examples=examples(judgement, album),
        wrong=wrong_boxes(judgement, album),
        missed=missed_things(judgement, album),
        weakest=_weakest(judgement),
        commonest=commonest(kinds),
    )


def _weakest(judgement: DetectionJudgement) -> ClassRow | None:
    known = known_classes(judgement)
    weakest = min(known, key=lambda number: judgement.per_class[number].figures["average_precision"][0], default=None)
    row = None if weakest is None or len(known) < 2 else judgement.per_class[weakest]
    return row if row and row.figures["average_precision"][0] < 1 else None
