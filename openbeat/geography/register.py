"""Which boundaries serve a month, and how long each neighbourhood held as it was.

The choice of release and what is gathered from it belong here; reading a source belongs in
``boundaries``, what follows what in ``lineage``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from openbeat.geography.lineage import with_lineage
from openbeat.geography.overlaps import compare
from openbeat.geography.shapes import ISSUES, KEY, SHAPES, BoundaryFile, issue, issues_frame

UNDATED = "undated"
CHOICE: dict[str, pl.DataType] = {
    "force_id": pl.String(),
    "boundary_release": pl.String(),
    "boundary_basis": pl.String(),
}
_SAME = [*KEY, "name", "shape_sha256"]  # a row of the register's shapes is one of these
_PAIRS = ("duplicate_shape", "overlap", "parent")


@dataclass(frozen=True)
class Register:
    """All boundary releases, each distinct shape held once.

    Attributes:
        force_releases: The releases each force is in; None stands for undated.
        shapes: Columns of ``SHAPES``; one row a force, id, name and shape.
        members: ``boundary_release`` (text, ``undated`` where it has no date), force_id,
            neighbourhood_id, name, shape_sha256, ``overlaps`` (UInt32: shapes of that release
            that coincide with, contain, lie in or overlap it).
        issues: ``boundary_release`` and the columns of ``ISSUES``.
    """

    force_releases: Mapping[str, tuple[str | None, ...]]
    shapes: pl.DataFrame
    members: pl.DataFrame
    issues: pl.DataFrame


def build_register(sources: Iterable[BoundaryFile]) -> Register:
    """Gather boundary sources into a register.

    Sources of one release (or undated ones) are merged: where two hold the same force and id
    the first given is kept and the other listed as ``duplicate_id``. Shapes that stay the same
    from release to release are held once, so memory grows with what changed; pass a generator
    to hold one source at a time.

    Args:
        sources: Boundary files, in the order of the settings.
    """
    shapes = pl.DataFrame(schema=SHAPES)
    releases: dict[str, list[pl.DataFrame]] = {}
    issues: list[pl.DataFrame] = []
    for source in sources:
        label = source.release or UNDATED
        before = releases.setdefault(label, [])
        kept, listed = _merge(source, before)
        before.append(kept.select(_SAME))
        issues.append(listed.select(pl.lit(label).alias("boundary_release"), *ISSUES))
        shapes = pl.concat([shapes, kept.join(shapes, on=_SAME, how="anti")])
    issues += [_between_sources(label, parts, shapes) for label, parts in releases.items()]
    all_issues = pl.concat(issues) if issues else _no_issues()
    all_issues = all_issues.sort("boundary_release", *ISSUES, maintain_order=True)
    members = _members(releases, all_issues)
    return Register(_force_releases(members), shapes.sort(_SAME), members, all_issues)


def choose(force_releases: Mapping[str, Sequence[str | None]], month: str) -> pl.DataFrame:
    """Choose the boundary release of each force that serves a month.

    The release of that month (``same_month``), else the latest earlier one (``earlier``), else
    the earliest later one (``later``), else the undated one (``undated``).

    Args:
        force_releases: The releases each force has, ``YYYY-MM`` or None for undated.
        month: ``YYYY-MM``.

    Returns:
        ``force_id, boundary_release, boundary_basis``, sorted by force_id; the release of an
        undated source is ``undated``. Forces without any release are left out.
    """
    rows = []
    for force_id in sorted(force_releases):
        dated = sorted(release for release in force_releases[force_id] if release)
        earlier = [release for release in dated if release < month]
        if month in dated:
            rows.append((force_id, month, "same_month"))
        elif earlier:
            rows.append((force_id, earlier[-1], "earlier"))
        elif dated:
            rows.append((force_id, dated[0], "later"))
        elif force_releases[force_id]:
            rows.append((force_id, UNDATED, "undated"))
    return pl.DataFrame(rows, schema=CHOICE, orient="row")


def shapes_for_month(register: Register, month: str) -> pl.DataFrame:
    """The shapes of all forces that serve a month.

    Returns:
        Columns of ``SHAPES``, ``boundary_release``, ``boundary_basis`` and ``overlaps``, sorted
        by force_id and neighbourhood_id.
    """
    return (
        choose(register.force_releases, month)
        .join(register.members, on=["force_id", "boundary_release"])
        .join(register.shapes, on=_SAME)
        .select(*SHAPES, "boundary_release", "boundary_basis", "overlaps")
        .sort(KEY)
    )


def signature(register: Register, month: str) -> str:
    """A hash that is the same for two months exactly where the same shapes serve both.

    What was made from a month's shapes (a ``Locator``) can be kept by it.
    """
    served = (
        choose(register.force_releases, month)
        .join(register.members, on=["force_id", "boundary_release"])
        .sort(KEY)
    )
    return hashlib.sha256(served.select(_SAME).write_csv().encode()).hexdigest()


def neighbourhood_validity(register: Register, months: Sequence[str]) -> pl.DataFrame:
    """How each neighbourhood held over the months: the rows of ``neighbourhoods``.

    A run of months in which a neighbourhood keeps its shape (to 6 decimals) and name is a row.

    Args:
        register: The register.
        months: The months of the window, any order; a month left out does not end a run.

    Returns:
        ``force_id, neighbourhood_id, name, valid_from`` (first month it serves), ``valid_to``
        (last one; null where that is the newest month), ``predecessor_ids``, ``successor_ids``
        (ids of the same force joined by ``;``, null where none; see ``lineage``),
        ``area_km2, repaired, overlaps`` (UInt32, in the last release of the run), ``geometry``;
        sorted by force_id, neighbourhood_id, valid_from.
    """
    window = sorted(set(months))
    served = [
        choose(register.force_releases, month).with_columns(step=pl.lit(n, pl.Int32))
        for n, month in enumerate(window)
    ]
    every = pl.concat([pl.DataFrame(schema=CHOICE | {"step": pl.Int32()}), *served])
    rows = _runs(every.join(register.members, on=["force_id", "boundary_release"]))
    rows = rows.join(register.shapes, on=_SAME).sort(*KEY, "start")
    rows = with_lineage(rows)
    name_of = pl.Series("month", window, dtype=pl.String)
    return rows.select(
        *KEY,
        "name",
        valid_from=pl.lit(name_of).gather(pl.col("start")),
        valid_to=pl.when(pl.col("end") < len(window) - 1).then(
            pl.lit(name_of).gather(pl.col("end"))
        ),
        predecessor_ids="predecessor_ids",
        successor_ids="successor_ids",
        area_km2="area_km2",
        repaired="repaired",
        overlaps="overlaps",
        geometry="geometry",
    )


def _merge(source: BoundaryFile, before: list[pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What a source adds to its release, and its issues with those of what is not taken."""
    if not before:
        return source.frame, source.issues
    held = pl.concat(before).select(KEY)
    kept = source.frame.join(held, on=KEY, how="anti", maintain_order="left")
    twice = source.frame.join(held, on=KEY, how="semi").select(KEY)
    detail = f"{source.file}: there already in an earlier source of this release"
    listed = issues_frame(issue(f, n, "duplicate_id", detail) for f, n in twice.iter_rows())
    others = {"left_on": ["other_force_id", "other_neighbourhood_id"], "right_on": KEY}
    own = source.issues.join(twice, on=KEY, how="anti")
    own = own.join(twice, how="anti", **others)  # type: ignore[arg-type]
    return kept, pl.concat([own, listed])


def _between_sources(label: str, parts: list[pl.DataFrame], shapes: pl.DataFrame) -> pl.DataFrame:
    """Overlaps between shapes that came from different sources of one release."""
    if len(parts) < 2:
        return _no_issues()
    labelled = [p.with_columns(source=pl.lit(n, pl.Int32)) for n, p in enumerate(parts)]
    frame = pl.concat(labelled).join(shapes, on=_SAME).sort(KEY)
    found = compare(frame, frame["source"].to_numpy())
    return found.select(pl.lit(label).alias("boundary_release"), *ISSUES)


def _no_issues() -> pl.DataFrame:
    return pl.DataFrame(schema={"boundary_release": pl.String(), **ISSUES})


def _members(releases: dict[str, list[pl.DataFrame]], issues: pl.DataFrame) -> pl.DataFrame:
    empty = pl.DataFrame(schema={"boundary_release": pl.String()} | {c: SHAPES[c] for c in _SAME})
    parts = [
        pl.concat(frames).select(pl.lit(label).alias("boundary_release"), *_SAME)
        for label, frames in releases.items()
    ]
    pairs = issues.filter(pl.col("kind").is_in(_PAIRS))
    ends = pl.concat(
        [
            pairs.select("boundary_release", *KEY),
            pairs.select(
                "boundary_release",
                force_id="other_force_id",
                neighbourhood_id="other_neighbourhood_id",
            ),
        ]
    )
    counted = ends.group_by("boundary_release", *KEY).agg(overlaps=pl.len().cast(pl.UInt32))
    return (
        pl.concat([empty, *parts])
        .join(counted, on=["boundary_release", *KEY], how="left")
        .with_columns(pl.col("overlaps").fill_null(0))
        .sort("boundary_release", *KEY)
    )


def _force_releases(members: pl.DataFrame) -> dict[str, tuple[str | None, ...]]:
    pairs = members.select("force_id", "boundary_release").unique().sort(pl.all())
    found: dict[str, tuple[str | None, ...]] = {}
    for force_id, release in pairs.iter_rows():
        found[force_id] = (*found.get(force_id, ()), None if release == UNDATED else release)
    return found


def _runs(served: pl.DataFrame) -> pl.DataFrame:
    """Runs of steps in which a neighbourhood keeps its shape and name: ``start`` and ``end``."""
    changed = (
        (pl.col("step").diff() != 1)
        | (pl.col("shape_sha256") != pl.col("shape_sha256").shift())
        | (pl.col("name") != pl.col("name").shift())
    ).fill_null(True)
    return (
        served.sort(*KEY, "step")
        .with_columns(run=changed.cum_sum().over(KEY, order_by="step"))
        .group_by(*_SAME, "run")
        .agg(
            start=pl.col("step").min(),
            end=pl.col("step").max(),
            overlaps=pl.col("overlaps").sort_by("step").last(),
        )
        .drop("run")
    )
