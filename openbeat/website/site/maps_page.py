"""The map of all forces: each leads to its page, with the map of its neighbourhoods.

Only this page belongs here; maps are drawn in ``openbeat.website.maps``.
"""

from __future__ import annotations

from collections.abc import Iterator

from openbeat.website.language import gettext as _
from openbeat.website.maps import maps
from openbeat.website.site.source import File, Site, force_folder, render


def map_page(site: Site) -> Iterator[File]:
    """The page of the map: ``find/map.html``. Without shapes it is the list alone, and says so."""
    counts = dict(site.places.group_by("force_id").len().iter_rows())
    pages = {force: f"{force_folder(force)}/index.html" for force in site.forces}
    drawn = maps(site).forces
    # Beside this page, one folder up, in the same language.
    links = {force: (f"../{pages[force]}", name) for force, name in site.forces.items()}
    yield render(
        site,
        "map.html",
        "find/map.html",
        map=maps(site).all(links, _("Map of police forces")),
        forces=[
            {"name": name, "page": pages[force], "places": counts[force], "drawn": force in drawn}
            for force, name in site.forces.items()
        ],
    )
