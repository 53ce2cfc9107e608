"""Running the jobs from the command line: one process, one lock, the same Dagster jobs.

What is shown to a person belongs in ``cli`` and ``closing``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from openbeat.errors import InputError
from openbeat.policeuk.archive import DATASETS
from openbeat.settings import Settings
from pipelines.definitions import build_definitions
from resources.lake import Lake
from resources.lock import place_lock
from resources.sources import Sources

_INSTANCE = """\
# Written by openbeat where there was none; change it as you need.
telemetry:
  enabled: false
run_queue:
  max_concurrent_runs: 1  # months share the lake's lock
"""
_POSTGRES = """\
storage:
  postgres:
    postgres_url:
      env: {variable}
"""
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
            InputError: An input cannot be used.
        """
        self._run("ingest", _QUIET, partition_key=month)

    def refuse_warnings(self, months: Sequence[str]) -> None:
        """Fail where a rule of severity warning does not hold in the months' accepted rows.

        Raises:
            CheckFailedError: Names the rules.
        """
        tables = [*(f"conformed_{dataset}" for dataset in DATASETS), "ledger"]
        frames = [self.lake.read_months(f"quality_{table}", months) for table in tables]
        broken = (
            pl.concat(frame for frame in frames if not frame.is_empty())
            .filter((pl.col("severity") == "warning") & ~pl.col("success"))
            .sort("month", "table", "rule")
        )
        if broken.height:
            lines = [
                f"{month} {table}: {sentence} ({rows:,} rows)"
                for month, table, sentence, rows in broken.select(
                    "month", "table", "sentence", "broken"
                ).iter_rows()
            ]
            raise CheckFailedError("--strict, and these warnings:\n  " + "\n  ".join(lines))

    def publish(self, month: str | None, as_of: str | None) -> dict[str, Any]:
        """Publish the release of a month.

        Returns:
            ``release`` (its id), ``new`` and ``path``.

        Raises:
            CheckFailedError: A critical check failed; nothing was promoted.
            InputError: An input cannot be used.
        """
        config = {"config": {"month": month or "", "as_of": as_of or ""}}
        result = self._run(
            "publish", _QUIET | {"ops": {"release_tables": config, "release": config}}
        )
        (event,) = result.asset_materializations_for_node("release")
        return {name: value.value for name, value in event.metadata.items()}

    def _run(self, job: str, config: Any, **options: Any) -> dg.ExecuteInProcessResult:
        definition = self.definitions.resolve_job_def(job)
        result = definition.execute_in_process(
            instance=self.instance, run_config=config, raise_on_error=False, **options
        )
        if not result.success:
            raise _failure(result)
        return result


def _failure(result: dg.ExecuteInProcessResult) -> Exception:
    """The reason a run failed, as a person can read it."""
    broken = [
        f"{check.asset_key.to_user_string()}: {rule['sentence']} ({rule['rows']:,} rows)"
        for check in result.get_asset_check_evaluations()
        if not check.passed and check.severity == dg.AssetCheckSeverity.ERROR
        for rule in check.metadata["broken"].value  # type: ignore[union-attr, index]
    ]
    if broken:
        return CheckFailedError("a critical check failed:\n  " + "\n  ".join(broken))
    for event in result.get_failed_step_keys() and result.all_events:
        error = event.step_failure_data.error if event.is_step_failure else None
        while error is not None and error.cause is not None:
            error = error.cause
        if error is not None:
            return _rebuilt(error.cls_name, error.message)
    return CheckFailedError("the run failed; see the Dagster UI (make dev)")


def _rebuilt(name: str | None, message: str) -> Exception:
    text = message.split(": ", 1)[-1].strip()
    if name in ("InputError", "SettingsError", "MemberError"):
        return InputError(text)
    return RuntimeError(f"{name}: {text}")


@contextmanager
def session(settings: Settings, tell: Callable[[str], None]) -> Iterator[Session]:
    """Lock the place and open everything.

    Args:
        settings: The settings.
        tell: Told what is being done.

    Raises:
        LockedError: Another run works there.
    """
    with place_lock(settings.out):
        home = settings.dagster_home.resolve()
        _write_instance(home, settings)
        os.environ["DAGSTER_HOME"] = str(home)
        os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
        lake = Lake(settings.lake_root)
        sources = Sources(settings, tell)
        definitions = build_definitions(settings, lake=lake, sources=sources)
        with dg.DagsterInstance.get() as instance:
            yield Session(settings, lake, sources, definitions, instance)


def _write_instance(home: Path, settings: Settings) -> None:
    home.mkdir(parents=True, exist_ok=True)
    file = home / "dagster.yaml"
    if not file.exists():
        variable = settings.dagster.postgres_url_env
        text = _INSTANCE + ("" if variable is None else _POSTGRES.format(variable=variable))
        file.write_text(text, encoding="utf-8")
