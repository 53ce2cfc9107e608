"""Dagster's own place: ``dagster.yaml``, written where there is none, or where it is ours.

``python -m pipelines.instance [SETTINGS]`` writes it and prints the folder, for ``DAGSTER_HOME``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from openbeat.settings import Settings, load_settings

_OURS = "# Written by openbeat; take this line away to keep your own changes."
_INSTANCE = f"""\
{_OURS}
telemetry:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1  # one run at a time works in a place
"""
_POSTGRES = """\
storage:
  postgres:
    postgres_url:
      env: {variable}
"""


def write_instance(settings: Settings) -> Path:
    """Write ``dagster.yaml`` as the settings say, unless a person has made it their own.

    Returns:
        The folder it lies in: ``DAGSTER_HOME``.
    """
    home = settings.dagster_home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    file = home / "dagster.yaml"
    variable = settings.dagster.postgres_url_env
    text = _INSTANCE + ("" if variable is None else _POSTGRES.format(variable=variable))
    held = file.read_text(encoding="utf-8") if file.exists() else _OURS
    if held.startswith(_OURS) and held != text:
        file.write_text(text, encoding="utf-8")
    return home


if __name__ == "__main__":
    named = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    sys.stdout.write(f"{write_instance(load_settings(named))}\n")
