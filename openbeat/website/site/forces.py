"""The page of each force, and its neighbourhoods side by side.

Only putting pages together belongs here: the figures are in ``force_facts`` and ``force_rows``,
the files beside the pages in ``force_data``, the words in ``templates/site``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from openbeat.website import charts, words
from openbeat.website.charts.line import spans
from openbeat.website.language import gettext as _
from openbeat.website.packs.facts import Facts
from openbeat.website.site import force_rows as side
from openbeat.website.site.coverage_facts import GAPS, state_names
from openbeat.website.site.force_data import compare_data, force_data
from openbeat.website.site.force_facts import DATASETS, force_facts
from openbeat.website.site.force_rows import Figure, force_rows
from openbeat.website.site.place_charts import about, outcome_caveats
from openbeat.website.site.place_counts import reason
from openbeat.website.site.place_facts import place_facts
from openbeat.website.site.release_facts import dataset_names
from openbeat.website.site.source import File, Site, force_folder, is_main, place_path, render

if TYPE_CHECKING:
    from markupsafe import Markup

_ENGAGEMENT: Final = ("engagement_events", "you_said_we_did", "neighbourhood_profile")


def pages(site: Site) -> Iterator[File]:
    """The pages of each force; with those of the first language, the files beside them.

    ``places/<force>/index.html`` of every force that has neighbourhoods or reports, with ``.csv``,
    ``.csv-metadata.json`` and ``.json``; ``compare`` with the same endings where it has any.
    """
    rows = _rows_by_force(site)
    links = {force_id: f"{force_folder(force_id)}/index.html" for force_id in force_facts(site)}
    for force_id, facts in force_facts(site).items():
        yield _force_page(site, facts, rows.get(force_id, []), links)
        if facts["places"]:
            yield _compare_page(site, facts, rows[force_id])
    if is_main(site):
        yield from force_data(site)
        yield from compare_data(site)


def _rows_by_force(site: Site) -> dict[str, list[Facts]]:
    parts = force_rows(site).partition_by("force_id", as_dict=True, maintain_order=True)
    return {str(force_id): part.to_dicts() for (force_id,), part in parts.items()}


def _force_page(site: Site, facts: Facts, rows: Sequence[Facts], links: Mapping[str, str]) -> File:
    force_id = facts["force_id"]
    folder = force_folder(force_id)
    return render(
        site,
        "force.html",
        f"{folder}/index.html",
        f=facts,
        places=[{"name": row["neighbourhood_name"], "path": _place(row)} for row in rows],
        map=_map(site, facts, rows),
        series=_series(facts),
        outcome_chart=_outcome_chart(facts),
        outcome_caveats=outcome_caveats(),
        supplied=_supplied(facts),
        folder=folder,
        whole=_whole(site, force_id),
        logs=[name for name in _ENGAGEMENT if name in site.tables],
        contact=site.edition.contacts.get(force_id),
        files=_files(site, force_id),
        packs=f"{site.edition.release_id}.packs/{words.file_name(force_id)}/index.html",
        links=links,
    )


def _place(row: Facts) -> str:
    return place_path(row["force_id"], row["stem"])


def _whole(site: Site, force_id: str) -> Facts:
    """The engagement of the force as a whole: of no one place, or not to be shown by place."""
    return place_facts(site).whole_force(force_id)


def _series(facts: Facts) -> list[Facts]:
    """Crime and anti-social behaviour of its neighbourhoods, each a chart with its table."""
    if facts["area"] is None:
        return []
    name, months = facts["force_name"], facts["months"]
    cells = facts["coverage"]["street"]["cells"]
    titles = {
        "crime_total": _("Crimes published on police.uk, by month"),
        "antisocial_behaviour": _("Anti-social behaviour published on police.uk, by month"),
    }
    made = []
    for measure, title in titles.items():
        one = facts["area"][measure]
        why = [
            reason(cell, name) if status else None
            for cell, status in zip(cells, one["statuses"], strict=True)
        ]
        drawn = (months, one["values"], one["statuses"])
        made.append(
            {
                **one,
                "id": measure,
                "title": title,
                "caveats": [about("crime" if measure == "crime_total" else "asb")],
                "svg": charts.line(f"{title}, {name}", *drawn),
                "key": charts.key(*drawn, reasons=why),
                "rows": list(zip(months, one["values"], one["statuses"], why, strict=True)),
            }
        )
    return made


def _outcome_chart(facts: Facts) -> Markup | None:
    groups = facts["outcomes"]["groups"]
    if not groups:
        return None
    return charts.rows(
        _("Outcomes recorded by %(force)s") % {"force": facts["force_name"]},
        [row["label"] for row in groups],
        [row["twelve"] for row in groups],
        [None] * len(groups),
    )


def _supplied(facts: Facts) -> Facts:
    """What the force supplied of each dataset: a picture, its key and the same in words."""
    names, states = dataset_names(), state_names()
    held = {name: facts["coverage"][name] for name in DATASETS}
    cells = [[cell or "not_expected" for cell in one["cells"]] for one in held.values()]
    labels = [names[name] for name in held]
    title = _("What %(force)s supplied, by dataset and month") % {"force": facts["force_name"]}
    rows = [
        {
            "label": label,
            "newest": held[name]["newest"],
            "whole": line.count("submitted"),
            "expected": len(line) - line.count("not_expected"),
            "gaps": {
                states[state][0]: spans(facts["months"], _places_of(line, state))
                for state in GAPS
                if state in line
            },
        }
        for name, label, line in zip(held, labels, cells, strict=True)
    ]
    return {
        "svg": charts.coverage(title, labels, facts["months"], cells),
        "key": charts.coverage_key(
            {state: _begun(said[0]) for state, said in states.items()}, cells
        ),
        "rows": rows,
    }


def _places_of(states: Sequence[str], state: str) -> list[int]:
    return [place for place, one in enumerate(states) if one == state]


def _map(site: Site, facts: Facts, rows: Sequence[Facts]) -> Markup | None:
    """A map of its neighbourhoods, each a link from the force's page; None without shapes."""
    if site.shapes is None or not facts["places"]:
        return None
    from openbeat.website.maps import maps

    links = {
        row["neighbourhood_id"]: (f"{row['stem']}.html", row["neighbourhood_name"]) for row in rows
    }
    title = _("Neighbourhoods of %(force)s") % {"force": facts["force_name"]}
    return maps(site).force(facts["force_id"], links, title)


def _files(site: Site, force_id: str) -> list[Facts]:
    """The files of the release that hold this force alone: workbooks and parts of long tables."""
    name = words.file_name(force_id)
    workbooks = {".xlsx": _("Workbook for Excel"), ".ods": _("Workbook for LibreOffice")}
    listed = [
        {"path": path, "text": text, "kind": ending[1:].upper(), "size": site.sizes[path]}
        for ending, text in workbooks.items()
        for path in dict.fromkeys((f"workbook/{force_id}{ending}", f"workbook/{name}{ending}"))
        if path in site.sizes
    ]
    for table, contract in sorted(site.contracts.items()):
        path = f"tables/{table}/{table}-{force_id}.csv"
        if path in site.sizes:
            listed.append(
                {"path": path, "text": contract.title, "kind": "CSV", "size": site.sizes[path]}
            )
    return listed


def _compare_page(site: Site, facts: Facts, rows: Sequence[Facts]) -> File:
    folder = force_folder(facts["force_id"])
    statuses = {
        row[f"{m.name}_status"] for row in rows for m in side.MEASURES if m.kind in side.NUMBERS
    }
    quarter = next((row["quarter"] for row in rows if row["quarter"]), None)
    heard = _whole(site, facts["force_id"])["heard"]["quarters"]
    return render(
        site,
        "compare.html",
        f"{folder}/compare.html",
        f=facts,
        rows=rows,
        tables=_shown_tables(facts["force_name"], rows),
        sums=_sums(facts, rows),
        folder=folder,
        whole=next((q for q in heard if q["period"] == quarter), None),
        supplied=_supplied(facts),
        statuses=statuses,
        least=side.LEAST_FOR_SHARE,
        cells=_cells,
        quarter=quarter,
        logs=[name for name in _ENGAGEMENT if name in site.tables],
    )


def _tables(force: str) -> list[Facts]:
    """The tables of the page: id, title, caption and groups of columns (heading, measures)."""
    tables: list[Facts] = [
        {
            "id": "crime",
            "title": _("What police.uk shows"),
            "caption": _("%(force)s: crimes, anti-social behaviour and outcomes by neighbourhood"),
            "groups": [
                (_("Crimes published"), side.CRIME),
                (_("Anti-social behaviour"), side.ASB_COUNTS),
                (_("Outcomes in 12 months"), side.OUTCOMES),
            ],
        },
        {
            "id": "engagement",
            "title": _("Meetings, what people asked for and what came of it"),
            "caption": _("%(force)s: meetings, issues, answers and priorities by neighbourhood"),
            "groups": [
                (_("Meetings"), side.MEETINGS),
                (_("Issues raised and answers"), side.ISSUES),
                (_("Priorities"), side.PRIORITIES),
            ],
        },
        {
            "id": "heard",
            "title": _("Who was heard, and how soon queries were answered"),
            "caption": _("%(force)s: attendances, forms and queries by neighbourhood"),
            "groups": [(_("Events"), side.TOOK_PART), (_("Queries"), side.QUERIES)],
        },
    ]
    return [{**table, "caption": table["caption"] % {"force": force}} for table in tables]


def _shown_tables(force: str, rows: Sequence[Facts]) -> list[Facts]:
    """The tables, without groups of columns of which no neighbourhood has a figure.

    ``groups`` has the others, ``without`` the headings of those left out.
    """
    return [
        {
            **table,
            "groups": [group for group in table["groups"] if _any(group[1], rows)],
            "without": [group[0] for group in table["groups"] if not _any(group[1], rows)],
        }
        for table in _tables(force)
    ]


def _any(measures: Sequence[Figure], rows: Sequence[Facts]) -> bool:
    """Whether a neighbourhood has a figure, or another reason for none than not available."""
    return any(
        row[f"{m.name}_status"] != "x" for row in rows for m in measures if m.kind in side.NUMBERS
    )


def _sums(facts: Facts, rows: Sequence[Facts]) -> dict[str, tuple[float | None, str | None]]:
    """By measure, the figure of all neighbourhoods together and its status.

    Only counts that are no counts of people are added up: attendances, forms and queries of the
    whole force are published by themselves. One unknown makes the sum unknown.
    """
    added = (*side.OUTCOMES, *side.MEETINGS, *side.ISSUES, side.PRIORITIES[0])
    counts = [m.name for m in added if m.kind == "count"]
    found: dict[str, tuple[float | None, str | None]] = {}
    for name in counts:
        values = [row[name] for row in rows]
        found[name] = (None, "x") if None in values else (sum(values), None)
    for name, measures in (("crime_total", side.CRIME), ("antisocial_behaviour", side.ASB_COUNTS)):
        one = facts["area"][name] if facts["area"] else {}
        keys = ("latest", "usual", "twelve")
        for measure, value in zip(measures, (one.get(key) for key in keys), strict=True):
            found[measure.name] = (value, "x" if value is None else None)
        if one and one["latest"] is not None:
            found[name] = (one["latest"], one["latest_status"])
    return found


def _cells(row: Mapping[str, Any], measures: Sequence[Figure]) -> Markup:
    """The cells of one neighbourhood for a group of columns."""
    from markupsafe import Markup

    return Markup("").join(_cell(row, measure) for measure in measures)


def _cell(row: Mapping[str, Any], measure: Figure) -> Markup:
    from markupsafe import Markup

    value = row[measure.name]
    if measure.kind in side.NUMBERS:
        status = row[f"{measure.name}_status"]
        text = words.percent(value, status) if measure.kind == "share" else None
        return words.td(value, status, text)
    if measure.kind == "date":
        if value:
            return Markup('<td class="n" data-v="{}">{}</td>').format(value, _short(value))
        known = row["meetings_12m_status"] != "x"
        return Markup('<td class="n gap">{}</td>').format(
            _("none published") if known else words.figure(None, "x")
        )
    said = {"yes": _("yes"), "no": _("no")}.get(value, words.figure(None, "x"))
    return Markup('<td data-v="{}">{}</td>').format(value, said)


def _short(day: str) -> str:
    """A day where there is little room: ``4 Jul 25``."""
    return f"{int(day[8:])} {words.short_month(day[:7])}"


def _begun(text: str) -> str:
    """As the beginning of a sentence."""
    return text[:1].upper() + text[1:]
