"""What the release of the whole small sample says of its origin and of its own quality."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
import rdflib
from rdflib.namespace import PROV

HERE = "https://data.example.org/releases/2025-07-r1/"
STEPS = "(prov:wasDerivedFrom|prov:wasGeneratedBy|prov:used|prov:hadMember)+"


def test_every_published_table_leads_back_to_every_raw_file_it_covers(whole: Any) -> None:
    graph = rdflib.Graph().parse(
        whole.latest / "provenance.json", format="json-ld", publicID=f"{HERE}provenance.json"
    )
    raw = {entry["@id"] for entry in whole.json("provenance.json")["inputs"]}
    files = sorted((whole.latest / "tables").glob("*.parquet"))
    assert len(files) == 14
    for file in files:
        rows = graph.query(
            f"SELECT ?x WHERE {{ ?file {STEPS} ?x }}",
            initNs={"prov": PROV},
            initBindings={"file": rdflib.URIRef(f"{HERE}tables/{file.name}")},
        )
        assert {str(row[0]).replace(f"{HERE}provenance.json", "") for row in rows} >= raw  # type: ignore[index]


def test_logs_that_count_people_are_named_without_a_hash(whole: Any) -> None:
    logs = {entry["source"]: entry for entry in whole.json("provenance.json")["logs"]}
    assert "sha256" in logs["northmere-issues"]
    assert not {"sha256", "name"} & logs["northmere-feedback"].keys()
    assert not {"sha256", "name"} & logs["northmere-participation"].keys()
    assert not any("rows" in entry for entry in logs.values())


def test_the_quality_of_each_force_is_that_of_its_coverage(whole: Any) -> None:
    told = {(e["force_id"], e["measure"]): e for e in whole.json("quality.json")["dimensions"]}
    coverage = whole.table("coverage")
    for force in ("northmere", "ynysfawr", "rail-and-tram"):
        own = coverage.filter(pl.col("force_id") == force, pl.col("coverage") != "not_expected")
        share = own.filter(coverage="submitted").height / own.height
        assert told[force, "files_supplied"]["value"] == pytest.approx(share, abs=1e-6)
        street = own.filter(dataset="street")
        assert told[force, "rows_in_a_neighbourhood"]["value"] == pytest.approx(
            street["located"].sum() / street["counted"].sum(), abs=1e-6
        )
        lost = own["quarantined"].sum() / own["rows"].sum()
        assert told[force, "rows_refused"]["value"] == pytest.approx(lost, abs=1e-6)
    assert "## Northmere Constabulary" in (whole.latest / "QUALITY.md").read_text("utf-8")
