import xml.etree.ElementTree as ET

from saccade.inspect.tracing.panels import Box, Formula, Grid, Scene, Table
from saccade.inspect.tracing.svg import spread
from saccade.inspect.tracing.trace import Step, Trace

NAMES = {"svg": "http://www.w3.org/2000/svg"}
HOSTILE = '</style><script>alert("x")</script>'


def strip(steps, frames=6, columns=2):
    return ET.fromstring(Trace("t", HOSTILE, "About. " * 30, tuple(steps), None).to_svg(frames, columns=columns))


def test_frames_are_spread_from_the_first_to_the_last():
    assert spread(3, 6) == [0, 1, 2]
    assert spread(100, 5) == [0, 25, 50, 74, 99]
    assert spread(10, 1) == [9]


def test_a_strip_holds_its_frames_and_grows_with_them():
    steps = [Step(f"{n}", ((Grid(((n, 2),), "input"), Formula(("1 = 1",), "why", "=")),)) for n in range(9)]
    two, eight = strip(steps, 2), strip(steps, 8)
    assert len(two.findall(".//svg:rect[@class='card']", NAMES)) == 2
    assert float(eight.get("height", 0)) > 2 * float(two.get("height", 0))
    assert float(strip(steps, 8, columns=4).get("width", 0)) > float(eight.get("width", 0))


def test_nothing_in_a_strip_runs_or_is_fetched():
    panels = (Scene((4, 4), (Box((0, 0, 1, 1), HOSTILE, HOSTILE),), HOSTILE), Table((HOSTILE,), ((HOSTILE,),), HOSTILE))
    tree = strip([Step(HOSTILE, (panels,), HOSTILE)])
    assert {item.tag.split("}")[1] for item in tree.iter()} <= {
        "svg",
        "title",
        "style",
        "g",
        "rect",
        "text",
        "path",
        "tspan",
    }
    assert tree.findtext("svg:title", namespaces=NAMES) == HOSTILE
