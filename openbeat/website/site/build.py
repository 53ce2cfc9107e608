"""The website of a release, written into it part by part.

Only the order of the parts belongs here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from openbeat.release.files import write_text
from openbeat.website.language import using
from openbeat.website.site import (
    about,
    find,
    forces,
    home,
    lookups,
    machine,
    measures,
    places,
    release_pages,
    static,
)
from openbeat.website.site.source import ROOT, File, Part, Site

PAGES: tuple[Part, ...] = (
    home.pages,
    find.pages,
    forces.pages,
    places.pages,
    measures.pages,
    release_pages.pages,
    about.pages,
)
"""What is made in every language; the data of places and forces with the first."""
DATA: tuple[Part, ...] = (lookups.data, static.data, machine.data)
"""What is made once: style, what finds a place, what machines read."""


def write_site(site: Site, folder: Path) -> Iterator[str]:
    """Write the website of a release.

    The same release gives the same bytes.

    Args:
        site: The release.
        folder: Of the release; the website is ``site`` in it.

    Yields:
        The path, in the release, of each file written.

    Raises:
        InputError: The postcode file cannot be used.
        ValueError: Two parts write the same file; that is a fault of theirs.
    """
    writers: dict[str, str] = {}
    for writer, file in _files(site):
        path = f"{ROOT}/{file.path}"
        # Where the system takes "A" and "a" for the same, one would take the other's place.
        if other := writers.get(path.casefold()):
            raise ValueError(f"{path} is written twice: by {other} and by {writer}")
        writers[path.casefold()] = writer
        if isinstance(file.content, bytes):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(file.content)
        else:
            write_text(folder / path, file.content)
        yield path


def _files(site: Site) -> Iterator[tuple[str, File]]:
    """Every file, with the name of the part that it comes from."""
    made: list[str] = []
    for code in site.settings.languages:
        with using(code):
            for part in PAGES:
                for file in part(site):
                    made.append(file.path)
                    yield _named(part), file
    for part in DATA:
        for file in part(site):
            yield _named(part), file
    for file in machine.sitemap(site, made):
        yield _named(machine.sitemap), file


def _named(part: Callable[..., Iterable[File]]) -> str:
    return f"{part.__module__}.{part.__qualname__}"
