"""A book as ODS (OpenDocument 1.3), written directly: the same cells as the XLSX.

Only the format belongs here. The libraries that write ODS take 4 to 36 s for 10,000 rows (they
build a tree of objects), and an office suite is on no machine that makes a release. A spreadsheet
of plain tables needs little of the format: rows are put together a column at a time and streamed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import polars as pl

from openbeat.release.workbook.book import (
    COVER,
    LANGUAGE,
    NUMBERS,
    Book,
    Column,
    Kind,
    Sheet,
    contents_sheet,
)

MIME: Final = "application/vnd.oasis.opendocument.spreadsheet"
_VALUE_TYPES: Final[dict[Kind, tuple[str, str]]] = {
    "integer": ("float", "value"),
    "decimal": ("float", "value"),
    "year": ("float", "value"),
    "share": ("percentage", "value"),
    "date": ("date", "date-value"),
    "month": ("date", "date-value"),
}
_FIXED: Final = (1980, 1, 1, 0, 0, 0)
_CHARACTER_CM: Final = 0.24
"""Width of a character of Arial 12 on average."""
_GAP: Final = 'fo:padding="0.07cm"'
_CHUNK: Final = 5_000
_SIMPLE_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPACES: Final = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office",
        "table": "table",
        "text": "text",
        "style": "style",
        "number": "datastyle",
        "meta": "meta",
        "fo": "xsl-fo-compatible",
        "svg": "svg-compatible",
        "manifest": "manifest",
    }.items()
)
_OPEN: Final = (
    f'{_SPACES} xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.3"'
)
_XML: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MANIFEST: Final = (
    f'{_XML}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    ' manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIME}"/>'
    + "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml"/>'
        for name in ("content.xml", "styles.xml", "meta.xml")
    )
    + "</manifest:manifest>"
)
_STYLES: Final = (
    f"{_XML}<office:document-styles {_OPEN}>"
    '<office:font-face-decls><style:font-face style:name="Arial" svg:font-family="Arial"/>'
    '</office:font-face-decls><office:styles><style:default-style style:family="table-cell">'
    '<style:text-properties style:font-name="Arial" fo:font-size="12pt"'
    f' fo:language="{LANGUAGE[:2]}" fo:country="{LANGUAGE[3:]}"/></style:default-style>'
    '<style:style style:name="Default" style:family="table-cell"/></office:styles>'
    '<office:automatic-styles><style:page-layout style:name="a4"><style:page-layout-properties'
    ' fo:page-width="29.7cm" fo:page-height="21cm" style:print-orientation="landscape"'
    ' style:scale-to-X="1"/></style:page-layout></office:automatic-styles><office:master-styles>'
    '<style:master-page style:name="Default" style:page-layout-name="a4"/></office:master-styles>'
    "</office:document-styles>"
)
_NUMBERS: Final = (
    '<number:number-style style:name="n-integer"><number:number number:decimal-places="0"'
    ' number:min-integer-digits="1" number:grouping="true"/></number:number-style>'
    '<number:number-style style:name="n-decimal"><number:number number:decimal-places="1"'
    ' number:min-decimal-places="1" number:min-integer-digits="1" number:grouping="true"/>'
    "</number:number-style>"
    '<number:number-style style:name="n-year"><number:number number:decimal-places="0"'
    ' number:min-integer-digits="1"/></number:number-style>'
    '<number:percentage-style style:name="n-share"><number:number number:decimal-places="0"'
    ' number:min-integer-digits="1"/><number:text>%</number:text></number:percentage-style>'
    '<number:date-style style:name="n-date" number:language="en" number:country="GB"><number:day/>'
    '<number:text> </number:text><number:month number:textual="true"/><number:text> </number:text>'
    '<number:year number:style="long"/></number:date-style>'
    '<number:date-style style:name="n-month" number:language="en" number:country="GB">'
    '<number:month number:textual="true"/><number:text> </number:text>'
    '<number:year number:style="long"/></number:date-style>'
)


def write_ods(book: Book, path: Path) -> None:
    """Write one workbook; the same book gives the same bytes.

    Args:
        book: The workbook.
        path: The file, in a folder that is there.
    """
    parts = {"META-INF/manifest.xml": _MANIFEST, "styles.xml": _STYLES, "meta.xml": _meta(book)}
    with zipfile.ZipFile(path, "w") as target:
        # First and not compressed, so that the kind of file can be told from its first bytes.
        target.writestr(zipfile.ZipInfo("mimetype", _FIXED), MIME, zipfile.ZIP_STORED)
        for name, text in parts.items():
            target.writestr(zipfile.ZipInfo(name, _FIXED), text, zipfile.ZIP_DEFLATED)
        info = zipfile.ZipInfo("content.xml", _FIXED)
        info.compress_type = zipfile.ZIP_DEFLATED
        with target.open(info, "w") as content:
            for text in _content(book):
                content.write(text.encode())


def _meta(book: Book) -> str:
    return (
        f"{_XML}<office:document-meta {_OPEN}><office:meta>"
        f"<dc:title>{escape(book.title)}</dc:title><dc:language>{LANGUAGE}</dc:language>"
        f"<meta:initial-creator>{escape(book.author)}</meta:initial-creator>"
        f"<dc:creator>{escape(book.author)}</dc:creator>"
        f"<meta:creation-date>{book.created.isoformat()}T00:00:00</meta:creation-date>"
        f"<dc:date>{book.created.isoformat()}T00:00:00</dc:date>"
        "</office:meta></office:document-meta>"
    )


def _content(book: Book) -> Iterator[str]:
    """The document, piece by piece."""
    sheets = [contents_sheet(book), *book.sheets]
    yield f"{_XML}<office:document-content {_OPEN}><office:automatic-styles>"
    yield _NUMBERS + "".join(_cell_styles()) + "".join(_column_styles(sheets))
    yield "</office:automatic-styles><office:body><office:spreadsheet>"
    yield from _cover(book)
    for sheet in sheets:
        yield from _table(sheet)
    yield "<table:database-ranges>"
    for sheet in sheets:
        yield _range(sheet)
    yield "</table:database-ranges></office:spreadsheet></office:body></office:document-content>"


def _cell_styles() -> Iterator[str]:
    """Cells: by place on the sheet, and by kind of column. Rows are as high as their text."""
    bold = 'fo:font-weight="bold"'
    border = (
        'fo:wrap-option="wrap" style:vertical-align="top" fo:border-bottom="0.75pt solid #000000"'
    )
    wrapped = f'fo:wrap-option="wrap" style:vertical-align="top" {_GAP}'
    places = {
        "title": ("", f'{bold} fo:font-size="16pt"'),
        "cover-title": ('fo:wrap-option="wrap"', f'{bold} fo:font-size="16pt"'),
        "part": ('fo:wrap-option="wrap"', f'{bold} fo:font-size="14pt"'),
        "line": ("", ""),
        "head": (f"{border} {_GAP}", bold),
        "head-number": (f"{border} {_GAP}", bold),
        "text": (wrapped, ""),
        "link": (wrapped, 'fo:color="#0000ff" style:text-underline-style="solid"'),
    }
    for name, (cell, text) in places.items():
        side = '<style:paragraph-properties fo:text-align="end"/>' if name == "head-number" else ""
        yield (
            f'<style:style style:name="c-{name}" style:family="table-cell">'
            f"<style:table-cell-properties {cell}/>{side}<style:text-properties {text}/>"
            "</style:style>"
        )
    for kind in _VALUE_TYPES:
        side = "start" if kind in ("date", "month") else "end"
        yield (
            f'<style:style style:name="c-{kind}" style:family="table-cell"'
            f' style:data-style-name="n-{kind}">'
            f'<style:table-cell-properties style:vertical-align="top" {_GAP}/>'
            f'<style:paragraph-properties fo:text-align="{side}"/></style:style>'
        )
    yield (
        '<style:style style:name="row" style:family="table-row">'
        '<style:table-row-properties style:use-optimal-row-height="true"/></style:style>'
    )


def _column_styles(sheets: list[Sheet]) -> Iterator[str]:
    yield (
        '<style:style style:name="sheet" style:family="table" style:master-page-name="Default"/>'
    )
    widths = {column.width for sheet in sheets for column in sheet.columns} | {100}
    for width in sorted(widths):
        yield (
            f'<style:style style:name="w-{width}" style:family="table-column">'
            f'<style:table-column-properties style:column-width="{width * _CHARACTER_CM:.2f}cm"/>'
            "</style:style>"
        )


def _cover(book: Book) -> Iterator[str]:
    yield f'<table:table table:name="{COVER}" table:style-name="sheet">'
    yield '<table:table-column table:style-name="w-100"/>'
    yield _one_cell("cover-title", book.title)
    for name, lines in book.parts.items():
        yield _one_cell("part", name)
        for line in lines:
            yield _one_cell("link" if line.url else "text", line.text, line.url)
    yield "</table:table>"


def _one_cell(style: str, text: str, url: str = "") -> str:
    inner = escape(text)
    if url:
        inner = f'<text:a xlink:type="simple" xlink:href={quoteattr(url)}>{inner}</text:a>'
    return (
        f'<table:table-row table:style-name="row"><table:table-cell table:style-name="c-{style}"'
        f' office:value-type="string"><text:p>{inner}</text:p></table:table-cell></table:table-row>'
    )


def _table(sheet: Sheet) -> Iterator[str]:
    yield f'<table:table table:name={quoteattr(sheet.name)} table:style-name="sheet">'
    for column in sheet.columns:
        yield f'<table:table-column table:style-name="w-{column.width}"/>'
    yield _one_cell("title", sheet.title)
    for line in sheet.lines:
        yield _one_cell("line", line)
    heads = "".join(
        f'<table:table-cell table:style-name="c-head{"-number" if column.kind in NUMBERS else ""}"'
        f' office:value-type="string"><text:p>{escape(column.heading)}</text:p></table:table-cell>'
        for column in sheet.columns
    )
    yield (
        '<table:table-header-rows><table:table-row table:style-name="row">'
        f"{heads}</table:table-row></table:table-header-rows>"
    )
    for start in range(0, sheet.rows, _CHUNK):
        yield from _rows(sheet, start)
    yield "</table:table>"


def _rows(sheet: Sheet, start: int) -> list[str]:
    """Some rows of a table, put together a column at a time."""
    cells = [_cells(column, start).alias(f"c{n}") for n, column in enumerate(sheet.columns)]
    row = pl.concat_str(
        pl.lit('<table:table-row table:style-name="row">'), *cells, pl.lit("</table:table-row>")
    )
    return pl.select(row).to_series().to_list()


def _cells(column: Column, start: int) -> pl.Expr:
    """The cells of one column: value, else shorthand, else blank."""
    values = pl.lit(column.values.slice(start, _CHUNK))
    if column.kind == "text":
        shown = _text_cells(column, values, start)
    else:
        kind, attribute = _VALUE_TYPES[column.kind]
        plain = values.cast(pl.String)
        shown = pl.concat_str(
            pl.lit(
                f'<table:table-cell table:style-name="c-{column.kind}" office:value-type="{kind}"'
                f' office:{attribute}="'
            ),
            plain,
            pl.lit('"><text:p>'),
            plain,
            pl.lit("</text:p></table:table-cell>"),
        )
    blank = pl.lit("<table:table-cell/>")
    if column.codes is None:
        return pl.coalesce(shown, blank)
    style = "c-text" if column.kind == "text" else f"c-{column.kind}"
    coded = pl.concat_str(
        pl.lit(f'<table:table-cell table:style-name="{style}" office:value-type="string"><text:p>'),
        pl.lit(column.codes.slice(start, _CHUNK)),
        pl.lit("</text:p></table:table-cell>"),
    )
    return pl.coalesce(coded, shown, blank)


def _text_cells(column: Column, values: pl.Expr, start: int) -> pl.Expr:
    text = values
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.str.replace_all(sign, entity, literal=True)
    opening, closing = pl.lit("<text:p>"), pl.lit("</text:p>")
    style = "text"
    if column.links is not None:
        style = "link"
        targets = [quoteattr(f"#{url}.A1") for url in column.links[start : start + _CHUNK]]
        opening = pl.concat_str(
            pl.lit('<text:p><text:a xlink:type="simple" xlink:href='),
            pl.lit(pl.Series(targets, dtype=pl.String)),
            pl.lit(">"),
        )
        closing = pl.lit("</text:a></text:p>")
    return pl.concat_str(
        pl.lit(f'<table:table-cell table:style-name="c-{style}" office:value-type="string">'),
        opening,
        text,
        closing,
        pl.lit("</table:table-cell>"),
    )


def _range(sheet: Sheet) -> str:
    """The table marked up as one, with its name and its header row."""
    from xlsxwriter.utility import xl_col_to_name

    first = len(sheet.lines) + 2
    last = f"{xl_col_to_name(len(sheet.columns) - 1)}{first + sheet.rows}"
    name = sheet.name if _SIMPLE_NAME.fullmatch(sheet.name) else f"'{sheet.name}'"
    return (
        f"<table:database-range table:name={quoteattr(sheet.name.lower())}"
        f" table:target-range-address={quoteattr(f'{name}.A{first}:{name}.{last}')}"
        ' table:contains-header="true" table:display-filter-buttons="false"/>'
    )
