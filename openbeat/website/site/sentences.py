"""Putting values into a sentence of the interface, safe in a page.

Only filling in belongs here; sentences are in the module of what they tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from openbeat.website import words
from openbeat.website.language import gettext as _
from openbeat.website.language import language

if TYPE_CHECKING:
    from markupsafe import Markup


def say(text: str, **values: object) -> Markup:
    """A text of the catalogue with its values, which are escaped unless they are markup."""
    from markupsafe import Markup

    return Markup(text) % values


def user_text(text: str) -> Markup:
    """A text that somebody wrote in English, marked as such on a page in another language."""
    from markupsafe import Markup, escape

    if language() == "en" or not text:
        return escape(text)
    return Markup('<span lang="en-GB">{}</span>').format(text)


def in_a_row(labels: Iterable[str]) -> Markup:
    """Labels of a code list inside a sentence: ``burglary; drugs``."""
    return user_text("; ".join(_inside(label) for label in labels))


def _inside(label: str) -> str:
    """A label without its first capital, unless it begins with more of them: ``CCTV``."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def counted(value: float, of: str, status: str | None) -> Markup:
    """A number of the release, with what its status says of it: at least, provisional, revised."""
    shown = words.datum(value, of)
    marks = {
        "u": _("at least %(n)s"),
        "p": _("%(n)s (provisional)"),
        "r": _("%(n)s (revised)"),
    }
    return say(marks[status], n=shown) if status in marks else shown
