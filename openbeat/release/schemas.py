"""What is said of a table's columns: its Table Schema, and its part of ``dictionary.csv``.

Only what follows from a contract belongs here; the package around it is in ``descriptors``.
Table Schema v2: https://datapackage.org/standard/table-schema/.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from openbeat.release.content import ReleaseContent
from openbeat.release.files import write_text
from openbeat.release.tables import published_columns

if TYPE_CHECKING:
    from openbeat.contract import Column, Contract
    from openbeat.rules import Rule
    from openbeat.versions import Deprecation

PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
MISSING = {"value": "", "label": "No value; where the column has a status, that says why"}

FIELD_TYPES = {"month": "yearmonth", "moment": "datetime"}
DICTIONARY = "dictionary.csv"
DICTIONARY_COLUMNS = (
    "table", "column", "type", "unit", "description", "nullable", "allowed_values", "code_list",
    "source", "schema_version", "since_version", "deprecated_on", "removed_on", "replacement",
)  # fmt: skip


def text_schema(names: Iterable[str]) -> dict[str, Any]:
    """The Table Schema of a table that holds only texts."""
    return {"fields": [{"name": n, "type": "string"} for n in names], "missingValues": [""]}


def table_schema(contract: Contract, codelists: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """The Table Schema of one table.

    Only what is checked before every release is promised: constraints come from critical rules
    that hold for every row.

    Args:
        contract: The table's contract.
        codelists: The release's code lists, for the allowed values.

    Returns:
        Fields, ``primaryKey`` (or, where a column of it may be empty, ``uniqueKeys``),
        ``foreignKeys`` into the code lists, ``missingValues`` and, where a breaking change of the
        table is announced, ``deprecated``; a field has ``since`` and, likewise, ``deprecated``.
    """
    columns = published_columns(contract)
    nullable = {column.name: column.nullable for column in columns}
    schema: dict[str, Any] = {
        "fields": [_field(column, contract, codelists) for column in columns],
        "missingValues": [MISSING],
    }
    if announced := _announced(contract, None):
        schema["deprecated"] = announced
    if foreign := _foreign_keys(columns, contract, codelists):
        schema["foreignKeys"] = foreign
    key = list(contract.key)
    if key and all(name in nullable for name in key):
        if any(nullable[name] for name in key):
            schema["uniqueKeys"] = [key]
        else:
            schema["primaryKey"] = key
    return schema


def write_schemas(content: ReleaseContent, staging: Path) -> Iterator[str]:
    """Write ``schemas/<table>/<schema_version>.json``, each table's Table Schema as a file.

    Yields:
        The path of each, inside the release.
    """
    for table in content.described:
        contract = content.contracts[table]
        path = f"schemas/{table}/{contract.schema_version}.json"
        schema = {
            "$schema": PROFILE,
            "name": table,
            "title": contract.title,
            "description": contract.description,
            "schema_version": contract.schema_version,
            **table_schema(contract, content.codelists),
        }
        (staging / path).parent.mkdir(parents=True, exist_ok=True)
        write_text(staging / path, json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
        yield path


def _announcement(contract: Contract, column: str | None) -> Deprecation | None:
    return next((entry for entry in contract.deprecations if entry.column == column), None)


def _announced(contract: Contract, column: str | None) -> dict[str, Any] | None:
    """What is announced of a column, or of the table as a whole, as JSON values."""
    entry = _announcement(contract, column)
    if entry is None:
        return None
    return entry.model_dump(mode="json", exclude={"table", "column"}, exclude_none=True)


def _foreign_keys(
    columns: Iterable[Column], contract: Contract, codelists: Mapping[str, pl.DataFrame]
) -> list[dict[str, Any]]:
    """Which columns' values are those of a code list, without exception."""
    return [
        {
            "fields": [column.name],
            "reference": {
                "resource": f"codelist-{rule.codelist}",
                "fields": [codelists[rule.codelist].columns[0]],
            },
        }
        for column in columns
        for rule in _binding_rules(column, contract)
        if rule.kind == "in_set" and rule.codelist
    ]


def _field(
    column: Column, contract: Contract, codelists: Mapping[str, pl.DataFrame]
) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": FIELD_TYPES.get(column.type, column.type),
        "description": column.description,
    }
    if column.unit:
        field["unit"] = column.unit
    if column.example is not None:
        field["example"] = column.example
    if column.codelist:
        field["codelist"] = column.codelist
    if constraints := _constraints(column, contract, codelists):
        field["constraints"] = constraints
    if categories := _categories(column, contract, codelists):
        field["categories"] = categories
    field["since"] = column.since or contract.since
    if announced := _announced(contract, column.name):
        field["deprecated"] = announced
    return field


def _categories(
    column: Column, contract: Contract, codelists: Mapping[str, pl.DataFrame]
) -> list[dict[str, str]] | None:
    """The codes that a column may hold with their labels, where its code list has labels."""
    for rule in _binding_rules(column, contract):
        if rule.kind == "in_set" and rule.codelist and "label" in codelists[rule.codelist].columns:
            listed = codelists[rule.codelist]
            names = {listed.columns[0]: "value", "label": "label"}
            if len(names) == 2:
                return listed.select(
                    pl.col(old).alias(new) for old, new in names.items()
                ).to_dicts()
    return None


def _constraints(
    column: Column, contract: Contract, codelists: Mapping[str, pl.DataFrame]
) -> dict[str, Any]:
    constraints: dict[str, Any] = {} if column.nullable else {"required": True}
    if list(contract.key) == [column.name]:
        constraints["unique"] = True
    for rule in _binding_rules(column, contract):
        if rule.kind == "not_null":
            constraints["required"] = True
        elif rule.kind == "in_set":
            # "categories" says more, but frictionless 5 ignores it: "enum" is what tools check.
            constraints["enum"] = allowed_values(rule, codelists)
        elif rule.kind == "matches" and column.type == "string":
            constraints["pattern"] = f"^(?:{rule.pattern})$"
        elif rule.kind == "between":
            limits = {"minimum": rule.minimum, "maximum": rule.maximum}
            constraints |= {name: limit for name, limit in limits.items() if limit is not None}
    return constraints


def _binding_rules(column: Column, contract: Contract) -> list[Rule]:
    """The rules of one column that every published row is known to keep."""
    return [
        rule
        for rule in contract.rules
        if rule.column == column.name and rule.severity == "critical" and rule.when is None
    ]


def allowed_values(rule: Rule, codelists: Mapping[str, pl.DataFrame]) -> list[Any]:
    """The values an ``in_set`` rule allows: its own, or the codes of its list."""
    if rule.values:
        return list(rule.values)
    return codelists[str(rule.codelist)].to_series(0).to_list()


def dictionary(content: ReleaseContent) -> pl.DataFrame:
    """Every published column of every table, as people look it up.

    Args:
        content: The release's content.

    Returns:
        A frame of strings with ``DICTIONARY_COLUMNS``, by table, columns in the contract's order.
        ``schema_version`` is the table's, ``since_version`` the one that brought the column;
        ``deprecated_on`` the day a breaking change of it was announced, ``removed_on`` the day
        from which the release may be without it (empty where it stays, changed).
    """
    rows = [
        _dictionary_row(column, content.contracts[table])
        for table in content.described
        for column in published_columns(content.contracts[table])
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(DICTIONARY_COLUMNS, pl.String), orient="row")


def _dictionary_row(column: Column, contract: Contract) -> tuple[str | None, ...]:
    rules = _binding_rules(column, contract)
    values = next((rule.values for rule in rules if rule.kind == "in_set" and rule.values), None)
    named = next((rule.codelist for rule in rules if rule.kind == "in_set"), None)
    announced = _announcement(contract, column.name) or _announcement(contract, None)
    return (
        contract.table,
        column.name,
        column.type,
        column.unit,
        column.description,
        "yes" if column.nullable else "no",
        "; ".join(str(value) for value in values) if values else None,
        column.codelist or named,
        column.source,
        contract.schema_version,
        column.since or contract.since,
        announced.announced.isoformat() if announced else None,
        announced.not_before.isoformat() if announced and announced.removes else None,
        announced.replacement if announced else None,
    )
