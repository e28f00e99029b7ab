"""Translation between two kinds of pictures: the terms by hand, and runs that are stopped and go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from saccade.api.run import Run
from saccade.api.training import train
from saccade.errors import BadConfig, BadLabel, Interrupted, UnknownName
from saccade.layers.picture_pool import PicturePool
from saccade.layers.translator import Translator
from saccade.tasks.translation import translation, translator
from saccade.types.batch import Batch
from saccade.types.paired_image import PairedImage
from saccade.weights.files import read_tensors
from two_classes import stop_after


class Added(nn.Module):
    """Adds a number to every level of [−1, 1]."""

    def __init__(self, number: float) -> None:
        super().__init__()
        self.number = nn.Parameter(torch.tensor(number))

    def forward(self, images: Tensor) -> Tensor:
        return images + self.number


class Level(nn.Module):
    """Says how bright each pixel is in [−1, 1], times a number."""

    def __init__(self) -> None:
        super().__init__()
        self.times = nn.Parameter(torch.tensor(1.0))

    def forward(self, pictures: Tensor) -> Tensor:
        return pictures * self.times


def network(to_a: float, to_b: float, *, pool: int = 0) -> Translator:
    made = Translator("by hand", lambda: Added(0.0), Level, in_channels=1, pool=pool)
    made.smallest_size = (1, 1)
    with torch.no_grad():
        made.to_a.number.fill_(to_a)  # pyright: ignore[reportCallIssue]
        made.to_b.number.fill_(to_b)  # pyright: ignore[reportCallIssue]
    return made


def batch(levels: list[float], kinds: list[int]) -> Batch:
    images = (torch.tensor(levels)[:, None, None, None] + 1) / 2  # levels of [−1, 1], as the networks see them
    return Batch(images, torch.ones(len(levels), 2, dtype=torch.int64), torch.tensor(kinds))


def plain(terms: dict[str, Tensor]) -> dict[str, float]:
    return {name: round(term.item(), 5) for name, term in terms.items()}


def test_the_terms_of_the_generators_are_those_of_the_paper():
    """A is 0 and becomes 0.5, and 0.75 on its way back; B is 0.5 and becomes 0.75, and 1.25."""
    terms = plain(translation().loss(network(0.25, 0.5), batch([0.0, 0.5], [0, 1])))
    assert terms == {
        "fool": (0.5 - 1) ** 2 + (0.75 - 1) ** 2,
        "cycle": 10 * (0.75 + 0.75),
        "identity": 10 * 0.5 * (0.5 + 0.25),
    }


def test_the_terms_of_the_critics_are_halved():
    """Real ones say 0 and 0.5; made ones 0.75 for A and 0.5 for B."""
    terms = plain(translation().loss(network(0.25, 0.5), batch([0.0, 0.5], [0, 1]), "critics"))
    assert terms["real"] == pytest.approx(0.5 * ((0 - 1) ** 2 + (0.5 - 1) ** 2))
    assert terms["fake"] == pytest.approx(0.5 * (0.75**2 + 0.5**2))


def test_kinds_count_the_same_however_many_there_are():
    few = plain(translation().loss(network(0.25, 0.5), batch([0.0, 0.5], [0, 1])))
    many = plain(translation().loss(network(0.25, 0.5), batch([0.0, 0.5, 0.5, 0.5], [0, 1, 1, 1])))
    assert many == few


def test_a_batch_of_one_kind_leaves_the_other_out():
    task, net = translation(), network(0.25, 0.5)
    assert plain(task.loss(net, batch([0.0], [0]))) == {"fool": 0.25, "cycle": 7.5, "identity": 1.25}
    assert plain(task.loss(net, batch([0.0], [0]), "critics")) == {"real": 0.5, "fake": 0.125}
    assert set(plain(translation(identity_weight=0).loss(net, batch([0.0], [0])))) == {"fool", "cycle"}


def test_critics_teach_no_generator_and_are_shown_old_pictures():
    net = network(0.25, 0.5, pool=1).train()
    sum(translation().loss(net, batch([0.0, 0.5], [0, 1]), "critics").values()).backward()  # pyright: ignore
    assert net.to_a.number.grad is None
    assert net.critic_a.times.grad is not None
    assert net.pool_b.pictures.item() == pytest.approx(0.75)  # 0.5 in [−1, 1]


def test_what_is_asked_for_is_what_is_made():
    task, net = translation(["dark", "light"]), network(-0.5, 0.5).eval()
    some = batch([0.0], [0])
    outputs = net(some.images)
    (made,) = task.decode(outputs, some)
    assert (made.kind, made.pixels.item()) == ("light", 191)  # ¾ of 255
    assert made.opinion == pytest.approx(0.5)
    assert task.score(outputs, "dark").item() == pytest.approx(-0.5)
    assert task.confidence_in(outputs, task.asked(outputs, "dark")).item() == 0
    assert set(net(some.images, 1)) == {"images", "to_b", "opinion_b"}


@pytest.mark.bad_input
def test_what_makes_no_sense_is_refused():
    with pytest.raises(BadConfig, match="got 3 kinds of pictures"):
        translation(["a", "b", "c"])
    with pytest.raises(BadConfig) as error:
        translation(cycle_weight=-1, identity_weight=float("nan"), to=2)
    assert len(str(error.value).splitlines()) == 3
    with pytest.raises(BadConfig, match=r"got a Conv2d for translation; .* take cycle_gan"):
        translator(nn.Conv2d(1, 1, 1))
    with pytest.raises(UnknownName, match="generators"):
        translation().loss(network(0, 0), batch([0.0], [0]), "generator")
    with pytest.raises(BadLabel, match="got PairedImage as the kind"):
        translation().targets([PairedImage(np.zeros((2, 2, 3), np.uint8))])


SETTINGS: dict[str, Any] = {"epochs": 3, "threads": 1, "width": 24, "height": 24, "batch_size": 4, "augment": "none"}
DATA = "synthetic:task=translation,count=20,size=32"


def memories(run: Run) -> dict[str, Tensor]:
    return read_tensors(run.last)[0]


@pytest.fixture
def small_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that pools are full, and draw, soon."""
    monkeypatch.setattr("saccade.layers.translator.PicturePool", lambda _: PicturePool(3))


@pytest.mark.usefixtures("small_pools")
@pytest.mark.parametrize("more", [{}, {"ema_decay": 0.9}, {"accumulate": 2}])
def test_a_run_stopped_in_an_epoch_ends_with_the_bits_of_one_that_never_was(tmp_path: Path, more: dict[str, Any]):
    whole = train(DATA, settings={**SETTINGS, **more}, out=tmp_path / "whole", listeners=[])
    with pytest.raises(Interrupted):
        train(DATA, settings={**SETTINGS, **more}, out=tmp_path / "stopped", listeners=[stop_after(5)])
    resumed = Run(tmp_path / "stopped").resume(listeners=[])
    one, other = memories(whole), memories(resumed)
    assert one.keys() == other.keys()
    assert {"memory.network.pool_a.pictures", "memory.network.pool_b.count"} <= one.keys()
    assert [name for name, value in one.items() if not torch.equal(value, other[name])] == []


def test_a_model_file_holds_no_pictures(tmp_path: Path):
    run = train(DATA, settings={**SETTINGS, "epochs": 1}, out=tmp_path / "run", listeners=[])
    assert not [name for name in read_tensors(run.best)[0] if "pool" in name]


def test_a_run_is_judged_and_has_a_card(tmp_path: Path):
    run = train(DATA, settings={**SETTINGS, "epochs": 1}, out=tmp_path / "run", listeners=[])
    assert set(run.evaluate().numbers()) == {"distance", "distance_to_a", "distance_to_b", "distance_before"}
    card = run.report().read_text()
    assert "that translates between flat and hatched" in card
    assert "What it went by" not in card


def test_both_groups_are_stepped_with_optimisers_of_their_own(tmp_path: Path):
    run = train(DATA, settings={**SETTINGS, "epochs": 1}, out=tmp_path / "run", listeners=[])
    moments = {name.split(".")[1] for name in memories(run) if name.startswith("optimizer.")}
    assert moments == {"generators", "critics"}
    assert (run.description["settings"]["recipe"], run.description["settings"]["momentum"]) == ("translation", 0.5)
    assert run.description["model"] == {"architecture": "cycle_gan_small", "arguments": {"in_channels": 3}}
