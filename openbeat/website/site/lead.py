"""The first words of a neighbourhood page: short sentences, made of the facts of the place.

Only wording belongs here; every number comes from the facts, which come from published tables, and
stands in the sentence as ``words.datum``. Nothing is put as a cause, no place is ranked, and what
is not known is said to be not known.

A number names where it is from: ``TABLE.COLUMN``, ``@MONTH`` where the table has months or
quarters, and after ``#`` what was done with the column: ``lowest``, ``highest`` and
``usual_months`` (how many are known) of the 12 months before that month; ``similar_lowest``,
``similar_median``, ``similar_highest`` and ``similar_places`` (how many) of the places like it; and
of records their number: ``action_taken``, ``no_action``, ``referred_partner`` of what was answered
since the day named, ``most_raised`` of the theme named, ``open`` of issues not closed, ``no`` of
priorities not current.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from openbeat.website import words
from openbeat.website.language import gettext as _
from openbeat.website.language import ngettext
from openbeat.website.site import lead_answers, lead_crime
from openbeat.website.site.lead_answers import known
from openbeat.website.site.sentences import counted, say, user_text

if TYPE_CHECKING:
    from markupsafe import Markup

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Lead:
    """Sentences by section, each a list in the order to be read; empty where nothing is to say.

    Attributes:
        crime: How many crimes the newest month has, from which forces, and anti-social behaviour.
        compared: Against its own past, and beside similar places.
        asked: What people asked for.
        done: What was done and with what result.
        not_done: What was not done and why, what is late, what is without an answer.
        working_on: Priorities and open issues.
        meeting: The next meeting.
        heard: Who took part.
    """

    crime: list[Markup] = field(default_factory=list)
    compared: list[Markup] = field(default_factory=list)
    asked: list[Markup] = field(default_factory=list)
    done: list[Markup] = field(default_factory=list)
    not_done: list[Markup] = field(default_factory=list)
    working_on: list[Markup] = field(default_factory=list)
    meeting: list[Markup] = field(default_factory=list)
    heard: list[Markup] = field(default_factory=list)


def lead(facts: Facts) -> Lead:
    """The sentences of one place, in the language that holds now.

    Args:
        facts: As ``Packs`` gives them (``packs.keys``), and where they are known ``change`` (a row
            of ``statistics.change.years``), ``rate`` (the rate and population columns of
            ``crime_summary`` in the newest month) and ``similar`` (a row of
            ``statistics.similar.similar``), each None or left out else.
    """
    return Lead(
        crime=lead_crime.crime(facts),
        compared=lead_crime.compared(facts),
        asked=lead_answers.asked(facts),
        done=lead_answers.done(facts),
        not_done=lead_answers.not_done(facts),
        working_on=lead_answers.working_on(facts),
        meeting=_meeting(facts),
        heard=_heard(facts),
    )


def _meeting(facts: Facts) -> list[Markup]:
    event = facts["next_meeting"]
    called_off = [
        say(
            _("The meeting of %(day)s does not take place as announced."),
            day=words.day(other["event_date"]),
        )
        for other in facts["called_off"]
        if other["is_meeting"] == "yes"
    ]
    if event is not None:
        return [_next(event), *called_off]
    if not known(facts, "meetings_12m") and not facts["last_meeting"]:
        text = _("When the next meeting is, is not known: no list of %(force)s was handed in.")
        return [say(text, force=facts["force_name"]), *called_off]
    told = [say(_("No meeting is announced.")), *called_off]
    if facts["last_meeting"]:
        day = words.day(facts["last_meeting"]["event_date"])
        told.append(say(_("The last one was on %(day)s."), day=day))
    return told


def _next(event: Facts) -> Markup:
    when = (
        words.when(event["start_at"], event["end_at"])
        if event["start_at"]
        else words.day(event["event_date"])
    )
    if event["venue"] and event["online"] in (True, "yes"):
        text = _("The next meeting: %(when)s, at %(venue)s and online.")
    elif event["venue"]:
        text = _("The next meeting: %(when)s, at %(venue)s.")
    elif event["online"] in (True, "yes"):
        text = _("The next meeting: %(when)s, online.")
    else:
        text = _("The next meeting: %(when)s. Where it is was not published.")
    return say(text, when=when, venue=user_text(event["venue"] or ""))


def _heard(facts: Facts) -> list[Markup]:
    quarters = facts["heard"]["quarters"]
    told = []
    if not quarters:
        told.append(say(_("How many people took part is not known: no number is published yet.")))
    else:
        told.extend(_came(quarters[-1]))
        told.extend(_answered_in_time(quarters[-1]))
    return [*told, *_reached(facts)]


def _came(quarter: Facts) -> list[Markup]:
    number, status = quarter["attendances"], quarter["attendances_status"]
    period = words.quarter(quarter["period"])
    if number is not None:
        text = ngettext(
            "At events here in %(period)s, %(n)s attendance was counted. Someone who comes twice"
            " is counted twice.",
            "At events here in %(period)s, %(n)s attendances were counted. Someone who comes twice"
            " is counted twice.",
            number,
        )
        of = f"engagement_reach.attendances@{quarter['period']}"
        return [say(text, period=period, n=counted(number, of, status))]
    if status == "c":
        text = _(
            "How many came to events here in %(period)s is not shown: so few people that they"
            " could be recognised, or that others could be worked out from it."
        )
    elif status == "z":
        text = _("No event was logged here for %(period)s.")
    else:
        text = _("How many came to events here in %(period)s is not known.")
    return [say(text, period=period)]


def _answered_in_time(quarter: Facts) -> list[Markup]:
    received, answered = quarter["received"], quarter["answered_72h"]
    if quarter["received_status"] == "c":
        return [say(_("How many questions came in is not shown, to protect the people who wrote."))]
    if not received or answered is None:
        return []
    text = ngettext(
        "%(n)s question or message came in; %(answered)s answered within 72 hours.",
        "%(n)s questions and messages came in; %(answered)s answered within 72 hours.",
        received,
    )
    was = ngettext("%(n)s was", "%(n)s were", answered)
    at = f"@{quarter['period']}"
    shown = counted(answered, f"feedback_summary.answered_72h{at}", quarter["answered_72h_status"])
    came = counted(received, f"feedback_summary.received{at}", quarter["received_status"])
    return [say(text, n=came, answered=say(was, n=shown))]


def _reached(facts: Facts) -> list[Markup]:
    """Who was to be heard and who was; groups that need care are not among them."""
    if not known(facts, "groups_planned_12m") or not facts["profile"]["groups_planned_12m"]:
        return []
    planned, reached = (facts["profile"][f"groups_{k}_12m"] for k in ("planned", "reached"))
    text = ngettext(
        "The plan named %(n)s group of people to talk to here; %(reached)s so far.",
        "The plan named %(n)s groups of people to talk to here; %(reached)s so far.",
        planned,
    )
    was = ngettext("%(n)s was reached", "%(n)s were reached", reached)
    shown = words.datum(reached, "neighbourhood_profile.groups_reached_12m")
    return [
        say(
            text,
            n=words.datum(planned, "neighbourhood_profile.groups_planned_12m"),
            reached=say(was, n=shown),
        )
    ]
