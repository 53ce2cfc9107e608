"""The release of the whole small sample, held against its raw files by other means than ours."""

from __future__ import annotations

import getpass
import hashlib
import json
import shutil
import socket
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import frictionless
import polars as pl
import pytest
import shapely

Slots = dict[tuple[str, str, str], Any]
RAIL = "rail-and-tram"
ASB = "Anti-social behaviour"
DATASETS = {"street": "crime", "outcomes": "outcomes", "stops": "stops"}
PLACES = ("located", "outside_boundary", "no_boundary", "no_location")


def readable(raw: Slots, coverage: pl.DataFrame) -> Slots:
    """The raw files whose rows are in the release."""
    unreadable = coverage.filter(coverage="malformed").select("month", "force_id", "dataset")
    return {slot: file for slot, file in raw.items() if slot not in set(unreadable.rows())}


def test_the_run_says_what_it_did(whole: Any) -> None:
    said = whole.said.text
    assert whole.said.code == 0
    assert "Months new: 13 (2024-07 to 2025-07)" in said
    assert "Coverage gaps: 11 (force, month, dataset)" in said
    assert "missing: northmere street 2024-07 to 2024-11, 2 months" in said
    assert "Quarantined: 22 rows, kept in the lake" in said
    assert "first 2025-03/2025-03-northmere-street.csv line 116, Month '2025-02'" in said
    *_, published, website, packs = said.rstrip().splitlines()
    assert published == str(whole.latest)
    assert website == f"Website: {whole.latest / 'site/index.html'}"
    assert packs == f"Meeting packs: {whole.latest}.packs/index.html"


def test_coverage_has_every_force_month_and_dataset_once(whole: Any) -> None:
    coverage = whole.table("coverage")
    key = coverage.select("month", "force_id", "dataset")
    assert key.height == key.n_unique() == 13 * 3 * 3
    rail = coverage.filter(pl.col("force_id") == RAIL, pl.col("dataset") != "street")
    assert set(rail["coverage"]) == {"not_expected"}


def test_every_row_of_every_file_is_accounted_for(whole: Any, raw: Slots) -> None:
    coverage = whole.table("coverage").filter(pl.col("rows").is_not_null())
    rows = {
        (month, force, dataset): n
        for month, force, dataset, n in coverage.select(
            "month", "force_id", "dataset", "rows"
        ).rows()
    }
    files = readable(raw, whole.table("coverage"))
    assert rows == {slot: len(file.rows) for slot, file in files.items()}
    assert sum(rows.values()) > 30_000
    accounted = pl.sum_horizontal("counted", "quarantined", "repeats")
    assert coverage.filter(accounted != pl.col("rows")).is_empty()
    assert coverage.filter(pl.sum_horizontal(PLACES) != pl.col("counted")).is_empty()


def test_where_two_archives_have_a_file_the_newer_one_serves(whole: Any, raw: Slots) -> None:
    coverage = whole.table("coverage").filter(pl.col("archive").is_not_null())
    served = {
        (month, force, dataset): archive
        for month, force, dataset, archive in coverage.select(
            "month", "force_id", "dataset", "archive"
        ).rows()
    }
    assert served == {slot: file.archive for slot, file in raw.items()}
    assert served["2024-07", RAIL, "street"] == "2025-06.zip"  # the newer one begins after it
    assert served["2025-04", "northmere", "stops"] == "2025-06.zip"  # gone from the newer one
    assert served["2025-02", "ynysfawr", "street"] == "2025-07.zip"  # handed in again


@pytest.mark.parametrize("dataset", DATASETS)
def test_published_counts_are_those_of_the_raw_rows(whole: Any, raw: Slots, dataset: str) -> None:
    """By month, reporting force and label, with the rows that were set aside left out."""
    label = {"street": "Crime type", "outcomes": "Outcome type", "stops": "Type"}[dataset]
    column = {"street": "crime_type", "outcomes": "outcome_type", "stops": "search_type"}[dataset]
    aside = whole.lake(f"quarantine_{dataset}").select("month", "force_id", "line")
    gone = set(aside.rows())
    spelt = {
        "Offender given a penalty notice": "Offender given penalty notice",
        "Drone nuisance": "Unrecognised",
        "Drone search": "Unrecognised",
        "Referred to the drone panel": "Unrecognised",
    }
    expected: Counter[tuple[str, str, str]] = Counter()
    for (month, force, kind), file in readable(raw, whole.table("coverage")).items():
        for line, row in enumerate(file.rows, start=2):
            if kind == dataset and (month, force, line) not in gone:
                expected[month, force, spelt.get(row[label], row[label])] += 1
    table = whole.table(DATASETS[dataset]).filter(pl.col("count") > 0)
    sums = table.group_by("month", "force_id", column).agg(pl.col("count").sum())
    assert {(month, force, name): n for month, force, name, n in sums.rows()} == expected


def test_every_located_point_lies_in_the_neighbourhood_it_was_given(whole: Any) -> None:
    month = "2025-03"
    shapes = pl.read_parquet(whole.latest / "geo/neighbourhoods.parquet").filter(
        pl.col("valid_from") <= month,
        pl.col("valid_to").is_null() | (pl.col("valid_to") >= month),
    )
    points = pl.read_parquet(whole.out / f"lake/points/{month}.parquet")
    located = points.filter(pl.col("neighbourhood_id").is_not_null()).join(
        shapes,
        left_on=["area_force_id", "neighbourhood_id"],
        right_on=["force_id", "neighbourhood_id"],
        how="left",
    )
    assert located.height > 300
    areas = shapely.from_wkb(located["geometry"].to_numpy())
    at = shapely.points(located["longitude"].to_numpy(), located["latitude"].to_numpy())
    assert shapely.covers(areas, at).all()
    elsewhere = points.filter(pl.col("neighbourhood_id").is_null())
    loose = shapely.points(elsewhere["longitude"].to_numpy(), elsewhere["latitude"].to_numpy())
    every = shapely.union_all(shapely.from_wkb(shapes["geometry"].to_numpy()))
    assert not shapely.contains_properly(every, loose).any()


def test_a_nationwide_force_is_whole_and_shows_where_it_happened(whole: Any, raw: Slots) -> None:
    """Like British Transport Police: no boundaries, no Crime IDs, nothing lost."""
    coverage = whole.table("coverage").filter(force_id=RAIL, dataset="street")
    assert coverage["rows"].sum() == sum(len(f.rows) for slot, f in raw.items() if slot[1] == RAIL)
    assert coverage["counted"].to_list() == coverage["rows"].to_list()
    assert coverage["boundary_release"].null_count() == coverage.height
    crime = whole.table("crime").filter(force_id=RAIL)
    assert crime["count"].sum() == coverage["rows"].sum()
    assert set(crime["place"]) == {"neighbourhood", "no_boundary", "no_location"}
    there = crime.filter(place="neighbourhood")
    assert set(there["area_force_id"]) == {"northmere", "ynysfawr"}
    assert there["count"].sum() > 600


def test_the_page_of_a_place_counts_who_else_reported_there(whole: Any) -> None:
    key = ["month", "area_force_id", "neighbourhood_id"]
    crime = whole.table("crime").filter(
        pl.col("place") == "neighbourhood", pl.col("crime_type") != ASB
    )
    others = crime.filter(pl.col("force_id") != pl.col("area_force_id"))
    sums = (
        crime.group_by(key)
        .agg(pl.col("count").sum().alias("all"))
        .join(others.group_by(key).agg(pl.col("count").sum().alias("others")), on=key, how="left")
    )
    summary = whole.table("crime_summary").filter(
        pl.col("crime_total").is_not_null(), coverage="submitted"
    )
    both = summary.join(sums, on=key, how="left").with_columns(pl.col("all", "others").fill_null(0))
    assert both.height > 200
    assert both["crime_total"].to_list() == both["all"].to_list()
    assert both["by_other_forces"].to_list() == both["others"].to_list()
    assert both["by_other_forces"].sum() > 500


def test_ids_used_again_lose_no_row(whole: Any, raw: Slots, faults: list[dict[str, Any]]) -> None:
    """As in Northern Ireland, where the next month gives the same IDs to other crimes."""
    (fault,) = [fault for fault in faults if fault["id"] == "recycled-ids"]
    assert fault["count"] > 200
    month, force, dataset = fault["slot"]
    row = whole.table("coverage").filter(month=month, force_id=force, dataset=dataset)
    counted = row.select("rows", "counted", "quarantined", "repeats").row(0)
    assert counted == (len(raw[fault["slot"]].rows), len(raw[fault["slot"]].rows), 0, 0)
    keys = whole.lake("conformed_street").filter(force_id=force)["crime_key"].drop_nulls()
    ids = whole.lake("conformed_street").filter(force_id=force)["crime_id"].drop_nulls()
    assert keys.n_unique() > ids.n_unique()


def test_names_with_commas_and_accents_come_through(whole: Any) -> None:
    text = (whole.latest / "tables/crime.csv").read_bytes().decode("utf-8")
    assert ",Tŷ yr Eglwys," in text
    names = whole.lake("conformed_street").filter(month="2025-02", force_id="northmere")
    assert names["lsoa_name"].drop_nulls().str.contains(",").all()


def test_line_ends_make_no_difference(whole: Any, raw: Slots, faults: list[dict[str, Any]]) -> None:
    slots = [fault["slot"] for fault in faults if fault["id"] == "crlf"]
    assert len(slots) == 2
    for month, force, dataset in slots:
        row = whole.table("coverage").filter(month=month, force_id=force, dataset=dataset)
        assert row["counted"].item() == len(raw[month, force, dataset].rows)


def test_stops_are_counted_in_the_month_of_their_file(
    whole: Any, raw: Slots, faults: list[dict[str, Any]]
) -> None:
    """The night before the first is the month before in UTC, and in British summer time is not."""
    (fault,) = [fault for fault in faults if fault["id"] == "bst-prior-day"]
    assert fault["count"] == 2
    stops = whole.table("stops").filter(month=fault["slot"][0], force_id="northmere")
    assert stops["count"].sum() == len(raw[fault["slot"]].rows)


def test_no_file_of_the_release_names_a_place_a_user_or_a_clock(whole: Any) -> None:
    promoted = json.loads((whole.releases / "releases.json").read_bytes())[0]["promoted_at"]
    folders = [part for part in (*whole.out.parts, *whole.sample.parts) if len(part) > 6]
    forbidden = {
        *folders,
        str(Path.home()),
        str(Path(__file__).parents[2]),
        promoted,
        promoted[:10],
    }
    forbidden |= {name for name in (getpass.getuser(), socket.gethostname()) if len(name) > 6}
    texts = [text.encode() for text in forbidden if len(text) > 6]
    assert len(texts) > 4
    # The days that code lists were changed on may well be today's.
    dated = whole.latest / "codelists/codelist_versions.csv"
    assert dated.is_file()
    for path in whole.latest.rglob("*"):
        if path.is_file() and path != dated:
            data = path.read_bytes()
            assert [text for text in texts if text in data] == [], path.name


def test_the_lake_names_no_place_either(whole: Any) -> None:
    text = str(whole.out.parent).encode()
    for path in (whole.out / "lake").rglob("*"):
        assert path.is_dir() or text not in path.read_bytes(), path.name


def test_an_independent_judge_finds_the_package_valid(whole: Any) -> None:
    report = frictionless.Package(str(whole.latest / "datapackage.json")).validate()
    assert report.flatten(["path", "type", "message"]) == []
    assert len(report.tasks) > 25


def test_the_checksums_are_those_of_every_file(whole: Any) -> None:
    listed = dict(reversed(line.split("  ", 1)) for line in whole.sums().splitlines())
    held = {
        path.relative_to(whole.latest).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in whole.latest.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    assert listed == held


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="coreutils are not here")
def test_coreutils_can_check_the_release(whole: Any) -> None:
    command = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    done = subprocess.run(command, cwd=whole.latest, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"")


def test_provenance_names_every_input_by_its_hash(whole: Any, small: Path) -> None:
    provenance = whole.json("provenance.json")
    coverage = whole.table("coverage").filter(pl.col("archive").is_not_null())
    assert len(provenance["inputs"]) == coverage.height
    assert set(provenance["months"]) == {*coverage["month"]}
    boundaries = {entry["name"]: entry["sha256"] for entry in provenance["boundaries"]}
    for name in ("2024-07.zip", "2025-01.zip"):
        data = (small / "boundaries" / name).read_bytes()
        assert boundaries[name] == hashlib.sha256(data).hexdigest()


def test_every_rule_of_every_table_was_judged(whole: Any) -> None:
    rules = pl.DataFrame(whole.json("quality.json")["rules"], infer_schema_length=None)
    tables = {*DATASETS.values(), "crime_summary", "coverage", "neighbourhoods", "ledger"}
    tables |= {"engagement_events", "you_said_we_did", "activities", "priorities"}
    tables |= {"engagement_plan_delivery", "neighbourhood_profile"}
    tables |= {"engagement_reach", "feedback_summary"}
    conformed = {f"conformed_{dataset}" for dataset in DATASETS}
    assert set(rules["table"]) == {*tables, *conformed, "reconciliation"}
    assert rules.filter(pl.col("table").is_in(conformed))["month"].n_unique() == 13
    assert rules.filter(severity="critical", success=False).is_empty()
    agrees = rules.filter(table="reconciliation", rule="x1_agrees")
    assert agrees["checked"].item() > 500


def test_nothing_restricted_is_published(whole: Any, raw: Slots) -> None:
    """No Crime ID, coordinate or street of a single crime is in any published table."""
    rows = raw["2025-03", "northmere", "street"].rows
    ids = {row["Crime ID"].encode() for row in rows if len(row["Crime ID"]) == 64}
    streets = {
        row["Location"].encode() for row in rows if row["Location"].startswith("On or near ")
    }
    for path in (whole.latest / "tables").glob("*.csv"):
        data = path.read_bytes()
        assert not any(text in data for text in ids)
        assert not any(text + b"," in data for text in streets if len(text) > 14)
