"""What is said of two models: the sentence, the numbers, the words of a terminal and of a notebook."""

from __future__ import annotations

import json
import math
from dataclasses import replace

from saccade.api.comparisons.comparison import Comparison, Pair, Standing, figure_text, p_text
from saccade.metrics.comparison import Effect
from saccade.metrics.mcnemar import McNemar
from saccade.types.bad_file import BadFile

FIGURES = {"accuracy": (0.9, 0.85, 0.95), "loss": (0.3, 0.2, 0.4)}
SHOWN = Pair(
    "a<b>", "c", "accuracy", Effect(-0.05, -0.08, -0.02, 0.01, McNemar(9, 1, 0.021, 0.012)), 0.01, 0.03,
    {"loss": (0.1, 0.05, 0.15)},
)  # fmt: skip
NOT_SHOWN = replace(SHOWN, effect=Effect(0.01, -0.02, 0.04, 0.5), p=0.5)
ONE = Standing("a<b>", ("a<b>",), (0,), (0.9,), (FIGURES,))
SEVERAL = Standing("c", ("c0", "c1"), (0, 1), (0.84, 0.88), (FIGURES, FIGURES))


def made(*pairs: Pair) -> Comparison:
    return Comparison(
        (ONE, SEVERAL), pairs, "accuracy", "test", 1234, ("mind the gap",), (BadFile("x.png", "got 3 bytes"),)
    )


def test_the_better_one_is_named_with_what_it_is_better_by() -> None:
    assert SHOWN.better == "a<b>"
    assert SHOWN.verdict(100) == "a<b> is better in accuracy, by 0.0500 (0.0200 to 0.0800), p 0.010"
    assert replace(SHOWN, effect=Effect(0.05, 0.02, 0.08, 0.01)).better == "c"


def test_of_a_loss_the_lower_one_is_better() -> None:
    pair = replace(SHOWN, figure="calibration_error")
    assert pair.better == "c"
    assert pair.verdict(100).startswith("c is better in calibration error, by 0.0500")


def test_no_difference_is_not_called_equal_and_it_is_said_which_one_would_show() -> None:
    said = NOT_SHOWN.verdict(1234)
    assert said == (
        "no difference shown in accuracy: c less a<b> is +0.0100 (-0.0200 to +0.0400), p 0.500; "
        "1,234 images would most likely show a difference of 0.0300 or more"
    )
    assert "equal" not in said
    assert NOT_SHOWN.better == ""
    few = replace(NOT_SHOWN, detectable=math.nan).verdict(3)
    assert few.endswith("3 images are too few to show any")


def test_a_figure_without_meaning_is_not_spoken_of_in_numbers() -> None:
    none = replace(NOT_SHOWN, effect=Effect(math.nan, math.nan, math.nan, math.nan), p=1.0)
    assert none.verdict(5) == "no difference shown: these images give no accuracy"


def test_the_verdict_follows_the_corrected_p() -> None:
    assert not replace(SHOWN, p=0.051).shown
    assert replace(SHOWN, p=0.05).shown


def test_a_model_of_several_runs_stands_by_their_mean_and_range() -> None:
    assert ONE.interval("accuracy") == "0.8500 to 0.9500"
    assert SEVERAL.value == 0.86
    assert SEVERAL.interval("accuracy") == "0.8400 to 0.8800, the 2 runs"


def test_everything_fits_into_json() -> None:
    values = json.loads(json.dumps(made(SHOWN, NOT_SHOWN).to_dict(), allow_nan=False))
    assert (values["images"], values["figure"], values["notes"]) == (1234, "accuracy", ["mind the gap"])
    first, second = values["pairs"]
    assert (first["shown"], first["better"], first["mcnemar"]["only_first"]) == (True, "a<b>", 9)
    assert (second["shown"], second["better"], "mcnemar" in second) == (False, None, False)
    assert first["other_figures"]["loss"] == {"value": 0.1, "low": 0.05, "high": 0.15}
    assert [run["seed"] for run in values["models"][1]["runs"]] == [0, 1]
    assert values["bad"][0]["key"] == "x.png"


def test_it_can_be_read_on_a_terminal() -> None:
    assert str(made(SHOWN)).splitlines() == [
        "1,234 images of the test split, the same for all",
        "  a<b>  accuracy 0.9000  (0.8500 to 0.9500)",
        "  c     accuracy 0.8600  (0.8400 to 0.8800, the 2 runs)",
        "a<b> is better in accuracy, by 0.0500 (0.0200 to 0.0800), p 0.010",
        "note: mind the gap",
    ]
    assert made(SHOWN, NOT_SHOWN).verdicts()[0].startswith("a<b> and c: a<b> is better")
    assert made(SHOWN, NOT_SHOWN).shown == (SHOWN,)


def test_names_of_strangers_are_escaped_in_a_notebook() -> None:
    page = made(SHOWN)._repr_html_()
    assert "a<b>" not in page
    assert "a&lt;b&gt;" in page
    assert page.startswith("<table>")


def test_numbers_are_written_with_their_sign() -> None:
    assert figure_text((math.nan, math.nan, math.nan)) == "– (– to –)"
    assert p_text(0.0005) == "below 0.001"
