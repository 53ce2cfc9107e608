"""From a template and plain values to the text of a page.

Every value is escaped unless a template asks for a link, a figure or a chart, which are made
here, in ``words`` and in ``charts`` of escaped parts. Every text goes through the catalogue.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openbeat.release.content import LICENCE_TITLE, LICENCE_URL
from openbeat.website import charts, words
from openbeat.website.language import gettext, language, ngettext

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_HERE = Path(__file__).parent


def page(template: str, /, **values: Any) -> str:
    """Fill a template of ``templates/``.

    Args:
        template: Its file name.
        **values: What it names; a name that it needs and is not given is an error.

    Raises:
        jinja2.UndefinedError: A value is missing.
    """
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    sheets = [_HERE / "static" / name for name in ("page.css", "charts.css")]
    style = "".join(sheet.read_text("utf-8") for sheet in sheets if sheet.is_file())
    environment.globals.update(
        _=_text,
        style=Markup(style),
        language=language,
        licence={"title": LICENCE_TITLE, "url": LICENCE_URL},
        datum=words.datum,
        td=words.td,
        sparkline=charts.sparkline,
        bars=charts.bars,
        when=_when,
        quantity=words.quantity,
        amount=_amount,
        figure=words.figure,
        percent=words.percent,
        heard_measures=words.HEARD,
        too_few=words.TOO_FEW,
    )
    environment.filters.update(
        cell=_cell,
        day=words.day,
        month=words.month,
        number=words.number,
        quarter=words.quarter,
        reason=words.reason,
        sentence=words.sentence,
        short_month=words.short_month,
        size=words.size,
        weekday=_weekday,
        file_name=words.file_name,
        listed=words.listed,
        web_address=words.web_address,
        link=link,
    )
    environment.tests.update(yes=_is_yes)
    return environment


def _text(text: str, /, **values: object) -> Markup:
    """What ``_('...')`` gives in a template; Jinja's own is as safe, and twice as slow."""
    return _markup(language(), text) % values if values else _whole(language(), text)


@cache
def _markup(_language: str, text: str) -> Markup:
    from markupsafe import Markup

    return Markup(gettext(text))


@cache
def _whole(language: str, text: str) -> Markup:
    return _markup(language, text) % {}


def link(address: str | None, text: str) -> Markup:
    """A link to a web address; the text alone where the address is not http or https."""
    from markupsafe import Markup, escape

    safe = words.web_address(address)
    if safe is None:
        return escape(text)
    return Markup('<a href="{}">{}</a>').format(safe, text)


def json_block(value: Mapping[str, Any]) -> Markup:
    """JSON that is safe inside a script element: ``<`` would end it, and can be an escape."""
    from markupsafe import Markup

    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def _is_yes(value: object) -> bool:
    """Whether a column of yes and no, or of truth values, says yes."""
    return value is True or value == "yes"


def _when(event: Mapping[str, Any]) -> str:
    """When an event is: its hours where they are known, else its day, else its year."""
    if event["start_at"]:
        return words.when(event["start_at"], event["end_at"])
    return words.day(event["event_date"]) or str(event["year"])


def _weekday(value: date | str) -> str:
    return words.weekday(date.fromisoformat(value) if isinstance(value, str) else value)


def _amount(hours: float | None, number: float | None) -> str:
    """How much was done, in words: ``3 hours, 2 times``; ``none logged`` is not none done."""
    parts = []
    if hours is not None:
        parts.append(words.quantity(hours, "hour", "hours"))
    if number is not None:
        parts.append(words.quantity(number, "time", "times"))
    return ", ".join(parts) or gettext("none logged")


def _cell(value: object) -> object:
    """A value of a table for people: days in words, nothing for none."""
    return words.day(value) if isinstance(value, date) else "" if value is None else value
