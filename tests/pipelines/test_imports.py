"""What loading the definitions costs and says, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = (
    *("great_expectations", "pandas", "geopandas", "scipy", "pyogrio", "shapely", "requests"),
    *("openpyxl", "fastexcel", "sqlalchemy", "jinja2", "icalendar"),
)


def python(code: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *options, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_definitions_load_nothing_heavy() -> None:
    """Each of these takes longer to load than all the rest; they are loaded where they are used."""
    done = python("import pipelines.definitions, sys; print(*sys.modules)")
    assert done.returncode == 0, done.stderr
    loaded = {module.partition(".")[0] for module in done.stdout.split()}
    assert "dagster" in loaded
    assert loaded.isdisjoint(HEAVY), sorted(loaded.intersection(HEAVY))


def test_the_command_line_answers_without_loading_dagster() -> None:
    done = python("import pipelines.cli, sys; print(*sys.modules)")
    assert done.returncode == 0, done.stderr
    loaded = {module.partition(".")[0] for module in done.stdout.split()}
    assert loaded.isdisjoint({"dagster", "polars", *HEAVY})


def test_nothing_preview_beta_or_deprecated_is_used() -> None:
    """Each call of such a thing warns; here the first warning ends the process."""
    done = python(
        "import warnings\n"
        "from dagster import PreviewWarning, BetaWarning, SupersessionWarning\n"
        "kinds = PreviewWarning, BetaWarning, SupersessionWarning, DeprecationWarning\n"
        "for kind in kinds: warnings.simplefilter('error', kind)\n"
        "import dagster as dg\n"
        "from pipelines.definitions import build_definitions, definitions\n"
        "from openbeat.settings import Settings\n"
        "dg.Definitions.validate_loadable(build_definitions(Settings()))\n"
    )
    assert done.returncode == 0, done.stderr
