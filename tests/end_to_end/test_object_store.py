"""A whole run with the lake on an object store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from resources.lake import Lake

pytestmark = pytest.mark.s3


def test_a_lake_on_s3_gives_the_release_that_a_lake_on_disk_gives(
    bucket: str, june: Any, tmp_path: Path, cli: Callable[..., Any], no_judge: None
) -> None:
    """One month is ingested and published, then found unchanged."""
    settings = june.sample / "s3.yaml"
    settings.write_text(
        june.settings.read_text("utf-8").replace("  - {path: archives/2025-07.zip}\n", "")
        + f"lake: {bucket}/lake\n",
        "utf-8",
    )
    arguments = ("run", "--config", settings, "--out", tmp_path, "--as-of", "2025-07-31")
    said = cli(*arguments)
    assert said.code == 0, said.text
    assert "Published 2025-06-r1" in said.text
    sums = (tmp_path / "releases/2025-06-r1/SHA256SUMS").read_text("utf-8")
    assert sums == june.sums()
    assert not (tmp_path / "lake").exists()
    lake = Lake(f"{bucket}/lake")
    assert lake.months("ingested", ".json") == ["2025-06"]
    assert lake.read("ledger", "2025-06").equals(june.lake("ledger"))
    again = cli(*arguments)
    assert again.code == 0, again.text
    assert "No month is new or changed." in again.text
    assert "Nothing new: 2025-06-r1" in again.text
