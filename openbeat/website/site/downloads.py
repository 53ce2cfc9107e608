"""The files of a release, grouped as people look for them, with sizes, rows and formats.

Only the grouping belongs here. What is written after the website (README, descriptors,
catalogues, checksums) is linked to and has no size.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, Final

from openbeat.release.revisions import CSV, PARQUET, TABLE
from openbeat.website.language import gettext as _
from openbeat.website.site.source import ROOT, Site

FORMATS: Final = {
    ".parquet": "Parquet",
    ".csv": "CSV",
    ".csv.gz": "CSV, gzip",
    ".csv-metadata.json": "CSVW",
    ".geojson": "GeoJSON",
    ".gpkg": "GeoPackage",
    ".pmtiles": "PMTiles",
    ".xlsx": "XLSX",
    ".ods": "ODS",
    ".json": "JSON",
    ".jsonld": "JSON-LD",
    ".md": "Markdown",
    ".txt": "Text",
    "": "Text",
}
MEDIA: Final = {
    "Parquet": "application/vnd.apache.parquet",
    "CSV": "text/csv",
    "GeoJSON": "application/geo+json",
    "GeoPackage": "application/geopackage+sqlite3",
}
_WHOLE: Final = (".parquet", ".csv", ".csv.gz", ".csv-metadata.json")


def table_files(site: Site) -> list[dict[str, Any]]:
    """Each published table: ``name``, ``title``, ``what``, ``rows``, ``files`` and ``parts``.

    ``parts`` are its CSVs by force, where it is too long for one. A file has ``path``, ``format``
    and ``size`` (bytes). Sorted by title.
    """
    parts: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(site.sizes):
        pure = PurePosixPath(path)
        if len(pure.parts) == 3 and pure.parts[0] == "tables" and pure.suffix == ".csv":
            parts.setdefault(pure.parts[1], []).append(file(site, path))
    tables = [
        {
            "name": name,
            "title": site.contracts[name].title,
            "what": site.contracts[name].description,
            "version": site.contracts[name].schema_version,
            "rows": site.tables[name].height,
            "files": _there(site, *(f"tables/{name}{ending}" for ending in _WHOLE)),
            "parts": parts.get(name, []),
        }
        for name in site.tables
        if name != TABLE and name in site.contracts
    ]
    return sorted(tables, key=lambda table: str(table["title"]).casefold())


def file(site: Site, path: str) -> dict[str, Any]:
    """One file: path, name, format and size in bytes; None where the size is not known."""
    return {
        "path": path,
        "name": PurePosixPath(path).name,
        "format": FORMATS.get(_ending(path), _ending(path)),
        "size": site.sizes.get(path),
    }


def _ending(path: str) -> str:
    name = PurePosixPath(path).name
    double = next((end for end in (".csv.gz", ".csv-metadata.json") if name.endswith(end)), None)
    return double or PurePosixPath(path).suffix


def _there(site: Site, *paths: str) -> list[dict[str, Any]]:
    return [file(site, path) for path in paths if path in site.sizes]


def other_files(site: Site) -> list[dict[str, Any]]:
    """All else, in groups of ``title``, ``note`` and ``files``; each file has ``what`` it is."""
    groups = [
        {"title": _("Neighbourhood boundaries"), "note": _(
            "Longitude and latitude (WGS84), the repaired shapes in which incidents were located."
        ), "files": _boundaries(site)},
        {"title": _("Workbooks"), "note": _(
            "One for each force, to read in a spreadsheet program."
        ), "files": _workbooks(site)},
        {"title": _("Revisions and reports"), "note": "", "files": _reports(site)},
        {"title": _("Descriptions of the data"), "note": "", "files": _descriptions(site)},
        {"title": _("Code lists"), "note": _(
            "Every code and its label. The data dictionary shows them all."
        ), "files": _folder(site, "codelists/")},
    ]  # fmt: skip
    return [group for group in groups if group["files"]]


def _said(site: Site, what: dict[str, str], *, later: bool = False) -> list[dict[str, Any]]:
    """The files that are there, or are written later, each with what it is."""
    return [
        {**file(site, path), "what": said}
        for path, said in what.items()
        if later or path in site.sizes
    ]


def _boundaries(site: Site) -> list[dict[str, Any]]:
    return _said(
        site,
        {
            "geo/neighbourhoods.parquet": _("GeoParquet, full detail: for data teams"),
            "geo/neighbourhoods.gpkg": _("GeoPackage, full detail: for QGIS and ArcGIS"),
            "geo/neighbourhoods.geojson": _("GeoJSON, full detail, six decimals"),
            "geo/neighbourhoods.pmtiles": _("Vector tiles for web maps, simplified"),
        },
    )


def _workbooks(site: Site) -> list[dict[str, Any]]:
    coverage = site.tables.get("coverage")
    pairs = () if coverage is None else coverage.select("force_id", "force_name").unique().rows()
    names = dict(pairs)
    listed = [
        {**entry, "what": names.get(PurePosixPath(entry["path"]).stem, entry["what"])}
        for entry in _folder(site, "workbook/")
    ]
    return sorted(listed, key=lambda entry: (entry["what"].casefold(), entry["path"]))


def _reports(site: Site) -> list[dict[str, Any]]:
    return _said(
        site,
        {
            CSV: _("Every figure that differs from the release before, with the reason"),
            PARQUET: _("The same as Parquet"),
            f"{CSV}-metadata.json": _("What its columns mean (CSV on the Web)"),
            "CHANGELOG.md": _("What changed, in words"),
            "QUALITY.md": _("How good the data is, by force"),
            "quality.json": _("Every rule that was checked, for programs"),
            "DISCLOSURE.md": _("How counts of people were protected"),
            "disclosure.json": _("The same for programs"),
            "provenance.json": _("Where everything comes from, with checksums (W3C PROV)"),
        },
    )


def _descriptions(site: Site) -> list[dict[str, Any]]:
    written = _said(
        site,
        {
            "dictionary.csv": _("Every column of every table"),
            "redirects.csv": _("Names that changed, and where they lead"),
            "LICENCE.txt": _("The licence, and what to say when you use the data"),
        },
    )
    later = _said(
        site,
        {
            "README.md": _("Where to begin: what is here, known limits, how to cite"),
            "datapackage.json": _("Data Package: each file with its columns, size and checksum"),
            "catalog.jsonld": _("Record for catalogues (DCAT 3)"),
            "data.json": _("Record for data.gov.uk"),
            "dataset.jsonld": _("Record for search engines (schema.org)"),
            "croissant.json": _("Record for machine learning (Croissant)"),
            "SHA256SUMS": _("The checksum of every file"),
        },
        later=True,
    )
    # Their sizes are known in some orders of writing and not in others: none is shown.
    return [*written, *({**entry, "size": None} for entry in later)]


def _folder(site: Site, folder: str) -> list[dict[str, Any]]:
    return [
        {**file(site, path), "what": PurePosixPath(path).stem.replace("_", " ")}
        for path in sorted(site.sizes)
        if path.startswith(folder)
    ]


def total_size(site: Site) -> int:
    """The bytes of all that is downloaded, the website aside."""
    return sum(size for path, size in site.sizes.items() if not path.startswith(f"{ROOT}/"))
