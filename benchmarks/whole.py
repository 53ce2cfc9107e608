"""Measurement (d), the whole run as a user starts it: ``openbeat run``, from archive to release.

``python -m benchmarks.whole FOLDER RESULT OUT``. Dagster, Great Expectations and every file
written. The split comes from timers put around the product's functions in this process; memory is
noted for each month and for publishing by itself, to tell whether it grows with the months.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import assets.checks
import assets.content
import assets.crime
import assets.geography
import assets.monthly
import expectations.suites
import expectations.validation
import openbeat.geography.locate
import openbeat.monthly.publish
import openbeat.release.promote
import openbeat.release.write
import pipelines.cli
import pipelines.closing
import pipelines.running
import resources.lake
import resources.sources
from benchmarks.inputs import Inputs
from benchmarks.timers import Timers, peak_mb, reset_peak

Phases = list[dict[str, Any]]
RELEASE = "writing the release"
LAKE = "lake: write and read"


def instrument(timers: Timers, phases: Phases) -> None:
    """Put timers around the parts, where their callers look them up."""
    sources = resources.sources.Sources
    timers.wrap("reading", assets.crime, "read_month")
    timers.wrap("conforming", assets.crime, "take_in_corrected")
    timers.wrap("GX: judging", expectations.validation, "judge")
    for module in (expectations.suites, expectations.validation):
        timers.wrap("GX: importing it", module, "great_expectations")
    timers.wrap("boundaries", sources, "boundaries", "register", "locator", "signature")
    timers.wrap("locating", assets.geography, "distinct_points")
    timers.wrap("locating", openbeat.geography.locate.Locator, "locate")
    timers.wrap("counting", assets.monthly, "count", "ledger")
    # The asset collects what place_rows plans; here it is collected inside the timer.
    monthly: Any = assets.monthly
    placing = monthly.place_rows
    monthly.place_rows = timers.timed("counting", lambda *args: placing(*args).collect().lazy())
    timers.wrap(LAKE, assets.checks, "encode")
    timers.wrap(LAKE, resources.lake.Lake, "write", "write_bytes", "read", "read_months")
    timers.wrap("release tables", openbeat.monthly.publish, "published_tables")
    timers.wrap(RELEASE, assets.content, "release_content")
    timers.wrap(RELEASE, openbeat.release.write, "write_release")
    timers.wrap("verifying and promoting", openbeat.release.promote.ReleaseStore, "publish")
    timers.wrap("plan and summary", sources, "plan")
    timers.wrap("plan and summary", pipelines.closing, "show", "show_release")
    session = pipelines.running.Session
    for name in ("ingest", "publish"):  # what is left of a job is Dagster's
        setattr(session, name, _phase(phases, name, getattr(session, name)))
        timers.wrap("Dagster", session, name)


def _phase(phases: Phases, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Note the peak of memory during each call; the first argument of ``ingest`` is the month."""

    @functools.wraps(function)
    def noted(session: Any, *args: Any) -> Any:
        reset_peak()
        done = function(session, *args)
        phases.append({"phase": args[0] if name == "ingest" else name, "peak_mb": peak_mb()})
        return done

    return noted


def main() -> None:
    """Measure, and write what was found to the file named second."""
    inputs, result, out = Inputs(Path(sys.argv[1])), Path(sys.argv[2]), Path(sys.argv[3])
    timers, phases = Timers(), Phases()
    instrument(timers, phases)
    phases.append({"phase": "imports", "peak_mb": peak_mb()})
    arguments = ["run", "--config", str(inputs.settings), "--out", str(out)]
    with timers.part("everything else"):
        code = pipelines.cli.app(arguments, standalone_mode=False)
    if code:
        sys.exit(code)
    result.write_text(json.dumps({"split": timers.seconds, "phases": phases}), encoding="utf-8")


if __name__ == "__main__":
    main()
