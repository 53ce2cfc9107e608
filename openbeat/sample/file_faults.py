"""Faults of whole files, and the plan of what is planted where in the archives.

What an archive leaves out, re-issues, cuts short or writes in another way belongs here; single
rows are in ``row_faults``. In ynysfawr street data stay whole from 2024-08, so that its
neighbourhoods have twelve usable months.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from openbeat.sample import months, row_faults, words
from openbeat.sample.faults import Log, Member

OLDER, NEWER = "2025-06", "2025-07"  # archives N and N+1
DROPPED_OUTCOMES = 10
RESUPPLIED = 12, 37  # rows taken out, rows put in
OLD_CODES = 15
LEGACY: Mapping[str, Mapping[str, str]] = {
    "Outcome": {
        "A no further action disposal": "Nothing found - no further action",
        "Arrest": "Suspect arrested",
        "Community resolution": "Local resolution",
        "Khat or Cannabis warning": "Offender given drugs possession warning",
        "Penalty Notice for Disorder": "Offender given penalty notice",
        "Summons / charged by post": "Suspect summonsed to court",
        "Caution (simple or conditional)": "Offender cautioned",
    },
    "Self-defined ethnicity": {
        "White - English/Welsh/Scottish/Northern Irish/British": "White - White British (W1)",
        "Other ethnic group - Not stated": "Not Stated (NS)",
        "White - Any other White background": "White - Any other White ethnic background (W9)",
        "White - Irish": "White - White Irish (W2)",
        "Black/African/Caribbean/Black British - African": (
            "Black or Black British - African (B2)"
        ),
        "Asian/Asian British - Chinese": "Chinese or other ethnic group - Chinese (O1)",
        "Asian/Asian British - Pakistani": "Asian or Asian British - Pakistani (A2)",
        "Other ethnic group - Any other ethnic group": (
            "Chinese or other ethnic group - Any other ethnic group (O9)"
        ),
    },
}

NON_ASCII = pl.col("Location").str.contains(r"[^\x00-\x7F]")

Plant = Callable[[Member, Log], None]
Slot = tuple[str, str, str]  # force, dataset, month


def _reordered(member: Member, log: Log) -> None:
    names = list(member.frame.columns)
    at, to = names.index("Longitude"), names.index("Latitude")
    names[at], names[to] = names[to], names[at]
    member.frame = member.frame.select(names)
    what = "Longitude and Latitude have changed places, header too: malformed (F2)"
    log.add("reordered-header", member.path, what, count=member.frame.height)


def _only_in(as_of: str, plant: Plant) -> Plant:
    def planted(member: Member, log: Log) -> None:
        if member.as_of == as_of:
            plant(member, log)

    return planted


def _header_only(member: Member, log: Log) -> None:
    member.frame = member.frame.head(0)
    log.add("header-only", member.path, "a header and no row: empty (F5)", count=0)


def _partial(member: Member, log: Log) -> None:
    member.frame = member.frame.gather_every(3)
    what = "a third of the month's rows: partial_suspected (F6)"
    log.add("partial-month", member.path, what, count=member.frame.height)


def _crlf(member: Member, log: Log) -> None:
    member.newline = "\r\n"
    log.add("crlf", member.path, "lines end in CRLF; right", count=member.frame.height)


def _latin_1(member: Member, log: Log) -> None:
    member.change(3, {"Policing operation": "Ymgyrch Môr"})
    member.encoding = "latin-1"
    what = "not UTF-8 (ISO 8859-1): malformed (F11)"
    log.add("wrong-encoding", member.path, what, line=5, count=member.frame.height)


def _mixed_vintage(member: Member, log: Log) -> None:
    pieces = member.book.country.places.fragments.filter(pl.col("CHGIND") != "U")
    old = pieces.unique("LSOA21CD", keep="first", maintain_order=True)
    rows = member.pool(pl.col("LSOA code").is_in(old["LSOA21CD"].to_list()))[:OLD_CODES]
    here = pl.int_range(pl.len()).is_in(rows)
    member.frame = _old_codes(member.frame, old, here)
    what = "rows with 2011 LSOA codes in a file of 2021 ones: mixed"
    log.add("mixed-lsoa-vintage", member.path, what, count=len(rows))


def _old_codes(frame: pl.DataFrame, old: pl.DataFrame, here: pl.Expr) -> pl.DataFrame:
    code, name = pl.col("LSOA code"), pl.col("LSOA name")
    return frame.with_columns(
        pl.when(here).then(code.replace(old["LSOA21CD"], old["LSOA11CD"])).otherwise(code),
        pl.when(here).then(name.replace(old["LSOA21NM"], old["LSOA11NM"])).otherwise(name),
    )


def _relisted(member: Member, log: Log) -> None:
    before = member.book.street(member.force, "2025-03", member.as_of)
    rows = before.filter(row_faults.LOCATED_CRIME)[[2, 102, 202]]
    line = member.extend(rows.with_columns(pl.lit(member.month).alias("Month")))
    what = "the Crime ID of a crime of 2025-03, listed again: the same crime"
    for at in range(line, line + rows.height):
        log.add("relisted-id", member.path, what, line=at)


def _resupplied(member: Member, log: Log) -> None:
    out, new = RESUPPLIED
    line = member.frame.height - out + 2
    fresh = member.frame.slice(50, new).with_columns(pl.col("Crime ID").str.reverse())
    member.frame = member.frame.slice(out)
    member.extend(fresh)
    what = f"handed in again: the first {out} rows are gone, {new} new ones at the end"
    log.add("resupplied", member.path, what, line=line, count=new - out)


def _dropped_outcomes(member: Member, log: Log) -> None:
    lost = member.frame["Crime ID"].unique(maintain_order=True)[20 : 20 + DROPPED_OUTCOMES]
    member.frame = member.frame.filter(~pl.col("Crime ID").is_in(lost.to_list()))
    what = "Crime IDs of the earlier archive's file that are gone"
    log.add("dropped-outcome-ids", member.path, what, count=DROPPED_OUTCOMES)


def _legacy_words(member: Member, log: Log) -> None:
    here = pl.int_range(pl.len()) % 2 == 0
    member.frame = member.frame.with_columns(
        pl.when(here).then(pl.col(name).replace(pairs)).otherwise(pl.col(name)).alias(name)
        for name, pairs in LEGACY.items()
    )
    rows = member.pool(pl.col("Outcome").is_in(list(LEGACY["Outcome"].values())))
    what = "rows with the vocabulary of before 2018, beside today's"
    log.add("legacy-vocabulary", member.path, what, count=len(rows))


def _dates_only(member: Member, log: Log) -> None:
    member.frame = member.frame.with_columns(
        (pl.col("Date").str.head(10) + "T00:00:00+00:00").alias("Date")
    )
    what = "dates only, printed as midnight: times unreliable (T3)"
    log.add("dates-only", member.path, what, count=member.frame.height)


def _blank(fault_id: str, what: str, *columns: str) -> Plant:
    def planted(member: Member, log: Log) -> None:
        member.frame = member.frame.with_columns(pl.lit(None, pl.String).alias(c) for c in columns)
        log.add(fault_id, member.path, what, count=member.frame.height)

    return planted


def _recycled(member: Member, log: Log) -> None:
    before = member.book.street(member.force, months.shift(member.month, -1), member.as_of)
    rows = member.pool(pl.col("Crime ID").is_in(before["Crime ID"].drop_nulls().to_list()))
    what = "Crime IDs that the month before has for other crimes"
    log.add("recycled-ids", member.path, what, count=len(rows))


def _counted(fault_id: str, what: str, condition: pl.Expr) -> Plant:
    """Nothing planted: a quirk that runs through the files, counted in one of them."""

    def planted(member: Member, log: Log) -> None:
        log.add(fault_id, member.path, what, count=len(member.pool(condition)))

    return planted


PLAN: Mapping[Slot, tuple[Plant, ...]] = {
    ("northmere", "street", "2024-09"): (_only_in(OLDER, _reordered),),
    ("northmere", "street", "2024-10"): (_mixed_vintage,),
    ("northmere", "street", "2025-02"): (
        _crlf,
        _counted("no-location", "`No Location` rows, no LSOA", row_faults.UNLOCATED),
        _counted("quoted-comma", "LSOA names with commas", pl.col("LSOA name").str.contains(",")),
        _counted("blank-crime-id", "ASB rows, no Crime ID", pl.col("Crime ID").is_null()),
    ),
    ("northmere", "street", "2025-03"): (row_faults.street,),
    ("northmere", "street", "2025-04"): (_relisted,),
    ("northmere", "street", "2025-05"): (_partial,),
    ("northmere", "outcomes", "2025-02"): (_only_in(NEWER, _dropped_outcomes),),
    ("northmere", "outcomes", "2025-03"): (row_faults.outcomes,),
    ("northmere", "stops", "2024-10"): (_reordered,),
    ("northmere", "stops", "2024-12"): (_only_in(OLDER, _reordered),),
    ("northmere", "stops", "2025-02"): (_legacy_words,),
    ("northmere", "stops", "2025-03"): (row_faults.stops,),
    ("northmere", "stops", "2025-06"): (
        _counted("bst-prior-day", "late on 31 May in UTC", pl.col("Date").str.head(7) < "2025-06"),
    ),
    ("ynysfawr", "street", "2024-09"): (
        _counted("lsoa-2011", "2011 LSOA codes", pl.col("LSOA code").is_not_null()),
    ),
    ("ynysfawr", "street", "2025-02"): (_only_in(NEWER, _resupplied),),
    ("ynysfawr", "street", "2025-04"): (
        _recycled,
        _counted("non-ascii", "names outside ASCII", NON_ASCII),
    ),
    ("ynysfawr", "outcomes", "2024-11"): (_only_in(OLDER, _reordered),),
    ("ynysfawr", "outcomes", "2024-12"): (_crlf,),
    ("ynysfawr", "stops", "2024-11"): (
        _blank("no-legislation", "Legislation empty all month (T5)", "Legislation"),
    ),
    ("ynysfawr", "stops", "2024-12"): (_latin_1,),
    ("ynysfawr", "stops", "2025-01"): (_header_only,),
    ("ynysfawr", "stops", "2025-02"): (_dates_only,),
    ("ynysfawr", "stops", "2025-03"): (
        _blank("no-coordinates", "no stop has coordinates", "Longitude", "Latitude"),
    ),
    ("rail-and-tram", "street", "2025-02"): (
        _counted("no-crime-ids", "no Crime ID, no outcome", pl.col("Crime ID").is_null()),
        _counted(
            "located-without-lsoa",
            "located, no LSOA",
            pl.col("Longitude").is_not_null() & pl.col("LSOA code").is_null(),
        ),
    ),
}  # fmt: skip
SPARSE: Mapping[Slot, tuple[Plant, ...]] = {
    ("northmere", "street", "2025-06"): (row_faults.sparse_street,),
    ("alderwick", "stops", "2025-06"): (_header_only,),
}
ONLY_NATIONWIDE = "only the nationwide force handed in this month"
MISSING: Mapping[tuple[str, Slot], tuple[str, str]] = {
    (as_of, (force, dataset, month)): (fault_id, what)
    for as_ofs, force, datasets, month, fault_id, what in (
        ((OLDER,), "northmere", words.HEADERS, "2024-07", "only-nationwide", ONLY_NATIONWIDE),
        ((OLDER,), "ynysfawr", words.HEADERS, "2024-07", "only-nationwide", ONLY_NATIONWIDE),
        ((OLDER, NEWER), "northmere", ("street",), "2024-11", "missing-file", "not there"),
        ((NEWER,), "northmere", ("stops",), "2025-04", "stops-removed", "the earlier archive has"),
    )
    for as_of in as_ofs
    for dataset in datasets
}
SPARSE_MISSING: Mapping[tuple[str, Slot], tuple[str, str]] = {
    (OLDER, ("bellwater", "outcomes", "2025-06")): ("missing-file", "not there"),
}


def left_out(small: bool, as_of: str, slot: Slot) -> tuple[str, str] | None:
    """The id and words of the fault by which an archive has no such file; ``None`` if it has."""
    return (MISSING if small else SPARSE_MISSING).get((as_of, slot))


def plant(small: bool, member: Member, log: Log) -> None:
    """Plant in one file what the plan has for it."""
    slot = member.force.slug, member.dataset, member.month
    for planted in (PLAN if small else SPARSE).get(slot, ()):
        planted(member, log)
