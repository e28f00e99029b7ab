import re

import pytest

from saccade.inspect.tracing.style import TEMPLATES, colours, fixed_rules, panel_rules, variables


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_every_number_can_be_read_on_its_ground(dark):
    table = colours(dark)
    grounds = ["paper", "raised", "sunken", *(f"{sign}{level}" for sign in "pm" for level in range(1, 7))]
    assert min(contrast(table["ink"], table[ground]) for ground in grounds) > 4.5
    assert min(contrast(table[ink], table["raised"]) for ink in ("faint", "mark", "kept")) > 4.5


def test_numbers_on_grey_can_be_read():
    greys = dict(re.findall(r"\.g(\d) \{ fill: (#\w+)", panel_rules()))
    assert len(greys) == 9
    for level, grey in greys.items():
        assert contrast("#1c2126" if int(level) > 4 else "#ffffff", grey) > 4.5


def test_both_shades_name_the_same_colours_and_every_rule_uses_one_of_them():
    assert colours(False).keys() == colours(True).keys()
    rules = panel_rules() + (TEMPLATES / "trace.css").read_text(encoding="utf-8")
    assert set(re.findall(r"var\(--(\w+)\)", rules)) <= colours(False).keys()
    assert "--ink: #1c2126;" in variables(False)


def test_fixed_rules_hold_no_variables_and_both_shades():
    rules = fixed_rules(panel_rules())
    assert "var(" not in rules
    assert rules.count("@media (prefers-color-scheme: dark)") == 1
    assert colours(True)["mark"] in rules
