"""``croissant.json``: the tables of a release for machine-learning tools (Croissant 1.0).

Only that record belongs here; it is judged by ``mlcroissant``. The format:
https://docs.mlcommons.org/croissant/docs/croissant-spec.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openbeat.release.content import LICENCE_URL, ReleaseContent
from openbeat.release.geo import GeoFile
from openbeat.release.tables import TableFile, published_columns

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
DATA_TYPES = {
    "string": "sc:Text",
    "month": "sc:Text",
    "moment": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
}
"""A contract's type to Croissant's. Months stay text: schema.org's dates are of whole days."""
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "equivalentProperty": "cr:equivalentProperty",
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context that the format prescribes."""


def croissant(
    content: ReleaseContent,
    release_id: str,
    files: Mapping[str, TableFile | GeoFile | None],
    sizes: Mapping[str, tuple[int, str]],
) -> dict[str, Any]:
    """The Croissant record of a release: each table's Parquet, and its columns.

    Args:
        content: The release's content.
        release_id: Its id.
        files: What is written so far, by path.
        sizes: Bytes and sha256 of each.

    Returns:
        The record. Its links are relative to the release where no address is configured.
    """
    wholes = {
        str(file.table): path
        for path, file in files.items()
        if isinstance(file, TableFile) and file.table in content.tables and path.endswith("parquet")
    }
    home = f"{content.base_url}/{release_id}/" if content.base_url else ""
    year, month, number = release_id.replace("-r", "-").split("-")
    publisher = {"@type": "Organization", "name": content.publisher}
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": "openbeat",
        "description": f"{content.notice} {content.description}".strip(),
        "citeAs": f"{content.publisher}. {content.title}, {content.window}. {release_id}.",
        "license": LICENCE_URL,
        "url": home or release_id,
        "version": f"{year}.{int(month)}.{number}",
        "datePublished": content.issue_day.isoformat(),
        "creator": publisher,
        "publisher": publisher,
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": path,
                "name": path,
                "contentUrl": f"{home}{path}",
                "contentSize": f"{sizes[path][0]} B",
                "encodingFormat": "application/x-parquet",
                "sha256": sizes[path][1],
            }
            for path in wholes.values()
        ],
        "recordSet": [_record_set(content, table, path) for table, path in wholes.items()],
    }


def _record_set(content: ReleaseContent, table: str, path: str) -> dict[str, Any]:
    contract = content.contracts[table]
    return {
        "@type": "cr:RecordSet",
        "@id": table,
        "name": table,
        "description": f"{contract.title}. {contract.description}",
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{table}/{column.name}",
                "name": column.name,
                "description": column.description,
                "dataType": DATA_TYPES[column.type],
                "source": {"fileObject": {"@id": path}, "extract": {"column": column.name}},
            }
            for column in published_columns(contract)
        ],
    }
