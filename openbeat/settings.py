"""The settings: one validated model, read from one YAML file.

What each setting means is explained in ``config/openbeat.yaml``. Nothing here reads the sources
that the settings name.
"""

from __future__ import annotations

import difflib
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from openbeat.engagement.settings import EngagementSettings
from openbeat.errors import InputError, SettingsError
from openbeat.release.settings import ReleaseSettings
from openbeat.website.site.settings import SiteSettings
from openbeat.yaml_file import fault_place, read_yaml

if TYPE_CHECKING:
    import yaml
    from pydantic_core import ErrorDetails

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_CRON_PART = re.compile(r"(?:\*|(\d+)(?:-(\d+))?)(?:/[1-9]\d*)?", re.ASCII)
_CRON_FIELDS = {
    "minute": (0, 59),
    "hour": (0, 23),
    "day of the month": (1, 31),
    "month": (1, 12),
    "day of the week": (0, 7),
}


def _month(value: str) -> str:
    if not _MONTH.fullmatch(value):
        raise ValueError("a month is written YYYY-MM, for example 2025-06")
    return value


def _archive_path(value: str) -> str:
    if "://" in value and not value.startswith("https://"):
        raise ValueError("an archive is a path or an https URL")
    return value


def _cron(value: str) -> str:
    fields = value.split()
    if len(fields) != len(_CRON_FIELDS):
        raise ValueError(f"a schedule has five fields, {', '.join(_CRON_FIELDS)}, in numbers")
    for field, (name, (low, high)) in zip(fields, _CRON_FIELDS.items(), strict=True):
        for part in field.split(","):
            match = _CRON_PART.fullmatch(part)
            numbers = [int(n) for n in match.groups() if n] if match else [low - 1]
            if not all(low <= n <= high for n in numbers) or numbers != sorted(numbers):
                raise ValueError(f"the {name} {part!r} is not * or a number from {low} to {high}")
    return value


Month = Annotated[str, AfterValidator(_month)]
Dataset = Literal["street", "outcomes", "stops"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ArchiveSource(_Model):
    """One police.uk archive: a zip, a folder of extracted files, or an https URL."""

    path: Annotated[str, AfterValidator(_archive_path)]
    as_of: Month | None = None
    md5: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None


class BoundarySource(_Model):
    """One boundary file: a police.uk KML zip, GeoJSON or GeoPackage."""

    path: Path
    release: Month | None = None
    force_id: str | None = None


class PopulationSource(_Model):
    """Where the population of small areas comes from (a part of the settings).

    Attributes:
        areas: CSV or gzipped CSV, one or more rows a code; several (by age, say) are added up.
        code_column: Its column of codes.
        population_column: Its column of people.
        year: The year the population stands for.
        crs: Coordinate system of the centroids, anything pyproj knows.
        x_column: Column of eastings or longitudes, in ``centroids`` where given, else ``areas``.
        y_column: Column of northings or latitudes.
        centroids: A file of centroids of its own, one row a code.
        centroid_code_column: Its column of codes; ``code_column`` where not given.
    """

    areas: Path
    code_column: str = "code"
    population_column: str = "population"
    year: int
    crs: str = "EPSG:4326"
    x_column: str = "x"
    y_column: str = "y"
    centroids: Path | None = None
    centroid_code_column: str | None = None


class Limits(_Model):
    """What an input may cost before it is refused."""

    member_bytes: Annotated[int, Field(gt=0)] = 2 * 1024**3


class DagsterSettings(_Model):
    """How Dagster runs the jobs when they are started from its UI or its schedule."""

    executor: Literal["in_process", "multiprocess"] = "in_process"
    postgres_url_env: str | None = None


class DisclosureSettings(_Model):
    """How counts of people are let through (a part of the settings).

    Attributes:
        policy: A policy in place of ``config/disclosure.yaml``.
        approvals: How many people must approve a release before it is promoted.
    """

    policy: Path | None = None
    approvals: Annotated[int, Field(ge=0, le=2)] = 0


class Settings(_Model):
    """Every setting of openbeat; defaults are those of ``config/openbeat.yaml``."""

    out: Path = Path("data")
    lake: str | None = None
    releases: Path | None = None
    archives: list[ArchiveSource] = []
    boundaries: list[BoundarySource] = []
    population: PopulationSource | None = None
    lsoa_lookup: Path | None = None
    forces: list[str] | None = None
    forces_file: Path | None = None
    window_months: Annotated[int, Field(ge=1, le=240)] = 36
    as_of: date | None = None
    strict: bool = False
    publisher: str = "openbeat"
    notice: str = ""
    schedule_cron: Annotated[str, AfterValidator(_cron)] = "0 6 3 * *"
    limits: Limits = Limits()
    dagster: DagsterSettings = DagsterSettings()
    engagement: EngagementSettings = EngagementSettings()
    disclosure: DisclosureSettings = DisclosureSettings()
    release: ReleaseSettings = ReleaseSettings()
    site: SiteSettings = SiteSettings()

    @property
    def lake_root(self) -> str:
        """Where the lake lies: a folder or an fsspec URL."""
        return self.lake or str(self.out / "lake")

    @property
    def releases_root(self) -> Path:
        """Where the releases lie."""
        return self.releases or self.out / "releases"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own storage."""
        return self.out / "dagster"

    @property
    def raw_root(self) -> Path:
        """Where downloaded archives and the boundary cache are kept, by content."""
        return self.out / "raw"


def load_settings(path: Path | None = None, **overrides: Any) -> Settings:
    """Read settings from a YAML file; paths in it are relative to the file's folder.

    Args:
        path: The file; without one, the defaults.
        overrides: Settings that win over the file's (from the command line), ``None`` ignored.

    Raises:
        SettingsError: A setting is unknown or wrong; names its line and what is allowed.
    """
    node, data = (None, {}) if path is None else _read(path)
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings.model_validate(data | given)
    except ValidationError as error:
        fault = error.errors()[0]
        if path is None or node is None or (fault["loc"] and fault["loc"][0] in given):
            raise _explain(fault, None, None) from None
        raise _explain(fault, path.name, fault_place(fault, node)[0]) from None
    return settings if path is None else _rebase(settings, path.resolve().parent, set(given))


def _read(path: Path) -> tuple[yaml.Node | None, dict[str, Any]]:
    try:
        node, data = read_yaml(path)
    except InputError as error:
        where = "give an existing YAML file, in UTF-8, with --config."
        line = "check the indentation, colons and quotes there; each setting stands there once."
        raise SettingsError(
            error.message,
            file=error.file,
            row=error.row,
            mend=where if error.row is None else line,
        ) from None
    if not isinstance(data, dict | None):
        raise SettingsError("the settings must be a mapping of names to values", file=path.name)
    return node, data or {}


def _explain(fault: ErrorDetails, file: str | None, line: int | None) -> SettingsError:
    loc = fault["loc"]
    name = ".".join(str(part) for part in loc) or "settings"
    message = fault["msg"].removeprefix("Value error, ")
    mend = None
    if fault["type"] == "extra_forbidden":
        allowed = sorted(_fields_at(loc[:-1]))
        near = difflib.get_close_matches(str(loc[-1]), allowed, n=1)
        message = f"there is no setting {name!r}"
        mend = (f"did you mean {near[0]!r}? " if near else "") + f"Allowed: {', '.join(allowed)}."
    return SettingsError(
        message,
        file=file,
        row=line,
        column=name,
        value=None if _is_secret(fault) else str(fault["input"])[:80],
        mend=mend,
    )


def _is_secret(fault: ErrorDetails) -> bool:
    """Whether a wrong value is not to be shown: it is a log-in, or may hold one."""
    loc = fault["loc"]
    return (
        fault["type"] in ("missing", "secret")
        or loc[:2] in (("release", "targets"), ("release", "signing"))
        # What is above a target holds its values, and so may what is written in a wrong place.
        or (isinstance(fault["input"], dict | list) and str(fault["input"]) not in ("{}", "[]"))
    )


def _fields_at(loc: tuple[Any, ...]) -> set[str]:
    model: type[BaseModel] = Settings
    for part in loc:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(str(part))
        inner = [] if field is None else _models_in(field.annotation)
        if not inner:
            return set()
        model = inner[0]
    return set(model.model_fields)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for arg in getattr(annotation, "__args__", ()) for m in _models_in(arg)]


def _rebase(settings: Settings, folder: Path, overridden: set[str]) -> Settings:
    """Make the file's relative paths absolute; those from the command line stay as given."""

    def at(path: Path | None) -> Path | None:
        return None if path is None else folder / path

    changes: dict[str, Any] = {}
    if "archives" not in overridden:
        changes["archives"] = [
            a if "://" in a.path else a.model_copy(update={"path": str(folder / a.path)})
            for a in settings.archives
        ]
    if "boundaries" not in overridden:
        changes["boundaries"] = [
            b.model_copy(update={"path": at(b.path)}) for b in settings.boundaries
        ]
    if settings.population is not None:
        changes["population"] = settings.population.model_copy(
            update={
                "areas": at(settings.population.areas),
                "centroids": at(settings.population.centroids),
            }
        )
    if "engagement" not in overridden:
        changes["engagement"] = settings.engagement.model_copy(
            update={
                "sources": [
                    s.model_copy(update={"path": at(s.path), "mapping": at(s.mapping)})
                    for s in settings.engagement.sources
                ]
            }
        )
    disclosure = settings.disclosure
    parts = {
        "disclosure": disclosure.model_copy(update={"policy": at(disclosure.policy)}),
        "release": _rebase_release(settings.release, folder),
        "site": _rebase_site(settings.site, folder),
    }
    changes |= {name: part for name, part in parts.items() if name not in overridden}
    if settings.lake is not None and "lake" not in overridden and "://" not in settings.lake:
        changes["lake"] = str(folder / settings.lake)
    changes |= {
        name: at(getattr(settings, name))
        for name in ("lsoa_lookup", "forces_file", "releases")
        if name not in overridden
    }
    if "out" not in overridden and "out" in settings.model_fields_set:
        changes["out"] = at(settings.out)
    return settings.model_copy(update=changes)


def _rebase_site(site: SiteSettings, folder: Path) -> SiteSettings:
    if site.postcodes is None:
        return site
    moved = site.postcodes.model_copy(update={"path": folder / site.postcodes.path})
    return site.model_copy(update={"postcodes": moved})


def _rebase_release(release: ReleaseSettings, folder: Path) -> ReleaseSettings:
    def at(path: Path | None) -> Path | None:
        return None if path is None else folder / path

    signing = release.signing.model_copy(
        update={"key": at(release.signing.key), "public_key": at(release.signing.public_key)}
    )
    targets = [
        t
        if t.kind != "files" or "://" in t.url
        else t.model_copy(update={"url": str(folder / t.url)})
        for t in release.targets
    ]
    update: dict[str, object] = {"signing": signing, "targets": targets}
    for name in ("corrections", "deprecations"):
        update[name] = at(getattr(release, name))
    return release.model_copy(update=update)
