"""Catalogue records of a release: DCAT 3, data.gov.uk's ``data.json``, schema.org, Croissant.

Only what catalogues and search engines read belongs here, and the order the records are written
in; Croissant's is made in ``croissant``. All are made from the release's content and its files, and
judged by what lies in ``profiles``.

Dates are the day the release was due, as it holds no clock: when it became public is in
``releases.json``. Corrections of a month bear its date too, and differ in ``version``. Without a
configured address, ids begin with a reserved name and no record says where a file can be fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from openbeat.release.content import LICENCE_URL, ReleaseContent
from openbeat.release.croissant import croissant
from openbeat.release.descriptors import KEYWORDS, MEDIA_TYPES, file_title, json_page
from openbeat.release.files import write_text
from openbeat.release.geo import GeoFile
from openbeat.release.schemas import DICTIONARY
from openbeat.release.settings import SUBSTITUTE
from openbeat.release.tables import TableFile

Files = Mapping[str, TableFile | GeoFile | None]
Sizes = Mapping[str, tuple[int, str]]

TITLE_LENGTH = 65
"""The longest title that data.gov.uk shows whole."""
SENTENCE_LENGTH = 140
"""The longest first sentence of a description that data.gov.uk shows whole."""
SUMMARY_LENGTH = 250
KNOWN_PROBLEMS = (
    "Known problems: locations are approximate, as police.uk moves each one to a nearby map point;"
    " forces supply some months late, in part or not at all: the table coverage says which, and"
    " what was not supplied is empty, never 0; forces record differently: compare them with care."
)
IANA = "https://www.iana.org/assignments/media-types/"
UK_MODEL = "https://w3id.org/co-cddo/uk-cross-government-metadata-exchange-model/"
DATE = "xsd:date"


def write_catalogues(
    content: ReleaseContent, staging: Path, release_id: str, files: Files, sizes: Sizes
) -> Iterator[str]:
    """Write the catalogue records.

    Args:
        content: The release's content.
        staging: The folder of the release.
        release_id: Its id.
        files: What is written so far, by path.
        sizes: Bytes and sha256 of each.

    Yields:
        The path of each record. ``datapackage.json`` is to list them, so it is written after.
    """
    records = {
        "catalog.jsonld": catalog(content, release_id, files, sizes),
        "data.json": harvest_record(content, release_id, files, sizes),
        "dataset.jsonld": page_record(content, release_id, files, sizes),
        "croissant.json": croissant(content, release_id, files, sizes),
    }
    for path, record in records.items():
        write_text(staging / path, json_page(record))
        yield path


def short_title(content: ReleaseContent) -> str:
    """The title without its publisher's name, at most 65 characters, as data.gov.uk asks for.

    >>> from datetime import date
    >>> short_title(ReleaseContent("2025-06", "2025-06", date(2025, 7, 31), {}, {}))
    'Neighbourhood-level open data from police.uk'
    """
    title = re.sub(rf"\b{re.escape(content.publisher)}\b'?s?", "", content.title, flags=re.I)
    title = " ".join(title.strip(" :,;–-").lstrip(" .!?").split()) or content.title
    if len(title) > TITLE_LENGTH:
        title = title[: TITLE_LENGTH + 1].rsplit(" ", 1)[0][:TITLE_LENGTH].rstrip(" :,;–-")
    return title[:1].upper() + title[1:]


def description(content: ReleaseContent) -> str:
    """What the data is and what is known to be wrong with it; its first sentence is short."""
    lead = f"{short_title(content)}, {content.window}."
    first = re.split(r"(?<=[.!?])\s", content.notice, maxsplit=1)[0]
    words = len(first) <= SENTENCE_LENGTH and re.search(r"\w", first)
    fits = words and first[-1] in ".!?"
    start = [content.notice, lead] if fits else [lead, content.notice]
    parts = [*start, content.description, KNOWN_PROBLEMS]
    return " ".join(" ".join(part.split()) for part in parts if part)


def catalog(content: ReleaseContent, release_id: str, files: Files, sizes: Sizes) -> dict[str, Any]:
    """The DCAT 3 record: a catalogue, the dataset, its publisher, a distribution a file.

    The dataset and each distribution hold the properties of the UK Cross-Government Metadata
    Exchange Model, under its names; the context maps them to DCAT.
    """
    base = content.base_url or SUBSTITUTE
    home = f"{base}/{release_id}"
    day = content.issue_day.isoformat()
    slug = re.sub(r"[^a-z0-9]+", "-", content.publisher.lower()).strip("-")
    distributions = [
        _distribution(content, release_id, path, sizes[path][0], day)
        for path in data_files(content, files)
    ]
    whole = description(content)
    dataset: dict[str, Any] = {
        "identifier": home,
        "type": "dcat:Dataset",
        "title": f"{short_title(content)}, {content.window}",
        "summary": _cut(whole, SUMMARY_LENGTH),
        "description": whole,
        "keyword": list(KEYWORDS),
        "publisher": slug,
        "creator": [slug],
        "contactPoint": _contact(content),
        "licence": LICENCE_URL,
        "accessRights": "OPEN",
        "securityClassification": "OFFICIAL",
        "issued": day,
        "modified": day,
        "updateFrequency": "freq:monthly",
        "version": release_id,
        "relatedResource": [base],
        "distribution": [distribution["identifier"] for distribution in distributions],
    }
    record = {
        "identifier": f"{home}/catalog.jsonld",
        "type": "dcat:Catalog",
        "title": content.title,
        "publisher": slug,
        "dataset": [home],
    }
    organisation = {"identifier": slug, "type": "foaf:Organization", "name": content.publisher}
    return {
        "@context": _context(base),
        "@graph": [record, dataset, organisation, *distributions],
    }


def _context(base: str) -> dict[str, Any]:
    """The names of the UK model as DCAT 3 has them; identifiers of organisations are slugs."""
    link = {"@type": "@id"}
    return {
        "@base": f"{base}/organisations/",
        "dcat": "http://www.w3.org/ns/dcat#",
        "dct": "http://purl.org/dc/terms/",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "freq": "http://purl.org/cld/freq/",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "vcard": "http://www.w3.org/2006/vcard/ns#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "identifier": "@id",
        "type": "@type",
        "title": "dct:title",
        "name": "foaf:name",
        "summary": "rdfs:comment",
        "description": "dct:description",
        "keyword": "dcat:keyword",
        "publisher": {"@id": "dct:publisher", **link},
        "creator": {"@id": "dct:creator", **link},
        "contactPoint": "dcat:contactPoint",
        "contactName": "vcard:fn",
        "email": "vcard:hasEmail",
        "licence": {"@id": "dct:license", **link},
        "OPEN": "http://publications.europa.eu/resource/authority/access-right/PUBLIC",
        "accessRights": {"@id": "dct:accessRights", "@type": "@vocab"},
        "securityClassification": f"{UK_MODEL}securityClassification",
        "issued": {"@id": "dct:issued", "@type": DATE},
        "modified": {"@id": "dct:modified", "@type": DATE},
        "updateFrequency": {"@id": "dct:accrualPeriodicity", **link},
        "version": "dcat:version",
        "relatedResource": {"@id": "dct:relation", **link},
        "dataset": {"@id": "dcat:dataset", **link},
        "distribution": {"@id": "dcat:distribution", **link},
        "mediaType": {"@id": "dcat:mediaType", **link},
        "byteSize": {"@id": "dcat:byteSize", "@type": "xsd:nonNegativeInteger"},
        "downloadURL": {"@id": "dcat:downloadURL", **link},
    }


def _contact(content: ReleaseContent) -> dict[str, str]:
    contact = {"contactName": content.contact.get("name") or content.publisher}
    if email := content.contact.get("email"):
        contact["email"] = email
    return contact


def _distribution(
    content: ReleaseContent, release_id: str, path: str, size: int, day: str
) -> dict[str, Any]:
    distribution: dict[str, Any] = {
        "identifier": f"{content.base_url or SUBSTITUTE}/{release_id}/{path}",
        "type": "dcat:Distribution",
        "title": data_title(content, path),
        "licence": LICENCE_URL,
        "accessRights": "OPEN",
        "mediaType": IANA + _media_type(path),
        "byteSize": size,
        "issued": day,
        "modified": day,
    }
    if content.base_url:
        distribution["downloadURL"] = distribution["identifier"]
    return distribution


def data_files(content: ReleaseContent, files: Files) -> list[str]:
    """The files that hold data for a reader: tables, shapes, workbooks, the dictionary."""
    return [
        path
        for path, file in files.items()
        if isinstance(file, GeoFile)
        or (isinstance(file, TableFile) and file.table in content.contracts)
        or path == DICTIONARY
        or path.startswith("workbook/")
    ]


def data_title(content: ReleaseContent, path: str) -> str:
    """What a file of data is, with its format: files of one table have names of their own."""
    pure = PurePosixPath(path)
    kind = "CSV, gzip" if path.endswith(".csv.gz") else FORMAT_NAMES.get(pure.suffix, pure.suffix)
    if pure.parts[0] == "geo":
        return f"Neighbourhood boundaries ({GEO_NAMES.get(pure.suffix, kind)})"
    if pure.parts[0] == "tables":
        table = pure.parts[1].split(".")[0]
        part = pure.stem.removeprefix(f"{table}-") if len(pure.parts) > 2 else ""
        return f"{content.contracts[table].title}{f': {part}' if part else ''} ({kind})"
    return f"{file_title(path)} ({kind})"


FORMAT_NAMES = {
    ".csv": "CSV",
    ".parquet": "Parquet",
    ".gpkg": "GeoPackage",
    ".geojson": "GeoJSON",
    ".pmtiles": "PMTiles",
    ".xlsx": "XLSX",
    ".ods": "ODS",
}
GEO_NAMES = {".parquet": "GeoParquet"}


def harvest_record(
    content: ReleaseContent, release_id: str, files: Files, sizes: Sizes
) -> dict[str, Any]:
    """``data.json`` as data.gov.uk harvests it.

    The identifier is that of the publication, not of the release: the harvester tells by it that
    the next month is the same dataset, brought up to date. Fields and limits:
    guidance.data.gov.uk, Harvest data.
    """
    home = f"{content.base_url or SUBSTITUTE}/{release_id}"
    publisher = {"name": content.publisher, "mbox": content.contact.get("email", "")}
    distributions = [
        {
            "title": data_title(content, path),
            "format": FORMAT_NAMES.get(PurePosixPath(path).suffix, "CSV"),
            "mediaType": _media_type(path),
            "byteSize": sizes[path][0],
            **({"downloadURL": f"{home}/{path}"} if content.base_url else {}),
        }
        for path in data_files(content, files)
    ]
    dataset = {
        "title": short_title(content),
        "description": description(content),
        "identifier": content.base_url or SUBSTITUTE,
        "license": LICENCE_URL,
        "keyword": list(KEYWORDS),
        "issued": content.issue_day.isoformat(),
        "modified": content.issue_day.isoformat(),
        "version": release_id,
        "publisher": {key: value for key, value in publisher.items() if value},
        **({"landingPage": f"{home}/"} if content.base_url else {}),
        "distribution": distributions,
    }
    return {"dataset": [dataset]}


def page_record(
    content: ReleaseContent, release_id: str, files: Files, sizes: Sizes
) -> dict[str, Any]:
    """The schema.org description that a web page of the release carries.

    Without a configured address its links are relative to the release's folder.
    """
    home = f"{content.base_url}/{release_id}/" if content.base_url else ""
    window = [content.first_month, content.month]
    publisher: dict[str, Any] = {"@type": "Organization", "name": content.publisher}
    if url := content.contact.get("url"):
        publisher["url"] = url
    if email := content.contact.get("email"):
        publisher["contactPoint"] = {"@type": "ContactPoint", "email": email}
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        **({"@id": home, "url": home} if home else {}),
        "name": f"{content.title}, {content.window}",
        "description": description(content),
        "version": release_id,
        "license": LICENCE_URL,
        "isAccessibleForFree": True,
        "inLanguage": "en-GB",
        "keywords": list(KEYWORDS),
        "creator": publisher,
        "publisher": publisher,
        "creditText": " ".join(content.attribution_lines),
        "isBasedOn": [source["path"] for source in content.sources],
        "temporalCoverage": "/".join(dict.fromkeys(window)),
        "datePublished": content.issue_day.isoformat(),
        "dateModified": content.issue_day.isoformat(),
        "distribution": [
            {
                "@type": "DataDownload",
                "name": data_title(content, path),
                "encodingFormat": _media_type(path),
                "contentSize": f"{sizes[path][0]} B",
                "contentUrl": f"{home}{path}",
            }
            for path in data_files(content, files)
        ],
    }


def _media_type(path: str) -> str:
    return MEDIA_TYPES[PurePosixPath(path).suffix.removeprefix(".")]


def _cut(text: str, length: int) -> str:
    """The text, cut at a word's end where it is too long."""
    return text if len(text) <= length else text[: length - 1].rsplit(" ", 1)[0] + "…"
