"""A page a measure: what it is, where it breaks, where to get it, and what it comes to by force.

Only putting pages together belongs here: what is said of measures is in ``measures_police_uk`` and
``measures_logs``, figures and files in ``measure_data``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from openbeat.website import words
from openbeat.website.language import gettext as _
from openbeat.website.site.measure import Measure
from openbeat.website.site.measure_data import by_force, files, newest_quarter, values
from openbeat.website.site.measures_logs import LOGS
from openbeat.website.site.measures_police_uk import POLICE_UK
from openbeat.website.site.release_facts import dataset_names
from openbeat.website.site.source import File, Site, is_main, render

MEASURES: Final = (*POLICE_UK, *LOGS)


def pages(site: Site) -> Iterator[File]:
    """The list of measures, and a page each; with those of the first language, their files.

    ``measures/index.html``, and of each measure ``measures/<id>.html``, ``.csv``,
    ``.csv-metadata.json`` and ``.json``. The figures of a release without the measure's table are
    empty, and its page says so.
    """
    yield render(
        site,
        "measures.html",
        "measures/index.html",
        groups=[
            (_("From police.uk"), [_texts(m) for m in POLICE_UK]),
            (_("From the logs of forces"), [_texts(m) for m in LOGS]),
        ],
    )
    for number, measure in enumerate(MEASURES):
        frame = values(site, measure)
        yield render(
            site,
            "measure.html",
            f"measures/{measure.id}.html",
            m=_texts(measure),
            forces=by_force(site, measure, frame) if _has_figures(site, measure, frame) else [],
            when=_when(site, measure),
            categories=_categories(site, measure, frame),
            states=words.labels(site.codelists.get("coverage_statuses")),
            source=_source(site, measure),
            before=_neighbour(number - 1),
            after=_neighbour(number + 1),
        )
        if is_main(site):
            yield from files(site, measure, frame)


def _texts(measure: Measure) -> dict[str, Any]:
    """A measure with its texts in the language that holds."""
    return {
        **vars(measure),
        **{name: _(getattr(measure, name)) for name in _TEXTS},
        "breaks": [{"since": b.since, "why": _(b.why)} for b in measure.breaks],
        "caveats": [_(text) for text in measure.caveats],
    }


_TEXTS: Final = ("title", "definition", "unit", "how", "who")


def _when(site: Site, measure: Measure) -> str:
    """What the newest figures are of, in words; empty where there are none."""
    if measure.table not in site.tables:
        return ""
    if measure.period == "quarter":
        quarter = newest_quarter(site, measure)
        return words.quarter(quarter) if quarter else ""
    if measure.period == "month":
        return words.month(site.edition.month)
    return _("up to %(day)s") % {"day": words.day(site.edition.as_of)}


def _has_figures(site: Site, measure: Measure, frame: pl.DataFrame) -> bool:
    """Whether there is a figure to show, or, of counts of people, why there is none."""
    if measure.police_uk:
        return frame[measure.column].drop_nulls().len() > 0
    return measure.table in site.tables


def _categories(site: Site, measure: Measure, frame: pl.DataFrame) -> Mapping[str, str]:
    """Code to label of the categories that have a column; none without a figure anywhere."""
    if not measure.category:
        return {}
    if measure.category == "dataset":
        return dataset_names()
    present = frame[measure.category].unique(maintain_order=True).to_list()
    named = words.labels(site.codelists.get(f"{measure.category}s"))
    if measure.category == "crime_type":
        return {code: code for code in present if code is not None}
    known = set(frame.drop_nulls(measure.column).filter(_positive(measure))[measure.category])
    return {c: named.get(c, c) for c in present if c is not None and (c in known or c in _ALWAYS)}


_ALWAYS: Final = ("charged_or_court", "out_of_court", "no_suspect", "evidential", "other_closed")


def _positive(measure: Measure) -> pl.Expr:
    """The rows of a measure's figures that are more than 0."""
    return pl.col(measure.column) > 0


def _source(site: Site, measure: Measure) -> dict[str, Any]:
    """The published table that holds it, as files of the release."""
    paths = [f"tables/{measure.table}.{ending}" for ending in ("csv", "parquet")]
    contract = site.contracts.get(measure.table)
    return {
        "title": contract.title if contract else measure.table,
        "files": [
            {"path": path, "kind": path.rsplit(".", 1)[1].upper(), "size": site.sizes[path]}
            for path in paths
            if path in site.sizes
        ],
    }


def _neighbour(number: int) -> tuple[str, str] | None:
    if not 0 <= number < len(MEASURES):
        return None
    measure = MEASURES[number]
    return _(measure.title), f"measures/{measure.id}.html"
