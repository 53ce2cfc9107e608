"""Where a release comes from, from raw file to published file: ``provenance.json``.

W3C PROV-O (https://www.w3.org/TR/prov-o/) as JSON-LD 1.1 whose context is written out in the
file, so that it is plain JSON to one reader and a graph to another, with nothing to fetch. Only
the shape belongs here; the facts are gathered by whoever made the release. No clock, no path, no
row counts: PROV's times and a log's number of rows are left out on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

COUNTED = "#counted"
RELEASE = "#release"
SOFTWARE = "#openbeat"
PUBLISHER = "#publisher"
CODELISTS = "#codelists"
_RAW = ("boundaries", "geography", "logs")

CONTEXT: Mapping[str, Any] = {
    "@version": 1.1,
    "prov": "http://www.w3.org/ns/prov#",
    "label": "http://www.w3.org/2000/01/rdf-schema#label",
    "sha256": {"@id": "https://schema.org/sha256"},
    "version": {"@id": "https://schema.org/softwareVersion"},
    **{
        name: f"prov:{name}"
        for name in (
            *("Entity", "Activity", "Bundle", "Collection", "Plan"),
            *("Organization", "SoftwareAgent"),
        )
    },
    **{
        name: {"@id": f"prov:{name}", "@type": "@id"}
        for name in (
            *("used", "wasGeneratedBy", "wasDerivedFrom", "hadMember", "wasInformedBy"),
            *("wasAssociatedWith", "wasAttributedTo", "actedOnBehalfOf"),
        )
    },
    "usedBy": {"@reverse": "prov:used", "@type": "@id"},
    **dict.fromkeys(
        ("inputs", *_RAW, "agents", "activities", "tables", "files", "collections"), "@included"
    ),
    "member_sha256": {"@id": "https://schema.org/sha256"},
    "months": {
        "@id": "prov:wasInformedBy",
        "@container": "@index",
        # In a month these are hashes, not the lists of the same name.
        "@context": {"boundaries": None},
    },
}
"""Every key that means something to PROV; the other keys are facts for readers of the JSON."""


@dataclass(frozen=True)
class Step:
    """What makes some tables out of others.

    Attributes:
        name: Of the step.
        label: What it does, one sentence.
        makes: Each table it makes, and those it is made from; ``MONTHS`` stands for all that is
            made month by month, before.
    """

    name: str
    label: str
    makes: Mapping[str, Sequence[str]]


MONTHS = "months"


def provenance(
    facts: Mapping[str, Any],
    *,
    publisher: str,
    steps: Sequence[Step],
    published: Sequence[str],
    month_uses: Mapping[str, Sequence[str]],
    reads: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """The provenance of a release, up to its tables.

    Args:
        facts: ``code_version``; ``inputs`` (``file`` named ``.../YYYY-MM-...``, ``archive``,
            ``archive_as_of``, ``member_sha256``); ``boundaries``, ``geography`` and ``logs``
            (``name`` or ``source``, and ``sha256`` where it may be told); ``months`` (month to
            hashes of what it was made from); ``settings``; ``corrections`` of source data in
            force, if any.
        publisher: Who publishes.
        steps: How tables are made from the months and from each other.
        published: The published tables; each must be made by a step.
        month_uses: What ingesting each month used beside its inputs, as ``boundaries/<name>`` or
            ``geography/<name>``.
        reads: Step name to the keys of facts (``boundaries``, ``geography``, ``logs``) whose
            files it reads by itself.

    Returns:
        The facts with PROV's relations between them, as JSON values; to be completed by
        ``with_files``.

    Raises:
        ValueError: A published table is made by no step.
    """
    made = {table: (step, parents) for step in steps for table, parents in step.makes.items()}
    if missing := sorted(set(published) - set(made)):
        raise ValueError(f"no step makes {', '.join(missing)}")
    needed = _ancestors(published, made)
    lists = {key: [_named(key, entry) for entry in facts[key]] for key in _RAW}
    used = {key: [entry["@id"] for entry in entries] for key, entries in lists.items()}
    running = [step for step in steps if needed.intersection(step.makes)]
    return {
        "@context": dict(CONTEXT),
        "@id": RELEASE,
        "@type": "Activity",
        "label": "Writing, verifying and promoting the release",
        "used": [*(f"#{table}" for table in sorted(published)), CODELISTS],
        "wasAssociatedWith": SOFTWARE,
        "code_version": facts["code_version"],
        "settings": facts["settings"],
        "corrections": facts.get("corrections", []),
        "agents": _agents(publisher, facts["code_version"]),
        "inputs": [_input(entry) for entry in facts["inputs"]],
        **lists,
        "months": {
            month: _month(month, record, month_uses.get(month, ()))
            for month, record in sorted(facts["months"].items())
        },
        "collections": _collections(facts["months"]),
        "activities": [_activity(step, made, needed, reads, used) for step in running],
        "tables": [_table(table, *made[table], reads, used) for table in sorted(needed)],
    }


def with_files(provenance: Mapping[str, Any], hashes: Mapping[str, str]) -> dict[str, Any]:
    """The provenance with the release's own files, as far as they are written.

    Args:
        provenance: As the function of that name gives it, or any other mapping.
        hashes: Path in the release to sha256, without files that name their release or the one
            before (``integrity.names_release``), or equal contents would differ.

    Returns:
        The same with ``files``: each generated by the release and derived from its table; shapes
        from the table ``neighbourhoods``, code lists from those openbeat ships.
    """
    tables = {entry["@id"] for entry in provenance.get("tables", ())}
    files = []
    for path, sha256 in sorted(hashes.items()):
        source = _source_of(path)
        entry = {
            "@id": quote(path),
            "@type": "Entity",
            "sha256": sha256,
            "wasGeneratedBy": RELEASE,
            "wasAttributedTo": PUBLISHER,
        }
        if source is not None and source in (*tables, CODELISTS):
            entry["wasDerivedFrom"] = source
        files.append(entry)
    return {**provenance, "files": files}


def _source_of(path: str) -> str | None:
    """The table a published file is made from."""
    folder, *rest = PurePosixPath(path).parts
    if folder == "tables" and rest:
        return f"#{rest[0].split('.')[0]}"
    if folder == "codelists":
        return CODELISTS
    return "#neighbourhoods" if folder == "geo" else None


def _ancestors(tables: Sequence[str], made: Mapping[str, tuple[Step, Sequence[str]]]) -> set[str]:
    """The tables and all that they are made from, but for what is made by month."""
    found: set[str] = set()
    waiting = list(tables)
    while waiting:
        table = waiting.pop()
        if table not in found and table in made:
            found.add(table)
            waiting += made[table][1]
    return found


def _named(key: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    name = entry.get("source") or entry["name"]
    return {"@id": f"#{key}/{quote(name)}", "@type": "Entity", **entry}


def _input(entry: Mapping[str, Any]) -> dict[str, Any]:
    file = entry["file"]
    month = PurePosixPath(file).name[:7]
    return {
        "@id": f"#inputs/{quote(entry['archive'])}/{quote(file)}",
        "@type": "Entity",
        **entry,
        "usedBy": f"#ingest/{month}",
    }


def _month(month: str, record: Mapping[str, Any] | None, uses: Sequence[str]) -> dict[str, Any]:
    """Ingesting a month: its raw files point here by ``usedBy``, its result by generation."""
    return {
        "@id": f"#ingest/{month}",
        "@type": "Activity",
        "label": "Rows checked, located and counted",
        "used": [f"#{quote(name)}" for name in uses],
        "wasAssociatedWith": SOFTWARE,
        **(record or {}),
    }


def _collections(months: Mapping[str, Any]) -> list[dict[str, Any]]:
    counted = [
        {
            "@id": f"{COUNTED}/{month}",
            "@type": "Entity",
            "label": f"Counts by place, and the account of every row, {month}",
            "wasGeneratedBy": f"#ingest/{month}",
        }
        for month in sorted(months)
    ]
    whole = {
        "@id": COUNTED,
        "@type": ["Entity", "Collection"],
        "label": "Counts by place, and the account of every row, of every month",
        "hadMember": [entry["@id"] for entry in counted],
    }
    lists = {
        "@id": CODELISTS,
        "@type": ["Entity", "Collection"],
        "label": "Code lists that openbeat ships, and the forces that the settings add",
        "wasAttributedTo": SOFTWARE,
    }
    return [whole, lists, *counted]


def _activity(
    step: Step,
    made: Mapping[str, tuple[Step, Sequence[str]]],
    needed: set[str],
    reads: Mapping[str, Sequence[str]],
    used: Mapping[str, list[str]],
) -> dict[str, Any]:
    parents = {p for table, of in step.makes.items() if table in needed for p in of}
    inside = parents - set(step.makes)
    return {
        "@id": f"#step/{step.name}",
        "@type": "Activity",
        "label": step.label,
        "used": [*_ids(inside), *_files_read(step, reads, used), CODELISTS],
        "wasAssociatedWith": SOFTWARE,
    }


def _table(
    table: str,
    step: Step,
    parents: Sequence[str],
    reads: Mapping[str, Sequence[str]],
    used: Mapping[str, list[str]],
) -> dict[str, Any]:
    return {
        "@id": f"#{table}",
        "@type": "Entity",
        "wasGeneratedBy": f"#step/{step.name}",
        "wasDerivedFrom": [*_ids(set(parents)), *_files_read(step, reads, used)],
    }


def _ids(tables: set[str]) -> list[str]:
    return sorted(COUNTED if table == MONTHS else f"#{table}" for table in tables)


def _files_read(
    step: Step, reads: Mapping[str, Sequence[str]], used: Mapping[str, list[str]]
) -> list[str]:
    return [name for key in reads.get(step.name, ()) for name in used[key]]


def _agents(publisher: str, version: str) -> list[dict[str, Any]]:
    return [
        {"@id": PUBLISHER, "@type": "Organization", "label": publisher},
        {
            "@id": SOFTWARE,
            "@type": "SoftwareAgent",
            "label": "openbeat",
            "version": version,
            "actedOnBehalfOf": PUBLISHER,
        },
    ]
