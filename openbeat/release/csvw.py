"""``<csv>-metadata.json`` beside each CSV of a table: CSV on the Web, as GOV.UK asks for.

Only what a sidecar says belongs here. Each describes one file, and with it the code lists that its
columns lead to, as a foreign key must lead to a table that the same file describes. A column that
may be empty has no foreign key, which strict validators refuse, but lists its codes. Tabular
metadata: https://www.w3.org/TR/tabular-metadata/; data types: https://www.w3.org/TR/tabular-data-model/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from openbeat.release.content import LICENCE_URL, ReleaseContent
from openbeat.release.descriptors import SIDECAR, json_page
from openbeat.release.files import write_text
from openbeat.release.geo import GeoFile
from openbeat.release.schemas import table_schema
from openbeat.release.tables import TableFile, published_columns

CONTEXT = ["http://www.w3.org/ns/csvw", {"@language": "en"}]
DATATYPES = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "yearmonth": "gYearMonth",
    "datetime": "dateTime",
}
"""Table Schema's type to CSVW's. Booleans are written true and false, dates as ISO 8601."""


def write_sidecars(
    content: ReleaseContent, staging: Path, files: Mapping[str, TableFile | GeoFile | None]
) -> Iterator[str]:
    """Write a sidecar beside every plain CSV of a table, whole or a force's part.

    Args:
        content: The release's content.
        staging: The folder of the release.
        files: What is written so far, by path.

    Yields:
        The path of each sidecar. None names the release.
    """
    for path, file in files.items():
        if (
            isinstance(file, TableFile)
            and file.table in content.contracts
            and path.endswith(".csv")
        ):
            write_text(staging / f"{path}{SIDECAR}", json_page(sidecar(content, file)))
            yield f"{path}{SIDECAR}"


def sidecar(content: ReleaseContent, file: TableFile) -> dict[str, Any]:
    """What the sidecar of one CSV says.

    Args:
        content: The release's content.
        file: The CSV.

    Returns:
        A table group: the CSV first, then the code lists that its foreign keys lead to.
    """
    contract = content.contracts[str(file.table)]
    up = "../" * (len(PurePosixPath(file.path).parts) - 1)
    model = table_schema(contract, content.codelists)
    keys = _keys(model)
    table: dict[str, Any] = {
        "url": PurePosixPath(file.path).name,
        "dc:title": contract.title + (f": {file.part}" if file.part else ""),
        "dc:description": " ".join([contract.description, *contract.notes]),
        "dc:license": {"@id": LICENCE_URL},
        "dc:publisher": content.publisher,
        "dc:source": [{"@id": source["path"]} for source in content.sources],
        "schema:version": str(contract.schema_version),
        "tableSchema": _schema(content, file, model, up),
    }
    named = sorted({_list_of(key) for key in keys})
    return {
        "@context": CONTEXT,
        "tables": [table, *(_codelist(name, content, up) for name in named)],
    }


def _keys(model: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The foreign keys of the Table Schema that hold of every row: none of columns with gaps."""
    filled = {f["name"] for f in model["fields"] if f.get("constraints", {}).get("required")}
    return [key for key in model.get("foreignKeys", []) if filled.issuperset(key["fields"])]


def _list_of(key: Mapping[str, Any]) -> str:
    """The code list that a foreign key of the Table Schema leads to."""
    return str(key["reference"]["resource"]).removeprefix("codelist-")


def _schema(
    content: ReleaseContent, file: TableFile, model: Mapping[str, Any], up: str
) -> dict[str, Any]:
    """The Table Schema in CSVW's words."""
    contract = content.contracts[str(file.table)]
    columns = {column.name: column for column in published_columns(contract)}
    keys = _keys(model)
    keyed = {name for key in keys for name in key["fields"]}
    schema: dict[str, Any] = {"columns": []}
    for field in model["fields"]:
        name = field["name"]
        column = {**_column(field), "datatype": _datatype(field, name in keyed)}
        if columns[name].many:
            column["separator"] = ";"
        if content.base_url:
            column["propertyUrl"] = f"{content.base_url}/latest/dictionary.csv#{file.table}.{name}"
        schema["columns"].append(column)
    if "primaryKey" in model:
        schema["primaryKey"] = model["primaryKey"]
    if keys:
        schema["foreignKeys"] = [
            {
                "columnReference": key["fields"],
                "reference": {
                    "resource": f"{up}codelists/{_list_of(key)}.csv",
                    "columnReference": key["reference"]["fields"],
                },
            }
            for key in keys
        ]
    return schema


def _column(field: Mapping[str, Any]) -> dict[str, Any]:
    column: dict[str, Any] = {
        "name": field["name"],
        "titles": field["name"],
        "dc:description": field["description"],
        "null": "",
    }
    if field.get("constraints", {}).get("required"):
        column["required"] = True
    if field.get("unit"):
        column["schema:unitText"] = field["unit"]
    return column


def _datatype(field: Mapping[str, Any], keyed: bool) -> str | dict[str, Any]:
    """The data type with the limits that every row is known to keep."""
    base = DATATYPES[field["type"]]
    constraints = field.get("constraints", {})
    limits = {k: constraints[k] for k in ("minimum", "maximum") if k in constraints}
    if base == "gYearMonth":
        limits = {}  # CSVW knows limits of numbers, dates and times only
    if base == "string" and "pattern" in constraints:
        limits = {"format": constraints["pattern"]}
    elif base == "string" and "enum" in constraints and not keyed:
        limits = {"format": f"^(?:{'|'.join(re.escape(v) for v in constraints['enum'])})$"}
    return {"base": base, **limits} if limits else base


def _codelist(name: str, content: ReleaseContent, up: str) -> dict[str, Any]:
    columns = content.codelists[name].columns
    return {
        "url": f"{up}codelists/{name}.csv",
        "dc:title": f"Code list: {name.replace('_', ' ')}",
        "tableSchema": {
            "columns": [
                {"name": column, "titles": column, "datatype": "string", "null": ""}
                for column in columns
            ],
            "primaryKey": [columns[0]],
        },
    }
