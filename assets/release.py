"""The release: written aside, verified, promoted in one step, and copied to the targets."""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from assets.checks import broken_rules, contracts, require_judged
from assets.lineage import roots
from assets.monthly import INGEST_TABLES
from assets.protected import policy_of
from assets.tables import CHECKED, published
from assets.website import website
from assets.window import PublishConfig, release_day, release_window
from openbeat.disclosure.policy import check_lineage
from openbeat.errors import InputError
from openbeat.release.promote import Published
from resources.disclosure import commit_ledger
from resources.lake import ALL, Lake
from resources.sources import Sources

COPIED = dg.AssetCheckSpec(
    "copied", asset="release", description="Every target is in line with what is published."
)


@dg.asset(group_name="release", deps=[*CHECKED], check_specs=[COPIED])
def release(
    context: dg.AssetExecutionContext,
    config: PublishConfig,
    lake: dg.ResourceParam[Lake],
    sources: dg.ResourceParam[Sources],
) -> dg.MaterializeResult:
    """The release: written aside, verified, and promoted in one step; then copied to the targets.

    What is published stays so where a target fails: that is a failed check, and the next run, or
    ``openbeat release upload``, goes on from there.
    """
    from assets.content import release_content
    from openbeat.release.promote import ReleaseStore
    from openbeat.release.signing import sign
    from openbeat.release.write import write_release
    from resources.targets import after_change

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
    write_release(
        content,
        staged,
        release_id,
        lambda path: sources.tell(f"writing {path}"),
        previous=store.previous(month),
        pages=website(content, settings),
    )
    _judge(staged, slowly=settings.release.slow_judges)
    sign(staged, settings.release.signing)
    sources.tell("verifying and promoting")
    done = store.publish(
        staged,
        month,
        lambda: datetime.now(UTC),
        approvals=settings.disclosure.approvals,
        before=lambda name: commit_ledger(lake, name) if content.disclosure else None,
    )
    return _result(done, after_change(settings, sources.tell))


def _judge(staged: Path, *, slowly: bool) -> None:
    """Refuse a release that an independent judge finds fault with, or one that is not there."""
    from openbeat.release.judges import fast, slow

    faults = [
        f"{verdict.judge}: {verdict.state}: {problem}"
        for verdict in fast(staged) + (slow(staged) if slowly else [])
        if verdict.state in ("failed", "not installed")
        for problem in verdict.problems
    ]
    if faults:
        raise InputError(
            "the release is not what its standards say, and was not promoted: " + "; ".join(faults),
            rule="valid",
            mend="a judge that is not installed comes with the extra validate; else it is a fault"
            " of openbeat or of the disk: run again, and report it if it stays",
        )


def _result(done: Published, failed: list[str]) -> dg.MaterializeResult:
    """What came of it: the release, and the targets that could not be brought in line."""
    said = "\n".join(failed)
    copied = dg.AssetCheckResult(
        check_name=COPIED.name, passed=not failed, metadata={"not copied": said}
    )
    return dg.MaterializeResult(
        asset_key="release",
        check_results=[copied],
        metadata={
            "release": done.id,
            "new": done.new,
            "waiting": done.waiting,
            "needed": done.needed,
            "note": done.note,
            "not_copied": said,
            "path": dg.MetadataValue.path(str(done.path)),
        },
    )
