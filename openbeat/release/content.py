"""What goes into one release, as plain data.

Only the container and the wording that every release shares belong here. How it is written is in
``write`` and the modules it calls; how it becomes public, in ``promote``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from openbeat.errors import InputError
from openbeat.versions import Register

if TYPE_CHECKING:
    from openbeat.contract import Contract

Progress = Callable[[str], None]
"""Called with the path, inside the release, of each file that has been written."""

RELEASE_ID = re.compile(r"(?P<month>[0-9]{4}-(?:0[1-9]|1[0-2]))-r(?P<number>[1-9][0-9]*)")
REVISIONS = "revisions"
LICENCE_NAME = "OGL-UK-3.0"
LICENCE_TITLE = "Open Government Licence v3.0"
LICENCE_URL = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"

SOURCES: tuple[Mapping[str, str], ...] = (
    {"title": "data.police.uk: street-level crime, outcomes, stop and search, boundaries",
     "path": "https://data.police.uk/"},
    {"title": "Office for National Statistics: small-area population and geography",
     "path": "https://geoportal.statistics.gov.uk/"},
)  # fmt: skip
ATTRIBUTIONS = (
    "Contains public sector information licensed under the Open Government Licence v3.0.",
    "Source: Office for National Statistics licensed under the Open Government Licence v.3.0.",
    "Contains OS data © Crown copyright and database right {year}.",
)
"""The wording that police.uk, ONS and Ordnance Survey ask for (reference: domain.md, A.1)."""


@dataclass(frozen=True)
class ReleaseContent:
    """Everything that one release says; the release id is given when it is written.

    Attributes:
        month: The newest crime month, ``YYYY-MM``.
        first_month: The first month of the window.
        as_of: The day up to which engagement is covered.
        tables: Table name to its frame. Lazy frames are read once, when their file is written.
        contracts: Table name to its contract; holds at least every table of ``tables``, and
            ``neighbourhoods`` where there are boundaries.
        boundaries: The neighbourhoods with their shapes: the published columns of the
            ``neighbourhoods`` contract and ``geometry`` (WKB, WGS84, the repaired working copy).
        codelists: Code list name to its frame of strings, first column the code.
        quality: The results of the checks, as JSON values.
        provenance: Hashes of inputs, boundary releases, code version, settings, as JSON values.
        disclosure: How counts of people were protected (``openbeat.disclosure.report``), as JSON
            values; None where the release has no such counts.
        disclosure_page: The same for people, in Markdown.
        title: One line that names the publication.
        description: One paragraph on it.
        publisher: Who publishes it.
        notice: A sentence put first wherever a person starts reading, such as that the data is
            made up; empty for none.
        sources: ``title`` and ``path`` of each source.
        attributions: Sentences the sources' licences ask for; ``{year}`` is the year of ``as_of``.
        base_url: Where the releases folder is served; empty where it is served nowhere.
        contact: Whom a user may write to: ``name``, ``email``, ``url``, each where there is one.
        workbooks: Whether a workbook a force is made.
        register: What was announced of its tables, and renamed.
        next_release: A sentence that says when the next release is due; empty for none.
        issued: The day this release is due, from the calendar; None where there is no calendar.
    """

    month: str
    first_month: str
    as_of: date
    tables: Mapping[str, pl.LazyFrame | pl.DataFrame]
    contracts: Mapping[str, Contract]
    boundaries: pl.DataFrame | None = None
    codelists: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    quality: Sequence[Any] | Mapping[str, Any] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    disclosure: Mapping[str, Any] | None = None
    disclosure_page: str = ""
    title: str = "openbeat: neighbourhood-level open data from police.uk"
    description: str = (
        "Crimes, outcomes and stop and search published on police.uk, counted by police"
        " neighbourhood and month, with the coverage of every force and month."
    )
    publisher: str = "openbeat"
    notice: str = ""
    sources: tuple[Mapping[str, str], ...] = SOURCES
    attributions: tuple[str, ...] = ATTRIBUTIONS
    base_url: str = ""
    contact: Mapping[str, str] = field(default_factory=dict)
    workbooks: bool = True
    register: Register = field(default_factory=Register)
    next_release: str = ""
    issued: date | None = None

    @property
    def issue_day(self) -> date:
        """The day that catalogues are told: ``issued``, else ``as_of``; never a clock's."""
        return self.issued or self.as_of

    @property
    def attribution_lines(self) -> list[str]:
        """The attribution sentences, with their year filled in."""
        return [line.format(year=self.as_of.year) for line in self.attributions]

    @property
    def described(self) -> list[str]:
        """The tables that are described, sorted: those it holds, and the revisions."""
        return sorted({*self.tables, *({REVISIONS} & {*self.contracts})})

    @property
    def window(self) -> str:
        """The months covered, in words."""
        if self.first_month == self.month:
            return self.month
        return f"{self.first_month} to {self.month}"


def parse_release_id(release_id: str) -> tuple[str, int]:
    """Take a release id apart.

    Args:
        release_id: For example ``2025-06-r1``.

    Returns:
        The month and the number.

    Raises:
        InputError: It is not of the form ``<month>-r<number>``.
    """
    match = RELEASE_ID.fullmatch(release_id)
    if match is None:
        raise InputError(
            "not a release id",
            value=release_id,
            rule="<month>-r<number>",
            mend="give an id like 2025-06-r1",
        )
    return match["month"], int(match["number"])
