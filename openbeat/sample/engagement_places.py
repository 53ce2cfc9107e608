"""The neighbourhoods as the logs know them: ids, from when to when, and names of places in them.

Which neighbourhood existed in which month, and the streets, parks, shops, schools and halls that
texts name, belong here; the shapes are in ``shapes``, the records in the modules of each table.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from openbeat.sample import engagement_words as said
from openbeat.sample import months, words
from openbeat.sample.country import Country
from openbeat.sample.shapes import Shape
from openbeat.sample.tiles import Ints

STREAM = 20
STREETS = 12  # that texts name, at most
GAPS = ("street", "other", "park", "shop", "school", "hall", "area")
ENGLISH = (said.PARKS, said.SHOPS, said.SCHOOLS, said.HALLS)
WELSH = (said.WELSH_PARKS, said.WELSH_SHOPS, said.WELSH_SCHOOLS, said.WELSH_HALLS)


def hoods(country: Country, releases: Mapping[str, Sequence[Shape]]) -> pl.DataFrame:
    """Every neighbourhood of every boundary release, in the order of force and id.

    Args:
        country: The country.
        releases: Release month -> shapes, as ``shapes.releases`` gives them.

    Returns:
        hood (number), force (number), force_id, force_name, organisation (the council),
        neighbourhood_id, area (its name), since and until (months, the last open), streets, parks,
        shops, schools and halls (lists of names).
    """
    known: dict[tuple[str, str], tuple[Shape, str, str]] = {}
    ordered = sorted(releases)
    for place, release in enumerate(ordered):
        later = ordered[place + 1] if place + 1 < len(ordered) else None
        until = months.shift(later, -1) if later else "9999-12"
        for shape in releases[release]:
            since = known[shape.force, shape.id][1] if (shape.force, shape.id) in known else release
            known[shape.force, shape.id] = shape, since if place else "0000-01", until
    listed = [known[key] for key in sorted(known)]
    forces = {force.slug: force for force in country.forces}
    frame = pl.DataFrame(
        {
            "force": [forces[shape.force].number for shape, _, _ in listed],
            "force_id": [shape.force for shape, _, _ in listed],
            "force_name": [forces[shape.force].name for shape, _, _ in listed],
            "organisation": [_council(forces[shape.force].name) for shape, _, _ in listed],
            "neighbourhood_id": [shape.id for shape, _, _ in listed],
            "area": [html.unescape(shape.name) for shape, _, _ in listed],
            "since": [since for _, since, _ in listed],
            "until": [until for _, _, until in listed],
        }
    ).with_row_index("hood")
    cells = _cells(country, [shape for shape, _, _ in listed], frame["force"].to_numpy())
    return _with_names(frame, _streets(country, cells), country)


def grid(frame: pl.DataFrame, span: Sequence[str]) -> pl.DataFrame:
    """A row for each neighbourhood and month in which it exists."""
    calendar = pl.DataFrame({"month": list(span)}).with_row_index("turn")
    crossed = frame.drop("streets", "parks", "shops", "schools", "halls").join(
        calendar, how="cross"
    )
    return crossed.filter(pl.col("month").is_between("since", "until")).drop("since", "until")


def named(frame: pl.DataFrame, of: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Give each row names of places in its neighbourhood, one for each of `GAPS`."""
    lists = of.select("hood", "streets", "parks", "shops", "schools", "halls")
    joined = frame.join(lists, on="hood", how="left", maintain_order="left")
    for gap, names in zip(GAPS, ("streets", *lists.columns[1:]), strict=False):
        pick = pl.lit(pl.Series(rng.integers(0, 2**31, frame.height)))
        place = pick % pl.col(names).list.len()
        if gap == "other":  # another street than the first
            rest = (pl.col("streets").list.len() - 1).clip(1)
            place = (pl.col("at") + 1 + pick % rest) % pl.col("streets").list.len()
        joined = joined.with_columns(at=place).with_columns(pl.col(names).list.get("at").alias(gap))
    return joined.drop("at", *lists.columns[1:])


def _council(force_name: str) -> str:
    district = force_name.rsplit(" ", 1)[0]
    return f"Cyngor {district}" if district == "Ynysfawr" else f"{district} Council"


def _cells(country: Country, shapes: Sequence[Shape], force: Ints) -> Ints:
    """The cell of the same force whose site is nearest to the middle of a shape's border."""
    middle = np.array([shape.parts[0][0].mean(axis=0) for shape in shapes])
    cells = np.empty(len(shapes), dtype=np.int64)
    for number in np.unique(force):
        own = np.flatnonzero(country.tiles.force == number)
        here = np.flatnonzero(force == number)
        away = middle[here, None] - country.tiles.sites[None, own]
        cells[here] = own[np.argmin(np.hypot(away[..., 0], away[..., 1]), axis=1)]
    return cells


def _streets(country: Country, cells: Ints) -> pl.Series:
    """Names of streets in each cell, those of the busiest points first."""
    points = country.places.points.head(int(country.places.first_point[-1]))
    cell = country.places.fragments["cell"].gather(points["fragment"])
    of_cell = (
        points.select(
            "weight", cell=cell, street=pl.col("Location").str.strip_prefix("On or near ")
        )
        .filter(~pl.col("street").is_in([*words.PLACE_TYPES, ""]))
        .group_by("cell", "street")
        .agg(pl.col("weight").sum())
        .sort("cell", "weight", "street", descending=[False, True, False])
        .group_by("cell", maintain_order=True)
        .agg(pl.col("street").head(STREETS))
    )
    wanted = pl.DataFrame({"cell": cells}).join(
        of_cell, on="cell", how="left", maintain_order="left"
    )
    plain = pl.lit(["High Street", "Church Lane"], dtype=pl.List(pl.String))
    return wanted.select(pl.coalesce("street", plain)).to_series()


def _with_names(frame: pl.DataFrame, streets: pl.Series, country: Country) -> pl.DataFrame:
    """Add the names; the words in them follow from the neighbourhood's number and the seed."""
    rng = country.rng(STREAM, 0)
    columns: dict[str, list[list[str]]] = {"parks": [], "shops": [], "schools": [], "halls": []}
    for area, slug in frame.select("area", "force_id").iter_rows():
        welsh = slug == "ynysfawr"
        pool = words.WELSH_LAST if welsh else words.STREET_FIRST
        for column, patterns in zip(columns, WELSH if welsh else ENGLISH, strict=True):
            drawn_words = rng.choice(pool, len(patterns), replace=False)
            columns[column].append(
                [
                    pattern.format(word=word, area=area)
                    for pattern, word in zip(patterns, drawn_words, strict=True)
                ]
            )
    return frame.with_columns(streets=streets, **{k: pl.Series(v) for k, v in columns.items()})
