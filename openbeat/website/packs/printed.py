"""What a printed pack says, in the order of a meeting: two pages, or the same in large print.

Only picking and wording of a pack's facts belongs here; it says what the HTML pack says, shorter
where the room is short, and then how much more there is, and where. The first page is in
``printed_front``, the second here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from openbeat.website import words
from openbeat.website.language import gettext as _
from openbeat.website.language import ngettext
from openbeat.website.packs import blocks as b
from openbeat.website.packs.blocks import Block, Text, rich, said
from openbeat.website.packs.printed_front import first_sheet, licensed

Facts = Mapping[str, Any]
_MOST: Final = 40
_LARGE: Final = 6
"""Issues and meetings of a list at the utmost: on two pages, in large print."""
_WORDING: Final = 220
_QUESTIONS: Final = 8


def sheets(p: Facts, chart: str, where: str, *, large: bool = False) -> list[list[Block]]:
    """The two pages.

    Args:
        p: Facts of the pack.
        chart: Crimes by month as SVG; empty for none.
        where: Where the whole pack is, in words.
        large: Whether for large print, over as many pages as it takes.

    Returns:
        By page its rows, as ``blocks.row`` gives them.
    """
    most = _LARGE if large else _MOST
    left = [*_answered(p, where, most), *_open(p, where, most)]
    right = [*_activities(p, where), *_meetings(p, where, most)]
    second = [
        b.row(b.column(left, 1.08), b.column(right), fill=True),
        *_heard(p, where),
        b.row(b.column(about(p, where))),
    ]
    return [first_sheet(p, chart, where, large=large), second]


def _answered(p: Facts, where: str, most: int) -> list[Block]:
    title = b.heading(_("You said, we did"))
    since = words.day(p["since"])
    if not p["answered"]:
        none = _("No answer was published for this neighbourhood since %(day)s.") % {"day": since}
        if p["open"]:
            none = f"{none} {_('No feedback given yet.')}"
        return [title, b.text([[none, ""]], "none")]
    begin = [title, b.text(rich(_("Answered since %(day)s, the newest first."), day=since), "note")]
    if b.has(p["profile"], "issues_due") and p["profile"]["issues_due"]:
        begin.append(b.text([[closed_of(p["profile"]), ""]]))

    def more(left: int) -> str:
        text = ngettext("%(n)s more answer: %(where)s", "%(n)s more answers: %(where)s", left)
        return text % {"n": words.number(left), "where": where}

    return [*begin, b.cuttable("cards", [_issue(i, False) for i in p["answered"]], more, most)]


def closed_of(profile: Facts) -> str:
    """How many of the issues that were due are closed, and how long an answer took."""
    due, closed = profile["issues_due"], profile["issues_closed"]
    text = ngettext(
        "Of %(due)s issue raised 90 days ago or earlier and within the last year or so,"
        " %(closed)s is closed with an action and its result, or a reason for none.",
        "Of %(due)s issues raised 90 days ago or earlier and within the last year or so,"
        " %(closed)s are closed with an action and its result, or a reason for none.",
        due,
    ) % {"due": words.number(due), "closed": words.number(closed)}
    days = profile["median_days_to_feedback"]
    if days is None:
        return text
    took = ngettext(
        "It took %(n)s day (the median) from raising an issue to being told.",
        "It took %(n)s days (the median) from raising an issue to being told.",
        days,
    )
    return f"{text} {took % {'n': words.number(days)}}"


def _open(p: Facts, where: str, most: int) -> list[Block]:
    title = b.heading(_("What is open, and why"))
    if not p["open"]:
        none = _("No open issue is published for this neighbourhood.")
        return [title, b.text([[none, ""]], "none")]

    def more(left: int) -> str:
        text = ngettext(
            "%(n)s more open issue: %(where)s", "%(n)s more open issues: %(where)s", left
        )
        return text % {"n": words.number(left), "where": where}

    return [title, b.cuttable("cards", [_issue(i, True) for i in p["open"]], more, most)]


def _issue(issue: Facts, still_open: bool) -> Block:
    """One issue: what was said, what came of it, and whether those who said it were told."""
    rows = [(_("You said"), _asked(issue))]
    if issue["status"] == "duplicate":
        rows.append((_("Answer"), [[_("The same as another issue; the answer is there."), ""]]))
    if done := issue["action"] or issue["action_type_label"]:
        label = _("We are doing") if still_open else _("We did")
        rows.append((label, [said(words.sentence(done), _WORDING)]))
    if issue["result"]:
        rows.append((_("Result"), [said(words.sentence(issue["result"]), _WORDING)]))
    elif issue["status"] == "action_taken":
        rows.append((_("Result"), [[_("The wording is not published."), ""]]))
    if not_done := why_not(issue):
        rows.append((_("Why not"), [said(not_done, _WORDING)]))
    rows.append(_due(issue) if still_open else _told(issue))
    return b.card(words_of(issue["theme_label"], _("Issue")), rows, issue_tags(issue))


def words_of(label: str | None, otherwise: str) -> str:
    """A label of a code list, in one line."""
    return b.clip(label or otherwise, 80)


def issue_tags(issue: Facts) -> list[tuple[str, str]]:
    """Where an issue stands, whether it is late, whether it is new since the last meeting."""
    late = issue["status"] == "no_feedback_yet"
    tags = [(b.clip(issue["status_label"] or issue["status"], 40), "late" if late else "")]
    if issue["overdue"] == "yes":
        tags.append((_("Overdue"), "late"))
    if issue["since_last_meeting"] or issue["answered_since_last_meeting"]:
        tags.append((_("new since the last meeting"), ""))
    return tags


def _asked(issue: Facts) -> Text:
    raised = (
        _("Raised %(day)s.") % {"day": words.day(issue["raised_on"])}
        if issue["raised_on"]
        else _("Raised in %(year)s.") % {"year": issue["year"]}
    )
    asked = (
        said(words.sentence(issue["asked"]), _WORDING)
        if issue["asked"]
        else [_("The wording is not published."), ""]
    )
    return [asked, [f" {raised}", "s"]]


def why_not(issue: Facts) -> str:
    """Why nothing was done: the reason's label and its words; empty for none."""
    label, reason = issue["reason_no_action_label"], issue["reason_text"]
    # The code of another reason says nothing beside the words.
    if issue["reason_no_action"] == "other" and reason:
        label = None
    return " ".join(words.sentence(part) for part in (label, reason) if part)


def _due(issue: Facts) -> tuple[str, Text]:
    if issue["status"] == "no_feedback_yet":
        text = _(
            "**No feedback given yet.** It is marked as closed, but neither a finished action"
            " with its result nor a reason for none is given."
        )
        return _("Answer"), rich(text)
    begun = issue["action"] or issue["action_type_label"]
    if begun:
        text = ""
    elif issue["decided_on"]:
        text = _("Decided; no action is published yet. ")
    else:
        text = _("Not decided yet. ")
    if issue["due_on"]:
        due = _("Due %(day)s.") % {"day": words.day(issue["due_on"])}
    else:
        due = _("No date is set.")
    pieces = [[f"{text}{due}", ""]]
    if issue["owner_org"]:
        pieces += rich(_(" With %(who)s."), who=b.clip(issue["owner_org"], 80))
    return _("So far"), pieces


def _told(issue: Facts) -> tuple[str, Text]:
    if not issue["fed_back_on"]:
        return _("Told"), [[_("It is not recorded that those who raised it were told."), ""]]
    channel = (issue["feedback_channel_label"] or "").lower()
    day = words.day(issue["fed_back_on"])
    return _("Told"), [[f"{day}, {b.clip(channel, 40)}." if channel else f"{day}.", ""]]


def _activities(p: Facts, where: str) -> list[Block]:
    title = b.heading(_("What police and partners did"))
    if not p["activities"]:
        none = _("No activity is published for this neighbourhood since %(day)s.")
        return [title, b.text(rich(none, day=words.day(p["since"])), "none")]

    def more(left: int) -> str:
        text = ngettext(
            "%(n)s more kind of activity: %(where)s",
            "%(n)s more kinds of activity: %(where)s",
            left,
        )
        return text % {"n": words.number(left), "where": where}

    rows = [
        [
            [
                [b.clip(a["activity_type_label"] or a["activity_type"], 60), ""],
                ["  ", ""],
                [b.clip(a["organisation"] or a["organisation_type_label"] or "", 60), "s"],
            ],
            b.cell(_amount(a["hours"], a["number"])),
            b.cell(_amount(a["hours_12m"], a["number_12m"])),
        ]
        for a in p["activities"]
    ]
    heads = [_("What, and who"), words.month(p["activities"][0]["month"]), _("12 months")]
    note = _("As logged. Nothing logged does not mean nothing was done.")
    return [
        title,
        b.table(_("By type and organisation."), heads, rows, [0, 17, 19], more, note=note),
    ]


def _amount(hours: float | None, number: float | None) -> str:
    """How much was done; ``none logged`` is not none done."""
    parts = []
    if hours is not None:
        parts.append(ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": words.number(hours)})
    if number is not None:
        parts.append(ngettext("%(n)s time", "%(n)s times", number) % {"n": words.number(number)})
    return ", ".join(parts) or _("none logged")


def _meetings(p: Facts, where: str, most: int) -> list[Block]:
    title = b.heading(_("Meetings and what was found"))
    if not p["held_events"]:
        none = _(
            "No meeting or other engagement is published for this neighbourhood since %(day)s."
        )
        return [title, b.text(rich(none, day=words.day(p["since"])), "none")]

    def more(left: int) -> str:
        text = ngettext("%(n)s earlier event: %(where)s", "%(n)s earlier events: %(where)s", left)
        return text % {"n": words.number(left), "where": where}

    cards = [_meeting(event) for event in p["held_events"]]
    return [title, b.cuttable("cards", cards, more, most)]


def _meeting(event: Facts) -> Block:
    kind = event["method_label"] or _("Event")
    when = words.day(event["event_date"]) or str(event["year"])
    rows = [
        (_("When"), [[f"{when}.", ""], [f" {_attended(event)}", "s"]]),
        (
            _("Who took part"),
            [said(words.sentence(event["participants"]), 140)]
            if event["participants"]
            else [[_("Not described."), ""]],
        ),
        (
            _("Findings"),
            [said(words.sentence(event["findings"]), _WORDING)]
            if event["findings"]
            else [[_("Not published."), ""]],
        ),
    ]
    return b.card(b.clip(event["title"] or kind, 100), rows)


def _attended(event: Facts) -> str:
    """How many came, or in a few words why that is not said."""
    number, status = event["attendances"], event["attendances_status"]
    if number is not None:
        text = ngettext("%(n)s attendance.", "%(n)s attendances.", number)
        return text % {"n": words.figure(number, status)}
    if event["participants_recorded"] != "yes":
        return _("How many came was not recorded.")
    if status == "c":
        return _("How many came is not shown, to protect people.")
    return _("How many came is not available.")


def _heard(p: Facts, where: str) -> list[Block]:
    """Rows across the page: figures by quarter, and beside them who filled a form in."""
    title, heard = b.heading(_("Who was heard")), p["heard"]
    if not heard["quarters"]:
        none = _(
            "No number of people is published for this force yet. That does not mean that nobody"
            " came or wrote."
        )
        return [b.row(b.column([title, b.text([[none, ""]], "none")]))]
    heads = ["", *(words.quarter(q["period"], short=True) for q in heard["quarters"])]
    rows = [
        [b.cell(_(label)), *(b.cell(_measure(q, name)) for q in heard["quarters"])]
        for name, label in words.HEARD.items()
    ]
    note = " ".join(
        [*heard["notes"], _("An attendance is not a person: who comes twice is counted twice.")]
    )
    figures = b.table(
        _("How many took part and wrote"), heads, rows, [0, *[17] * (len(heads) - 1)], str,
        most=len(rows),
    )  # fmt: skip
    beside = [*_groups(heard, where), b.text([[b.clip(note, 700), ""]], "note")]
    return [b.row(b.column([title])), b.row(b.column([figures], 1.3), b.column(beside))]


def _measure(quarter: Facts, name: str) -> str:
    write = words.percent if name.endswith("_share") else words.figure
    return write(quarter[name], quarter[f"{name}_status"])


def _groups(heard: Facts, where: str) -> list[Block]:
    """Forms by group, those that can be shown; nothing where no form was asked for."""
    groups = heard["groups"]
    if not groups:
        return []
    values = {"quarter": words.quarter(groups[0]["period"]), "where": where}
    if all(g["forms"] == 0 for g in groups):
        text = _(
            "No monitoring form came back from the events of %(quarter)s, so nothing is known of"
            " who came."
        )
        return [b.text(rich(text, **values))]
    counted = [g for g in groups if g["forms"]]
    if not counted:
        text = _(
            "Forms came back from the events of %(quarter)s, from too few people to show how many"
            " of which group. Which groups are known to be 0: %(where)s."
        )
        return [b.text(rich(text, **values))]
    asked: dict[str, list[str]] = {}
    for g in counted:
        number = words.figure(g["forms"], g["forms_status"])
        name = b.clip(g["characteristic_label"] or g["characteristic"], 60)
        asked.setdefault(name, []).append(f"{g['category_label'] or g['category']} {number}")
    lines = [[[f"{q}: ", "b"], [b.clip(", ".join(n), 160), ""]] for q, n in asked.items()]
    head = _("**Forms by group**, %(quarter)s, of those who filled one in. All groups: %(where)s.")
    return [b.text(rich(head, **values)), b.points(lines[:_QUESTIONS])]


def about(p: Facts, where: str) -> list[Block]:
    """Where it comes from, what is withheld, licence and attributions."""
    made = _(
        "Made by openbeat from release %(release)s and nothing else: the crime that police.uk"
        " publishes, and the engagement logs of the force and its partners. Texts are shown only"
        " where somebody reviewed them for publication, and numbers of people only where nobody"
        " can be recognised by them. “…” marks a text that is cut here. Figures beside each other"
        " say nothing about cause. These are not official statistics."
    )
    more = _("Everything at length: %(where)s.") % {"where": where}
    return [
        b.heading(_("About this page")),
        b.text(rich(made, release=p["release_id"]), "note"),
        b.text([[f"{licensed(p)} {more}", ""]], "note"),
    ]
