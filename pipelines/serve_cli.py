"""``openbeat serve``: the website of a release on this machine, before or after it is public."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openbeat.errors import InputError
from pipelines.console import console, reported, settings_for

if TYPE_CHECKING:
    from pipelines.preview import Preview


def serve(
    release: Annotated[
        str, typer.Option(help="A release's id, latest, or waiting: what waits for approval.")
    ] = "latest",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any free one.")] = 8000,
    config: Annotated[Path | None, typer.Option(help="The settings file.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where everything lies.")] = None,
) -> None:
    """Show the website of a release in a browser on this machine; Ctrl-C ends it."""
    with reported(), preview(settings_for(config, out).releases_root, release, port) as server:
        say = f"The website is at {server.address} (Ctrl-C ends it)"
        console.print(say, markup=False, soft_wrap=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            console.print("Ended.")


def preview(root: Path, name: str, port: int) -> Preview:
    """A server of the store, whose first page is the website of one of its releases.

    Args:
        root: The store of releases.
        name: A release's id, ``latest`` or ``waiting``.
        port: Where to listen; 0 for any free one.

    Raises:
        InputError: There is no such release, it has no website, or the port is taken.
    """
    from openbeat.release.approvals import find_waiting
    from openbeat.release.listing import find, read_list
    from openbeat.website.site.source import ROOT
    from pipelines.preview import Preview

    waits = find_waiting(root)
    shown = waits if waits is not None and name in ("waiting", waits.id) else None
    if name == "waiting" and shown is None:
        raise InputError("no release waits for approval", mend="openbeat release list")
    if shown is not None:
        folder = shown.path
    else:
        entry = find(read_list(root), name)
        if entry.withdrawn:
            raise InputError("was withdrawn", value=entry.id, mend="openbeat release list")
        folder = root / entry.path
    if not (folder / ROOT / "index.html").is_file():
        raise InputError(
            "the release has no website",
            value=folder.name,
            mend="set site.make, and run again: the next release has one",
        )
    start = f"{folder.name}/{ROOT}/index.html"
    try:
        return Preview(root, port, start, shown.path if shown is not None else None)
    except OSError as error:
        raise InputError(
            f"cannot listen there ({error.strerror})",
            value=str(port),
            mend="another program has that port: choose one with --port",
        ) from None
