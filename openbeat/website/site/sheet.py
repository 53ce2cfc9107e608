"""A table of the website as files: its CSV and the sidecar that says what each column is.

Only writing belongs here; what is in a table is settled by whoever makes it. Both are as in a
release: CSV by RFC 4180 with CRLF and no byte-order mark, the sidecar CSV on the Web
(https://www.w3.org/TR/tabular-metadata/).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

from openbeat.release.content import LICENCE_URL
from openbeat.release.csvw import CONTEXT
from openbeat.release.descriptors import SIDECAR, json_page
from openbeat.website.site.source import File, Site

Datatype = Literal["string", "integer", "number", "date", "gYearMonth"]
STATUS: Final = (
    "empty known, u at least so many, c kept back to protect people, z none logged,"
    " x not available, p provisional, r revised"
)


@dataclass(frozen=True)
class SheetColumn:
    """One column of a table.

    Attributes:
        name: As in the file.
        datatype: Of CSV on the Web.
        description: What it is, in English.
        required: Whether no row may lack it.
    """

    name: str
    datatype: Datatype
    description: str
    required: bool = False


def sheet(
    site: Site,
    path: str,
    frame: pl.DataFrame,
    columns: Sequence[SheetColumn],
    *,
    title: str,
    description: str,
    key: Sequence[str],
) -> Iterator[File]:
    """The CSV of a table and its sidecar, ``<path>`` and ``<path>-metadata.json``.

    Args:
        site: The release.
        path: Of the CSV, inside the website.
        frame: Its rows, texts as published (none that a spreadsheet would run); further columns are
            left out.
        columns: Those that are written, in this order.
        title: What the table is.
        description: The same at more length, in English, with what to bear in mind.
        key: The columns that tell rows apart.
    """
    written = frame.select(column.name for column in columns)
    yield File(path, written.write_csv(line_terminator="\r\n", float_scientific=False))
    table = {
        "url": path.rsplit("/", 1)[-1],
        "dc:title": title,
        "dc:description": description,
        "dc:license": {"@id": LICENCE_URL},
        "dc:publisher": site.edition.publisher,
        "dc:isPartOf": site.edition.release_id,
        "tableSchema": {"columns": [_column(column) for column in columns], "primaryKey": [*key]},
    }
    yield File(f"{path}{SIDECAR}", json_page({"@context": CONTEXT, **table}))


def _column(column: SheetColumn) -> dict[str, object]:
    return {
        "name": column.name,
        "titles": column.name,
        "dc:description": column.description,
        "datatype": column.datatype,
        "null": "",
        **({"required": True} if column.required else {}),
    }
