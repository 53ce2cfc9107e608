"""The declared policy of disclosure control, read from ``config/disclosure.yaml`` and checked.

What a policy may say, and what openbeat refuses whoever says it, belongs here and in
``declared``; each setting is explained in the file. What cells the declared tables have belongs in
``cells``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from openbeat.disclosure.declared import (
    CHARACTERISTICS,
    MODELLED,
    Method,
    Model,
    Protected,
    Table,
    refuse,
)
from openbeat.errors import InputError
from openbeat.yaml_file import read_model

SHIPPED: Final = Path(__file__).resolve().parents[2] / "config" / "disclosure.yaml"
LEAST: Final = 5
LEAST_GUARDED: Final = 10
GUARDED: Final = ("religion_or_belief", "sexual_orientation", "gender_identity", "disability")
"""Characteristics with the higher threshold, and with class disclosure, whatever a policy says."""


class Limits(Model):
    """How much work is done before less is shown.

    Attributes:
        programmes: Linear programmes for one set of linked tables.
        nodes: Nodes of the search in each integer programme.
        exact_cells: Sets of at most so many linked cells are solved to the optimum.
    """

    programmes: Annotated[int, Field(gt=0)]
    nodes: Annotated[int, Field(gt=0)]
    exact_cells: Annotated[int, Field(ge=0)]


class Thresholds(BaseModel):
    """The fewest people behind a number that is shown: by default, and by dimension."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, int]
    default: int

    @model_validator(mode="after")
    def _high_enough(self) -> Self:
        given = {"default": self.default, **self.__pydantic_extra__}
        for name, people in given.items():
            if name != "default" and name not in (*CHARACTERISTICS, "event", "theme"):
                near = difflib.get_close_matches(name, CHARACTERISTICS, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise refuse(f"is no dimension of a protected table{hint}", name)
            if people < LEAST:
                raise refuse(f"a threshold is {LEAST} or more", name)
        least = max(LEAST_GUARDED, self.default)
        for name in GUARDED:
            if given.get(name, self.default) < least:
                at = name if name in given else "default"
                raise refuse(f"the threshold of {name} is {least} or more", at)
        return self


class Policy(Model):
    """What is protected, and how.

    Attributes:
        version: Of the policy.
        thresholds: The fewest people behind a number that is shown.
        class_disclosure: Characteristics of which a neighbourhood must not show that everybody
            known is of one group.
        settle_days: Days after a quarter's end from which it may be published.
        revise_after_months: Months after a year's end from which it may be revised, once.
        rounding_base: Of controlled rounding.
        limits: How much work is done before less is shown.
        open_sources: What open tables may be made from, and what each is.
        tables: Every table of a release.
    """

    version: Annotated[int, Field(gt=0)]
    thresholds: Thresholds
    class_disclosure: list[str]
    settle_days: Annotated[int, Field(ge=3)]
    revise_after_months: Annotated[int, Field(ge=6)]
    rounding_base: Annotated[int, Field(ge=LEAST)]
    limits: Limits
    open_sources: dict[str, str]
    tables: dict[str, Table]

    @model_validator(mode="after")
    def _strong_enough(self) -> Self:
        self._refuse_incomplete_classes()
        self._refuse_unknown_counts()
        self._refuse_two_methods()
        self._refuse_cyclic()
        return self

    def _refuse_incomplete_classes(self) -> None:
        for name in GUARDED:
            if name not in self.class_disclosure:
                raise refuse(f"{name} may not be left out", "class_disclosure")
        for name in self.class_disclosure:
            if name not in CHARACTERISTICS:
                raise refuse(f"{name} is no characteristic", "class_disclosure")

    def _refuse_unknown_counts(self) -> None:
        protected = self.protected()
        for name, right in MODELLED.items():
            if name not in protected:
                at = name.split(".")[0]
                fault = f"{name} counts people: it must be declared as protected"
                raise refuse(fault, "tables", *([at] if at in self.tables else []))
            told = protected[name]
            for key, fits in right.items():
                given = getattr(told, key)
                if given != fits and not (key == "dimensions" and {*given} <= {*fits}):
                    raise refuse(f"openbeat has sums for {fits} here", *_at(name), key)
        for name in protected:
            if name not in MODELLED:
                raise refuse("openbeat has no sums for these counts of people", *_at(name))

    def _refuse_two_methods(self) -> None:
        methods: dict[str, str] = {}
        for name, told in self.protected().items():
            if methods.setdefault(told.set, told.method) != told.method:
                raise refuse(
                    f"the set {told.set} has two methods: they would narrow each other",
                    *(*_at(name), "method"),
                )

    def _refuse_cyclic(self) -> None:
        from openbeat.disclosure.acyclic import is_acyclic

        for set_ in dict.fromkeys(told.set for told in self.protected().values()):
            of_set = [told for told in self.protected().values() if told.set == set_]
            tables = {edge for told in of_set for edge in told.edges()}
            if not is_acyclic(sorted(tables, key=sorted)):
                raise refuse(
                    f"the tables of {set_} are a cyclic set: what is shown would not be all that "
                    "is known of the table behind them",
                    "tables",
                )
        for name, told in self.protected().items():
            if told.crossed:
                raise refuse("openbeat makes no crossed counts yet", *_at(name), "crossed")

    def protected(self) -> dict[str, Protected]:
        """Counts of people by table, or by ``<table>.<column>``, in the policy's order."""
        found: dict[str, Protected] = {}
        for name, table in self.tables.items():
            if table.people is not None:
                found[name] = table.people
            found |= {f"{name}.{column}": told for column, told in table.columns.items()}
        return found

    def table(self, name: str) -> Table:
        """What a table is declared as.

        Raises:
            KeyError: The policy has no such table.
        """
        return self.tables[name]

    def threshold(self, dimension: str) -> int:
        """The fewest people behind a number that is shown of a dimension (``all`` for totals)."""
        return self.thresholds.__pydantic_extra__.get(dimension, self.thresholds.default)

    def method(self, set_: str) -> Method:
        """The method of a set.

        Raises:
            KeyError: There is no such set.
        """
        methods: dict[str, Method] = {told.set: told.method for told in self.protected().values()}
        return methods[set_]

    def levels(self, set_: str, period: str) -> Mapping[str, tuple[str, ...]]:
        """The levels of place that are shown of a set, by dimension.

        Args:
            set_: The set.
            period: quarter or year.

        Returns:
            For each dimension of the set's tables, and ``all``, the levels of place.
        """
        found: dict[str, tuple[str, ...]] = {}
        for told in self.protected().values():
            if told.set == set_:
                levels = tuple(told.periods.get(period, ()))
                for dimension in ("all", *told.dimensions):
                    found[dimension] = tuple(sorted({*found.get(dimension, ()), *levels}))
        return found

    def as_published(self) -> dict[str, Any]:
        """The policy as plain values, in the file's own words, for each release.

        With ``methods``, the method of each set.
        """
        sets = sorted({told.set for told in self.protected().values()})
        plain = self.model_dump(mode="json", by_alias=True)
        return plain | {"methods": {name: self.method(name) for name in sets}}


def _at(name: str) -> tuple[str, ...]:
    """Where in the file counts of people are declared."""
    table, *column = name.split(".")
    return ("tables", table, "columns", *column) if column else ("tables", table, "people")


def load_policy(path: Path | None = None) -> Policy:
    """Read a policy.

    Args:
        path: The file; without one, the policy that openbeat ships.

    Raises:
        InputError: It cannot be read, or says what openbeat refuses; names the line.
    """
    return read_model(path or SHIPPED, Policy)


def check_lineage(policy: Policy, tables: Iterable[str], upstream: Mapping[str, Set[str]]) -> None:
    """Hold the policy against what tables were really made from.

    Args:
        policy: The policy.
        tables: The tables that a release holds.
        upstream: For each, the names of all the sources it was made from, however far back.

    Raises:
        InputError: The policy does not list a table, or calls one open that was made from
            something that is not, or whose sources are not known.
    """
    for name in sorted(tables):
        if name not in policy.tables:
            raise InputError(
                f"the table {name} is in a release and not in the policy",
                rule="every published table is declared",
                mend="declare it in the policy of disclosure control (disclosure.policy).",
            )
        if policy.table(name).kind != "open":
            continue
        foreign = sorted(upstream.get(name, set()) - policy.open_sources.keys())
        if foreign or not upstream.get(name):
            made = ", ".join(foreign) or "sources that are not known"
            raise InputError(
                f"the table {name} is called open and is made from {made}",
                rule="an open table is made from open sources alone",
                mend="declare it as acts or protected in the policy of disclosure control.",
            )
