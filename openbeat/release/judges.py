"""Independent judges of a finished release: is every file what its standard says it should be?

Only asking belongs here: each judge is a published schema (``profiles``) or somebody else's
validator, none is our own opinion of our own files. Whether a release is whole and unaltered is in
``integrity``; showing verdicts to people is not here.

The fast judges take a second or so and are for every release. The slow ones read every value, and
are for tests, for a release that matters, and for whoever doubts; their libraries are extras, and a
judge that is not installed says so.
"""

from __future__ import annotations

import json
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from openbeat.release.descriptors import SIDECAR
from openbeat.release.integrity import DESCRIPTOR, verify

PROFILES = Path(__file__).with_name("profiles")
SHOWN = 20
"""The most problems of one judge that a verdict holds."""
SCHEMA_ORG = {"@vocab": "https://schema.org/"}
"""Stands for schema.org's context, so that nothing is fetched."""
DATASETS = {
    "catalog.jsonld": "http://www.w3.org/ns/dcat#Dataset",
    "dataset.jsonld": "https://schema.org/Dataset",
}
"""Each graph and the class it must hold: shapes find nothing wrong where nothing is said."""
UNSET = {
    "'email' is a required property": "release.contact.email",
    "'downloadURL' is a required property": "release.base_url",
}
"""What a judge misses where a setting is not set: the record is right, and not yet whole."""

State = Literal["passed", "incomplete", "failed", "not installed"]


@dataclass(frozen=True)
class Verdict:
    """What one judge says of a release.

    Attributes:
        judge: The judge, and what it was asked.
        state: ``passed``; ``failed``; ``incomplete`` where only a setting is missing;
            ``not installed``.
        judged: How many things it looked at.
        what: What these are.
        problems: What it found wrong, at most ``SHOWN``; for ``incomplete``, the settings.
    """

    judge: str
    state: State
    judged: int
    what: str
    problems: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether the release should not be published."""
        return self.state == "failed"


Judge = Callable[[Path], Verdict]


def fast(folder: Path) -> list[Verdict]:
    """Ask the judges that are asked of every release.

    Args:
        folder: A release.

    Returns:
        A verdict a judge.
    """
    return [ask(judge, folder) for judge in FAST]


def slow(folder: Path) -> list[Verdict]:
    """Ask the judges that read every value; minutes for a national release."""
    return [ask(judge, folder) for judge in SLOW]


def ask(judge: Judge, folder: Path) -> Verdict:
    """A verdict also where the judge is not there, or cannot cope with what it is shown."""
    name = (judge.__doc__ or "").split(": ")[0]
    try:
        return judge(folder)
    except ModuleNotFoundError as error:
        return Verdict(name, "not installed", 0, "files", (str(error.name),))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Verdict(name, "failed", 0, "files", (f"{type(error).__name__}: {error}",))


def _verdict(judge: Judge, judged: int, what: str, problems: list[str]) -> Verdict:
    name = (judge.__doc__ or "").split(": ")[0]
    unset = {UNSET.get(problem.split(": ", 1)[-1]) for problem in problems}
    if problems and None not in unset:
        settings = tuple(f"{setting} is not set" for setting in sorted(map(str, unset)))
        return Verdict(name, "incomplete", judged, what, settings)
    return Verdict(name, "failed" if problems else "passed", judged, what, tuple(problems[:SHOWN]))


def whole(folder: Path) -> Verdict:
    """Checksums: every file is there, unaltered, and as described."""
    found = [f"{problem.path} {problem.message}" for problem in verify(folder)]
    return _verdict(whole, sum(1 for p in folder.rglob("*") if p.is_file()), "files", found)


def csv_form(folder: Path) -> Verdict:
    """Tabular data standard: UTF-8 without mark, CRLF, one header, equal numbers of fields."""
    paths = sorted(folder.rglob("*.csv"))
    found = [f"{path.relative_to(folder)}: {fault}" for path in paths for fault in _faults(path)]
    return _verdict(csv_form, len(paths), "CSVs", found)


def _faults(path: Path) -> Iterator[str]:
    """What is wrong with the bytes of a CSV (RFC 4180; GOV.UK's tabular data standard)."""
    import pyarrow as pa  # type: ignore[import-untyped]
    from pyarrow import csv

    text = path.read_bytes()
    if text.startswith(b"\xef\xbb\xbf"):
        yield "begins with a byte-order mark"
    if not text.endswith(b"\r\n"):
        yield "does not end with CRLF"
    if text.count(b"\n") != text.count(b"\r\n"):  # a quoted text may hold line feeds
        bare = re.sub(rb'"[^"]*"', b"", text)
        if bare.count(b"\n") != bare.count(b"\r\n"):
            yield "has lines that do not end with CRLF"
    try:
        header = text.split(b"\r\n", 1)[0].decode().split(",")
        if "" in header or len(set(header)) != len(header):
            yield "has a column without a name, or two of one name"
        options = csv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()))
        parse = csv.ParseOptions(newlines_in_values=True)
        with csv.open_csv(pa.BufferReader(text), None, parse, options) as reader:
            for _ in reader:
                pass
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        yield str(error)


def data_package(folder: Path) -> Verdict:
    """JSON Schema of Data Package 2.0: datapackage.json."""
    package = _json(folder / DESCRIPTOR)
    found = _against("datapackage-2.0.json", package)
    return _verdict(data_package, len(package["resources"]), "resources", found)


def uk_model(folder: Path) -> Verdict:
    """UK metadata exchange model: the dataset and distributions of catalog.jsonld."""
    kinds = {"dcat:Dataset": "Dataset", "dcat:Distribution": "Distribution"}
    nodes = [n for n in _json(folder / "catalog.jsonld")["@graph"] if n["type"] in kinds]
    found = [
        problem
        for node in nodes
        for problem in _against("uk-metadata-exchange.json", node, kinds[node["type"]])
    ]
    if not any(node["type"] == "dcat:Dataset" for node in nodes):
        found.append("catalog.jsonld: holds no dataset")
    return _verdict(uk_model, len(nodes), "records", found)


def harvester(folder: Path) -> Verdict:
    """What data.gov.uk asks for: data.json."""
    record = _json(folder / "data.json")
    found = _against("data-gov-uk.json", record)
    judged = sum(len(dataset["distribution"]) for dataset in record["dataset"])
    return _verdict(harvester, judged, "distributions", found)


def _against(profile: str, value: Any, part: str = "") -> list[str]:
    """What a JSON Schema, or one of its definitions, finds wrong with a value."""
    import jsonschema  # type: ignore[import-untyped]

    schema = _json(PROFILES / profile)
    if part:
        schema = {**schema, "$ref": f"#/$defs/{part}"}
    validator = jsonschema.validators.validator_for(schema)
    checker = validator(schema, format_checker=validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message[:300]}" for error in checker.iter_errors(value)]


def frictionless_package(folder: Path) -> Verdict:
    """frictionless: every value of every CSV against datapackage.json, with keys and hashes."""
    import frictionless

    report = frictionless.Package(str(folder / DESCRIPTOR)).validate()
    found = [
        " ".join(map(str, error)) for error in report.flatten(["path", "rowNumber", "message"])
    ]
    return _verdict(frictionless_package, len(report.tasks), "resources", found)


def csvw_sidecars(folder: Path) -> Verdict:
    """csvw: every value of every CSV of a table against its sidecar, with its keys."""
    from csvw import CSVW  # type: ignore[import-untyped]

    paths = sorted((folder / "tables").rglob(f"*.csv{SIDECAR}"))
    found = []
    for path in paths:
        # csvw tells through warnings, and takes those that were switched off for none.
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            try:
                judged = CSVW(str(path), validate=True)
                right = judged.is_valid
                said = [str(warning.message) for warning in [*judged.warnings, *heard]]
            except ValueError as error:
                right, said = False, [str(error)]
        found += [] if right else [f"{path.relative_to(folder)}: {text}" for text in said or ["?"]]
    return _verdict(csvw_sidecars, len(paths), "sidecars", found)


def graphs(folder: Path) -> Verdict:
    """SHACL: the graphs of catalog.jsonld (DCAT 3) and dataset.jsonld (schema.org)."""
    from pyshacl import validate
    from rdflib import RDF, Graph, URIRef

    shapes = Graph().parse(PROFILES / "shapes.ttl", format="turtle")
    judged, found = 0, []
    for name, dataset in DATASETS.items():
        record = _json(folder / name)
        if record["@context"] == "https://schema.org/":
            record["@context"] = SCHEMA_ORG
        graph = Graph().parse(data=json.dumps(record), format="json-ld", publicID="https://a.test/")
        judged += len(graph)
        right, _, text = validate(graph, shacl_graph=shapes)
        found += [] if right else [f"{name}: {' '.join(str(text).split())[:600]}"]
        if (None, RDF.type, URIRef(dataset)) not in graph:
            found.append(f"{name}: describes no dataset")
    return _verdict(graphs, judged, "statements", found)


def croissant_record(folder: Path) -> Verdict:
    """mlcroissant: croissant.json, and the first record of every table read by it."""
    import absl.logging
    import mlcroissant  # type: ignore[import-untyped]

    # At the next change of logging absl, which comes with it, would close what was stderr now.
    absl.logging.get_absl_handler().python_handler.stream = sys.__stderr__
    record = _json(folder / "croissant.json")
    local = {file["@id"]: folder / file["@id"] for file in record["distribution"]}
    found = []
    try:
        dataset = mlcroissant.Dataset(jsonld=folder / "croissant.json", mapping=local)
        found += [f"croissant.json: {warning}" for warning in dataset.metadata.ctx.issues.warnings]
        for table in dataset.metadata.record_sets:
            for _ in dataset.records(table.uuid):
                break
    except mlcroissant.ValidationError as error:
        found.append(f"croissant.json: {error}")
    return _verdict(croissant_record, len(record["recordSet"]), "tables", found)


def _json(path: Path) -> Any:
    return json.loads(path.read_bytes())


FAST: tuple[Judge, ...] = (whole, csv_form, data_package, uk_model, harvester)
SLOW: tuple[Judge, ...] = (frictionless_package, csvw_sidecars, graphs, croissant_record)
