"""The made-up country: its forces, their ground and what lies in it, at one of three scales.

Putting the parts together and naming the forces belongs here; how ground and places are made is in
``tiles`` and ``places``, what happens in the country in ``crime`` and ``stops``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from openbeat.sample import months, places, tiles, words
from openbeat.sample.places import Places
from openbeat.sample.tiles import Box, Tiles

ScaleName = Literal["small", "force", "national"]
LAST_MONTH = "2025-06"
THIN_CELL = -1  # the last cell has too few residents for a rate


class Scale(NamedTuple):
    """How large a country is, and how long its record.

    Attributes:
        forces: Forces with an area of their own; the nationwide one comes on top.
        neighbourhoods: Of all forces.
        vertices: Points of a neighbourhood's border, roughly.
        points: Map points in a neighbourhood, on average.
        street_rows: Street rows a month of all forces but the nationwide one.
        nationwide_rows: Street rows a month of the nationwide force.
        stop_rows: Stops a month.
        months: Months in the newest archive.
        longest: Months from a crime to the last possible outcome.
        repeats: Share of crimes that carry an earlier crime's ID in the same file.
        lsoa_2021_from: The first month with 2021 LSOA codes.
        changed: See `places.build`.
        box: Where it lies.
    """

    forces: int
    neighbourhoods: int
    vertices: int
    points: int
    street_rows: int
    nationwide_rows: int
    stop_rows: int
    months: int
    longest: int
    repeats: float
    lsoa_2021_from: str
    changed: str | None
    box: Box


# rows: 500,000 a month nationally; the first and third follow police.uk's proportions
SCALES: Mapping[str, Scale] = {
    "small": Scale(
        2, 22, 180, 40, 1350, 60, 170, 12, 11, 0, "2024-10", "USSMX", Box(-3.1, 52.6, -2.0, 53.3)
    ),
    "force": Scale(
        1, 250, 755, 150, 20_000, 220, 1800, 36, 5, 0.002, "2023-06", None, Box(-2.5, 53, -0.8, 54)
    ),
    "national": Scale(
        43, 4900, 710, 153, 495_000, 5000, 45_000, 36, 5, 0.002, "2023-06", None,
        Box(-7.0, 50.2, 1.5, 58.4),
    ),
}  # fmt: skip


class Force(NamedTuple):
    """One made-up force.

    Attributes:
        number: Its place among the forces; also that of its cells in `Tiles.force`.
        slug: As in file names.
        name: As in ``Reported by``.
        scope: ``force``, or ``month`` where the same Crime ID is used again in later months,
            or ``none`` where there are no Crime IDs.
        supplies: The datasets it hands in.
        rows: Street rows a month.
        stops: Stops a month.
        nationwide: Polices railways everywhere and has no area, no Crime IDs and no ASB.
    """

    number: int
    slug: str
    name: str
    scope: Literal["force", "month", "none"]
    supplies: tuple[str, ...]
    rows: float
    stops: float
    nationwide: bool


@dataclass(frozen=True)
class Country:
    """The whole made-up country; see `Scale`, `Force`, `Tiles` and `Places`."""

    seed: int
    scale_name: ScaleName
    scale: Scale
    months: tuple[str, ...]
    forces: tuple[Force, ...]
    tiles: Tiles
    places: Places

    def rng(self, *stream: int) -> np.random.Generator:
        """Chance of its own for each use, so that one file does not depend on another."""
        return np.random.default_rng([self.seed, *stream])


def build(scale_name: ScaleName, seed: int, count: int | None) -> Country:
    """Make the country.

    Args:
        scale_name: One of `SCALES`.
        seed: Everything follows from it.
        count: Months in the newest archive; ``None`` for the scale's own.
    """
    scale = SCALES[scale_name]
    ground = tiles.build(
        scale.forces,
        scale.neighbourhoods,
        scale.vertices,
        scale.box,
        np.random.default_rng([seed, 1]),
    )
    thin = scale.neighbourhoods + THIN_CELL
    inside = places.build(
        ground, scale.points, thin, scale.changed, np.random.default_rng([seed, 2])
    )
    return Country(
        seed=seed,
        scale_name=scale_name,
        scale=scale,
        months=tuple(months.ending(LAST_MONTH, count or scale.months)),
        forces=_forces(scale, ground, np.random.default_rng([seed, 3])),
        tiles=ground,
        places=inside,
    )


def _forces(scale: Scale, ground: Tiles, rng: np.random.Generator) -> tuple[Force, ...]:
    share = np.bincount(ground.force).astype(np.float64)
    if scale.forces > 2:  # a few keep their sizes, so that every planted fault finds its row
        share *= rng.uniform(0.75, 1.25, scale.forces)
    share /= share.sum()
    own = [
        Force(
            number,
            slug,
            name,
            "month" if slug == "ynysfawr" else "force",
            # as in the real country, one hands in no stops
            ("street", "outcomes") if slug == "ironmere" else ("street", "outcomes", "stops"),
            scale.street_rows * float(share[number]),
            scale.stop_rows * float(share[number]),
            nationwide=False,
        )
        for number, (slug, name) in enumerate(words.FORCES[: scale.forces])
    ]
    slug, name = words.NATIONWIDE
    rail = Force(
        scale.forces, slug, name, "none", ("street",), scale.nationwide_rows, 0.0, nationwide=True
    )
    return (*own, rail)
