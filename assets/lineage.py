"""What each table was made from in the end, as the assets themselves declare it."""

from functools import cache

import dagster as dg

from assets.crime import conformed_assets
from assets.engagement import engagement_logs
from assets.geography import boundaries, points
from assets.monthly import counts, ingested
from assets.protected import protected_tables
from assets.raw import members, months_to_ingest
from assets.tables import engagement_tables, release_tables

MAKING = (
    *(months_to_ingest, members, boundaries, *conformed_assets, points, counts, ingested),
    *(engagement_logs, release_tables, engagement_tables, protected_tables),
)
"""Every asset on the way to the tables of a release."""


@cache
def roots() -> dict[str, frozenset[str]]:
    """For each asset, those that it was made from in the end: the ones made from no other."""
    parents = {
        spec.key: [dep.asset_key for dep in spec.deps] for made in MAKING for spec in made.specs
    }
    found: dict[dg.AssetKey, frozenset[str]] = {}

    def of(key: dg.AssetKey) -> frozenset[str]:
        if key not in found:
            above = [of(parent) for parent in parents.get(key, [])]
            found[key] = (
                frozenset({key.to_user_string()}) if not above else frozenset().union(*above)
            )
        return found[key]

    return {key.to_user_string(): of(key) for key in parents}
