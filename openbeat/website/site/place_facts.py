"""What the page of a neighbourhood, its data and its feed say, as plain data.

Only putting together belongs here: what a pack says is ``packs.facts``, counts by month and year
are ``place_counts``, and how a page words it is ``lead``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from openbeat.months import months_to
from openbeat.statistics import change, similar
from openbeat.website import words
from openbeat.website.packs import crime as crime_part
from openbeat.website.packs.crime import AREA, ASB, TOTAL
from openbeat.website.packs.facts import Facts, Packs
from openbeat.website.packs.records import grouped
from openbeat.website.site import place_area
from openbeat.website.site import place_counts as counts
from openbeat.website.site.place_counts import YEAR, Key
from openbeat.website.site.source import Site, place_path

SERIES: Final = 36
SCHEMA_VERSION: Final = "1.0.0"
_WITH_FIGURES: Final = ("submitted", "partial_suspected")


class PlaceFacts:
    """The facts of every neighbourhood of a release, each published table read and grouped once.

    Beyond the keys of a pack (``packs.keys``) the facts of a place hold:

    * ``series``: ``crime_total``, ``antisocial_behaviour`` and ``types`` (crime type to series).
      A series has ``months`` (up to 36, none before the release's first, oldest first),
      ``values``, ``statuses`` (null known, ``u`` at least so many, ``x`` not available) and
      ``reasons`` (why a month is a gap or partial, in words; else null), all of one length.
    * ``coverage_reasons``: month to why it is missing or partial, for those that are.
    * ``twelve``: the same names as ``series``, but each has ``now`` and ``before`` (the 12 months
      to the newest, and the 12 before them), as ``place_counts.year_sum`` gives them. Those of
      ``crime_total`` are ``crime_summary.crime_total_12m`` where that has the month; status ``u``
      says that the neighbourhood was redrawn within the 12 months.
    * ``outcomes_12m`` (``groups``) and ``stops_12m`` (``objects``, ``groups``): counts over the
      newest 12 months, largest or in the code list's order, with ``total``, ``first``, ``last``,
      ``months`` (in how many the force supplied figures and the neighbourhood was there),
      ``status`` (null: all 12 whole; ``u``: at least; ``x``: no month, or none found in those
      there are, which is not 0) and ``reasons`` (month to why it is missing or partial).
    * ``rate``: of ``crime_summary`` of the newest month: sum of 12 months, population, rate; None
      where it has no row.
    * ``area``: as ``place_area.areas``, ``changes`` those within the series, and ``began``: the
      first month with this id, where the series has earlier ones, which are not counted for it.
    * ``change``: of ``statistics.change.years``, and ``similar``: of ``statistics.similar``, each
      without the keys of the place; None where it has no row.
    * ``stem`` and ``files``: kind to path, of the website (``html csv json metadata atom ics
      embed``) or beside the release (``pack pack_json pack_pdf``); None where there is none.

    Texts are in the language that holds when a place is asked for.

    Args:
        site: The release.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        tables, month = site.tables, site.edition.month
        self._packs = Packs(tables, site.codelists, site.edition)
        self.months = [m for m in months_to(month, SERIES) if m >= site.first_month]
        self._year = months_to(month, YEAR)
        self._years_of = (
            ("now", slice(-YEAR, None), self._year),
            ("before", slice(-2 * YEAR, -YEAR), months_to(self._year[0])[:-1]),
        )
        summary = tables["crime_summary"]
        series = crime_part.series(
            tables["crime"], summary, site.codelists["crime_types"], month, len(self.months)
        )
        self._series = grouped(series.select(*AREA, "crime_type", "values", "statuses"))
        self._rates = counts.rates(summary, month)
        self._then = counts.rates(summary, months_to(month)[0])
        self._served = counts.served(summary)
        self._change = grouped(change.years(summary, month))
        self._similar = grouped(similar.similar(tables["neighbourhoods"], summary, month))
        self._coverage = counts.coverage_of(tables)
        self._areas = place_area.areas(tables["neighbourhoods"])
        self._outcomes = counts.year_counts(
            *(tables, "outcomes", self._year, "outcome_group"),
            site.codelists.get("outcome_groups"),
        )
        self._stops = {
            "objects": counts.year_counts(tables, "stops", self._year, "object_of_search"),
            "groups": counts.year_counts(
                *(tables, "stops", self._year, "outcome_group"),
                site.codelists.get("stop_outcome_groups"),
            ),
        }

    def __iter__(self) -> Iterator[Facts]:
        """The facts of each neighbourhood that serves the newest month, by force and id."""
        for place in self.site.places.iter_rows(named=True):
            yield self.of_place(place)

    def of_force(self, force_id: str) -> Iterator[Facts]:
        """The facts of each neighbourhood of a force, by id."""
        for place in self.site.places.filter(force_id=force_id).iter_rows(named=True):
            yield self.of_place(place)

    def whole_force(self, force_id: str) -> Facts:
        """What concerns a force as a whole, as in ``Packs.of_force``."""
        return self._packs.of_force(force_id)

    def of_place(self, place: Mapping[str, Any]) -> Facts:
        """The facts of one neighbourhood.

        Args:
            place: A row of ``Site.places``.
        """
        key = (place["force_id"], place["neighbourhood_id"])
        facts = self._packs.of_place(place)
        reasons = self._reasons(key, place["force_name"])
        series = self._series_of(key, reasons)
        return {
            **facts,
            "site_schema_version": SCHEMA_VERSION,
            "months": self.months,
            "series": series,
            "coverage_reasons": reasons,
            "twelve": self._twelve(key, series),
            "outcomes_12m": self._over_year(
                "outcomes", key, place["force_name"], {"groups": self._outcomes.get(key, [])}
            ),
            "stops_12m": self._over_year(
                "stops",
                key,
                place["force_name"],
                {name: rows.get(key, []) for name, rows in self._stops.items()},
            ),
            "rate": next(iter(self._rates.get(key, [])), None),
            "area": self._area(key),
            "change": next(iter(self._change.get(key, [])), None),
            "similar": next(iter(self._similar.get(key, [])), None),
            "files": _files(self.site, facts),
        }

    def _reasons(self, key: Key, force: str) -> dict[str, str]:
        """Month of the series to why its figures are missing or partial."""
        return self._why("street", key, force, self.months)

    def _why(self, dataset: str, key: Key, force: str, months: Sequence[str]) -> dict[str, str]:
        """Month to why a place's figures of a data set are missing or partial, for those so."""
        supplied = self._coverage.get((dataset, key[0]), {})
        served = self._served.get(key, frozenset())
        begin = self.months[0]
        first = min(served, default=self.months[-1])
        found = {
            m: counts.not_held(begin)
            if m < begin
            else counts.reason(supplied.get(m), force)
            if m in served
            else counts.not_there(m, first)
            for m in months
        }
        return {month: text for month, text in found.items() if text}

    def _area(self, key: Key) -> Facts | None:
        """How the place came to be, as far as the series goes back."""
        area = self._areas.get(key)
        if area is None:
            return None
        begin = self.months[0]
        first = min(self._served.get(key, ()), default=begin)
        return {
            **area,
            "changes": [change for change in area["changes"] if change["month"] > begin],
            "predecessors": [one for one in area["predecessors"] if one["until"] >= begin],
            "began": first if first > begin else None,
        }

    def _series_of(self, key: Key, reasons: Mapping[str, str]) -> Facts:
        named = {row["crime_type"]: row for row in self._series.get(key, [])}
        why = [reasons.get(month) for month in self.months]
        made = {name: self._one(row, why) for name, row in named.items()}
        return {
            "crime_total": made.pop(TOTAL, None) or self._none(why),
            "antisocial_behaviour": made.pop(ASB, None) or self._none(why),
            "types": made,
        }

    def _one(self, row: Mapping[str, Any], why: Sequence[str | None]) -> Facts:
        pairs = zip(row["statuses"], why, strict=True)
        reasons = [text if status else None for status, text in pairs]
        return {
            "months": self.months,
            "values": row["values"],
            "statuses": row["statuses"],
            "reasons": reasons,
        }

    def _none(self, why: Sequence[str | None]) -> Facts:
        size = len(self.months)
        return self._one({"values": [None] * size, "statuses": ["x"] * size}, why)

    def _twelve(self, key: Key, series: Facts) -> Facts:
        total = self._years(series["crime_total"])
        for name, rows in (("now", self._rates), ("before", self._then)):
            for row in rows.get(key, []):
                total[name] |= {
                    "value": row["crime_total_12m"],
                    "status": row["crime_total_12m_status"],
                    "months": row["months_12m"],
                }
        redrawn = {name: year["status"] == "u" for name, year in total.items()}
        return {
            "crime_total": total,
            "antisocial_behaviour": self._years(series["antisocial_behaviour"], redrawn),
            "types": {name: self._years(one, redrawn) for name, one in series["types"].items()},
        }

    def _years(self, series: Facts, redrawn: Mapping[str, bool] = MappingProxyType({})) -> Facts:
        """The sum of the newest 12 months and of the 12 before them."""
        found = {
            name: counts.year_sum(series["values"][part], series["statuses"][part], months)
            for name, part, months in self._years_of
        }
        for name, year in found.items():
            if redrawn.get(name) and year["value"] is not None:
                year["status"] = "u"
        return found

    def _over_year(
        self, dataset: str, key: Key, force: str, rows: Mapping[str, list[dict[str, Any]]]
    ) -> Facts:
        """Counts over the newest 12 months, and of how many of them there are figures."""
        supplied = self._coverage.get((dataset, key[0]), {})
        served = self._served.get(key, frozenset())
        months = [m for m in self._year if m in served and supplied.get(m) in _WITH_FIGURES]
        reasons = self._why(dataset, key, force, self._year)
        total = sum(row["count"] for row in next(iter(rows.values()))) if months else 0
        known = total > 0 or not reasons
        return {
            **(rows if months else {name: [] for name in rows}),
            "total": total if known else None,
            "first": self._year[0],
            "last": self._year[-1],
            "months": len(months),
            "status": ("u" if reasons else None) if known else "x",
            "reasons": reasons,
        }


def place_facts(site: Site) -> PlaceFacts:
    """The facts of a release's neighbourhoods, made at the first call and kept."""
    kept: PlaceFacts = site.__dict__.setdefault("_place_facts", None) or PlaceFacts(site)
    site.__dict__["_place_facts"] = kept
    return kept


def _files(site: Site, facts: Facts) -> Facts:
    """Kind of file to its path, of the website or beside the release."""
    force, stem = facts["force_id"], facts["stem"]
    events = facts["coming_events"] or facts["called_off"]
    pack = f"{site.edition.release_id}.packs/{words.file_name(force)}/{stem}"
    return {
        **{end: place_path(force, stem, end) for end in ("html", "csv", "json", "atom")},
        "metadata": place_path(force, stem, "csv-metadata.json"),
        "embed": place_path(force, stem, "embed.html"),
        "ics": place_path(force, stem, "ics") if events else None,
        "pack": f"{pack}.html",
        "pack_json": f"{pack}.json",
        "pack_pdf": f"{pack}.pdf" if site.settings.packs.pdf else None,
    }
