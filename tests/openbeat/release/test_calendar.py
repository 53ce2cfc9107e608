"""When releases are due: working days only, and the same calendar for people and programs."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import icalendar
import pytest
from dateutil import easter
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.release.calendar import (
    bank_holidays,
    calendar_files,
    coming_releases,
    easter_sunday,
    next_release,
    next_release_in_words,
    release_day_of,
)
from openbeat.release.settings import ReleaseSettings

# gov.uk/bank-holidays, England and Wales
KNOWN = {
    2025: ["01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26"],
    2026: ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"],
    2027: ["01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-27", "12-28"],
}
PLAIN = ReleaseSettings()


def on(day: int, **more: object) -> ReleaseSettings:
    return ReleaseSettings.model_validate({"calendar": {"day": day} | more})


@pytest.mark.parametrize("year", KNOWN)
def test_bank_holidays_are_those_that_the_government_lists(year: int) -> None:
    assert {f"{day:%m-%d}" for day in bank_holidays(year)} == set(KNOWN[year])


def test_new_years_day_on_a_weekend_is_kept_on_monday() -> None:
    assert date(2028, 1, 3) in bank_holidays(2028)
    assert date(2022, 1, 3) in bank_holidays(2022)


def test_easter_is_the_one_that_an_independent_library_computes() -> None:
    assert all(easter_sunday(year) == easter.easter(year) for year in range(1900, 2200))


def test_a_release_is_due_in_the_second_month_after_its_newest_month() -> None:
    assert release_day_of(PLAIN, "2025-06") == date(2025, 8, 15)
    assert next_release(PLAIN, "2025-06") == date(2025, 9, 15)
    assert release_day_of(PLAIN, "2025-11") == date(2026, 1, 15)


def test_the_next_release_is_said_in_words() -> None:
    assert next_release_in_words(PLAIN, "2025-06") == (
        "The next release, with the crimes of July 2025, is due on Monday 15 September 2025 at"
        " 09:30 (London time)."
    )


def test_weekends_and_bank_holidays_move_a_release_to_the_next_working_day() -> None:
    assert release_day_of(PLAIN, "2026-06") == date(2026, 8, 17)  # 15 August is a Saturday
    assert release_day_of(on(3), "2026-02") == date(2026, 4, 7)  # Good Friday to Easter Monday
    assert release_day_of(on(25), "2027-10") == date(2027, 12, 29)  # Christmas on a Saturday


@settings(deadline=None, max_examples=60)
@given(day=st.integers(1, 28), year=st.integers(2020, 2090), month=st.integers(1, 12))
def test_a_release_is_never_due_on_a_day_without_work(day: int, year: int, month: int) -> None:
    due = release_day_of(on(day), f"{year}-{month:02d}")
    assert due.weekday() < 5
    assert due not in bank_holidays(due.year)


def test_the_calendar_reaches_as_many_months_as_the_settings_say() -> None:
    months = [month for month, _ in coming_releases(PLAIN, "2025-06")]
    assert months[0] == "2025-07"
    assert months[-1] == "2026-06"
    assert len(months) == 12
    assert len(coming_releases(on(15, months=3), "2025-06")) == 3


def test_programs_read_the_same_dates_as_people() -> None:
    files = calendar_files(PLAIN, "2025-06")
    entries = icalendar.Calendar.from_ical(files["calendar.ics"]).walk("VEVENT")
    starts = [entry.decoded("dtstart") for entry in entries]
    assert starts[0] == datetime(2025, 9, 15, 8, 30, tzinfo=UTC)  # 09:30 in summer
    assert starts[3] == datetime(2025, 12, 15, 9, 30, tzinfo=UTC)  # 09:30 in winter
    shown = re.findall(r'datetime="([^"]+)"', files["calendar.html"])
    assert [datetime.fromisoformat(text) for text in shown] == starts
    assert "Monday 15 September 2025, 09:30" in files["calendar.html"]
    assert len({entry["uid"] for entry in entries}) == 12


def test_an_entry_keeps_its_id_when_the_newest_month_moves_on() -> None:
    """Else a subscriber's calendar would show the same release twice."""

    def ids(newest: str) -> list[str]:
        text = calendar_files(PLAIN, newest)["calendar.ics"]
        return [str(e["uid"]) for e in icalendar.Calendar.from_ical(text).walk("VEVENT")]

    assert ids("2025-06")[1:] == ids("2025-07")[:-1]


def test_the_same_settings_give_the_same_bytes() -> None:
    assert calendar_files(PLAIN, "2025-06") == calendar_files(PLAIN, "2025-06")


class Outline(HTMLParser):
    """Tags, and the attributes that make a table readable aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.scopes: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "th":
            self.scopes.append(dict(attrs).get("scope"))


def test_the_page_is_a_table_that_can_be_read_aloud_and_runs_no_script() -> None:
    named = ReleaseSettings.model_validate(
        {"base_url": "https://data.example.org/r", "contact": {"name": "Data office <b>"}}
    )
    page = calendar_files(named, "2025-06", publisher="Wye & Avon", notice="Made <up>.")
    outline = Outline()
    outline.feed(page["calendar.html"])
    assert outline.tags.count("caption") == 1
    assert outline.scopes == ["col", "col", *["row"] * 12]
    assert "script" not in outline.tags
    assert "Wye &amp; Avon" in page["calendar.html"]
    assert "Made &lt;up&gt;." in page["calendar.html"]
    assert "Data office &lt;b&gt;" in page["calendar.html"]
    assert "https://data.example.org/r/calendar.html" in page["calendar.ics"]
    assert "release-2025-07@data.example.org" in page["calendar.ics"]
