"""What every workbook says whatever the force: cover, notes, and what its columns mean."""

from __future__ import annotations

from collections.abc import Sequence

from openbeat.release.content import LICENCE_TITLE, LICENCE_URL, ReleaseContent
from openbeat.release.workbook.book import Column, Line, Sheet, fit_text, text_column
from openbeat.release.workbook.plan import NOTES
from openbeat.release.workbook.rows import Scope, month_name, sheet_of
from openbeat.website import words

NOTES_SHEET = "Notes"
COLUMNS_SHEET = "Columns"
NOT_IN_CSV = "worked out here"
NO_CONTACT = "No contact was given; ask whoever gave you this workbook."


def book_title(content: ReleaseContent, scope: Scope) -> str:
    """The title of a force's workbook and of its document properties."""
    return fit_text(f"{content.title}: {scope.name}")


def cover_parts(content: ReleaseContent, scope: Scope, release_id: str) -> dict[str, list[Line]]:
    """The lines of the cover under the headings that gptables gives it."""
    engagement = "you_said_we_did" in content.tables
    months = f"{month_name(scope.months[0])} to {month_name(scope.months[-1])}"
    about = [
        f"Release: {release_id}.",
        f"Crime month: {month_name(scope.months[-1])}, the newest; the months are {months}.",
        f"Engagement: up to {words.day(scope.as_of)}." if engagement else "",
        content.description,
        f"This workbook is a selection for {scope.name}, to read and to filter. The whole of every"
        " table is in the folder tables of the release, as CSV and Parquet.",
    ]
    return {
        "Introductory information": _lines([content.notice, *about]),
        "About these data": [
            *_lines(
                [
                    "Shorthand in square brackets stands where there is no number, or marks one;"
                    " each worksheet explains what it uses. Absence is not zero.",
                    "These are not official statistics. The practice of the Code of Practice for"
                    " Statistics is followed voluntarily.",
                    *content.attribution_lines,
                ]
            ),
            Line(f"Licence: {LICENCE_TITLE}", LICENCE_URL),
            *_lines(
                [
                    f"How to cite: {content.publisher}, {content.title}, {content.window}, release"
                    f" {release_id}.",
                    "Releases are monthly. A release never changes; a correction is a new release."
                    " The dates of the next are in the release calendar (calendar.html).",
                ]
            ),
            *(
                [Line("All releases and the calendar", content.base_url)]
                if content.base_url
                else []
            ),
        ],
        "Contact": _contact(content),
    }


def notes_sheet(scope: Scope) -> Sheet:
    """The notes that the sheets refer to by number."""
    columns = [
        text_column("Note", [f"[note {number}]" for number in range(1, len(scope.notes) + 1)]),
        text_column("What it says", [NOTES[note] for note in scope.notes]),
    ]
    return sheet_of(NOTES_SHEET, "Notes", columns, scope, [])


def columns_sheet(sheets: Sequence[Sheet], scope: Scope) -> Sheet:
    """What the columns of the other sheets mean; those of a month have no row."""
    found: list[tuple[str, Column]] = [
        (sheet.name, column) for sheet in sheets for column in sheet.columns if column.meaning
    ]
    columns = [
        text_column("Worksheet", [name for name, _ in found]),
        text_column("Column", [column.heading for _, column in found]),
        text_column("Name in the CSV", [column.name or NOT_IN_CSV for _, column in found]),
        text_column("What it holds", [column.meaning for _, column in found]),
    ]
    said = ["A column headed by a month holds the number of that month."]
    return sheet_of(COLUMNS_SHEET, "What the columns mean", columns, scope, said)


def _lines(texts: Sequence[str]) -> list[Line]:
    return [Line(plain) for text in texts if (plain := fit_text(text))]


def _contact(content: ReleaseContent) -> list[Line]:
    lines = _lines([content.contact.get("name") or content.publisher])
    if email := content.contact.get("email"):
        lines.append(Line(email, f"mailto:{email}"))
    if url := content.contact.get("url"):
        lines.append(Line(url, url))
    return lines if len(lines) > 1 else [*lines, Line(NO_CONTACT)]
