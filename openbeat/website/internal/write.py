"""Writing the internal pages; the folder is never one of a release."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from openbeat.engagement.settings import EngagementSettings
from openbeat.release.files import replace_text, room_for
from openbeat.website import words
from openbeat.website.internal.board import board_page
from openbeat.website.internal.tasking import TABLES_USED, tasking_brief

BOARD = "board.html"


def write_internal(
    folder: Path,
    *,
    conformed: Mapping[str, pl.DataFrame],
    records: pl.DataFrame,
    quarantine: pl.DataFrame,
    quality: Mapping[str, pl.DataFrame],
    feedback_times: pl.DataFrame,
    profile: pl.DataFrame,
    ledger: pl.DataFrame,
    deliveries: pl.DataFrame,
    erasures: pl.DataFrame,
    forces: pl.DataFrame,
    as_of: date,
    settings: EngagementSettings,
) -> list[str]:
    """Write the board's page and the tasking brief of each force that delivers a log.

    Args:
        folder: Holds afterwards ``board.html`` and ``tasking-<force>.html``; briefs of forces
            that deliver none any more are removed.
        conformed: The conformed tables by the names of the canonical ones.
        records: As for ``board_page``, and so the others that are not explained here.
        quarantine: Records refused; a frame without columns where there are none.
        quality: By table, the judgements on its rules; without columns where there are none.
        feedback_times: As for ``tasking_brief``.
        profile: ``neighbourhood_profile``, of one month.
        ledger: ``engagement_ledger``.
        deliveries: What came in.
        erasures: The receipts; without columns where there are none.
        forces: ``force_id``, ``name``.
        as_of: The day up to which engagement is covered.
        settings: On engagement: the longest that a neighbourhood should be without a meeting.

    Returns:
        The names of the files, sorted.

    Raises:
        InputError: The disk is full.
    """
    judged = [frame for _, frame in sorted(quality.items()) if frame.width]
    pages = {
        BOARD: board_page(
            conformed,
            deliveries=deliveries,
            quarantine=quarantine,
            quality=pl.concat(judged) if judged else pl.DataFrame(),
            records=records,
            ledger=ledger,
            erasures=erasures,
            as_of=as_of,
        )
    }
    names = dict(forces.select("force_id", "name").iter_rows())
    delivered = pl.concat([conformed[name]["force_id"] for name in TABLES_USED]).unique().sort()
    for force_id in delivered.drop_nulls().to_list():
        pages[f"tasking-{words.file_name(force_id)}.html"] = tasking_brief(
            conformed,
            force_id=force_id,
            force_name=names.get(force_id, force_id),
            profile=profile,
            feedback_times=feedback_times,
            as_of=as_of,
            meeting_days=settings.meeting_days,
        )
    with room_for("the internal pages"):
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("tasking-*.html"):
            if old.name not in pages:
                old.unlink()
        for name, text in pages.items():
            replace_text(folder / name, text)
    return sorted(pages)
