"""Which difference between the sources explains a changed cell: its kind and its reason.

What the differences are is in ``causes``. Nothing is guessed: a cell that no file, boundary or log
explains is told as such.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from openbeat.release.causes import FILES, KIND, Facts, nothing
from openbeat.release.differences import ADDED, REMOVED

DATASETS = {"crime": "street", "outcomes": "outcomes", "stops": "stops"}
"""The tables that count the rows of one dataset, by the force that reported."""
OPEN_TABLES = (*DATASETS, "crime_summary", "coverage", "neighbourhoods")
"""The tables made from open data alone."""
YEARLY = ("engagement_reach", "feedback_summary")
"""Counts of people: they stay as first published until the yearly revision."""
OF_CRIME = (
    *("crime_total_12m", "population", "published_rank", "rank_difference", "concern_rank"),
)
"""The columns of the profile that follow the crime tables."""
LABELS = (
    *("force_name", "neighbourhood_name", "name"),
    *("crime_type_code", "outcome_type_code", "outcome_group"),
)
OUTCOME_KEYS = ("outcome_type", "outcome", "linked_to_object")
OTHER_OUTCOMES = "police.uk issued the file again with as many rows; some have another outcome"
OTHER_PLACES = "police.uk issued the file again with as many rows; some were moved or retyped"
NOT_COUNTED = (
    "police.uk issued the file again with as many rows; what differs is not counted here, such as"
    " the last outcome of a crime"
)

Rule = tuple[pl.Expr, pl.Expr, pl.Expr]
"""Condition, kind and reason; the first that holds explains a cell."""


def order(tables: Sequence[str]) -> list[str]:
    """The tables in the order in which they are to be explained: those that others follow first."""
    return sorted(tables, key=lambda table: (table not in DATASETS, table))


def explained(cells: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """The changed cells of one table and period, each with its kind and reason.

    Args:
        cells: As ``differences.cells`` gives them, of one table.
        facts: What differs between the sources; what is found in one table is noted in it for the
            next, see ``order``.

    Returns:
        The cells with ``kind`` (of ``causes.KINDS``) and ``reason``, in the same order.
    """
    table = cells["table"][0]
    if table in DATASETS:
        told = _of_dataset(cells, DATASETS[table], facts)
    elif table == "coverage":
        told = _of_coverage(cells, facts)
    elif table == "crime_summary":
        told = _of_places(cells, facts, pl.lit(value=True), [])
    elif table == "neighbourhood_profile":
        of_crime = pl.col("column").is_in(OF_CRIME)
        told = _of_places(cells, facts, of_crime, _log_rules(table, facts))
    elif table == "neighbourhoods":
        told = _told(cells, _register_rules(facts), facts)
    else:
        told = _told(cells, _log_rules(table, facts), facts)
    return told.select(*cells.columns, "kind", "reason")


def _rule(condition: pl.Expr, kind: str, reason: str | pl.Expr) -> Rule:
    words = pl.lit(reason) if isinstance(reason, str) else reason
    return condition.fill_null(value=False), pl.lit(kind, KIND), words


def _cause(name: str, condition: pl.Expr | None = None) -> Rule:
    """The cause that was joined under a name, where there is one."""
    kind = pl.col(f"{name}_kind")
    there = kind.is_not_null() if condition is None else kind.is_not_null() & condition
    return there, kind, pl.col(f"{name}_reason")


def _told(cells: pl.DataFrame, rules: Sequence[Rule], facts: Facts) -> pl.DataFrame:
    """The cells with the kind and reason of the first rule that holds."""
    ends = [*rules, _rule(pl.lit(value=True), *facts.otherwise)]
    return cells.with_columns(
        kind=pl.coalesce(pl.when(holds).then(kind) for holds, kind, _ in ends),
        reason=pl.coalesce(pl.when(holds).then(reason) for holds, _, reason in ends),
    )


def _fields(cells: pl.DataFrame) -> list[str]:
    return [field.name for field in cells.schema["key"].fields]  # type: ignore[attr-defined]


def _keyed(cells: pl.DataFrame, *names: str) -> pl.DataFrame:
    """The cells with fields of their key as columns ``:name``; null where the key has no such."""
    there = _fields(cells)
    nothing = pl.lit(None, dtype=pl.String)
    return cells.with_columns(
        (pl.col("key").struct.field(name).cast(pl.String) if name in there else nothing).alias(
            f":{name}"
        )
        for name in names
    )


def _with(cells: pl.DataFrame, name: str, causes: pl.DataFrame, *left: str) -> pl.DataFrame:
    """The cells with ``<name>_kind`` and so on, matched on the causes' first columns."""
    renamed = causes.rename(dict(zip(causes.columns, left, strict=False))).rename(
        lambda column: column if column.startswith(":") else f"{name}_{column}"
    )
    return cells.join(renamed, on=list(left), how="left", maintain_order="left", nulls_equal=True)


def _of(causes: pl.DataFrame, dataset: str) -> pl.DataFrame:
    return causes.filter(pl.col("dataset") == dataset).drop("dataset")


def _of_dataset(cells: pl.DataFrame, dataset: str, facts: Facts) -> pl.DataFrame:
    """Crime, outcomes and stops: by the file of the force, then by boundaries."""
    keyed = _keyed(cells, "month", "force_id", "area_force_id", "neighbourhood_id")
    force, area = (":month", ":force_id"), (":month", ":area_force_id")
    keyed = _with(keyed, "file", _of(facts.files, dataset), *force)
    keyed = _with(keyed, "mended", _of(facts.corrections, dataset), *force)
    keyed = _with(keyed, "area", facts.boundaries, *area)
    keyed = _with(keyed, "own", facts.boundaries, *force)
    counted = ~pl.col("column").is_in(LABELS)
    reissued = pl.col("file_reissued") & counted
    both = pl.concat_str(
        pl.coalesce("area_reason", "own_reason"),
        pl.coalesce("file_reason", pl.when("file_reissued").then(pl.lit(OTHER_PLACES))),
        separator="; ",
        ignore_nulls=True,
    )
    moved = pl.coalesce("area_kind", "own_kind").is_not_null()
    elsewhere = pl.col(":month").is_in(facts.boundaries["month"].unique().implode())
    rules = [
        _cause("mended"),
        _cause("file", pl.col("file_kind") == "late_supply"),
        _rule(reissued & _only_outcomes(cells), "outcome_update", OTHER_OUTCOMES),
        _rule(moved, "boundary_change", both),
        _cause("file", counted),
        _rule(reissued, "resupply", OTHER_PLACES),
        _rule(elsewhere, "boundary_change", "boundaries of another force"),
    ]
    told = _told(keyed, rules, facts)
    _note(told, dataset, facts)
    return told


def _only_outcomes(cells: pl.DataFrame) -> pl.Expr:
    """Whether counts moved between outcomes alone: at the place their sum is as it was."""
    names = _fields(cells)
    rest = [name for name in names if name not in OUTCOME_KEYS]
    if len(rest) == len(names):
        return pl.lit(value=False)
    new, old = (pl.col(name).cast(pl.Int64, strict=False).fill_null(0) for name in ("new", "old"))
    change = pl.when(pl.col("column") == "count").then(new - old).otherwise(0)
    return change.sum().over([pl.col("key").struct.field(name) for name in rest]) == 0


def _note(told: pl.DataFrame, dataset: str, facts: Facts) -> None:
    """Remember what the tables that follow this one need to know."""
    month, force = pl.col(":month").alias("month"), pl.col(":force_id").alias("force_id")
    if dataset == "street":
        area = pl.coalesce(":area_force_id", ":force_id").alias("force_id")
        place = pl.col(":neighbourhood_id").alias("neighbourhood_id")
        facts.places.append(told.select(month, area, place, "kind", "reason").unique())
    moved = told.filter((pl.col("kind") == "resupply") & pl.col("file_reissued"))
    facts.resupplied.append(moved.select(month, force, pl.lit(dataset).alias("dataset")).unique())


def _of_coverage(cells: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Coverage: by the file itself."""
    place = (":month", ":force_id", ":dataset")
    moved = pl.concat([nothing(*FILES).select(FILES), *facts.resupplied]).unique()
    keyed = _keyed(cells, "month", "force_id", "dataset")
    keyed = _with(keyed, "file", facts.files, *place)
    keyed = _with(keyed, "mended", facts.corrections, *place)
    keyed = _with(keyed, "own", facts.boundaries, *place[:2])
    keyed = _with(keyed, "moved", moved.with_columns(here=pl.lit(value=True)), *place)
    of_boundaries = pl.col("column").is_in(["boundary_release", "boundary_basis"])
    of_archive = pl.col("column").is_in(["archive", "archive_as_of"])
    words = pl.col("own_reason").fill_null("boundaries chosen otherwise")
    rules = [
        _cause("mended", ~of_archive & ~of_boundaries),
        _rule(of_boundaries, "boundary_change", words),
        _cause("file"),
        _rule(pl.col("file_reissued") & pl.col("moved_here"), "resupply", OTHER_PLACES),
        _rule(
            pl.col("file_reissued") & (pl.col(":dataset") == "outcomes"),
            *("outcome_update", OTHER_OUTCOMES),
        ),
        _rule(pl.col("file_reissued"), "outcome_update", NOT_COUNTED),
        _rule(of_archive, "scheduled", "the same file, in another archive"),
        _cause("own"),
    ]
    return _told(keyed, rules, facts)


def _of_places(
    cells: pl.DataFrame, facts: Facts, of_crime: pl.Expr, rules: Sequence[Rule]
) -> pl.DataFrame:
    """What is made from the crime table: by what changed there, in the month or the year to it.

    Args:
        cells: Of one table.
        facts: With what was found in the crime table.
        of_crime: Which cells follow the crime table.
        rules: For those that nothing there explains.
    """
    place = (":month", ":force_id", ":neighbourhood_id")
    keyed = _keyed(cells, "month", "area_force_id", "force_id", "neighbourhood_id")
    keyed = keyed.with_columns(pl.coalesce(":area_force_id", ":force_id").alias(":force_id"))
    month, year = facts.by_place
    keyed = _with(keyed, "mended", _of(facts.corrections, "street"), *place[:2])
    keyed = _with(keyed, "month", month, *place)
    keyed = _with(keyed, "year", year, *place)
    keyed = _with(keyed, "file", _of(facts.files, "street"), *place[:2])
    keyed = _with(keyed, "files", facts.street_in_the_year, *place[:2])
    keyed = _with(keyed, "own", facts.boundaries, *place[:2])
    long = pl.col("column").str.contains("_12m|^rate_|rank")
    people = pl.col("column").str.contains("^population|^rate_")
    of_street = of_crime & ~pl.col("column").is_in(LABELS) & ~pl.col("column").str.contains("^pop")
    others = (facts.files["kind"].is_not_null() & (facts.files["dataset"] == "street")).any()
    return _told(
        keyed,
        [
            _cause("mended", of_street),
            _cause("month", of_street & ~long),
            _cause("year", of_street & long),
            _cause("file", of_street & ~long),
            _cause("files", of_street & long),
            _cause("own", of_crime),
            _rule(of_crime & people & bool(facts.population), "scheduled", facts.population),
            _rule(of_street & others, "resupply", "the file of another force"),
            *rules,
        ],
        facts,
    )


def _register_rules(facts: Facts) -> list[Rule]:
    """The neighbourhoods: populations, or else boundaries."""
    people = pl.col("column").str.contains("^population").fill_null(value=False)
    moved = bool(facts.boundaries.height) or facts.otherwise[0] == "boundary_change"
    return [
        _rule(people & bool(facts.population), "scheduled", facts.population),
        _rule(pl.lit(moved), "boundary_change", "other boundary files"),
    ]


def _log_rules(table: str, facts: Facts) -> list[Rule]:
    """Tables made from the logs of forces and partners, which go on; counts of people do not."""
    change, whole = pl.col("change"), pl.lit(value=True)
    if table in YEARLY:
        usual = "yearly revision of counts of people"
    else:
        usual = f"the logs, brought up to date to {facts.as_of}"
    to_date = pl.col("period").str.contains("^[0-9]{4}$").fill_null(value=False)
    return [
        _rule(to_date, "scheduled", usual),
        _rule(change == ADDED, "late_supply", "recorded since the release before"),
        _rule(change == REMOVED, "resupply", "no longer in the logs, or no longer published"),
        _rule(whole, "scheduled", usual),
    ]
