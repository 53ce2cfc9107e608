"""The charts of a neighbourhood page: each with its title, its sentence, its key and its table.

Only what is said and shown of a series belongs here; drawing is in ``charts``, figures are in
``place_facts``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from openbeat.website import charts, words
from openbeat.website.language import gettext as _
from openbeat.website.language import language, ngettext
from openbeat.website.site.place_area import older_shape
from openbeat.website.site.place_counts import YEAR
from openbeat.website.site.sentences import say

if TYPE_CHECKING:
    from markupsafe import Markup

Facts = Mapping[str, Any]
_LONG: Final = "-long"
_COLUMNS: Final = {"crime": "crime_total", "asb": "antisocial_behaviour"}


@dataclass(frozen=True)
class Chart:
    """One chart of a place.

    Attributes:
        id: Of its section on the page, and in the address of the chart by itself.
        title: Its heading.
        picture: The drawing and its key.
        says: The picture in a sentence or two.
        caveats: What to bear in mind.
        table: Its figures: a whole ``<table>``; None where the chart before has them.
    """

    id: str
    title: str
    picture: Markup
    says: Markup
    caveats: list[str]
    table: Markup | None


def place_charts(facts: Facts) -> dict[str, Chart]:
    """The charts of one place by id, in the order of the page; none of a series without figures.

    Args:
        facts: As ``PlaceFacts`` gives them.

    Returns:
        ``crime``, ``asb``: the newest 12 months as bars; ``crime-long``, ``asb-long``: every month
        as a line, where there are more than 12; ``outcomes``: those of 12 months by group.
    """
    made: dict[str, Chart] = {}
    for name, column in _COLUMNS.items():
        series = facts["series"][column]
        if any(value is not None for value in series["values"][-YEAR:]):
            made[name] = _year(facts, name)
        if len(facts["months"]) > YEAR and any(v is not None for v in series["values"]):
            made[f"{name}{_LONG}"] = _long(facts, name, told=name in made)
    if facts["outcomes_12m"]["total"]:
        made["outcomes"] = _outcomes(facts)
    return made


def _year(facts: Facts, name: str) -> Chart:
    series = {key: part[-YEAR:] for key, part in facts["series"][_COLUMNS[name]].items()}
    title = (
        _("Crimes in the last 12 months")
        if name == "crime"
        else _("Anti-social behaviour in the last 12 months")
    )
    picture = charts.bars(_named(facts, name), *_plain(series))
    return Chart(
        id=name,
        title=title,
        picture=picture + _key(series, bars=True),
        says=_said(name, series),
        caveats=[about(name), *_redrawn(facts, series)],
        table=_month_table(facts, name),
    )


def _long(facts: Facts, name: str, *, told: bool) -> Chart:
    """Every month as a line; without table and caveats where the chart before has them."""
    series = facts["series"][_COLUMNS[name]]
    since = words.month(series["months"][0])
    title = (
        _("Crimes since %(month)s")
        if name == "crime"
        else _("Anti-social behaviour since %(month)s")
    ) % {"month": since}
    usual = _usual(facts, name)
    picture = charts.line(_named(facts, name), *_plain(series), usual=usual)
    return Chart(
        id=f"{name}{_LONG}",
        title=title,
        picture=picture + _key(series, usual),
        says=_said(name, series),
        caveats=[*([] if told else [about(name)]), *_redrawn(facts, series)],
        table=None if told else _month_table(facts, name),
    )


def _named(facts: Facts, name: str) -> str:
    """What a chart counts, and where: the beginning of its text alternative."""
    what = (
        _("Crimes published on police.uk in %(place)s")
        if name == "crime"
        else _("Incidents of anti-social behaviour in %(place)s")
    )
    return what % {"place": facts["neighbourhood_name"]}


def _unit(name: str) -> str:
    return _("Crimes") if name == "crime" else _("Incidents")


def about(name: str) -> str:
    """What a count by month is and what it leaves out: of ``crime``, else anti-social behaviour."""
    if name == "crime":
        return _(
            "Crimes published on police.uk, from every force, without anti-social behaviour. Each"
            " is counted in the month it was recorded in, at an approximate point."
        )
    return _(
        "Incidents published on police.uk as anti-social behaviour. They are not crimes, are in no"
        " total of crimes, and one event that several people report can be several incidents."
    )


def _redrawn(facts: Facts, series: Facts) -> list[str]:
    """That months of a series are of an older shape."""
    said = older_shape(facts["area"], series["months"][0])
    return [said] if said else []


def _plain(series: Facts) -> tuple[Any, Any, Any]:
    return series["months"], series["values"], series["statuses"]


def _key(series: Facts, usual: tuple[float, float] | None = None, *, bars: bool = False) -> Markup:
    return charts.key(*_plain(series), reasons=series["reasons"], usual=usual, bars=bars)


def _usual(facts: Facts, name: str) -> tuple[float, float] | None:
    """Least and most of the 12 months before the newest; None where too few are known."""
    row = facts["crime"]["total" if name == "crime" else "antisocial_behaviour"]
    return (row["lowest"], row["highest"]) if row and row["lowest"] is not None else None


def _said(name: str, series: Facts) -> Markup:
    """Fewest and most of the whole months, and how many months are not whole."""
    column = f"crime_summary.{_COLUMNS[name]}"
    rows = zip(*_plain(series), strict=True)
    whole = [(value, month) for month, value, status in rows if status is None]
    gaps = len(series["months"]) - len(whole)
    sentences = []
    if whole:
        (low, first), (high, last) = min(whole), max(whole)
        text = (
            _("The fewest in a month: %(low)s (%(first)s); the most: %(high)s (%(last)s).")
            if low != high
            else _("Every month: %(low)s.")
        )
        values = {
            "low": words.datum(low, f"{column}@{first}"),
            "first": words.month(first),
            "high": words.datum(high, f"{column}@{last}"),
            "last": words.month(last),
        }
        sentences.append(say(text, **values))
    if gaps:
        text = ngettext(
            "%(n)s month is missing or partial; the key says why.",
            "%(n)s months are missing or partial; the key says why.",
            gaps,
        )
        of = f"{column}@{series['months'][0]}..{series['months'][-1]}#gaps"
        sentences.append(say(text, n=words.datum(gaps, of)))
    return _spaced(sentences)


def _spaced(sentences: list[Markup]) -> Markup:
    from markupsafe import Markup

    return Markup(" ").join(sentences)


def _month_table(facts: Facts, name: str) -> Markup:
    """Every month and its value, newest first; a gap says so in words."""
    title = _("Crimes by month") if name == "crime" else _("Anti-social behaviour by month")
    rows = zip(*_plain(facts["series"][_COLUMNS[name]]), strict=True)
    body = "".join(
        f'<tr><th scope="row">{words.month(month)}</th>{cell(value, status)}</tr>'
        for month, value, status in reversed(list(rows))
    )
    return _table(f"{name}-figures", title, (_("Month"), _unit(name)), body)


def cell(value: float | None, status: str | None = None) -> Markup:
    """``words.td`` in the language that holds now, kept: pages ask for the same few thousand."""
    return _cell(language(), value, status)


@lru_cache(maxsize=50_000)
def _cell(_language: str, value: float | None, status: str | None) -> Markup:
    return words.td(value, status)


def _table(identifier: str, title: str, heads: tuple[str, str], body: str) -> Markup:
    """A table of a name and a number a row, whose rows are safe already."""
    from markupsafe import Markup

    return Markup(
        '<table id="{}" class="figures"><caption>{}</caption><thead><tr><th scope="col">{}</th>'
        '<th scope="col" class="n">{}</th></tr></thead><tbody>{}</tbody></table>'
    ).format(identifier, title, *heads, Markup(body))


def _outcomes(facts: Facts) -> Chart:
    year = facts["outcomes_12m"]
    title = _("What came of crimes, in the last 12 months")
    groups = year["groups"]
    name = _("Outcomes recorded in %(place)s") % {"place": facts["neighbourhood_name"]}
    labels = [group["label"] for group in groups]
    picture = charts.rows(name, labels, [g["count"] for g in groups], [None] * len(groups))
    of = f"outcomes.count@{year['first']}..{year['last']}"
    text = ngettext(
        "%(n)s outcome was recorded here from %(first)s to %(last)s.",
        "%(n)s outcomes were recorded here from %(first)s to %(last)s.",
        year["total"],
    )
    first, last = words.month(year["first"]), words.month(year["last"])
    says = [say(text, n=words.datum(year["total"], of), first=first, last=last)]
    if year["status"]:
        text = ngettext(
            "%(shown)s of the 12 months has figures.",
            "%(shown)s of the 12 months have figures.",
            year["months"],
        )
        of = f"coverage.coverage@{year['first']}..{year['last']}#outcomes"
        says.append(say(text, shown=words.datum(year["months"], of)))
    return Chart(
        id="outcomes",
        title=title,
        picture=picture,
        says=_spaced(says),
        caveats=[*outcome_caveats(), *year_gaps(year, facts["area"])],
        table=_group_table("outcomes-figures", title, _("Outcome"), _("Number"), groups),
    )


def outcome_caveats() -> list[str]:
    """What to bear in mind of outcomes of 12 months."""
    return [
        _(
            "Outcomes of these 12 months, of crimes of these or earlier months: they cannot be"
            " divided by the crimes of the same months. police.uk has published no court results"
            " since June 2019, and a crime whose outcome is still awaited is not among them."
        )
    ]


def year_gaps(year: Facts, area: Facts | None = None) -> list[str]:
    """Sentences that say which of 12 months are missing, partial or of an older shape, and why.

    Args:
        year: ``outcomes_12m`` or ``stops_12m``.
        area: Of the place.
    """
    months = sorted(year["reasons"])
    by_reason: dict[str, list[int]] = {}
    for place, month in enumerate(months):
        by_reason.setdefault(year["reasons"][month], []).append(place)
    told = []
    for text, places in by_reason.items():
        said = ", ".join(words.month(months[n]) for n in places)
        if len(places) > 2:
            said = _("%(first)s to %(last)s, %(n)s months") % {
                "first": words.month(months[places[0]]),
                "last": words.month(months[places[-1]]),
                "n": len(places),
            }
        told.append(_("%(months)s: %(why)s") % {"months": said, "why": text})
    redrawn = older_shape(area, year["first"])
    return [*told, redrawn] if redrawn else told


def _group_table(
    identifier: str, title: str, what: str, unit: str, groups: list[dict[str, Any]]
) -> Markup:
    from markupsafe import escape

    rows = (f'<tr><th scope="row">{escape(g["label"])}</th>{cell(g["count"])}</tr>' for g in groups)
    return _table(identifier, title, (what, unit), "".join(rows))
