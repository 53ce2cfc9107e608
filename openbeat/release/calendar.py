"""When the next releases are due: the rule of dates, and the calendar as HTML and iCalendar.

Only dates that follow from the settings and the newest month belong here. Nothing looks at a
clock: the same settings and month give the same bytes.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from openbeat.release.settings import ReleaseSettings

CALENDAR_PAGE = "calendar.html"
CALENDAR_FILE = "calendar.ics"
MONTHS_LATE = 2
"""police.uk's archive comes about six weeks after the month: the second month after it."""
LONDON = ZoneInfo("Europe/London")
_SATURDAY = 5
_PAGE = """<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Release calendar - {publisher}</title>
<link rel="alternate" type="text/calendar" href="{ics}" title="Release calendar">
<style>
body {{ font: 1.1rem/1.5 Arial, sans-serif; max-width: 50rem; margin: 0 auto; padding: 1rem;
  color: #0b0c0c; background: #fff; }}
table {{ border-collapse: collapse; width: 100%; }}
caption {{ text-align: left; font-weight: bold; padding: 0.5rem 0; }}
th, td {{ text-align: left; padding: 0.4rem 1rem 0.4rem 0; border-bottom: 1px solid #505a5f; }}
</style>
</head>
<body>
<main>
<h1>Release calendar</h1>
{notice}<p>{publisher} publishes once a month, at {time} London time. The newest release holds the
crimes of {newest}. A date that falls on a weekend or on a bank holiday of England and Wales moves
to the next working day.</p>
<p>police.uk's data come about six weeks after the month. Where they come later, so does the
release. What each release changed is in its CHANGELOG.md and in the feed.</p>
<p><a href="{ics}">The same dates for your calendar (.ics)</a></p>
<table>
<caption>The next {count} releases</caption>
<thead>
<tr><th scope="col">Newest month of crimes</th><th scope="col">Release is due</th></tr>
</thead>
<tbody>
{rows}
</tbody>
</table>
{contact}</main>
</body>
</html>
"""


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """The bank holidays of England and Wales in a year, by rule.

    From the Banking and Financial Dealings Act 1971, schedule 1, and the yearly proclamations of
    New Year's Day and the early May holiday; where a day falls on a weekend, the next working
    day. A holiday proclaimed for one year alone (a coronation, a jubilee) is not known here.

    Args:
        year: From 1978, when the early May holiday began.
    """
    easter = easter_sunday(year)
    days = {
        easter - timedelta(days=2),  # Good Friday
        easter + timedelta(days=1),
        _monday_from(date(year, 5, 1)),  # early May
        _monday_from(date(year, 5, 25)),  # spring, the last Monday of May
        _monday_from(date(year, 8, 25)),  # summer, the last Monday of August
    }
    for day in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        while day.weekday() >= _SATURDAY or day in days:
            day += timedelta(days=1)
        days.add(day)
    return frozenset(days)


def easter_sunday(year: int) -> date:
    """Easter in the Gregorian calendar.

    The anonymous algorithm (Nature, 20 April 1876; J. Meeus, Astronomical Algorithms, chapter 8).
    """
    golden, (century, rest) = year % 19, divmod(year, 100)
    leap, skipped = divmod(century, 4)
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap - moon + 15) % 30
    quarter, remainder = divmod(rest, 4)
    weekday = (32 + 2 * skipped + 2 * quarter - epact - remainder) % 7
    correction = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


def release_day_of(settings: ReleaseSettings, month: str) -> date:
    """The day a release is due.

    Args:
        settings: ``calendar.day`` is used.
        month: Its newest month of crimes, ``YYYY-MM``.

    Returns:
        That day of the second month after, or the next working day.
    """
    number = int(month[:4]) * 12 + int(month[5:]) - 1 + MONTHS_LATE
    day = date(number // 12, number % 12 + 1, settings.calendar.day)
    while day.weekday() >= _SATURDAY or day in bank_holidays(day.year):
        day += timedelta(days=1)
    return day


def next_release(settings: ReleaseSettings, month: str) -> date:
    """The day the release after the one of this month is due.

    Args:
        settings: As for ``release_day_of``.
        month: The newest month of the present release, ``YYYY-MM``.
    """
    return release_day_of(settings, _months_from(month, 1)[0])


def next_release_in_words(settings: ReleaseSettings, month: str) -> str:
    """The same as a sentence, with the month it will bring and the time."""
    day = _day_in_words(next_release(settings, month))
    coming = _month_in_words(_months_from(month, 1)[0])
    return (
        f"The next release, with the crimes of {coming}, is due on {day} at"
        f" {settings.calendar.time} (London time)."
    )


def coming_releases(settings: ReleaseSettings, newest_month: str) -> list[tuple[str, date]]:
    """The months after the newest release's, ``calendar.months`` of them, with their days."""
    months = _months_from(newest_month, settings.calendar.months)
    return [(month, release_day_of(settings, month)) for month in months]


def calendar_files(
    settings: ReleaseSettings,
    newest_month: str,
    *,
    publisher: str = "openbeat",
    notice: str = "",
) -> dict[str, str]:
    """The release calendar, for the root of the store.

    Args:
        settings: The part ``release`` of the settings.
        newest_month: The newest month of the newest release, ``YYYY-MM``.
        publisher: Who publishes.
        notice: A sentence put first, such as that the data is made up.

    Returns:
        ``calendar.html`` and ``calendar.ics``; write both with their line ends as they are.
    """
    coming = coming_releases(settings, newest_month)
    return {
        CALENDAR_PAGE: _page(settings, newest_month, coming, publisher, notice),
        CALENDAR_FILE: _ical(settings, newest_month, coming, publisher),
    }


def _page(
    settings: ReleaseSettings,
    newest: str,
    coming: list[tuple[str, date]],
    publisher: str,
    notice: str,
) -> str:
    rows = "\n".join(
        f'<tr><th scope="row">{_month_in_words(month)}</th>'
        f'<td><time datetime="{_moment(settings, day).isoformat()}">{_day_in_words(day)},'
        f" {settings.calendar.time}</time></td></tr>"
        for month, day in coming
    )
    return _PAGE.format(
        publisher=escape(publisher),
        ics=CALENDAR_FILE,
        notice=f"<p><strong>{escape(notice)}</strong></p>\n" if notice else "",
        time=settings.calendar.time,
        newest=_month_in_words(newest),
        count=len(coming),
        rows=rows,
        contact=_contact(settings),
    )


def _contact(settings: ReleaseSettings) -> str:
    contact = settings.contact
    links = []
    if contact.email:
        address = escape(contact.email)
        links.append(f'<a href="mailto:{address}">{address}</a>')
    if contact.url:
        address = escape(contact.url)
        links.append(f'<a href="{address}">{address}</a>')
    parts = [*([escape(contact.name)] if contact.name else []), *links]
    return f"<p>Contact: {', '.join(parts)}</p>\n" if parts else ""


def _ical(
    settings: ReleaseSettings, newest: str, coming: list[tuple[str, date]], publisher: str
) -> str:
    """RFC 5545; times in UTC, so that no reader's program needs London's rule of summer time."""
    import icalendar

    made = icalendar.Calendar()
    made.add("prodid", "-//openbeat//release calendar//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", f"{publisher}: releases")
    # The entries are made from the newest release: its due day stands in for a clock.
    stamp = _moment(settings, release_day_of(settings, newest)).astimezone(UTC)
    host = urlsplit(settings.identifier_base).hostname
    for month, day in coming:
        entry = icalendar.Event()
        entry.add("uid", f"release-{month}@{host}")
        entry.add("dtstamp", stamp)
        entry.add("dtstart", _moment(settings, day).astimezone(UTC))
        entry.add("summary", f"{publisher}: data up to {_month_in_words(month)}")
        entry.add("transp", "TRANSPARENT")  # nobody is busy because figures come out
        if settings.base_url:
            entry.add("url", f"{settings.base_url}/{CALENDAR_PAGE}")
        made.add_component(entry)
    written: bytes = made.to_ical()
    return written.decode()


def _moment(settings: ReleaseSettings, day: date) -> datetime:
    return datetime.combine(day, time.fromisoformat(settings.calendar.time), LONDON)


def _monday_from(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def _months_from(month: str, count: int) -> list[str]:
    start = int(month[:4]) * 12 + int(month[5:]) - 1
    return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(start + 1, start + count + 1)]


def _month_in_words(month: str) -> str:
    return f"{date.fromisoformat(month + '-01'):%B %Y}"


def _day_in_words(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"
