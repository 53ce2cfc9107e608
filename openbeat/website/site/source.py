"""What every page of the website is made from, and how a page becomes a file.

Only the container, addresses and rendering belong here; what a page says is in the module of its
kind, how it looks in ``templates/site``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from openbeat.release.integrity import SITE_FOLDER
from openbeat.versions import Register
from openbeat.website import words
from openbeat.website.language import LANGUAGES, language
from openbeat.website.packs.facts import Edition
from openbeat.website.pages import page
from openbeat.website.site.settings import SiteSettings

if TYPE_CHECKING:
    from openbeat.contract import Contract

ROOT: Final = SITE_FOLDER.rstrip("/")
"""The folder of the website inside a release."""


@dataclass(frozen=True)
class File:
    """One file of the website.

    Attributes:
        path: Inside the folder of the website, POSIX.
        content: Text (written as UTF-8) or bytes.
    """

    path: str
    content: str | bytes


Part = Callable[["Site"], Iterable[File]]
"""A part of the website: gives its files, one by one."""


@dataclass(frozen=True)
class Site:
    """The release that the website is made from and part of.

    Attributes:
        edition: Its id, month, as_of, publisher, notice and contacts by force.
        first_month: The first month of its window, ``YYYY-MM``.
        tables: Published tables as published, integers of 64 bits; one may be missing.
        contracts: Table name to its contract.
        codelists: Code list name to its frame of strings, first column the code.
        shapes: The published columns of ``neighbourhoods`` and ``geometry`` (WKB, WGS84), the
            repaired shapes; None where there are none.
        folder: The release as far as it is written: ``quality.json``, ``CHANGELOG.md``, ...
        sizes: Path in the release to bytes, of what is written.
        settings: Of the website.
        base_url: Where the releases folder is served, without a slash at the end; empty for none.
        contact: Whom users of the data may write to: name, email, url, each where there is one.
        next_release: A sentence that says when the next release is due; empty for none.
        attributions: The sentences the sources' licences ask for.
        register: What was announced of its tables.
    """

    edition: Edition
    first_month: str
    tables: Mapping[str, pl.DataFrame]
    contracts: Mapping[str, Contract]
    codelists: Mapping[str, pl.DataFrame]
    shapes: pl.DataFrame | None
    folder: Path
    sizes: Mapping[str, int]
    settings: SiteSettings = field(default_factory=SiteSettings)
    base_url: str = ""
    contact: Mapping[str, str] = field(default_factory=dict)
    next_release: str = ""
    attributions: tuple[str, ...] = ()
    register: Register = field(default_factory=Register)

    @property
    def name(self) -> str:
        """What the website calls itself."""
        return self.settings.name or self.edition.publisher

    @cached_property
    def places(self) -> pl.DataFrame:
        """Today's neighbourhoods: force_id, force_name, neighbourhood_id, neighbourhood_name, stem.

        ``stem`` is the name of the place's files (``place_path``). Sorted by force and id.
        """
        from openbeat.website.packs.facts import today

        places = today(self.tables, self.codelists)
        stems = [
            part.with_columns(
                pl.col("neighbourhood_id")
                .replace_strict(words.file_names(part["neighbourhood_id"]), return_dtype=pl.String)
                .alias("stem")
            )
            for part in places.partition_by("force_id", maintain_order=True)
        ]
        return pl.concat(stems) if stems else places.with_columns(stem=pl.lit(""))

    @cached_property
    def ended(self) -> pl.DataFrame:
        """Neighbourhoods of earlier months whose ids serve no longer, as they were at last.

        The columns of ``places`` that name one, ``valid_to`` (its last month) and
        ``successor_ids``. The stems are those that ``places`` leaves. Sorted by force and id.
        """
        area = ["force_id", "neighbourhood_id"]
        gone = (
            self.tables["neighbourhoods"]
            .join(self.places, on=area, how="anti")
            .sort(*area, "valid_from")
            .unique(area, keep="last", maintain_order=True)
            .select(
                "force_id",
                pl.col("force_id").replace(self.forces).alias("force_name"),
                "neighbourhood_id",
                pl.col("name").alias("neighbourhood_name"),
                "valid_to",
                "successor_ids",
            )
        )
        parts = gone.partition_by("force_id", as_dict=True, maintain_order=True)
        taken = dict(self.places.group_by("force_id").agg("stem").iter_rows())
        stems = [
            words.file_names(part["neighbourhood_id"], taken.get(force_id, ()))
            for (force_id,), part in parts.items()
        ]
        names = [name for part in stems for name in part.values()]
        return gone.with_columns(pl.Series("stem", names, dtype=pl.String))

    @cached_property
    def forces(self) -> dict[str, str]:
        """Id to name of the forces that have neighbourhoods, in the order of their names."""
        pairs = self.places.select("force_id", "force_name").unique().iter_rows()
        return dict(sorted(pairs, key=lambda pair: (pair[1].casefold(), pair[0])))

    def address(self, path: str) -> str:
        """The lasting address of a file of the website; empty where none is configured."""
        return f"{self.base_url}/latest/{ROOT}/{path}" if self.base_url else ""

    def read_json(self, path: str) -> Any:
        """A JSON file of the release; None where it has none."""
        file = self.folder / path
        return json.loads(file.read_bytes()) if file.is_file() else None

    def read_text(self, path: str) -> str:
        """A text file of the release; empty where it has none."""
        file = self.folder / path
        return file.read_text("utf-8") if file.is_file() else ""


def published_tables(release: Path, names: Iterable[str]) -> dict[str, pl.DataFrame]:
    """The tables of a release, as they are published.

    Args:
        release: Its folder.
        names: Of the tables.

    Returns:
        Table name to its frame; integers have 64 bits, since sums could run over 32.
    """
    return {
        name: pl.read_parquet(release / f"tables/{name}.parquet", glob=False).cast(
            {pl.Int32: pl.Int64}
        )
        for name in names
    }


def force_folder(force_id: str) -> str:
    """The folder of a force's pages: ``places/northmere``."""
    return f"places/{words.file_name(force_id)}"


def place_path(force_id: str, stem: str, ending: str = "html") -> str:
    """A file of a neighbourhood: ``places/northmere/NH01.html``."""
    return f"{force_folder(force_id)}/{stem}.{ending}"


def is_main(site: Site) -> bool:
    """Whether pages are now made in the language that is shown first: data is written with it."""
    return language() == site.settings.languages[0]


def render(site: Site, template: str, path: str, **values: Any) -> File:
    """Fill a template of ``templates/site`` for a page of the language that holds now.

    The template gets ``site``, ``edition``, ``path``, ``template`` (its name) and functions that
    give relative addresses from the page: ``url`` (a page of the same language), ``data`` (a file
    of the website that has no language), ``release`` (a file of the release), ``beside`` (a file
    beside the release, such as a pack) and ``languages`` (of this page: code, name, address,
    whether it is this one).

    Args:
        site: The release.
        template: Its file name in ``templates/site``.
        path: Of the page, without its language: ``places/northmere/NH01.html``.
        **values: What the template names.
    """
    prefix = _prefix(site, language())
    up = "../" * (prefix + path).count("/")
    switch = [
        {"code": code, "name": LANGUAGES[code], "href": up + _prefix(site, code) + path,
         "here": code == language()}
        for code in site.settings.languages
    ]  # fmt: skip
    text = page(
        f"site/{template}",
        site=site,
        edition=site.edition,
        path=path,
        template=template,
        url=lambda target: up + prefix + target,
        data=lambda target: up + target,
        release=lambda target: f"{up}../{target}",
        beside=lambda target: f"{up}../../{target}",
        languages=switch,
        **values,
    )
    return File(prefix + path, text)


def _prefix(site: Site, code: str) -> str:
    return "" if code == site.settings.languages[0] else f"{code}/"
