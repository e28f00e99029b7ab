import json
from types import SimpleNamespace

import pytest

import saccade
from saccade.api.ensembles.evaluation import EnsembleEvaluation, Gain, Standing
from saccade.api.ensembles.latency import Latency
from saccade.api.ensembles.views import Views
from saccade.metrics.robustness import Point, Robustness
from saccade.types.bad_file import BadFile


@pytest.fixture
def asked(monkeypatch):
    calls = []

    def evaluate(model, data=None, **arguments):
        calls.append((model, data, arguments))
        return SimpleNamespace(
            split="val",
            images=1234,
            note="there is no test split",
            bad=(BadFile("a.jpg", "got 3 bytes"),),
            judgement=None,
            numbers=lambda: {"top1_accuracy": (0.9, 0.85, 0.95)},
            to_dict=lambda: {"split": "val", "figures": {"top1_accuracy": [0.9, 0.85, 0.95]}},
        )

    monkeypatch.setitem(vars(saccade), "evaluate", evaluate)
    return calls


def test_the_figures_are_printed_with_their_intervals(saccade_command, asked):
    done = saccade_command("evaluate", "runs/a")
    assert done == (
        0,
        "1,234 images of the val split (there is no test split)\n"
        "figure          value  interval at 95 %\n"
        "top1 accuracy  0.9000  0.8500 to 0.9500\n",
        "saccade: left out a.jpg: got 3 bytes\n",
    )
    assert asked == [("runs/a", None, {"split": "test", "device": "auto", "batch_size": 64, "views": None})]


def test_the_words_become_arguments(saccade_command, asked):
    words = [
        "evaluate",
        "m.safetensors",
        "photos",
        "--split",
        "train",
        "--device",
        "cpu",
        "--batch-size",
        "8",
        "--json",
    ]
    done = saccade_command(*words)
    assert json.loads(done.out)["figures"] == {"top1_accuracy": [0.9, 0.85, 0.95]}
    assert asked == [("m.safetensors", "photos", {"split": "train", "device": "cpu", "batch_size": 8, "views": None})]


def told_together():
    """What several models leave, with a strange name among them."""
    figures = {"accuracy": (0.8, 0.7, 0.9), "loss": (0.5, 0.4, 0.6)}
    standings = tuple(Standing(name, 1, 1, figures, Latency(12.5, 3.25)) for name in ("a\n", "2 models"))
    gains = {"accuracy": (0.012, 0.004, 0.02), "loss": (-0.1, -0.2, 0.05)}
    gain = Gain("the mean", "the mean of the models alone", gains, (3.0, 2.5))
    judgement = SimpleNamespace(numbers=lambda: figures, to_dict=lambda: {"numbers": {}})
    return EnsembleEvaluation(judgement, "test", 1234, standings=standings, gains=(gain,))


def test_several_models_stand_beside_each_other_with_what_they_cost(saccade_command, monkeypatch):
    asked = []

    def evaluate(models, data, **arguments):
        asked.append((models, data, arguments["views"]))
        return told_together()

    monkeypatch.setitem(vars(saccade), "evaluate", evaluate)
    done = saccade_command("evaluate", "runs/a", "runs/b", "--ensemble", "--data", "photos", "--crops", "5", "--flips")
    assert asked == [(["runs/a", "runs/b"], "photos", Views(crops=5, flips=True))]
    assert done.out == (
        "1,234 images of the test split\n"
        "figure     value  interval at 95 %\n"
        "accuracy  0.8000  0.7000 to 0.9000\n"
        "loss      0.5000  0.4000 to 0.6000\n"
        "\n"
        "          accuracy  interval at 95 %  ms alone  ms in a batch\n"
        "a\\n         0.8000  0.7000 to 0.9000     12.50           3.25\n"
        "2 models    0.8000  0.7000 to 0.9000     12.50           3.25\n"
        "\n"
        "gain      over the mean\n"
        "accuracy  +0.0120 (+0.0040 to +0.0200)\n"
        "loss      -0.1000 (-0.2000 to +0.0500)\n"
        "\n"
        "over the mean of the models alone: accuracy rises by 1.20 points (0.40 to 2.00); "
        "a picture alone takes 3.0 times as long, one in a batch of 16 2.5 times\n"
    )


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a", "--ensemble"], "got --ensemble and one model"),
        (["a", "b", "c"], "add --ensemble if all of them are models"),
        (["a", "b", "--data", "c"], "got 'b' and --data"),
        (["a", "--crops", "7"], "got --crops '7'; taken are"),
        (["a", "--scales", "1,x"], "got --scales '1,x'"),
    ],
)
def test_words_that_do_not_go_together_are_refused(saccade_command, asked, words, said):
    done = saccade_command("evaluate", *words)
    assert (done.code, asked) == (2, [])
    assert said.split("; ")[0] in done.err


@pytest.mark.bad_input
def test_an_unknown_split_is_answered_with_the_nearest(saccade_command, asked):
    done = saccade_command("evaluate", "runs/a", "--split", "tset")
    assert (done.code, asked) == (2, [])
    assert "did you mean 'test'?" in done.err


@pytest.fixture
def disturbed(monkeypatch):
    calls = []
    points = (Point("noise", 0.1, (0.5, 0.4, 0.6)), Point("jpeg", 5, (float("nan"),) * 3))

    def robustness(model, data=None, **arguments):
        calls.append((model, data, arguments))
        return Robustness("top1_accuracy", (0.9, 0.85, 0.95), points, 200, 1234, 7)

    monkeypatch.setitem(vars(saccade), "robustness", robustness)
    return calls


def test_disturbed_pictures_are_judged_when_asked_for(saccade_command, asked, disturbed):
    done = saccade_command("evaluate", "runs/a", "--disturbed", "--images", "200", "--seed", "7")
    assert done.out.partition("\n\n")[2] == (
        "200 images, a sample of 1,234, disturbed\n"
        "disturbance  strength  top1 accuracy  interval at 95 %\n"
        "none                          0.9000  0.8500 to 0.9500\n"
        "noise             0.1         0.5000  0.4000 to 0.6000\n"
        "jpeg                5              –\n"
    )
    settings = {"images": 200, "seed": 7}
    assert disturbed == [("runs/a", None, {"split": "test", "settings": settings, "device": "auto", "batch_size": 64})]
    told = json.loads(saccade_command("evaluate", "runs/a", "photos", "--disturbed", "--json").out)
    assert told["disturbed"]["points"][0] == {"kind": "noise", "strength": 0.1, "value": 0.5, "low": 0.4, "high": 0.6}
    assert disturbed[1][:2] == ("runs/a", "photos")


def test_words_for_disturbed_pictures_go_with_one_model_alone(saccade_command, asked):
    assert "got --images without --disturbed" in saccade_command("evaluate", "runs/a", "--images", "5").err
    assert "several models or views" in saccade_command("evaluate", "runs/a", "--disturbed", "--flips").err
    assert "several models" in saccade_command("evaluate", "runs/a", "runs/b", "--ensemble", "--disturbed").err
    assert not asked
