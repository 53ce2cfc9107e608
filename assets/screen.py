"""The last look at what is about to be published: no text may seem to hold personal data."""

from collections.abc import Sequence

import polars as pl

from expectations.validation import RuleResult
from openbeat.contract import Contract
from openbeat.engagement.personal_data import found as personal_data
from openbeat.engagement.personal_data import screen_frame

RULE = "g13_personal_data"


def screened(frame: pl.DataFrame, contract: Contract, allowed: Sequence[str]) -> list[RuleResult]:
    """Look for personal data in every text of a table, those from police.uk included.

    Args:
        frame: The table.
        contract: Its contract; only published columns are looked at.
        allowed: Texts that somebody has looked at, and that hold none.

    Returns:
        One critical result; its sentence names where the first are, the values masked.
    """
    texts = [c.name for c in contract.columns if c.published and c.type == "string"]
    found = screen_frame(frame, texts, allowed)
    seen = [
        f"{column}: {kind} like {example} in {rows:,} rows, first {_first(frame, column, contract)}"
        for column, kind, rows, example in found.head(5).iter_rows()
    ]
    return [
        RuleResult(
            table=contract.table,
            rule=RULE,
            kind="screen",
            column=", ".join(found["column"].unique().sort()) or ", ".join(texts),
            severity="critical",
            success=found.is_empty(),
            checked=frame.height,
            broken=int(found["rows"].sum()),
            share=int(found["rows"].sum()) / frame.height if frame.height else 0.0,
            sentence=" ".join(
                ["No text that is published seems to hold personal data.", "; ".join(seen)]
            ).strip(),
            mend="mend the text at its source; where it holds none after all, list it under "
            "engagement.allowed_texts.",
            examples=tuple(seen),
        )
    ]


def _first(frame: pl.DataFrame, column: str, contract: Contract) -> str:
    """The key of the first row whose text holds personal data; not the part that holds it."""
    row = frame.filter(personal_data([column]).is_not_null()).select(contract.key).head(1)
    keys = [name for name, kind in row.schema.items() if kind == pl.String]
    row = row.with_columns(
        pl.when(personal_data([name]).is_null()).then(name).otherwise(pl.lit("(masked)"))
        for name in keys
    )
    named = zip(row.columns, row.rows()[0] if row.height else (), strict=False)
    return ", ".join(f"{name} {value}" for name, value in named if name != column)
