"""Charts: nothing is invented where a month is missing, and any name is safe in them."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.website import charts
from openbeat.website.charts import scale

# The machine may be busy: no test may fail by the clock.
QUICK = settings(deadline=None, max_examples=60)
MONTHS = [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(2022 * 12 + 6, 2022 * 12 + 42)]
NAMES = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"),
    max_size=30,
)


@st.composite
def series(draw: st.DrawFn) -> tuple[list[str], list[float | None], list[str | None]]:
    count = draw(st.integers(1, 36))
    values = draw(st.lists(st.none() | st.integers(0, 9999), min_size=count, max_size=count))
    known = st.sampled_from([None, "u", "p"])
    return MONTHS[:count], values, ["x" if v is None else draw(known) for v in values]


def root(svg: object) -> ET.Element:
    return ET.fromstring(str(svg))


def drawn(svg: object, kind: str) -> list[str]:
    return [e.get("d", "") for e in root(svg).iter("path") if e.get("class") == kind]


def joined(path: str, count: int) -> set[int]:
    """The places of the months that a line joins, each with its next."""
    found = set()
    for run in path.split("M")[1:]:
        xs = [float(point.split()[0]) for point in run.split("L")]
        places = [round(x / scale.WIDE * count - 0.5) for x in xs]
        assert places == list(range(places[0], places[-1] + 1))
        found.update(places[:-1])
    return found


@QUICK
@given(series(), NAMES)
def test_a_line_joins_neighbouring_known_months_only_and_dashes_partial_ones(
    data: tuple[list[str], list[float | None], list[str | None]], name: str
) -> None:
    months, values, statuses = data
    svg = charts.line(name, months, values, statuses)
    count = len(values)
    firm = set().union(*(joined(d, count) for d in drawn(svg, "data")))
    loose = set().union(*(joined(d, count) for d in drawn(svg, "dash")))
    pairs = {n for n in range(count - 1) if values[n] is not None and values[n + 1] is not None}
    partial = {n for n in pairs if "u" in statuses[n : n + 2]}
    assert firm == pairs - partial
    assert loose == partial


@QUICK
@given(series())
def test_a_missing_month_is_a_band_and_never_nought(
    data: tuple[list[str], list[float | None], list[str | None]],
) -> None:
    months, values, statuses = data
    svg = charts.line("Crimes", months, values, statuses)
    bands = [re.match(r"M(\d+) 0h(\d+)", d) for d in drawn(svg, "gap")]
    spans = [(int(m[1]), int(m[1]) + int(m[2])) for m in bands if m]
    for n, value in enumerate(values):
        middle = (n + 0.5) / len(values) * scale.WIDE
        assert any(a < middle < b for a, b in spans) == (value is None)
    points = sum(d.count("M") + d.count("L") for kind in ("data", "dash") for d in drawn(svg, kind))
    assert points <= 2 * sum(v is not None for v in values)
    if None in values:
        assert "not available" in root(svg).get("aria-label", "") or "no month" in str(svg)


@QUICK
@given(series())
def test_the_line_stands_where_its_values_are(
    data: tuple[list[str], list[float | None], list[str | None]],
) -> None:
    months, values, statuses = data
    top = scale.ticks(values)[-1]
    svg = charts.line("Crimes", months, values, statuses)
    for kind in ("data", "dash"):
        for d in drawn(svg, kind):
            for x, y in re.findall(r"[ML](\d+) ([\d.]+)", d):
                value = values[round(int(x) / scale.WIDE * len(values) - 0.5)]
                assert value is not None
                assert (150 - float(y)) / 150 * top == pytest.approx(value, abs=top / 150)


@QUICK
@given(NAMES, NAMES)
def test_any_name_and_reason_is_safe_in_every_chart(name: str, reason: str) -> None:
    one, none, status = MONTHS[:3], [1, None, 2], [None, "x", "u"]
    made = [
        charts.line(name, one, none, status, usual=(0, 2)),
        charts.sparkline(name, one, none, status),
        charts.bars(name, one, none, status),
        charts.rows(name, [name, reason], [3, None], [reason, reason]),
        charts.coverage(name, [name], one, [["submitted", reason, "missing"]]),
        charts.key(one, none, status, reasons=[None, reason, reason]),
        charts.coverage_key({"missing": name}, [["missing", reason]]),
    ]
    for svg in made:
        assert "nan" not in re.sub(r'(aria-label="[^"]*"|>[^<]*<)', "", str(svg)).lower()
        root(svg)
    assert root(made[0]).get("role") == "img"
    assert (
        root(made[0]).get("aria-label", "").startswith(" ".join(name.split("\t")))
        or name != name.strip()
    )


def test_a_line_says_in_few_words_what_it_shows() -> None:
    text = charts.in_short(
        "Crimes", MONTHS[:6], [9, None, None, 4, 12, 7], [None, "x", "x", None, "u", None]
    )
    assert text == (
        "Crimes, by month: 9 in July 2022, 7 in December 2022; lowest 4 (October 2022), highest 12"
        " (November 2022); not available: August 2022 to September 2022; partial: November 2022."
    )


def test_months_without_any_figure_draw_no_line_and_no_scale() -> None:
    svg = charts.line("Crimes", MONTHS, [None] * 36, ["x"] * 36)
    assert not drawn(svg, "data")
    assert "No figures" in str(svg)
    assert "no month is available" in str(svg)


def test_the_key_gives_each_reason_once_with_its_months() -> None:
    why = [None, "no file came", "no file came", "rows are missing"]
    key = str(charts.key(MONTHS[:4], [1, None, None, 2], [None, "x", "x", "u"], reasons=why))
    assert "Not available: August 2022 to September 2022. No file came." in key
    assert "Partial: October 2022. Rows are missing." in key
    assert charts.key(MONTHS[:1], [1], [None]) == ""
    of_bars = str(charts.key(MONTHS[:1], [1], ["u"], bars=True))
    assert 'class="part"' in of_bars
    assert 'class="ring"' in key
    assert 'class="ring"' not in of_bars


def test_a_line_of_36_months_with_gaps_is_small() -> None:
    values = [None if n in (3, 9, 10, 11, 20) else 1000 + 37 * n % 900 for n in range(36)]
    status = ["x" if v is None else "u" if n == 30 else None for n, v in enumerate(values)]
    svg = charts.line("Crimes in Harbour", MONTHS, values, status, usual=(1100, 1700))
    assert len(svg.encode()) < 3500


def test_a_row_without_a_value_says_why_and_has_no_bar() -> None:
    svg = charts.rows("Outcomes", ["Charged", "Other"], [0, None], [None, "not shown: few"])
    assert not list(root(svg).iter("rect"))
    assert root(svg).get("aria-label") == "Outcomes: Charged 0; Other not shown: few"
    assert "not shown: few" in "".join(root(svg).itertext())


@QUICK
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_rows_are_to_one_scale_from_nought(values: list[int]) -> None:
    svg = charts.rows(
        "Outcomes", [f"Row {n}" for n in range(len(values))], values, [None] * len(values)
    )
    wide = [float(e.get("width", "0%")[:-1]) for e in root(svg).iter("rect")]
    shown = [v for v in values if v]
    assert len(wide) == len(shown)
    for a, b in zip(wide, shown, strict=True):
        assert a == pytest.approx(b * max(wide) / max(shown), abs=0.011)
        assert a <= 85


def test_a_cell_of_coverage_is_told_by_its_pattern() -> None:
    codes = ["submitted", "partial_suspected", "empty", "malformed", "missing", "not_expected"]
    svg = charts.coverage("Street files", ["Northshire"], MONTHS[:6], [codes])
    kinds = [e.get("class") for e in root(svg).iter("path")]
    assert sorted(kinds) == sorted({"full", "half", "box", "slash", "cross", "rule"})
    label = root(svg).get("aria-label", "")
    assert "in full: 0 of 1." in label
    assert "Northshire 4" in label


def test_a_code_nobody_knows_is_never_shown_as_supplied() -> None:
    svg = charts.coverage("Street files", ["Northshire"], MONTHS[:1], [["new_code"]])
    assert [e.get("class") for e in root(svg).iter("path")] == ["cross"]


@QUICK
@given(series())
def test_bars_are_to_one_scale_and_a_missing_month_has_none(
    data: tuple[list[str], list[float | None], list[str | None]],
) -> None:
    months, values, statuses = data
    svg = charts.bars("Crimes", months, values, statuses)
    tall = [float(e.get("height", "0")) for e in root(svg).iter("rect")]
    shown = [v for v in values if v]
    assert len(tall) == len(shown)
    for size, value in zip(tall, shown, strict=True):
        assert size == pytest.approx(value / max(shown) * 92, abs=0.06)
    assert str(svg).count(">n/a<") == values.count(None)
    assert bool(drawn(svg, "hatch")) == (None in values)
