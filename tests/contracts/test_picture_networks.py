"""Every network of `architectures` whose answer is a picture keeps what such networks promise; the folder is walked."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.flop_counter import FlopCounterMode

from kinds import PAINTERS, SMALLEST
from saccade import catalog
from saccade.errors import BadConfig, BadShape
from saccade.layers.normalised import Normalised
from saccade.layers.picture_network import PictureNetwork
from saccade.types.batch import Batch
from saccade.types.task import Task

THIN = {"generator_width": 4, "critic_width": 4, "blocks": 1, "width": 4}


def make(name: str, **arguments: Any) -> Any:
    return catalog.find("architectures", name)(**arguments)


def thin(name: str, **arguments: Any) -> PictureNetwork:
    """The architecture with few channels, so that what it does is quick to see; its sizes are the same."""
    import inspect

    known = inspect.signature(catalog.find("architectures", name)).parameters
    torch.manual_seed(0)
    return make(name, **{key: value for key, value in THIN.items() if key in known}, **arguments)


@pytest.fixture(params=PAINTERS, scope="module")
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def network(name: str) -> Iterator[PictureNetwork]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield thin(name).eval()
    torch.set_num_threads(threads)


def images(name: str, count: int = 2, more: tuple[int, int] = (0, 0), channels: int = 3) -> torch.Tensor:
    height, width = (side + extra for side, extra in zip(PAINTERS[name]["smallest_size"], more, strict=True))
    return torch.rand(count, channels, height, width, generator=torch.Generator().manual_seed(1))


def pictures(said: Any) -> list[torch.Tensor]:
    """All that were made."""
    return [value for name, value in said.items() if name in ("to_a", "to_b", "picture")]


def test_card_is_complete(name: str) -> None:
    assert {
        "task": str, "paper": str, "year": int, "arxiv": str, "parameters": int, "macs": int, "channels": int,
        "native_size": tuple, "smallest_size": tuple, "deviates": str,
    }.items() <= {key: type(value) for key, value in PAINTERS[name].items()}.items()  # fmt: skip


def test_parameters_and_multiply_adds_are_those_of_the_card(name: str) -> None:
    card = PAINTERS[name]
    with torch.device("meta"):
        whole = make(name).eval()
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            whole(torch.empty(1, card["channels"], *card["native_size"]))
    assert sum(parameter.numel() for parameter in whole.parameters()) == card["parameters"]
    assert counter.get_total_flops() == 2 * card["macs"]
    assert (whole.in_channels, whole.smallest_size, whole.task) == (
        card["channels"], card["smallest_size"], card["task"],
    )  # fmt: skip


@pytest.mark.parametrize("more", [(0, 0), (1, 2), (7, 0), (13, 40)])
def test_a_picture_is_as_large_as_its_image_and_in_range(
    name: str, network: PictureNetwork, more: tuple[int, int]
) -> None:
    some = images(name, more=more)
    with torch.no_grad():
        made = pictures(network(some))
    assert all(one.shape == some.shape for one in made)
    assert all(bool(((one >= 0) & (one <= 1)).all()) for one in made)


def test_each_image_stands_alone_and_twice_is_the_same(name: str, network: PictureNetwork) -> None:
    some = images(name, 3)
    with torch.no_grad():
        once, twice, alone = pictures(network(some)), pictures(network(some)), pictures(network(some[:1]))
    for first, second, one in zip(once, twice, alone, strict=True):
        assert torch.equal(first, second)
        torch.testing.assert_close(one, first[:1], rtol=1e-3, atol=1e-5)


def test_it_works_behind_a_normalisation_that_changes_nothing(name: str, network: PictureNetwork) -> None:
    some = images(name)
    with torch.no_grad():
        one, two = pictures(Normalised(network, [0.0] * 3, [1.0] * 3).eval()(some)), pictures(network(some))
    assert all(torch.equal(*both) for both in zip(one, two, strict=True))


def test_a_state_dict_makes_the_same_network_again(name: str, network: PictureNetwork) -> None:
    other = thin(name).eval()
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(1)
    other.load_state_dict(network.state_dict())
    with torch.no_grad():
        one, two = pictures(network(images(name))), pictures(other(images(name)))
    assert all(torch.equal(*both) for both in zip(one, two, strict=True))


def test_any_number_of_channels_works(name: str) -> None:
    for channels in (1, 4):
        some = images(name, channels=channels)
        with torch.no_grad():
            assert pictures(thin(name, in_channels=channels).eval()(some))[0].shape == some.shape


def test_cuda_gives_what_the_processor_gives(name: str, network: PictureNetwork, cuda: torch.device) -> None:
    here, some = copy.deepcopy(network).double(), images(name).double()
    with torch.no_grad():
        wanted, found = pictures(here(some)), pictures(here.to(cuda)(some.to(cuda)))
    for one, two in zip(found, wanted, strict=True):
        torch.testing.assert_close(one.cpu(), two)


Learner = tuple[Task, Batch]


def translation_of(some: torch.Tensor) -> Learner:
    task: Task = catalog.find("tasks", "translation")()
    return task, Batch(some, torch.tensor([some.shape[2:]] * len(some)), torch.tensor([0, 1] * (len(some) // 2)))


def style_of(some: torch.Tensor) -> Learner:
    """To leave a picture in its own style."""
    path = Path(tempfile.mkdtemp()) / "style.png"
    Image.fromarray((some[0].permute(1, 2, 0) * 255).byte().numpy()).save(path)
    task: Task = catalog.find("tasks", "style")(style_image=str(path), extractor="resnet8")
    return task, Batch(some, torch.tensor([some.shape[2:]] * len(some)))


LEARNERS: dict[str, Callable[[torch.Tensor], Learner]] = {"translation": translation_of, "style": style_of}
"""How each kind learns; a kind that is not here has no test."""


def test_every_kind_has_a_learner() -> None:
    assert {card["task"] for card in PAINTERS.values()} == LEARNERS.keys()


def test_gradients_reach_every_parameter_of_each_group(name: str) -> None:
    learner = thin(name).train()
    task, batch = LEARNERS[learner.task](images(name))
    for group, parameters in task.groups(learner).items():
        learner.zero_grad()
        torch.stack(list(task.loss(learner, batch, group).values())).sum().backward()
        assert all(one.grad is not None and bool(one.grad.isfinite().all()) for one in parameters)
        assert [one.shape for one in parameters if one.ndim > 1 and one.grad is not None and not one.grad.any()] == []


@pytest.mark.parametrize("smallest", sorted(SMALLEST & PAINTERS.keys()))
def test_one_batch_is_learnt_by_heart(smallest: str) -> None:
    """Two pictures of two kinds that are the same: leaving them as they are costs least."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    learner = thin(smallest).train()
    same = images(smallest, 1, more=(8, 8)).expand(2, -1, -1, -1).contiguous()
    task, batch = LEARNERS[learner.task](same)
    groups = task.groups(learner)
    (first, *_), optimizer = groups, torch.optim.Adam(groups[next(iter(groups))], 3e-3)
    losses = []
    for _ in range(200):
        loss = torch.stack(list(task.loss(learner, batch, first).values())).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    torch.set_num_threads(threads)
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.bad_input
def test_what_is_no_batch_of_images_is_refused_in_words(name: str) -> None:
    with torch.device("meta"):
        network = make(name)
    channels, (height, width) = PAINTERS[name]["channels"], PAINTERS[name]["smallest_size"]
    for shape, cure in (
        ((channels, height, width), r"add images\[None\]"),
        ((2, channels + 1, height + 9, width + 9), f"in_channels={channels + 1}"),
        ((2, height + 9, width + 9, channels), "permute"),
        ((2, channels, height - 1, width), f"{height} × {width} or more"),
        ((2, channels, height, width - 1), f"{height} × {width} or more"),
    ):
        with pytest.raises(BadShape, match=f"^got images of .*; {name} takes .*{cure}"):
            network(torch.zeros(shape, device="meta"))


@pytest.mark.bad_input
@pytest.mark.parametrize("wrong", [0, -1, 2.5, True])
def test_no_channels_are_refused(name: str, wrong: Any) -> None:
    with torch.device("meta"), pytest.raises(BadConfig, match=f"got in_channels={wrong}; {name} takes"):
        make(name, in_channels=wrong)


def test_levels_of_a_picture_are_not_those_of_another(name: str, network: PictureNetwork) -> None:
    """It looks at what it gets: another image, another picture."""
    with torch.no_grad():
        one, two = pictures(network(images(name))), pictures(network(1 - images(name)))
    assert all(np.abs((first - second).numpy()).max() > 1e-4 for first, second in zip(one, two, strict=True))
