"""Methodology, policies, data dictionary, accessibility statement, privacy, how to cite.

Only what these pages are told belongs here; their words are in the templates.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from openbeat.disclosure.policy import GUARDED, load_policy
from openbeat.release.revisions import TABLE
from openbeat.website.language import gettext as _
from openbeat.website.site.release_facts import revision_kinds
from openbeat.website.site.release_pages import citation
from openbeat.website.site.source import File, Site, render

if TYPE_CHECKING:
    from markupsafe import Markup

    from openbeat.contract import Contract

LOGS: Final = "you_said_we_did"
"""A release that was made with engagement logs has this table."""
DISCLOSURE: Final = "disclosure.json"
STATUSES: Final = "value_statuses"
"""The code list of the columns ``<number>_status``."""


def pages(site: Site) -> Iterator[File]:
    """The pages about the website and its data."""
    told: dict[str, Any] = {
        "contact": _contact(site),
        "policy": policy(site),
        "logs": LOGS in site.tables,
        "disclosed": DISCLOSURE in site.sizes,
        "cite": citation(site),
        "kinds": revision_kinds(),
    }
    for name in ("methodology", "policies", "accessibility", "privacy", "cite"):
        yield render(site, f"{name}.html", f"about/{name}.html", **told)
    yield render(site, "about.html", "about/index.html", **told)
    described = published(site)
    lists = _lists(site, described)
    yield render(
        site,
        "dictionary.html",
        "about/dictionary.html",
        tables=described,
        absent=_absent(site),
        statuses=statuses(),
        kinds=_type_names(),
        # What a status means is said once, at the top.
        lists={entry["id"] for entry in lists} - {STATUSES},
        breakable=breakable,
    )
    yield render(site, "codes.html", "about/codes.html", lists=lists, breakable=breakable)


def breakable(name: str) -> Markup:
    """A code or a name of a column that may break after an underscore, on a narrow screen."""
    from markupsafe import Markup, escape

    return escape(name).replace("_", Markup("_<wbr>"))


def policy(site: Site) -> dict[str, int]:
    """The numbers of the policy of disclosure control: that of the release, else the shipped one.

    Returns:
        ``default`` and ``guarded`` (the fewest people behind a number; the least of the guarded
        characteristics), ``settle`` (days after a quarter), ``revise`` (months after a year).
    """
    report = site.read_json(DISCLOSURE)
    used = report["policy"] if report else load_policy().model_dump(mode="json")
    thresholds = used["thresholds"]
    return {
        "default": thresholds["default"],
        "guarded": min(thresholds.get(name, thresholds["default"]) for name in GUARDED),
        "settle": used["settle_days"],
        "revise": used["revise_after_months"],
    }


def published(site: Site) -> list[Contract]:
    """The contracts of the tables of the release, its revisions among them, by title."""
    there = {*site.tables, TABLE} & site.contracts.keys()
    return sorted((site.contracts[name] for name in there), key=lambda c: c.title.casefold())


def _absent(site: Site) -> list[str]:
    """The titles of tables that a release can have and this one has not."""
    there = {*site.tables, TABLE}
    return sorted(c.title for c in site.contracts.values() if c.published and c.table not in there)


def statuses() -> list[tuple[str, str]]:
    """Status of a number and its meaning; the empty one first."""
    return [
        ("", _("The number is as it was supplied or counted; 0 is a true 0.")),
        ("x", _("Not available: not supplied, not computable, or not published yet. Empty.")),
        ("z", _("Not applicable: there is no such number. Empty.")),
        (
            "c",
            _(
                "Confidential: kept back so that nobody can be recognised. It says nothing of how"
                " large the number is. Empty."
            ),
        ),
        ("u", _("Low reliability: the force supplied part of the month. Not for comparing.")),
        ("p", _("Provisional: it stands for now.")),
        ("r", _("Revised.")),
    ]


def _type_names() -> dict[str, str]:
    """Type of a column, as contracts have it, to its name."""
    return {
        "string": _("text"),
        "integer": _("whole number"),
        "number": _("number"),
        "boolean": _("true or false"),
        "date": _("date"),
        "month": _("month"),
        "moment": _("moment"),
    }


def _lists(site: Site, described: list[Contract]) -> list[dict[str, Any]]:
    """Each code list: id, name, path, columns, rows, and the columns that use it."""
    used: dict[str, list[tuple[str, str]]] = {}
    for contract in described:
        for column in contract.columns:
            if column.published and column.codelist:
                used.setdefault(column.codelist, []).append((contract.table, column.name))
    # A status stands beside every number: a list of them all would say nothing.
    used.pop(STATUSES, None)
    return [
        {
            "id": name,
            "name": name.replace("_", " ").capitalize(),
            "path": f"codelists/{name}.csv",
            "columns": frame.columns,
            "rows": frame.rows(),
            "used": used.get(name, []),
        }
        for name, frame in sorted(site.codelists.items())
    ]


def _contact(site: Site) -> dict[str, Any]:
    """Whom to write to: ``named`` (whether there is anybody) and ``link``, escaped."""
    parts = [*_links(site)]
    return {"named": bool(parts), "link": _joined(parts)}


def _links(site: Site) -> Iterator[Markup]:
    from markupsafe import Markup, escape

    from openbeat.website.pages import link

    name, email, url = (site.contact.get(key, "") for key in ("name", "email", "url"))
    if url:
        yield link(url, name or url)
    elif name and email:
        yield escape(name)
    if email:
        yield Markup('<a href="mailto:{0}">{0}</a>').format(email)


def _joined(parts: list[Markup]) -> Markup:
    from markupsafe import Markup

    return Markup(", ").join(parts)
