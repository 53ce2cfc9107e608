"""Finding a place: the search page, A to Z and the map.

What the browser searches is made in ``lookups``; the map's page is in ``maps_page``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

from openbeat.website.site.maps_page import map_page
from openbeat.website.site.source import File, Site, force_folder, place_path, render

ONE_PAGE: Final = 300
"""Names that fit on one page; with more, each letter has its own."""
OTHER: Final = "0–9"
"""Where a name is filed that begins with no letter."""
# Letters that no accent was put on: Unicode takes them for letters of their own.
_ALONE: Final = str.maketrans({"æ": "ae", "ø": "o", "œ": "oe", "ð": "d", "þ": "th", "ł": "l"})


def pages(site: Site) -> Iterator[File]:
    """The pages that find a place: ``find/index.html``, ``find/a-z*.html``, ``find/map.html``."""
    yield render(site, "find.html", "find/index.html", forces=_forces(site))
    yield from _a_to_z(site)
    yield from map_page(site)


def sort_key(name: str) -> str:
    """What a name is sorted by: neither capitals nor accents count, so ``Ŵ`` is beside ``W``."""
    plain = unicodedata.normalize("NFD", name.strip().casefold().translate(_ALONE))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def first_letter(name: str) -> str:
    """The capital letter that a name is filed under; ``OTHER`` for a name that begins with none.

    Quotation marks and brackets at its beginning do not count. The Welsh letters written with two
    signs (Ch, Dd, Ff, Ng, Ll, Ph, Rh, Th) are filed under their first: names of both languages
    stand in one list, in which Chester must not come after Cymer.
    """
    plain = sort_key(name).lstrip("'\"‘’“”([{ ")
    return plain[0].upper() if plain and "a" <= plain[0] <= "z" else OTHER


def _forces(site: Site) -> list[dict[str, Any]]:
    """Each force with its page and its number of neighbourhoods."""
    counts = dict(site.places.group_by("force_id").len().iter_rows())
    return [
        {"name": name, "path": f"{force_folder(force)}/index.html", "places": counts[force]}
        for force, name in site.forces.items()
    ]


def _a_to_z(site: Site) -> Iterator[File]:
    groups = _groups(site.places)
    one_page = site.places.height <= ONE_PAGE
    letters = [
        {"letter": group["letter"], "paged": not one_page,
         "href": f"#{group['id']}" if one_page else f"find/{group['id']}.html"}
        for group in groups
    ]  # fmt: skip

    def made(path: str, shown: Sequence[Mapping[str, Any]], letter: str) -> File:
        return render(site, "a_z.html", path, groups=shown, letters=letters, letter=letter)

    yield made("find/a-z.html", groups if one_page else (), "")
    if not one_page:
        for group in groups:
            yield made(f"find/{group['id']}.html", [group], group["letter"])


def _groups(places: pl.DataFrame) -> list[dict[str, Any]]:
    """The letters that begin a name, each with its places; those of like name by force."""
    twice = pl.len().over("force_id", "neighbourhood_name") > 1
    named = places.select(
        pl.when(twice)
        .then(pl.format("{} ({})", "neighbourhood_name", "neighbourhood_id"))
        .otherwise("neighbourhood_name")
        .alias("name"),
        "force_name",
        "force_id",
        "stem",
    )
    groups: dict[str, list[dict[str, str]]] = {}
    rows = sorted(named.iter_rows(), key=lambda row: (sort_key(row[0]), row[1], row[3]))
    for name, force, force_id, stem in rows:
        place = {"name": name, "force": force, "path": place_path(force_id, stem)}
        groups.setdefault(first_letter(name), []).append(place)
    return [
        {"letter": letter, "id": f"a-z-{'0' if letter == OTHER else letter.lower()}",
         "places": groups[letter]}
        for letter in sorted(groups)
    ]  # fmt: skip
