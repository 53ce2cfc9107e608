"""A pack in easy read: short sentences, one idea a line, large type.

Only what can be said simply is said: the next meeting, what people asked about, what was done,
how to say something. It admits that nobody it is for has tested it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from openbeat.engagement.answers import NO_FEEDBACK
from openbeat.website import words
from openbeat.website.language import gettext as _
from openbeat.website.language import ngettext
from openbeat.website.packs import blocks as b
from openbeat.website.packs.blocks import Block, Text, rich, said
from openbeat.website.packs.printed_front import contact, licensed, name_of, where_held

Facts = Mapping[str, Any]
_THEMES: Final = 8
_DONE: Final = 5
_SHORT: Final = 110
"""Letters of a sentence that is short enough to be shown as it was written."""


def sheets(p: Facts) -> list[list[Block]]:
    """Everything in one run, as ``blocks.row`` gives rows."""
    parts = (_this_page(p), _meeting(p), _asked(p), _done(p), _say(p), _tested(p))
    return [[b.row(b.column(part)) for part in parts]]


def clocks(p: Facts) -> Text:
    """The day up to which it tells."""
    return rich(_("This tells you about things up to %(day)s."), day=words.day(p["as_of"]))


def _lines(*texts: str) -> list[Block]:
    return [b.text([[text, ""]]) for text in texts]


def _this_page(p: Facts) -> list[Block]:
    return [
        b.heading(_("What this is about")),
        *_lines(
            _("The police and other groups work in your area."),
            _("This page tells you what people asked them to do."),
            _("It tells you what they did."),
        ),
    ]


def _meeting(p: Facts) -> list[Block]:
    title, event = b.heading(_("Next meeting")), p["next_meeting"]
    if event is None:
        return [title, *_lines(_("We do not know of a meeting soon."))]
    lines: list[Text] = [[["", ""], said(name_of(event), 100)]]
    if event["start_at"]:
        begin = words.moment(event["start_at"])
        lines.append(rich(_("Day: **%(day)s**"), day=words.weekday(begin.date())))
        lines.append(rich(_("It starts at: **%(time)s**"), time=words.clock(begin)))
    else:
        lines.append(rich(_("Day: **%(day)s**"), day=words.day(event["event_date"])))
    lines.append([[_("Place: "), ""], [where_held(event)[0], "b"]])
    return [title, *_lines(_("There is a meeting soon.")), *(b.text(x) for x in lines)]


def _asked(p: Facts) -> list[Block]:
    """What was raised in the 12 months, by theme, or is still open: the commonest first."""
    seen = {i["issue_id"]: i for i in (*p["answered"], *p["open"])}
    themes = Counter(i["theme_label"] for i in seen.values() if i["theme_label"])
    title = b.heading(_("What people asked about"))
    if not themes:
        return [title, *_lines(_("We do not know what people asked about."))]
    # By name: how often is no reason to put one before another.
    chosen = sorted(label for label, _n in themes.most_common(_THEMES))
    items = [[[b.clip(label, 80), ""]] for label in chosen]
    more = [_("They asked about other things too.")] if len(themes) > _THEMES else []
    return [title, *_lines(_("People asked about these things:")), b.points(items), *_lines(*more)]


def _done(p: Facts) -> list[Block]:
    """What was done in short words, in the words of its kind, else how much it is."""
    blocks = [b.heading(_("What was done"))]
    actions = [i for i in p["answered"] if i["status"] == "action_taken"]
    if actions:
        blocks += _actions(actions)
    elif work := _kinds(a["activity_type_label"] for a in p["activities"] if _any(a)):
        blocks += [*_lines(_("The police or their partners did this kind of work:")), work]
    else:
        blocks += _lines(_("We do not know of anything that was done."))
    return [*blocks, *_lines(*_not_done(p["open"]))]


def _actions(actions: Sequence[Mapping[str, Any]]) -> list[Block]:
    """Short words as they were written; of the others their kind; how many more there are."""
    plain = [b.plain(i["action"] or "") for i in actions]
    written = list(dict.fromkeys(text for text in plain if _is_short(text)))[:_DONE]
    others = [i for i, text in zip(actions, plain, strict=True) if not _is_short(text)]
    left = sum(_is_short(text) and text not in written for text in plain)
    left += sum(not i["action_type_label"] for i in others)
    kinds = _kinds(i["action_type_label"] for i in others)
    blocks: list[Block] = []
    if written:
        blocks += [
            *_lines(
                _("Here is some of what was done."),
                _("The police or their partners wrote these words:"),
            ),
            b.points([[said(words.sentence(text), _SHORT + 1)] for text in written]),
        ]
    if kinds:
        blocks += [*_lines(_("This kind of thing was done:")), kinds]
    if left and blocks:
        text = ngettext(
            "%(n)s more thing was done. Ask the team about it.",
            "%(n)s more things were done. Ask the team about them.",
            left,
        )
        blocks += _lines(text % {"n": words.number(left)})
    elif left:
        text = ngettext(
            "%(n)s thing was done. Ask the team about it.",
            "%(n)s things were done. Ask the team about them.",
            left,
        )
        blocks += _lines(text % {"n": words.number(left)})
    return blocks


def _is_short(text: str) -> bool:
    """Whether a text is one short sentence."""
    return 0 < len(text) <= _SHORT and ". " not in text and ";" not in text


def _kinds(labels: Iterable[str | None]) -> Block | None:
    """Kinds of work as a list, each once, by name; None where there is none."""
    named = sorted({label for label in labels if label})
    return b.points([[[b.clip(label, 80), ""]] for label in named]) if named else None


def _any(activity: Mapping[str, Any]) -> bool:
    return bool(activity["hours_12m"] or activity["number_12m"])


def _not_done(issues: Sequence[Mapping[str, Any]]) -> list[str]:
    """How many are not finished, and how many were closed without an answer."""
    closed = sum(i["status"] == NO_FEEDBACK for i in issues)
    told = []
    if going := len(issues) - closed:
        text = ngettext(
            "%(n)s thing is not finished yet.", "%(n)s things are not finished yet.", going
        )
        told.append(text % {"n": words.number(going)})
    if closed:
        text = ngettext(
            "%(n)s thing was closed. No answer was given.",
            "%(n)s things were closed. No answer was given.",
            closed,
        )
        told.append(text % {"n": words.number(closed)})
    return told


def _say(p: Facts) -> list[Block]:
    return [
        b.heading(_("How to say something")),
        *contact(p),
        *_lines(_("Is someone in danger now?")),
        b.text(rich(_("Call **999**."))),
        *_lines(_("Is it not urgent?")),
        b.text(rich(_("Call **101**."))),
        *_lines(_("Do you use a textphone?")),
        b.text(rich(_("In danger: **18000**. Not urgent: **18001 101**."))),
    ]


def _tested(p: Facts) -> list[Block]:
    return [
        b.heading(_("About this page")),
        *_lines(
            _("A computer made this page."),
            _("It was not tested with readers."),
            _("Tell us if it is hard to read."),
        ),
        b.text([[licensed(p), ""]], "note"),
    ]
