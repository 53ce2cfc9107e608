"""What lies inside the made-up neighbourhoods: map points, small areas, residents.

The fixed points that crimes are moved to, their street names and LSOA codes, the 2011-2021 look-up
and the population belong here; crimes and files do not.

A *fragment* is a piece of one 2011 LSOA and one 2021 LSOA: a row of the exact-fit look-up. Each
cell is cut into fragments like a cake about its site, and a map point lies in one fragment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from pyproj import Transformer

from openbeat.sample import words
from openbeat.sample.tiles import DECIMALS, Floats, Ints, Tiles

FIRST_NEW = {"E": 33769, "W": 1959}  # LSOA numbers that the 2011 codes do not reach
CHANGES = ("U", "S", "M", "X")
CORNER_SHARE = 0.005  # of map points that lie on a corner of three neighbourhoods
NO_STREET = 0.004  # of map points whose street has no name
PLACE_SHARE = 0.12  # of map points named by the sort of place
# WGS84 to the British National Grid by the published seven-parameter shift, good to 5 m; written
# out, so that grids installed on a machine change nothing.
TO_GRID = (
    "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart +ellps=WGS84 "
    "+step +inv +proj=helmert +x=446.448 +y=-125.157 +z=542.06 +rx=0.15 +ry=0.247 +rz=0.842 "
    "+s=-20.489 +convention=position_vector +step +inv +proj=cart +ellps=airy "
    "+step +proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy"
)


@dataclass(frozen=True)
class Places:
    """Everything inside the cells.

    Attributes:
        points: Point -> Longitude, Latitude, Location (text, as the files print them), weight
            (how much happens there) and fragment; sorted by fragment, so by cell and force.
        first_point: Force -> its first point, with one more for the end.
        stations: The numbers of the points that are stations of the nationwide force, which come
            after all others.
        fragments: Fragment -> LSOA11CD, LSOA11NM, LSOA21CD, LSOA21NM, CHGIND, cell.
        population: 2021 code -> code, population, x, y (EPSG:27700, metres).
    """

    points: pl.DataFrame
    first_point: Ints
    stations: Ints
    fragments: pl.DataFrame
    population: pl.DataFrame


def build(
    tiles: Tiles, points_a_cell: int, thin: int, changed: str | None, rng: np.random.Generator
) -> Places:
    """Fill the cells.

    Args:
        tiles: The ground.
        points_a_cell: Map points in a neighbourhood, on average.
        thin: The cell with fewer than 500 residents.
        changed: ``CHGIND`` of the first cells of each force, one letter a cell; ``None`` draws
            the cells whose LSOAs changed in 2021, about as often as they really did.
        rng: The chance to draw from.
    """
    cells = len(tiles.sites)
    pieces = rng.integers(5, 9, cells)
    first_piece = np.concatenate([[0], np.cumsum(pieces)])
    counts = rng.integers(points_a_cell // 2, points_a_cell + points_a_cell // 2 + 1, cells)
    cell = np.repeat(np.arange(cells), counts)
    where = _spread(tiles, cell, rng)
    away = where - tiles.sites[cell]
    turn = np.mod(np.arctan2(away[:, 1], away[:, 0]) / (2 * np.pi), 1.0)
    fragment = first_piece[cell] + np.minimum(turn * pieces[cell], pieces[cell] - 1).astype(int)
    order = np.lexsort((where[:, 1], where[:, 0], fragment))
    cell, fragment, where = cell[order], fragment[order], where[order]
    _to_corners(tiles, cell, where, rng)
    weight = rng.lognormal(0, 1.6, len(cell)) * rng.lognormal(0, 0.5, cells)[cell]
    points = _named(where, fragment, weight, tiles.force[cell] == 1, rng)
    stations = np.sort(rng.choice(len(cell), max(24, cells // 2), replace=False))
    points = pl.concat([points, _as_stations(points[stations])])
    kinds = _kinds(tiles.force, changed, rng)
    fragments = _fragments(tiles, first_piece, kinds)
    return Places(
        points=points,
        first_point=np.searchsorted(tiles.force[cell], np.arange(tiles.force[-1] + 2)),
        stations=np.arange(len(cell), len(points)),
        fragments=fragments,
        population=_population(tiles, fragments, first_piece, thin, rng),
    )


def _spread(tiles: Tiles, cell: Ints, rng: np.random.Generator) -> Floats:
    """Points spread evenly over each cell: a side's triangle by area, then a place in it.

    They keep a little off the straight border; beside a wiggle a few fall to the neighbour, as
    real map points do.
    """
    site = tiles.sites[tiles.side_cell]
    one, other = tiles.side_ends[:, 0] - site, tiles.side_ends[:, 1] - site
    area = np.abs(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])
    upto = np.concatenate([[0.0], np.cumsum(area)])
    begin = upto[np.searchsorted(tiles.side_cell, np.arange(len(tiles.sites)))]
    end = np.append(begin[1:], upto[-1])
    target = begin[cell] + rng.random(len(cell)) * (end - begin)[cell]
    side = np.clip(np.searchsorted(upto, target, side="right") - 1, 0, len(area) - 1)
    outward, along = 0.96 * np.sqrt(rng.random(len(cell))), rng.random(len(cell))
    reach = one[side] + along[:, None] * (other[side] - one[side])
    spread: Floats = tiles.sites[tiles.side_cell[side]] + outward[:, None] * reach
    return spread


def _to_corners(tiles: Tiles, cell: Ints, where: Floats, rng: np.random.Generator) -> None:
    """Move a few points (in place) onto a corner of their cell, so onto several borders."""
    chosen = np.flatnonzero(rng.random(len(cell)) < CORNER_SHARE)
    side = np.searchsorted(tiles.side_cell, cell[chosen])
    where[chosen] = tiles.side_ends[side, 0]


def _named(
    where: Floats,
    fragment: Ints,
    weight: Floats,
    welsh: npt.NDArray[np.bool_],
    rng: np.random.Generator,
) -> pl.DataFrame:
    """The points as the files print them, each with its street."""
    streets = [f"{one} {two}" for one in words.STREET_FIRST for two in words.STREET_LAST]
    welsh_streets = [f"{one} {two}" for one in words.WELSH_FIRST for two in words.WELSH_LAST]
    names = pl.Series([*streets, *welsh_streets, *words.PLACE_TYPES, ""])
    count = len(where)
    pick = rng.integers(0, len(streets), count)
    pick = np.where(welsh, len(streets) + pick % len(welsh_streets), pick)
    kind = rng.random(count)
    place = len(streets) + len(welsh_streets) + pick % len(words.PLACE_TYPES)
    pick = np.where(kind < PLACE_SHARE, place, pick)
    pick = np.where(kind > 1 - NO_STREET, len(names) - 1, pick)
    place_weight = np.where(kind < PLACE_SHARE, 3.0, 1.0)
    degrees = pl.DataFrame(np.round(where, DECIMALS) + 0.0, schema=["Longitude", "Latitude"])
    text = pl.read_csv(degrees.write_csv(float_precision=DECIMALS).encode(), infer_schema=False)
    return text.with_columns(
        Location="On or near " + names.gather(pick),
        weight=pl.Series(weight * place_weight),
        fragment=pl.Series(fragment),
    )


def _as_stations(points: pl.DataFrame) -> pl.DataFrame:
    """The same spots as stations; every fourth is where nobody codes small areas."""
    number = pl.int_range(pl.len())
    street = pl.col("Location").str.strip_prefix("On or near ").str.replace("^$", "Halt")
    return points.with_columns(
        Location="On or near " + street + " (Station)",
        fragment=pl.when(number % 4 != 3).then("fragment"),
    )


def _kinds(force: Ints, changed: str | None, rng: np.random.Generator) -> npt.NDArray[np.str_]:
    """How the first LSOAs of each cell changed in 2021 (see `CHANGES`)."""
    if changed is None:
        return rng.choice(list(CHANGES), len(force), p=[0.78, 0.194, 0.024, 0.002])
    kinds = np.full(len(force), "U")
    for start in np.flatnonzero(np.diff(force, prepend=-1)):
        kinds[start : start + len(changed)] = list(changed)
    return kinds


def _fragments(tiles: Tiles, first_piece: Ints, kinds: npt.NDArray[np.str_]) -> pl.DataFrame:
    """The look-up: codes and names of both vintages for each fragment.

    In a changed cell the fragments 0, 1, 2 have: S, one old LSOA over 0 and 1, a new one each;
    M, an old one each, one new over 0 and 1; X, one old over 0 and 1, one new over 1 and 2, while
    fragment 0 keeps a code whose area has changed.
    """
    cell = np.repeat(np.arange(len(tiles.sites)), np.diff(first_piece))
    piece = np.arange(len(cell)) - first_piece[cell]
    kind = kinds[cell]
    kind = np.where((piece < 2) | ((piece == 2) & (kind == "X")), kind, "U")
    old = np.where((piece == 1) & np.isin(kind, ["S", "X"]), 0, piece)
    new = np.where(
        (piece == 1) & (kind == "M"), 0, np.where((piece == 2) & (kind == "X"), 1, piece)
    )
    fresh = ((kind != "U") & (kind != "X")) | ((kind == "X") & (piece > 0))
    frame = pl.DataFrame(
        {
            "cell": cell,
            "force": tiles.force[cell],
            "old": first_piece[cell] + old,
            "new": first_piece[cell] + new,
            "fresh": fresh,
            "CHGIND": kind.tolist(),
            "old_piece": old,
            "new_piece": np.where(fresh, new + 8, new),
        }
    ).with_columns(
        country=pl.when(pl.col("force") == 1).then(pl.lit("W")).otherwise(pl.lit("E")),
        district=pl.col("force").replace_strict(_districts(), return_dtype=pl.String),
    )
    return _coded(frame)


def _coded(frame: pl.DataFrame) -> pl.DataFrame:
    """Number and name the LSOAs of fragments: unchanged ones keep their code in 2021."""
    frame = frame.with_columns(
        old_number=pl.col("old").rank("dense").over("country"),
        new_number=pl.col("new").rank("dense").over("country", "fresh")
        - 1
        + pl.col("country").replace_strict(FIRST_NEW),
    )
    letters = pl.Series(list("ABCDEFGHJKLMNPQRST"))
    ordinal = (pl.col("cell") - pl.col("cell").min().over("force") + 1).cast(pl.String).str.zfill(3)
    old_code = pl.col("country") + "01" + pl.col("old_number").cast(pl.String).str.zfill(6)
    new_code = pl.col("country") + "01" + pl.col("new_number").cast(pl.String).str.zfill(6)
    name = pl.col("district") + " " + ordinal
    return frame.select(
        LSOA11CD=old_code,
        LSOA11NM=name + letters.gather(frame["old_piece"]),
        LSOA21CD=pl.when("fresh").then(new_code).otherwise(old_code),
        LSOA21NM=name + letters.gather(frame["new_piece"]),
        CHGIND="CHGIND",
        cell="cell",
    )


def _districts() -> dict[int, str]:
    """Force -> the district that its small areas are named by."""
    plain = {
        number: name.rsplit(" ", 1)[0].replace("&", "and")
        for number, (_, name) in enumerate(words.FORCES)
    }
    return {**plain, 0: words.COMMA_DISTRICT}


def _population(
    tiles: Tiles, fragments: pl.DataFrame, first_piece: Ints, thin: int, rng: np.random.Generator
) -> pl.DataFrame:
    """Residents of each 2021 LSOA at a point well inside its cell."""
    areas = fragments.with_row_index("fragment").group_by("LSOA21CD", maintain_order=True).first()
    cell, fragment = areas["cell"].to_numpy(), areas["fragment"].to_numpy().astype(np.int64)
    pieces = np.diff(first_piece)[cell]
    turn = 2 * np.pi * (fragment - first_piece[cell] + 0.5) / pieces
    away = 0.5 * tiles.reach[cell, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    degrees = tiles.sites[cell] + away
    x, y = Transformer.from_pipeline(TO_GRID).transform(degrees[:, 0], degrees[:, 1])
    people = np.clip(rng.lognormal(7.35, 0.25, len(areas)), 900, 3500).astype(np.int64)
    return pl.DataFrame(
        {
            "code": areas["LSOA21CD"],
            "population": np.where(cell == thin, 60, people),
            "x": np.round(x, 2),
            "y": np.round(y, 2),
        }
    ).sort("code")
