"""A release folder, as the attacker finds it on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl

from openbeat.disclosure.attacker.report import Report
from openbeat.disclosure.attacker.sets import attack
from openbeat.errors import InputError

TABLES: Final = ("engagement_reach", "feedback_summary", "engagement_events")
CODELIST: Final = "reach_categories"


def attack_release(
    folder: Path,
    ledger: pl.DataFrame | None = None,
    *,
    policy: Mapping[str, Any] | None = None,
    protected: pl.DataFrame | None = None,
    truth: pl.DataFrame | None = None,
) -> Report:
    """Attack a release by what its folder holds.

    Args:
        folder: A release: ``tables/<name>.parquet`` or ``.csv``, ``codelists/``, and
            ``disclosure.json`` with the ``policy``.
        ledger: As for ``attack``; None where only this release is known.
        policy: In place of the published one.
        protected: As for ``attack``.
        truth: As for ``attack``.

    Raises:
        InputError: None of the protected tables is there, or ``disclosure.json`` cannot be read.
    """
    tables = {n: t for n in TABLES if (t := _table(folder / "tables", n)) is not None}
    if not tables:
        raise InputError(
            "The release has none of the tables that count people",
            file=folder.name,
            mend="name the folder of a release that has engagement_reach or feedback_summary",
        )
    if (codes := _table(folder / "codelists", CODELIST)) is not None:
        tables[CODELIST] = codes
    said = _policy(folder / "disclosure.json") if policy is None else policy
    return attack(tables, ledger, said, protected=protected, truth=truth)


def _table(folder: Path, name: str) -> pl.DataFrame | None:
    parquet, csv = folder / f"{name}.parquet", folder / f"{name}.csv"
    if parquet.is_file():
        # Published integers have 32 bits, in which sums could run over.
        return pl.read_parquet(parquet, glob=False).cast({pl.Int32: pl.Int64})
    if csv.is_file():
        # Ids and codes such as 0401 are text, whatever they look like; numbers are cast later.
        return pl.read_csv(csv, infer_schema=False, glob=False)
    return None


def _policy(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(
            "The file is no JSON", file=path.name, mend="take the file from the release again"
        ) from error
    return dict(content.get("policy") or {}) if isinstance(content, dict) else {}
