"""The sentences of ``lead`` on crime: the newest month, its own past, and similar places.

Only wording belongs here; what counts as more, fewer or similar is settled in ``statistics``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from openbeat.statistics.change import ABOVE, BELOW, FEWER, MORE, against_usual
from openbeat.website import words
from openbeat.website.language import N_, ngettext
from openbeat.website.language import gettext as _
from openbeat.website.site.place_area import older_shape
from openbeat.website.site.sentences import say

if TYPE_CHECKING:
    from markupsafe import Markup

Facts = Mapping[str, Any]
_WHY_MISSING: Final = {
    "missing": N_("%(force)s gave no file for the month."),
    "empty": N_("The file of %(force)s for the month is empty."),
    "malformed": N_("The file of %(force)s for the month could not be read."),
    "partial_suspected": N_("The file of %(force)s for the month is not whole."),
}
_TOTAL: Final = "crime_summary.crime_total"


def crime(facts: Facts) -> list[Markup]:
    """The newest month: how many, reported by whom, and anti-social behaviour apart."""
    total = facts["crime"]["total"]
    if total is None or all(value is None for value in total["values"]):
        return [say(_("No crime figures of this place are known.")), _not_none()]
    if total["latest"] is None:
        return [*_missing(facts), _not_none(), *_newest_known(facts)]
    return [_latest(facts), *_partial(facts), *_by_others(facts), *_antisocial(facts)]


def _not_none() -> Markup:
    return say(_("That does not mean that there was no crime."))


def _missing(facts: Facts) -> list[Markup]:
    told = [say(_("There are no crime figures for %(month)s."), month=_month(facts))]
    why = _WHY_MISSING.get(facts["crime"]["coverage"])
    return [*told, say(_(why), force=facts["force_name"])] if why else told


def _newest_known(facts: Facts) -> list[Markup]:
    series = facts["crime"]
    rows = zip(
        series["months"], series["total"]["values"], series["total"]["statuses"], strict=True
    )
    month, number = [(m, value) for m, value, status in rows if value is not None][-1]
    text = ngettext(
        "The newest month with figures is %(month)s: %(n)s crime.",
        "The newest month with figures is %(month)s: %(n)s crimes.",
        number,
    )
    return [say(text, month=words.month(month), n=words.datum(number, f"{_TOTAL}@{month}"))]


def _latest(facts: Facts) -> Markup:
    total = facts["crime"]["total"]
    number, of = total["latest"], f"{_TOTAL}@{facts['month']}"
    if total["latest_status"] == "u":
        text = ngettext(
            "At least %(n)s crime was published on police.uk for this place in %(month)s.",
            "At least %(n)s crimes were published on police.uk for this place in %(month)s.",
            number,
        )
    elif number == 0:
        text = _("%(n)s crime was published on police.uk for this place in %(month)s.")
        return say(text, n=words.datum(0, of, _("No")), month=_month(facts))
    else:
        text = ngettext(
            "%(n)s crime was published on police.uk for this place in %(month)s.",
            "%(n)s crimes were published on police.uk for this place in %(month)s.",
            number,
        )
    return say(text, n=words.datum(number, of), month=_month(facts))


def _partial(facts: Facts) -> list[Markup]:
    if facts["crime"]["total"]["latest_status"] != "u":
        return []
    text = _("The file of %(force)s does not look whole, so there may be more.")
    return [say(text, force=facts["force_name"])]


def _by_others(facts: Facts) -> list[Markup]:
    """Which of them other forces reported. Nothing where there are none, and that is known."""
    number, status = (facts["crime"][k] for k in ("by_other_forces", "by_other_forces_status"))
    if number is None:
        text = _("Crimes that other forces, such as the railway police, dealt with may be missing.")
        return [say(text)]
    if number == 0:
        return []
    shown = words.datum(number, f"crime_summary.by_other_forces@{facts['month']}")
    if status == "u":
        text = ngettext(
            "At least %(n)s of them was reported by %(forces)s.",
            "At least %(n)s of them were reported by %(forces)s.",
            number,
        )
    else:
        text = ngettext(
            "%(n)s of them was reported by %(forces)s.",
            "%(n)s of them were reported by %(forces)s.",
            number,
        )
    names = [row["reported_by_name"] for row in facts["crime"]["other_forces"]]
    return [say(text, n=shown, forces=words.listed(names) if names else _("other forces"))]


def _antisocial(facts: Facts) -> list[Markup]:
    series = facts["crime"]["antisocial_behaviour"]
    if series is None or series["latest"] is None:
        return [say(_("How much anti-social behaviour was reported is not known."))]
    number, of = series["latest"], f"crime_summary.antisocial_behaviour@{facts['month']}"
    if series["latest_status"] == "u":
        text = ngettext(
            "Anti-social behaviour is counted apart: at least %(n)s incident.",
            "Anti-social behaviour is counted apart: at least %(n)s incidents.",
            number,
        )
    elif number == 0:
        text = _("Anti-social behaviour is counted apart: %(n)s incident.")
        return [say(text, n=words.datum(0, of, _("no")))]
    else:
        text = ngettext(
            "Anti-social behaviour is counted apart: %(n)s incident.",
            "Anti-social behaviour is counted apart: %(n)s incidents.",
            number,
        )
    return [say(text, n=words.datum(number, of))]


def compared(facts: Facts) -> list[Markup]:
    """The newest month, then the year, against its own past; then beside similar places."""
    return [*_usual(facts), *_years(facts), *_similar(facts)]


def _usual(facts: Facts) -> list[Markup]:
    total = facts["crime"]["total"]
    if total is None or total["latest"] is None:
        return []
    if total["latest_status"] == "u":
        return [
            say(
                _("%(month)s cannot be compared with the months before, as it is not whole."),
                month=_month(facts),
            )
        ]
    if total["usual"] is None:
        return [
            say(
                _("There are too few earlier months to compare %(month)s with."),
                month=_month(facts),
            )
        ]
    at = f"{_TOTAL}@{facts['month']}"
    redrawn = older_shape(facts.get("area"), facts["crime"]["months"][0])
    return [
        say(
            _against_range(total),
            month=_month(facts),
            months=_months_before(total["usual_months"], at),
            low=words.datum(total["lowest"], f"{at}#lowest"),
            high=words.datum(total["highest"], f"{at}#highest"),
        ),
        *([say("%(caveat)s", caveat=redrawn)] if redrawn else []),
    ]


def _against_range(total: Facts) -> str:
    found = against_usual(total["latest"], total["lowest"], total["highest"])
    if total["lowest"] == total["highest"]:
        if found == ABOVE:
            return _("%(month)s had more than any of the %(months)s (%(low)s each).")
        if found == BELOW:
            return _("%(month)s had fewer than any of the %(months)s (%(low)s each).")
        return _("%(month)s had as many as each of the %(months)s.")
    if found == ABOVE:
        return _("%(month)s had more than any of the %(months)s (from %(low)s to %(high)s).")
    if found == BELOW:
        return _("%(month)s had fewer than any of the %(months)s (from %(low)s to %(high)s).")
    return _("%(month)s is within the range of the %(months)s (from %(low)s to %(high)s).")


def _months_before(number: int, at: str) -> Markup:
    """The months that the range is of: all 12, or those that were supplied."""
    if number == 12:
        return say(_("12 months before"))
    return say(
        _("%(n)s known months of the 12 before"), n=words.datum(number, f"{at}#usual_months")
    )


def _years(facts: Facts) -> list[Markup]:
    change = facts.get("change")
    if change is None:
        return []
    if change["now"] is None:
        if facts["crime"]["total"] is None or change["months"] >= 12:
            return []
        shown = words.datum(change["months"], f"crime_summary.months_12m@{facts['month']}")
        text = ngettext(
            "Whole years cannot be compared: of the last 12 months, %(n)s has whole figures.",
            "Whole years cannot be compared: of the last 12 months, %(n)s have whole figures.",
            change["months"],
        )
        return [say(text, n=shown)]
    now = words.datum(change["now"], f"crime_summary.crime_total_12m@{facts['month']}")
    if change["before"] is None:
        text = ngettext(
            "In the 12 months to %(month)s there was %(now)s crime. The 12 months before are not"
            " all known, so the two cannot be compared.",
            "In the 12 months to %(month)s there were %(now)s crimes. The 12 months before are not"
            " all known, so the two cannot be compared.",
            change["now"],
        )
        return [say(text, month=_month(facts), now=now)]
    of = f"crime_summary.crime_total_12m@{change['month_before']}"
    before = words.datum(change["before"], of)
    return [say(_against(change), month=_month(facts), now=now, before=before)]


def _against(change: Facts) -> str:
    if change["redrawn"]:
        return ngettext(
            "In the 12 months to %(month)s there was %(now)s crime, and %(before)s in the 12 months"
            " before. The area changed in that time, so the two cannot be compared.",
            "In the 12 months to %(month)s there were %(now)s crimes, and %(before)s in the 12"
            " months before. The area changed in that time, so the two cannot be compared.",
            change["now"],
        )
    if change["change"] == MORE:
        return ngettext(
            "In the 12 months to %(month)s there was %(now)s crime: more than the %(before)s of"
            " the 12 months before.",
            "In the 12 months to %(month)s there were %(now)s crimes: more than the %(before)s of"
            " the 12 months before.",
            change["now"],
        )
    if change["change"] == FEWER:
        return ngettext(
            "In the 12 months to %(month)s there was %(now)s crime: fewer than the %(before)s of"
            " the 12 months before.",
            "In the 12 months to %(month)s there were %(now)s crimes: fewer than the %(before)s of"
            " the 12 months before.",
            change["now"],
        )
    if change["now"] == change["before"]:
        return ngettext(
            "In the 12 months to %(month)s there was %(now)s crime: as many as in the 12 months"
            " before (%(before)s).",
            "In the 12 months to %(month)s there were %(now)s crimes: as many as in the 12 months"
            " before (%(before)s).",
            change["now"],
        )
    return ngettext(
        "In the 12 months to %(month)s there was %(now)s crime, and %(before)s in the 12 months"
        " before: about the same, as the difference is no more than chance could bring.",
        "In the 12 months to %(month)s there were %(now)s crimes, and %(before)s in the 12 months"
        " before: about the same, as the difference is no more than chance could bring.",
        change["now"],
    )


def _similar(facts: Facts) -> list[Markup]:
    rate = facts.get("rate")
    if rate is None:
        return []
    value, at = rate["rate_12m_per_1000"], f"crime_summary.rate_12m_per_1000@{facts['month']}"
    if value is None:
        return _no_rate(rate)
    told = [
        say(
            _(
                "For every 1,000 people who live here, there were %(rate)s crimes in those 12"
                " months."
            ),
            rate=words.datum(value, at),
        )
    ]
    similar = facts.get("similar")
    if not similar or similar["places"] is None:
        return [*told, say(_("Too few places are like this one to set it beside others."))]
    text = _(
        "In %(n)s places with about as many people living about as close together, it was from"
        " %(low)s to %(high)s, with %(middle)s in the middle."
    )
    return [
        *told,
        say(
            text,
            n=words.datum(similar["places"], f"{at}#similar_places"),
            low=words.datum(similar["lowest"], f"{at}#similar_lowest"),
            high=words.datum(similar["highest"], f"{at}#similar_highest"),
            middle=words.datum(similar["median"], f"{at}#similar_median"),
        ),
    ]


def _no_rate(rate: Facts) -> list[Markup]:
    """Why there is no rate, where that is not said already by the missing months."""
    if rate["crime_total_12m"] is None:
        return []
    if rate["population"] is None:
        return [say(_("How many people live here is not known, so no rate is given."))]
    shown = words.datum(rate["population"], "crime_summary.population")
    text = ngettext(
        "Only %(n)s person lives here, too few for a rate that says anything.",
        "Only %(n)s people live here, too few for a rate that says anything.",
        rate["population"],
    )
    return [say(text, n=shown)]


def _month(facts: Facts) -> str:
    return words.month(facts["month"])
