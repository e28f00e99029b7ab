"""Numbers as a reader wants them.

Source: ours.
"""

from __future__ import annotations

import math

_NAMES = {
    "accuracy": ("Accuracy", "share of images named right"),
    "balanced_accuracy": ("Balanced accuracy", "recall, averaged over the classes"),
    "precision": ("Precision", "of what was taken for a class, the share that is of it; averaged over the classes"),
    "recall": ("Recall", "of the images of a class, the share found; averaged over the classes"),
    "f1": ("F1", "harmonic mean of precision and recall, averaged over the classes"),
    "macro_precision": (
        "Precision, macro",
        "of what was taken for a class, the share that is of it; classes count alike",
    ),
    "macro_recall": ("Recall, macro", "of the images of a class, the share found; classes count alike"),
    "macro_f1": ("F1, macro", "harmonic mean of precision and recall; classes count alike"),
    "weighted_f1": ("F1, weighted", "harmonic mean of precision and recall; images count alike"),
    "micro_f1": ("F1, micro", "harmonic mean of precision and recall over all labels"),
    "ece": ("Calibration error", "expected: mean gap between how sure it was and how often it was right"),
    "calibration_error": ("Calibration error", "mean gap between how sure it was and how often it was right"),
    "nll": ("Log loss", "mean surprise at the truth, in nats; 0 is perfect"),
    "log_loss": ("Log loss", "mean surprise at the truth, in nats; 0 is perfect"),
    "loss": ("Loss", "mean loss on these images"),
    "brier": ("Brier score", "squared distance of the probabilities from the truth; 0 is perfect, 2 the worst"),
    "map": ("mAP", "average precision, averaged over IoU from 0.5 to 0.95 and over the classes"),
    "map50": ("mAP50", "the same at an IoU of 0.5 alone: a loose box will do"),
    "map75": ("mAP75", "the same at an IoU of 0.75 alone: the box has to fit"),
    "map_small": ("mAP, small", "mAP of things below 32² square pixels"),
    "map_medium": ("mAP, medium", "mAP of things from 32² to 96² square pixels"),
    "map_large": ("mAP, large", "mAP of things above 96² square pixels"),
    "mar1": ("Recall, 1 box", "share of things found if a class has 1 box in an image; averaged as mAP is"),
    "mar10": ("Recall, 10 boxes", "the same with the 10 surest boxes"),
    "mar100": ("Recall, 100 boxes", "the same with the 100 surest boxes"),
    "mar_small": ("Recall, small", "with 100 boxes, of things below 32² square pixels"),
    "mar_medium": ("Recall, medium", "with 100 boxes, of things from 32² to 96² square pixels"),
    "mar_large": ("Recall, large", "with 100 boxes, of things above 96² square pixels"),
    "localised": ("Localised", "share of images right in whether there is an object, its class and, by half, its box"),
    "presence_accuracy": ("Presence accuracy", "share of images right in whether there is an object"),
    "mean_iou": ("Mean IoU", "overlap of box and object, averaged over the images that have one"),
    "mean_average_precision": ("Mean average precision", "average precision, averaged over the classes"),
    "exact_match": ("Exact match", "share of images whose every label is right"),
    "subset_accuracy": ("Exact match", "share of images whose every label is right"),
    "distance": (
        "Distance",
        "of the pictures made from real ones of their kind, on average of both ways; 0 is perfect",
    ),
    "distance_to_a": ("Distance, to A", "of what was made of the second kind from real pictures of the first"),
    "distance_to_b": ("Distance, to B", "of what was made of the first kind from real pictures of the second"),
    "distance_before": ("Distance, before", "of the real pictures of both kinds from each other: what it has to beat"),
    "style_cost": ("Style cost", "of the pictures made, in the eyes of the extractor; 0 is the style itself"),
    "style_cost_before": ("Style cost, before", "of the pictures as they were: what it has to beat"),
    "content_cost": ("Content cost", "how far the pictures made are from those that they are of; 0 is the same"),
    "hamming_loss": ("Hamming loss", "share of single labels that are wrong"),
}
_NOT_SHARES = ("loss", "nll", "brier", "entropy", "distance", "cost")
_LOWER = (*_NOT_SHARES, "ece", "error")


def named(figure: str) -> tuple[str, str]:
    """Name a figure and explain it.

    Args:
        figure: As the metric calls it, such as "macro_f1" or "top_5".

    Returns:
        Its name on the page, and what it means ("" when that is not known).

    Source: ours.

    Example:
        >>> named("top_5")
        ('Top-5 accuracy', 'share of images whose class is among the 5 likeliest')
    """
    parts = figure.split("_")
    if parts[0] == "top" and len(parts) > 1 and parts[1].isdigit():
        return f"Top-{parts[1]} accuracy", f"share of images whose class is among the {parts[1]} likeliest"
    return _NAMES.get(figure, (figure.replace("_", " ").capitalize(), ""))


def is_share(figure: str) -> bool:
    """Whether a figure is a share in [0, 1], to be written in per cent.

    Args:
        figure: As the metric calls it.

    Returns:
        False for losses and scores.

    Source: ours.

    Example:
        >>> is_share("accuracy"), is_share("log_loss")
        (True, False)
    """
    return figure == "hamming_loss" or not any(word in figure for word in _NOT_SHARES)


def is_better_low(figure: str) -> bool:
    """Whether less is better.

    Args:
        figure: As the metric calls it.

    Returns:
        True for losses and errors.

    Source: ours.

    Example:
        >>> is_better_low("ece"), is_better_low("recall")
        (True, False)
    """
    return any(word in figure for word in _LOWER)


def per_cent(share: float) -> str:
    r"""Write a share in per cent.

    Args:
        share: In [0, 1], or NaN.

    Returns:
        With one decimal, but never rounded up to "100 %" or down to "0 %" when it is not that.

    Source: ours.

    Example:
        >>> per_cent(0.98333), per_cent(1.0), per_cent(0.9999)
        ('98.3\xa0%', '100\xa0%', '99.9\xa0%')
    """
    if math.isnan(share):
        return "–"
    tenths = round(share * 1000)
    if tenths == 1000 and share < 1:
        tenths = 999
    if tenths == 0 and share > 0:
        return "< 0.1\xa0%"
    return f"{tenths // 10}\xa0%" if tenths in (0, 1000) else f"{tenths / 10:.1f}\xa0%"


def decimal(value: float) -> str:
    """Write a number that is no share.

    Args:
        value: Any number, or NaN.

    Returns:
        Three significant digits, with a true minus.

    Source: ours.

    Example:
        >>> decimal(0.06612), decimal(-12.5), decimal(1234.0)
        ('0.0661', '−12.5', '1,234')
    """
    if math.isnan(value):
        return "–"
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:#.3g}".rstrip(".")
    return text.replace("-", "−")


def written(figure: str, value: float) -> str:
    r"""Write the value of a figure in its own unit.

    Args:
        figure: As the metric calls it.
        value: The value, or NaN.

    Returns:
        Per cent for shares, three digits for others.

    Source: ours.

    Example:
        >>> written("recall", 0.5), written("loss", 0.5)
        ('50.0\xa0%', '0.500')
    """
    return per_cent(value) if is_share(figure) else decimal(value)


def counted(number: int, one: str, many: str = "") -> str:
    r"""Write a count with its noun.

    Args:
        number: How many.
        one: The noun for one.
        many: The noun for several; by default with an s.

    Returns:
        With thousands set apart.

    Source: ours.

    Example:
        >>> counted(1, "image"), counted(61706, "parameter"), counted(2, "class", "classes")
        ('1\xa0image', '61,706\xa0parameters', '2\xa0classes')
    """
    return f"{number:,}\xa0{one if number == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    r"""Write a time.

    Args:
        seconds: 0 or more.

    Returns:
        In the unit that suits it.

    Source: ours.

    Example:
        >>> duration(0.00043), duration(12.3), duration(754), duration(7260)
        ('0.43\xa0ms', '12.3\xa0s', '12\xa0min 34\xa0s', '2\xa0h 1\xa0min')
    """
    if seconds < 0.9995:
        return f"{float(f'{seconds * 1000:.3g}'):g}\xa0ms"
    if seconds < 60:
        return f"{seconds:.1f}\xa0s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}\xa0min {whole % 60}\xa0s"
    return f"{whole // 3600}\xa0h {whole % 3600 // 60}\xa0min"


def threshold(confidence: float) -> str:
    """Write a confidence as a command takes it, so that no box as sure as that is left out.

    Args:
        confidence: In [0, 1].

    Returns:
        Three digits, never rounded up.

    Source: ours.

    Example:
        >>> threshold(0.38579), threshold(0.0012345), threshold(0.0)
        ('0.385', '0.00123', '0')
    """
    if confidence <= 0:
        return "0"
    digits = 2 - math.floor(math.log10(confidence))
    return f"{math.floor(confidence * 10**digits) / 10**digits:.{digits}f}"


def per_second(rate: float) -> str:
    """Write images in a second, to three digits.

    Args:
        rate: Above 0.

    Returns:
        With thousands set apart.

    Source: ours.

    Example:
        >>> per_second(18734.2), per_second(12.34)
        ('18,700', '12.3')
    """
    rounded = float(f"{rate:.3g}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:g}"
