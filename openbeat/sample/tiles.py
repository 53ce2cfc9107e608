"""The ground of the made-up country: neighbourhoods that tile it, with wiggly shared borders.

Sites, cells, borders and which force has which cell belong here; what lies inside a cell (streets,
small areas) and the files do not.

A neighbourhood is the Voronoi cell of a site. Each straight border is replaced once by a wiggly
line, drawn as a function over the straight one and kept inside the kite that the border's two ends
make with the two sites beside it. Kites meet only in corners, so no two borders cross, and both
neighbours use the same points, so no gap is left, after rounding too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.spatial import Voronoi

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DECIMALS = 6  # degrees, as police.uk writes them
LAND_SHARE = 0.42  # of all sites; the rest is sea, which bounds the coast
SEA = -1
STEEPEST = 0.45  # of a border's swing to the distance from its nearer end
WAVES = ((1.0, 0.42), (2.3, 0.26), (5.1, 0.16), (11.7, 0.1))  # cycles along a border, height
ROUGH = 0.06  # the rest of the height: chance, point by point


class Box(NamedTuple):
    """The corners between which the country lies, degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class Tiles:
    """Cells numbered so that a force's are together; a side is a cell's half of a border.

    Attributes:
        sites: Cell -> longitude and latitude of its site, (cells, 2).
        force: Cell -> the number of its force, ascending.
        reach: Cell -> degrees from its site within which no other cell comes.
        side_cell: Side -> its cell; sides are sorted by cell, then anticlockwise.
        side_other: Side -> the cell across it, or `SEA`.
        side_ends: Side -> its two ends, anticlockwise about the cell, (sides, 2, 2).
        side_site: Side -> the site across it, land or sea, (sides, 2).
        side_line: Side -> its border's number.
        side_forward: Side -> whether the border's points run the same way as the side.
        lines: The points of all borders one after another, rounded, (points, 2).
        line_start: Border -> where its points begin, with one more for the end.
    """

    sites: Floats
    force: Ints
    reach: Floats
    side_cell: Ints
    side_other: Ints
    side_ends: Floats
    side_site: Floats
    side_line: Ints
    side_forward: npt.NDArray[np.bool_]
    lines: Floats
    line_start: Ints

    def sides(self, cell: int) -> range:
        """The numbers of a cell's sides, anticlockwise."""
        first, after = np.searchsorted(self.side_cell, [cell, cell + 1])
        return range(int(first), int(after))

    def path(self, sides: range) -> Floats:
        """The points along some neighbouring sides, both ends in, (points, 2)."""
        parts = []
        for side in sides:
            line = self.side_line[side]
            points = self.lines[self.line_start[line] : self.line_start[line + 1]]
            parts.append((points if self.side_forward[side] else points[::-1])[:-1])
        return np.concatenate([*parts, self._last_point(sides[-1])])

    def ring(self, cell: int) -> Floats:
        """The closed border of a cell, first point repeated last, without doubled points."""
        points = self.path(self.sides(cell))
        moved = np.any(points[1:] != points[:-1], axis=1)
        ring: Floats = points[np.concatenate([[True], moved])]
        return ring

    def _last_point(self, side: int) -> Floats:
        line = self.side_line[side]
        last = self.line_start[line + 1] - 1 if self.side_forward[side] else self.line_start[line]
        return self.lines[last : last + 1]


def build(forces: int, cells: int, vertices: int, box: Box, rng: np.random.Generator) -> Tiles:
    """Lay out a country.

    Args:
        forces: How many forces divide it.
        cells: How many neighbourhoods, at least one a force.
        vertices: About how many points a neighbourhood's border has on average.
        box: Where it lies.
        rng: The chance to draw from.
    """
    sites = _relaxed(_scattered(round(cells / LAND_SHARE), rng))
    diagram = Voronoi(np.concatenate([sites, _horizon()]))
    inward = np.argsort(_coast_level(sites, rng), kind="stable")[:cells]
    ends_of = np.asarray(diagram.ridge_vertices)
    pairs = np.asarray(diagram.ridge_points)
    land = np.zeros(len(diagram.points), dtype=bool)
    land[inward] = True
    keep = land[pairs].any(axis=1) & (ends_of >= 0).all(axis=1)
    ends_of, pairs = ends_of[keep], pairs[keep]
    to_box = _fit(diagram.vertices[ends_of].reshape(-1, 2), box)
    corners, places = to_box(diagram.vertices), to_box(diagram.points)
    force_of = _forces(places[inward], forces, rng)
    order = np.lexsort((places[inward, 1], force_of))
    cell_of = np.full(len(places), SEA)
    cell_of[inward[order]] = np.arange(cells)
    lines, starts = _wiggle(corners[ends_of], places[pairs], vertices * cells, rng)
    return _sides(
        places, places[inward[order]], force_of[order], cell_of, corners, ends_of, pairs,
        np.round(lines, DECIMALS) + 0.0, starts,
    )  # fmt: skip


def _sides(
    places: Floats,
    sites: Floats,
    force: Ints,
    cell_of: Ints,
    corners: Floats,
    ends_of: Ints,
    pairs: Ints,
    lines: Floats,
    starts: Ints,
) -> Tiles:
    here = np.concatenate([pairs[:, 0], pairs[:, 1]])
    across = np.concatenate([pairs[:, 1], pairs[:, 0]])
    line = np.tile(np.arange(len(pairs)), 2)
    ends = corners[np.concatenate([ends_of, ends_of])]
    forward = _cross(ends[:, 0] - places[here], ends[:, 1] - places[here]) > 0
    ends = np.where(forward[:, None, None], ends, ends[:, ::-1])
    middle = ends.mean(axis=1) - places[here]
    on_land = cell_of[here] >= 0
    order = np.lexsort((np.arctan2(middle[:, 1], middle[:, 0]), cell_of[here]))
    order = order[on_land[order]]
    cell = cell_of[here[order]]
    distance = np.hypot(*(places[across[order]] - places[here[order]]).T) / 2
    reach = np.full(len(sites), np.inf)
    np.minimum.at(reach, cell, distance)
    return Tiles(
        sites=sites,
        force=force,
        reach=reach,
        side_cell=cell,
        side_other=cell_of[across[order]],
        side_ends=ends[order],
        side_site=places[across[order]],
        side_line=line[order],
        side_forward=forward[order],
        lines=lines,
        line_start=starts,
    )


def _scattered(count: int, rng: np.random.Generator) -> Floats:
    """Sites in the square from -1 to 1, more of them about towns."""
    towns = rng.uniform(-0.6, 0.6, (max(2, count // 60), 2))
    near = towns[rng.integers(0, len(towns), count)] + rng.normal(0, 0.08, (count, 2))
    anywhere = rng.uniform(-1, 1, (count, 2))
    return np.where(rng.random((count, 1)) < 0.55, near, anywhere)


def _horizon() -> Floats:
    """Far points all round, so that every cell of interest is closed."""
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    return 2.5 * np.column_stack([np.cos(angle), np.sin(angle)])


def _relaxed(sites: Floats, rounds: int = 2) -> Floats:
    """Lloyd's relaxation: move each site to the middle of its cell, a few times."""
    for _ in range(rounds):
        diagram = Voronoi(np.concatenate([sites, _horizon()]))
        ends = np.asarray(diagram.ridge_vertices)
        closed = (ends >= 0).all(axis=1)
        ends, pairs = ends[closed], np.asarray(diagram.ridge_points)[closed]
        area = np.zeros(len(diagram.points))
        moment = np.zeros((len(diagram.points), 2))
        for side in (0, 1):
            triangle = diagram.vertices[ends], diagram.points[pairs[:, side]]
            first, second = triangle[0][:, 0] - triangle[1], triangle[0][:, 1] - triangle[1]
            size = np.abs(_cross(first, second))
            np.add.at(area, pairs[:, side], size)
            np.add.at(moment, pairs[:, side], size[:, None] * (triangle[1] + (first + second) / 3))
        middle = moment[: len(sites)] / area[: len(sites), None]
        inside = (np.abs(middle) <= 1).all(axis=1, keepdims=True)  # the rim does not drift out
        sites = np.where(inside, middle, sites)
    return sites


def _coast_level(sites: Floats, rng: np.random.Generator) -> Floats:
    """How far out a site lies, 1 on a bumpy round coast; the lowest are land."""
    angle = np.arctan2(sites[:, 1], sites[:, 0])
    bumps = sum(
        height * np.sin(waves * angle + rng.uniform(0, 2 * np.pi))
        for waves, height in ((2, 0.1), (3, 0.08), (5, 0.05))
    )
    level: Floats = np.hypot(sites[:, 0], sites[:, 1]) / (1 + bumps)
    return level


class _fit:  # noqa: N801 - used as a function
    """Maps points so that the given ones fill the box, with a small margin for wiggles."""

    def __init__(self, points: Floats, box: Box) -> None:
        self.low, self.size = points.min(axis=0), np.ptp(points, axis=0)
        self.corner = np.array([box.west, box.south])
        self.extent = np.array([box.east - box.west, box.north - box.south])

    def __call__(self, points: Floats) -> Floats:
        mapped: Floats = self.corner + self.extent * (0.02 + 0.96 * (points - self.low) / self.size)
        return mapped


def _forces(sites: Floats, forces: int, rng: np.random.Generator) -> Ints:
    """Which force has each site: west to east for a few, else the nearest of spread-out seats."""
    if forces <= 2:
        eastward = np.argsort(np.argsort(sites[:, 0], kind="stable"), kind="stable")
        return np.asarray(eastward * forces // (len(sites) + 1), dtype=np.int64)
    seats = [0]
    gap = np.full(len(sites), np.inf)
    for _ in range(forces - 1):
        gap = np.minimum(gap, np.hypot(*(sites - sites[seats[-1]]).T))
        seats.append(int(np.argmax(gap)))
    weight = rng.uniform(0.7, 1.3, forces)
    distance = np.hypot(
        sites[:, None, 0] - sites[None, seats, 0], sites[:, None, 1] - sites[None, seats, 1]
    )
    nearest: Ints = np.argmin(distance / weight, axis=1)
    return nearest


def _wiggle(
    ends: Floats, sites: Floats, vertices: int, rng: np.random.Generator
) -> tuple[Floats, Ints]:
    """Draw every border: points (points, 2) one border after another, and where each begins."""
    along = ends[:, 1] - ends[:, 0]
    length = np.hypot(along[:, 0], along[:, 1])
    step = 2 * length.sum() / vertices  # nearly every border is drawn by two cells
    steps = np.maximum(1, np.round(length / step)).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(steps + 1)])
    line = np.repeat(np.arange(len(ends)), steps + 1)
    place = (np.arange(starts[-1]) - starts[line]) / steps[line]
    height = ROUGH * rng.uniform(-1, 1, len(place))
    for cycles, share in WAVES:
        phase, stretch = rng.uniform(0, 2 * np.pi, len(ends)), rng.uniform(0.7, 1.3, len(ends))
        height += share * np.sin(2 * np.pi * cycles * stretch[line] * place + phase[line])
    swing = _slope(ends, sites)[line] * np.minimum(place, 1 - place) * height
    across = np.column_stack([-along[:, 1], along[:, 0]])  # as long as the border
    points = ends[line, 0] + place[:, None] * along[line] + swing[:, None] * across[line]
    points[starts[:-1]], points[starts[1:] - 1] = ends[:, 0], ends[:, 1]  # exact, not nearly
    return points, starts


def _slope(ends: Floats, sites: Floats) -> Floats:
    """How steeply a border may leave its ends and stay inside its kite."""
    slope = np.full(len(ends), STEEPEST)
    for end in (0, 1):
        outward = ends[:, 1 - end] - ends[:, end]
        for side in (0, 1):
            to_site = sites[:, side] - ends[:, end]
            forward = (outward * to_site).sum(axis=1)
            aside = np.abs(_cross(outward, to_site))
            open_angle = forward <= 0
            slope = np.where(
                open_angle, slope, np.minimum(slope, 0.9 * aside / np.where(open_angle, 1, forward))
            )
    return slope


def _cross(one: Floats, other: Floats) -> Floats:
    product: Floats = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    return product
