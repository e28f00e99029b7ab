"""Write a new architecture and its test: `./do new architecture <name>`.

What it writes is a small network that works: every check and test passes before the first change.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

NETWORK = '''"""@title@: say in one line what it is for.

Taught: say in a sentence what the field learnt from it.

Source: ours; put the paper here: authors, "title", arXiv number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.backbone import Backbone, Step
from saccade.layers.convolution import ConvBlock
from saccade.layers.initialisation import initialise_kaiming
from saccade.layers.pooling import GlobalAveragePool

__all__ = ["@name@"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "@name@": {
        "paper": "none", "year": @year@, "arxiv": "",
        "parameters": 5_466, "macs": 1_622_336, "classes": 10, "channels": 3,
        "native_size": (32, 32), "smallest_size": (1, 1),
        "deviates": "nothing",
    },
}
# fmt: on


class @class@(Backbone):
    """A stem, one stage of half its resolution, global average pooling, one dense layer.

    Args:
        name: What it is called in messages.
        num_classes: Logits.
        in_channels: Channels of the images.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: ours.
    """

    def __init__(self, name: str, *, num_classes: int, in_channels: int) -> None:
        super().__init__(name, [(1, 16), (2, 32)], num_classes=num_classes, in_channels=in_channels)
        self.stem = ConvBlock(in_channels, 16)
        self.stage1 = ConvBlock(16, 32, stride=2)
        self.pool = GlobalAveragePool()
        self.output = nn.Linear(32, num_classes)
        initialise_kaiming(self)

    def steps(self) -> Sequence[Step]:
        """Give the stem and the stage."""
        return (self.stem, self.stage1)

    def head(self, features: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch classes"]:
        """Average each map, and weigh them."""
        return self.output(self.pool(features))


def @name@(*, num_classes: int = 10, in_channels: int = 3) -> @class@:
    """Make @name@.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images.

    Returns:
        The network.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: ours.

    Example:
        >>> import torch
        >>> @name@()(torch.zeros(1, 3, 32, 32)).shape
        torch.Size([1, 10])
    """
    return @class@("@name@", num_classes=num_classes, in_channels=in_channels)
'''

TEST = '''"""What is particular to @name@; the contract tests walk it too."""

from __future__ import annotations

import torch

from saccade.architectures.@name@ import CARDS, @name@


def test_@name@_gives_one_logit_for_each_class() -> None:
    assert @name@(num_classes=7)(torch.rand(2, 3, 32, 32)).shape == (2, 7)


def test_@name@_has_the_parameters_that_a_hand_counts() -> None:
    # stem: 3·3·3·16 + 2·16; stage1: 3·3·16·32 + 2·32; output: 32·10 + 10
    counted = 432 + 32 + 4608 + 64 + 320 + 10
    assert counted == sum(parameter.numel() for parameter in @name@().parameters())
    assert counted == CARDS["@name@"]["parameters"]


def test_@name@_halves_the_resolution_once() -> None:
    features = @name@().forward_features(torch.rand(1, 3, 9, 16))
    assert {name: tuple(feature.shape) for name, feature in features.items()} == {
        "stem": (1, 16, 9, 16),
        "stage1": (1, 32, 5, 8),
    }
'''
TAKEN_WORDS = {*dir(builtins), *keyword.kwlist, *keyword.softkwlist, "annotations", "nn"}


def problem(name: str, root: Path) -> str:
    """Say what is wrong with a name; "" if nothing is."""
    if not re.fullmatch("[a-z][a-z0-9_]{0,23}", name) or name.endswith("_") or "__" in name:
        return (
            f"got the name {name!r}; taken are up to 24 small letters, digits and single underscores, a letter first; "
            "such as tiny_net"
        )
    if name in TAKEN_WORDS:
        return f"got the name {name!r}, a word of Python; taken are names that are free; choose another one"
    network, test = paths(name, root)
    offered = {word: path.name for path in network.parent.glob("*.py") for word in names_in(path)}
    if name in offered or network.exists() or test.exists():
        where = offered.get(name) or (network if network.exists() else test).name
        return f"got the name {name!r}, which {where} has; taken are names that are free; choose another one"
    return ""


def paths(name: str, root: Path) -> tuple[Path, Path]:
    """Give where the network and its test go."""
    return (
        root / "src" / "saccade" / "architectures" / f"{name}.py",
        root / "tests" / "unit" / "architectures" / f"test_{name}.py",
    )


def names_in(path: Path) -> list[str]:
    """Read the names in a file's `__all__` without importing it."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
            return list(ast.literal_eval(node.value))
    return []


def write(name: str, root: Path) -> tuple[Path, Path]:
    """Write both files."""
    title = "".join(part.capitalize() for part in name.split("_"))
    words = {"@name@": name, "@class@": f"{title}Network", "@title@": title, "@year@": str(date.today().year)}
    network, test = paths(name, root)
    for path, text in ((network, NETWORK), (test, TEST)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(re.sub("@[a-z]+@", lambda mark: words[mark[0]], text), encoding="utf-8")
    return network, test


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Write the files for the one name given; 2 if it cannot be."""
    if len(arguments) != 1:
        wrong = f"got {len(arguments)} names; taken is one; run: ./do new architecture tiny_net"
    else:
        wrong = problem(arguments[0], root)
    if wrong:
        print(wrong, file=sys.stderr)
        return 2
    for path in write(arguments[0], root):
        print(path.relative_to(root))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
