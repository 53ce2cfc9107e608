"""Whether a release may follow the one before: no breaking change that was not announced.

Only the judgement belongs here: what changed is found in ``schema_changes``, what was announced
lies in the register (``openbeat.versions``, ``config/deprecations.yaml``). All is measured against
what was published, never against a clock: an announcement counts from the ``as_of`` of the first
release that carried it, so that nobody can date it back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from openbeat.errors import InputError
from openbeat.release.content import RELEASE_ID, ReleaseContent
from openbeat.release.schema_changes import Change, Level, Schema, schema_changes
from openbeat.release.schemas import table_schema
from openbeat.versions import Deprecation, Register, parse_version

DESCRIPTOR = "datapackage.json"
NOTICE_DAYS = 90
NOTICE_MONTHS = 3
"""Either is enough (PUDL and the project's reference: three releases or 90 days). Months, because
releases of one month are corrections of each other, and may follow within the hour."""


@dataclass(frozen=True)
class Published:
    """A published release, as far as the check must know it: its id, day and tables."""

    id: str
    month: str
    as_of: date
    versions: dict[str, str]
    schemas: dict[str, Schema]


def check_compatible(
    content: ReleaseContent, previous: Path | None, register: Register
) -> list[Change]:
    """Hold the tables of a new release against those of the one before.

    A breaking change needs three things: the major version that was announced for it; an
    announcement that the release before carried, and that was first carried ``NOTICE_DAYS`` before
    (by the releases' ``as_of``) or by the releases of ``NOTICE_MONTHS`` months; and that
    ``not_before``, the latest that was published or is in the register, has come by ``as_of``.

    Args:
        content: The new release; its contracts carry what is announced (``Register.attach``).
        previous: The folder of the release before it, inside the store; None: there is none.
        register: What was announced.

    Returns:
        Every change, by table, as sentences for the changelog.

    Raises:
        InputError: A change lacks the version it needs, or breaks readers and was not announced in
            time; or the release before cannot be read. Lists every fault, each with its remedy.
    """
    if previous is None:
        return []
    old = read_published(previous)
    new = {
        table: table_schema(content.contracts[table], content.codelists)
        for table in content.described
    }
    changes: list[Change] = []
    faults: list[str] = []
    for table in sorted({*old.schemas, *new}):
        if table not in new:
            found = [_gone(content, table, register)]
        elif table not in old.schemas:
            title = content.contracts[table].title
            found = [Change(table, None, Level.NONE, "added", f"{table}: a new table, {title}.")]
        else:
            found = schema_changes(table, old.schemas[table], new[table])
            faults += _version_faults(content, table, old.versions[table], found)
        changes += found
    faults += _notice_faults(content, previous, old, changes, register)
    if faults:
        raise InputError(
            f"the tables do not follow those of release {old.id}:\n  - " + "\n  - ".join(faults),
            rule="a reader of the last release can read this one, or was told in time",
        )
    return changes


def read_published(release: Path) -> Published:
    """What a published release says of its tables.

    Args:
        release: Its folder.

    Raises:
        InputError: Its ``datapackage.json`` cannot be read or is none of ours.
    """
    try:
        package: dict[str, Any] = json.loads((release / DESCRIPTOR).read_bytes())
        tables = {
            PurePosixPath(resource["path"]).stem.lower(): resource
            for resource in package["resources"]
            if resource["path"].startswith(("tables/", "REVISIONS"))
            and resource["path"].endswith(".parquet")
            and "schema" in resource
        }
        return Published(
            id=package["release"],
            month=package["month"],
            as_of=date.fromisoformat(package["as_of"]),
            versions={name: resource["schema_version"] for name, resource in tables.items()},
            schemas={name: resource["schema"] for name, resource in tables.items()},
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(
            f"the descriptor of release {release.name} cannot be read: {error}",
            file=DESCRIPTOR,
            mend="verify that release (openbeat release verify), and put its files back",
        ) from None


def _gone(content: ReleaseContent, table: str, register: Register) -> Change:
    """A table of the release before that the new one lacks: stopped here, or removed for good."""
    contract = content.contracts.get(table)
    why = register.reason_stopped(table)
    if why is None or contract is None or not contract.published:
        return Change(table, None, Level.MAJOR, "removed", f"{table}: the table was removed.")
    text = f"{table}: the table is no longer in the release: {why.strip().rstrip('.')}."
    return Change(table, None, Level.NONE, "removed", text)


def _version_faults(
    content: ReleaseContent, table: str, old: str, changes: Sequence[Change]
) -> Iterator[str]:
    """Whether the table's version rose by what its changes need."""
    new = content.contracts[table].schema_version
    before, after = parse_version(old), parse_version(new)
    if after < before:
        yield f"{table}: its schema_version went back from {old} to {new}; give {old} or a later"
        return
    needed = max((change.level for change in changes), default=Level.NONE)
    if _rise(before, after) < needed:
        reasons = " ".join(c.sentence for c in changes if c.level == needed)
        yield (
            f"{table}: its schema_version is {new} and must be {_raised(before, needed)} or later"
            f" ({needed.name.lower()}), after {old}: {reasons} Raise it in the table's contract."
        )
        return
    for change in changes:
        if change.kind == "added":
            since = content.contracts[table].column(str(change.column)).since
            if since is None or not before < parse_version(since) <= after:
                yield (
                    f"{table}: column {change.column} is new, so its contract must say since: {new}"
                )


def _rise(before: tuple[int, int, int], after: tuple[int, int, int]) -> Level:
    for level, old, new in zip((Level.MAJOR, Level.MINOR, Level.PATCH), before, after, strict=True):
        if old != new:
            return level
    return Level.NONE


def _raised(version: tuple[int, int, int], level: Level) -> str:
    major, minor, patch = version
    return {
        Level.MAJOR: f"{major + 1}.0.0",
        Level.MINOR: f"{major}.{minor + 1}.0",
        Level.PATCH: f"{major}.{minor}.{patch + 1}",
    }[level]


def _notice_faults(
    content: ReleaseContent,
    previous: Path,
    old: Published,
    changes: Sequence[Change],
    register: Register,
) -> Iterator[str]:
    """Whether every breaking change was announced in time."""
    breaking = [change for change in changes if change.level == Level.MAJOR]
    store = list(_releases(previous)) if breaking else []
    for change in breaking:
        entry = _entry(change, content, old, register)
        if entry is None:
            yield f"{change.sentence} {_unannounced(change, content)}"
        elif late := _too_early(entry, content, old, store):
            yield f"{change.sentence} It was announced, but {late}"


def _entry(
    change: Change, content: ReleaseContent, old: Published, register: Register
) -> Deprecation | None:
    """The announcement that covers a breaking change."""
    whole = change.column is None and change.kind == "removed"
    for entry in register.deprecations:
        if entry.table != change.table or entry.of_table != whole:
            continue
        if whole:
            return entry
        # Of the table as a whole, "changed" announces all that may change within it.
        fits = entry.column == change.column and entry.removes == (change.kind == "removed")
        if (fits or entry.column is None) and _brings(entry, content, old):
            return entry
    return None


def _brings(entry: Deprecation, content: ReleaseContent, old: Published) -> bool:
    """Whether the version that the entry names lies between the two releases'."""
    before = parse_version(old.versions[entry.table])
    after = parse_version(content.contracts[entry.table].schema_version)
    return before < parse_version(str(entry.version)) <= after


def _unannounced(change: Change, content: ReleaseContent) -> str:
    contract = content.contracts.get(change.table)
    mend = "Keep it as it was, announce it in config/deprecations.yaml, and make it in due time"
    if change.kind == "removed" and change.column is None and contract and contract.published:
        return (
            f"{mend}; or, if this release was made without its sources by mistake, give them;"
            " or, if it is no longer published here, say so under stopped."
        )
    return f"{mend}."


def _too_early(
    entry: Deprecation, content: ReleaseContent, old: Published, store: Sequence[Published]
) -> str | None:
    """What is wrong with the notice given; None where it was long enough."""
    published = _carried(entry, old)
    if published is None:
        return (
            f"release {old.id} did not carry the announcement: publish a release with both the old"
            " form and the announcement first."
        )
    not_before = max(entry.not_before, date.fromisoformat(published["not_before"]))
    if content.as_of < not_before:
        return (
            f"not before {not_before}, and this release is as of {content.as_of}: wait, and keep"
            " the old form until then."
        )
    carriers = [release for release in store if _carried(entry, release) is not None]
    first = min(carriers, key=lambda release: (release.as_of, release.id))
    months = {release.month for release in carriers}
    days = (content.as_of - first.as_of).days
    if days >= NOTICE_DAYS or len(months) >= NOTICE_MONTHS:
        return None
    return (
        f"first in release {first.id}, {days} days before this one's as_of, and in the releases of"
        f" {len(months)} months: {NOTICE_DAYS} days or {NOTICE_MONTHS} months are needed. Wait,"
        " and keep the old form until then."
    )


def _carried(entry: Deprecation, release: Published) -> dict[str, Any] | None:
    """The announcement as a release published it."""
    schema = release.schemas.get(entry.table)
    if schema is None:
        return None
    fields = [field for field in schema["fields"] if field["name"] == entry.column]
    told = (schema if entry.column is None else fields[0] if fields else {}).get("deprecated")
    same = told is not None and (told["change"], told.get("version")) == (
        entry.change,
        entry.version,
    )
    return told if same else None


def _releases(previous: Path) -> Iterator[Published]:
    """The release before and all others beside it in the store, as far as they can be read."""
    for folder in sorted(previous.parent.iterdir()):
        if folder == previous or RELEASE_ID.fullmatch(folder.name):
            try:
                yield read_published(folder)
            except InputError:
                continue  # an older one that was damaged or withdrawn announces nothing
