"""Running the jobs from the command line: one process, one lock, the same Dagster jobs.

What is shown to a person belongs in ``cli`` and ``closing``.
"""

from __future__ import annotations

import errno
import gc
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from assets.checks import broken_rules, stopping
from assets.engagement import CONFORMED
from assets.monthly import INGEST_TABLES
from assets.partitions import FIRST_MONTH, MONTHS
from assets.tables import CHECKED
from openbeat.errors import InputError, LockedError, SourceUnreachableError
from openbeat.policeuk.coverage import months_before
from openbeat.release.files import room_for
from openbeat.settings import Settings
from pipelines.build import build_definitions
from pipelines.instance import write_instance
from resources.lake import ALL, INGESTED, Lake
from resources.lock import place_lock
from resources.sources import Sources

_LEAST_FREE = 1 << 20  # bytes; with less, nothing works that writes
CONFIGURED = (
    *("release_tables", "engagement_tables", "protected_tables"),
    *("release", "packs", "internal_pages"),
)
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class CheckFailedError(Exception):
    """A critical check failed: what is downstream did not run."""


@dataclass
class Session:
    """A place that is locked and ready to run jobs in."""

    settings: Settings
    lake: Lake
    sources: Sources
    definitions: dg.Definitions
    instance: dg.DagsterInstance

    def ingest(self, month: str) -> None:
        """Ingest one month.

        Raises:
            CheckFailedError: A critical check failed.
            InputError: An input cannot be used, or the month is not over.
        """
        if not MONTHS.has_partition_key(month):
            raise InputError(
                f"{month} is no month from {FIRST_MONTH} to the last one that is over",
                rule="month_over",
                mend="check the names of the archive's files, and this machine's clock.",
            )
        self._run("ingest", INGEST_TABLES, [month], _QUIET, partition_key=month)
        # A run's objects hold each other and its frames, gigabytes over the months, until then.
        gc.collect()

    def held(self) -> list[str]:
        """The months that are ingested, sorted."""
        return self.lake.months(INGESTED, ".json")

    def refuse_warnings(self, month: str | None) -> None:
        """Fail where a rule of severity warning does not hold in the rows of the window.

        Args:
            month: The newest month of the window; without it the newest ingested.

        Raises:
            CheckFailedError: Names the rules.
        """
        last = month or self.held()[-1]
        window = months_before(last, self.settings.window_months - 1, including=True)
        broken = broken_rules(self.lake, INGEST_TABLES, window, ("warning",))
        if broken:
            raise CheckFailedError("--strict, and these warnings:\n  " + "\n  ".join(broken))

    def publish(self, month: str | None, as_of: str | None) -> dict[str, Any]:
        """Publish the release of a month.

        Returns:
            ``release`` (its id), ``new`` and ``path``; ``waiting`` where it is not public until
            ``needed`` more approve it; ``note``, a sentence on what waited before;
            ``not_copied``, a sentence on each target that failed.

        Raises:
            CheckFailedError: A critical check failed; nothing was promoted.
            InputError: An input cannot be used.
        """
        config = {"config": {"month": month or "", "as_of": as_of or ""}}
        options = _QUIET | {"ops": dict.fromkeys(CONFIGURED, config)}
        newest = month or self.held()[-1]
        result = self._run("publish", (*CONFORMED, *CHECKED), [ALL, newest], options)
        (event,) = result.asset_materializations_for_node("release")
        (packs,) = result.asset_materializations_for_node("packs")
        told = {name: value.value for name, value in event.metadata.items()}
        if (later := packs.metadata.get("not_copied")) and not told["not_copied"]:
            told["not_copied"] = later.value  # the packs come after the release
        return told

    def _run(
        self, job: str, tables: Sequence[str], months: Sequence[str], config: Any, **options: Any
    ) -> dg.ExecuteInProcessResult:
        definition = self.definitions.resolve_job_def(job)
        try:
            return definition.execute_in_process(
                instance=self.instance, run_config=config, **options
            )
        except dg.DagsterExecutionInterruptedError:
            raise KeyboardInterrupt from None
        except dg.DagsterError as error:
            severities = stopping(strict=self.settings.strict)
            broken = broken_rules(self.lake, tables, months, severities)
            if not broken:  # something else is wrong, and not with an input
                raise
            raise CheckFailedError("a check failed:\n  " + "\n  ".join(broken)) from error


@contextmanager
def session(settings: Settings, tell: Callable[[str], None]) -> Iterator[Session]:
    """Lock the place and open everything.

    Args:
        settings: The settings.
        tell: Told what is being done.

    Raises:
        LockedError: Another run works there.
        InputError: The place cannot be written, or its disk is full.
        SourceUnreachableError: The lake does not answer.
    """
    with place_lock(settings.out), _room_in(settings.out):
        os.environ["DAGSTER_HOME"] = str(write_instance(settings))
        os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
        lake = Lake(settings.lake_root)
        lake.reach()
        sources = Sources(settings, tell)
        definitions = build_definitions(settings, lake=lake, sources=sources)
        with _instance() as instance:
            yield Session(settings, lake, sources, definitions, instance)


@contextmanager
def _room_in(out: Path) -> Iterator[None]:
    """Say so where what failed, however it was reported, failed for want of space.

    SQLite and Dagster report a full disk in many ways, some of which do not name it.
    """
    with room_for("what the run keeps"):
        try:
            yield
        except (InputError, LockedError, SourceUnreachableError, CheckFailedError):
            raise
        except Exception as error:
            if shutil.disk_usage(out).free < _LEAST_FREE:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
            raise


def _instance() -> dg.DagsterInstance:
    try:
        return dg.DagsterInstance.get()
    except Exception as error:  # whatever the database's driver raises
        raise InputError(
            f"Dagster's storage cannot be opened ({str(error).splitlines()[0]})",
            file="dagster/dagster.yaml",
            mend="for PostgreSQL, dagster.postgres_url_env names a variable that holds a URL like "
            "postgresql+psycopg2://user:password@host/database.",
        ) from error
