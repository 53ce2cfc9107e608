"""The front door of a store of releases: a page that leads to the website of the newest one.

A release never changes, so its pages lie under its own id. Where the store has links ``latest/``
leads to them too; a store of objects has none, and this page is the address that lasts.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Final

from openbeat.release.integrity import SITE_FOLDER
from openbeat.release.listing import Release

FRONT: Final = "index.html"
_OURS: Final = '<meta name="generator" content="openbeat front door">'


def is_ours(text: bytes) -> bool:
    """Whether a page was written by ``front_page``; any other is its owner's, and stays."""
    return _OURS.encode() in text


def front_page(root: Path, newest: Release | None, publisher: str) -> str | None:
    """The text of the page.

    Args:
        root: The store.
        newest: The release that ``latest.json`` names; None where there is none.
        publisher: Who publishes.

    Returns:
        HTML that asks for nothing and needs no script; None where there is no website to go to.
    """
    if newest is None or not (root / newest.path / SITE_FOLDER / FRONT).is_file():
        return None
    page = f"{newest.path}/{SITE_FOLDER}{FRONT}"
    return (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{_OURS}\n"
        f'<meta http-equiv="refresh" content="0; url={page}">\n'
        f"<title>{escape(publisher)}</title>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(publisher)}</h1>\n"
        f'<p><a href="{page}">Go to the newest release, {newest.id}</a></p>\n'
        "</main>\n</body>\n</html>\n"
    )
