"""The jobs: ``ingest``, a month at a time; ``publish``, makes one release; two small ones.

``publish`` takes in the engagement logs first, as they are that day. ``intake`` does only that, for
those who want to know between releases what is wrong with a log. ``plan`` only lists the months
that are new or changed, so that the schedule can start from it.
"""

from __future__ import annotations

import dagster as dg

from assets.engagement import CONFORMED
from assets.monthly import COUNTS
from assets.tables import CHECKED
from resources.lake import INGESTED

INGEST_ASSETS = (
    *("members", "boundaries", "conformed_street", "conformed_outcomes", "conformed_stops"),
    *("points", *COUNTS.values(), "ledger", INGESTED),
)
PUBLISH_ASSETS = (*CONFORMED, *CHECKED, "release", "packs", "internal_pages")

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
intake = dg.define_asset_job(
    "intake",
    selection=dg.AssetSelection.assets(*CONFORMED),
    description="Take in the engagement logs and check them; publish nothing.",
)
publish = dg.define_asset_job(
    "publish",
    selection=dg.AssetSelection.assets(*PUBLISH_ASSETS),
    description="Take in the engagement logs, make the tables of the window and one release.",
)
"""Every job."""
JOBS = (plan, ingest, intake, publish)
