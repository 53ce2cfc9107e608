"""The files that describe a release, made from its contracts: datapackage.json, dictionary.csv.

Only wording and structure belong here; the files described are written by ``tables`` and ``geo``,
the page for people by ``readme``. Data Package v2: https://datapackage.org/standard/.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import polars as pl

from openbeat.release.content import (
    LICENCE_NAME,
    LICENCE_TITLE,
    LICENCE_URL,
    ReleaseContent,
    parse_release_id,
)
from openbeat.release.geo import GeoFile
from openbeat.release.tables import TableFile, published_columns

if TYPE_CHECKING:
    from openbeat.contract import Column, Contract
    from openbeat.rules import Rule

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "gpkg": "application/geopackage+sqlite3",
    "geojson": "application/geo+json",
    "json": "application/json",
    "md": "text/markdown",
}
FORMATS = {"parquet": "apache-parquet"}
"""As ``parquet``, frictionless 5 reads the file through pandas: it then finds fault with its size
and with every missing integer. Under another name it checks size and hash, and the CSV beside it
holds the same rows. It knows no ``row_count`` either; its ``rows`` fails on all but CSV.
"""
FIELD_TYPES = {"month": "yearmonth"}
DICTIONARY = "dictionary.csv"
DICTIONARY_COLUMNS = (
    "table", "column", "type", "unit", "description", "nullable", "allowed_values", "code_list",
    "source", "schema_version",
)  # fmt: skip
FILE_TITLES = {
    DICTIONARY: "Data dictionary: every column of every table",
    "quality.json": "Results of the checks that this release passed",
    "provenance.json": "What this release was made from and by",
    "README.md": "What this release is, and how to read it",
}


def data_package(
    content: ReleaseContent,
    release_id: str,
    files: Mapping[str, TableFile | GeoFile | None],
    sizes: Mapping[str, tuple[int, str]],
) -> dict[str, Any]:
    """The Data Package v2 descriptor of a release.

    Args:
        content: The release's content.
        release_id: Its id.
        files: Path to what is known of the file, in the order to list them.
        sizes: Path to bytes and sha256.

    Returns:
        The descriptor. It has no ``created`` time: a release holds no clock.
    """
    month, number = parse_release_id(release_id)
    year, month_of_year = (int(part) for part in month.split("-"))
    package = {
        "$schema": PROFILE,
        "name": "openbeat",
        "id": f"openbeat-{release_id}",
        # Data Package versions are semantic versions: the release's month and number as one.
        "version": f"{year}.{month_of_year}.{number}",
        "title": f"{content.title}, {content.window}",
        "description": f"{content.notice} {content.description}".strip(),
        "release": release_id,
        "month": content.month,
        "first_month": content.first_month,
        "as_of": content.as_of.isoformat(),
        "licenses": [{"name": LICENCE_NAME, "title": LICENCE_TITLE, "path": LICENCE_URL}],
        "contributors": [{"title": content.publisher, "roles": ["publisher"]}],
        "attribution": " ".join(content.attribution_lines),
        "sources": [dict(source) for source in content.sources],
        "resources": [_resource(content, path, file, sizes[path]) for path, file in files.items()],
    }
    if not package["sources"]:  # the profile asks for at least one where there is the property
        del package["sources"]
    return package


def _resource(
    content: ReleaseContent,
    path: str,
    file: TableFile | GeoFile | None,
    size: tuple[int, str],
) -> dict[str, Any]:
    suffix = PurePosixPath(path).suffix.removeprefix(".")
    resource: dict[str, Any] = {
        "name": resource_name(path),
        "path": path,
        "title": FILE_TITLES.get(path, path),
        "format": FORMATS.get(suffix, suffix),
        "mediatype": MEDIA_TYPES[suffix],
        "bytes": size[0],
        "hash": f"sha256:{size[1]}",
    }
    if suffix == "csv":
        resource["encoding"] = "utf-8"
    if isinstance(file, GeoFile):
        resource |= {"title": f"Neighbourhood boundaries ({suffix})", "description": file.note}
        resource["row_count"] = file.rows
    if isinstance(file, TableFile):
        if suffix == "csv":
            resource["type"] = "table"
        resource |= {"row_count": file.rows, **_table(content, path, file)}
    return resource


def resource_name(path: str) -> str:
    """A file's name in the package: CSVs plain, every other format with its ending.

    >>> resource_name("tables/crime.csv"), resource_name("geo/neighbourhoods.gpkg")
    ('crime', 'geo-neighbourhoods-gpkg')
    """
    pure = PurePosixPath(path.lower())
    folder = pure.parts[0] if len(pure.parts) > 1 else ""
    prefix = {"geo": "geo-", "codelists": "codelist-"}.get(folder, "")
    ending = "" if pure.suffix == ".csv" else f"-{pure.suffix.removeprefix('.')}"
    return f"{prefix}{pure.stem}{ending}"


def _table(content: ReleaseContent, path: str, file: TableFile) -> dict[str, Any]:
    """What a resource says of its table: title, description, version, schema."""
    if file.table is None:
        stem = PurePosixPath(path).stem
        if path == DICTIONARY:
            return {"schema": _text_schema(DICTIONARY_COLUMNS)}
        names = content.codelists[stem].columns
        return {
            "title": f"Code list: {stem.replace('_', ' ')}",
            "schema": _text_schema(names),
        }
    contract = content.contracts[file.table]
    return {
        "title": contract.title + (f": {file.part}" if file.part else ""),
        "description": " ".join([contract.description, *contract.notes]),
        "schema_version": str(contract.schema_version),
        "schema": table_schema(contract, content.codelists),
    }


def _text_schema(names: Iterable[str]) -> dict[str, Any]:
    return {"fields": [{"name": n, "type": "string"} for n in names], "missingValues": [""]}


def table_schema(contract: Contract, codelists: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """The Table Schema of one table.

    Only what is checked before every release is promised: constraints come from critical rules
    that hold for every row.

    Args:
        contract: The table's contract.
        codelists: The release's code lists, for the allowed values.

    Returns:
        Fields, ``primaryKey`` (or, where a column of it may be empty, ``uniqueKeys``) and
        ``missingValues``.
    """
    columns = published_columns(contract)
    nullable = {column.name: column.nullable for column in columns}
    schema: dict[str, Any] = {
        "fields": [_field(column, contract, codelists) for column in columns],
        "missingValues": [""],
    }
    key = list(contract.key)
    if key and all(name in nullable for name in key):
        if any(nullable[name] for name in key):
            schema["uniqueKeys"] = [key]
        else:
            schema["primaryKey"] = key
    return schema


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
    return field


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
        ``schema_version`` is the table's.
    """
    rows = [
        _dictionary_row(column, content.contracts[table])
        for table in sorted(content.tables)
        for column in published_columns(content.contracts[table])
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(DICTIONARY_COLUMNS, pl.String), orient="row")


def _dictionary_row(column: Column, contract: Contract) -> tuple[str | None, ...]:
    rules = _binding_rules(column, contract)
    values = next((rule.values for rule in rules if rule.kind == "in_set" and rule.values), None)
    named = next((rule.codelist for rule in rules if rule.kind == "in_set"), None)
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
        str(contract.schema_version),
    )
