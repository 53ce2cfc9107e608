"""What changed between two Table Schemas, and how much a reader of the table must mind.

Only the comparison belongs here; whether a release may make the changes is judged in
``compatibility``. The levels are those of Semantic Versioning 2.0.0 (semver.org), read for data as
the Data Package standard's recipe does (https://datapackage.org/recipes/data-package-version/):

- major, breaking: a column removed, renamed, moved or of another type, format or unit, a code taken
  away, empty where it never was, another key;
- minor: a column added after the others, a code added, a limit, pattern or promise changed that
  leaves the meaning, a breaking change announced;
- patch: words.

A column put between others is breaking, because it moves them: readers that count columns exist.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

Schema = Mapping[str, Any]
"""A Table Schema, as JSON values."""

WORDS = ("title", "description", "example", "codelist", "categories", "since")
"""Properties that only describe. One that the older schema has not is not compared: the program
learnt to say it, the table did not change."""
LIMITS = {"minimum": "the least value", "maximum": "the greatest value", "pattern": "the form"}
MEANING = {"type": "type", "format": "format", "unit": "unit"}


class Level(IntEnum):
    """How much of the version must rise."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


@dataclass(frozen=True)
class Change:
    """One change of a table, as the changelog tells it.

    Attributes:
        table: The table.
        column: The column; None: the table as a whole.
        level: What part of the table's version it raises; ``NONE``: there is no version to raise.
        kind: ``added``, ``removed`` or ``changed``.
        sentence: For people; starts with the table's name.
    """

    table: str
    column: str | None
    level: Level
    kind: Literal["added", "removed", "changed"]
    sentence: str


def schema_changes(table: str, old: Schema, new: Schema) -> list[Change]:
    """Every change between two schemas of one table.

    Args:
        table: Its name.
        old: The schema that was published.
        new: The schema to be published.

    Returns:
        The changes: of the table as a whole, then by column; words last, once for all columns.
    """
    before = {field["name"]: field for field in old["fields"]}
    after = {field["name"]: field for field in new["fields"]}
    changes = [
        *_table_changes(table, old, new),
        *_order_changes(table, list(before), list(after)),
    ]
    for name in before:
        if name not in after:
            text = f"{table}: column {name} was removed{_in_its_place(before[name])}."
            changes.append(Change(table, name, Level.MAJOR, "removed", text))
    for name, field in after.items():
        if name in before:
            changes.extend(_column_changes(table, name, before[name], field))
        else:
            text = f"{table}: column {name} was added: {_clause(field['description'])}."
            changes.append(Change(table, name, Level.MINOR, "added", text))
    if reworded := _reworded(before, after):
        text = f"{table}: described in other words, with the same meaning: {_listed(reworded)}."
        changes.append(Change(table, None, Level.PATCH, "changed", text))
    return changes


def key_of(schema: Schema) -> list[str]:
    """The key of a table: its primary key, or the unique key where a column may be empty."""
    unique: list[Any] = schema.get("uniqueKeys") or [[]]
    key = schema.get("primaryKey") or unique[0]
    return [key] if isinstance(key, str) else list(key)


def _table_changes(table: str, old: Schema, new: Schema) -> Iterator[Change]:
    before, after = key_of(old), key_of(new)
    if before != after:
        text = f"{table}: the key was {_listed(before)} and is now {_listed(after)}."
        yield Change(table, None, Level.MAJOR, "changed", text)
    yield from _announcements(table, None, old, new)


def _order_changes(table: str, before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    kept = [name for name in before if name in after]
    if [name for name in after if name in before] != kept:
        text = f"{table}: the columns are in another order."
        yield Change(table, None, Level.MAJOR, "changed", text)
    elif list(after[: len(kept)]) != kept:
        last = max(after.index(name) for name in kept)
        between = [name for name in after[:last] if name not in before]
        text = f"{table}: {_listed(between)} was put between other columns, which moves them."
        yield Change(table, None, Level.MAJOR, "changed", text)


def _column_changes(table: str, name: str, old: Schema, new: Schema) -> Iterator[Change]:
    where = f"{table}: column {name}"
    for key, word in MEANING.items():
        if old.get(key) != new.get(key):
            text = f"{where}: its {word} was {old.get(key, 'none')}, now {new.get(key, 'none')}."
            yield Change(table, name, Level.MAJOR, "changed", text)
    before, after = old.get("constraints", {}), new.get("constraints", {})
    for level, words in [*_emptiness(before, after), *_codes(before, after)]:
        yield Change(table, name, level, "changed", f"{where} {words}.")
    for key, word in LIMITS.items():
        if before.get(key) != after.get(key):
            text = f"{where}: {word} was {before.get(key, 'any')}, now {after.get(key, 'any')}."
            yield Change(table, name, Level.MINOR, "changed", text)
    yield from _announcements(table, name, old, new)


def _reworded(before: Mapping[str, Schema], after: Mapping[str, Schema]) -> list[str]:
    """The columns of which other words say the same."""
    return [
        name
        for name, new in after.items()
        if (old := before.get(name)) is not None
        and (any(key in old and old[key] != new.get(key) for key in WORDS) or _shuffled(old, new))
    ]


def _shuffled(old: Schema, new: Schema) -> bool:
    """Whether the same codes are listed in another order."""
    first, second = (field.get("constraints", {}).get("enum") or [] for field in (old, new))
    return first != second and sorted(map(str, first)) == sorted(map(str, second))


def _emptiness(before: Schema, after: Schema) -> Iterator[tuple[Level, str]]:
    if before.get("required") and not after.get("required"):
        yield Level.MAJOR, "may now be empty"
    elif after.get("required") and not before.get("required"):
        yield Level.MINOR, "is now never empty"


def _codes(before: Schema, after: Schema) -> Iterator[tuple[Level, str]]:
    old, new = before.get("enum"), after.get("enum")
    if old is None or new is None:
        if old != new:
            yield (
                Level.MINOR,
                "is no longer limited to a list" if new is None else "is now limited to a list",
            )
        return
    if gone := [code for code in old if code not in new]:
        yield Level.MAJOR, f"lost codes: {_listed(gone)}"
    if more := [code for code in new if code not in old]:
        yield Level.MINOR, f"has new codes: {_listed(more)}"


def _announcements(table: str, column: str | None, old: Schema, new: Schema) -> Iterator[Change]:
    before, after = old.get("deprecated"), new.get("deprecated")
    where = f"{table}: column {column}" if column else f"{table}: the table"
    if before == after:
        return
    if after is None:
        text = f"{where} stays as it is: the change that was announced will not be made."
    else:
        text = f"{where} {_announced(after)}"
    yield Change(table, column, Level.MINOR, "changed", text)


def _announced(entry: Mapping[str, Any]) -> str:
    does = {
        "removed": "will be removed",
        "renamed": f"will be renamed to {entry.get('replacement')}",
        "changed": "will change in a way that may break readers",
    }[entry["change"]]
    version = f" with version {entry['version']}" if "version" in entry else ""
    instead = ""
    if entry["change"] != "renamed" and "replacement" in entry:
        instead = f" Use {entry['replacement']}."
    return f"{does}{version}, not before {entry['not_before']}: {_clause(entry['why'])}.{instead}"


def _in_its_place(field: Mapping[str, Any]) -> str:
    replacement = field.get("deprecated", {}).get("replacement")
    return f"; use {replacement}" if replacement else ""


def _clause(sentence: str) -> str:
    return sentence.strip().rstrip(".")


def _listed(values: Sequence[object]) -> str:
    return ", ".join(str(value) for value in values) or "none"
