"""An extension of Griffe: show the sections of a docstring that Google's style does not know.

`Example:` becomes its `Examples:`, so that the lines with `>>>` are shown as code; `Source:`, `Deviates:` and
`Taught:` become paragraphs with their name in bold.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

OWN = re.compile(r"^(Source|Deviates|Taught): (?=\S)", re.MULTILINE)


class DocstringSections(griffe.Extension):
    """Rewrite each docstring before it is parsed."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of one object."""
        if obj.docstring:
            text = re.sub(r"^Example:$", "Examples:", obj.docstring.value, flags=re.MULTILINE)
            obj.docstring.value = OWN.sub(r"**\1:** ", text)
