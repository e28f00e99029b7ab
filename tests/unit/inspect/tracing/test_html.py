import base64
import hashlib
import html
import re

from saccade.inspect.tracing.html import write_frame, write_page
from saccade.inspect.tracing.panels import Box, Formula, Grid, Scene, Sum, Table
from saccade.inspect.tracing.trace import Step, Trace

HOSTILE = '<img src=x onerror="alert(1)">\''
PANELS = (
    Grid(((1, 2),), HOSTILE, HOSTILE),
    Scene((4, 4), (Box((0, 0, 1, 1), HOSTILE, HOSTILE),), HOSTILE),
    Table((HOSTILE,), ((HOSTILE,), (2.0,)), HOSTILE, (HOSTILE, "kept")),
    Sum((((1, 2),),), 2, HOSTILE),
    Formula((HOSTILE,), HOSTILE),
)
PAGE = write_page(Trace("t", HOSTILE, HOSTILE, (Step(HOSTILE, (PANELS,), HOSTILE),) * 2, None, HOSTILE))


def test_the_policy_lets_in_its_own_style_and_script_by_their_hashes():
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', PAGE)
    assert policy
    assert "default-src 'none'" in policy[1]
    for name in ("style", "script"):
        (content,) = re.findall(rf"<{name}>(.*?)</{name}>", PAGE, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy[1]


def test_strangers_text_is_shown_and_never_taken_as_markup():
    assert "<img" not in PAGE
    assert PAGE.count("<script>") == 1
    assert " style=" not in PAGE
    assert html.escape(HOSTILE, quote=False)[:20] in PAGE


def test_every_step_is_on_the_page_with_or_without_a_script():
    assert PAGE.count('<section class="step"') == 2
    assert '<div class="controls" role="group" aria-label="Steps" hidden>' in PAGE


def test_drawings_are_described_for_those_who_cannot_see_them():
    labels = re.findall(r'<svg [^>]*role="img" aria-label="([^"]*)"', PAGE)
    assert len(labels) == 4
    assert any("1 by 2: 1 2" in label for label in labels)


def test_a_frame_holds_the_page_as_an_attribute():
    frame = write_frame(Trace("t", "T", "", (Step("s", ((Formula(("1 = 1",)),),)),), None))
    srcdoc = re.search(r'srcdoc="([^"]*)"', frame)
    assert srcdoc
    assert html.unescape(srcdoc[1]).startswith("<!doctype html>")
