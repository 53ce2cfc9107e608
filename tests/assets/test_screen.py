"""The last look before publication: what it blocks, and what it says without showing it."""

from __future__ import annotations

import polars as pl

from assets.checks import contracts
from assets.screen import screened


def issues(asked: str) -> pl.DataFrame:
    schema = contracts()["you_said_we_did"].polars_schema()
    given = pl.DataFrame({"issue_id": ["I1", "I2"], "asked": ["Cars speed.", asked]})
    return given.with_columns(
        pl.lit(None, dtype=kind).alias(name)
        for name, kind in schema.items()
        if name not in given.columns
    )


def test_a_text_with_personal_data_blocks_and_is_found_by_its_row() -> None:
    contract = contracts()["you_said_we_did"]
    (result,) = screened(issues("Call me on 07700 900123."), contract, [])
    assert (result.severity, result.success, result.broken) == ("critical", False, 1)
    assert "asked: phone" in result.sentence
    assert "issue_id I2" in result.sentence
    assert "900123" not in str(result)


def test_a_text_that_was_looked_at_does_not_block() -> None:
    contract = contracts()["you_said_we_did"]
    text = "Call the council on 0116 454 1000."
    assert not screened(issues(text), contract, [])[0].success
    assert screened(issues(text), contract, [text])[0].success


def test_texts_of_police_uk_are_looked_at_too() -> None:
    contract = contracts()["neighbourhoods"]
    schema = contract.polars_schema()
    row = {"force_id": "kent", "neighbourhood_id": "N1", "name": "Ask PC 1234"}
    frame = pl.DataFrame([{**dict.fromkeys(schema), **row}], schema=schema)
    (result,) = screened(frame, contract, [])
    assert not result.success
    assert "neighbourhood_id N1" in result.sentence
