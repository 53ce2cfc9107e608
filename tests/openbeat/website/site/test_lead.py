"""The first words of a neighbourhood page say what the facts say, sentence by sentence."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

import pytest

from openbeat.website.language import using
from openbeat.website.site.lead import lead

MONTHS = [f"2024-{m:02}" for m in range(6, 13)] + [f"2025-{m:02}" for m in range(1, 7)]


def series(latest: int | None = 103, status: str | None = None, **values: Any) -> dict[str, Any]:
    """A series of 13 months: 90 to 110 in the 12 before the newest."""
    before = [90, *[100] * 10, 110]
    return {
        "values": [*before, latest],
        "statuses": [*[None] * 12, status],
        "latest": latest,
        "latest_status": status,
        "usual": 100.0,
        "lowest": 90,
        "highest": 110,
        "usual_months": 12,
        **values,
    }


def crime(**values: Any) -> dict[str, Any]:
    return {
        "months": MONTHS,
        "total": series(),
        "antisocial_behaviour": series(21),
        "by_other_forces": 0,
        "by_other_forces_status": None,
        "other_forces": [],
        "coverage": "submitted",
        **values,
    }


def profile(**values: Any) -> dict[str, Any]:
    known = {
        "issues_raised_12m": 4,
        "no_feedback_yet": 0,
        "actions_overdue": 0,
        "priorities": 1,
        "meetings_12m": 3,
        "groups_planned_12m": 0,
        "groups_reached_12m": 0,
        **values,
    }
    return known | {f"{name}_status": None for name in known if f"{name}_status" not in values}


def facts(**values: Any) -> dict[str, Any]:
    """A place of which all is known and little has happened."""
    return {
        "force_name": "Northshire Police",
        "neighbourhood_name": "Harbour",
        "month": "2025-06",
        "since": "2024-08-01",
        "crime": crime(),
        "profile": profile(),
        "answered": [],
        "open": [],
        "priorities": [],
        "next_meeting": None,
        "last_meeting": None,
        "called_off": [],
        "heard": {"quarters": []},
        **values,
    }


def issue(status: str, **values: Any) -> dict[str, Any]:
    return {
        "status": status,
        "raised_on": "2025-01-10",
        "theme": "burglary",
        "theme_label": "Burglary",
        "action": None,
        "result": None,
        "reason_no_action": None,
        "reason_no_action_label": None,
        **values,
    }


def priority(**values: Any) -> dict[str, Any]:
    return {"closed_on": None, "current": "yes", "theme_label": "Drugs", **values}


def meeting(**values: Any) -> dict[str, Any]:
    return {
        "event_date": "2025-08-15",
        "start_at": "2025-08-15T17:30:00Z",
        "end_at": "2025-08-15T19:00:00Z",
        "venue": "Vine Hall",
        "online": False,
        "is_meeting": "yes",
        **values,
    }


def quarter(**values: Any) -> dict[str, Any]:
    return {
        "period": "2025-Q2",
        "attendances": 70,
        "attendances_status": None,
        "received": 20,
        "received_status": None,
        "answered_72h": 15,
        "answered_72h_status": None,
        **values,
    }


def change(now: int | None, before: int | None, found: str | None, **values: Any) -> dict[str, Any]:
    return {
        "now": now,
        "before": before,
        "months": 12,
        "month_before": "2024-06",
        "redrawn": False,
        "change": found,
        **values,
    }


def rate(**values: Any) -> dict[str, Any]:
    return {"rate_12m_per_1000": 45.234, "crime_total_12m": 452, "population": 9992, **values}


LIKE = {"places": 10, "lowest": 20.1, "median": 43.25, "highest": 1080.3}


def said(sentences: Sequence[object]) -> str:
    """What a person reads."""
    return html.unescape(re.sub(r"<[^>]+>", "", " ".join(map(str, sentences))))


def read(section: str, **values: Any) -> str:
    return said(getattr(lead(facts(**values)), section))


CALM = "Anti-social behaviour is counted apart: 21 incidents."


@pytest.mark.parametrize(
    ("given", "sentences"),
    [
        ({}, f"103 crimes were published on police.uk for this place in June 2025. {CALM}"),
        (
            {"total": series(1)},
            f"1 crime was published on police.uk for this place in June 2025. {CALM}",
        ),
        (
            {"total": series(0), "antisocial_behaviour": series(0)},
            "No crime was published on police.uk for this place in June 2025."
            " Anti-social behaviour is counted apart: no incident.",
        ),
        (
            {"total": series(1204, "u"), "antisocial_behaviour": series(1, "u")},
            "At least 1,204 crimes were published on police.uk for this place in June 2025. The"
            " file of Northshire Police does not look whole, so there may be more."
            " Anti-social behaviour is counted apart: at least 1 incident.",
        ),
        (
            {"total": series(1, "u"), "antisocial_behaviour": series(2, "u")},
            "At least 1 crime was published on police.uk for this place in June 2025. The"
            " file of Northshire Police does not look whole, so there may be more."
            " Anti-social behaviour is counted apart: at least 2 incidents.",
        ),
        (
            {"total": series(9), "antisocial_behaviour": series(1)},
            "9 crimes were published on police.uk for this place in June 2025."
            " Anti-social behaviour is counted apart: 1 incident.",
        ),
        (
            {"total": series(9), "antisocial_behaviour": series(None, "x")},
            "9 crimes were published on police.uk for this place in June 2025."
            " How much anti-social behaviour was reported is not known.",
        ),
    ],
)
def test_the_newest_month_is_told_with_anti_social_behaviour_apart(
    given: dict[str, Any], sentences: str
) -> None:
    assert read("crime", crime=crime(**given)) == sentences


@pytest.mark.parametrize(
    ("coverage", "why"),
    [
        ("missing", "Northshire Police gave no file for the month. "),
        ("empty", "The file of Northshire Police for the month is empty. "),
        ("malformed", "The file of Northshire Police for the month could not be read. "),
        ("partial_suspected", "The file of Northshire Police for the month is not whole. "),
        (None, ""),
    ],
)
def test_a_month_without_figures_is_never_told_as_none(coverage: str | None, why: str) -> None:
    told = read("crime", crime=crime(total=series(None, "x"), coverage=coverage))
    assert told == (
        f"There are no crime figures for June 2025. {why}That does not mean that there was no"
        " crime. The newest month with figures is May 2025: 110 crimes."
    )
    assert read("compared", crime=crime(total=series(None, "x"), coverage=coverage)) == ""


@pytest.mark.parametrize(
    "total", [None, series(None, "x", values=[None] * 13, statuses=["x"] * 13, usual=None)]
)
def test_a_place_of_which_no_month_is_known_says_so(total: dict[str, Any] | None) -> None:
    assert read("crime", crime=crime(total=total)) == (
        "No crime figures of this place are known. That does not mean that there was no crime."
    )


@pytest.mark.parametrize(
    ("number", "status", "names", "sentence"),
    [
        (0, None, [], ""),
        (None, "x", [], "Crimes that other forces, such as the railway police, dealt with may be"
                        " missing."),
        (1, None, ["British Transport Police"], "1 of them was reported by British Transport"
                                                " Police."),
        (3, None, ["A Police", "B Police"], "3 of them were reported by A Police and B Police."),
        (1, "u", ["A Police"], "At least 1 of them was reported by A Police."),
        (2, "u", ["A Police"], "At least 2 of them were reported by A Police."),
        (2, None, [], "2 of them were reported by other forces."),
    ],
)  # fmt: skip
def test_crimes_that_other_forces_reported_are_named(
    number: int | None, status: str | None, names: list[str], sentence: str
) -> None:
    given = crime(
        by_other_forces=number,
        by_other_forces_status=status,
        other_forces=[{"reported_by_name": name} for name in names],
    )
    first = "103 crimes were published on police.uk for this place in June 2025."
    assert read("crime", crime=given) == " ".join(filter(None, [first, sentence, CALM]))


@pytest.mark.parametrize(
    ("total", "sentence"),
    [
        (series(103), "is within the range of the 12 months before (from 90 to 110)."),
        (series(90), "is within the range of the 12 months before (from 90 to 110)."),
        (series(110), "is within the range of the 12 months before (from 90 to 110)."),
        (series(111), "had more than any of the 12 months before (from 90 to 110)."),
        (series(89), "had fewer than any of the 12 months before (from 90 to 110)."),
        (
            series(111, usual_months=9),
            "had more than any of the 9 known months of the 12 before (from 90 to 110).",
        ),
        (series(0, lowest=0, highest=0), "had as many as each of the 12 months before."),
        (
            series(2, lowest=0, highest=0),
            "had more than any of the 12 months before (0 each).",
        ),
        (
            series(2, lowest=4, highest=4),
            "had fewer than any of the 12 months before (4 each).",
        ),
    ],
)
def test_the_newest_month_is_held_against_its_own_past(
    total: dict[str, Any], sentence: str
) -> None:
    assert read("compared", crime=crime(total=total)) == f"June 2025 {sentence}"


def test_a_month_is_not_compared_where_that_would_mislead() -> None:
    assert read("compared", crime=crime(total=series(50, "u"))) == (
        "June 2025 cannot be compared with the months before, as it is not whole."
    )
    few = series(50, usual=None, lowest=None, highest=None, usual_months=5)
    assert read("compared", crime=crime(total=few)) == (
        "There are too few earlier months to compare June 2025 with."
    )


RANGE = "June 2025 is within the range of the 12 months before (from 90 to 110). "


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            change(1204, 1400, "fewer"),
            "In the 12 months to June 2025 there were 1,204 crimes: fewer than the 1,400 of the 12"
            " months before.",
        ),
        (
            change(1, 20, "fewer"),
            "In the 12 months to June 2025 there was 1 crime: fewer than the 20 of the 12 months"
            " before.",
        ),
        (
            change(1400, 1204, "more"),
            "In the 12 months to June 2025 there were 1,400 crimes: more than the 1,204 of the 12"
            " months before.",
        ),
        (
            change(1204, 1210, "same"),
            "In the 12 months to June 2025 there were 1,204 crimes, and 1,210 in the 12 months"
            " before: about the same, as the difference is no more than chance could bring.",
        ),
        (
            change(12, 12, "same"),
            "In the 12 months to June 2025 there were 12 crimes: as many as in the 12 months before"
            " (12).",
        ),
        (
            change(1, 1, "same"),
            "In the 12 months to June 2025 there was 1 crime: as many as in the 12 months before"
            " (1).",
        ),
        (
            change(120, 300, None, redrawn=True),
            "In the 12 months to June 2025 there were 120 crimes, and 300 in the 12 months before."
            " The area changed in that time, so the two cannot be compared.",
        ),
        (
            change(120, None, None),
            "In the 12 months to June 2025 there were 120 crimes. The 12 months before are not all"
            " known, so the two cannot be compared.",
        ),
        (
            change(None, None, None, months=10),
            "Whole years cannot be compared: of the last 12 months, 10 have whole figures.",
        ),
        (
            change(None, 300, None, months=1),
            "Whole years cannot be compared: of the last 12 months, 1 has whole figures.",
        ),
    ],
)
def test_a_year_is_held_against_the_year_before(given: dict[str, Any], sentence: str) -> None:
    assert read("compared", change=given) == RANGE + sentence


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"rate": rate(), "similar": LIKE},
            "For every 1,000 people who live here, there were 45.2 crimes in those 12 months."
            " In 10 places with about as many people living about as close together, it was"
            " from 20.1 to 1,080.3, with 43.2 in the middle.",
        ),
        (
            {"rate": rate(), "similar": {**LIKE, "places": None}},
            "For every 1,000 people who live here, there were 45.2 crimes in those 12 months."
            " Too few places are like this one to set it beside others.",
        ),
        (
            {"rate": rate()},
            "For every 1,000 people who live here, there were 45.2 crimes in those 12 months."
            " Too few places are like this one to set it beside others.",
        ),
        (
            {"rate": rate(rate_12m_per_1000=None, population=None)},
            "How many people live here is not known, so no rate is given.",
        ),
        (
            {"rate": rate(rate_12m_per_1000=None, population=300)},
            "Only 300 people live here, too few for a rate that says anything.",
        ),
        (
            {"rate": rate(rate_12m_per_1000=None, population=1)},
            "Only 1 person lives here, too few for a rate that says anything.",
        ),
        ({"rate": rate(rate_12m_per_1000=None, crime_total_12m=None)}, ""),
    ],
)
def test_a_rate_stands_beside_those_of_similar_places_only(
    given: dict[str, Any], sentence: str
) -> None:
    assert read("compared", **given) == (RANGE + sentence).strip()


def test_no_log_at_all_is_said_once_and_never_told_as_nothing_done() -> None:
    told = lead(facts(profile=None))
    assert said(told.asked) == (
        "What people asked for here is not known: no record of Northshire Police was handed in."
    )
    assert told.done == []
    assert told.not_done == []
    assert said(told.working_on) == (
        "What the police put first here is not known: no list was given."
    )
    assert said(told.meeting) == (
        "When the next meeting is, is not known: no list of Northshire Police was handed in."
    )
    assert said(told.heard) == (
        "How many people took part is not known: no number is published yet."
    )


def test_a_force_without_a_log_of_issues_is_not_said_to_have_been_asked_nothing() -> None:
    unknown = profile(issues_raised_12m=None, issues_raised_12m_status="x")
    told = lead(facts(profile=unknown))
    assert "is not known" in said(told.asked)
    assert (told.done, told.not_done) == ([], [])


def test_what_was_asked_is_counted_and_the_commonest_subjects_named() -> None:
    assert read("asked", profile=profile(issues_raised_12m=0)) == (
        "Nothing that people here asked for since 1 August 2024 is on record."
    )
    assert read("asked", profile=profile(issues_raised_12m=1)) == (
        "Since 1 August 2024, people here raised 1 issue."
    )
    drugs = {"theme": "drugs", "theme_label": "Drugs"}
    tied = [issue("open"), issue("open"), issue("open", **drugs)]
    assert read("asked", open=tied, answered=[issue("action_taken", **drugs)]) == (
        "Since 1 August 2024, people here raised 4 issues."
        " What came up most often: burglary; drugs (2 times each)."
    )
    assert read("asked", open=[issue("open"), issue("open"), issue("open", **drugs)]).endswith(
        "What came up most often: burglary (2 times)."
    )


@pytest.mark.parametrize(
    "issues",
    [
        [issue("open")],
        [issue("open"), issue("duplicate")],
        [issue("open"), issue("open", raised_on="2024-07-31")],
        [issue("open", theme="other", theme_label="Other")] * 2,
        [issue("open", theme=t, theme_label=t) for t in "abcd"] * 2,
    ],
    ids=["once", "a duplicate", "a year ago", "other", "all alike"],
)
def test_no_subject_is_put_forward_where_none_came_up_most(issues: list[dict[str, Any]]) -> None:
    assert read("asked", open=issues) == "Since 1 August 2024, people here raised 4 issues."


def test_what_was_done_comes_with_its_newest_result() -> None:
    acted = issue("action_taken", action="A camera was put up", result="Calls fell by half.")
    wordless = issue("action_taken")
    long = issue("action_taken", action="x" * 150, result="y" * 50)
    assert read("done") == "No finished action since 1 August 2024 is on record."
    assert read("done", answered=[wordless, acted, acted]) == (
        "Since 1 August 2024, something was done about 3 issues."
        " The newest with a result: A camera was put up. Calls fell by half."
    )
    assert read("done", answered=[long]) == (
        "Since 1 August 2024, something was done about 1 issue."
    )
    assert read("done", answered=[issue("referred_partner")]) == (
        "1 issue was passed to another organisation."
    )
    assert read("done", answered=[acted, *[issue("referred_partner")] * 2]) == (
        "Since 1 August 2024, something was done about 1 issue."
        " 2 issues were passed to another organisation."
        " The newest with a result: A camera was put up. Calls fell by half."
    )


def test_what_was_not_done_comes_with_its_reasons() -> None:
    refused = [
        issue("no_action", reason_no_action=code, reason_no_action_label=label)
        for code, label in (
            ("not_police_matter", "Not a police matter"),
            ("insufficient_evidence", "Not enough evidence"),
            ("insufficient_evidence", "Not enough evidence"),
            ("other", "Another reason"),
        )
    ]
    assert read("not_done", answered=refused) == (
        "On 4 issues no action was taken."
        " The reasons given: not a police matter; not enough evidence."
    )
    assert read("not_done", answered=refused[:1]) == (
        "On 1 issue no action was taken. The reason given: not a police matter."
    )
    assert read("not_done", answered=refused[3:]) == "On 1 issue no action was taken."


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Nothing was turned down. No action is overdue."),
        (
            {"actions_overdue": None, "actions_overdue_status": "x"},
            "Nothing was turned down. Whether any action is overdue is not known.",
        ),
        (
            {"actions_overdue": 1},
            "1 action is overdue: the date it was promised for has passed.",
        ),
        (
            {"actions_overdue": 2},
            "2 actions are overdue: the dates they were promised for have passed.",
        ),
        (
            {"no_feedback_yet": 1},
            "1 issue was closed, but people cannot read what was done or why nothing was.",
        ),
        (
            {"no_feedback_yet": 2},
            "2 issues were closed, but people cannot read what was done or why nothing was.",
        ),
    ],
)
def test_what_is_late_or_without_an_answer_is_told(given: dict[str, Any], sentence: str) -> None:
    assert read("not_done", profile=profile(**given)) == sentence


def test_priorities_and_open_issues_say_what_is_being_worked_on() -> None:
    assert read("working_on") == "No priority of the police is published for this place."
    unknown = profile(priorities=None, priorities_status="x")
    assert read("working_on", profile=unknown) == (
        "What the police put first here is not known: no list was given."
    )
    assert read("working_on", priorities=[priority(), priority(closed_on="2025-05-01")]) == (
        "The police have 1 priority here: drugs."
    )
    noise = priority(theme_label="Noise", current="no")
    assert read("working_on", priorities=[noise, priority()], open=[issue("open")]) == (
        "The police have 2 priorities here: drugs; noise."
        " 1 of them has not been brought up to date for 3 months. 1 issue is still open."
    )
    assert "2 of them have not been" in read("working_on", priorities=[noise, noise])
    assert read("working_on", priorities=[priority(theme_label=None, current="no")]) == (
        "The police have 1 priority here. It has not been brought up to date for 3 months."
    )
    waiting = [issue("accepted"), issue("in_progress"), issue("no_feedback_yet")]
    assert read("working_on", open=waiting).endswith("2 issues are still open.")


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        ({}, "Friday 15 August 2025, 6:30pm to 8pm, at Vine Hall."),
        ({"online": True}, "Friday 15 August 2025, 6:30pm to 8pm, at Vine Hall and online."),
        ({"venue": None, "online": "yes"}, "Friday 15 August 2025, 6:30pm to 8pm, online."),
        (
            {"venue": None, "start_at": None},
            "15 August 2025. Where it is was not published.",
        ),
    ],
)
def test_the_next_meeting_says_when_and_where(event: dict[str, Any], sentence: str) -> None:
    assert read("meeting", next_meeting=meeting(**event)) == f"The next meeting: {sentence}"


def test_without_a_meeting_the_last_one_is_named() -> None:
    assert read("meeting") == "No meeting is announced."
    assert read("meeting", last_meeting=meeting(event_date="2025-07-07")) == (
        "No meeting is announced. The last one was on 7 July 2025."
    )
    off = [meeting(event_date="2025-08-20"), meeting(is_meeting="no")]
    assert read("meeting", called_off=off) == (
        "No meeting is announced. The meeting of 20 August 2025 does not take place as announced."
    )
    unknown = profile(meetings_12m=None, meetings_12m_status="x")
    assert "no list of Northshire Police" in read("meeting", profile=unknown)


TWICE = "Someone who comes twice is counted twice."


@pytest.mark.parametrize(
    ("given", "sentences"),
    [
        (
            {},
            f"At events here in April to June 2025, 70 attendances were counted. {TWICE} 20"
            " questions and messages came in; 15 were answered within 72 hours.",
        ),
        (
            {"attendances": 1, "received": 1, "answered_72h": 1},
            f"At events here in April to June 2025, 1 attendance was counted. {TWICE} 1 question or"
            " message came in; 1 was answered within 72 hours.",
        ),
        (
            {"attendances": 70, "attendances_status": "p", "received": 0, "answered_72h": 0},
            "At events here in April to June 2025, 70 (provisional) attendances were counted."
            f" {TWICE}",
        ),
        (
            {"attendances": None, "attendances_status": "c", "received": None,
             "received_status": "c", "answered_72h": None, "answered_72h_status": "c"},
            "How many came to events here in April to June 2025 is not shown: so few people that"
            " they could be recognised, or that others could be worked out from it. How many"
            " questions came in is not shown, to protect the people who wrote.",
        ),
        (
            {"attendances": None, "attendances_status": "z", "answered_72h": None,
             "answered_72h_status": "c"},
            "No event was logged here for April to June 2025.",
        ),
        (
            {"attendances": None, "attendances_status": "x", "received": None,
             "received_status": "z"},
            "How many came to events here in April to June 2025 is not known.",
        ),
    ],
)  # fmt: skip
def test_who_was_heard_is_told_of_the_newest_quarter(given: dict[str, Any], sentences: str) -> None:
    heard = {"quarters": [quarter(attendances=1000), quarter(**given)]}
    assert read("heard", heard=heard) == sentences


def test_groups_to_be_heard_are_counted_with_those_that_were() -> None:
    planned = {"groups_planned_12m": 5, "groups_reached_12m": 2}
    assert read("heard", profile=profile(**planned)).endswith(
        "The plan named 5 groups of people to talk to here; 2 were reached so far."
    )
    planned = {"groups_planned_12m": 1, "groups_reached_12m": 1}
    assert read("heard", profile=profile(**planned)).endswith(
        "The plan named 1 group of people to talk to here; 1 was reached so far."
    )


def busy() -> dict[str, Any]:
    """A place with something in every section."""
    return facts(
        profile=profile(
            actions_overdue=2, no_feedback_yet=1, groups_planned_12m=5, groups_reached_12m=2
        ),
        answered=[
            issue("action_taken", action="A <b>camera</b>", result="Calls fell & stayed low"),
            issue("no_action", reason_no_action="x", reason_no_action_label="Not <ours>"),
            issue("referred_partner"),
        ],
        open=[issue("open")],
        priorities=[priority(current="no"), priority()],
        next_meeting=meeting(venue="St Mary's <Hall>"),
        heard={"quarters": [quarter()]},
        change=change(1204, 1210, "same"),
        rate=rate(),
        similar=LIKE,
    )


def test_every_number_of_the_release_can_be_checked_by_a_program() -> None:
    told = lead(busy())
    for section, sentences in vars(told).items():
        for sentence in sentences:
            rest = re.sub(r"<data [^>]*>[^<]*</data>", "", str(sentence))
            # What is left: spans of months and hours, days and places, not figures.
            rest = re.sub(r"\b(12 months|3 months|72 hours|1,000 people)\b", "", rest)
            rest = re.sub(
                r"(to |in |Since |on |^)(\d+ )?[A-Z][a-z]+( to [A-Z][a-z]+)? 20\d\d", "", rest
            )
            if section != "meeting":
                assert not re.search(r"\d", rest), sentence
    shown = " ".join(str(s) for part in vars(told).values() for s in part)
    assert (
        '<data value="1204" data-of="crime_summary.crime_total_12m@2025-06">1,204</data>' in shown
    )
    assert 'data-of="crime_summary.crime_total_12m@2024-06"' in shown
    assert (
        '<data value="45.234" data-of="crime_summary.rate_12m_per_1000@2025-06">45.2</data>'
        in shown
    )


def test_what_people_wrote_cannot_break_the_page() -> None:
    told = lead(busy())
    assert "A &lt;b&gt;camera&lt;/b&gt;. Calls fell &amp; stayed low." in " ".join(told.done)
    assert "St Mary&#39;s &lt;Hall&gt;" in told.meeting[0]
    assert "Not &lt;ours&gt;".lower() in " ".join(told.not_done).lower()


def test_what_people_wrote_is_marked_as_english_on_a_page_in_welsh() -> None:
    with using("cy"):
        told = lead(busy())
    assert '<span lang="en-GB">Calls fell &amp; stayed low.</span>' in " ".join(told.done)
    assert '<span lang="en-GB">' not in " ".join(lead(busy()).done)


def test_sentences_are_short_and_nobody_is_ranked() -> None:
    told = [said([s]) for part in vars(lead(busy())).values() for s in part]
    sentences = [s for text in told for s in re.split(r"(?<=[.!?:;]) ", text)]
    assert max(len(s.split()) for s in sentences) <= 25
    assert sum(len(s.split()) for s in sentences) / len(sentences) <= 12
    words = " ".join(told).lower()
    for claim in ("best", "worst", "safest", "rank", "recorded crime", "because", "top "):
        assert claim not in words


@pytest.mark.parametrize(
    ("redrawn", "said"), [("2025-02", True), ("2024-06", False), (None, False)]
)
def test_a_range_that_holds_months_of_an_older_shape_says_so(
    redrawn: str | None,
    said: bool,
) -> None:
    told = " ".join(lead(facts(area={"redrawn": redrawn})).compared)
    assert ("The area was redrawn in February 2025" in told) is said
