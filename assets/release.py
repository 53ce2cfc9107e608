"""The release: written aside, verified, and promoted in one step; and the packs beside it."""

from datetime import UTC, datetime

import dagster as dg

from assets.checks import broken_rules, contracts, require_judged
from assets.lineage import roots
from assets.monthly import INGEST_TABLES
from assets.protected import policy_of
from assets.tables import CHECKED, published
from assets.window import PublishConfig, release_day, release_window
from openbeat.disclosure.policy import check_lineage
from openbeat.errors import InputError
from resources.disclosure import commit_ledger
from resources.lake import ALL, Lake
from resources.sources import Sources


@dg.asset(group_name="release", deps=[*CHECKED])
def release(
    context: dg.AssetExecutionContext,
    config: PublishConfig,
    lake: dg.ResourceParam[Lake],
    sources: dg.ResourceParam[Sources],
) -> dg.MaterializeResult:
    """The release: written aside, verified, and promoted in one step."""
    from assets.content import release_content
    from openbeat.release.promote import ReleaseStore
    from openbeat.release.write import write_release

    settings = sources.settings
    window = release_window(config, lake, sources)
    month = window.months[-1]
    strict = settings.strict
    require_judged(lake, CHECKED, month, stored_as=ALL, strict=strict)
    warned = broken_rules(lake, INGEST_TABLES, window.months, ("warning",)) if strict else []
    if warned:
        raise InputError("strict, and these warnings: " + "; ".join(warned), rule="strict")
    tables = published(settings)
    check_lineage(policy_of(settings), tables, roots())
    day = release_day(config, sources)
    store = ReleaseStore(settings.releases_root)
    staged = store.staging()
    release_id = store.next_id(month)
    content = release_content(lake, sources, window, day, contracts(), tables, release_id)
    write_release(content, staged, release_id, lambda path: sources.tell(f"writing {path}"))
    sources.tell("verifying and promoting")
    done = store.publish(
        staged,
        month,
        lambda: datetime.now(UTC),
        approvals=settings.disclosure.approvals,
        before=lambda name: commit_ledger(lake, name) if content.disclosure else None,
    )
    return dg.MaterializeResult(
        asset_key="release",
        metadata={
            "release": done.id,
            "new": done.new,
            "waiting": done.waiting,
            "needed": done.needed,
            "note": done.note,
            "path": dg.MetadataValue.path(str(done.path)),
        },
    )
