"""Everything wrong with the sample on purpose is where a user would look for it, and only that."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl

Faults = list[dict[str, Any]]
Slots = dict[tuple[str, str, str], Any]
LINE = ("month", "force_id", "dataset", "line")

# The rule that refuses the row; where it differs by dataset, by dataset.
REFUSED: dict[str, str | dict[str, str]] = {
    "latitude-missing": "s7_latitude",
    "longitude-missing": "s7_longitude",
    "coordinate-not-a-number": "readable_numbers",
    "coordinate-outside-box": "s8_longitude",
    "coordinates-swapped": "s8_longitude",
    "month-not-folder": "s1_month",
    "month-malformed": "s1_month",
    "asb-with-crime-id": "s3_asb_without_id",
    "asb-with-outcome": "s3_asb_without_outcome",
    "outcome-without-id": "o3_id",
    "bad-boolean": "t7_boolean",
    "date-malformed": "t1_date",
    "date-without-offset": "t1_date",
}
REPEATS = {"exact-repeat"}
# Rows that are accepted, and the rule that speaks of them.
WARNED = {
    "unknown-crime-type": "s2_known_crime_type",
    "unknown-last-outcome": "s6_known_outcome",
    "unknown-outcome-type": "o2_known_outcome",
    "court-after-2019": "o8_court",
    "unknown-object": "t4_object",
    "unknown-stop-type": "t4_search_type",
    "unknown-legislation": "t4_legislation",
    "unknown-stop-outcome": "t4_outcome",
    "date-other-month": "t2_month",
    "crime-id-malformed": "s4_id_form",
    "context-filled": "s13_context",
    "location-odd": "s15_location",
    "lsoa-malformed": "s10_lsoa_form",
    "falls-within-other": "s12_force_name",
    "lsoa-without-coordinates": "s9_lsoa_without_point",
    "zero-coordinates": "s9_lsoa_without_point",
    "vehicle-search-with-person": "t8_vehicle_gender",
    "lsoa-missing": "s9_point_without_lsoa",
    "id-conflict-place": "s5_crime_once",
    "id-conflict-outcome": "s5_crime_once",
    "id-conflict-type": "s5_crime_once",
    "lsoa-unknown": "s10_lsoa_known",
    "crime-without-id": "s4_crime_with_id",
}
# Rows that look odd and are right, or are wrong only beside other files: accepted, nothing said.
RIGHT = {
    *("penalty-notice", "a-penalty-notice", "further-action", "further-investigation"),
    *("bare-location", "boolean-digits", "boolean-case", "ethnicity-legacy-chinese"),
    *("ethnicity-roma", "stop-outcome-empty", "stop-outcome-false", "identical-stop"),
    *("exact-duplicate-outcome", "outcome-before-crime", "relisted-id", "in-other-force"),
    *("far-outside-force", "asb-duplicates", "resupplied"),
}
# Of whole files; each has a test of its own below, or in test_release.
FILES = {
    *("reordered-header", "wrong-encoding", "header-only", "partial-month", "missing-file"),
    *("only-nationwide", "crlf", "quoted-comma", "non-ascii", "recycled-ids", "no-crime-ids"),
    *("located-without-lsoa", "no-location", "no-coordinates", "dates-only", "no-legislation"),
    *("lsoa-2011", "mixed-lsoa-vintage", "bst-prior-day", "blank-crime-id", "legacy-vocabulary"),
    *("revised-outcomes", "dropped-outcome-ids"),
}


def lines(faults: Faults, *ids: str) -> set[tuple[str, str, str, int]]:
    """Month, force, dataset and line of single rows with one of the faults."""
    return {
        (*fault["slot"], fault["line"]) for fault in faults if fault["id"] in ids and fault["line"]
    }


def slots(faults: Faults, fault_id: str) -> set[tuple[str, str, str]]:
    return {fault["slot"] for fault in faults if fault["id"] == fault_id}


def coverage(whole: Any, slot: tuple[str, str, str]) -> dict[str, Any]:
    month, force, dataset = slot
    (row,) = whole.table("coverage").filter(month=month, force_id=force, dataset=dataset).to_dicts()
    found: dict[str, Any] = row
    return found


def refused(whole: Any, kind: str) -> pl.DataFrame:
    frames = [whole.lake(f"quarantine_{dataset}") for dataset in ("street", "outcomes", "stops")]
    return pl.concat(frames).filter(kind=kind)


def broken(whole: Any, *severities: str) -> dict[tuple[str, str], int]:
    """Rows that break each rule of a conformed table, over all months."""
    rules = pl.DataFrame(whole.json("quality.json")["rules"], infer_schema_length=None)
    found = rules.filter(
        pl.col("table").str.starts_with("conformed_") & pl.col("severity").is_in(severities)
    )
    sums = found.group_by("table", "rule").agg(pl.col("broken").sum()).filter(pl.col("broken") > 0)
    return {(table.removeprefix("conformed_"), rule): n for table, rule, n in sums.iter_rows()}


def test_every_kind_of_fault_is_accounted_for(faults: Faults) -> None:
    assert {fault["id"] for fault in faults} == {*REFUSED, *REPEATS, *WARNED, *RIGHT, *FILES}


def test_exactly_the_rows_that_break_a_rule_are_refused(whole: Any, faults: Faults) -> None:
    expected = {
        (*line, rule) for fault_id, rule in REFUSED.items() for line in lines(faults, fault_id)
    }
    found = refused(whole, "quarantined").select(*LINE, "rule")
    assert set(found.rows()) == expected
    assert found.height == len(expected) == 22


def test_a_refused_row_names_its_file_and_is_kept_whole(whole: Any, raw: Slots) -> None:
    for row in refused(whole, "quarantined").iter_rows(named=True):
        source = raw[row["month"], row["force_id"], row["dataset"]].rows[row["line"] - 2]
        assert row["file"].startswith("2025-03/2025-03-northmere-")
        kept = pl.Series([row["raw"]]).str.json_decode(pl.Struct(dict.fromkeys(source, pl.String)))
        assert {name: value or "" for name, value in kept[0].items()} == source


def test_exactly_the_copied_rows_are_repeats(whole: Any, faults: Faults) -> None:
    found = refused(whole, "repeat").select(LINE)
    assert set(found.rows()) == lines(faults, *REPEATS)
    assert found.height == 3


def test_every_rule_that_does_not_hold_was_broken_on_purpose(
    whole: Any, faults: Faults, raw: Slots
) -> None:
    expected: Counter[tuple[str, str]] = Counter()
    for fault_id, rule in WARNED.items():
        for _month, _force, dataset, _line in lines(faults, fault_id):
            if (fault_id, dataset) != ("zero-coordinates", "stops"):  # stops have no LSOA
                expected[dataset, rule] += 1
    expected["street", "s5_crime_once"] *= 2  # the earlier row of the pair breaks it too
    expected["street", "s10_lsoa_known"] += 1  # what is malformed is not in a list either
    expected["street", "s9_point_without_lsoa"] += len(lines(faults, "far-outside-force"))
    found = broken(whole, "warning", "info")
    # What runs through whole files, counted from the files themselves:
    nationwide = [row for slot, file in raw.items() for row in file.rows if "rail" in slot[1]]
    expected["street", "s9_point_without_lsoa"] += sum(
        bool(row["Longitude"]) and not row["LSOA code"] for row in nationwide
    )
    nameless = found.pop(("street", "s4_crime_with_id")) - expected.pop(
        ("street", "s4_crime_with_id")
    )
    assert nameless in (0, len(nationwide))
    assert found == expected


def test_rows_that_are_right_are_neither_refused_nor_repeats(whole: Any, faults: Faults) -> None:
    accepted = pl.concat(
        whole.lake(f"conformed_{dataset}").with_columns(dataset=pl.lit(dataset)).select(LINE)
        for dataset in ("street", "outcomes", "stops")
    )
    right = lines(faults, *RIGHT, *WARNED)
    assert len(right) > 40
    assert right <= set(accepted.rows())


def test_a_label_nobody_knows_is_counted_as_such(whole: Any) -> None:
    for table, column in (
        ("crime", "crime_type"),
        ("outcomes", "outcome_type"),
        ("stops", "search_type"),
        ("stops", "object_of_search"),
        ("stops", "legislation"),
        ("stops", "outcome"),
    ):
        unknown = whole.table(table).filter(pl.col(column) == "Unrecognised")
        assert unknown.select("month", "force_id", "count").rows() == [("2025-03", "northmere", 1)]
    (kept,) = whole.lake("conformed_street").filter(crime_type="Unrecognised").to_dicts()
    assert kept["unknown_crime_type"] == "Drone nuisance"


def test_both_spellings_of_an_outcome_are_one(whole: Any) -> None:
    names = whole.table("outcomes")["outcome_type"].unique().to_list()
    assert [name for name in names if "penalty notice" in name.lower()] == [
        "Offender given penalty notice"
    ]


def test_equal_incidents_at_one_map_point_are_all_counted(whole: Any, raw: Slots) -> None:
    rows = raw["2025-03", "northmere", "street"].rows
    crime = whole.table("crime").filter(month="2025-03", force_id="northmere")
    counted = crime.filter(crime_type="Anti-social behaviour")["count"].sum()
    assert counted == sum(row["Crime type"] == "Anti-social behaviour" for row in rows) - 2


def test_files_that_cannot_be_read_are_malformed_and_say_why(whole: Any, faults: Faults) -> None:
    unreadable = whole.json("quality.json")["unreadable_files"]
    why = {entry["file"]: entry["problem"] for entry in unreadable}
    bad = slots(faults, "reordered-header") | slots(faults, "wrong-encoding")
    assert len(bad) == len(why) == 2
    for slot in bad:
        row = coverage(whole, slot)
        assert row["coverage"] == "malformed"
        assert (row["rows"], row["rows_status"]) == (None, "x")
        assert row["archive"]
    assert "header is not police.uk's" in why["2024-10/2024-10-northmere-stop-and-search.csv"]
    latin = why["2024-12/2024-12-ynysfawr-stop-and-search.csv"]
    assert "line 5, value 'byte 0xf4': not UTF-8" in latin


def test_a_header_alone_is_empty_and_that_is_not_missing(whole: Any, faults: Faults) -> None:
    (slot,) = slots(faults, "header-only")
    row = coverage(whole, slot)
    assert (row["coverage"], row["rows"], row["rows_status"]) == ("empty", 0, None)


def test_files_that_are_not_there_are_missing_without_numbers(whole: Any, faults: Faults) -> None:
    missing = slots(faults, "missing-file") | slots(faults, "only-nationwide")
    assert len(missing) == 7
    for slot in missing:
        row = coverage(whole, slot)
        assert (row["coverage"], row["rows"], row["counted"]) == ("missing", None, None)
        assert (row["rows_status"], row["archive"]) == ("x", None)


def test_no_other_file_has_a_gap(whole: Any, faults: Faults) -> None:
    gaps = whole.table("coverage").filter(~pl.col("coverage").is_in(["submitted", "not_expected"]))
    planted = ("missing-file", "only-nationwide", "reordered-header", "wrong-encoding")
    expected = {
        slot
        for fault_id in (*planted, "header-only", "partial-month")
        for slot in slots(faults, fault_id)
    }
    assert set(gaps.select("month", "force_id", "dataset").rows()) == expected


def test_a_month_that_looks_partial_is_shown_with_low_reliability_and_no_zeros(
    whole: Any, faults: Faults, raw: Slots
) -> None:
    (slot,) = slots(faults, "partial-month")
    row = coverage(whole, slot)
    assert (row["coverage"], row["rows"]) == ("partial_suspected", len(raw[slot].rows))
    crime = whole.table("crime").filter(month=slot[0], force_id=slot[1])
    assert set(crime.filter(pl.col("count").is_not_null())["count_status"]) == {"u"}
    assert set(crime.filter(pl.col("count").is_null())["count_status"]) == {"x"}
    assert crime.filter(pl.col("count") == 0).is_empty()


def test_zeros_stand_only_where_the_force_submitted(whole: Any) -> None:
    zeros = whole.table("crime").filter(pl.col("count") == 0)
    assert zeros.height > 1000
    assert set(zeros["coverage"]) == {"submitted"}


def test_the_vintage_of_lsoa_codes_is_told(whole: Any, faults: Faults) -> None:
    assert {coverage(whole, slot)["lsoa_vintage"] for slot in slots(faults, "lsoa-2011")} == {
        "2011"
    }
    (mixed,) = slots(faults, "mixed-lsoa-vintage")
    assert coverage(whole, mixed)["lsoa_vintage"] == "mixed"


def test_times_that_cannot_be_relied_on_are_told_and_their_stops_kept(
    whole: Any, faults: Faults, raw: Slots
) -> None:
    (dates,) = slots(faults, "dates-only")
    (powers,) = slots(faults, "no-legislation")
    rules = pl.DataFrame(whole.json("quality.json")["rules"], infer_schema_length=None)
    for slot, rule in ((dates, "t3_midnight"), (powers, "t5_legislation")):
        found = rules.filter(table="ledger", rule=rule, success=False)
        assert found["month"].to_list() == [slot[0]]
        assert coverage(whole, slot)["counted"] == len(raw[slot].rows)


def test_stops_without_coordinates_are_counted_without_a_place(
    whole: Any, faults: Faults, raw: Slots
) -> None:
    (slot,) = slots(faults, "no-coordinates")
    stops = whole.table("stops").filter(month=slot[0], force_id=slot[1])
    assert set(stops["place"]) == {"no_location"}
    assert stops["count"].sum() == coverage(whole, slot)["no_location"] == len(raw[slot].rows)


def test_crimes_in_another_forces_area_are_shown_there(whole: Any, faults: Faults) -> None:
    assert len(lines(faults, "in-other-force")) == 2
    crime = whole.table("crime").filter(month="2025-03", force_id="northmere")
    elsewhere = crime.filter(area_force_id="ynysfawr")["count"].sum()
    ledger = whole.lake("ledger").filter(month="2025-03", force_id="northmere", dataset="street")
    assert elsewhere == ledger["in_other_area"].item() >= 2


def test_a_crime_far_from_its_force_is_counted_and_told(whole: Any, faults: Faults) -> None:
    assert len(lines(faults, "far-outside-force")) == 1
    ledger = whole.lake("ledger").filter(pl.col("far_away") > 0)
    assert ledger.select("month", "force_id", "far_away").rows() == [("2025-03", "northmere", 1)]


def test_what_is_wrong_with_the_boundaries_is_listed(whole: Any) -> None:
    found = {
        (issue["neighbourhood_id"], issue["kind"], issue["other_neighbourhood_id"])
        for issue in whole.json("quality.json")["boundaries"]
    }
    assert found == {
        ("NH09", "duplicate_shape", "NM90"),
        ("nm-town", "parent", "NH01"),
        ("nm-town", "parent", "NH02"),
        ("YF 2", "repaired", None),
        ("YF 5", "duplicate_name", "YF 4"),
    }


def test_neighbourhoods_are_told_apart_renamed_split_and_named_as_people_do(whole: Any) -> None:
    table = whole.table("neighbourhoods")
    ids = table.select("force_id", "neighbourhood_id").rows()
    assert {("northmere", "NH01"), ("northmere", "nh01")} < set(ids)
    assert {("northmere", "NH05"), ("ynysfawr", "NH05")} < set(ids)
    assert table.filter(neighbourhood_id="NH04")["name"].to_list() == ["Leawick & Marshby"]
    assert table.filter(neighbourhood_id="YF 2")["repaired"].to_list() == [True]
    lineage = table.filter(pl.col("neighbourhood_id").str.contains("NH1[01]")).select(
        "neighbourhood_id", "valid_from", "valid_to", "predecessor_ids", "successor_ids"
    )
    assert lineage.sort("neighbourhood_id").rows() == [
        ("NH10", "2024-07", "2024-12", None, "NH10A"),
        ("NH10A", "2025-01", None, "NH10", None),
        ("NH10B", "2025-01", None, None, None),
        ("NH11", "2024-07", "2024-12", None, "NH11N"),
        ("NH11N", "2025-01", None, "NH11", None),
    ]


def test_few_residents_give_no_rate_and_no_centroid_gives_no_population(whole: Any) -> None:
    people = whole.table("neighbourhoods").filter(neighbourhood_id="NH06-C")
    assert people.select("population", "population_status").rows() == [(None, "x")]
    thin = whole.table("crime_summary").filter(neighbourhood_id="YF 10", month="2025-07")
    assert thin.select("population", "months_12m", "rate_12m_per_1000", "rate_low").rows() == [
        (300, 12, None, None)
    ]
    rated = whole.table("crime_summary").filter(pl.col("rate_12m_per_1000").is_not_null())
    assert rated["population"].min() >= 500
    assert rated["months_12m"].unique().to_list() == [12]
