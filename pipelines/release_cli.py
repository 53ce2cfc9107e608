"""``openbeat release``: the releases listed, shown, verified and attacked.

What a store of releases does is in ``openbeat.release``, what the attacker does in
``openbeat.disclosure.attacker``; here is what a person sees of it. The commands that change what is
public are in ``release_change``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openbeat.errors import InputError
from pipelines.console import CHECK_FAILED, console, problems, reported, settings_for
from pipelines.release_change import approve, rollback, upload, withdraw
from pipelines.release_diff import diff
from pipelines.release_validate import validate

if TYPE_CHECKING:
    from openbeat.release.approvals import Approval, Waiting
    from openbeat.release.listing import Release
    from openbeat.release.promote import ReleaseStore
    from openbeat.release.remote import Verdict
    from openbeat.settings import Settings

WAITING = "waiting"

app = typer.Typer(help="The releases.", no_args_is_help=True)
Config = Annotated[Path | None, typer.Option(help="The settings file.")]
Out = Annotated[Path | None, typer.Option(help="Where everything lies.")]
Name = Annotated[
    str, typer.Argument(help="A release's id, latest, or waiting: what waits for approval.")
]
Verified = Annotated[
    str,
    typer.Argument(
        help="A release's id, latest, waiting; or a folder, a zip or an http(s) address of one."
    ),
]
PublicKey = Annotated[
    Path | None,
    typer.Option(help="The publisher's minisign public key; release.signing.public_key if set."),
]
Attacked = Annotated[
    str, typer.Argument(help="A release's id, latest, waiting, or the folder of a release.")
]


@dataclass(frozen=True)
class _Found:
    """A release a person asked for: what it is called, its folder, its line where it has one."""

    id: str
    folder: Path
    entry: Release | None = None
    waiting: Waiting | None = None


def _say(text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)


def _store(settings: Settings) -> ReleaseStore:
    from openbeat.release.promote import ReleaseStore

    return ReleaseStore(settings.releases_root)


def _find(store: ReleaseStore, name: str) -> _Found:
    """The release of a name: one of the list, or what waits."""
    waiting = store.waiting()
    if waiting and name in (WAITING, waiting.id):
        return _Found(waiting.id, waiting.path, waiting=waiting)
    if name == WAITING:
        raise InputError("no release waits for approval", mend="openbeat release list")
    entry = store.get(name)
    return _Found(entry.id, store.path(entry), entry)


@app.command("list")
def list_releases(config: Config = None, out: Out = None) -> None:
    """List the releases."""
    from openbeat.release.listing import newest_of

    with reported():
        store = _store(settings_for(config, out))
        releases, waiting = store.list(), store.waiting()
        latest = newest_of(releases)
        for entry in releases:
            mark = " (latest)" if entry == latest else _rolled_back(entry)
            place = _withdrawn(entry) if entry.withdrawn else f"{store.path(entry)}{mark}"
            _say(f"{entry.id}  {entry.promoted_at}  {place}")
        if not releases:
            _say("There is no release yet.")
        if waiting:
            approved = _approved(store.approvals(waiting.sums_sha256))
            _say(f"{waiting.id}  waits for approval, {approved}  {waiting.path}")


def _withdrawn(entry: Release) -> str:
    by = f" by {entry.withdrawn_by}" if entry.withdrawn_by else ""
    return f"withdrawn {entry.withdrawn_at}{by}: {entry.reason}"


def _rolled_back(entry: Release) -> str:
    return f" (rolled back {entry.rolled_back_at}: {entry.rolled_back})" * bool(entry.rolled_back)


def _approved(approvals: Sequence[Approval]) -> str:
    """Who approved, in words."""
    who = ", ".join(f"{a.name} ({a.approved_at})" for a in approvals)
    return f"approved by {who}" if who else "approved by nobody yet"


@app.command()
def show(name: Name = "latest", config: Config = None, out: Out = None) -> None:
    """Show what a release holds, and who approved it."""
    from openbeat.release.withdraw import TOMBSTONE

    with reported():
        store = _store(settings_for(config, out))
        found = _find(store, name)
        if found.waiting:
            sums = found.waiting.sums_sha256
            _contents(found.folder, f"{found.id}, not public: it waits for approval")
            _say(_approved(store.approvals(sums)))
        elif entry := found.entry:
            stone = found.folder / TOMBSTONE
            if entry.withdrawn:
                _say(stone.read_text("utf-8").rstrip() if stone.exists() else _withdrawn(entry))
            else:
                _contents(found.folder, f"{entry.id}, promoted {entry.promoted_at}")
            if approvals := store.approvals(entry.sums_sha256):
                _say(_approved(approvals))


def _contents(folder: Path, head: str) -> None:
    """Every file of a release, with its size."""
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    _say(f"{package['title']}\n{head}")
    for item in package["resources"]:
        rows = f"  {item['row_count']:,} rows" if "row_count" in item else ""
        path = item["path"] if isinstance(item["path"], str) else item["path"][0]
        _say(f"  {path}  {item.get('bytes', 0):,} bytes{rows}")
    _say(str(folder))


@app.command()
def verify(
    name: Verified = "latest", public_key: PublicKey = None, config: Config = None, out: Out = None
) -> None:
    """Hold every file of a release against its checksums and descriptor; check who signed it."""
    with reported():
        settings = settings_for(config, out)
        key = public_key or settings.release.signing.public_key
        verdict = _verdict(settings, name, key)
    called = verdict.id or name
    for problem in verdict.problems:
        problems.print(f"{problem.path} {problem.message}", markup=False, soft_wrap=True)
    if wrong := len(verdict.problems):
        s = "" if wrong == 1 else "s"
        problems.print(f"{called} is not whole: {wrong} problem{s}", markup=False, soft_wrap=True)
        raise typer.Exit(CHECK_FAILED)
    _say(f"{called} is whole: every file is what its checksum says.")
    if key:
        _say(f"It is signed with the key of {key.name}.")
    elif verdict.signed:
        _say("It is signed; who by was not checked: give the publisher's key with --public-key.")
    _say(f"What it says, whatever its number, has the sha256 {verdict.content_sha256}")


def _verdict(settings: Settings, name: str, key: Path | None) -> Verdict:
    """Verify a release of a name of the store's, or wherever it is."""
    from openbeat.release.content import RELEASE_ID
    from openbeat.release.remote import verify_at, verify_folder

    path = Path(name)
    ours = name in ("latest", WAITING) or RELEASE_ID.fullmatch(name)
    place = "://" in name or path.suffix == ".zip" or path.exists() or len(path.parts) > 1
    if (path / "SHA256SUMS").is_file() or (place and not ours):
        return verify_at(name, key)
    store = _store(settings)
    found = _find(store, name)
    if found.entry and found.entry.withdrawn:
        _refuse_withdrawn(store, found.entry)
    pin = found.entry.sums_sha256 if found.entry else ""
    return verify_folder(found.folder, key, name=found.id, sums_sha256=pin)


def _refuse_withdrawn(store: ReleaseStore, entry: Release) -> None:
    """Say that there is nothing left to look at; or that there is, and should not be."""
    from openbeat.release.withdraw import remains

    say = f"{entry.id} was {_withdrawn(entry)}"
    problems.print(say, markup=False, soft_wrap=True)
    if left := [path.name for path in remains(store.root, entry)]:
        more = f"Not all of it is gone: {', '.join(left)}. The next run, or withdrawing it again, "
        problems.print(f"{more}removes that.", markup=False, soft_wrap=True)
    raise typer.Exit(CHECK_FAILED)


@app.command()
def attack(
    release: Attacked = "latest",
    report: Annotated[
        Path | None, typer.Option(help="The report to write; <id>-attack.md here by default.")
    ] = None,
    config: Config = None,
    out: Out = None,
) -> None:
    """Try to work out from what is published what was kept back, and write a report on it."""
    from openbeat.disclosure.attacker import attack_release

    with reported():
        settings = settings_for(config, out)
        store = _store(settings)
        found = _at(store, release)
        if found.entry and found.entry.withdrawn:
            _refuse_withdrawn(store, found.entry)
        outcome = attack_release(found.folder, **_known(settings, store, found))
        target = report or Path(f"{found.id}-attack.md")
        _write(target, outcome.as_markdown())
    _say(f"The report on {found.id} is in {target}")
    if not outcome.ok:
        problems.print(f"{found.id}: the attack found something; the report says what.")
        raise typer.Exit(CHECK_FAILED)
    _say(f"{found.id}: the attack found nothing.")


def _at(store: ReleaseStore, name: str) -> _Found:
    """The release of a name or of a folder, which need not lie in the store."""
    folder = Path(name)
    if not (folder / "datapackage.json").is_file():
        return _find(store, name)
    listed = [entry for entry in store.list() if store.path(entry).resolve() == folder.resolve()]
    return _Found(folder.resolve().name, folder, listed[0] if listed else None)


def _known(settings: Settings, store: ReleaseStore, found: _Found) -> dict[str, Any]:
    """The ledger and what was to be protected, of a release of this place; else nothing."""
    if found.entry is None and found.waiting is None:
        return {}
    from resources.disclosure import known
    from resources.lake import Lake

    return known(Lake(settings.lake_root), found.waiting.id if found.waiting else None)


def _write(target: Path, text: str) -> None:
    """Write the report for its owner alone: where something was found, it says where to look."""
    try:
        target.touch(mode=0o600)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"cannot be written ({error.strerror or error})",
            file=target.name,
            mend="name another file with --report.",
        ) from None


for command in (diff, validate, approve, withdraw, rollback, upload):
    app.command()(command)
