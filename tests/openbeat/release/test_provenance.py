"""From any published file back to the raw files, by a reader that knows nothing of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rdflib
from rdflib.namespace import PROV, RDF

from openbeat.release.provenance import MONTHS, Step, provenance, with_files

HERE = "https://data.example.org/releases/2025-06-r1/provenance.json"
BACK = "(prov:wasDerivedFrom|prov:wasGeneratedBy|prov:used|prov:hadMember|prov:wasInformedBy)+"
STEPS = [
    Step("planning", "Lists months.", {"months_to_ingest": []}),
    Step("logs", "Reads the logs.", {"conformed_issues": [], "conformed_feedback": []}),
    Step("tables", "Makes the tables.", {"crime": [MONTHS], "neighbourhoods": [MONTHS]}),
    Step(
        "answers",
        "What was asked, and done.",
        {"you_said_we_did": ["conformed_issues", "crime"], "unpublished": ["conformed_feedback"]},
    ),
]
FACTS: dict[str, Any] = {
    "code_version": "1.2.3",
    "inputs": [
        {
            "file": f"{month}/{month}-wye-street.csv",
            "archive": "my archive #1.zip",
            "archive_as_of": "2025-06",
            "member_sha256": digit * 64,
        }
        for month, digit in (("2025-05", "a"), ("2025-06", "b"))
    ],
    "boundaries": [
        {"name": "2025-05.zip", "release": "2025-05", "sha256": "c" * 64},
        {"name": "2025-06.zip", "release": "2025-06", "sha256": "d" * 64},
    ],
    "geography": [{"name": "population.csv", "sha256": "e" * 64}],
    "logs": [
        {"source": "wye-issues", "table": "issues", "name": "issues.csv", "sha256": "f" * 64},
        {"source": "wye-feedback", "table": "feedback"},
    ],
    "settings": {"window_months": 36, "publisher": "Wye", "used": "x"},
    "months": {
        "2025-05": {"members": "1", "boundaries": "2", "archives": "my archive #1.zip@2025-06"},
        "2025-06": {"members": "3", "boundaries": "4", "archives": "my archive #1.zip@2025-06"},
    },
}
HASHES = {
    "tables/crime.parquet": "1" * 64,
    "tables/crime/crime-wye.csv": "2" * 64,
    "tables/crime.csv.gz": "3" * 64,
    "tables/you_said_we_did.csv": "4" * 64,
    "geo/neighbourhoods.gpkg": "5" * 64,
    "codelists/places.csv": "6" * 64,
    "dictionary.csv": "7" * 64,
}


def made(**more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "publisher": "Wye",
        "steps": STEPS,
        "published": ["crime", "neighbourhoods", "you_said_we_did"],
        "month_uses": {m: [f"boundaries/{m}.zip"] for m in ("2025-05", "2025-06")},
        "reads": {"tables": ["boundaries", "geography"], "logs": ["logs"]},
    }
    return provenance(FACTS, **(given | more))


@pytest.fixture(scope="module")
def graph() -> rdflib.Graph:
    text = json.dumps(with_files(made(), HASHES), sort_keys=True)
    return rdflib.Graph().parse(data=text, format="json-ld", publicID=HERE)


def behind(graph: rdflib.Graph, path: str, back: str = BACK) -> set[str]:
    """Everything a file comes from, as ids within the document."""
    start = rdflib.URIRef(HERE.replace("provenance.json", path))
    rows = graph.query(
        f"SELECT ?x WHERE {{ ?file {back} ?x }}",
        initNs={"prov": PROV},
        initBindings={"file": start},
    )
    return {str(row[0]).split("#")[-1] for row in rows}  # type: ignore[index]


INPUTS = {
    f"inputs/my%20archive%20%231.zip/{month}/{month}-wye-street.csv"
    for month in ("2025-05", "2025-06")
}


@pytest.mark.parametrize("path", [path for path in HASHES if path[0] in "tg"])
def test_every_published_file_of_data_leads_back_to_every_raw_file(
    graph: rdflib.Graph, path: str
) -> None:
    assert behind(graph, path) >= INPUTS | {"boundaries/2025-06.zip", "geography/population.csv"}


def test_a_file_is_derived_from_its_own_sources_only(graph: rdflib.Graph) -> None:
    """Activities use more than one table needs; derivations are exact as far as assets are."""
    derived = "prov:wasDerivedFrom+"
    assert "logs/wye-issues" in behind(graph, "tables/you_said_we_did.csv", derived)
    assert "logs/wye-issues" not in behind(graph, "tables/crime.parquet", derived)
    assert behind(graph, "codelists/places.csv", derived) == {"codelists"}


def test_a_month_used_its_own_files_and_the_boundaries_that_served_it(graph: rdflib.Graph) -> None:
    month = rdflib.URIRef(f"{HERE}#ingest/2025-05")
    used = {str(x).split("#")[-1] for x in graph.objects(month, PROV.used)}
    (own,) = [name for name in INPUTS if "2025-05" in name]
    assert used == {own, "boundaries/2025-05.zip"}


def test_every_file_is_there_with_its_hash(graph: rdflib.Graph) -> None:
    schema = rdflib.Namespace("https://schema.org/")
    hashes = {str(s).removeprefix(HERE): str(o) for s, o in graph.subject_objects(schema.sha256)}
    assert len(hashes) == len(HASHES) + 2 + 2 + 1 + 1
    assert hashes["#inputs/my%20archive%20%231.zip/2025-05/2025-05-wye-street.csv"] == "a" * 64
    file = f"{HERE.removesuffix('provenance.json')}tables/crime.parquet"
    assert hashes[file] == "1" * 64


def test_it_says_who_published_and_with_which_version(graph: rdflib.Graph) -> None:
    software, publisher = (rdflib.URIRef(f"{HERE}#{name}") for name in ("openbeat", "publisher"))
    assert (software, PROV.actedOnBehalfOf, publisher) in graph
    assert (software, rdflib.URIRef("https://schema.org/softwareVersion"), None) in graph
    activities = set(graph.subjects(RDF.type, PROV.Activity))
    assert len(activities) == 1 + 2 + 3
    assert set(graph.subjects(PROV.wasAssociatedWith, software)) == activities


def test_everything_that_is_named_is_described(graph: rdflib.Graph) -> None:
    """No relation points at a thing the file says nothing else of."""
    relations = [p for p in set(graph.predicates()) if str(p).startswith(str(PROV))]
    named = {o for p in relations for o in graph.objects(None, p)}
    typed = set(graph.subjects(RDF.type, None))
    assert named <= typed


def test_facts_stay_where_readers_of_the_plain_json_look_for_them() -> None:
    told = made()
    assert told["months"]["2025-05"]["boundaries"] == "2"
    assert told["inputs"][0]["member_sha256"] == "a" * 64
    assert told["boundaries"][0]["name"] == "2025-05.zip"
    assert told["logs"][1].keys() == {"@id", "@type", "source", "table"}
    assert told["settings"] == FACTS["settings"]


def test_settings_and_hashes_of_months_are_no_relations(graph: rdflib.Graph) -> None:
    assert not [o for o in graph.objects() if str(o) in {"x", f"{HERE}x", "2", "4"}]


def test_what_is_not_published_is_not_named() -> None:
    tables = {entry["@id"] for entry in made()["tables"]}
    assert tables == {"#conformed_issues", "#crime", "#neighbourhoods", "#you_said_we_did"}
    assert "planning" not in json.dumps(made())


def test_a_table_that_nothing_makes_is_refused() -> None:
    with pytest.raises(ValueError, match="no step makes stops"):
        made(published=["stops"])


def test_files_can_be_told_of_any_facts() -> None:
    assert with_files({"code_version": "1"}, {})["files"] == []
