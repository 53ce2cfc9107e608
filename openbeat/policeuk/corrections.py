"""The register of corrections of source data: what is wrong in a file, and what is done about it.

A correction is said once, in ``config/corrections.yaml``, with its reason and a guard that holds
only while the fault is still in the source. Once the source is mended the guard fails, so that
nothing is corrected twice or for ever. What a file's rows mean belongs to ``openbeat.policeuk``.

The vocabulary is small on purpose: rows are set aside in quarantine (so that every row is still
accounted for), a label is read as another, or a month is marked partial. Nothing is invented.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from openbeat.engagement.personal_data import found
from openbeat.errors import InputError
from openbeat.policeuk.intake import take_in
from openbeat.policeuk.members import HEADERS
from openbeat.yaml_file import read_model

if TYPE_CHECKING:
    from openbeat.contract import Contract
    from openbeat.geography.lsoa import LsoaLookup
    from openbeat.policeuk.intake import Intake, RawMonth

CORRECTIONS = Path(__file__).resolve().parents[2] / "config" / "corrections.yaml"
RULE_PREFIX = "correction:"
PUBLISHED_WORDS = ("id", "reason", "reference")
Month = Annotated[str, Field(pattern=r"^[0-9]{4}-(?:0[1-9]|1[0-2])$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Guard(_Model):
    """What shows that the fault is still there; at least one of the two, in every month.

    Attributes:
        rows: How many rows the correction finds (of ``mark_partial``: how many the file has).
        member_sha256: The SHA-256 of the file, as ``coverage`` gives it.
    """

    rows: Annotated[int, Field(ge=0)] | None = None
    member_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.rows is None and self.member_sha256 is None:
            raise ValueError("a guard needs rows or member_sha256")
        return self


class Correction(_Model):
    """One correction.

    Attributes:
        id: Its name for good; small letters, digits, hyphens.
        force: The force whose file it is (police.uk slug).
        dataset: ``street``, ``outcomes`` or ``stops``.
        months: The months of the files. A guard by SHA-256 is of one month.
        kind: ``exclude_rows``, ``replace_label`` or ``mark_partial``.
        where: Column of the file, as its header names it, to the value that the rows have; all of
            them must fit. Not of ``mark_partial``.
        column: Of ``replace_label``: the column of the file.
        to: Of ``replace_label``: the label to read.
        reason: Why, in a sentence that is published.
        reported: When the fault was reported to police.uk or the force.
        reference: Where: a link or a reference number; published.
        guard: What shows that the fault is still there.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")]
    force: Annotated[str, Field(pattern=r"^[a-z]+(?:-[a-z]+)*$")]
    dataset: Literal["street", "outcomes", "stops"]
    months: Annotated[list[Month], Field(min_length=1)]
    kind: Literal["exclude_rows", "replace_label", "mark_partial"]
    where: dict[str, str] = {}
    column: str | None = None
    to: str | None = None
    reason: Annotated[str, Field(min_length=10, max_length=300)]
    reported: date
    reference: str = ""
    guard: Guard

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        replaces, marks = self.kind == "replace_label", self.kind == "mark_partial"
        if marks and self.where:
            raise ValueError("mark_partial is about the whole month: leave where out")
        if not marks and not self.where:
            raise ValueError(f"{self.kind} needs where: which rows it is about")
        if replaces != (self.column is not None) or replaces != (self.to is not None):
            raise ValueError("column and to go with replace_label, and it needs both")
        if self.guard.member_sha256 and len(self.months) > 1:
            raise ValueError("a guard by member_sha256 is of one month: give one a month")
        if len(set(self.months)) < len(self.months):
            raise ValueError("a month is given twice")
        for name in (*self.where, *([self.column] if self.column else [])):
            if name not in HEADERS[self.dataset]:
                raise ValueError(f"files of {self.dataset} have no column {name!r}")
        return self

    def as_published(self) -> dict[str, Any]:
        """What a release says of it in its provenance: not which rows, as they name crimes."""
        return {
            "id": self.id,
            "force": self.force,
            "dataset": self.dataset,
            "months": sorted(self.months),
            "kind": self.kind,
            "reason": self.reason,
            "reported": self.reported.isoformat(),
            "reference": self.reference,
        }


class _Register(_Model):
    corrections: list[Correction] = []

    @model_validator(mode="after")
    def _once(self) -> Self:
        ids = [correction.id for correction in self.corrections]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(f"two corrections are called {twice[0]}")
        return self


def load_corrections(path: Path | None = None, allowed: Collection[str] = ()) -> list[Correction]:
    """Read the register.

    Args:
        path: The file; without one, ``config/corrections.yaml``, which ships empty.
        allowed: Whole texts that look like personal data and are not (the setting
            ``engagement.allowed_texts``).

    Returns:
        The corrections, in the order of the file.

    Raises:
        InputError: The file is not a right register; names the file and the line. Or a text that
            is published looks like personal data; names the correction, and does not show the text.
    """
    path = path or CORRECTIONS
    corrections = read_model(path, _Register).corrections
    for correction in corrections:
        _screen(correction, path.name, allowed)
    return corrections


def _screen(correction: Correction, file: str, allowed: Collection[str]) -> None:
    """Refuse what looks like personal data in the words that a release publishes."""
    for name in PUBLISHED_WORDS:
        text = pl.select(pl.lit(getattr(correction, name)).alias(name))
        if kinds := text.select(found([name], allowed)).item():
            raise InputError(
                f"{name} of {correction.id} looks as if it held personal data ({kinds}), and it "
                "is published",
                file=file,
                column=name,
                rule="personal_data",
                mend="say it without; a text that is right all the same is allowed by "
                "engagement.allowed_texts",
            )


def in_force(
    corrections: Sequence[Correction], month: str, dataset: str | None = None
) -> list[Correction]:
    """The corrections of a month's files, of one dataset or all."""
    return [
        correction
        for correction in corrections
        if month in correction.months and dataset in (None, correction.dataset)
    ]


def take_in_corrected(
    raw: RawMonth,
    dataset: str,
    month: str,
    contract: Contract,
    forces: pl.DataFrame,
    lookup: LsoaLookup | None,
    corrections: Sequence[Correction],
) -> Intake:
    """``policeuk.intake.take_in`` with the corrections of the month applied; same without any.

    Rows to exclude are moved from the accepted to the quarantine, as they were in the file; a row
    that is refused or a repeat stays what it is. So ``rows = accepted + quarantined + repeats``.

    Args:
        raw: From ``read_month``.
        dataset: ``street``, ``outcomes`` or ``stops``.
        month: The month of the files' folder.
        contract: The contract of the conformed table.
        forces: As ``load_forces`` gives them.
        lookup: LSOA 2011 to 2021, where there is one.
        corrections: The register.

    Raises:
        InputError: A guard fails: the fault is not there any more, or is another.
    """
    frame, aside = correct_rows(raw.frame, raw.files, in_force(corrections, month, dataset))
    taken = take_in(replace(raw, frame=frame), dataset, month, contract, forces, lookup)
    place = ["force_id", "line"]
    excluded = taken.accepted.select(place).join(aside, on=place, how="semi")
    if not excluded.height:
        return taken
    missing = pl.lit(None, dtype=pl.String)
    rows = (
        raw.frame.join(aside, on=place)
        .join(excluded, on=place, how="semi")
        .join(raw.files.select("force_id", "file"), on="force_id")
        .select(
            pl.lit(month).alias("month"),
            pl.lit(dataset).alias("dataset"),
            *("force_id", "file", "line"),
            pl.lit("quarantined").alias("kind"),
            "rule",
            pl.col("rule").alias("rules"),
            missing.alias("column"),
            missing.alias("value"),
            pl.struct(HEADERS[dataset]).struct.json_encode().alias("raw"),
        )
    )
    return replace(
        taken,
        accepted=taken.accepted.join(excluded, on=place, how="anti", maintain_order="left"),
        quarantine=pl.concat([taken.quarantine, rows]).sort("force_id", "line", "kind"),
    )


def correct_rows(
    frame: pl.DataFrame, files: pl.DataFrame, corrections: Sequence[Correction]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Apply the corrections of one month and dataset to the rows of its files.

    Args:
        frame: ``force_id``, ``line`` and the header's columns, as text: ``RawMonth.frame``.
        files: One row a file: force_id, rows, member_sha256, ``RawMonth.files``.
        corrections: From ``in_force``, of this month and dataset.

    Returns:
        The rows with labels replaced, none missing; and those to set aside: force_id, line, rule
        (``correction:<id>``), the first correction that finds it.

    Raises:
        InputError: A guard fails: the fault is not there any more, or is another.
    """
    aside = [pl.DataFrame(schema={"force_id": pl.String, "line": pl.Int64, "rule": pl.String})]
    for correction in corrections:
        fits = pl.col("force_id") == correction.force
        for column, value in correction.where.items():
            # An empty field reads as missing.
            fits &= pl.col(column).eq_missing(pl.lit(value or None, dtype=pl.String))
        file = files.filter(pl.col("force_id") == correction.force)
        if not file.height:
            continue  # no file came, so there is nothing to correct
        if correction.kind == "mark_partial":
            _hold(correction, file, int(file["rows"].sum()))
            continue
        _hold(correction, file, frame.filter(fits).height)
        if correction.kind == "exclude_rows":
            rule = pl.lit(f"{RULE_PREFIX}{correction.id}").alias("rule")
            aside.append(frame.filter(fits).select("force_id", "line", rule))
        else:
            name = str(correction.column)
            label = pl.when(fits).then(pl.lit(correction.to)).otherwise(pl.col(name))
            frame = frame.with_columns(label.alias(name))
    once = pl.concat(aside).unique(["force_id", "line"], keep="first", maintain_order=True)
    return frame, once


def _hold(correction: Correction, file: pl.DataFrame, rows: int) -> None:
    """Hold a correction's guard against what is there."""
    guard = correction.guard
    sha = file["member_sha256"].item()
    if guard.rows is not None and rows != guard.rows:
        told = f"{guard.rows:,} rows, and there are {rows:,}"
    elif guard.member_sha256 is not None and sha != guard.member_sha256:
        told = "a file with another SHA-256: police.uk has issued it again"
    else:
        return
    raise InputError(
        f"correction {correction.id} is about {told}",
        file=file["file"].item() if "file" in file.columns else None,
        rule="correction_guard",
        mend="look whether the fault is still there: if it was mended, take the correction out of"
        " the register; if not, bring its guard up to date",
    )


def partial_months(corrections: Sequence[Correction]) -> set[tuple[str, str, str]]:
    """The files that a correction says are partial: month, force, dataset, for ``coverage``."""
    return {
        (month, correction.force, correction.dataset)
        for correction in corrections
        if correction.kind == "mark_partial"
        for month in correction.months
    }


def published_corrections(
    corrections: Sequence[Correction], months: Sequence[str]
) -> list[Mapping[str, Any]]:
    """What a release says of the corrections of its months: for ``provenance``."""
    held = set(months)
    return [c.as_published() for c in corrections if held.intersection(c.months)]
