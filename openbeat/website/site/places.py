"""The page of each neighbourhood, and its charts by themselves for other pages to embed.

Only choosing what is shown belongs here: figures are in ``place_facts``, sentences in ``lead``,
charts in ``place_charts``, looks in ``templates/site/place.html`` and ``embed.html``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from openbeat.release.content import LICENCE_URL
from openbeat.website import words
from openbeat.website.language import gettext as _
from openbeat.website.language import language
from openbeat.website.maps import maps
from openbeat.website.pages import json_block
from openbeat.website.site.lead import lead
from openbeat.website.site.place_area import ended
from openbeat.website.site.place_charts import place_charts, year_gaps
from openbeat.website.site.place_data import place_files
from openbeat.website.site.place_facts import place_facts
from openbeat.website.site.place_types import type_table
from openbeat.website.site.source import File, Site, is_main, place_path, render

if TYPE_CHECKING:
    from markupsafe import Markup

Facts = Mapping[str, Any]
_LINES: Final = 3
_DONE: Final = ("action_taken", "referred_partner")
_UNANSWERED: Final = "no_feedback_yet"


def pages(site: Site) -> Iterator[File]:
    """A page a neighbourhood, a page with its charts alone, and a page where one ended.

    With the pages of the first language come the files of ``place_data``: the facts of a place are
    worked out once for both, and those of 5,000 places are too much to keep.
    """
    names = _pages_by_id(site)
    files = place_files(site) if is_main(site) else None
    yield from _ended(site, names)
    for facts in place_facts(site):
        charts = place_charts(facts)
        address = facts["files"]["html"]
        shared = {"p": facts, "charts": charts, "files": facts["files"]}
        yield render(
            site,
            "place.html",
            address,
            **shared,
            lead=lead(facts),
            groups=_issues(facts),
            shown=_LINES,
            gaps=year_gaps(facts["stops_12m"], facts["area"]),
            outcome_gaps=year_gaps(facts["outcomes_12m"], facts["area"]),
            predecessors=_linked((facts["area"] or {}).get("predecessors", ()), facts, names),
            like=_alike(facts, names),
            forms=_forms(facts),
            types=type_table(facts) if facts["crime"]["total"] else "",
            logs="neighbourhood_profile" in site.tables,
            **_english(),
            cite=_citation(site, facts),
            linked_data=_linked_data(site, facts),
            locator=_locator(site, facts),
        )
        yield render(site, "embed.html", facts["files"]["embed"], **shared)
        if files:
            yield from files(facts)


def _pages_by_id(site: Site) -> dict[tuple[str, str], str]:
    """The page of each neighbourhood by force and id."""
    return {
        (force, place): place_path(force, stem)
        for frame in (site.ended, site.places)
        for force, place, stem in frame.select("force_id", "neighbourhood_id", "stem").iter_rows()
    }


def _ended(site: Site, names: Mapping[tuple[str, str], str]) -> Iterator[File]:
    """A page where a neighbourhood was that ended, with those that came after it."""
    for facts in ended(site.ended, site.tables["neighbourhoods"]):
        path = names[facts["force_id"], facts["neighbourhood_id"]]
        heirs = _linked(facts["successors"], facts, names)
        yield render(site, "place_ended.html", path, p=facts, successors=heirs)


def _linked(
    others: Iterable[Facts], facts: Facts, names: Mapping[tuple[str, str], str]
) -> list[dict[str, Any]]:
    """Other neighbourhoods of the force, each with the address of its page or None."""
    force = facts["force_id"]
    return [{**other, "page": names.get((force, other["id"]))} for other in others]


def _issues(facts: Facts) -> dict[str, list[dict[str, Any]]]:
    """Issues by what came of them: ``done``, ``not_done`` (and why), ``open``."""
    answered, still_open = facts["answered"], facts["open"]
    silent = [issue for issue in still_open if issue["status"] == _UNANSWERED]
    return {
        "done": [issue for issue in answered if issue["status"] in _DONE],
        "not_done": [*silent, *(i for i in answered if i["status"] not in _DONE)],
        "open": [issue for issue in still_open if issue["status"] != _UNANSWERED],
    }


def _english() -> dict[str, Markup]:
    """What stands before and after a text that somebody wrote in English, and the attribute."""
    from markupsafe import Markup

    if language() == "en":
        return dict.fromkeys(("en", "ne", "english"), Markup(""))
    return {
        "en": Markup('<span lang="en-GB">'),
        "ne": Markup("</span>"),
        "english": Markup(' lang="en-GB"'),
    }


def _forms(facts: Facts) -> list[tuple[str, str, str]]:
    """What forms ask about: its label, groups with their numbers, groups whose number is not shown.

    Which of those are kept back and which are not known is not told apart: it would tell too much
    of a place with few groups, and the notes below say what either means.
    """
    told = []
    for _code, rows in groupby(facts["heard"]["groups"], lambda row: row["characteristic"]):
        groups = list(rows)
        shown = [
            f"{g['category_label']} {words.figure(g['forms'], g['forms_status'])}"
            for g in groups
            if g["forms"] is not None
        ]
        kept = [g["category_label"] for g in groups if g["forms"] is None]
        told.append((groups[0]["characteristic_label"], "; ".join(shown), ", ".join(kept)))
    return told


def _alike(facts: Facts, names: Mapping[tuple[str, str], str]) -> list[dict[str, Any]]:
    """The places like this one, by name, each with the address of its page."""
    row = facts["similar"]
    if not row or not row["places"]:
        return []
    return [
        {**other, "page": names[other["force_id"], other["neighbourhood_id"]]}
        for other in row["like"]
    ]


def _citation(site: Site, facts: Facts) -> dict[str, str]:
    """What a citation says: the year, and the lasting address of this edition of the page."""
    edition = site.edition
    home = f"{site.base_url}/{edition.release_id}/site/" if site.base_url else ""
    return {
        "year": str(edition.as_of.year),
        "address": f"{home}{facts['files']['html']}" if home else "",
        "embed": site.address(facts["files"]["embed"]),
    }


def _linked_data(site: Site, facts: Facts) -> Markup:
    """The page's data for search engines: a schema.org ``Dataset`` about a ``Place``."""
    edition, files = site.edition, facts["files"]
    place = {
        "@type": "Place",
        "name": facts["neighbourhood_name"],
        "identifier": f"{facts['force_id']}/{facts['neighbourhood_id']}",
        "containedInPlace": {"@type": "Place", "name": facts["force_name"]},
    }
    said = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": f"{facts['neighbourhood_name']}, {facts['force_name']}: crime and engagement",
        "description": (
            "Crimes and anti-social behaviour published on police.uk by month, outcomes, what"
            " people asked for and what was done, for one police neighbourhood."
        ),
        "url": site.address(files["html"]) or _name(files["html"]),
        "license": LICENCE_URL,
        "isAccessibleForFree": True,
        "creator": {"@type": "Organization", "name": edition.publisher},
        "version": edition.release_id,
        "temporalCoverage": f"{facts['months'][0]}/{edition.month}",
        "dateModified": facts["as_of"],
        "spatialCoverage": place,
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": kind,
                "contentUrl": site.address(files[name]) or _name(files[name]),
            }
            for name, kind in (("csv", "text/csv"), ("json", "application/json"))
        ],
    }
    return json_block(said)


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _locator(site: Site, facts: Facts) -> Markup:
    """The place on the map among its neighbours; nothing where it has no shape."""
    title = _("%(place)s and the neighbourhoods around it") % {"place": facts["neighbourhood_name"]}
    return maps(site).locator(facts["force_id"], facts["neighbourhood_id"], title)
