"""One measurement in a fresh process: its wall time, its own peak memory, what it reported.

What is run and how often belongs in ``run``. Needs a system with ``wait4`` (Linux, macOS).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
COMPILED = "compiled"
_SHOWN = 2000  # characters of the end of what a failed process said
_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Measured:
    """What one process came to.

    Attributes:
        case: ``bare``, ``plain``, ``domain`` or ``whole``.
        months: Months in the archive.
        process_seconds: From its start to its end, imports and all.
        seconds: Of the work alone, as it reported; for ``whole`` all of ``process_seconds``.
        peak_mb: Its peak of resident memory, MB (10^6 bytes).
        rows: Rows read, where it reported them.
        located: Rows found to lie in a neighbourhood, where it reported them.
        split: Seconds by part; adds up to ``seconds``, but for what lies between parts.
        phases: Peak memory of each month and of publishing (``whole`` only).
    """

    case: str
    months: int
    process_seconds: float
    seconds: float
    peak_mb: float
    rows: int | None = None
    located: int | None = None
    split: dict[str, float] = field(default_factory=dict)
    phases: list[dict[str, Any]] = field(default_factory=list)


def _environment(log: Path) -> dict[str, str]:
    """The environment of a measurement: compiled modules are kept, as in an ordinary install.

    They are kept in a folder of their own, so that it makes no difference whether the virtual
    environment holds them already, or a setting keeps Python from writing them.
    """
    given = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return given | {
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "PYTHONPYCACHEPREFIX": str(log.parent / COMPILED),
    }


def run_module(module: str, *arguments: str, log: Path) -> tuple[float, float]:
    """Run a module of this package in a fresh interpreter and wait for it.

    Args:
        module: Its name in ``benchmarks``.
        arguments: Its arguments.
        log: Where what it says goes; compiled modules are kept beside it.

    Returns:
        Wall seconds and peak resident memory in MB.

    Raises:
        RuntimeError: It failed; the message ends with what it said last.
    """
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    with log.open("wb") as said:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, env=_environment(log), stdout=said, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        end = log.read_text(encoding="utf-8", errors="replace")[-_SHOWN:]
        raise RuntimeError(f"benchmarks.{module} ended with {process.returncode}:\n{end}")
    return seconds, usage.ru_maxrss * _MAXRSS_BYTES / 1e6


def measure(case: str, inputs: Path, months: int, out: Path, *more: str) -> Measured:
    """Run one measurement.

    Args:
        case: The module that makes it.
        inputs: The folder of ``Inputs``.
        months: Months in their archive.
        out: A folder for its log and result.
        more: Further arguments.

    Raises:
        RuntimeError: It failed.
    """
    result = out / f"{case}.json"
    result.unlink(missing_ok=True)
    seconds, peak = run_module(case, str(inputs), str(result), *more, log=out / f"{case}.log")
    said = json.loads(result.read_text(encoding="utf-8"))
    split = said.get("split", {})
    if case == "whole":  # what no timer saw: the interpreter, imports, the end
        split["start, imports and exit"] = seconds - sum(split.values())
    # A phase's reset of the kernel's mark also resets what wait4 tells.
    peaks = [phase["peak_mb"] for phase in said.get("phases", []) if phase["peak_mb"] is not None]
    return Measured(
        case=case,
        months=months,
        process_seconds=seconds,
        seconds=said.get("seconds", seconds),
        peak_mb=max([peak, *peaks]),
        rows=said.get("rows"),
        located=said.get("located"),
        split=split,
        phases=said.get("phases", []),
    )
