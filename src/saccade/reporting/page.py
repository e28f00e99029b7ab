"""What all pages of reporting share: styles inside the page, known to its content policy, and a file that is whole.

Source: ours.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from markupsafe import Markup

from saccade.weights.files import write_whole

TEMPLATES = Path(__file__).parent / "templates"


def page_style(*names: str) -> tuple[Markup, str]:
    """Read style sheets that stand in a page itself.

    Args:
        names: Files in `templates`, in the order in which they apply.

    Returns:
        Their text, and the hash by which a content policy allows it (base64 of its sha256).

    Source: W3C, Content Security Policy Level 3, section 2.3.1.

    Example:
        >>> style, digest = page_style("card.css")
        >>> len(digest)
        44
    """
    return _inside(names)


def page_script(*names: str) -> tuple[Markup, str]:
    """Read scripts that stand in a page itself.

    Args:
        names: Files in `templates`, in the order in which they run.

    Returns:
        Their text, and the hash by which a content policy allows it (base64 of its sha256).

    Source: W3C, Content Security Policy Level 3, section 2.3.1.

    Example:
        >>> script, digest = page_script("explanation.js")
        >>> len(digest)
        44
    """
    return _inside(names)


def _inside(names: tuple[str, ...]) -> tuple[Markup, str]:
    text = Markup("".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names))  # noqa: S704
    return text, base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def write_page(text: str, path: Path) -> Path:
    """Write a page as one file, whole or not at all.

    Args:
        text: The page.
        path: The file.

    Returns:
        The same path.

    Source: ours.
    """
    page = text.encode("utf-8", "replace")
    write_whole(path, lambda file: file.write(page))
    return path
