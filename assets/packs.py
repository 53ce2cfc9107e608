"""Beside the release: the meeting packs, made from it alone; and the pages that stay inside."""

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg

from assets.checks import QUALITY, contracts
from assets.engagement import CONFORMED
from assets.tables import DISPOSITIONS, published
from assets.window import PublishConfig, release_day, release_window
from openbeat import __version__, codelists
from openbeat.release.files import room_for, write_text
from openbeat.release.integrity import SUMS
from openbeat.release.packs_copy import MADE_FROM
from openbeat.release.promote import ReleaseStore
from openbeat.settings import Settings
from resources.lake import Lake
from resources.sources import Sources

if TYPE_CHECKING:
    from openbeat.website.packs.press import Printing


def packs_folder(release: Path) -> Path:
    """Where the packs of a release lie: beside it, since it never changes."""
    return release.with_name(f"{release.name}.packs")


@dg.asset(group_name="release", deps=["release"])
def packs(
    context: dg.AssetExecutionContext,
    config: PublishConfig,
    lake: dg.ResourceParam[Lake],
    sources: dg.ResourceParam[Sources],
) -> dg.MaterializeResult:
    """The meeting pack of each neighbourhood, made from the release's own files."""
    from openbeat.website.packs.write import write_packs
    from openbeat.website.site.source import ROOT, published_tables
    from resources.targets import after_change

    settings = sources.settings
    month = release_window(config, lake, sources).months[-1]
    store = ReleaseStore(settings.releases_root)
    newest, waiting = store.newest(month), store.waiting()
    if newest is None or (waiting and waiting.month == month):
        # They are public, and so are made of nothing that waits for approval.
        return dg.MaterializeResult(asset_key="packs", metadata={"packs": "none: not approved"})
    folder = store.path(newest)
    target = packs_folder(folder)
    day = release_day(config, sources)
    made_from = _made_from(folder, settings, day)
    marker = target / MADE_FROM
    if marker.is_file() and marker.read_text("utf-8") == made_from:
        return dg.MaterializeResult(asset_key="packs", metadata={"packs": "as they were"})
    count = write_packs(
        published_tables(folder, published(settings)),
        target,
        release_id=newest.id,
        month=month,
        as_of=day,
        publisher=settings.publisher,
        notice=settings.notice,
        contacts=settings.engagement.contacts,
        codelists={name: codelists.load(name) for name in codelists.names()},
        printing=_printing(settings),
        with_site=(folder / ROOT).is_dir(),
        progress=lambda path: sources.tell(f"writing pack {path}"),
    )
    with room_for("the meeting packs"):
        write_text(marker, made_from)
    failed = after_change(settings, sources.tell) if settings.release.targets else []
    return dg.MaterializeResult(
        asset_key="packs",
        metadata={
            "packs": count,
            "path": dg.MetadataValue.path(str(target)),
            "not_copied": "\n".join(failed),
        },
    )


def _printing(settings: Settings) -> "Printing":
    """Which PDFs the settings ask for."""
    from openbeat.website.packs.press import Printing, variants_of

    chosen = settings.site.packs
    return Printing(
        variants_of(chosen.pdf, chosen.variants),
        settings.site.languages[0],
        settings.release.base_url,
    )


def _made_from(release: Path, settings: Settings, day: date) -> str:
    """What packs are made from: with the same they would be the same."""
    contacts = {f: c.model_dump() for f, c in settings.engagement.contacts.items()}
    printed = [settings.site.packs.model_dump(), settings.site.languages[0], settings.site.make]
    text = json.dumps(
        [
            contacts,
            day.isoformat(),
            settings.publisher,
            settings.notice,
            settings.release.base_url,
            printed,
        ]
    )
    sums = (release / SUMS).read_bytes()
    return hashlib.sha256(sums + text.encode() + __version__.encode()).hexdigest() + "\n"


@dg.asset(group_name="release", deps=["release"])
def internal_pages(
    context: dg.AssetExecutionContext,
    config: PublishConfig,
    lake: dg.ResourceParam[Lake],
    sources: dg.ResourceParam[Sources],
) -> dg.MaterializeResult:
    """The tasking briefs and the board's page: not for publication, so not beside the release."""
    from openbeat.engagement.faults import fault_rows
    from openbeat.website.internal import write_internal
    from resources.logs import DELIVERIES, QUARANTINE, RECEIPTS

    folder = sources.settings.out / "internal"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    conformed = {name.removeprefix("conformed_"): lake.read(name) for name in CONFORMED}
    records, quarantine = lake.read(DISPOSITIONS), lake.read(QUARANTINE)
    with room_for("the list of faults"):
        fault_rows(conformed, contracts(), quarantine, records).write_csv(folder / "faults.csv")
    write_internal(
        folder,
        conformed=conformed,
        records=records,
        quarantine=quarantine,
        quality={table: lake.read_or(f"{QUALITY}_{table}") for table in CONFORMED},
        feedback_times=lake.read("feedback_times"),
        profile=lake.read("neighbourhood_profile"),
        ledger=lake.read("engagement_ledger"),
        deliveries=lake.read(DELIVERIES),
        erasures=lake.read_or(RECEIPTS),
        forces=sources.forces,
        as_of=release_day(config, sources),
        settings=sources.settings.engagement,
    )
    return dg.MaterializeResult(
        asset_key="internal_pages", metadata={"path": dg.MetadataValue.path(str(folder))}
    )
