"""Style, scripts and icon: the files of ``static/`` as the pages name them.

Only copying belongs here; nothing is built.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from openbeat.website.site.source import File, Site

STATIC: Final = Path(__file__).parents[1] / "static"
STYLE: Final = ("site.css", "charts.css", "finder.css", "compare.css", "place.css")
"""What ``assets/site.css`` is made of, in this order."""


def data(site: Site) -> Iterator[File]:
    """The style sheet, the scripts and the icon: ``assets/...``."""
    yield File("assets/site.css", "".join(_text(name) for name in STYLE))
    yield File("assets/favicon.svg", _text("favicon.svg"))
    yield from (
        File(f"assets/{file.name}", _text(file.name)) for file in sorted(STATIC.glob("*.js"))
    )


def _text(name: str) -> str:
    file = STATIC / name
    return file.read_text("utf-8") if file.is_file() else ""
