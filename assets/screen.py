"""The last look at what is about to be published: no text may seem to hold personal data."""

from collections.abc import Sequence

import polars as pl

from expectations.validation import RuleResult
from openbeat.contract import Contract
from openbeat.engagement.personal_data import screen_frame

RULE = "g13_personal_data"


def screened(frame: pl.DataFrame, contract: Contract, allowed: Sequence[str]) -> list[RuleResult]:
    """Look for personal data in every text of a table, those from police.uk included.

    Args:
        frame: The table.
        contract: Its contract; only published columns are looked at.
        allowed: Texts that somebody has looked at, and that hold none.

    Returns:
        One critical result; its examples are masked.
    """
    texts = [c.name for c in contract.columns if c.published and c.type == "string"]
    found = screen_frame(frame, texts, allowed)
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
            sentence="No text that is published seems to hold personal data.",
            mend="mend the text at its source; where it holds none after all, list it under "
            "engagement.allowed_texts.",
            examples=tuple(f"{c}: {k} {e}" for c, k, _, e in found.head(5).iter_rows()),
        )
    ]
