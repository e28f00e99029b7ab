"""The verb from Python: networks, pictures, what is put away and taken up, what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import nn

import saccade
from saccade.api.imagining import restyling
from saccade.api.imagining.restyling import compare_descents, restyle, usual_eyes
from saccade.api.imagining.seeing import eyes_of
from saccade.errors import BadCheckpoint, BadConfig, BadImage, UnknownName, Unreachable
from saccade.types.descents import Descents
from styling import small, striped

STYLE = np.rint(255 * striped(36, 44)[0].permute(1, 2, 0).numpy()).astype(np.uint8)


def photograph(height: int = 40, width: int = 48, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)


def painted(**more: Any) -> saccade.types.imagined.Imagined:
    settings = {"steps": 6, **more.pop("settings", {})}
    return restyle(
        more.pop("content", photograph()), more.pop("style", STYLE), model=more.pop("model", small()),
        settings=settings, **more,
    )  # fmt: skip


def stopping(at: int) -> Callable[..., bool]:
    return lambda step, *_: step == at


def test_a_picture_keeps_its_shape_and_says_how_it_was_made() -> None:
    made = painted()
    assert made.pixels.shape == (40, 48, 3)
    assert 0 <= made.pixels.min() <= made.pixels.max() <= 1
    assert made.notes == ("Sequential", "content relu2_1", "style relu1_1, relu2_1", "lbfgs")
    assert made.values[-1] < made.values[0]
    told = json.loads(json.dumps(made.to_dict()))
    assert (told["method"], told["size"], told["whole"], len(told["values"])) == ("style_transfer", [40, 48], True, 6)


def test_files_name_the_picture_and_large_ones_are_shrunk(tmp_path: Path) -> None:
    from PIL import Image

    Image.fromarray(photograph(60, 90)).save(tmp_path / "town.png")
    Image.fromarray(STYLE).save(tmp_path / "stripes.png")
    made = painted(content=tmp_path / "town.png", style=tmp_path / "stripes.png", settings={"side": 60})
    assert made.title == "town in the style of stripes"
    assert made.pixels.shape == (40, 60, 3)


def test_stopped_it_is_put_away_taken_up_to_the_same_bits(tmp_path: Path) -> None:
    state = tmp_path / "new folder" / "state.safetensors"
    stopped = painted(state=state, watch=stopping(4))
    assert str(stopped).endswith("stopped after 4 steps")
    assert state.is_file()
    assert stopped.pixels.shape == (40, 48, 3)
    heard: list[int] = []
    resumed = painted(state=state, watch=lambda step, *_: bool(heard.append(step)))
    assert heard == [5, 6]
    whole = painted()
    assert resumed.values == whole.values
    assert np.array_equal(resumed.pixels, whole.pixels)


def test_on_the_way_it_is_put_away_from_time_to_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restyling, "_PUT_AWAY", 0.0)
    state = tmp_path / "state.safetensors"

    def killed(step: int, *_: Any) -> bool:
        if step == 3:
            raise RuntimeError("killed")
        return False

    with pytest.raises(RuntimeError, match="killed"):
        painted(state=state, watch=killed)
    heard: list[int] = []
    resumed = painted(state=state, watch=lambda step, *_: bool(heard.append(step)))
    assert heard == [4, 5, 6]
    assert np.array_equal(resumed.pixels, painted().pixels)


def test_in_a_hurry_nothing_is_put_away_before_the_end(tmp_path: Path) -> None:
    state = tmp_path / "state.safetensors"
    painted(state=state, watch=lambda *_: state.exists())
    assert not state.exists()


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "other",
    [
        {"content": photograph(seed=1)},
        {"style": STYLE[::-1].copy()},
        {"seed": 1},
        {"settings": {"steps": 7}},
        {"model": small(1)},
    ],
)
def test_the_state_of_another_picture_is_refused_and_stays(tmp_path: Path, other: dict[str, Any]) -> None:
    state = tmp_path / "state.safetensors"
    painted(state=state, watch=stopping(2))
    before = state.read_bytes()
    with pytest.raises(BadCheckpoint, match="the state of another picture, or of other settings or weights"):
        painted(state=state, **other)
    assert state.read_bytes() == before


@pytest.mark.bad_input
def test_a_broken_state_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state.safetensors"
    painted(state=state, watch=stopping(2))
    state.write_bytes(state.read_bytes()[:-100])
    with pytest.raises(BadCheckpoint, match="state"):
        painted(state=state)
    state.write_bytes(b"no tensors")
    with pytest.raises(BadCheckpoint, match="state"):
        painted(state=state)


def test_two_descents_are_compared_and_drawn(tmp_path: Path) -> None:
    both = compare_descents(photograph(), STYLE, model=small(), settings={"steps": 30})
    assert len(both.lbfgs.values) == len(both.adam.values) == 30
    assert both.lbfgs.values[0] == both.adam.values[0]
    assert both.passes is not None
    assert both.lbfgs.values[both.passes - 1] <= min(both.adam.values) < both.lbfgs.values[both.passes - 2]
    assert str(both).startswith(f"Adam came to {min(both.adam.values):.4g} in 30 passes, L-BFGS in {both.passes}; ")
    told = json.loads(json.dumps(both.to_dict()))
    assert (told["passes"], told["adam"]["settings"]["optimizer"]) == (both.passes, "adam")
    both.draw().savefig(tmp_path / "both.png")
    assert (tmp_path / "both.png").stat().st_size > 10_000


def test_where_lbfgs_never_was_as_cheap_that_is_said() -> None:
    cheap, dear = (painted(settings={"steps": steps, "optimizer": "adam"}) for steps in (4, 2))
    both = Descents(dear, cheap)
    assert both.passes is None
    assert str(both) == (f"Adam came to {min(cheap.values):.4g} in 4 passes; L-BFGS did not, at {min(dear.values):.4g}")


def test_without_the_best_weights_the_network_that_is_always_there_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(model: Any, **_: Any) -> Any:
        if model == "vgg19/imagenet":
            raise Unreachable("got no connection; taken is one; connect")
        return eyes_of(model)

    monkeypatch.setattr(restyling, "eyes_of", unreachable)
    with pytest.warns(UserWarning, match="vgg19/imagenet is not to be had here; resnet14_half/saccade looks instead"):
        eyes = usual_eyes()
    assert eyes.name == "resnet14_half"
    with pytest.warns(UserWarning, match="looks instead"):
        made = restyle(photograph(), STYLE, settings={"steps": 2})
    assert made.notes[0] == "resnet14_half"
    assert made.values[1] <= made.values[0]


def test_a_network_without_classes_is_opened_by_name_with_weights(saccade_data: Path) -> None:
    file = saccade_data / "weights" / "vgg19_normalised_relu3" / "vgg_normalised_conv3_1.safetensors"
    made = painted(model=eyes_of("vgg19_normalised", weights=file))
    assert made.notes[:3] == ("vgg19_normalised", "content relu3_1", "style relu1_1, relu2_1, relu3_1")
    assert made.values[-1] < made.values[0]


@pytest.mark.bad_input
def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    for told, arguments in (
        ("got a picture of 10 × 48 pixels for the content; taken are 16 × 16", {"content": photograph(10, 48)}),
        ("got a picture of 15 × 60 pixels for the style", {"style": photograph(15, 60)}),
        ("got a picture of 10 × 12 pixels for the content", {"settings": {"side": 12}}),
        ("got a style of one colour", {"style": np.full((40, 40, 3), 7, np.uint8)}),
        ("got setting 'stepps'", {"settings": {"stepps": 3}}),
        ("got scales=9", {"settings": {"scales": 9}}),
        ("got neither content nor style", {"settings": {"content_weight": 0, "style_weight": 0}}),
        ("without maps", {"model": nn.Sequential(nn.Flatten(), nn.Linear(40 * 48 * 3, 2))}),
    ):
        with pytest.raises(BadConfig, match=told):
            painted(**arguments)
    with pytest.raises(UnknownName, match="relu2_1"):
        painted(settings={"style_layers": "relu2_2"})
    with pytest.raises(BadImage):
        painted(content=tmp_path / "none.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(BadImage):
        painted(style=tmp_path / "broken.png")
    with pytest.raises(BadConfig, match="got several scales for a comparison"):
        compare_descents(photograph(), STYLE, model=small(), settings={"scales": 2})
