"""Classes by name and by number: what every task that has classes asks of them.

Source: ours.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any, SupportsIndex

import torch
from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadConfig, BadLabel, BadShape, UnknownName
from saccade.types.asked import Asked


def names_of(labels: Sequence[str], num_classes: int) -> tuple[str, ...]:
    """Name every class of a network, by number where there are no names.

    Args:
        labels: The names, or nothing.
        num_classes: How many classes the network tells apart.

    Returns:
        As many names as classes.

    Raises:
        BadShape: If there are names, but not as many.

    Source: ours.

    Example:
        >>> names_of((), 3)
        ('0', '1', '2')
    """
    if labels and len(labels) != num_classes:
        raise BadShape(
            f"got {len(labels)} labels and a network with {num_classes} outputs; taken are as many of one as of the "
            "other; make the network with num_classes=len(labels)"
        )
    return tuple(labels) or tuple(str(number) for number in range(num_classes))


def class_id(about: str | SupportsIndex | Asked, names: Sequence[str], num_classes: int) -> int:
    """Find the id of a class that is named or numbered.

    Args:
        about: A name, an id, or what is asked about a class.
        names: The names of the classes; may be empty.
        num_classes: How many classes there are.

    Returns:
        The id.

    Raises:
        UnknownName: If no class has that name; the nearest are offered.
        BadLabel: If there is no class of that number.

    Source: ours.

    Example:
        >>> class_id("dog", ("cat", "dog"), 2), class_id(0, ("cat", "dog"), 2)
        (1, 0)
    """
    if isinstance(about, str):
        if about in names:
            return list(names).index(about)
        raise UnknownName("class", about, names)
    number = _whole(about.class_id if isinstance(about, Asked) else about)
    if number is None or not 0 <= number < num_classes:
        such = f" such as {names[0]!r}" if names else ""
        raise BadLabel(f"got class {about!r}; taken are 0 to {num_classes - 1}, or a name{such}; choose one of them")
    return number


def class_ids(targets: Sequence[Any], labels: Sequence[str]) -> list[int]:
    """Check one class for each image.

    Args:
        targets: Ids, of any type that counts.
        labels: The names of the classes; when empty, any id from 0 on is one.

    Returns:
        The ids as plain ints.

    Raises:
        BadLabel: If one is no whole number or no class; the first ten are listed.

    Source: ours.

    Example:
        >>> class_ids([1, 0], ["cat", "dog"])
        [1, 0]
    """
    if all(type(target) is int for target in targets) and _all_classes(targets, labels):
        return list(targets)
    ids = [_whole(target) for target in targets]
    wrong = [target for target, number in zip(targets, ids, strict=True) if not _is_class(number, labels)]
    if wrong:
        raise BadLabel(
            f"got {_listed(wrong)} as class of {len(wrong)} of {len(targets)} images; taken are whole numbers "
            f"{_range(labels)}; mend the labels"
        )
    return [number for number in ids if number is not None]


def class_sets(targets: Sequence[Any], labels: Sequence[str]) -> list[set[int]]:
    """Check any number of classes for each image.

    Args:
        targets: A tuple, list or set of ids for each image; empty for one that has none.
        labels: The names of the classes; when empty, any id from 0 on is one.

    Returns:
        The ids of each image.

    Raises:
        BadLabel: If a target is no collection of ids, or one is no class; the first ten are listed.

    Source: ours.

    Example:
        >>> class_sets([(1, 0), ()], ["cat", "dog"])
        [{0, 1}, set()]
    """
    several = tuple | list | set | frozenset
    wrong = [
        target
        for target in targets
        if not isinstance(target, several) or any(not _is_class(_whole(one), labels) for one in target)
    ]
    if wrong:
        raise BadLabel(
            f"got {_listed(wrong)} as classes of {len(wrong)} of {len(targets)} images; taken are tuples of whole "
            f"numbers {_range(labels)}, () for none; mend the labels"
        )
    return [{operator.index(one) for one in target} for target in targets]


def class_scores(logits: Float[Tensor, "batch classes"], about: Any, names: Sequence[str]) -> Float[Tensor, " batch"]:
    """Take one logit of each image.

    Args:
        logits: Of each class.
        about: A class, by name or id; one for each image, in a list or tensor; None is each image's likeliest.
        names: The names of the classes; may be empty.

    Returns:
        The logits, ready to be differentiated.

    Raises:
        UnknownName: If no class has that name; the nearest are offered.
        BadLabel: If there is no class of that number.
        BadShape: If there are more or fewer classes than images.

    Source: ours.

    Example:
        >>> class_scores(torch.tensor([[1.0, 3.0], [2.0, 0.0]]), None, ()).tolist()
        [3.0, 2.0]
    """
    batch, classes = logits.shape
    if about is None:
        return logits.max(1).values
    listed = about.tolist() if isinstance(about, Tensor) else about
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        return logits[:, class_id(listed, names, classes)]
    if len(listed) != batch:
        raise BadShape(
            f"got {len(listed)} classes for {batch} images; taken is one for all, or one for each; give as many"
        )
    ids = torch.tensor([class_id(one, names, classes) for one in listed], device=logits.device)
    return logits.gather(1, ids[:, None])[:, 0]


def classes_asked(logits: Float[Tensor, "batch classes"], about: Any, names: Sequence[str]) -> list[Asked]:
    """Say which class of each image is asked about, once and for all: its likeliest may be another one later.

    Args:
        logits: Of each class.
        about: As for `class_scores`.
        names: The names of the classes; may be empty.

    Returns:
        A class for each image.

    Raises:
        UnknownName: If no class has that name; the nearest are offered.
        BadLabel: If there is no class of that number.
        BadShape: If there are more or fewer classes than images.

    Source: ours.

    Example:
        >>> [one.class_id for one in classes_asked(torch.tensor([[1.0, 3.0], [2.0, 0.0]]), None, ())]
        [1, 0]
    """
    batch, classes = logits.shape
    if about is None:
        ids = logits.argmax(1).tolist()
    else:
        class_scores(logits, about, names)  # refuses what is none
        listed: Any = about.tolist() if isinstance(about, Tensor) else about
        several = isinstance(listed, Sequence) and not isinstance(listed, str)
        wanted: list[Any] = list(listed) if several else [listed] * batch
        ids = [class_id(one, names, classes) for one in wanted]
    told = names_of(names, classes)
    return [Asked(number, told[number]) for number in ids]


def check_options(
    labels: Sequence[str], label_smoothing: float, class_weights: Sequence[float], threshold: float = 0.5
) -> None:
    """Refuse the options of a task that are out of range, all at once.

    Args:
        labels: The names of the classes; may be empty.
        label_smoothing: In [0, 1].
        class_weights: None, or one for each class, 0 or more, not all 0.
        threshold: In [0, 1].

    Raises:
        BadConfig: If any is out of range; all are listed.

    Source: ours.

    Example:
        >>> check_options(["cat"], 0.1, [1.0])
    """
    problems = []
    if not 0 <= label_smoothing <= 1:
        problems.append(f"got label_smoothing={label_smoothing}; taken is a share from 0 to 1; 0.1 is usual")
    if not 0 <= threshold <= 1:
        problems.append(f"got threshold={threshold}; taken is a probability from 0 to 1; 0.5 is usual")
    if class_weights and not (all(0 <= one < math.inf for one in class_weights) and any(class_weights)):
        problems.append(f"got class_weights={tuple(class_weights)}; taken are finite, 0 or more, not all 0; mend them")
    if class_weights and labels and len(class_weights) != len(labels):
        problems.append(
            f"got {len(class_weights)} class_weights for {len(labels)} labels; taken is one for each; give all"
        )
    if problems:
        raise BadConfig("\n".join(problems))


def _whole(value: Any) -> int | None:
    try:
        return None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        return None


def _is_class(number: int | None, labels: Sequence[str]) -> bool:
    return number is not None and number >= 0 and (not labels or number < len(labels))


def _all_classes(ids: Sequence[int], labels: Sequence[str]) -> bool:
    return not ids or (min(ids) >= 0 and (not labels or max(ids) < len(labels)))


def _range(labels: Sequence[str]) -> str:
    return f"from 0 to {len(labels) - 1}" if labels else "from 0 on"


def _listed(wrong: Sequence[Any]) -> str:
    return ", ".join(repr(value)[:40] for value in wrong[:10]) + (", …" if len(wrong) > 10 else "")
