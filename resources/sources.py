"""The inputs that the settings name, opened when they are asked for and kept while the run lasts.

How each is read belongs in ``openbeat``; this is only where they come from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import polars as pl

from openbeat import __version__, codelists
from openbeat.errors import InputError
from openbeat.policeuk.archive import (
    DATASETS,
    Archive,
    Choice,
    choose_members,
    month_fingerprint,
    open_archive,
)
from openbeat.policeuk.corrections import Correction, in_force, load_corrections
from openbeat.policeuk.coverage import months_before
from openbeat.policeuk.forces import load_forces
from openbeat.settings import Settings
from resources.lake import INGESTED, Lake
from resources.policeuk import fetch

if TYPE_CHECKING:  # geography is imported where it is used: it takes half a second
    from openbeat.geography.boundaries import BoundaryFile
    from openbeat.geography.locate import Locator
    from openbeat.geography.lsoa import LsoaLookup
    from openbeat.geography.population import PopulationAreas
    from openbeat.geography.register import Register

CONTRACTS = Path(__file__).resolve().parent.parent / "expectations" / "contracts"
# What the ingest of a month depends on; what is only published, or of engagement, is not.
INGEST_CONTRACTS = ("conformed_street", "conformed_outcomes", "conformed_stops", "ledger")
POLICEUK_LISTS = (
    *("boundary_bases", "coverage_statuses", "crime_types", "ethnicities", "lsoa_vintages"),
    *("outcome_groups", "outcome_types", "places", "stop_legislation", "stop_objects"),
    *("stop_outcome_groups", "stop_outcomes", "stop_search_types"),
)
INGEST_VERSION = 1  # raise it when the same inputs would be ingested into other tables

Tell = Callable[[str], None]


class Sources:
    """Archives, boundaries, population and look-ups of one run.

    Args:
        settings: Which they are.
        tell: Told what is being opened or fetched.
    """

    def __init__(self, settings: Settings, tell: Tell | None = None) -> None:
        self.settings = settings
        self.tell: Tell = tell or (lambda _text: None)
        self._located: tuple[str, Locator] | None = None

    @cached_property
    def archives(self) -> list[Archive]:
        """The archives, in the order of the settings.

        Raises:
            InputError: One cannot be used, or none is named.
            SourceUnreachableError: A URL could not be reached.
        """
        if not self.settings.archives:
            raise InputError(
                "no archive is named",
                mend="name one with --archive, or under archives: in the settings.",
            )
        opened = []
        for source in self.settings.archives:
            self.tell(f"opening {_last_part(source.path)}")
            path, name = Path(source.path), None
            if "://" in source.path:
                fetched = fetch(
                    source.path,
                    self.settings.raw_root / "archives",
                    source.md5,
                    progress=self._progress(_last_part(source.path)),
                )
                path, name = fetched.path, fetched.name
            elif source.md5 is not None:
                _check_md5(path, source.md5)
            opened.append(open_archive(path, source.as_of, name))
        return opened

    def _progress(self, name: str) -> Callable[[int, int | None], None]:
        def report(received: int, total: int | None) -> None:
            of = "" if total is None else f" of {total / 1e6:,.0f}"
            self.tell(f"fetching {name}: {received / 1e6:,.0f}{of} MB")

        return report

    @cached_property
    def choices(self) -> dict[tuple[str, str, str], Choice]:
        """The member that serves each month, force and dataset."""
        return choose_members(self.archives)

    def members(self, month: str, dataset: str | None = None) -> list[Choice]:
        """The members that serve a month, of one dataset or all."""
        return [
            choice
            for (m, _, d), choice in self.choices.items()
            if m == month and dataset in (None, d)
        ]

    def months(self) -> list[str]:
        """The months the archives hold, sorted."""
        return sorted({month for month, _, _ in self.choices})

    @cached_property
    def boundaries(self) -> list[BoundaryFile]:
        """The boundary files, read or taken from the cache."""
        from openbeat.geography.boundaries import cached_boundaries

        cache = self.settings.raw_root / "boundaries"
        files = []
        for source in self.settings.boundaries:
            self.tell(f"reading boundaries {source.path.name}")
            files.append(
                cached_boundaries(
                    source.path, cache, release=source.release, force_id=source.force_id
                )
            )
        return files

    @cached_property
    def register(self) -> Register:
        """Which boundaries there are, by force and release."""
        from openbeat.geography.register import build_register

        return build_register(self.boundaries)

    def boundary_choice(self, month: str) -> pl.DataFrame:
        """``force_id, boundary_release, boundary_basis`` for a month."""
        from openbeat.geography.register import choose

        return choose(self.register.force_releases, month)

    def signature(self, month: str) -> str:
        """The same for two months exactly where the same shapes serve both."""
        from openbeat.geography.register import signature

        return signature(self.register, month)

    def locator(self, month: str) -> Locator:
        """The shapes of a month, ready to be asked; kept while months share them."""
        from openbeat.geography.locate import Locator
        from openbeat.geography.register import shapes_for_month

        which = self.signature(month)
        if self._located is None or self._located[0] != which:
            self.tell(f"{month}: preparing the boundaries")
            self._located = (which, Locator(shapes_for_month(self.register, month)))
        return self._located[1]

    @cached_property
    def lookup(self) -> LsoaLookup | None:
        """LSOA 2011 to 2021, where the settings name one."""
        from openbeat.geography.lsoa import read_lookup

        path = self.settings.lsoa_lookup
        return None if path is None else read_lookup(path)

    @cached_property
    def population(self) -> PopulationAreas | None:
        """Small areas with their population and centre, where the settings name them."""
        from openbeat.geography.population import read_population

        source = self.settings.population
        return None if source is None else read_population(source)

    def geography_files(self) -> list[dict[str, str]]:
        """Population and look-up files by name, with their SHA-256."""
        source = self.settings.population
        named = [self.settings.lsoa_lookup, self.settings.forces_file]
        named += [source.areas, source.centroids] if source else []
        return [
            {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for path in named
            if path is not None
        ]

    @cached_property
    def corrections(self) -> list[Correction]:
        """The register of corrections of source data."""
        allowed = self.settings.engagement.allowed_texts
        return load_corrections(self.settings.release.corrections, allowed)

    @cached_property
    def forces(self) -> pl.DataFrame:
        """The forces known."""
        return load_forces(self.settings.forces_file)

    def month_inputs(self, month: str) -> dict[str, str]:
        """What a month is made from: hashes that change when it has to be made again.

        ``archives`` alone may change with nothing to make again: the same files in a later
        archive, see ``relabel``.
        """
        corrections = [c.model_dump(mode="json") for c in in_force(self.corrections, month)]
        corrected = hashlib.sha256(json.dumps(corrections, sort_keys=True).encode()).hexdigest()
        return {
            "members": month_fingerprint(self.members(month)),
            "boundaries": self.signature(month),
            "rules": self._rules,
            **({"corrections": corrected} if corrections else {}),
            "archives": " ".join(
                sorted({f"{c.member.archive}@{c.member.as_of}" for c in self.members(month)})
            ),
        }

    def relabel(self, lake: Lake, month: str) -> None:
        """Note the archives that a month's unchanged files are in now, making nothing again."""
        now = pl.DataFrame(
            [
                (c.member.force_id, c.member.dataset, c.member.archive, c.member.as_of)
                for c in self.members(month)
            ],
            schema=["force_id", "dataset", "archive", "archive_as_of"],
            orient="row",
        )
        for dataset in DATASETS:
            files = lake.read(f"files_{dataset}", month)
            of = now.filter(pl.col("dataset") == dataset).drop("dataset")
            lake.write(f"files_{dataset}", files.update(of, on="force_id"), month)
        ledger = lake.read("ledger", month).update(now, on=["force_id", "dataset"])
        lake.write("ledger", ledger, month)
        lake.write_json(INGESTED, month, self.month_inputs(month))

    @cached_property
    def _rules(self) -> str:
        """Of what every month depends on: code, contracts, code lists, forces, LSOA look-up."""
        digest = hashlib.sha256(f"{__version__}-{INGEST_VERSION}".encode())
        for name in INGEST_CONTRACTS:
            digest.update((CONTRACTS / f"{name}.yaml").read_bytes())
        for name in POLICEUK_LISTS:
            digest.update(codelists.load(name).write_csv().encode())
        digest.update(self.forces.write_csv().encode())
        digest.update(f"{self.settings.limits.member_bytes}".encode())
        if self.lookup is not None:
            digest.update(self.lookup.codes.sort("code").write_csv().encode())
        return digest.hexdigest()

    def plan(self, lake: Lake, last: str | None = None) -> list[tuple[str, str]]:
        """The months to ingest: those of the window, and of the year before it, to be made anew.

        The year before is for sums over twelve months and for what is usual. Months whose files
        are the same in a later archive are relabelled, not listed.

        Args:
            lake: Knows what the months that it holds were made from.
            last: The window's newest month; without it the newest there is.

        Returns:
            Months with the reason, ``new`` or ``changed``.

        Raises:
            InputError: No archive holds a file for ``last``, and neither does the lake.
        """
        held = lake.months(INGESTED, ".json")
        months = self.months()
        last = last or max([*months, *held])
        if last not in (*months, *held):
            raise InputError(
                f"no archive holds a file for {last}",
                rule="archive_month",
                mend=f"the archives hold {months[0]} to {months[-1]}.",
            )
        needed = set(months_before(last, self.settings.window_months + 11, including=True))
        planned = []
        for month in (m for m in months if m in needed):
            record, now = lake.read_json(INGESTED, month), self.month_inputs(month)
            if record is None:
                planned.append((month, "new"))
            elif record != now and record | {"archives": now["archives"]} == now:
                self.relabel(lake, month)
            elif record != now:
                planned.append((month, "changed"))
        return planned

    def stale(self, lake: Lake, months: Sequence[str]) -> list[str]:
        """Those of the months that were made with other boundaries or rules than there are now.

        Rules are contracts, code lists, forces, look-up, limits and openbeat's version.
        """
        return [
            month
            for month in months
            if (record := lake.read_json(INGESTED, month) or {}).get("rules") != self._rules
            or record.get("boundaries") != self.signature(month)
        ]


def _last_part(path: str) -> str:
    return urlsplit(path).path.rstrip("/").rsplit("/", 1)[-1] if "://" in path else Path(path).name


def _check_md5(path: Path, md5: str) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "md5").hexdigest()
    except OSError as error:
        raise InputError(
            f"the archive cannot be read ({error.strerror})", file=str(path), mend="check the path."
        ) from None
    if found != md5:
        raise InputError(
            "the archive's MD5 differs from the one in the settings",
            file=path.name,
            value=found,
            rule="archive_md5",
            mend="download it again, or correct the setting.",
        )
