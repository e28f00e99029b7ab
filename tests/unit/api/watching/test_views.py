import io
import sys
import types

import pytest

from saccade.api.watching.views import Lines, Live, Page, pick_view


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def no_notebook(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_a_plain_python_that_has_loaded_ipython_gets_no_page(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: None))
    assert isinstance(pick_view(io.StringIO()), Lines)


def test_a_terminal_gets_a_bar_and_anything_else_lines(monkeypatch):
    assert isinstance(pick_view(Terminal()), Live)
    assert isinstance(pick_view(io.StringIO()), Lines)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(pick_view(Terminal()), Lines)


def test_nowhere_gets_nothing():
    assert pick_view(None) is None


def test_a_page_keeps_its_lines_and_escapes_them():
    pages = []
    page = Page(lambda *_, display_id: types.SimpleNamespace(update=pages.append) if display_id else None, str)
    page.line("<b>")
    page.line("second")
    page.close()
    assert "<div>&lt;b&gt;</div><div>second</div>" in pages[-1]


def test_phrases_flow_into_lines_that_fit():
    from saccade.api.watching.views import _flowed

    assert _flowed(["aaa", "bbb", "cc", "a long phrase"], 9) == ["aaa · bbb", "cc", "a long phrase"]
