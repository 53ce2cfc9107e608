"""The first page of a printed pack: the next meeting, how to answer back, crime, priorities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from openbeat.website import words
from openbeat.website.language import gettext as _
from openbeat.website.language import ngettext
from openbeat.website.packs import blocks as b
from openbeat.website.packs.blocks import Block, Text, rich, said

Facts = Mapping[str, Any]
_FEW: Final = 2
_FLAGS: Final = 3
_TYPES: Final = 15
_OUTCOMES: Final = 7


def first_sheet(p: Facts, chart: str, where: str, *, large: bool) -> list[Block]:
    """The rows of the first page; arguments as of ``printed.sheets``."""
    return [
        b.row(
            b.column([*next_meeting(p), *_others(p, where)], 1.1, box=True),
            b.column(answer_back(p), box=True),
        ),
        *_flags(p, where),
        *_crime(p, chart, where, large=large),
        b.row(b.column(_priorities(p, where)), fill=True),
    ]


def next_meeting(p: Facts, level: int = 2) -> list[Block]:
    """When and where the next meeting is; or that none is announced."""
    title, event = b.heading(_("Next meeting"), level), p["next_meeting"]
    if event is None:
        blocks = [title, b.text([[_("No meeting is announced."), ""]], "big")]
        if p["last_meeting"]:
            day = words.day(p["last_meeting"]["event_date"])
            blocks.append(b.text(rich(_("The last one was on %(day)s."), day=day)))
        return blocks
    rows = [(_("When"), when(event)), (_("Where"), [where_held(event)])]
    if event["purpose"]:
        rows.append((_("What for"), [said(event["purpose"], 120)]))
    if event["topics_label"]:
        rows.append((_("On the agenda"), [[b.clip(event["topics_label"], 100), ""]]))
    if event["organiser_org"]:
        rows.append((_("Held by"), [said(event["organiser_org"], 80)]))
    if address := words.web_address(event["info_url"]):
        rows.append((_("More"), [_link(address)]))
    return [title, b.text([said(name_of(event), 90)], "big"), b.pairs(rows)]


def name_of(event: Facts) -> str:
    """What an event is called: its title, else its kind."""
    return event["title"] or event["method_label"] or _("Event")


def when(event: Facts) -> Text:
    """When an event is: its hours where they are known, else its day, else its year."""
    if event["start_at"]:
        return [[words.when(event["start_at"], event["end_at"]), "b"]]
    return [[words.day(event["event_date"]) or str(event["year"]), "b"]]


def where_held(event: Facts) -> list[str]:
    """Where an event is."""
    online = event["online"] is True or event["online"] == "yes"
    if event["venue"]:
        venue = b.clip(event["venue"], 90)
        return [_("%(venue)s, and online") % {"venue": venue} if online else venue, ""]
    return [_("Online") if online else _("Not published"), ""]


def _link(address: str) -> list[str]:
    shown = address.removeprefix("https://").removeprefix("http://").rstrip("/")
    return [b.clip(shown, 80), "link", address]


def _others(p: Facts, where: str) -> list[Block]:
    first = p["next_meeting"]["event_id"] if p["next_meeting"] else None
    coming = [e for e in p["coming_events"] if e["event_id"] != first]
    found: list[Block] = []
    if coming:
        items = [[said(name_of(e), 70), [": ", ""], *when(e)] for e in coming]
        found += [b.heading(_("Also coming up"), 3), b.points(_few(items, where))]
    if p["called_off"]:
        items = [
            [[f"{b.clip(e['status_label'] or e['status'], 30)}: ", "b"], said(name_of(e), 70),
             [", ", ""], *when(e)]
            for e in p["called_off"]
        ]  # fmt: skip
        found += [b.heading(_("Not taking place as announced"), 3), b.points(_few(items, where))]
    return found


def _few(items: Sequence[Text], where: str, most: int = _FEW) -> list[Text]:
    """The first of a short list, and how many more there are."""
    left = len(items) - most
    if left <= 0:
        return list(items)
    text = ngettext("%(n)s more: %(where)s", "%(n)s more: %(where)s", left)
    return [*items[:most], [[text % {"n": words.number(left), "where": where}, "s"]]]


def answer_back(p: Facts, level: int = 2) -> list[Block]:
    """Whom to tell, and the numbers to call."""
    return [
        b.heading(_("How to answer back"), level),
        *contact(p),
        b.points(
            [
                rich(_("**Emergency**, or a crime happening now: **999** (textphone 18000)")),
                rich(_("**Not urgent**: **101** (textphone 18001 101)")),
                rich(
                    _("Without giving your name: the charity Crimestoppers, **0800 555 111**"),
                ),
            ]
        ),
    ]


def contact(p: Facts) -> list[Block]:
    """How to reach the force, as configured; or that nothing is."""
    given = p["contact"] or {}
    items: list[Text] = []
    if address := words.web_address(given.get("url")):
        items.append([[_("Online: "), ""], _link(address)])
    if given.get("email"):
        items.append([[_("E-mail: "), ""], [b.clip(given["email"], 80), "b"]])
    if given.get("phone"):
        items.append([[_("Phone: "), ""], [b.clip(given["phone"], 40), "b"]])
    if not items:
        none = _("No contact is published for this force here. Come to a meeting, or call 101.")
        return [b.text([[none, ""]])]
    name = b.clip(given.get("name") or p["force_name"], 90)
    asked = _("Tell %(name)s what you think of this page, or what should be raised:")
    return [b.text(rich(asked, name=name)), b.points(items)]


def _flags(p: Facts, where: str) -> list[Block]:
    reasons = (p["profile"] or {}).get("flag_reasons")
    if not reasons:
        return []
    items = [[[b.clip(words.reason(r), 150), ""]] for r in reasons.split("; ")]
    blocks = [
        b.heading(_("What to know before the meeting")),
        b.points(_few(items, where, _FLAGS)),
    ]
    return [b.row(b.column(blocks))]


def _crime(p: Facts, chart: str, where: str, *, large: bool) -> list[Block]:
    c = p["crime"]
    title = b.heading(_("What police.uk shows"))
    if not chart:
        none = _(
            "No crime figure of this place is available for %(month)s or the 12 months before it."
            " That does not mean that there was no crime."
        )
        blocks = [title, b.text(rich(none, month=words.month(p["month"])), "none")]
        return [b.row(b.column([*blocks, *_outcomes(p), b.text([[_caveat(), ""]], "note")]))]
    caption = b.text(
        [[_("Crimes published on police.uk by month, without anti-social behaviour."), "b"],
         [" " + _("n/a: not available, which is not 0. Dashed: a month that looks partial."), "s"]],
        "note",
    )  # fmt: skip
    picture = {"kind": "chart", "svg": chart, "alt": _chart_said(p)}
    # The numbers in a chart stay small: in large print they are written out too.
    written = [b.text([[_chart_said(p), ""]])] if large else []
    counted = [b.text(total_said(p)), *_year(p), caption, *written]
    beside = [*_outcomes(p), b.text([[_caveat(), ""]], "note")]
    return [
        b.row(b.column([title])),
        b.row(b.column([picture], 1.9), b.column(counted)),
        b.row(b.column([_types(c, p["month"], where)], 1.12), b.column(beside)),
    ]


def _chart_said(p: Facts) -> str:
    """The chart in words: every value, and which are not available."""
    from openbeat.website.charts import in_words

    c = p["crime"]
    name = _("Crimes published on police.uk in %(place)s") % {
        "place": b.clip(p["neighbourhood_name"], 90)
    }
    return f"{name}: {in_words(c['months'], c['total']['values'], c['total']['statuses'])}."


def total_said(p: Facts) -> Text:
    """The newest month in a sentence or two: how many, what is usual, who reported them."""
    c, month = p["crime"], words.month(p["month"])
    total = c["total"]
    if total["latest"] is None:
        supplied = (c["coverage_label"] or _("nothing is known of what it supplied")).lower()
        text = _(
            "**No figures are available for %(month)s.** %(force)s: %(supplied)s That does not"
            " mean that there was no crime. The months before it are shown."
        )
        force = b.clip(p["force_name"], 80)
        return rich(text, month=month, force=force, supplied=words.sentence(supplied))
    counted = ngettext(
        "**%(n)s** crime published on police.uk for this place in %(month)s.",
        "**%(n)s** crimes published on police.uk for this place in %(month)s.",
        total["latest"],
    )
    said_so_far = rich(counted, n=words.number(total["latest"]), month=month)
    if total["usual"] is not None:
        usual = _(
            " The usual month of the 12 before it (the median) had %(usual)s, the lowest"
            " %(lowest)s and the highest %(highest)s."
        )
        named = {k: words.number(total[k]) for k in ("usual", "lowest", "highest")}
        said_so_far += rich(usual, **named)
    if total["latest_status"] == "u":
        said_so_far += rich(_(" **The month looks partial: read its figures as “at least”.**"))
    return [*said_so_far, [f" {_by_others(c)}", ""]]


def _by_others(c: Facts) -> str:
    number = c["by_other_forces"]
    if number is None:
        return _("Whether other forces reported more here is not known.")
    if not number:
        return ""
    names = [b.clip(f["reported_by_name"], 60) for f in c["other_forces"][:3]]
    if len(c["other_forces"]) > len(names):
        names.append(_("others"))
    text = ngettext(
        "%(n)s of them was reported by another force: %(names)s.",
        "%(n)s of them were reported by other forces: %(names)s.",
        number,
    )
    return text % {"n": words.number(number), "names": words.listed(names)}


def _types(c: Facts, month: str, where: str) -> Block:
    """A row a crime type, the total, and anti-social behaviour apart."""
    kinds = c["types"][:_TYPES]
    rows = [_type_row(r, b.clip(r["crime_type"], 60)) for r in kinds]
    rows.append(_type_row(c["total"], _("All crimes")))
    if c["antisocial_behaviour"]:
        label = _("Anti-social behaviour (incidents, not in the total)")
        rows.append(_type_row(c["antisocial_behaviour"], label))
    heads = [_("Type"), words.month(month), _("Usual (range)")]
    cut = len(c["types"]) - len(kinds)
    note = _("Usual: the median of the 12 months before; in brackets the lowest and the highest.")
    if cut:
        rest = ngettext("%(n)s more type: %(where)s.", "%(n)s more types: %(where)s.", cut)
        note = f"{note} {rest % {'n': words.number(cut), 'where': where}}"

    def more(left: int) -> str:
        return words.number(left)

    return b.table(
        _("By crime type."), heads, rows, [0, 17, 26], more,
        most=len(rows), note=note, strong=[len(kinds)],
    )  # fmt: skip


def _type_row(r: Facts, label: str) -> list[Text]:
    latest = words.number(r["latest"])
    if r["latest_status"] == "u":
        latest = _("%(n)s or more") % {"n": latest}
    if r["usual"] is None:
        usual = words.number(None)
    else:
        named = {k: words.number(r[k]) for k in ("usual", "lowest", "highest")}
        usual = "{usual} ({lowest}–{highest})".format(**named)
    return [b.cell(label), b.cell(latest), b.cell(usual)]


def _outcomes(p: Facts) -> list[Block]:
    found, month = p["outcomes"], words.month(p["month"])
    title = b.heading(_("What came of crimes"), 3)
    if found["groups"]:
        text = _("Outcomes recorded in %(month)s, of crimes of this or earlier months:")
        if found["coverage"] == "partial_suspected":
            text = _(
                "Outcomes recorded in %(month)s, which looks partial, of crimes of this or"
                " earlier months:"
            )
        items = [
            [[f"{b.clip(g['label'] or g['outcome_group'], 100)}: ", ""],
             [words.number(g["count"]), "b"]]
            for g in found["groups"][:_OUTCOMES]
        ]  # fmt: skip
        return [title, b.text(rich(text, month=month)), b.points(items)]
    if found["coverage"] == "submitted":
        text = _("No outcome was recorded for crimes here in %(month)s.")
    else:
        text = _("Outcomes of crimes are not available for %(month)s.")
    return [title, b.text(rich(text, month=month))]


def _year(p: Facts) -> list[Block]:
    c, month = p["crime"], words.month(p["month"])
    if c["crime_total_12m"] is not None:
        number = c["crime_total_12m"]
        text = ngettext(
            "In the 12 months to %(month)s: **%(n)s** crime.",
            "In the 12 months to %(month)s: **%(n)s** crimes.",
            number,
        )
        pieces = rich(text, month=month, n=words.number(number))
        if c["crime_total_12m_status"] == "u":
            redrawn = _("The neighbourhood was redrawn within the year: months differ in area.")
            pieces.append([f" {redrawn}", ""])
        return [b.text(pieces)]
    if c["months_12m"] is not None:
        text = ngettext(
            "A sum over 12 months is not available: %(n)s of the 12 has whole figures.",
            "A sum over 12 months is not available: %(n)s of the 12 have whole figures.",
            c["months_12m"],
        )
        return [b.text(rich(text, n=c["months_12m"]))]
    return []


def _caveat() -> str:
    return _(
        "Crimes published on police.uk, reported by every force, not “recorded crime”: fraud and"
        " some other offences are left out, and figures differ from official statistics. Places"
        " are approximate map points. Crimes that were not reported are not here. Figures of past"
        " months can change."
    )


def _priorities(p: Facts, where: str) -> list[Block]:
    title = b.heading(_("Priorities"))
    standing = [x for x in p["priorities"] if not x["closed_on"]]
    if not standing:
        none = (
            _("No open priority is published for this neighbourhood.")
            if p["priorities"]
            else _("No priority is published for this neighbourhood.")
        )
        return [title, b.text([[none, ""]], "none")]

    def more(left: int) -> str:
        text = ngettext("%(n)s more priority: %(where)s", "%(n)s more priorities: %(where)s", left)
        return text % {"n": words.number(left), "where": where}

    return [title, b.cuttable("cards", [_priority(x) for x in standing], more, 20)]


def _priority(x: Facts) -> Block:
    current = x["current"] == "yes" or x["current"] is True
    tag = (_("Current"), "") if current else (_("Not updated for 3 months"), "late")
    hidden = [_("The wording is not published."), ""]
    issue = [said(words.sentence(x["issue"]), 200) if x["issue"] else hidden]
    if x["issue_date"]:
        issue.append([" " + _("Set %(day)s.") % {"day": words.day(x["issue_date"])}, "s"])
    if x["action"]:
        action = [said(words.sentence(x["action"]), 200)]
    elif x["action_status"] == "c":
        action = [hidden]
    else:
        action = [[_("No action is published."), ""]]
    if x["action_date"]:
        action.append([f" {words.day(x['action_date'])}.", "s"])
    rows = [(_("Issue"), issue), (_("Action"), action)]
    return b.card(b.clip(x["theme_label"] or _("Priority"), 80), rows, [tag])


def licensed(p: Facts) -> str:
    """The licence, and what the sources' licences ask to be said."""
    return _("Licence: %(title)s. %(attributions)s") % {
        "title": p["licence"]["title"],
        "attributions": " ".join(p["attributions"]),
    }
