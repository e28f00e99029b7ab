"""Every code that a finding may have: what it is, why it matters, what to do about it.

Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from saccade.errors import nearest


@dataclass(frozen=True)
class Code:
    """What there is to know of a code.

    Args:
        title: What it is, in a few words.
        why: Why it matters.
        cure: What to do.

    Source: ours.
    """

    title: str
    why: str
    cure: str


_MEND = "Mend the row, or leave it out: saccade data check --fix does that for boxes."
_BOX = "A box that is no box teaches a detector nothing, and makes some losses infinite."

CODES: dict[str, Code] = {
    # pictures
    "image-broken": Code(
        "Pictures that cannot be read",
        "Training sets them aside in every epoch, so the set is smaller than it looks.",
        "Copy them again from where they came from, or remove them.",
    ),
    "missing-image": Code(
        "Labels without their picture",
        "The set is smaller than its labels say.",
        "Find the files; often a folder was moved, or the case of a suffix changed.",
    ),
    "image-warning": Code(
        "Pictures that were read with a warning",
        "What is learnt from may not be what you see in a viewer, such as the first of several frames.",
        "Look at them; export those that matter again.",
    ),
    "image-blank": Code(
        "Pictures of a single shade",
        "Nothing can be learnt from them; often they are failed exports or the cover of a lens.",
        "Look at them, and remove them unless they are meant.",
    ),
    "orientation": Code(
        "Labels that fit the picture only before it is turned",
        "The file says by EXIF that it is to be turned, saccade turns it, and the labels were drawn on it as it was "
        "stored. Every box is in the wrong place.",
        "Turn the labels, or remove the orientation from the file: exiftool -Orientation=1 -n FILE.",
    ),
    "size-mismatch": Code(
        "Pictures of another size than their labels say",
        "The labels were drawn on another version of the picture, so they may lie beside their things.",
        "Scale the labels, or bring back the picture that they were drawn on.",
    ),
    # copies
    "image-twice": Code(
        "The same picture twice",
        "It counts twice in training, and when the set is cut at random one may land in training and one in the test.",
        "Remove one: saccade data check --fix does. saccade data split --group-by near keeps copies together.",
    ),
    "leak": Code(
        "The same picture in two splits",
        "What was learnt by heart is then judged as if it were new: the figures of the test are too good.",
        "Remove it from training, never from the test, so that the test stays what it was: saccade data check --fix.",
    ),
    "near-duplicate": Code(
        "Pictures that look the same",
        "Scaled, compressed or mirrored copies, or frames of one video. Cut at random, they leak from training into "
        "the test.",
        "Look at the pairs; keep them together with saccade data split --group-by near.",
    ),
    "near-leak": Code(
        "Pictures that look the same, in two splits",
        "A scaled, compressed or mirrored copy of a training picture is no test of what is new.",
        "Look at the pairs; remove the training picture, or cut again with saccade data split --group-by near.",
    ),
    "label-conflict": Code(
        "The same picture with different labels",
        "One of them is wrong, or the classes overlap; no network can be right on both.",
        "Decide which one is right, or give the picture both labels.",
    ),
    # boxes and outlines
    "box-outside": Code("Boxes that reach beyond the picture", _BOX, _MEND),
    "box-empty": Code("Boxes without an area", _BOX, _MEND),
    "box-not-finite": Code("Boxes with NaN or infinity", _BOX, _MEND),
    "box-inside-out": Code("Boxes whose left is right of their right", _BOX, _MEND),
    "box-twice": Code(
        "The same box twice",
        "A detector that finds the thing once is judged to have missed one.",
        "Remove one of them.",
    ),
    "area-mismatch": Code(
        "Areas that do not agree with their outlines",
        "Small, medium and large things are told apart by area when a detector is judged.",
        "Compute the area again from the outline.",
    ),
    "empty-segmentation": Code(
        "Things without an outline", "There is nothing to learn a mask from.", "Draw it, or keep the box alone."
    ),
    "bad-segmentation": Code("Outlines that are none", "There is nothing to learn a mask from.", "Draw them again."),
    "bad-keypoints": Code(
        "Keypoints that mean nothing",
        "A point too many or outside the picture is learnt as it stands.",
        "Mend the row, or leave the thing out.",
    ),
    "mask-size": Code(
        "Masks of another size than their picture",
        "No pixel of the mask can be laid on the right pixel of the picture.",
        "Export the masks again at the size of the pictures, without smoothing.",
    ),
    "mask-colours": Code(
        "Masks in colours instead of class numbers",
        "A colour is no class number.",
        "Export masks with a palette or in grey, or add the table of colours.",
    ),
    "mask-class": Code(
        "Masks with class numbers that do not exist",
        "Such a pixel belongs to no class; often it is an edge that was smoothed.",
        "Export the masks again without smoothing, or name the class; 255 is for pixels that do not count.",
    ),
    # rows and classes
    "wrong-class": Code(
        "Classes that do not exist",
        "The row was left out, since nobody knows what it means.",
        "Mend the number or the name; often numbers begin at 1 where they should begin at 0.",
    ),
    "wrong-columns": Code("Rows with too few or too many columns", "The row was left out.", "Mend the row."),
    "not-a-number": Code("Cells that are no number", "The row was left out.", "Mend the row."),
    "duplicate-id": Code(
        "Ids that occur twice",
        "What refers to such an id may mean either.",
        "Give each its own id; often two exports were joined.",
    ),
    "duplicate-label": Code(
        "Pictures with two label files", "Only one of them counts.", "Join them into one, and remove the other."
    ),
    "category-gap": Code(
        "Gaps in the numbers of the categories",
        "Harmless here, as categories are numbered anew; other tools take the number for the place.",
        "Nothing, if the names are right.",
    ),
    "bad-label": Code(
        "Labels that cannot be read", "The picture cannot be used with them.", "Mend the file that the line names."
    ),
    "bad-xml": Code("Label files that are no XML", "Their labels are missing.", "Export them again."),
    "bad-json": Code("Label files that are no JSON", "Their labels are missing.", "Export them again."),
    "path-outside": Code(
        "Paths that lead out of the folder of the data",
        "A data set from elsewhere has no business with your other files; the path was not followed.",
        "Move the files into the folder.",
    ),
    "missing-label": Code(
        "Pictures without a label file",
        "They count as background: pictures with nothing in them. If somebody forgot to label them, a detector learns "
        "to overlook what is there.",
        "Label them; or give each an empty label file to say that nothing is there.",
    ),
    "empty-label": Code(
        "Background: pictures with an empty label",
        "Somebody looked and found nothing. Some background is good for a detector, as it learns what not to report.",
        "Nothing, if it is meant.",
    ),
    "unlabelled-image": Code(
        "Pictures that no label names", "They are not used.", "Label them, or ignore this if they are left over."
    ),
    "class-empty": Code(
        "Classes without a picture",
        "A class that was never seen is never found, and its figures are undefined.",
        "Add pictures, or take the class out of the list.",
    ),
    "class-imbalance": Code(
        "Classes of very different size",
        "A network may ignore a rare class and still score well; look at balanced accuracy.",
        "Add pictures of the rare classes, or train with class weights.",
    ),
    "not-utf8": Code(
        "Names of classes in the wrong letters",
        "UTF-8 that was read as Latin-1 gives Ã¼ for ü; the model would carry those names for ever.",
        "Save the list of names as UTF-8.",
    ),
    "class-names-alike": Code(
        "Names of classes that differ only in case or space",
        "Most often it is one class, written in two ways.",
        "Join the two, if they are one.",
    ),
    "label-doubtful": Code(
        "Labels that a model doubts",
        "The model is surer of another class than it usually is of that class where it is right. Many such labels are "
        "wrong; some are hard pictures. A model that learnt from these very pictures has learnt wrong labels by heart, "
        "so ask one that did not.",
        "Look at them, the first ones first, and mend those that are wrong.",
    ),
}  # fmt: skip


def code_of(name: str) -> Code:
    """Say what there is to know of a code.

    Args:
        name: The code.

    Returns:
        Its entry; a plain one for a code that is in no list.

    Source: ours.

    Example:
        >>> code_of("leak").title
        'The same picture in two splits'
    """
    close = nearest(name, CODES, limit=1)
    also = f"See also {close[0]}." if close and name not in CODES else ""
    return CODES.get(name) or Code(name.replace("-", " ").capitalize(), also, "")
