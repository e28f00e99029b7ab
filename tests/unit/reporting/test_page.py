"""Pages carry their styles, and are written whole."""

from __future__ import annotations

import base64
import hashlib

from saccade.reporting.page import TEMPLATES, page_style, write_page


def test_styles_follow_each_other_and_the_hash_is_of_all_of_them():
    style, digest = page_style("card.css", "check_page.css")
    assert style == (TEMPLATES / "card.css").read_text() + (TEMPLATES / "check_page.css").read_text()
    assert base64.b64decode(digest) == hashlib.sha256(style.encode()).digest()


def test_a_page_may_hold_what_is_no_text_and_leaves_nothing_beside_it(tmp_path):
    assert write_page("a\udcffb", tmp_path / "page.html") == tmp_path / "page.html"
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("page.html", b"a?b")]
