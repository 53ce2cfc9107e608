"""Maps as inline SVG: a neighbourhood among those around it, a force's neighbourhoods, all forces.

Only drawing belongs here; the shapes come prepared from ``shapes``. A map says where a place is and
leads to its page: nothing is counted or coloured by a figure, and a list of the same links stands
beside it. Looks are in ``static/charts.css``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from openbeat.website import words
from openbeat.website.language import gettext as _
from openbeat.website.shapes import Box, Shapes

if TYPE_CHECKING:
    import polars as pl
    from markupsafe import Markup

    from openbeat.website.site.source import Site

Links = Mapping[str, tuple[str, str]]
"""Id to address and name."""
_WIDTH, _HEIGHT = 640, 480
"""Of a locator, in units of half a CSS pixel."""
_SHARE: Final = 0.46
"""How much of a locator, across or down, its neighbourhood takes."""
_LETTER: Final = 13.2
"""The width of a letter of a name in a locator, in its units."""
_MOST_NAMES, _LEAST_TALL = 9, 40
_MOST, _MOST_OF_FORCE = 900, 7_000  # vertices
_FORCE_WIDE, _TALLEST = 1000, 1.5
_INSET: Final = 130


class _Name(NamedTuple):
    """A name on a map: its text, its middle, and whether it is the place's own."""

    text: str
    x: float
    y: float
    own: bool


class _View:
    """From metres to the units of a picture."""

    def __init__(self, box: Box, width: float) -> None:
        self.box = box
        self.scale = width / max(box[2] - box[0], 1e-9)

    def paths(self, groups: Sequence[Any]) -> list[str]:
        """The outlines of each of some groups of geometries as one path, in whole units."""
        import numpy as np
        import shapely

        parts, which = shapely.get_parts(np.concatenate(groups), return_index=True)
        rings, part = shapely.get_rings(parts, return_index=True)
        points, ring = shapely.get_coordinates(rings, return_index=True)
        spots = np.rint((points - self.box[:2]) * self.scale).astype(np.int64)
        steps = np.diff(spots, axis=0, prepend=spots[:1])
        new = np.diff(ring, prepend=-1) != 0
        kept = steps.any(axis=1) | new
        group = np.repeat(np.arange(len(groups)), [len(g) for g in groups])[which[part]].tolist()
        ring, spots, steps = ring[kept].tolist(), spots[kept].tolist(), steps[kept].ravel().tolist()
        starts = [*np.flatnonzero(new[kept]).tolist(), len(spots)]
        found: list[list[str]] = [[] for _group in groups]
        for a, b in pairwise(starts):
            # The last point of a ring is its first: z draws it. Less than a triangle is not seen.
            if b - a > 3:
                text = " ".join(map(str, steps[2 * a + 2 : 2 * b - 2])).replace(" -", "-")
                found[group[ring[a]]].append(f"M{spots[a][0]} {spots[a][1]}l{text}z")
        return ["".join(one) for one in found]

    def spot(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.box[0]) * self.scale, (y - self.box[1]) * self.scale

    def metres(self, left: float, top: float, right: float, bottom: float) -> Box:
        x, y = self.box[:2]
        return (
            x + left / self.scale,
            y + top / self.scale,
            x + right / self.scale,
            (y + bottom / self.scale),
        )


class Maps:
    """Maps of one set of shapes, prepared once.

    A place without a shape has no map: each method then gives an empty text.
    """

    def __init__(self, shapes: pl.DataFrame | None) -> None:
        """Prepare the shapes: seconds for a country.

        Args:
            shapes: force_id, neighbourhood_id, name, valid_to, geometry (WKB, WGS84); or None.
        """
        self._shapes = Shapes(shapes)
        self._insets: dict[str, str] = {}

    @property
    def forces(self) -> Set[str]:
        """The ids of the forces that have shapes."""
        return self._shapes.of_force.keys()

    def locator(self, force_id: str, neighbourhood_id: str, title: str) -> Markup:
        """A neighbourhood among those around it, with a scale and where it is in its force.

        Args:
            force_id: Of the neighbourhood.
            neighbourhood_id: Its id in the force.
            title: The beginning of the text alternative; the names around follow.

        Returns:
            ``<svg class="map locator">``, less than 7 kB.
        """
        import shapely
        from markupsafe import Markup, escape

        shapes = self._shapes
        place = shapes.place.get((force_id, neighbourhood_id))
        if place is None:
            return Markup("")
        view = _View(_around(shapes.boxes[place]), _WIDTH)
        near = [n for n in sorted(shapes.tree.query(shapely.box(*view.box)).tolist()) if n != place]
        geometries = shapes.level([place, *near], _MOST)
        clipped = shapely.clip_by_rect(geometries[near], *_wider(view.box))
        own = [n for n, m in enumerate(near) if shapes.keys[m][0] == force_id]
        other = [n for n, m in enumerate(near) if shapes.keys[m][0] != force_id]
        names = self._names(view, place, geometries[place], [near[n] for n in own], clipped[own])
        around = [name.text for name in names if not name.own]
        paths = view.paths([clipped[other], clipped[own], geometries[[place]]])
        drawn = "".join(map(_drawn, ("far", "near", "here"), paths))
        label = f"{title}. {_('Around it: %(names)s.') % {'names': ', '.join(around)}}"
        return Markup(
            f'<svg class="map locator" role="img" aria-label="{escape(label if around else title)}"'
            f' viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH // 2}" height="{_HEIGHT // 2}">'
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}">'
            f"{drawn}</svg>"
            f"{_texts(names)}{self._inset(force_id, view.box)}{_scale_bar(view)}</svg>"
        )

    def force(self, force_id: str, links: Links, title: str) -> Markup:
        """A force's neighbourhoods, each a link.

        Args:
            force_id: The force.
            links: Neighbourhood id to address and name; one without is drawn, but no link.
            title: What the map is called.
        """
        places = self._shapes.of_force.get(force_id, [])
        level = self._shapes.level(places, _MOST_OF_FORCE)
        areas = [(self._shapes.keys[n][1], level[[n]]) for n in places]
        return _linked("force", areas, links, title)

    def all(self, links: Links, title: str) -> Markup:
        """All forces that have shapes, each a link.

        Args:
            links: Force id to address and name; one without is drawn, but no link.
            title: What the map is called.
        """
        import shapely

        outlines = self._shapes.forces
        # The larger first, so that a force inside another (the City of London) is on top.
        order = sorted(outlines, key=lambda f: (-shapely.area(outlines[f]), f))
        return _linked("forces", [(f, [outlines[f]]) for f in order], links, title)

    def _names(
        self, view: _View, place: int, shown: Any, near: Sequence[int], clipped: Any
    ) -> list[_Name]:
        """The place's own name and those around that have room, none over another or the place."""
        import shapely

        shapes = self._shapes
        inside = shapely.point_on_surface(shapes.levels[-1][place])
        own = [*view.spot(shapely.get_x(inside), shapely.get_y(inside))]
        names = [_Name(shapes.names[place], *_kept_inside(shapes.names[place], *own), own=True)]
        boxes = (shapely.bounds(clipped) * view.scale).tolist()
        areas = shapely.area(clipped).tolist()
        for at in sorted(range(len(near)), key=lambda n: (-areas[n], n))[:_MOST_NAMES]:
            west, north, east, south = boxes[at]
            text = shapes.names[near[at]]
            if not east - west > len(text) * _LETTER or south - north < _LEAST_TALL:
                continue
            spot = shapely.point_on_surface(clipped[at])
            x, y = view.spot(shapely.get_x(spot), shapely.get_y(spot))
            name = _Name(text, *_kept_inside(text, x, y), own=False)
            over_place = shapely.intersects(shown, shapely.box(*view.metres(*_extent(name))))
            if not over_place and not any(_touch(name, other) for other in names):
                names.append(name)
        return names

    def _inset(self, force_id: str, box: Box) -> str:
        """In a corner, the force's outline and what part of it the map shows."""
        west, north, east, south = self._shapes.forces[force_id].bounds
        size = max(east - west, south - north)
        if max(box[2] - box[0], box[3] - box[1]) > 0.8 * size:
            return ""
        view = _View((west, north, west + size, north + size), _INSET - 16)
        x, y = view.spot(box[0], box[1])
        wide, tall = (max(side * view.scale, 5) for side in (box[2] - box[0], box[3] - box[1]))
        corner = f"translate({_WIDTH - _INSET + 4} 4)"
        if force_id not in self._insets:
            outline = self._shapes.forces[force_id].simplify(size / 90)
            self._insets[force_id] = view.paths([[outline]])[0]
        return (
            f'<g class="inset" transform="{corner}"><path class="paper" d="M0 0h{_INSET - 8}'
            f'v{_INSET - 8}h-{_INSET - 8}z"/><g transform="translate(4 4)">'
            f'<path class="near" d="{self._insets[force_id]}"/>'
            f'<path class="frame" d="M{x:.0f} {y:.0f}h{wide:.0f}v{tall:.0f}h-{wide:.0f}z"/></g></g>'
        )


def _linked(kind: str, areas: Sequence[tuple[str, Any]], links: Links, title: str) -> Markup:
    """A map of areas, each a link with its name."""
    import numpy as np
    import shapely
    from markupsafe import Markup, escape

    if not areas:
        return Markup("")
    bounds = shapely.total_bounds(np.concatenate([geometries for _id, geometries in areas]))
    box, tall = _framed(bounds)
    view = _View(box, _FORCE_WIDE)
    drawn = []
    paths = view.paths([geometries for _id, geometries in areas])
    for (key, _geometries), outline in zip(areas, paths, strict=True):
        path = f'<path d="{outline}"/>'
        if key in links:
            href, name = links[key]
            path = f'<a href="{escape(href)}"><title>{escape(name)}</title>{path}</a>'
        drawn.append(path)
    return Markup(
        f'<svg class="map {kind}" role="group" aria-label="{escape(title)}"'
        f' viewBox="-4 -4 {_FORCE_WIDE + 8} {tall * _FORCE_WIDE + 8:.0f}">'
        f"{''.join(drawn)}{_scale_bar(view, tall * _FORCE_WIDE)}</svg>"
    )


def _framed(bounds: Sequence[float]) -> tuple[Box, float]:
    """The box of a map of some bounds, no taller than ``_TALLEST``, and its height by width."""
    west, north, east, south = (float(v) for v in bounds)
    wide, tall = max(east - west, 1.0), max(south - north, 1.0)
    spare = max(tall / _TALLEST - wide, 0.0) / 2
    wide += 2 * spare
    return (west - spare, north, west - spare + wide, south), tall / wide


def _around(bounds: Sequence[float]) -> Box:
    """What a locator shows: the bounds in its middle, and around them as much again."""
    west, north, east, south = (float(v) for v in bounds)
    wide = max((east - west) / _SHARE, (south - north) / _SHARE / _HEIGHT * _WIDTH, 100.0)
    tall = wide * _HEIGHT / _WIDTH
    x, y = (west + east - wide) / 2, (north + south - tall) / 2
    return x, y, x + wide, y + tall


def _wider(box: Box) -> Box:
    """A little more than a box, so that the line along which shapes are cut is not seen."""
    more = (box[2] - box[0]) * 0.01
    return box[0] - more, box[1] - more, box[2] + more, box[3] + more


def _drawn(kind: str, path: str) -> str:
    return f'<path class="{kind}" d="{path}"/>' if path else ""


def _texts(names: Sequence[_Name]) -> str:
    from markupsafe import escape

    return "".join(
        f'<text{own} x="{name.x:.0f}" y="{name.y + 8:.0f}">{escape(name.text)}</text>'
        for name in reversed(names)
        for own in [' class="own"' if name.own else ""]
    )


def _kept_inside(text: str, x: float, y: float) -> tuple[float, float]:
    """The middle of a text, moved so that all of it is inside a locator."""
    half = len(text) * _LETTER / 2 + 8
    inner = min(max(x, half), max(_WIDTH - half, half))
    return inner, min(max(y, 22), _HEIGHT - 22)


def _extent(name: _Name) -> Box:
    """From where to where a name reaches in a locator, in its units."""
    half = len(name.text) * _LETTER / 2
    return name.x - half, name.y - 12, name.x + half, name.y + 12


def _touch(one: _Name, other: _Name) -> bool:
    """Whether two names, or a name and the inset or the scale, would overlap."""
    left, top, right, bottom = _extent(one)
    west, north, east, south = _extent(other)
    if left < east + 12 and west < right + 12 and top < south + 8 and north < bottom + 8:
        return True
    in_inset = right > _WIDTH - _INSET and top < _INSET + 4
    return in_inset or (left < 220 and bottom > _HEIGHT - 48)


def _scale_bar(view: _View, height: float = _HEIGHT) -> str:
    """A bar of a round length, about a fifth of the map, with its length in words."""
    about = (view.box[2] - view.box[0]) / 5
    power = 10.0 ** math.floor(math.log10(about))
    metres = max(step * power for step in (1, 2, 5) if step * power <= about)
    length, unit = (metres / 1000, "km") if metres >= 1000 else (metres, "m")
    size, y = metres * view.scale, height - 14
    return (
        f'<path class="bar" d="M12 {y - 8:.0f}v8h{size:.0f}v-8"/>'
        f'<text class="bar" x="{size + 22:.0f}" y="{y:.0f}">{words.number(length)} {unit}</text>'
    )


def maps(site: Site) -> Maps:
    """The maps of a release, prepared on first use and kept with it."""
    kept: dict[str, Any] = site.__dict__
    if "maps" not in kept:
        kept["maps"] = Maps(site.shapes)
    made: Maps = kept["maps"]
    return made
