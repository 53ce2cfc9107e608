"""Versions of records: what a delivery changes, what a review covers, what is too old to keep."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.engagement.history import current, expire, newest, purge, reviews, text_sha256, update

NOW = datetime(2025, 7, 31, 6, tzinfo=UTC)
SCHEMA = {
    "record_id": pl.String,
    "file": pl.String,
    "line": pl.Int64,
    "day": pl.String,
    "text": pl.String,
    "deleted_reason": pl.String,
    "reviewer_role": pl.String,
    "reviewed_on": pl.String,
    "reviewed_sha256": pl.String,
}
NONE = pl.DataFrame()
OWN_DAY = pl.col("day").str.to_date("%Y-%m-%d", strict=False)
REVIEW = {"reviewer_role": "Editor", "reviewed_on": "2025-07-01"}


def delivery(*rows: dict[str, str]) -> pl.DataFrame:
    whole = [
        dict.fromkeys(SCHEMA) | {"file": "log.csv", "line": n, **row}
        for n, row in enumerate(rows, 2)
    ]
    return pl.DataFrame(whole, schema=SCHEMA)


def changes(history: pl.DataFrame, record_id: str = "a") -> list[tuple[int, str, str | None]]:
    of = history.filter(pl.col("record_id") == record_id)
    return of.select("version", "change", "reason").rows()


def after(*deliveries: pl.DataFrame, kind: str = "full", months: int = 0) -> pl.DataFrame:
    history = NONE
    for rows in deliveries:
        history = update(history, rows, NOW, kind, ["text"])  # type: ignore[arg-type]
    return history


A = {"record_id": "a", "text": "one"}
B = {"record_id": "b", "text": "two"}


def test_the_same_delivery_again_adds_nothing() -> None:
    once = after(delivery(A, B))
    assert after(delivery(A, B), delivery(B, A)).equals(once)


def test_a_changed_record_is_its_next_version() -> None:
    history = after(delivery(A), delivery(A | {"text": "other"}))
    assert changes(history) == [(1, "new", None), (2, "changed", None)]
    assert current(history)["text"].to_list() == ["other"]


def test_what_is_gone_from_a_full_delivery_is_deleted_and_may_come_back() -> None:
    history = after(delivery(A, B), delivery(B))
    assert changes(history) == [(1, "new", None), (2, "deleted", "gone_from_source")]
    assert current(history)["record_id"].to_list() == ["b"]
    assert newest(history).filter(pl.col("record_id") == "a")["text"].to_list() == [None]
    back = update(history, delivery(A, B), NOW, "full", ["text"])
    assert changes(back)[-1] == (3, "restored", None)


def test_what_is_not_in_a_delivery_of_additions_stays() -> None:
    history = after(delivery(A), delivery(B), kind="additions")
    assert current(history)["record_id"].to_list() == ["a", "b"]


@pytest.mark.parametrize(("given_reason", "kept"), [("merged", "merged"), ("see Ms Roe", "other")])
def test_a_record_that_says_why_it_goes_leaves_a_tombstone_with_that(
    given_reason: str, kept: str
) -> None:
    history = after(delivery(A), delivery(A | {"deleted_reason": given_reason}))
    assert changes(history) == [(1, "new", None), (2, "deleted", kept)]
    assert after(delivery(A), *[delivery(A | {"deleted_reason": given_reason})] * 2).equals(history)


def said(history: pl.DataFrame, *, required: bool = True) -> str:
    of = reviews(history, ["text"], required=required)
    return str(of.filter(pl.col("record_id") == "a")["review"].item())


def test_a_review_covers_the_text_it_was_first_seen_with() -> None:
    unreviewed, reviewed = delivery(A), delivery(A | REVIEW)
    other = delivery(A | REVIEW | {"text": "other"})
    assert said(after(unreviewed)) == "not_reviewed"
    assert said(after(unreviewed, reviewed)) == "reviewed"
    assert said(after(reviewed, other)) == "text_changed"
    assert said(after(reviewed, other, reviewed)) == "reviewed"
    again = delivery(A | REVIEW | {"text": "other", "reviewed_on": "2025-07-20"})
    assert said(after(reviewed, other, again)) == "reviewed"


def test_an_old_review_put_back_does_not_cover_a_new_text() -> None:
    first, third = delivery(A | REVIEW), delivery(A | REVIEW | {"text": "three"})
    second = delivery(A | {"text": "two", "reviewer_role": "Chief", "reviewed_on": "2025-07-02"})
    assert said(after(first, second, third)) == "text_changed"
    assert said(after(first, delivery(), third)) == "text_changed"


def test_a_review_whose_versions_expired_still_does_not_cover_a_new_text() -> None:
    first = update(NONE, delivery(A | REVIEW), datetime(2024, 1, 1, tzinfo=UTC), "full", ["text"])
    second = update(first, delivery(A), NOW, "full", ["text"])
    kept = expire(second, 6, NOW.date(), OWN_DAY, NOW)
    assert kept.filter(pl.col("version") == 1)["text"].to_list() == [None]
    third = update(kept, delivery(A | REVIEW | {"text": "new"}), NOW, "full", ["text"])
    assert said(third) == "text_changed"


def test_the_hash_that_the_source_gives_decides() -> None:
    row = delivery(A | REVIEW)
    right = text_sha256(row, ["text"])[0]
    changed = A | REVIEW | {"text": "other"}
    assert said(after(row, delivery(changed | {"reviewed_sha256": right}))) == "text_changed"
    own = text_sha256(delivery(changed), ["text"])[0]
    assert said(after(row, delivery(changed | {"reviewed_sha256": own.upper()}))) == "reviewed"


def test_no_text_and_reviews_that_are_off_need_no_review() -> None:
    assert said(after(delivery(A | {"text": None}))) == "not_needed"  # type: ignore[dict-item]
    assert said(after(delivery(A)), required=False) == "not_needed"


def test_composed_and_decomposed_letters_and_spaces_at_the_ends_are_the_same_text() -> None:
    one = text_sha256(delivery(A | {"text": "caf\u00e9"}), ["text"])[0]
    assert text_sha256(delivery(A | {"text": " cafe\u0301 "}), ["text"])[0] == one


def test_a_record_older_than_the_retention_leaves_a_tombstone_without_content() -> None:
    old, young = A | {"day": "2024-07-30"}, B | {"day": "2024-07-31"}
    history = expire(after(delivery(old, young)), 12, NOW.date(), OWN_DAY, NOW)
    assert changes(history, "a") == [(2, "deleted", "retention")]
    assert "one" not in history.write_csv()
    assert current(history)["record_id"].to_list() == ["b"]
    assert expire(history, 12, NOW.date(), OWN_DAY, NOW).equals(history)


def test_without_retention_everything_is_kept() -> None:
    history = after(delivery(A | {"day": "1999-01-01"}))
    assert expire(history, None, NOW.date(), OWN_DAY, NOW).equals(history)


def test_superseded_versions_captured_long_ago_lose_their_content() -> None:
    first = update(NONE, delivery(A), datetime(2024, 1, 1, tzinfo=UTC), "full", ["text"])
    second = update(
        first, delivery(A | {"text": "new", "day": "2025-07-01"}), NOW, "full", ["text"]
    )
    kept = expire(second, 12, NOW.date(), OWN_DAY, NOW)
    assert kept["text"].to_list() == [None, "new"]
    assert current(kept)["version"].to_list() == [2]


def test_a_purged_record_leaves_nothing() -> None:
    assert purge(after(delivery(A, B)), ["a"])["record_id"].unique().to_list() == ["b"]


rows = st.dictionaries(
    st.sampled_from("abcd"),
    st.tuples(st.sampled_from(["one", "two"]), st.sampled_from([None, None, "merged"])),
)


@settings(deadline=None)
@given(st.lists(rows, max_size=6))
def test_after_any_deliveries_the_newest_one_is_what_is_current(many: list[dict]) -> None:
    frames = [
        delivery(*({"record_id": i, "text": t, "deleted_reason": d} for i, (t, d) in m.items()))
        for m in many
    ]
    history = after(*frames)
    if not many:
        return
    live = {i: t for i, (t, d) in many[-1].items() if d is None}
    assert dict(current(history).select("record_id", "text").rows()) == live
    counted = history.group_by("record_id").agg(pl.col("version").sort())
    assert all(v == list(range(1, len(v) + 1)) for v in counted["version"].to_list())


def test_a_day_is_compared_by_the_calendar_not_by_thirty_days() -> None:
    history = after(delivery(A | {"day": "2025-02-28"}))
    kept = expire(history, 1, date(2025, 3, 31), OWN_DAY, NOW)
    gone = expire(history, 1, date(2025, 4, 1), OWN_DAY, NOW)
    assert (current(kept).height, current(gone).height) == (1, 0)
