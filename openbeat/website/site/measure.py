"""What a measure is: the shape of what its page says, and of its figures.

Only the shape belongs here; the measures are in ``measures_police_uk`` and ``measures_logs``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Period = Literal["month", "quarter", "as_of"]
Shown = Literal["sum", "spread", "yes", "force", "categories", "coverage"]
Datatype = Literal["integer", "number", "string"]


@dataclass(frozen=True)
class Break:
    """Where a series cannot be followed across a date.

    Attributes:
        since: The first month that differs, ``YYYY-MM``.
        why: What changed, a sentence.
    """

    since: str
    why: str


@dataclass(frozen=True)
class Measure:
    """One measure. All texts are English and in the catalogue.

    Attributes:
        id: Of its page and files.
        title: Its name.
        definition: What it is, in one sentence.
        unit: What is counted.
        table: The published table it stands in.
        column: Its column there.
        how: How it is counted.
        who: Whom it is for, and what for.
        period: Whether its newest value is of the crime month, a quarter, or up to ``as_of``.
        shown: What is told of a force: the sum of its neighbourhoods, their lowest, middle and
            highest, how many say yes, the force's own published value, a sum by category, or what
            it supplied.
        datatype: Of the column.
        category: The column that tells its rows apart besides the place; empty for none.
        share: Whether it is a share of 1, shown in percent.
        police_uk: Whether its source is police.uk; else the forces' own logs.
        breaks: Oldest first.
        caveats: What to bear in mind, sentences.
    """

    id: str
    title: str
    definition: str
    unit: str
    table: str
    column: str
    how: str
    who: str
    period: Period
    shown: Shown
    datatype: Datatype = "integer"
    category: str = ""
    share: bool = False
    police_uk: bool = False
    breaks: tuple[Break, ...] = ()
    caveats: tuple[str, ...] = ()
