"""The jobs: ``ingest``, a month at a time; ``publish``, which makes one release; and ``plan``.

``plan`` only lists the months that are new or changed, so that the schedule can start from it.
"""

from __future__ import annotations

import dagster as dg

from assets.monthly import COUNTS
from assets.release import PUBLISHED
from resources.lake import INGESTED

INGEST_ASSETS = (
    *("members", "boundaries", "conformed_street", "conformed_outcomes", "conformed_stops"),
    *("points", *COUNTS.values(), "ledger", INGESTED),
)
PUBLISH_ASSETS = (*PUBLISHED, "reconciliation", "release")

plan = dg.define_asset_job(
    "plan",
    selection=dg.AssetSelection.assets("months_to_ingest"),
    description="Fetch the archives and list the months that are new or changed.",
)
ingest = dg.define_asset_job(
    "ingest",
    selection=dg.AssetSelection.assets(*INGEST_ASSETS),
    description="Conform, locate and count one month.",
)
publish = dg.define_asset_job(
    "publish",
    selection=dg.AssetSelection.assets(*PUBLISH_ASSETS),
    description="Make the tables of the window and one release of them.",
)
"""Every job."""
JOBS = (plan, ingest, publish)
