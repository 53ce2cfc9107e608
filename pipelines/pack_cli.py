"""``openbeat pack``: one meeting pack on demand, from the files of a release."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from openbeat.errors import InputError
from pipelines.console import console, reported, settings_for

if TYPE_CHECKING:
    import polars as pl

    from openbeat.settings import Settings
    from openbeat.website.packs.facts import Facts, Packs

Variant = Literal["standard", "large-print", "easy-read"]
Format = Literal["pdf", "html"]
_SHOWN: Final = 5


def pack(
    force: Annotated[str, typer.Argument(help="The force: its id or its name.")],
    neighbourhood: Annotated[str, typer.Argument(help="The neighbourhood: its id or its name.")],
    variant: Annotated[Variant, typer.Option(help="How it is printed; PDF only.")] = "standard",
    form: Annotated[Format, typer.Option("--format", help="PDF/UA, or one HTML page.")] = "pdf",
    name: Annotated[str, typer.Option("--release", help="A release's id, or latest.")] = "latest",
    output: Annotated[
        Path | None, typer.Option(help="The file to write; else one here, named for the place.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="The settings file.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where everything lies.")] = None,
) -> None:
    """Make the meeting pack of a neighbourhood, to print and hand out."""
    from openbeat.release.files import room_for

    with reported():
        if form == "html" and variant != "standard":
            raise InputError(
                "a page enlarges in the browser",
                value=variant,
                mend="leave --variant or --format out.",
            )
        settings = settings_for(config, out)
        file, content = make_pack(settings, name, force, neighbourhood, form, variant)
        target = output or Path(file)
        try:
            with room_for("the meeting pack"):
                target.write_bytes(content)
        except OSError as error:
            raise InputError(
                f"it cannot be written: {error.strerror}",
                value=str(target),
                mend="give --output a file, in a folder that is there and that you may write to.",
            ) from error
        console.print(f"Wrote {target}", markup=False, highlight=False, soft_wrap=True)


def make_pack(
    settings: Settings, name: str, force: str, neighbourhood: str, form: Format, variant: Variant
) -> tuple[str, bytes]:
    """One pack of a release in the store.

    Args:
        settings: Where the store is, and whom to answer.
        name: The release's id, or ``latest``.
        force: Id or name of a force.
        neighbourhood: Id or name of a neighbourhood of today.
        form: ``pdf`` or ``html``.
        variant: How a PDF is printed.

    Returns:
        A name for the file, and its bytes. A PDF is the one beside the release. A page may lie
        anywhere, so it leads to what is served with the release, and only where
        ``release.base_url`` says where that is.

    Raises:
        InputError: There is no such release, force or neighbourhood, or the name fits several.
    """
    from openbeat.website.language import using
    from openbeat.website.packs.pdf import file_of, pdf
    from openbeat.website.packs.press import Printing
    from openbeat.website.packs.write import stems_of

    folder = _release(settings, name)
    packs, force_id = _packs(folder, settings, force)
    named = dict(packs.places.select("neighbourhood_id", "neighbourhood_name").iter_rows())
    place = _chosen(neighbourhood, named, "neighbourhood", f" of {force_id}")
    stem = stems_of(packs)[force_id][place]
    facts = next(f for f in packs if f["neighbourhood_id"] == place)
    base_url = settings.release.base_url
    printing = Printing(language=settings.site.languages[0], base_url=base_url)
    with using(printing.language):
        if form == "pdf":
            where = printing.where(facts, stem)
            return file_of(stem, variant), pdf(facts, variant, where=where)
        return f"{stem}.html", _page(folder, facts, stem, base_url).encode()


def _page(folder: Path, facts: Facts, stem: str, base_url: str) -> str:
    """The page, leading only to what lies in the store and is served at the address."""
    from openbeat.release.integrity import SITE_FOLDER
    from openbeat.website import words
    from openbeat.website.packs.pdf import VARIANTS, file_of
    from openbeat.website.packs.write import pack_page, site_page

    if not base_url:
        return pack_page(facts, stem, home=None)
    force = words.file_name(facts["force_id"])
    packs = folder.with_name(f"{folder.name}.packs") / force
    made = (packs / f"{stem}.html").is_file()
    return pack_page(
        facts,
        stem,
        site=site_page(facts, stem, base_url) if (folder / SITE_FOLDER).is_dir() else "",
        variants=[v for v in VARIANTS if (packs / file_of(stem, v)).is_file()],
        home=f"{base_url}/{folder.name}.packs/{force}/" if made else None,
    )


def _release(settings: Settings, name: str) -> Path:
    """The folder of a release of the list."""
    from openbeat.release.promote import ReleaseStore

    store = ReleaseStore(settings.releases_root)
    entry = store.get(name)
    if entry.withdrawn:
        raise InputError("was withdrawn", value=entry.id, mend="openbeat release list")
    return store.path(entry)


def _packs(folder: Path, settings: Settings, force: str) -> tuple[Packs, str]:
    """The packs of one force, from the rows of its area alone, and its id."""
    import polars as pl

    from openbeat import codelists
    from openbeat.website.packs.facts import Edition, Packs, today

    lists = {name: codelists.load(name) for name in codelists.names()}
    known = {
        name: pl.read_parquet(folder / f"tables/{name}.parquet", glob=False)
        for name in ("neighbourhoods", "coverage")
    }
    named = dict(today(known, lists).select("force_id", "force_name").unique().iter_rows())
    force_id = _chosen(force, named, "force")
    described = json.loads((folder / "datapackage.json").read_bytes())
    edition = Edition(
        described["release"],
        described["month"],
        date.fromisoformat(described["as_of"]),
        settings.publisher,
        settings.notice,
        settings.engagement.contacts,
    )
    return Packs(_rows_of(folder, force_id), lists, edition), force_id


def _rows_of(folder: Path, force_id: str) -> dict[str, pl.DataFrame]:
    """Every published table, those rows that are of the force's area."""
    import polars as pl

    tables = {}
    for path in sorted((folder / "tables").glob("*.parquet")):
        frame = pl.scan_parquet(path, glob=False)
        columns = frame.collect_schema().names()
        area = next((c for c in ("area_force_id", "force_id") if c in columns), None)
        if area is not None:
            rows = frame.filter(pl.col(area) == force_id).collect()
            # Published integers have 32 bits, in which sums could run over.
            tables[path.stem] = rows.cast({pl.Int32: pl.Int64})
    return tables


def _chosen(asked: str, named: Mapping[str, str], kind: str, of: str = "") -> str:
    """The id that was asked for by id or name; capitals do not matter where no two differ by them.

    Raises:
        InputError: None fits, with those that come near; or several do, with their ids.
    """
    if asked in named:
        return asked
    wanted = asked.strip().casefold()
    found = sorted(i for i, n in named.items() if wanted in (i.casefold(), (n or "").casefold()))
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f"several {kind}s{of} are called this: {', '.join(found)}", value=asked,
                         mend="give the id.")  # fmt: skip
    raise InputError(f"there is no such {kind}{of}", value=asked, mend=_near(wanted, named))


def _near(wanted: str, named: Mapping[str, Any]) -> str:
    """Those whose id or name comes near, else the first few."""
    written: dict[str, str] = {}
    for identifier, name in sorted(named.items()):
        written.setdefault(identifier.casefold(), identifier)
        written.setdefault((name or identifier).casefold(), identifier)
    close = get_close_matches(wanted, written, n=_SHOWN, cutoff=0.5)
    close += [text for text in written if wanted in text and text not in close]
    ids: Iterable[str] = dict.fromkeys(written[text] for text in close)
    shown = [f"{i} ({named[i]})" for i in list(ids)[:_SHOWN]]
    if shown:
        return f"did you mean {', '.join(shown)}?"
    some = [f"{i} ({named[i]})" for i in sorted(named)[:_SHOWN]]
    return f"there are {', '.join(some)}{' and others' if len(named) > _SHOWN else ''}."
