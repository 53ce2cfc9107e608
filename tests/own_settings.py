"""Settings made of a sample's, with other logs. Not a test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

Source = dict[str, Any]


def with_logs(settings: Path, to: Path, change: Callable[[Source], Source | None]) -> Path:
    """Write a sample's settings into another folder, with some of its logs, or others.

    Args:
        settings: The sample's settings.
        to: The folder.
        change: Given each source of logs with its paths relative to the sample; gives it with the
            paths it is to have, or None to leave it out.

    Returns:
        The new settings file, which names everything else where it lies.
    """
    told = yaml.safe_load(settings.read_text("utf-8"))
    for entry in (*told["archives"], *told["boundaries"]):
        entry["path"] = str(settings.parent / entry["path"])
    told["population"]["areas"] = str(settings.parent / told["population"]["areas"])
    for name in ("lsoa_lookup", "forces_file"):
        told[name] = str(settings.parent / told[name])
    sources = [change(source) for source in told["engagement"].pop("sources")]
    if any(sources):
        told["engagement"]["sources"] = [source for source in sources if source]
    own = to / "own.yaml"
    own.write_text(yaml.safe_dump(told), encoding="utf-8")
    return own
