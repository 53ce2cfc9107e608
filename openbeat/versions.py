"""The versions of tables, and what was announced about them: ``config/deprecations.yaml``.

Only the register, its model and its marks on the contracts belong here. Whether a release keeps to
it is judged in ``openbeat.release.compatibility``; what is told of it, in ``release.schemas``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from openbeat.errors import InputError
from openbeat.yaml_file import read_model

if TYPE_CHECKING:
    from openbeat.contract import Contract

SEMVER: Final = r"^(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2}$"
"""Semantic Versioning 2.0.0 (semver.org) without its pre-releases, which no table has."""
REGISTER: Final = Path(__file__).resolve().parent.parent / "config" / "deprecations.yaml"

Version = Annotated[str, Field(pattern=SEMVER)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, Field(min_length=1)]


def parse_version(version: str) -> tuple[int, int, int]:
    """The three numbers of a semantic version.

    >>> parse_version("1.10.0") > parse_version("1.9.3")
    True
    """
    major, minor, patch = version.split(".")
    return int(major), int(minor), int(patch)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Deprecation(_Model):
    """One breaking change, announced before it is made. It stays in the register for ever.

    Attributes:
        table: The table.
        column: The column; none: the table as a whole.
        change: ``removed``, ``renamed`` (to ``replacement``) or ``changed``: a column's type,
            unit, codes or whether it may be empty; a table's key or the order of its columns.
        version: The major version of the table that brings it; none where the table itself goes.
        announced: The day it was announced.
        not_before: The day before which it is not made.
        replacement: What to use in its place: a column of the table, or a table.
        why: The reason, one sentence.
    """

    table: Name
    column: Name | None = None
    change: Literal["removed", "renamed", "changed"] = "removed"
    version: Annotated[str, Field(pattern=r"^[1-9][0-9]*\.0\.0$")] | None = None
    announced: date
    not_before: date
    replacement: Name | None = None
    why: Text

    @property
    def removes(self) -> bool:
        """Whether its column or table is gone afterwards."""
        return self.change != "changed"

    @property
    def of_table(self) -> bool:
        """Whether a whole table goes."""
        return self.column is None and self.removes

    @property
    def place(self) -> str:
        """``table`` or ``table.column``."""
        return f"{self.table}.{self.column}" if self.column else self.table

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.not_before <= self.announced:
            raise ValueError(f"{self.place}: not_before must be after the day it is announced")
        if self.change == "renamed" and self.replacement is None:
            raise ValueError(f"{self.place}: what is renamed needs its new name, replacement")
        if self.of_table != (self.version is None):
            raise ValueError(
                f"{self.place}: version is the table's major version that brings the change;"
                " only where the table itself goes there is none"
            )
        return self


class Rename(_Model):
    """A name that changed and is not a table's or column's, such as a force's slug."""

    kind: Literal["force"]
    old: Text
    new: Text
    since: date


class Stopped(_Model):
    """Tables that are no longer published here though openbeat can, such as for want of logs."""

    tables: Annotated[list[Name], Field(min_length=1)]
    since: date
    why: Text


class Register(_Model):
    """What was announced: ``config/deprecations.yaml``."""

    deprecations: list[Deprecation] = []
    renames: list[Rename] = []
    stopped: list[Stopped] = []

    def reason_stopped(self, table: str) -> str | None:
        """Why a table is no longer published here; None where it is."""
        return next((entry.why for entry in self.stopped if table in entry.tables), None)

    def attach(self, contracts: Mapping[str, Contract]) -> dict[str, Contract]:
        """The contracts with what is announced and not yet done, so that all descriptors tell it.

        Args:
            contracts: By table name.

        Returns:
            All of them, in their order.

        Raises:
            InputError: An announcement does not fit the contracts; lists every fault.
        """
        faults = list(self._faults(contracts))
        if faults:
            raise InputError("; ".join(faults), file="deprecations.yaml")
        return {
            name: contract.model_copy(
                update={
                    "deprecations": tuple(
                        entry
                        for entry in self.deprecations
                        if entry.table == name and not is_done(entry, contract)
                    )
                }
            )
            for name, contract in contracts.items()
        }

    def _faults(self, contracts: Mapping[str, Contract]) -> Iterator[str]:
        pending: set[str] = set()
        for entry in self.deprecations:
            contract = contracts.get(entry.table)
            if contract is None:  # the history of a table that is gone
                continue
            columns = {column.name for column in contract.columns if column.published}
            there = entry.column is None or entry.column in columns
            if is_done(entry, contract):
                if entry.removes and there and not entry.of_table:
                    yield (
                        f"{entry.place} was to go with version {entry.version}, and is still there"
                        f" in {contract.schema_version}: take it out, or announce a later version"
                    )
                continue
            if not there:
                yield (
                    f"{entry.place} is no published column: mend its name, or raise the table's"
                    f" schema_version to {entry.version} if it has gone"
                )
            if entry.place in pending:
                yield f"{entry.place} is announced twice: keep one until it is done"
            pending.add(entry.place)


def is_done(entry: Deprecation, contract: Contract | None) -> bool:
    """Whether an announced change has been made, by the table's contract now."""
    if contract is None or not contract.published:
        return True
    return entry.version is not None and parse_version(contract.schema_version) >= parse_version(
        entry.version
    )


def load_register(path: Path | None = None) -> Register:
    """Read the register of announcements.

    Args:
        path: A further file: its entries follow those of ``config/deprecations.yaml``, which tell
            of openbeat's own tables and so cannot be left out.

    Raises:
        InputError: The file cannot be read or is not right; names the file and the line.
    """
    shipped = read_model(REGISTER, Register)
    if path is None:
        return shipped
    own = read_model(path, Register)
    return Register(
        deprecations=[*shipped.deprecations, *own.deprecations],
        renames=[*shipped.renames, *own.renames],
        stopped=[*shipped.stopped, *own.stopped],
    )
