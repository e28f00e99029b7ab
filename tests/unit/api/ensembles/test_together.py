"""Judging together: gains that a hand can check, cost beside them, and no run's folder written to."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

import saccade
from saccade.api.ensembles.ensembling import Ensemble
from saccade.api.ensembles.evaluation import EnsembleEvaluation, Gain
from saccade.api.ensembles.latency import Latency
from saccade.api.ensembles.views import Views
from saccade.errors import BadData
from tiny_predictors import Always, Colour, Corner, predictor


@pytest.fixture(scope="module")
def pure():
    """Twelve pictures of one pure colour each, with its number."""
    ids = np.arange(12) % 3
    return np.stack([np.broadcast_to(255 * np.eye(3, dtype=np.uint8)[one], (4, 4, 3)) for one in ids]), ids


@pytest.fixture(autouse=True)
def no_timing(monkeypatch):
    """Timings have their own tests; here a model takes as many milliseconds as it has models and views."""

    def latencies(models, picture):
        assert picture.shape[2] == 3
        return [Latency(float(len(one.members) * len(one.views)), 0.5 * len(one.members)) for one in models]

    monkeypatch.setattr("saccade.api.ensembles.together.latencies", latencies)


def test_the_whole_stands_beside_each_model_alone(pure) -> None:
    """The second calls red green and green red; the first is surer, so that together they are right."""
    models = {"right": predictor(Colour(9)), "wrong": predictor(Colour(5, order=(1, 0, 2)))}
    evaluation = saccade.evaluate(Ensemble(models), pure)
    assert isinstance(evaluation, EnsembleEvaluation)
    right, wrong, both = evaluation.standings
    assert [one.name for one in evaluation.standings] == ["right", "wrong", "2 models"]
    assert [one.figures["accuracy"][0] for one in (right, wrong, both)] == pytest.approx([1, 1 / 3, 1])
    assert both.figures.keys() == evaluation.numbers().keys()
    assert all(both.figures[name] == pytest.approx(figure) for name, figure in evaluation.numbers().items())
    mean, best = evaluation.gains
    assert (mean.over, best.over) == ("the mean", "the best")
    assert mean.figures["accuracy"][0] == pytest.approx(1 / 3)
    assert best.figures["accuracy"] == pytest.approx((0, -0.2425, 0.2425), abs=1e-4)  # Wilson's 0 of 12
    assert best.meaning == "right, the best of them on these images"
    assert mean.times == best.times == (2.0, 2.0)
    assert (mean.shown("accuracy"), best.shown("accuracy")) == (True, False)


def test_each_alone_has_the_figures_that_it_has_by_itself(trained, pure) -> None:
    other = predictor(Colour(3), ("red", "green", "blue"))
    evaluation = saccade.evaluate([trained.run, other])
    alone = trained.run.evaluate()
    assert evaluation.split == alone.split
    for name, figure in alone.numbers().items():
        assert evaluation.standings[0].figures[name] == pytest.approx(figure, abs=1e-6)
    assert evaluation.images == alone.images


def test_views_are_compared_with_one_view(pure) -> None:
    evaluation = saccade.evaluate(predictor(Colour()), pure, views=Views(crops=10))
    assert [one.name for one in evaluation.standings] == ["a module of your own", "a module of your own, 10 crops"]
    (gain,) = evaluation.gains
    assert (gain.over, gain.figures["accuracy"][0], gain.times) == ("one view", 0, (10.0, 1.0))


def test_models_and_views_together_are_compared_with_either(pure) -> None:
    models = {"a": predictor(Colour()), "b": predictor(Colour(2))}
    evaluation = saccade.evaluate(Ensemble(models, views=Views(flips=True)), pure)
    assert [one.name for one in evaluation.standings] == ["a", "b", "2 models", "2 models, mirrored too"]
    assert [gain.over for gain in evaluation.gains] == ["the mean", "the best", "one view"]
    assert [(one.models, one.views) for one in evaluation.standings] == [(1, 1), (1, 1), (2, 1), (2, 2)]


def test_mirroring_gains_where_it_must() -> None:
    """Red lies at the left or at the right; only with its mirror image is a picture red at the left for sure."""
    images = np.zeros((8, 4, 4, 3), np.uint8)
    images[::2, :, 0, 0] = images[1::2, :, 3, 0] = 255
    images[..., 1] = 100
    model = predictor(Corner(), ("0", "1", "2"))
    evaluation = saccade.evaluate(model, (images, np.zeros(8, int)), views=Views(flips=True))
    one, both = evaluation.standings
    assert (one.figures["accuracy"][0], both.figures["accuracy"][0]) == (0.5, 1.0)
    assert evaluation.gains[0].figures["accuracy"][0] == 0.5


def test_the_same_model_twice_gains_nothing(trained) -> None:
    evaluation = saccade.evaluate([trained.run, trained.run.path])
    for gain in evaluation.gains:
        assert gain.figures["accuracy"][0] == 0
        assert not gain.shown("accuracy")
        others = [figure for name, figure in gain.figures.items() if name != "accuracy"]
        assert all(abs(end) < 1e-6 for figure in others for end in figure)


def test_few_images_that_tell_two_apart_show_nothing() -> None:
    """Four of forty better, none worse: the bootstrap alone would call that shown, McNemar's mid-p of 0.0625 does not.

    The picture is red at the left or all over; only its mirror image is taken for red."""
    images = np.zeros((40, 4, 4, 3), np.uint8)
    images[:4, :, 3, 0] = images[4:, ..., 0] = 255
    images[..., 1] = 100
    model = predictor(Corner(), ("0", "1", "2"))
    evaluation = saccade.evaluate(model, (images, np.zeros(40, int)), views=Views(flips=True))
    value, low, high = evaluation.gains[0].figures["accuracy"]
    assert value == pytest.approx(0.1)
    assert low <= 0 < high
    assert "no difference in accuracy shown (+10.00 points" in evaluation.verdicts()[0]


def test_no_run_is_written_to(trained) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in trained.run.path.iterdir()}
    saccade.evaluate([trained.run, trained.run])
    saccade.evaluate(trained.run, views=Views(crops=5))
    assert {path.name: path.stat().st_mtime_ns for path in trained.run.path.iterdir()} == before


def test_one_model_with_one_view_is_evaluated_as_ever(trained) -> None:
    assert not isinstance(saccade.evaluate([trained.run], views=Views()), EnsembleEvaluation)
    alone = saccade.evaluate(Ensemble({"a": trained.predictor}), trained.photos)
    assert (len(alone.standings), alone.gains) == (1, ())


def test_several_classes_at_once_are_judged_by_their_own_figures(pure) -> None:
    images, ids = pure
    models = [predictor(Colour(k), ("0", "1", "2"), task="multi_label") for k in (2, 4)]
    evaluation = saccade.evaluate(models, (images, [(int(one),) for one in ids]))
    assert evaluation.headline == "mean_average_precision"
    assert evaluation.gains[0].figures["mean_average_precision"] == (0, 0, 0)
    assert evaluation.numbers()["loss"] == pytest.approx(evaluation.standings[-1].figures["loss"])


def test_what_cannot_be_read_is_left_out_for_all(trained, tmp_path) -> None:
    for name in ("blue", "green", "red"):
        (tmp_path / name).mkdir()
        for number in range(3):
            Image.open(trained.photos / name / f"{number}.png").save(tmp_path / name / f"{number}.png")
    (tmp_path / "blue" / "0.png").write_bytes(b"")
    evaluation = saccade.evaluate(trained.run.best, tmp_path, views=Views(crops=5, scales=(1.0, 1.5)), batch_size=4)
    assert (evaluation.images, [one.key for one in evaluation.bad]) == (8, ["blue/0.png"])
    assert evaluation.judgement.to_dict()["images"] == 8


def test_it_can_be_told_in_every_way(pure) -> None:
    models = {"<a>": predictor(Colour()), "b": predictor(Always(0.2, 0.3, 0.5))}
    evaluation = saccade.evaluate(Ensemble(models), pure)
    told = json.loads(json.dumps(evaluation.to_dict()))
    assert [one["name"] for one in told["standings"]] == ["<a>", "b", "2 models"]
    assert told["standings"][2]["milliseconds"] == {"alone": 2.0, "in_batch": 1.0}
    assert told["gains"][0]["numbers"]["accuracy"].keys() == {"value", "low", "high"}
    assert told["gains"][1]["times_as_long"] == {"alone": 2.0, "in_batch": 2.0}
    assert "2 models" in str(evaluation)
    assert "&lt;a&gt;" in evaluation._repr_html_()


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ((0.012, 0.004, 0.02), "over a: accuracy rises by 1.20 points (0.40 to 2.00); a picture alone takes 3.0 times"),
        ((-0.012, -0.02, -0.004), "over a: accuracy falls by 1.20 points (0.40 to 2.00); a picture"),
        ((0.012, -0.001, 0.02), "over a: no difference in accuracy shown (+1.20 points, -0.10 to +2.00); a picture"),
        ((0.0, 0.0, 0.0), "over a: no difference in accuracy shown (+0.00 points, +0.00 to +0.00); a picture"),
    ],
)
def test_the_verdict_says_no_more_than_was_seen(pure, figure, said) -> None:
    evaluation = saccade.evaluate(predictor(Colour()), pure, views=Views(flips=True))
    gain = Gain("a", "a", {"accuracy": figure}, (3.0, 2.5))
    told = EnsembleEvaluation(evaluation.judgement, "test", 12, gains=(gain,)).verdicts()
    assert told[0].startswith(said)
    assert told[0].endswith("as long, one in a batch of 16 2.5 times")


@pytest.mark.bad_input
def test_models_must_have_held_out_the_same_images(quick, photos) -> None:
    runs = [quick(photos, out=f"run {seed}", seed=seed) for seed in (0, 1)]
    for models, data in ((runs, None), (runs, photos), ([runs[0], runs[1].best], None)):
        with pytest.raises(BadData, match=r"run 0 and run 1, which do not hold out the same images as 'test'"):
            saccade.evaluate(models, data)


@pytest.mark.bad_input
def test_there_must_be_something_to_judge_on(trained, tmp_path) -> None:
    with pytest.raises(BadData, match="got models and no data"):
        saccade.evaluate([trained.run.best, trained.run.best])
    (tmp_path / "red").mkdir()
    (tmp_path / "red" / "0.png").write_bytes(b"")
    with pytest.raises(BadData, match="no images to judge"):
        saccade.evaluate([trained.run.best, trained.run.best], tmp_path)
    with pytest.raises(BadData, match="did you mean 'test'"):
        saccade.evaluate([trained.run, trained.run], split="tset")
