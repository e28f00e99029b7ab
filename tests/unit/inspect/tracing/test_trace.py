import json

import pytest

from saccade.errors import BadConfig
from saccade.inspect.tracing.panels import Formula
from saccade.inspect.tracing.trace import Step, Trace

STEPS = tuple(Step(f"step {n}", ((Formula((f"{n} + 1 = {n + 1}",)),),), "One more.") for n in range(5))
TRACE = Trace("count", "Counting", "One after the other.", STEPS, 5, "ours")


def test_a_trace_is_plain_values():
    values = TRACE.to_dict()
    assert values["steps"][4]["panels"][0][0] == {"kind": "formula", "lines": ["4 + 1 = 5"], "caption": "", "sign": ""}
    assert json.loads(json.dumps(values)) == values


def test_a_trace_writes_itself_in_every_way():
    assert "3 of 5 · step 2" in TRACE.to_text()
    assert TRACE.to_svg(3).count(" of 5 · step") == 3
    assert TRACE.to_html().count('<section class="step"') == 5


def test_a_notebook_shows_it_in_a_frame_of_its_own():
    frame = TRACE._repr_html_()
    assert frame.startswith('<iframe srcdoc="<!doctype html>')
    assert 'sandbox="allow-scripts"' in frame


@pytest.mark.bad_input
def test_a_strip_without_frames_is_refused():
    with pytest.raises(BadConfig, match="frames=0"):
        TRACE.to_svg(0)
    with pytest.raises(BadConfig, match="columns=0"):
        TRACE.to_svg(columns=0)
