"""What a policy may declare of a table: open, of acts, or protected, and then what is counted how.

What holds of all tables together belongs in ``policy``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

Method = Literal["suppression", "rounding"]
SetName = Literal["engagement", "feedback"]
Level = Literal["neighbourhood", "force"]
CHARACTERISTICS: Final = (
    *("age", "sex", "gender_identity", "ethnicity", "disability", "religion_or_belief"),
    *("sexual_orientation", "marriage_civil_partnership", "pregnancy_maternity"),
    "respondent_role",
)
_PLACE: Final = {"place": ["neighbourhood", "force"]}
MODELLED: Final[dict[str, dict[str, Any]]] = {
    "engagement_events.attendances": {
        "set": "engagement",
        "measures": ["attendances"],
        "dimensions": ["event"],
        "detail": {},
        "hierarchies": _PLACE | {"event": ["event", "all"]},
    },
    "engagement_reach": {
        "set": "engagement",
        "measures": ["forms", "attendances"],
        "dimensions": [*CHARACTERISTICS],
        "detail": {"neighbourhood": "group", "force": "category"},
        "hierarchies": _PLACE
        | {"period": ["quarter", "year"], "category": ["category", "group", "all"]},
    },
    "feedback_summary": {
        "set": "feedback",
        "measures": ["received", "answered_72h", "not_answered_72h"],
        "dimensions": ["theme"],
        "detail": {},
        "hierarchies": _PLACE | {"theme": ["theme", "all"]},
    },
}
"""Counts of people that openbeat has sums for: what must be said of them. Fewer dimensions may
be shown."""
_PERIODS: Final = {
    "quarter": ("neighbourhood", "force"),
    "year": ("force",),
}


def refuse(fault: str, *at: str | int) -> PydanticCustomError:
    """The error of a fault, at a place below the model's own."""
    return PydanticCustomError("policy", "{fault}", {"fault": fault, "at": at})


class Model(BaseModel):
    """A part of the policy, which refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, value: Any) -> Any:
        known = sorted(field.alias or name for name, field in cls.model_fields.items())
        for key in value if isinstance(value, dict) else ():
            if key not in {*known, *cls.model_fields}:
                near = difflib.get_close_matches(str(key), known, n=1) or known
                raise refuse(f"is not known here; there is {', '.join(near)}", str(key))
        return value


class Crossed(Model):
    """Two dimensions shown together.

    Attributes:
        dimensions: The two.
        place_level: At which level of place.
        period: For which periods.
    """

    dimensions: Annotated[list[str], Field(min_length=2, max_length=2)]
    place_level: str
    period: str

    @model_validator(mode="after")
    def _only_where_many_are(self) -> Self:
        if (self.place_level, self.period) != ("force", "year"):
            raise refuse("two dimensions are shown together at force level and by year alone")
        return self


class Protected(Model):
    """Counts of people: a table, or a column of a table of acts.

    Attributes:
        set: Their linked set, of tables that are protected together.
        unit: What is protected.
        counts: What a number is a number of, in words.
        method: How they are protected.
        zeros: A true 0 is shown, and may be kept back beside others.
        measures: The counts.
        dimensions: By what they are shown, one at a time.
        crossed: Pairs of dimensions shown together.
        periods: By kind of period, the levels of place.
        detail: By level of place, the finest level of a dimension.
        hierarchies: What adds up to what, the finest first.
        derived: Columns beside the counts, and of what and when they are shown.
    """

    set: SetName
    unit: Literal["person"]
    counts: str
    method: Method
    zeros: Literal["shown"]
    measures: Annotated[list[str], Field(min_length=1)]
    dimensions: list[str]
    crossed: list[Crossed] = []
    periods: dict[str, list[Level]]
    detail: dict[Level, str] = {}
    hierarchies: dict[str, list[str]]
    derived: dict[str, str] = {}

    @model_validator(mode="after")
    def _disjoint_periods(self) -> Self:
        for period, levels in self.periods.items():
            if period not in _PERIODS:
                raise refuse(
                    "counts of people are shown by quarter and year, which do not overlap: of two "
                    "rolling or other overlapping periods the difference would be known",
                    *("periods", period),
                )
            if not set(levels) <= set(_PERIODS[period]):
                raise refuse("a year's numbers are shown at force level alone", "periods", period)
        return self

    def edges(self) -> Iterator[frozenset[str]]:
        """The tables shown, each as its dimensions; one that nests in another comes with it."""
        lines = [*self.hierarchies.values()]

        def up(name: str) -> set[str]:
            line = next((line for line in lines if name in line), [name])
            return {*line[line.index(name) :]} - {"all"}

        for period, levels in self.periods.items():
            for level in levels:
                for dimension in self.dimensions:
                    finest = self.detail.get(level, dimension)
                    names = {f"{dimension}:{part}" for part in up(finest)}
                    yield frozenset({*up(period), *up(level), *names})
        for pair in self.crossed:
            finest = self.detail.get("force", "")
            names = {f"{d}:{part}" for d in pair.dimensions for part in up(finest or d)}
            yield frozenset({*up(pair.period), *up(pair.place_level), *names})


class Table(Model):
    """A table of a release.

    Attributes:
        kind: ``class`` in YAML: open by lineage, of acts, or protected.
        why: Of acts: why it counts no people.
        people: Of a protected table: what it counts of people.
        columns: Of acts: the columns that count people.
    """

    kind: Literal["open", "acts", "protected"] = Field(alias="class")
    why: str = ""
    people: Protected | None = None
    columns: dict[str, Protected] = {}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.kind == "acts" and not self.why.strip():
            raise refuse("a table of acts says why it counts no people", "class")
        if (self.kind == "protected") != (self.people is not None):
            raise refuse("a protected table, and no other, has people", "class")
        if self.columns and self.kind != "acts":
            raise refuse("columns are told of a table of acts", "columns")
        return self
