"""Real names of places, streets and codes hold no personal data, and the screen sees none."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from openbeat.engagement.personal_data import screen_frame

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "realdata"
REAL = Path(os.environ.get("OPENBEAT_REAL_DATA", DEFAULT))

pytestmark = pytest.mark.skipif(
    not REAL.is_dir(), reason="real data not here; set OPENBEAT_REAL_DATA to its folder"
)


def _hits(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    return screen_frame(frame, frame.columns, []).rows()


def test_neighbourhoods() -> None:
    for path in sorted((REAL / "boundaries").glob("*.geojson")):
        features = json.loads(path.read_text("utf-8"))["features"]
        frame = pl.DataFrame([feature["properties"] for feature in features])
        assert frame["name"].n_unique() > 20
        assert _hits(frame) == [], path.name


def test_small_areas_and_their_random_ids() -> None:
    for path in sorted((REAL / "geography").glob("*.csv.gz")):
        frame = pl.read_csv(path, infer_schema=False)
        words = [name for name in frame.columns if name not in ("x", "y")]
        assert _hits(frame.select(pl.col(words))) == [], path.name


def _street_files() -> Iterator[tuple[str, pl.DataFrame]]:
    for path in sorted((REAL / "police-uk").glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".csv"):
                    yield name, pl.read_csv(archive.read(name), infer_schema=False)


def test_street_names_and_labels_of_police_uk() -> None:
    columns = ["Location", "Crime type", "LSOA name", "Object of search", "Legislation", "Outcome"]
    seen = 0
    for name, frame in _street_files():
        texts = frame.select(pl.col([c for c in columns if c in frame.columns])).unique()
        seen += texts.height
        assert _hits(texts) == [], name
    assert seen > 10_000
