"""The first page: what this is, how to find a place, the forces, what is new, how to use the data.

Only what that page says belongs here. Forces are in the order of their names, never of a figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from openbeat.website.site.language_page import language_page
from openbeat.website.site.release_facts import new_answers, new_month
from openbeat.website.site.source import File, Site, force_folder, render

_SUPPLIED: Final = ("submitted", "partial_suspected")


def pages(site: Site) -> Iterator[File]:
    """The first page of the website, and the one that says what is not translated."""
    forces, others = forces_of(site)
    yield render(
        site,
        "home.html",
        "index.html",
        forces=forces,
        others=others,
        new=new_month(site),
        answers=new_answers(site),
    )
    if len(site.settings.languages) > 1:
        yield language_page(site)


def forces_of(site: Site) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The forces of the release, by name.

    Returns:
        Those with neighbourhoods, and those without any here; of each ``name``, ``folder`` (of
        its pages), ``places`` (how many neighbourhoods), ``newest`` (the newest month of street
        level crime that it supplied, None where it supplied none) and ``partial`` (whether that
        one looks partial).
    """
    supplied = _supplied(site)
    places = dict(site.places.group_by("force_id").len().iter_rows())
    names = {**{force: row["name"] for force, row in supplied.items()}, **site.forces}
    rows = [
        {
            "name": name,
            "folder": force_folder(force_id),
            "places": places.get(force_id, 0),
            "newest": supplied.get(force_id, {}).get("month"),
            "partial": supplied.get(force_id, {}).get("coverage") == "partial_suspected",
        }
        for force_id, name in sorted(names.items(), key=lambda pair: (pair[1].casefold(), pair[0]))
    ]
    return [row for row in rows if row["places"]], [row for row in rows if not row["places"]]


def _supplied(site: Site) -> dict[str, dict[str, Any]]:
    """By force: its name, and the newest month of street-level crime that it supplied."""
    if "coverage" not in site.tables:
        return {}
    street = site.tables["coverage"].filter(pl.col("dataset") == "street").sort("month")
    came = street.filter(pl.col("coverage").is_in(_SUPPLIED))
    newest = came.group_by("force_id").agg(pl.col("month", "coverage").last())
    named = street.group_by("force_id").agg(pl.col("force_name").last().alias("name"))
    rows = named.join(newest, on="force_id", how="left").sort("force_id")
    return {row["force_id"]: row for row in rows.iter_rows(named=True)}
