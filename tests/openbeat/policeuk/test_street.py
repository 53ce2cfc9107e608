"""Street rows: each rule of the contract finds its row and no other, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

Broken = Callable[..., dict[str, str]]
Conform = Callable[..., pl.DataFrame]
CRITICAL, WARNING, INFO = "critical", "warning", "info"
ASB = {"crime_type": "Anti-social behaviour", "crime_id": "", "last_outcome_category": ""}


def test_a_right_row_breaks_no_rule(broken: Broken) -> None:
    assert broken("street") == {}
    assert broken("street", **ASB) == {}


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"month": "2025-05"}, {"s1_month": CRITICAL}),
        ({"month": "June 2025"}, {"s1_month": CRITICAL}),
        ({"month": ""}, {"month_present": CRITICAL}),
        ({"crime_type": ""}, {"crime_type_present": CRITICAL}),
        ({"crime_type": "Time travel"}, {"s2_known_crime_type": WARNING}),
        ({"crime_type": "burglary"}, {"s2_known_crime_type": WARNING}),
        ({"crime_type": "Violent crime"}, {"s2_crime_type_of_period": WARNING}),
        (ASB | {"crime_id": "a" * 64}, {"s3_asb_without_id": CRITICAL}),
        (
            ASB | {"last_outcome_category": "Under investigation"},
            {"s3_asb_without_outcome": CRITICAL},
        ),
        (
            ASB | {"last_outcome_category": "Unheard of"},
            {"s3_asb_without_outcome": CRITICAL, "s6_known_outcome": WARNING},
        ),
        ({"crime_id": ""}, {"s4_crime_with_id": WARNING}),
        ({"crime_id": "A" * 64}, {"s4_id_form": WARNING}),
        ({"crime_id": "a" * 63}, {"s4_id_form": WARNING}),
        ({"last_outcome_category": ""}, {}),
        ({"last_outcome_category": "Unheard of"}, {"s6_known_outcome": WARNING}),
        ({"longitude": "east"}, {"readable_numbers": CRITICAL, "s7_longitude": CRITICAL}),
        ({"latitude": "51,2"}, {"readable_numbers": CRITICAL, "s7_latitude": CRITICAL}),
        ({"longitude": "east", "latitude": "NaN"}, {"readable_numbers": CRITICAL, "s8_latitude": CRITICAL}),
        ({"longitude": "inf"}, {"readable_numbers": CRITICAL, "s8_longitude": CRITICAL}),
        ({"longitude": ""}, {"s7_longitude": CRITICAL}),
        ({"latitude": ""}, {"s7_latitude": CRITICAL}),
        ({"longitude": "0"}, {}),
        ({"latitude": "0"}, {"s8_latitude": CRITICAL}),
        ({"longitude": "51.273", "latitude": "0.521"}, {"s8_longitude": CRITICAL, "s8_latitude": CRITICAL}),
        ({"longitude": "-9"}, {}),
        ({"longitude": "-9.000001"}, {"s8_longitude": CRITICAL}),
        ({"longitude": "3.000001"}, {"s8_longitude": CRITICAL}),
        ({"latitude": "48.999999"}, {"s8_latitude": CRITICAL}),
        ({"latitude": "61.000001"}, {"s8_latitude": CRITICAL}),
        ({"lsoa_code": ""}, {"s9_point_without_lsoa": INFO}),
        ({"lsoa_code": "E0102400"}, {"s10_lsoa_form": WARNING, "s10_lsoa_known": WARNING}),
        ({"lsoa_code": "S01000001"}, {"s10_lsoa_form": WARNING, "s10_lsoa_known": WARNING}),
        ({"reported_by": "Essex Police"}, {"s12_force_name": WARNING}),
        ({"falls_within": ""}, {"s12_force_name": WARNING}),
        ({"context": "news"}, {"s13_context": WARNING}),
        ({"location": "High Street"}, {"s15_location": WARNING}),
        ({"location": "On or near "}, {}),
        ({"location": "No Location"}, {}),
    ],
)  # fmt: skip
def test_each_rule_finds_its_row_and_no_other_does(
    broken: Broken, changes: dict[str, str], rules: dict[str, str]
) -> None:
    found = broken("street", **({"month": "2025-06"} | changes)) if "month" not in changes else None
    if found is None:
        found = _with_month(broken, changes)
    if changes.get("longitude") in ("", "east") and rules:
        rules = rules | {"s9_lsoa_without_point": WARNING}
    assert found == rules
