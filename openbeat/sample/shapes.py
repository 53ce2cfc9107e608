"""Neighbourhood boundaries as police.uk's KML, with what is known to be wrong in them.

Ids and names of neighbourhoods, odd shapes and the two boundary releases belong here; the ground
itself is in ``tiles``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

import numpy as np
import polars as pl
import shapely

from openbeat.sample import words
from openbeat.sample.country import Country, Force
from openbeat.sample.faults import Log
from openbeat.sample.tiles import DECIMALS, SEA, Floats, Tiles

FIRST_RELEASE, SECOND_RELEASE = "2024-07", "2025-01"
ENTITY_CELL = 3
HOLE_CELL, TWIN_CELL, SPLIT_CELL, RENAMED_CELL, CASE_CELL = SPECIAL_CELLS = 5, 8, 9, 10, 11
TOGETHER = 100  # shapes printed in one go
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">'


class Shape(NamedTuple):
    """One KML file.

    Attributes:
        force: Slug.
        id: The neighbourhood's, the force's own.
        name: As the file has it, HTML entities included.
        parts: Polygons, each its outer ring and then its holes; rings closed.
    """

    force: str
    id: str
    name: str
    parts: tuple[tuple[Floats, ...], ...]

    @property
    def path(self) -> str:
        """The member's path in the boundary archive."""
        return f"{self.force}/{self.id}.kml"


Note = Callable[[str, Shape, str], None]


def releases(country: Country, log: Log) -> dict[str, list[Shape]]:
    """The boundary archives: release -> shapes, sorted by path.

    The small scale has two releases and every odd shape; the others have one, of the first month,
    in which the neighbourhoods tile the country.
    """
    plain = list(_plain(country))
    name = country.months[0] if country.scale_name != "small" else FIRST_RELEASE
    if country.scale_name != "small":
        _note_entity(name, plain, log)
        return {name: sorted(plain, key=lambda shape: shape.path)}
    both, first, second = _odd(country, plain, log)
    for release in (FIRST_RELEASE, SECOND_RELEASE):
        _note_entity(release, plain, log)
    return {
        release: sorted([*both, *own], key=lambda shape: shape.path)
        for release, own in ((FIRST_RELEASE, first), (SECOND_RELEASE, second))
    }


def _note_entity(release: str, plain: list[Shape], log: Log) -> None:
    shape = plain[ENTITY_CELL]
    what = f"the name is `{shape.name}`, entity and all"
    log.add("html-entity-name", f"boundaries/{release}.zip/{shape.path}", what)


def files(shapes: Sequence[Shape]) -> Iterator[tuple[str, bytes]]:
    """Shapes as KML: path in the boundary archive and content, one after another."""
    for start in range(0, len(shapes), TOGETHER):
        some = shapes[start : start + TOGETHER]
        texts = _coordinates([ring for shape in some for part in shape.parts for ring in part])
        for shape in some:
            yield shape.path, _kml(shape, texts)


def _kml(shape: Shape, coordinates: Iterator[str]) -> bytes:
    """One shape: its name is in ``name`` or in ``description``, as forces differ."""
    if len(shape.id) % 2 == 0:
        label = f"<name>{escape(shape.id)}</name><description>{escape(shape.name)}</description>"
    else:
        label = f"<name>{escape(shape.name)}</name>"
        label += f"<description><![CDATA[<p>The team for <b>{shape.name}</b></p>]]></description>"
    body = ""
    for part in shape.parts:
        rings = [
            f"<LinearRing><coordinates>{next(coordinates)}</coordinates></LinearRing>" for _ in part
        ]
        body += f"<Polygon><outerBoundaryIs>{rings[0]}</outerBoundaryIs>"
        body += "".join(f"<innerBoundaryIs>{hole}</innerBoundaryIs>" for hole in rings[1:])
        body += "</Polygon>"
    if len(shape.parts) > 1:
        body = f"<MultiGeometry>{body}</MultiGeometry>"
    return f"{HEAD}<Document><Placemark>{label}{body}</Placemark></Document></kml>\n".encode()


def _coordinates(rings: Sequence[Floats]) -> Iterator[str]:
    """Each ring as KML prints it, printed all together, which is much faster."""
    frame = pl.DataFrame(np.concatenate(rings), schema=["lon", "lat"]).with_columns(height=0)
    points = frame.write_csv(
        include_header=False, line_terminator=" ", float_precision=DECIMALS
    ).split(" ")
    upto = 0
    for ring in rings:
        yield " ".join(points[upto : upto + len(ring)])
        upto += len(ring)


def _plain(country: Country) -> Iterator[Shape]:
    """The cells as they are."""
    first = np.searchsorted(country.tiles.force, np.arange(country.scale.forces))
    for cell, number in enumerate(country.tiles.force):
        force = country.forces[number]
        ordinal = cell - int(first[number])
        name = _name(force, ordinal)
        if cell == ENTITY_CELL:
            name = "Leawick &amp; Marshby"
        yield Shape(force.slug, _id(force, ordinal), name, ((country.tiles.ring(cell),),))


def _id(force: Force, ordinal: int) -> str:
    """Forces number their neighbourhoods as they like: NM01, YF 1, alderwick.001."""
    style = force.number % 3
    initials = force.slug[0].upper() + force.slug[len(force.slug) // 2].upper()
    if style == 0:
        return f"{initials}{ordinal + 1:02d}"
    return f"{initials} {ordinal + 1}" if style == 1 else f"{force.slug}.{ordinal + 1:03d}"


def _name(force: Force, ordinal: int) -> str:
    if force.slug == "ynysfawr":
        first, last = words.WELSH_FIRST, words.WELSH_LAST
        # two of its neighbourhoods have one name, as happens
        ordinal = 3 if ordinal == 4 else ordinal
    else:
        first, last = words.STREET_FIRST, ["Vale", "Heath", "Cross", "Bridge End", "with Leawick"]
    turn, place = divmod(ordinal, len(first))
    return f"{first[place]} {last[(turn + ordinal) % len(last)]}"


def _odd(
    country: Country, plain: list[Shape], log: Log
) -> tuple[list[Shape], list[Shape], list[Shape]]:
    """The small scale's shapes: in both releases, in the first only, in the second only."""
    tiles = country.tiles
    shapes = dict(enumerate(plain))

    def note(fault_id: str, shape: Shape, what: str) -> None:
        once = fault_id in ("split", "renamed-id")
        for release in (FIRST_RELEASE,) if once else (FIRST_RELEASE, SECOND_RELEASE):
            log.add(fault_id, f"boundaries/{release}.zip/{shape.path}", what)

    ring = _circle(tiles.sites[HOLE_CELL], 0.25 * tiles.reach[HOLE_CELL])
    outer = shapes[HOLE_CELL]
    shapes[HOLE_CELL] = outer._replace(parts=((outer.parts[0][0], ring[::-1]),))
    child = Shape(outer.force, f"{outer.id}-C", f"{outer.name} Old Town", ((ring,),))
    note("hole", shapes[HOLE_CELL], f"a hole, which {child.id} fills; no small area's middle in it")
    parent, halves = _parent(tiles, shapes)
    note("parent", parent, f"lies over its children {halves}, which are listed too")
    twin = shapes[TWIN_CELL]._replace(id="NM90", name=f"{shapes[TWIN_CELL].name} (new)")
    note("duplicate-shape", twin, f"the same shape as {shapes[TWIN_CELL].id}")
    shapes[CASE_CELL] = shapes[CASE_CELL]._replace(id=shapes[0].id.lower())
    note("id-case", shapes[CASE_CELL], f"is not {shapes[0].id}: ids are case-sensitive")
    _of_second_force(tiles, shapes, note)
    split, renamed = shapes.pop(SPLIT_CELL), shapes.pop(RENAMED_CELL)
    cut = _cut(tiles, SPLIT_CELL, split)
    note("split", split, f"from {SECOND_RELEASE} it is {cut[0].id} and {cut[1].id}")
    later = renamed._replace(id=f"{renamed.id}N")
    note("renamed-id", renamed, f"from {SECOND_RELEASE} the same shape is {later.id}")
    return [*shapes.values(), child, parent, twin], [split, renamed], [*cut, later]


def _of_second_force(tiles: Tiles, shapes: dict[int, Shape], note: Note) -> None:
    """Give ynysfawr's neighbourhoods their oddities: an island, a crossed ring, doubled ids."""
    start = int(np.searchsorted(tiles.force, 1))
    coast = tiles.side_cell[(tiles.side_other == SEA) & (tiles.side_cell >= start)]
    island = int(coast[0])
    side = next(side for side in tiles.sides(island) if tiles.side_other[side] == SEA)
    sea = tiles.side_site[side]
    near = np.hypot(*(tiles.side_site - sea).T) == 0  # every stretch of coast by that sea
    away = np.hypot(*(tiles.side_ends[near].mean(axis=1) - sea).T).min()
    shape = shapes[island]
    shapes[island] = shape._replace(parts=(*shape.parts, (_circle(sea, 0.05 * float(away)),)))
    note("multi-geometry", shapes[island], "an island off its coast")
    crossed = next(cell for cell in range(start, len(shapes)) if cell != island)
    shape = shapes[crossed]
    shapes[crossed] = shape._replace(parts=((_crossed(shape.parts[0][0]),),))
    note("self-intersection", shapes[crossed], "its ring crosses itself")
    shapes[start + 5] = shapes[start + 5]._replace(id=shapes[4].id)
    note("id-in-two-forces", shapes[start + 5], "northmere has that id too")
    note("duplicate-name", shapes[start + 4], f"{shapes[start + 3].id} has that name too")


def _parent(tiles: Tiles, shapes: dict[int, Shape]) -> tuple[Shape, str]:
    """A neighbourhood over two others, beside one another in the first force."""
    plain = ~np.isin([tiles.side_cell, tiles.side_other], [*SPECIAL_CELLS, SEA]).any(axis=0)
    first = (tiles.force[tiles.side_cell] == 0) & (tiles.force[tiles.side_other] == 0)
    side = int(np.flatnonzero(plain & first)[0])
    both = [shapes[int(tiles.side_cell[side])], shapes[int(tiles.side_other[side])]]
    joined = shapely.union_all([shapely.Polygon(shape.parts[0][0]) for shape in both])
    ring = shapely.get_coordinates(joined.exterior)
    parent = Shape(both[0].force, "nm-town", "Northmere Town", ((ring,),))
    return parent, " and ".join(shape.id for shape in both)


def _cut(tiles: Tiles, cell: int, whole: Shape) -> list[Shape]:
    """Two halves, cut from corner to site to corner, a line that no border crosses."""
    sides = tiles.sides(cell)
    middle = sides.start + len(sides) // 2
    site = np.round(tiles.sites[cell], DECIMALS)[None]
    halves = []
    for letter, part in (("A", range(sides.start, middle)), ("B", range(middle, sides.stop))):
        points = tiles.path(part)
        ring = np.concatenate([points, site, points[:1]])
        name = f"{whole.name} {'North' if letter == 'A' else 'South'}"
        halves.append(whole._replace(id=whole.id + letter, name=name, parts=((ring,),)))
    return halves


def _circle(centre: Floats, radius: float) -> Floats:
    angle = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    wobble = radius * (0.9 + 0.1 * np.sin(3 * angle))
    points = centre + wobble[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    rounded: Floats = np.round(np.concatenate([points, points[:1]]), DECIMALS)
    return rounded


def _crossed(ring: Floats) -> Floats:
    """A ring that crosses itself, by two of its points that have changed places."""
    for at in range(2, len(ring) - 5):
        swapped = ring.copy()
        swapped[[at, at + 2]] = swapped[[at + 2, at]]
        if not shapely.Polygon(swapped).is_valid:
            return swapped
    raise AssertionError("no swap of two points makes the ring cross itself")
