"""The sentences of ``lead`` on what was asked, done, not done, and is being worked on.

Only wording belongs here. Where the force delivers no log of issues only the first says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from openbeat.website import words
from openbeat.website.language import gettext as _
from openbeat.website.language import ngettext
from openbeat.website.site.sentences import in_a_row, say, user_text

if TYPE_CHECKING:
    from markupsafe import Markup

Facts = Mapping[str, Any]
_MOST_NAMED: Final = 3
_LONGEST_QUOTE: Final = 180
_OTHER: Final = "other"  # its label says nothing; the words beside the issue do


def known(facts: Facts, measure: str) -> bool:
    """Whether the force delivers what the measure of the profile is counted from."""
    profile = facts["profile"]
    return profile is not None and profile[f"{measure}_status"] is None


def asked(facts: Facts) -> list[Markup]:
    """What people asked for in the last 12 months, and what came up most."""
    if not known(facts, "issues_raised_12m"):
        text = _("What people asked for here is not known: no record of %(force)s was handed in.")
        return [say(text, force=facts["force_name"])]
    number = facts["profile"]["issues_raised_12m"]
    if not number:
        none = words.datum(0, "neighbourhood_profile.issues_raised_12m", _("Nothing"))
        text = _("%(nothing)s that people here asked for since %(day)s is on record.")
        return [say(text, day=words.day(facts["since"]), nothing=none)]
    text = ngettext(
        "Since %(day)s, people here raised %(n)s issue.",
        "Since %(day)s, people here raised %(n)s issues.",
        number,
    )
    shown = words.datum(number, "neighbourhood_profile.issues_raised_12m")
    return [say(text, day=words.day(facts["since"]), n=shown), *_subjects(facts)]


def _subjects(facts: Facts) -> list[Markup]:
    """What came up most: named only where few subjects share the first place."""
    raised = [
        issue
        for issue in (*facts["answered"], *facts["open"])
        if (issue["raised_on"] or "") >= facts["since"] and issue["status"] != "duplicate"
    ]
    times = Counter(issue["theme_label"] for issue in raised if issue["theme"] != _OTHER)
    most = max(times.values(), default=0)
    named = sorted(theme for theme, number in times.items() if number == most)
    if most < 2 or len(named) > _MOST_NAMED:
        return []
    text = ngettext(
        "What came up most often: %(subjects)s (%(n)s times).",
        "What came up most often: %(subjects)s (%(n)s times each).",
        len(named),
    )
    shown = words.datum(most, "you_said_we_did.theme#most_raised")
    return [say(text, subjects=in_a_row(named), n=shown)]


def done(facts: Facts) -> list[Markup]:
    """What was done or passed on in the last 12 months, and the newest result."""
    if not known(facts, "issues_raised_12m"):
        return []
    acted = [issue for issue in facts["answered"] if issue["status"] == "action_taken"]
    passed_on = [issue for issue in facts["answered"] if issue["status"] == "referred_partner"]
    if not acted and not passed_on:
        text = _("No finished action since %(day)s is on record.")
        return [say(text, day=words.day(facts["since"]))]
    return [*_acted(facts, acted), *_passed_on(passed_on), *_newest_result(acted)]


def _acted(facts: Facts, acted: list[Facts]) -> list[Markup]:
    if not acted:
        return []
    text = ngettext(
        "Since %(day)s, something was done about %(n)s issue.",
        "Since %(day)s, something was done about %(n)s issues.",
        len(acted),
    )
    shown = words.datum(len(acted), "you_said_we_did.status#action_taken")
    return [say(text, day=words.day(facts["since"]), n=shown)]


def _newest_result(acted: list[Facts]) -> list[Markup]:
    """What was done last with a result, where it is short enough to be read out."""
    newest = next((issue for issue in acted if issue["action"] and issue["result"]), None)
    if newest is None or len(newest["action"]) + len(newest["result"]) > _LONGEST_QUOTE:
        return []
    action, result = (user_text(words.sentence(newest[k])) for k in ("action", "result"))
    text = _("The newest with a result: %(action)s %(result)s")
    return [say(text, action=action, result=result)]


def _passed_on(issues: list[Facts]) -> list[Markup]:
    if not issues:
        return []
    text = ngettext(
        "%(n)s issue was passed to another organisation.",
        "%(n)s issues were passed to another organisation.",
        len(issues),
    )
    return [say(text, n=words.datum(len(issues), "you_said_we_did.status#referred_partner"))]


def not_done(facts: Facts) -> list[Markup]:
    """What was turned down and why, what is late, and what is without an answer."""
    if not known(facts, "issues_raised_12m"):
        return []
    told = [*_refused(facts), *_late(facts), *_without_answer(facts)]
    if told:
        return told
    if known(facts, "actions_overdue"):
        shown = words.datum(0, "neighbourhood_profile.actions_overdue", _("No"))
        return [say(_("Nothing was turned down. %(no)s action is overdue."), no=shown)]
    return [say(_("Nothing was turned down. Whether any action is overdue is not known."))]


def _refused(facts: Facts) -> list[Markup]:
    refused = [issue for issue in facts["answered"] if issue["status"] == "no_action"]
    if not refused:
        return []
    reasons = sorted(
        {
            i["reason_no_action_label"]
            for i in refused
            if i["reason_no_action"] not in (None, _OTHER)
        }
    )
    text = ngettext(
        "On %(n)s issue no action was taken.",
        "On %(n)s issues no action was taken.",
        len(refused),
    )
    told = [say(text, n=words.datum(len(refused), "you_said_we_did.status#no_action"))]
    if reasons:
        text = ngettext(
            "The reason given: %(reasons)s.", "The reasons given: %(reasons)s.", len(reasons)
        )
        told.append(say(text, reasons=in_a_row(reasons)))
    return told


def _late(facts: Facts) -> list[Markup]:
    number = facts["profile"]["actions_overdue"]
    if not number:
        return []
    text = ngettext(
        "%(n)s action is overdue: the date it was promised for has passed.",
        "%(n)s actions are overdue: the dates they were promised for have passed.",
        number,
    )
    return [say(text, n=words.datum(number, "neighbourhood_profile.actions_overdue"))]


def _without_answer(facts: Facts) -> list[Markup]:
    number = facts["profile"]["no_feedback_yet"]
    if not number:
        return []
    text = ngettext(
        "%(n)s issue was closed, but people cannot read what was done or why nothing was.",
        "%(n)s issues were closed, but people cannot read what was done or why nothing was.",
        number,
    )
    return [say(text, n=words.datum(number, "neighbourhood_profile.no_feedback_yet"))]


def working_on(facts: Facts) -> list[Markup]:
    """The priorities that stand, and the issues that are open."""
    return [*_priorities(facts), *_still_open(facts)]


def _priorities(facts: Facts) -> list[Markup]:
    open_ones = [p for p in facts["priorities"] if p["closed_on"] is None]
    if not open_ones:
        if not known(facts, "priorities"):
            return [say(_("What the police put first here is not known: no list was given."))]
        return [say(_("No priority of the police is published for this place."))]
    themes = sorted({p["theme_label"] for p in open_ones if p["theme_label"]})
    text = ngettext(
        "The police have %(n)s priority here", "The police have %(n)s priorities here",
        len(open_ones),
    )  # fmt: skip
    shown = say(text, n=words.datum(len(open_ones), "neighbourhood_profile.priorities"))
    told = say("%(begin)s: %(themes)s.", begin=shown, themes=in_a_row(themes))
    return [told if themes else say("%(begin)s.", begin=shown), *_stale(open_ones)]


def _stale(priorities: list[Facts]) -> list[Markup]:
    number = sum(priority["current"] != "yes" for priority in priorities)
    if not number:
        return []
    if len(priorities) == 1:
        return [say(_("It has not been brought up to date for 3 months."))]
    text = ngettext(
        "%(n)s of them has not been brought up to date for 3 months.",
        "%(n)s of them have not been brought up to date for 3 months.",
        number,
    )
    return [say(text, n=words.datum(number, "priorities.current#no"))]


def _still_open(facts: Facts) -> list[Markup]:
    number = sum(issue["status"] != "no_feedback_yet" for issue in facts["open"])
    if not number:
        return []
    text = ngettext("%(n)s issue is still open.", "%(n)s issues are still open.", number)
    return [say(text, n=words.datum(number, "you_said_we_did.closed#open"))]
