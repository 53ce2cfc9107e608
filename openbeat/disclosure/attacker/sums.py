"""The sums between cells that everybody knows, derived again from the published shapes.

Cells that no table has, but that the sums need, are made here. Numbers belong in ``facts``, the
arithmetic in ``bounds``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from openbeat.disclosure.attacker.facts import GROUP, KEY, Facts

PLACE: Final = (*GROUP, "place_level", "neighbourhood_id")
THING: Final = ("measure", "dimension", "item")
UNLISTED: Final = "unlisted"
"""The item of the events at force level that the table does not list with a day."""
HALF_UNIT: Final = 0.00005
"""Published shares are rounded to four decimals."""


@dataclass(frozen=True)
class Sums:
    """Cells and the rows between them.

    Attributes:
        cells: As ``Facts.cells``, with the hidden ones; ``cell`` is the number of the row.
            ``hidden`` where no table has it.
        terms: name (of the row: its kind, a bar, its key), row, cell, coefficient, low and high
            of the row (null: no bound).
    """

    cells: pl.DataFrame
    terms: pl.DataFrame


def derive(facts: Facts, *, rates: bool = False, differences: bool = False) -> Sums:
    """Cells with the hidden ones, and every sum.

    Args:
        facts: What is published.
        rates: Whether published shares and medians are used too.
        differences: Whether differences between editions are cells (``place_level`` as theirs,
            ``measure`` with ``change in`` before it), of either sign.
    """
    cells = _with_unplaced(facts.cells, facts.all_placed)
    cells = _with_no_form(cells)
    cells = _with_unlisted(cells)
    cells = _with_year_rest(cells)
    if differences:
        cells = _with_differences(cells)
    cells = cells.sort(KEY).with_row_index("cell")
    parts = [
        _force_sums(cells),
        _group_sums(cells),
        _category_sums(cells),
        _pair_sums(cells, "attendances", ("forms", "no_form")),
        _pair_sums(cells, "received", ("answered_72h", "not_answered_72h")),
        _event_sums(cells),
        _year_sums(cells),
    ]
    if differences:
        parts.append(_difference_sums(cells))
    if rates and facts.rates.height:
        parts.append(_rate_sums(cells, facts.rates))
    terms = pl.concat(parts)
    # The first row of a name is its number: names sort the same on every machine.
    terms = terms.with_columns(row=pl.col("name").rank("dense").cast(pl.Int64) - 1)
    if rates and facts.at_least.height:
        least = facts.at_least.rename({"least": "at_least"})
        cells = cells.join(least, on=list(KEY), how="left", maintain_order="left")
    return Sums(cells, terms.sort("row", "cell"))


def _hidden(frame: pl.DataFrame, like: pl.DataFrame) -> pl.DataFrame:
    """Cells of ``KEY`` that no table has, with the columns of the others."""
    blank = {n: pl.lit(None, like.schema[n]) for n in like.columns if n not in frame.columns}
    no = {n: pl.lit(False) for n in ("kept", "kept_now", "in_table") if n in like.columns}
    return frame.with_columns(**(blank | no | {"hidden": pl.lit(True)})).select(like.columns)


def _with_unplaced(cells: pl.DataFrame, all_placed: pl.DataFrame) -> pl.DataFrame:
    """What a force has that no neighbourhood has.

    Nothing where all its events are seen to be in neighbourhoods. Categories are shown of forces
    alone, and so are in no such sum.
    """
    cells = cells.with_columns(hidden=pl.lit(False))
    local = cells.filter(pl.col("place_level") == "neighbourhood").select(GROUP).unique()
    force = cells.filter(pl.col("place_level") == "force").join(
        local, on=list(GROUP), how="semi", maintain_order="left"
    )
    key = force.filter(pl.col("level") != "category").select(*KEY, "level", "group")
    nothing = all_placed.with_columns(value=pl.lit(0, pl.Int64))
    key = key.join(nothing, on=["set", "force_id", "period"], how="left", maintain_order="left")
    new = _hidden(key.with_columns(place_level=pl.lit("unplaced"), rounded=pl.lit(False)), cells)
    return pl.concat([cells, new.join(cells, on=list(KEY), how="anti", maintain_order="left")])


def _with_no_form(cells: pl.DataFrame) -> pl.DataFrame:
    total = (pl.col("dimension") == "all") & pl.col("place_level").is_in(
        ["neighbourhood", "force", "unplaced"]
    )
    forms = cells.filter(total & (pl.col("measure") == "forms"))
    came = cells.filter(total & (pl.col("measure") == "attendances")).select(PLACE)
    both = forms.join(came, on=list(PLACE), how="semi", maintain_order="left")
    new = both.select(*KEY, "level", rounded=pl.lit(False)).with_columns(measure=pl.lit("no_form"))
    return pl.concat([cells, _hidden(new, cells)])


def _with_unlisted(cells: pl.DataFrame) -> pl.DataFrame:
    """Attendances at force level of events that the table does not list with a day."""
    came = cells.filter(
        (pl.col("measure") == "attendances")
        & (pl.col("dimension") == "all")
        & (pl.col("place_level") == "unplaced")
    )
    new = (
        came.filter(pl.col("value").is_null())
        .select(*KEY, "level", rounded=pl.lit(False))
        .with_columns(dimension=pl.lit("event"), item=pl.lit(UNLISTED))
    )
    return pl.concat([cells, _hidden(new, cells)])


def _with_year_rest(cells: pl.DataFrame) -> pl.DataFrame:
    """What a year has beyond the quarters that are known.

    A quarter of which a force has no row is zero, but for those before all that is published.
    """
    years = cells.filter(_is_year())
    quarters = cells.filter(~_is_year() & (pl.col("place_level") == "force"))
    first = quarters.group_by("set").agg(pl.col("period").min().alias("first"))
    seen = quarters.group_by("set", "force_id", pl.col("period").str.head(4)).agg(
        pl.col("period").n_unique().alias("seen")
    )
    counted = _quarters(cells, years).group_by("cell_name").agg(pl.len().alias("quarters"))
    named = (
        _named(years)
        .join(counted, on="cell_name", maintain_order="left")
        .join(first, on="set", maintain_order="left")
        .join(seen, on=["set", "force_id", "period"], maintain_order="left")
    )
    before = pl.format("{}-Q1", "period") < pl.col("first")
    short = named.filter((pl.col("quarters") < pl.col("seen")) | before)
    new = short.select(*KEY, "level", rounded=pl.lit(False))
    new = new.with_columns(place_level=pl.lit("rest of year"))
    return pl.concat([cells, _hidden(new, cells)])


def _with_differences(cells: pl.DataFrame) -> pl.DataFrame:
    pairs = _pairs(cells)
    new = pairs.select(*KEY, "level", "older", rounded=pl.lit(False)).with_columns(
        measure=pl.format("change in {} since {}", "measure", "older")
    )
    return pl.concat([cells, _hidden(new.drop("older"), cells)])


def _pairs(cells: pl.DataFrame) -> pl.DataFrame:
    """Each cell of an edition beside the same cell of each earlier one: ``older``."""
    real = cells.filter(~pl.col("hidden") | (pl.col("place_level") == "unplaced"))
    real = real.filter(pl.col("item") != UNLISTED)
    key = list(KEY[:-1])
    older = real.select(*key, pl.col("edition").alias("older"))
    joined = real.join(older, on=key, maintain_order="left_right")
    return joined.filter(pl.col("older") < pl.col("edition"))


def _rows(frame: pl.DataFrame, what: str, by: tuple[str, ...], coefficient: float) -> pl.DataFrame:
    """Terms: the row's name is what it says and the key it is of."""
    name = pl.concat_str(pl.lit(what), *(pl.col(n).cast(pl.String) for n in by), separator="|")
    return frame.select(
        name.alias("name"),
        "cell",
        pl.lit(coefficient).alias("coefficient"),
        pl.lit(0.0).alias("low"),
        pl.lit(0.0).alias("high"),
    )


def _summed(
    parents: pl.DataFrame, children: pl.DataFrame, what: str, by: tuple[str, ...]
) -> pl.DataFrame:
    """Rows parent - sum of children = 0, for parents that have any child."""
    on = list(by)
    parents = parents.join(children, on=on, how="semi", maintain_order="left")
    children = children.join(parents, on=on, how="semi", maintain_order="left")
    return pl.concat([_rows(parents, what, by, 1.0), _rows(children, what, by, -1.0)])


def _force_sums(cells: pl.DataFrame) -> pl.DataFrame:
    by = (*GROUP, *THING)
    unplaced = pl.col("place_level") == "unplaced"
    # Changes follow from their editions, which need not have the same neighbourhoods.
    cells = cells.filter(~pl.col("measure").str.starts_with("change in"))
    parts = cells.filter((pl.col("place_level") == "neighbourhood") | unplaced)
    parts = parts.filter(pl.col("dimension") != "event")
    force = cells.filter(pl.col("place_level") == "force")
    force = force.join(parts.filter(unplaced), on=list(by), how="semi", maintain_order="left")
    return _summed(force, parts, "force", by)


def _group_sums(cells: pl.DataFrame) -> pl.DataFrame:
    """All = the sum of the groups of each characteristic; received = the sum of its themes."""
    counted = cells.filter(
        pl.col("measure").is_in(["forms", "received"])
        & pl.col("place_level").is_in(["neighbourhood", "force", "unplaced"])
    )
    groups = counted.filter((pl.col("level") == "group") & (pl.col("dimension") != "all"))
    by = (*PLACE, "measure", "split")
    groups = groups.with_columns(split=pl.col("dimension"))
    splits = groups.select(*PLACE, "measure", "split").unique(maintain_order=True)
    totals = counted.filter(pl.col("dimension") == "all").join(
        splits, on=[*PLACE, "measure"], maintain_order="left"
    )
    return _summed(totals, groups, "groups", by)


def _category_sums(cells: pl.DataFrame) -> pl.DataFrame:
    by = (*PLACE, "measure", "dimension", "whole")
    shown = cells.filter(pl.col("place_level").is_in(["force", "unplaced"]))
    categories = shown.filter((pl.col("level") == "category") & pl.col("group").is_not_null())
    groups = shown.filter(pl.col("level") == "group").with_columns(whole=pl.col("item"))
    return _summed(groups, categories.with_columns(whole=pl.col("group")), "categories", by)


def _pair_sums(cells: pl.DataFrame, whole: str, parts: tuple[str, str]) -> pl.DataFrame:
    """Attendances = forms + no form; received = answered + not answered."""
    by = (*PLACE, "dimension", "item")
    shown = cells.filter(pl.col("place_level").is_in(["neighbourhood", "force", "unplaced"]))
    both = shown
    for part in parts:
        has = shown.filter(pl.col("measure") == part).select(by)
        both = both.join(has, on=list(by), how="semi", maintain_order="left")
    total = both.filter(pl.col("measure") == whole)
    return _summed(total, both.filter(pl.col("measure").is_in(parts)), whole, by)


def _event_sums(cells: pl.DataFrame) -> pl.DataFrame:
    """Attendances of a place = the sum of its events.

    A place whose events are all published and make less than its total has one that the table
    does not list: nothing follows for it.
    """
    came = cells.filter(pl.col("measure") == "attendances")
    events = came.filter(pl.col("dimension") == "event")
    seen = events.group_by(PLACE).agg(
        pl.col("value").sum().alias("seen"), pl.col("value").is_null().any().alias("gaps")
    )
    totals = came.filter(pl.col("dimension") == "all").join(
        seen, on=list(PLACE), maintain_order="left"
    )
    more = ~pl.col("gaps") & (pl.col("value") > pl.col("seen")).fill_null(False)
    return _summed(totals.filter(~more), events, "events", PLACE)


def _is_year() -> pl.Expr:
    return pl.col("period").str.contains(r"^\d{4}$")


def _named(years: pl.DataFrame) -> pl.DataFrame:
    return years.with_columns(
        cell_name=pl.concat_str(*(pl.col(n).cast(pl.String) for n in KEY), separator="|")
    )


def _quarters(cells: pl.DataFrame, years: pl.DataFrame) -> pl.DataFrame:
    """The quarters of each year's cell: the newest edition of each that is no newer than it."""
    on = ["set", "force_id", "place_level", "neighbourhood_id", *THING, "year"]
    quarter = cells.filter(~_is_year() & (pl.col("place_level") == "force"))
    quarter = quarter.with_columns(year=pl.col("period").str.head(4))
    named = _named(years).with_columns(year=pl.col("period"))
    joined = named.select(*on, "cell_name", pl.col("edition").alias("newest")).join(
        quarter, on=on, maintain_order="left_right"
    )
    return (
        joined.filter(pl.col("edition") <= pl.col("newest"))
        .sort("cell_name", "period", "edition")
        .unique(["cell_name", "period"], keep="last", maintain_order=True)
    )


def _year_sums(cells: pl.DataFrame) -> pl.DataFrame:
    years = cells.filter(_is_year() & (pl.col("place_level") == "force"))
    rest = cells.filter(pl.col("place_level") == "rest of year")
    rest = _named(rest.with_columns(place_level=pl.lit("force"))).select("cell", "cell_name")
    quarters = _quarters(cells, years).select("cell", "cell_name")
    return _summed(_named(years), pl.concat([quarters, rest]), "year", ("cell_name",))


def _difference_sums(cells: pl.DataFrame) -> pl.DataFrame:
    """New - old - change = 0."""
    key = list(KEY[:-1])
    pairs = _pairs(cells.filter(~pl.col("measure").str.starts_with("change in")))
    by = (*KEY, "older")
    old = pairs.select(*key, "older", "edition").join(
        cells.select(*key, pl.col("edition").alias("older"), "cell"), on=[*key, "older"]
    )
    change = pairs.with_columns(name=pl.format("change in {} since {}", "measure", "older")).join(
        cells.select(pl.col("measure").alias("name"), *KEY[:1], *KEY[2:], "cell"),
        on=["name", *KEY[:1], *KEY[2:]],
        suffix="_change",
    )
    change = change.with_columns(cell=pl.col("cell_change"))
    parts = [(pairs, 1.0), (old, -1.0), (change, -1.0)]
    return pl.concat([_rows(frame, "change", by, sign) for frame, sign in parts])


def _rate_sums(cells: pl.DataFrame, rates: pl.DataFrame) -> pl.DataFrame:
    """(share - half a unit) x base <= count <= (share + half a unit) x base."""
    by = list(KEY)
    count = rates.join(cells.select(*KEY, "cell"), on=by)
    base = {"base_measure": "measure", "base_dimension": "dimension", "base_item": "item"}
    key = [n for n in KEY if n not in base.values()]
    below = cells.select(*key, *(pl.col(n).alias(b) for b, n in base.items()), "cell")
    whole = count.drop("cell").join(below, on=[*key, *base])
    parts = []
    for sign, low, high in ((1.0, None, 0.0), (-1.0, 0.0, None)):
        what = "share below" if sign > 0 else "share above"
        for frame, coefficient in (
            (count, pl.lit(1.0)),
            (whole, -(pl.col("share") + sign * HALF_UNIT)),
        ):
            rows = _rows(frame, what, KEY, 1.0)
            parts.append(
                rows.with_columns(
                    coefficient=frame.select(coefficient.alias("c"))["c"]
                    if frame is whole
                    else pl.lit(1.0),
                    low=pl.lit(low, pl.Float64),
                    high=pl.lit(high, pl.Float64),
                )
            )
    return pl.concat(parts)
