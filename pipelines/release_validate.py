"""``openbeat release validate``: what independent judges say of a release, as a table.

Who the judges are and what they look at is in ``openbeat.release.judges``; here is what a person
sees of it. Whether a release is unaltered and signed is ``openbeat release verify``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openbeat.errors import InputError
from pipelines.console import CHECK_FAILED, console, problems, reported, settings_for

if TYPE_CHECKING:
    from openbeat.release.judges import Verdict

EXTRA = 'pip install "openbeat[validate]"'


def validate(
    name: Annotated[
        str, typer.Argument(help="A release's id, latest, waiting, or the folder of a release.")
    ] = "latest",
    slow: Annotated[
        bool,
        typer.Option("--slow", help="Also ask the judges that read every value; takes minutes."),
    ] = False,
    config: Annotated[Path | None, typer.Option(help="The settings file.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where everything lies.")] = None,
) -> None:
    """Ask independent validators whether every file is what its standard says it should be."""
    from openbeat.release import judges

    with reported():
        folder = _folder(name, config, out)
        verdicts = judges.fast(folder) + (judges.slow(folder) if slow else [])
    width = max(len(verdict.judge) for verdict in verdicts)
    for verdict in verdicts:
        _show(verdict, width)
    if any(verdict.state == "not installed" for verdict in verdicts):
        problems.print(f"Not every judge is installed: {EXTRA}", markup=False, soft_wrap=True)
    if not slow:
        console.print("The judges that read every value were not asked: --slow asks them.")
    if any(verdict.state in ("failed", "not installed") for verdict in verdicts):
        raise typer.Exit(CHECK_FAILED)


def _show(verdict: Verdict, width: int) -> None:
    """A line a judge; under it, what it found."""
    state = f"{verdict.judge:<{width}}  {verdict.state:<13}"
    judged = "" if verdict.state == "not installed" else f"  {verdict.judged} {verdict.what}"
    console.print(f"{state}{judged}".rstrip(), markup=False, soft_wrap=True)
    for problem in verdict.problems:
        problems.print(f"  {problem}", markup=False, soft_wrap=True)


def _folder(name: str, config: Path | None, out: Path | None) -> Path:
    """The folder of a release of the store, or the one that is named."""
    from openbeat.release.promote import ReleaseStore

    if (Path(name) / "datapackage.json").is_file():
        return Path(name)
    store = ReleaseStore(settings_for(config, out).releases_root)
    waiting = store.waiting()
    if waiting and name in ("waiting", waiting.id):
        return waiting.path
    if name == "waiting":
        raise InputError("no release waits for approval", mend="openbeat release list")
    entry = store.get(name)
    if entry.withdrawn:
        raise InputError(f"{entry.id} was withdrawn", mend="openbeat release list")
    return store.path(entry)
