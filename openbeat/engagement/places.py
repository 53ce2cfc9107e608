"""When each neighbourhood was valid, as rule G3 asks; from the register of boundaries.

How long it held as it was (shape and name) belongs in ``openbeat.geography.register``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from openbeat.engagement.across import PLACES
from openbeat.policeuk.coverage import months_before


def valid_places(
    force_releases: Mapping[str, Sequence[str | None]], members: pl.DataFrame
) -> pl.DataFrame:
    """The months in which a release of boundaries that names the neighbourhood serves.

    A dated release serves from its month until the next one; the first also before it, the last
    also after it. An undated one serves where its force has no other.

    Args:
        force_releases: Of the register: by force, ``YYYY-MM`` or None for undated.
        members: Of the register: force_id, neighbourhood_id, boundary_release.

    Returns:
        The columns of ``PLACES``; a neighbourhood has a row a release.
    """
    rows: list[tuple[str, str, str | None, str | None]] = []
    for force_id, releases in sorted(force_releases.items()):
        dated = sorted(release for release in releases if release)
        ends = [months_before(following, 1)[0] for following in dated[1:]]
        starts = [None, *dated[1:]]
        for release, start, end in zip(dated, starts, [*ends, None], strict=False):
            rows.append((force_id, release, start, end))
        if releases and not dated:
            rows.append((force_id, "undated", None, None))
    schema = ["force_id", "boundary_release", "valid_from", "valid_to"]
    serving = pl.DataFrame(rows, schema=dict.fromkeys(schema, pl.String), orient="row")
    held = members.select("force_id", "neighbourhood_id", "boundary_release").unique()
    return (
        serving.join(held, on=["force_id", "boundary_release"])
        .select(PLACES.names())
        .sort(PLACES.names())
    )
