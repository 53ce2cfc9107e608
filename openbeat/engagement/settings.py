"""The settings of engagement: where the logs are, and what is ours to choose.

Only models belong here; they are part of ``openbeat.settings.Settings``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

TableName = Literal[
    "engagement_events",
    "participation",
    "issues",
    "actions",
    "activities",
    "problem_plans",
    "feedback",
    "priorities",
    "engagement_plan",
    "consultations",
    "impact_assessments",
    "survey_indicators",
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EngagementSource(_Model):
    """One log: a file, a table or query of a database, or what ``openbeat capture`` gathered.

    Attributes:
        name: Of the source; unique, and kept, since records are known by it.
        table: The table it delivers.
        path: CSV, XLSX, ODS or Parquet, told apart by the ending.
        sheet: Of a workbook; the first by default.
        header_line: The line of the headers; what stands above is passed over.
        encoding: Of a CSV.
        separator: Of a CSV.
        url_env: Variable that holds a database's SQLAlchemy URL.
        query: What to select from the database; ``sql_table`` for a whole table.
        sql_table: A table or view of the database, with its schema where it has one.
        capture: Whether it is what ``openbeat capture`` gathered from police.uk.
        mapping: YAML that gives their columns and codes our names.
        delivery: ``full``: a record that is no longer there was deleted; ``additions``: each
            delivery brings new and changed records only.
        most_deleted: The largest share of its records that one full delivery may delete; more is
            taken for a delivery cut short, and refused. 1 accepts any.
        retention_months: How long records, versions and raw deliveries are kept; without it, as
            long as the place.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")]
    table: TableName
    path: Path | None = None
    sheet: str | None = None
    header_line: Annotated[int, Field(ge=1)] = 1
    encoding: str = "utf-8"
    separator: Annotated[str, Field(min_length=1, max_length=1)] = ","
    url_env: str | None = None
    query: str | None = None
    sql_table: str | None = None
    capture: bool = False
    mapping: Path | None = None
    delivery: Literal["full", "additions"] = "full"
    most_deleted: Annotated[float, Field(ge=0, le=1)] = 0.5
    retention_months: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        places = [self.path is not None, self.url_env is not None, self.capture]
        if sum(places) != 1:
            raise ValueError(f"source {self.name!r} takes one of path, url_env, capture")
        if self.url_env is not None and (self.query is None) == (self.sql_table is None):
            raise ValueError(f"source {self.name!r} takes one of query and sql_table")
        if self.capture and self.table not in ("priorities", "engagement_events"):
            raise ValueError("police.uk shows priorities and engagement_events")
        return self


class Contact(_Model):
    """How the public of a force can answer back; shown in the meeting packs.

    Attributes:
        name: Of the team or office that answers.
        url: Where to write or report online.
        email: A mailbox of the organisation, not of a person.
        phone: A number of the organisation, besides 101 and 999.
    """

    name: str = ""
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    phone: str | None = None


class CaptureSettings(_Model):
    """Polling police.uk's API (``openbeat capture``).

    Attributes:
        url: The API.
        requests_a_second: At most; police.uk allows 15.
        forces: Of which forces; the configured ones by default.
        attempts: How often an answer that failed is asked for again.
    """

    url: Annotated[str, Field(pattern=r"^https?://\S+$")] = "https://data.police.uk/api"
    requests_a_second: Annotated[float, Field(gt=0, le=15)] = 10
    forces: list[str] | None = None
    attempts: Annotated[int, Field(ge=1, le=10)] = 5


class EngagementSettings(_Model):
    """Everything on engagement that can be set.

    Attributes:
        sources: The logs.
        review_required: Whether a text is published only with reviewer role, review date and the
            hash of the text that was reviewed.
        meeting_days: Longest that a neighbourhood should be without a meeting. Ours, not the law's.
        notice_days: Shortest notice of an event that is not warned of.
        contacts: By force (police.uk slug): how to answer back.
        allowed_texts: Texts about to be published that look like personal data and are not.
        capture: How police.uk's API is polled.
    """

    sources: list[EngagementSource] = []
    review_required: bool = True
    meeting_days: Annotated[int, Field(ge=1)] = 92
    notice_days: Annotated[int, Field(ge=0)] = 7
    contacts: dict[str, Contact] = {}
    allowed_texts: list[str] = []
    capture: CaptureSettings = CaptureSettings()

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [source.name for source in self.sources]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two sources are named {twice[0]!r}")
        return self
