"""``openbeat check`` and ``openbeat template``: a log made ready before it is handed in.

What is found is worked out in ``openbeat.engagement.checking``; here is what a person sees of it.
Nothing restricted is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from openbeat.engagement.settings import EngagementSource, TableName
from openbeat.errors import InputError
from pipelines.console import CHECK_FAILED, console, reported, settings_for

if TYPE_CHECKING:
    from openbeat.contract import Contract
    from openbeat.engagement.checking import Checked, Finding, Place

_HEADS = {"critical": "REFUSED", "warning": "warning", "info": "note"}
_HASHES = 3
_VALUE = 60  # characters of a value that are shown

Log = Annotated[Path, typer.Argument(help="The log: CSV, XLSX, ODS or Parquet.")]
As = Annotated[TableName, typer.Option("--as", help="Which table it is.")]
To = Annotated[Path | None, typer.Option(help="The file to write; by default TABLE.xlsx here.")]


def template(
    table: Annotated[TableName, typer.Argument(help="Which table.")], to: To = None
) -> None:
    """Write an empty workbook to fill in: headers, drop-down lists, notes, an example row."""
    from openbeat.engagement.template import template as workbook

    target = Path(f"{table}.xlsx") if to is None else to
    with reported():
        if target.exists():
            raise InputError("is there already", file=target.name, mend="name another with --to.")
        _write(target, workbook(table, _contract(table)), "--to")
        say = f"Wrote {target}. Fill it in, then: openbeat check {target} --as {table}"
        console.print(say, markup=False, soft_wrap=True)


def check(
    file: Log,
    table: As,
    mapping: Annotated[
        Path | None, typer.Option(help="YAML that gives their columns and codes our names.")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook; the first by default.")] = None,
    header_line: Annotated[int, typer.Option(min=1, help="The line of the headers.")] = 1,
    encoding: Annotated[str, typer.Option(help="Of a CSV.")] = "utf-8",
    separator: Annotated[str, typer.Option(help="Of a CSV.")] = ",",
    annotate: Annotated[
        Path | None, typer.Option(help="Write a copy (XLSX) with the bad cells marked.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="The settings file.")] = None,
) -> None:
    """Check a log before it is handed in: what is wrong, where, and how to mend it."""
    with reported():
        if len(separator) != 1:
            mend = "give one character, such as ';'."
            raise InputError("a separator is one character", value=separator, mend=mend)
        source = EngagementSource(
            name="check",
            table=table,
            path=file,
            sheet=sheet,
            header_line=header_line,
            encoding=encoding,
            separator=separator,
        )
        checked = _check(source, mapping, config)
        _say(console, checked, table)
        if annotate is not None:
            with console.status("Writing the annotated copy"):
                _annotate(checked, annotate, file)
            console.print(f"The annotated copy: {annotate}", markup=False, soft_wrap=True)
        _close(console, checked)
    if checked.refused:
        raise typer.Exit(CHECK_FAILED)


def erase(
    source: Annotated[str, typer.Option(help="The name of the record's source.")],
    record: Annotated[str, typer.Option("--id", help="The id of the record.")],
    reason: Annotated[
        str, typer.Option(help="Why, a code of the list deletion_reasons.")
    ] = "subject_request",
    config: Annotated[Path | None, typer.Option(help="The settings file.")] = None,
    out: Annotated[Path | None, typer.Option(help="Put everything under this folder.")] = None,
) -> None:
    """Erase one record of a log: raw, quarantine, versions and tables; leaves a receipt."""
    from datetime import UTC, datetime

    from openbeat.engagement.erase import BEGUN
    from resources.erasure import erase as erase_record
    from resources.lake import Lake
    from resources.lock import place_lock

    with reported():
        settings = settings_for(config, out)
        with place_lock(settings.out):
            lake = Lake(settings.lake_root)
            lake.reach()
            receipt = erase_record(
                *(lake, settings.out, settings.releases_root, source, record),
                *(datetime.now(UTC), reason),
            )
        console.print("Erased. The receipt, which holds neither the id nor the content:")
        for place, rows in receipt.filter(receipt["place"] != BEGUN).select("place", "rows").rows():
            console.print(f"  {place}: {rows}", markup=False, highlight=False, soft_wrap=True)
        still = [p for p in receipt["place"] if p.startswith("release ")]
        if still:
            held = f"These never change, and still hold it, as their packs do: {', '.join(still)}."
            console.print(held, markup=False, soft_wrap=True)
        console.print("Erase it in the log itself too. Records that name its id keep that name.")


def _contract(table: str) -> Contract:
    from openbeat.contract import load_contract
    from openbeat.engagement.tables import TABLES
    from resources.sources import CONTRACTS

    return load_contract(CONTRACTS / f"{TABLES[table].contract}.yaml")


def _check(source: EngagementSource, mapping: Path | None, config: Path | None) -> Checked:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from openbeat.engagement.checking import check as look
    from openbeat.engagement.connectors import read_rows
    from openbeat.engagement.mapping import load_mapping
    from openbeat.policeuk.forces import load_forces

    settings = settings_for(config, None)
    contract = _contract(source.table)
    told = None if mapping is None else load_mapping(mapping, contract)
    today = datetime.now(ZoneInfo("Europe/London")).date()
    forces = load_forces(settings.forces_file)["force_id"].to_list()
    return look(read_rows(source), told, contract, today, settings.engagement, forces)


def _annotate(checked: Checked, target: Path, log: Path) -> None:
    from openbeat.engagement.annotated import annotated

    if target.suffix.lower() != ".xlsx":
        raise InputError(
            "the annotated copy is a workbook", file=target.name, mend="let its name end in .xlsx."
        )
    if target.exists() and target.resolve() == log.resolve():
        raise InputError(
            "the annotated copy would replace the log itself",
            file=target.name,
            mend="give it another name with --annotate.",
        )
    _write(target, annotated(checked), "--annotate")


def _write(target: Path, data: bytes, option: str) -> None:
    try:
        target.write_bytes(data)
    except OSError as error:
        raise InputError(
            f"cannot be written: {error.strerror}",
            file=target.name,
            mend=f"name a place that can be written with {option}.",
        ) from None


def _say(console: Console, checked: Checked, table: str) -> None:
    from openbeat.engagement.checking import findings

    def line(text: str) -> None:
        console.print(text, markup=False, soft_wrap=True)

    line(f"{checked.rows.name} as {table}: {_sum(checked)}")
    for finding in findings(checked):
        line("")
        rows = _many(finding.rows, "row")
        against = f"{rows} against the rule: {finding.sentence} [{finding.rule}]"
        line(f"{_HEADS[finding.severity]}  {against}")
        for text in _finding(finding):
            line(f"  {text}")
    if checked.examples:
        line("")
        rows = ", ".join(map(str, checked.examples[:_HASHES]))
        line(f"warning  Row {rows} is the template's example: never taken in. Write over it.")
    _say_reviews(console, checked)
    if checked.unjudged:
        line("")
        rules = ", ".join(checked.unjudged)
        line(f"Not judged here, since other tables or the places decide: {rules}.")


def _sum(checked: Checked) -> str:
    """What would become of the rows; the numbers add up to the rows read."""
    parts = [
        f"{_many(checked.rows.frame.height, 'row')} read",
        f"{checked.accepted:,} accepted",
        f"{len(checked.refused):,} refused",
    ]
    parts += [f"{n:,} passed on as {kind}" for kind, n in checked.routed.items()]
    parts += [f"{checked.withdrawn:,} withdrawn"] * bool(checked.withdrawn)
    examples = len(checked.examples)
    parts += [f"{_many(examples, 'example')} left out"] * bool(examples)
    return f"{', '.join(parts)}; {_many(checked.lines('warning'), 'row')} with warnings."


def _finding(finding: Finding) -> list[str]:
    lines = []
    mends = {place.mend for place in finding.places}
    for alike in _alike(finding.places):
        first = alike[0]
        said = [_place(alike)]
        said += [first.message] if first.message else []
        mend = f" Mend: {first.mend}" if first.mend and len(mends) > 1 else ""
        lines.append(": ".join(said) + mend)
    if finding.further:
        lines.append(f"and {finding.further:,} more")
    if len(mends) == 1 and finding.places[0].mend:
        lines.append(f"Mend: {finding.places[0].mend}")
    return lines


def _alike(places: Sequence[Place]) -> list[list[Place]]:
    """The places by what is said of them, so that it is said once."""
    groups: dict[object, list[Place]] = {}
    for place in places:
        key = place.cells, place.message, place.mend, bool(place.more)
        groups.setdefault(key, []).append(place)
    return list(groups.values())


def _place(alike: Sequence[Place]) -> str:
    lines = ", ".join(str(place.line) for place in alike)
    more = sum(place.more for place in alike)
    parts = [f"line{'s' * (len(alike) > 1)} {lines}"]
    parts[0] += f" (and {_many(more, 'row')} more)" if more else ""
    for column, value in alike[0].cells:
        if value is None:
            parts.append(f"column {column} is empty")
        else:
            cut = value if len(value) <= _VALUE else value[:_VALUE] + "…"
            parts.append(f"column {column} {cut if cut.startswith('(') else repr(cut)}")
    return ", ".join(parts)


def _say_reviews(console: Console, checked: Checked) -> None:
    """The hashes that say which texts a review covered, for those whose system can keep them."""
    rows = checked.unreviewed
    if rows.is_empty():
        return
    text = (
        f"\nThe texts of {_many(rows.height, 'record')} would be withheld until somebody has "
        "reviewed them as they stand. Who keeps the hash in reviewed_sha256 writes there:"
    )
    console.print(text, markup=False, soft_wrap=True)
    for line, _, digest, _ in rows.head(_HASHES).iter_rows():
        console.print(f"  line {line}: {digest}", markup=False, soft_wrap=True)
    if rows.height > _HASHES:
        console.print(f"  and {rows.height - _HASHES:,} more", markup=False)


def _close(console: Console, checked: Checked) -> None:
    console.print("")
    if checked.refused:
        n = len(checked.refused)
        console.print(f"Not ready: {_many(n, 'row')} would be refused.", style="bold red")
    else:
        console.print("Ready to hand in.", style="bold green")


def _many(n: int, noun: str) -> str:
    return f"{n:,} {noun}" + ("" if n == 1 else "s")
