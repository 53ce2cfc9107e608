"""``openbeat release`` approve, withdraw, rollback and upload: what changes which is public, where.

What a store of releases does is in ``openbeat.release``, and what follows it elsewhere in
``resources.targets``; here is what a person says and sees of it. What only looks is in
``release_cli``.
"""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openbeat.errors import SourceUnreachableError
from pipelines.console import console, problems, reported, settings_for

if TYPE_CHECKING:
    from openbeat.release.promote import ReleaseStore
    from openbeat.settings import Settings

Config = Annotated[Path | None, typer.Option(help="The settings file.")]
Out = Annotated[Path | None, typer.Option(help="Where everything lies.")]
Id = Annotated[str, typer.Argument(help="The release's id.")]
Reason = Annotated[
    str,
    typer.Option(help="Why, in a sentence that is published: never the figure itself, no names."),
]


def _say(text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)


def _now() -> datetime:
    return datetime.now(UTC)


def _store(settings: Settings) -> ReleaseStore:
    from openbeat.release.promote import ReleaseStore

    return ReleaseStore(settings.releases_root)


def _follow(settings: Settings, only: str = "", target: str = "") -> list[str]:
    """Let the files beside the releases, and the targets, follow; gives what went wrong."""
    from resources.targets import after_change

    return after_change(settings, _say, only=only, target=target)


def _refuse(failed: list[str]) -> None:
    """End with the exit code of what could not be reached, once all else was said."""
    if failed:
        raise SourceUnreachableError("\n".join(failed))


def withdraw(
    release: Id,
    reason: Reason,
    by: Annotated[str, typer.Option(help="Who withdraws it; published.")] = "",
    config: Config = None,
    out: Out = None,
) -> None:
    """Remove a release's files, its packs and zips; leave a tombstone; move latest back."""
    from resources.lock import place_lock

    with reported():
        settings = settings_for(config, out)
        store = _store(settings)
        with place_lock(settings.out):
            allowed = settings.engagement.allowed_texts
            entry = store.withdraw(release, reason, _now, by=by, allowed=allowed)
            _say(f"Withdrew {entry.id}. Its files, packs and zips are gone; a tombstone is in")
            _say(f"{store.path(entry)}")
            failed = _follow(settings)
        _say_latest(store)
        _say_repeated(store, entry.id)
        _say(
            "What it published stays known to the world: copies may exist, and the ledger of "
            "published counts is as it was. Copies at the targets are removed with it; those that "
            "you put elsewhere, older versions that a bucket keeps, and caches are yours to remove."
        )
        if any(letter.isdigit() for letter in entry.reason):
            problems.print(
                "The reason is published and holds a number. If that is the withdrawn figure, or "
                "tells it, run this again with another reason.",
                soft_wrap=True,
            )
        if failed:
            problems.print(f"{entry.id} MAY STILL BE PUBLIC at a target:", soft_wrap=True)
        _refuse(failed)


def _say_repeated(store: ReleaseStore, withdrawn: str) -> None:
    """Name the releases that repeat figures of the withdrawn one as what there was before."""
    from openbeat.release.revisions import repeated

    for release in store.list():
        tables = [] if release.withdrawn else repeated(store.path(release), withdrawn)
        if tables:
            _say(
                f"REVISIONS.csv of {release.id} repeats figures of {', '.join(tables)} of "
                f"{withdrawn}; withdraw it too if those were wrong."
            )


def _say_latest(store: ReleaseStore) -> None:
    from openbeat.release.listing import newest_of

    listed = store.list()
    published, latest = [r.id for r in listed if not r.withdrawn], newest_of(listed)
    if latest:
        _say(f"The latest is now {latest.id}. Still published: {', '.join(published)}.")
        _say("If what was wrong is in one of those too, withdraw it as well.")
    elif published:
        _say(f"There is no latest; still published, but rolled back: {', '.join(published)}.")
    else:
        _say("No release is published now, and there is no latest.")


def rollback(release: Id, reason: Reason, config: Config = None, out: Out = None) -> None:
    """Point latest at another release that is published, and say why in releases.json."""
    from resources.lock import place_lock

    with reported():
        settings = settings_for(config, out)
        store = _store(settings)
        with place_lock(settings.out):
            allowed = settings.engagement.allowed_texts
            entry = store.rollback(release, reason, _now, allowed=allowed)
            passed = ", ".join(other.id for other in store.list() if other.rolled_back)
            _say(f"The latest is now {entry.id}, until a release with other content is published.")
            if passed:
                _say(f"Still published, but not the latest: {passed}. To remove one, withdraw it.")
            failed = _follow(settings)
        _refuse(failed)


def approve(
    name: Annotated[
        str, typer.Option("--as", help="Who approves; by default the name you are logged in as.")
    ] = "",
    config: Config = None,
    out: Out = None,
) -> None:
    """Approve the release that waits; with approvals enough it becomes public."""
    from openbeat.release.integrity import DISCLOSURE
    from resources.disclosure import commit_ledger
    from resources.lake import Lake
    from resources.lock import place_lock

    with reported():
        settings = settings_for(config, out)
        store, lake = _store(settings), Lake(settings.lake_root)
        who = name or getpass.getuser()
        with place_lock(settings.out):
            lake.reach()
            waiting = store.waiting()
            # A release that counts no people has nothing to remember.
            counts = waiting is not None and (waiting.path / DISCLOSURE).is_file()
            done = store.approve(
                who,
                settings.disclosure.approvals,
                _now,
                before=lambda release: commit_ledger(lake, release) if counts else None,
            )
            _say(f"{who} approved {done.id}.")
            if done.waiting:
                _say(f"It waits for approval by {done.needed} more; look at {done.path}")
                return
            console.print(f"[bold green]Published[/bold green] {done.id}")
            _say(str(done.path))
            failed = _follow(settings)
        _say("Its meeting packs are made by the next openbeat run, also where nothing is new.")
        _refuse(failed)


def upload(
    release: Annotated[
        str, typer.Argument(help="Only this release; if it is there, every byte is compared.")
    ] = "",
    target: Annotated[str, typer.Option(help="Only to this target.")] = "",
    config: Config = None,
    out: Out = None,
) -> None:
    """Copy the published releases to the targets, or go on where that was cut short."""
    from resources.lock import place_lock

    with reported():
        settings = settings_for(config, out)
        store = _store(settings)
        with place_lock(settings.out):
            only = store.get(release).id if release else ""
            store.recover()
            failed = _follow(settings, only, target)
        names = [t.name for t in settings.release.targets if target in ("", t.name)]
        _refuse(failed)
        _say(f"In line with what is published: {', '.join(names) or 'no target is configured'}.")
