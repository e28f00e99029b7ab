"""Plain tensors under plain names."""

from __future__ import annotations

import torch

from saccade.weights.convert import content_hash, tidied

KEY = "features.denseblock1.denselayer2."


def test_names_of_wrappers_and_old_names_go() -> None:
    one = torch.ones(1)
    old = {
        f"{KEY}norm.1.weight": torch.ones(1),
        f"{KEY}conv.2.weight": torch.ones(1),
        "features.norm5.bias": torch.ones(1),
    }
    assert list(tidied(old)) == [f"{KEY}norm1.weight", f"{KEY}conv2.weight", "features.norm5.bias"]
    assert list(tidied({"module.a": one, "module.b": one})) == ["a", "b"]
    assert list(tidied({"module.a": one, "b": one})) == ["module.a", "b"]


def test_half_precision_becomes_single_and_whole_numbers_stay() -> None:
    tidy = tidied({"a": torch.tensor([0.5], dtype=torch.bfloat16), "b": torch.tensor(3)})
    assert tidy["a"].dtype == torch.float32
    assert tidy["a"].item() == 0.5
    assert tidy["b"].dtype == torch.int64


def test_the_hash_is_of_names_shapes_types_and_numbers_but_not_of_their_order() -> None:
    tensors = {"a": torch.zeros(2, 3), "b": torch.tensor(1)}
    same = content_hash(dict(reversed(tensors.items())))
    assert content_hash(tensors) == same == content_hash({"a": torch.zeros(3, 2).t(), "b": torch.tensor(1)})
    others = [
        {"c": tensors["a"], "b": tensors["b"]},
        {"a": torch.zeros(3, 2), "b": tensors["b"]},
        {"a": tensors["a"], "b": torch.tensor(1, dtype=torch.int32)},
        {"a": tensors["a"], "b": torch.tensor(2)},
    ]
    assert same not in [content_hash(other) for other in others]
