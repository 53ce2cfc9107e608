"""``openbeat release diff``: what differs between two releases, by table, kind and force.

The comparing is in ``openbeat.release``; here is what a person sees of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openbeat.errors import InputError
from pipelines.console import console, reported, settings_for

if TYPE_CHECKING:
    import polars as pl

EXAMPLES = 3
Side = Annotated[str, typer.Argument(help="A release's id, latest, or the folder of a release.")]


def diff(
    older: Side,
    newer: Side,
    csv: Annotated[Path | None, typer.Option(help="Write every changed cell to this file.")] = None,
    config: Annotated[Path | None, typer.Option(help="The settings file.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where everything lies.")] = None,
) -> None:
    """Show every cell that differs between two releases, with kind and reason."""
    import polars as pl

    from openbeat.release.revisions import changes, compare_folders

    with reported():
        folders = [_folder(name, config, out) for name in (older, newer)]
        old, new, comparisons = compare_folders(*folders)
        for comparison in comparisons:
            if comparison.note:
                _say(f"{comparison.table} {comparison.note}")
        frames = list(changes(old, new, comparisons))
        if not frames:
            _say(f"Nothing differs between {old.id} and {new.id} in the months of both.")
            return
        changed = pl.concat(frames)
        _show(changed, f"{old.id} to {new.id}: {changed.height:,} cells")
        if csv is not None:
            _write(changed, csv)
            _say(f"Every cell is in {csv}")


def _folder(name: str, config: Path | None, out: Path | None) -> Path:
    """The folder of a release of the store, or one that is named itself."""
    from openbeat.release.promote import ReleaseStore

    if (Path(name) / "datapackage.json").is_file():
        return Path(name)
    store = ReleaseStore(settings_for(config, out).releases_root)
    return store.path(store.get(name))


def _show(changed: pl.DataFrame, title: str) -> None:
    """A table by table and kind, then a few cells of each."""
    import polars as pl
    from rich.table import Table

    groups = changed.group_by("table", "kind", "change", maintain_order=True)
    counts = groups.agg(
        pl.len().alias("cells"),
        pl.col("period").drop_nulls().n_unique().alias("periods"),
        pl.col("force_id").drop_nulls().n_unique().alias("forces"),
    )
    table = Table("table", "kind", "change", title=title)
    for name in ("cells", "periods", "forces"):
        table.add_column(name, justify="right")
    for row in counts.sort("table", "cells", descending=[False, True]).iter_rows():
        table.add_row(*(f"{value:,}" if isinstance(value, int) else value for value in row))
    console.print(table)
    examples = groups.head(EXAMPLES).sort("table", "kind", maintain_order=True)
    for cell in examples.to_dicts():
        _say(
            f"{cell['table']} {cell['key']} {cell['column'] or 'row'}:"
            f" {_cell(cell['old'], cell['old_status'])} -> {_cell(cell['new'], cell['new_status'])}"
            f"  [{cell['kind']}] {cell['reason']}"
        )


def _cell(value: str | None, status: str | None) -> str:
    return "".join(["nothing" if value is None else value, f" [{status}]" if status else ""])


def _write(changed: pl.DataFrame, path: Path) -> None:
    from openbeat.release.tables import write_csv

    try:
        path.touch()
    except OSError as error:
        raise InputError(
            f"cannot be written ({error.strerror or error})",
            file=path.name,
            mend="name another file with --csv.",
        ) from None
    write_csv(changed, path)


def _say(text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)
