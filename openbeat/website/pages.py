"""From a template and plain values to the text of a page.

Every value is escaped unless a template asks for a link or a chart, which are made here and in
``charts`` of escaped parts. A page is one file: its style is inside, and it asks for nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openbeat.website import charts, words

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_HERE = Path(__file__).parent


def page(template: str, **values: Any) -> str:
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
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (_HERE / "static" / "page.css").read_text("utf-8")
    environment.globals.update(
        style=Markup(style),
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
        file_name=words.file_name,
        listed=words.listed,
        web_address=words.web_address,
        link=link,
    )
    environment.tests.update(yes=_is_yes)
    return environment


def link(address: str | None, text: str) -> Markup:
    """A link to a web address; the text alone where the address is not http or https."""
    from markupsafe import Markup, escape

    safe = words.web_address(address)
    if safe is None:
        return escape(text)
    return Markup('<a href="{}">{}</a>').format(safe, text)


def _is_yes(value: object) -> bool:
    """Whether a column of yes and no, or of truth values, says yes."""
    return value is True or value == "yes"


def _when(event: Mapping[str, Any]) -> str:
    """When an event is: its hours where they are known, else its day, else its year."""
    if event["start_at"]:
        return words.when(event["start_at"], event["end_at"])
    return words.day(event["event_date"]) or str(event["year"])


def _amount(hours: float | None, number: float | None) -> str:
    """How much was done, in words: ``3 hours, 2 times``; ``none logged`` is not none done."""
    parts = [
        words.quantity(value, one, many)
        for value, one, many in ((hours, "hour", "hours"), (number, "time", "times"))
        if value is not None
    ]
    return ", ".join(parts) or "none logged"


def _cell(value: object) -> object:
    """A value of a table for people: days in words, nothing for none."""
    return words.day(value) if isinstance(value, date) else "" if value is None else value
