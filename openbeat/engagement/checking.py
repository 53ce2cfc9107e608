"""What ``openbeat check`` finds in a log before it is handed in, as plain data.

The file goes the same way as at intake, up to the rules of its contract that need nothing but the
file itself. What needs other tables or the places (is the neighbourhood known, was the action
completed) is named as not judged. Where rules are broken is found by ``marks``; printing belongs
in ``pipelines``, the annotated copy in ``annotated``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import polars as pl

from openbeat.contract import Contract
from openbeat.engagement import history
from openbeat.engagement.cells import LINE, Rows
from openbeat.engagement.conform import cell_faults, conform
from openbeat.engagement.derive import derive_alone
from openbeat.engagement.examples import is_example
from openbeat.engagement.expressions import yes, yes_no
from openbeat.engagement.mapping import Mapping, their_columns, to_canonical
from openbeat.engagement.marks import CELL_RULES, MARKS, cell_marks, rule_marks, shown
from openbeat.engagement.personal_data import found
from openbeat.engagement.routing import kind
from openbeat.engagement.settings import EngagementSettings
from openbeat.engagement.tables import TABLES

PLACES: Final = 5
ABSENT: Final = "(not in the file)"
_EXAMPLE, _WITHDRAWN = "example", "withdrawn"
# Columns every row gets at intake, whatever it holds.
_GIVEN: Final = frozenset({"source", "version"})
_UNREVIEWED: Final = pl.Schema(
    {"line": pl.Int64(), "id": pl.String(), "text_sha256": pl.String(), "review": pl.String()}
)


@dataclass(frozen=True)
class Checked:
    """What a check found.

    Attributes:
        rows: The file as it was read.
        contract: Of its table.
        sources: By column of ours, the columns of theirs it comes from.
        marks: Every broken rule of every row, as ``marks.MARKS``.
        accepted: How many rows would be taken in.
        refused: Lines of those that would go to quarantine.
        routed: By kind, how many rows would be passed on to whoever must act.
        withdrawn: How many rows say why they are withdrawn.
        examples: Lines of a template's example, which is never taken in.
        unreviewed: line, id, text_sha256, review of the rows whose texts would be withheld.
        unjudged: The rules that need other tables or the places.
    """

    rows: Rows
    contract: Contract
    sources: dict[str, list[str]]
    marks: pl.DataFrame
    accepted: int
    refused: list[int]
    routed: dict[str, int]
    withdrawn: int
    examples: list[int]
    unreviewed: pl.DataFrame
    unjudged: list[str]

    def lines(self, severity: str) -> int:
        """How many rows break a rule of a severity."""
        return self.marks.filter(pl.col("severity") == severity)["line"].n_unique()


@dataclass(frozen=True)
class Place:
    """One place where a rule is broken.

    Attributes:
        line: The row of the file, its first line being 1.
        more: How many rows more have the same value and the same fault.
        cells: Column of theirs and what stands there, masked where it must be; None where empty.
            A column of ours that comes from none of theirs is ``(not in the file)``.
        message: What is wrong, where the rule's sentence does not say it.
        mend: How to mend it.
    """

    line: int
    more: int
    cells: tuple[tuple[str, str | None], ...]
    message: str | None
    mend: str | None


@dataclass(frozen=True)
class Finding:
    """One rule that is broken: how many rows break it, and the first places."""

    rule: str
    severity: str
    sentence: str
    rows: int
    places: tuple[Place, ...]
    further: int


def check(
    rows: Rows,
    mapping: Mapping | None,
    contract: Contract,
    today: date,
    settings: EngagementSettings,
    forces: Sequence[str],
) -> Checked:
    """Check a log.

    Args:
        rows: From ``read_rows``.
        mapping: Theirs to ours; None where the file has our columns.
        contract: Of the conformed table.
        today: In London.
        settings: How long a notice must be, whether reviews are needed, which texts are allowed.
        forces: The forces that are known.

    Raises:
        InputError: The columns do not fit the table or the mapping.
    """
    table = contract.table.removeprefix("conformed_")
    headers = [name for name in rows.frame.columns if name != LINE]
    sources = their_columns(headers, mapping, contract, rows.name)
    text = to_canonical(rows, mapping, contract)
    fates = text.select(LINE, fate=_fate(table, text.columns))
    judged = text.filter(fates["fate"].is_null())
    frame = _complete(judged, contract, today, settings, forces)
    marks = _marks(judged, frame, contract, sources)
    refused = marks.filter(pl.col("severity") == "critical")["line"].unique().sort()
    left = dict(fates["fate"].drop_nulls().value_counts(sort=True).rows())
    examples = fates.filter(pl.col("fate") == _EXAMPLE)[LINE]
    return Checked(
        rows=rows,
        contract=contract,
        sources=sources,
        marks=marks,
        accepted=judged.height - refused.len(),
        refused=refused.to_list(),
        routed={k: n for k, n in left.items() if k not in (_EXAMPLE, _WITHDRAWN)},
        withdrawn=left.get(_WITHDRAWN, 0),
        examples=examples.to_list(),
        unreviewed=_unreviewed(frame, table),
        unjudged=_unjudged(contract, frame),
    )


def findings(checked: Checked, places: int = PLACES) -> list[Finding]:
    """The broken rules, worst first, else in contract order.

    Args:
        checked: What the check found.
        places: How many places of each rule are named.
    """
    sentences = {rule.id: rule.sentence for rule in checked.contract.row_rules()}
    found_ = []
    for severity in ("critical", "warning", "info"):
        marks = checked.marks.filter(pl.col("severity") == severity)
        for (rule,), part in marks.group_by("rule", maintain_order=True):
            sentence = sentences[str(rule)]
            first, further = _places(part, checked, sentence, places)
            rows = part["line"].n_unique()
            found_.append(Finding(str(rule), severity, sentence, rows, first, further))
    return found_


def _fate(table: str, columns: list[str]) -> pl.Expr:
    """Why a row is not held against the rules; null where it is."""
    return pl.coalesce(
        pl.when(is_example(table)).then(pl.lit(_EXAMPLE)),
        kind(columns),
        pl.when(pl.col("deleted_reason").is_not_null()).then(pl.lit(_WITHDRAWN)),
    )


def _complete(
    judged: pl.DataFrame,
    contract: Contract,
    today: date,
    settings: EngagementSettings,
    forces: Sequence[str],
) -> pl.DataFrame:
    """The rows typed, with every derived column that needs only this file."""
    table = contract.table.removeprefix("conformed_")
    frame = derive_alone(conform(judged, contract), table, today, notice_days=settings.notice_days)
    key = ["event_id", "characteristic", "category"] if table == "participation" else contract.key
    named = pl.all_horizontal(pl.col(name).is_not_null() for name in key)
    frame = frame.with_columns(repeated_id=yes(named & pl.struct(key).is_first_distinct().not_()))
    if "force_id" in frame.columns:
        known = pl.col("force_id").is_in(pl.Series(forces, dtype=pl.String).implode())
        frame = frame.with_columns(force_known=yes_no(known))
    if table == "issues":
        frame = frame.with_columns(duplicate_live=_duplicate_live(frame))
    texts = TABLES[table].texts
    if not texts:
        return frame
    if settings.allowed_texts:
        frame = frame.with_columns(personal_data_public=found(texts, settings.allowed_texts))
    reviewed = _reviews(judged, contract, texts, required=settings.review_required)
    return frame.join(reviewed, on=LINE, how="left", maintain_order="left")


def _duplicate_live(issues: pl.DataFrame) -> pl.Expr:
    """As at intake, but of this file alone: whether a repeat names an issue that is none."""
    repeat = pl.col("status") == "duplicate"
    others = issues.filter(~repeat.fill_null(value=False))["issue_id"].drop_nulls()
    live = pl.col("duplicate_of").is_in(others.implode()).fill_null(value=False)
    return pl.when(repeat).then(yes_no(live))


def _reviews(
    judged: pl.DataFrame, contract: Contract, texts: Sequence[str], *, required: bool
) -> pl.DataFrame:
    """line, text_sha256, review: as if each row were a record seen for the first time."""
    delivered = judged.select(
        pl.col(LINE).cast(pl.String).alias("record_id"),
        pl.lit(None, dtype=pl.String).alias("file"),
        LINE,
        *(column.name for column in contract.columns if not column.derived),
    )
    seen = datetime(2000, 1, 1, tzinfo=UTC)
    first = history.update(pl.DataFrame(), delivered, seen, "additions", texts)
    reviewed = history.reviews(first, texts, required=required)
    return reviewed.select(pl.col("record_id").cast(pl.Int64).alias(LINE), "text_sha256", "review")


def _marks(
    judged: pl.DataFrame, frame: pl.DataFrame, contract: Contract, sources: dict[str, list[str]]
) -> pl.DataFrame:
    faults = cell_faults(judged, contract)
    parts = [pl.DataFrame(schema=MARKS), cell_marks(faults, sources, contract)]
    for rule in contract.row_rules():
        if set(rule.involved) <= set(frame.columns) and rule.column not in CELL_RULES:
            parts.append(rule_marks(rule, frame, faults, sources, contract))
    return pl.concat(parts)


def _unreviewed(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    if "review" not in frame.columns:
        return pl.DataFrame(schema=_UNREVIEWED)
    wanting = pl.col("review").is_in(["not_reviewed", "text_changed"])
    record = pl.col(TABLES[table].id).alias("id")
    return frame.filter(wanting).select(LINE, record, "text_sha256", "review")


def _unjudged(contract: Contract, frame: pl.DataFrame) -> list[str]:
    return [
        rule.id
        for rule in contract.row_rules()
        if not set(rule.involved) <= {*frame.columns, *_GIVEN}
    ]


def _places(
    marks: pl.DataFrame, checked: Checked, sentence: str, most: int
) -> tuple[tuple[Place, ...], int]:
    """The first places of one rule, equal faults told once; and how many are not named."""
    # A rule that is about whole rows has no value to tell its rows apart by.
    by = ["columns", "value", "message"] if marks["value"].null_count() < marks.height else ["line"]
    groups = marks.group_by(by, maintain_order=True).agg(
        pl.exclude("line", *by).first(),
        *([] if "line" in by else [pl.col("line").first()]),
        more=pl.len() - 1,
    )
    first = groups.head(most)
    theirs = checked.rows.frame.filter(pl.col(LINE).is_in(first["line"].implode()))
    masked = shown(theirs, checked.sources, checked.contract, checked.rows.ragged[LINE])
    values = {row[LINE]: row for row in masked.to_dicts()}
    places = []
    for mark in first.to_dicts():
        row = values[mark["line"]]
        cells = tuple((name, row.get(name, ABSENT)) for name in mark["columns"])
        message = None if mark["message"] == sentence else mark["message"]
        places.append(Place(mark["line"], mark["more"], cells, message, mark["mend"]))
    return tuple(places), groups.height - first.height
