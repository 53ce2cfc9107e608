"""``datapackage.json``: every file of a release, for machines.

Only the package and its resources belong here; what is said of a table's columns is in ``schemas``,
other descriptors in ``csvw``, ``catalogue`` and ``croissant``, the page for people
in ``readme``. Data Package v2: https://datapackage.org/standard/.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from openbeat.release.content import (
    LICENCE_NAME,
    LICENCE_TITLE,
    LICENCE_URL,
    ReleaseContent,
    parse_release_id,
)
from openbeat.release.geo import GeoFile
from openbeat.release.redirects import COLUMNS as REDIRECTS_COLUMNS
from openbeat.release.redirects import REDIRECTS
from openbeat.release.schemas import DICTIONARY, DICTIONARY_COLUMNS, table_schema, text_schema
from openbeat.release.tables import TableFile

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "gpkg": "application/geopackage+sqlite3",
    "geojson": "application/geo+json",
    "json": "application/json",
    "jsonld": "application/ld+json",
    "md": "text/markdown",
    "txt": "text/plain",
    "gz": "application/gzip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "pmtiles": "application/vnd.pmtiles",
}
FORMATS = {
    "parquet": "apache-parquet",
    "ods": "opendocument-spreadsheet",
    "xlsx": "office-open-xml-spreadsheet",
}
"""As ``parquet``, frictionless 5 reads the file through pandas: it then finds fault with its size
and with every missing integer. Under another name it checks size and hash, and the CSV beside it
holds the same rows. It knows no ``row_count`` either; its ``rows`` fails on all but CSV. A workbook
it would take for one table, its cover, and ask for a library to read it with.
"""
FILE_TITLES = {
    DICTIONARY: "Data dictionary: every column of every table",
    "quality.json": "Results of the checks that this release passed",
    "provenance.json": "What this release was made from and by",
    "disclosure.json": "How counts of people were protected, and what that leaves open",
    "DISCLOSURE.md": "The same, to read",
    "README.md": "What this release is, and how to read it",
    "LICENCE.txt": "The licence",
    "CHANGELOG.md": "What changed since the release before, in words",
    "REVISIONS.csv": "Every cell that changed since the release before",
    "REVISIONS.parquet": "Every cell that changed since the release before",
    "QUALITY.md": "Statement of quality",
    "redirects.csv": "Names that were changed, and what they are called now",
    "catalog.jsonld": "Catalogue record (DCAT 3)",
    "data.json": "Catalogue record for data.gov.uk",
    "dataset.jsonld": "Description for web pages (schema.org)",
    "croissant.json": "Description for machine learning (Croissant)",
}
TEXT_TABLES: dict[str, tuple[str, ...]] = {
    DICTIONARY: DICTIONARY_COLUMNS,
    REDIRECTS: REDIRECTS_COLUMNS,
}
"""Files of texts alone, with their columns, that are neither a table nor a code list."""
SIDECAR = "-metadata.json"
PREFIXES = {"geo": "geo-", "codelists": "codelist-", "workbook": "workbook-", "schemas": "schema-"}
KEYWORDS = ("crime", "police", "neighbourhood", "stop and search", "community engagement")


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
        "keywords": list(KEYWORDS),
        "contributors": contributors(content),
        "attribution": " ".join(content.attribution_lines),
        "sources": [dict(source) for source in content.sources],
        "resources": [_resource(content, path, file, sizes[path]) for path, file in files.items()],
    }
    if not package["sources"]:  # the profile asks for at least one where there is the property
        del package["sources"]
    if content.base_url:
        package["homepage"] = f"{content.base_url}/{release_id}/"
    return package


def contributors(content: ReleaseContent) -> list[dict[str, Any]]:
    """Who publishes, and whom to write to where that is known."""
    known = [{"title": content.publisher, "roles": ["publisher"]}]
    office = {
        "title": content.contact.get("name") or content.publisher,
        "email": content.contact.get("email"),
        "path": content.contact.get("url"),
        "roles": ["contactPoint"],
    }
    if office["email"] or office["path"]:
        known.append({key: value for key, value in office.items() if value})
    return known


def json_page(value: Any) -> str:
    """A descriptor as text: keys in the order given, readable, the same each time."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


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
        "title": file_title(path),
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


def file_title(path: str) -> str:
    """What a file is, in words, as far as its path tells.

    >>> file_title("schemas/crime/1.0.0.json")
    'Schema of the table crime, version 1.0.0'
    """
    pure = PurePosixPath(path)
    if pure.parts[0] == "schemas" and len(pure.parts) == 3:
        return f"Schema of the table {pure.parts[1]}, version {pure.stem}"
    if path.endswith(SIDECAR):
        return f"Description of {pure.name.removesuffix(SIDECAR)} (CSV on the Web)"
    if pure.parts[0] == "workbook":
        return f"Workbook: {pure.stem}"
    return FILE_TITLES.get(path, path)


def resource_name(path: str) -> str:
    """A file's name in the package: CSVs plain, every other format with its ending.

    >>> resource_name("tables/crime.csv"), resource_name("geo/neighbourhoods.gpkg")
    ('crime', 'geo-neighbourhoods-gpkg')
    >>> resource_name("schemas/crime/1.0.0.json")
    'schema-crime-1.0.0-json'
    """
    pure = PurePosixPath(path.lower())
    folder = pure.parts[0] if len(pure.parts) > 1 else ""
    prefix = PREFIXES.get(folder, "")
    if folder == "schemas":
        prefix += "".join(f"{part}-" for part in pure.parts[1:-1])
    ending = "" if pure.suffix == ".csv" else f"-{pure.suffix.removeprefix('.')}"
    return f"{prefix}{pure.stem}{ending}"


def _table(content: ReleaseContent, path: str, file: TableFile) -> dict[str, Any]:
    """What a resource says of its table: title, description, version, schema."""
    if file.table is None:
        if path in TEXT_TABLES:
            return {"schema": text_schema(TEXT_TABLES[path])}
        stem = PurePosixPath(path).stem
        return {
            "title": f"Code list: {stem.replace('_', ' ')}",
            "schema": text_schema(content.codelists[stem].columns),
        }
    contract = content.contracts[file.table]
    return {
        "title": contract.title + (f": {file.part}" if file.part else ""),
        "description": " ".join([contract.description, *contract.notes]),
        "schema_version": str(contract.schema_version),
        "schema": table_schema(contract, content.codelists),
    }
