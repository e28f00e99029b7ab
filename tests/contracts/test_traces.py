"""Every trace keeps the contract; the folder is walked: a new file in it is tested the moment it exists."""

from __future__ import annotations

import ast
import base64
import hashlib
import json
import math
import operator
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from saccade import catalog
from saccade.inspect.tracing.options import ROOM, options_of
from saccade.inspect.tracing.panels import Formula, Grid, Panel, Scene, Sum, Table
from saccade.inspect.tracing.trace import Step, Trace

NAMES = list(catalog.offers(ROOM))
LARGEST_PAGE = 2_000_000
VOID = {"meta", "link", "input"}
OPERATORS: dict[type, Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
}
FUNCTIONS: dict[str, Callable[..., float]] = {
    "max": max, "min": min, "abs": abs, "log": math.log, "exp": math.exp, "sqrt": math.sqrt,
}  # fmt: skip


@pytest.fixture(scope="module", params=NAMES)
def trace(request: pytest.FixtureRequest) -> Trace:
    return catalog.find(ROOM, request.param)()


def panels(trace: Trace) -> Iterator[Panel]:
    return (panel for step in trace.steps for row in step.panels for panel in row)


def test_a_trace_without_arguments_shows_a_small_example(trace: Trace) -> None:
    assert trace.name in NAMES
    assert trace.title
    assert trace.about
    assert trace.source
    assert trace.steps
    assert all(step.title and step.panels and all(step.panels) for step in trace.steps)


def test_two_runs_show_the_same(trace: Trace) -> None:
    again = catalog.find(ROOM, trace.name)()
    assert again.to_dict() == trace.to_dict()
    assert again.to_html() == trace.to_html()


def test_every_option_is_described_and_has_a_default(trace: Trace) -> None:
    options = options_of(trace.name)
    assert options
    assert all(option.about and option.default and option.kinds for option in options.values())


def test_grids_tables_and_scenes_are_whole(trace: Trace) -> None:
    for panel in panels(trace):
        if isinstance(panel, Grid):
            wide = len(panel.values[0])
            assert all(len(row) == wide for row in panel.values)
            assert panel.colour in ("plain", "signed", "grey")
            for cells in panel.marks.values():
                assert all(0 <= y < len(panel.values) and 0 <= x < wide for y, x in cells)
        elif isinstance(panel, Table):
            assert all(len(row) == len(panel.head) for row in panel.rows)
            assert len(panel.states) in (0, len(panel.rows))
        elif isinstance(panel, Scene):
            assert min(panel.size) > 0
            assert {box.state for box in panel.boxes} <= {"plain", "chosen", "kept", "dropped", "shade"}


def test_every_sum_of_products_is_its_result(trace: Trace) -> None:
    for panel in panels(trace):
        if isinstance(panel, Sum):
            assert sum(a * b for row in panel.rows for a, b in row) == pytest.approx(panel.result, rel=1e-12, abs=1e-12)


def test_three_grids_in_a_row_that_say_so_are_a_product(trace: Trace) -> None:
    """Window × kernel = products, cell by cell, where the signs between the grids say it."""
    for step in trace.steps:
        for row in step.panels:
            grids = [panel for panel in row if isinstance(panel, Grid)]
            if [panel.sign for panel in grids[1:3]] == ["×", "="]:
                taken = [grids[0].values[y][x] for y, x in sorted(grids[0].marked("window"))]
                weights, products = ([value for line in grid.values for value in line] for grid in grids[1:3])
                numbers = taken if len(taken) == len(weights) else taken * len(weights)
                for a, b, product in zip(numbers, weights, products, strict=True):
                    assert a is not None and b is not None and product == pytest.approx(a * b)  # noqa: PT018


def test_every_line_of_arithmetic_is_true(trace: Trace) -> None:
    lines = [line for panel in panels(trace) if isinstance(panel, Formula) for line in panel.lines]
    for line in lines:
        sides = [computed(side) for side in re.split("[=≈]", line)]
        numbers = [side for side in sides if side is not None]
        assert numbers, f"nothing to check in {line!r}"
        for one, other in pairwise(numbers):
            assert one == pytest.approx(other, rel=2e-3, abs=1e-4), line


def computed(text: str) -> float | None:
    """The value of a side of an equation; None for a name."""
    plain = text.rpartition(":")[2].replace("−", "-").replace("×", "*").replace("·", "*").replace("²", "**2").strip()
    try:
        return value_of(ast.parse(plain, mode="eval").body)
    except (SyntaxError, KeyError):
        return None


def value_of(node: ast.expr) -> float:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, int | float) else FUNCTIONS[""](0)
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](value_of(node.left), value_of(node.right))
    if isinstance(node, ast.UnaryOp):
        return OPERATORS[type(node.op)](value_of(node.operand))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return FUNCTIONS[node.func.id](*map(value_of, node.args))
    raise KeyError(ast.dump(node))


def test_the_output_fills_up_and_ends_as_the_result(trace: Trace) -> None:
    """Where the last grid of each step is called output, it only gains numbers, and ends as what the trace gives."""
    outputs = [panel for panel in panels(trace) if isinstance(panel, Grid) and panel.caption == "output"]
    known = [sum(value is not None for row in panel.values for value in row) for panel in outputs]
    assert known == sorted(known)
    if outputs and trace.steps[-1].title != "cut off":
        assert [list(row) for row in outputs[-1].values] == trace.result


def test_it_is_plain_values_that_json_can_hold(trace: Trace) -> None:
    values = trace.to_dict()
    assert json.loads(json.dumps(values, allow_nan=False)) == values


@pytest.mark.parametrize("width", [30, 80, 200])
def test_its_text_fits_the_terminal(trace: Trace, width: int) -> None:
    lines = trace.to_text(width).splitlines()
    assert "\x1b" not in "".join(lines)
    widest = max(len(line) for line in lines)
    assert widest <= max(width, 100), "a panel wider than a hundred columns cannot be read anywhere"
    assert re.sub(r"\x1b\[[\d;]*m", "", trace.to_text(width, colour=True)) == trace.to_text(width)


def test_its_drawing_is_bounded_well_formed_and_fetches_nothing(trace: Trace) -> None:
    drawing = trace.to_svg()
    tree = ET.fromstring(drawing)
    assert {item.tag.split("}")[1] for item in tree.iter()} <= {
        "svg", "title", "style", "g", "rect", "path", "text", "tspan", "symbol", "use", "image",
    }  # fmt: skip
    assert float(tree.get("width", "inf")) < 2000
    assert len(drawing) < 60_000
    assert not re.search(r"(href|src)=\"(?!#|data:)|url\(|@import", drawing)
    assert "var(" not in drawing


class Reader(HTMLParser):
    """The elements of a page, which must close in the order in which they open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_its_page_is_well_formed_and_asks_for_nothing(trace: Trace) -> None:
    page, reader = trace.to_html(), Reader()
    reader.feed(page)
    assert reader.open == []
    assert len(set(reader.ids)) == len(reader.ids)
    assert len(page) < LARGEST_PAGE
    attributes: list[tuple[str, Any]] = [pair for _, found in reader.seen for pair in found.items()]
    assert [name for name, _ in attributes if name == "style" or name.startswith("on")] == []
    links = [value for name, value in attributes if name in ("href", "src", "xlink:href", "srcset", "action")]
    assert all(link.startswith(("#", "data:")) for link in links)
    assert "url(" not in page
    assert "@import" not in page
    assert [tag for tag, _ in reader.seen].count("section") == len(trace.steps)


def test_its_policy_names_its_style_and_its_script(trace: Trace) -> None:
    page = trace.to_html()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert policy[1].startswith("default-src 'none';")
    for name in ("style", "script"):
        (content,) = re.findall(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy[1]
    assert "unsafe" not in policy[1]


def test_a_sum_that_is_wrong_would_be_noticed() -> None:
    wrong = Trace("t", "T", "", (Step("s", ((Formula(("2 × 3 = 7",)), Sum((((2.0, 3.0),),), 7.0)),)),), 7.0)
    with pytest.raises(AssertionError):
        test_every_sum_of_products_is_its_result(wrong)
    with pytest.raises(AssertionError):
        test_every_line_of_arithmetic_is_true(wrong)
