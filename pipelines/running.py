"""Running the jobs from the command line: one process, one lock, the same Dagster jobs.

What is shown to a person belongs in ``cli`` and ``closing``.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from assets.checks import QUALITY
from assets.partitions import FIRST_MONTH, MONTHS
from assets.raw import INGESTED
from assets.release import PUBLISHED
from openbeat.errors import InputError, LockedError, SourceUnreachableError
from openbeat.policeuk.archive import DATASETS
from openbeat.release.files import room_for
from openbeat.settings import Settings
from pipelines.definitions import build_definitions
from resources.lake import Lake
from resources.lock import place_lock
from resources.sources import Sources

_INSTANCE = """\
# Written by openbeat where there was none; change it as you need.
telemetry:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1  # months share the lake's lock
"""
_POSTGRES = """\
storage:
  postgres:
    postgres_url:
      env: {variable}
"""
INGEST_TABLES = (*(f"conformed_{dataset}" for dataset in DATASETS), "ledger")
PUBLISH_TABLES = (*PUBLISHED, "reconciliation")
_LEAST_FREE = 1 << 20  # bytes; with less, nothing works that writes
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

    def refuse_warnings(self, months: Sequence[str]) -> None:
        """Fail where a rule of severity warning does not hold in the months' accepted rows.

        Raises:
            CheckFailedError: Names the rules.
        """
        broken = self._broken(INGEST_TABLES, months, "warning")
        if broken:
            raise CheckFailedError("--strict, and these warnings:\n  " + "\n  ".join(broken))

    def publish(self, month: str | None, as_of: str | None) -> dict[str, Any]:
        """Publish the release of a month.

        Returns:
            ``release`` (its id), ``new`` and ``path``.

        Raises:
            CheckFailedError: A critical check failed; nothing was promoted.
            InputError: An input cannot be used.
        """
        config = {"config": {"month": month or "", "as_of": as_of or ""}}
        options = _QUIET | {"ops": {"release_tables": config, "release": config}}
        newest = month or self.lake.months(INGESTED, ".json")[-1]
        result = self._run("publish", PUBLISH_TABLES, [newest], options)
        (event,) = result.asset_materializations_for_node("release")
        return {name: value.value for name, value in event.metadata.items()}

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
            severities = ("critical", "warning") if self.settings.strict else ("critical",)
            broken = self._broken(tables, months, *severities)
            if not broken:  # something else is wrong, and not with an input
                raise
            raise CheckFailedError("a check failed:\n  " + "\n  ".join(broken)) from error

    def _broken(self, tables: Sequence[str], months: Sequence[str], *severities: str) -> list[str]:
        """The rules that do not hold, a line each, from what the checks kept in the lake."""
        frames = [self.lake.read_months(f"{QUALITY}_{table}", months) for table in tables]
        results = [frame for frame in frames if not frame.is_empty()]
        if not results:
            return []
        broken = (
            pl.concat(results)
            .filter(pl.col("severity").is_in(severities) & ~pl.col("success"))
            .sort("month", "table", "rule")
            .select("month", "table", "rule", "sentence", "broken")
        )
        return [
            f"{month} {table} {rule}: {sentence} ({rows:,} rows)"
            for month, table, rule, sentence, rows in broken.iter_rows()
        ]


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
        home = settings.dagster_home.resolve()
        _write_instance(home, settings)
        os.environ["DAGSTER_HOME"] = str(home)
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


def _write_instance(home: Path, settings: Settings) -> None:
    home.mkdir(parents=True, exist_ok=True)
    file = home / "dagster.yaml"
    if not file.exists():
        variable = settings.dagster.postgres_url_env
        text = _INSTANCE + ("" if variable is None else _POSTGRES.format(variable=variable))
        file.write_text(text, encoding="utf-8")
