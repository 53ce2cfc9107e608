"""One call that writes a whole sample.

The files' layout and the settings file belong here; their content is made by the other modules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from openbeat.errors import InputError
from openbeat.sample import country, engagement, shapes
from openbeat.sample.archives import Progress, Writer
from openbeat.sample.bundle import bundle
from openbeat.sample.country import Country, ScaleName
from openbeat.sample.engagement_draw import AS_OF
from openbeat.sample.faults import Log
from openbeat.sample.shapes import Shape

SETTINGS = "openbeat.yaml"
OURS = {"archives", "boundaries", "geography", "logs", "forces.csv", SETTINGS}
KML_LEVEL = 3
BILINGUAL_BELOW = 100
"""Neighbourhoods from which on a sample's website is in English only: it is there for speed."""


def generate(
    directory: Path,
    scale: ScaleName = "small",
    seed: int = 20250601,
    months: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write made-up police.uk files and engagement logs: the same arguments give the same bytes.

    Args:
        directory: Where; a folder that is new, empty, or holds the same sample already.
        scale: ``small``: 2 forces, a nationwide one and every known fault, two archives and a
            legacy one; ``force``: one large force and the nationwide one, 36 months;
            ``national``: 43 and the nationwide one, 500,000 street rows a month, 36 months.
        seed: Everything follows from it.
        months: Months in the newest archive, the last being 2025-06; the scale's own by default.
        progress: Told what is being written, how many parts are done, and of how many.

    Returns:
        The settings file that uses these inputs.

    Raises:
        InputError: The scale, the seed or the number of months is wrong, or the folder holds
            something else.
    """
    _check(scale, seed, months)
    span = months or country.SCALES[scale].months
    about = (
        f"An invented country made by `openbeat sample`: scale {scale}, seed {seed}, months {span}."
    )
    _claim(directory, about)
    made = country.build(scale, seed, span)
    log = Log()
    as_ofs = Writer(made, directory / "archives", log, progress).write_all()
    released = shapes.releases(made, log)
    _write_boundaries(released, directory / "boundaries", progress)
    _write_geography(made, directory / "geography", log)
    sources = engagement.write(made, released, directory / "logs", about, progress)
    _forces(made).write_csv(directory / "forces.csv")
    log.write(directory / "archives", about)
    settings = directory / SETTINGS
    text = _settings(about, as_ofs, list(released), made, sources)
    settings.write_text(text, encoding="utf-8", newline="\n")
    return settings


def _check(scale: str, seed: int, months: int | None) -> None:
    if scale not in country.SCALES:
        allowed = ", ".join(country.SCALES)
        raise InputError("there is no such scale", value=scale, mend=f"use one of {allowed}.")
    if seed < 0:
        raise InputError("a seed is 0 or more", value=str(seed), mend="give another seed.")
    if months is not None and not 1 <= months <= 120:
        raise InputError(
            "the number of months is out of range", value=str(months), mend="give 1 to 120."
        )


def _claim(directory: Path, about: str) -> None:
    """Make the folder; refuse one with anything in it but this very sample, whole or half."""
    directory.mkdir(parents=True, exist_ok=True)
    foreign = sorted(path.name for path in directory.iterdir() if path.name not in OURS)
    settings = directory / SETTINGS
    other = settings.is_file() and about not in settings.read_text(encoding="utf-8")
    if foreign or other:
        raise InputError(
            "the folder holds something that is not this sample",
            file=foreign[0] if foreign else SETTINGS,
            mend="name an empty folder.",
        )


def _write_boundaries(
    released: Mapping[str, Sequence[Shape]], folder: Path, progress: Progress | None
) -> None:
    for release, held in released.items():
        with bundle(folder / f"{release}.zip", KML_LEVEL) as archive:
            for done, (path, content) in enumerate(shapes.files(held)):
                if progress is not None and done % 100 == 0:
                    progress(f"boundaries {release}", done, len(held))
                archive.add(path, content)
        if progress is not None:
            progress(f"boundaries {release}", len(held), len(held))


def _write_geography(made: Country, folder: Path, log: Log) -> None:
    folder.mkdir(exist_ok=True)
    made.places.population.write_csv(folder / "population.csv")
    _postcodes(made.places.population).write_csv(folder / "postcodes.csv")
    fragments = made.places.fragments
    path = folder / "lsoa11-lsoa21-lookup.csv"
    fragments.drop("cell").sort("LSOA11CD", "LSOA21CD").write_csv(path)
    meanings = {"S": "split", "M": "merged", "X": "neither split nor merged"}
    for change, meaning in meanings.items():
        rows = int((fragments["CHGIND"] == change).sum())
        file = f"geography/{path.name}"
        log.add(f"lsoa-{change.lower()}", file, f"rows of LSOAs {meaning} in 2021", count=rows)
    thin = made.places.fragments.filter(pl.col("cell") == made.scale.neighbourhoods - 1)
    codes = thin["LSOA21CD"].n_unique()
    what = "small areas of a neighbourhood with fewer than 500 residents, 60 each"
    log.add("thin-population", "geography/population.csv", what, count=codes)


def _postcodes(areas: pl.DataFrame) -> pl.DataFrame:
    """A postcode a small area, with the columns of the ONS's file that are read.

    No area of Britain begins with ZX. The last one has ended, and one more has no position.
    """
    from pyproj import Transformer

    to_degrees = Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)
    longs, lats = to_degrees.transform(areas["x"].to_numpy(), areas["y"].to_numpy())
    numbers = range(areas.height + 1)
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    return pl.DataFrame(
        {
            "pcds": [
                f"ZX{1 + n // 400} {n % 10}{letters[n // 10 % 20]}{letters[n // 200 % 20]}"
                for n in numbers
            ],
            "doterm": [None] * (areas.height - 1) + ["202401", None],
            "lat": [*lats.round(6).tolist(), 99.999999],
            "long": [*longs.round(6).tolist(), 0.0],
        }
    )


def _forces(made: Country) -> pl.DataFrame:
    columns = ("force_id", "name", "crime_id_scope", "supplies")
    rows = [(f.slug, f.name, f.scope, ";".join(f.supplies)) for f in made.forces]
    return pl.DataFrame(rows, schema=columns, orient="row").sort("force_id")


def _settings(
    about: str, as_ofs: list[str], released: list[str], made: Country, sources: str
) -> str:
    slugs = sorted(force.slug for force in made.forces)
    held = "".join(f"  - {{path: archives/{as_of}.zip}}\n" for as_of in as_ofs)
    drawn = "".join(f"  - {{path: boundaries/{release}.zip}}\n" for release in released)
    languages = "en, cy" if made.scale.neighbourhoods < BILINGUAL_BELOW else "en"
    return f"""\
# {about}
# Its places, forces and crimes are made up; its coordinates lie in Britain only so that checks of
# real data hold for it. What is wrong in it on purpose is listed in archives/FAULTS.md
# and logs/FAULTS.md.
# Paths are relative to this file.
archives:
{held}boundaries:
{drawn}population:
  areas: geography/population.csv
  code_column: code
  population_column: population
  x_column: x
  y_column: y
  crs: "EPSG:27700"
  year: 2023
lsoa_lookup: geography/lsoa11-lsoa21-lookup.csv
site:
  languages: [{languages}]
  postcodes: {{path: geography/postcodes.csv}}
forces: [{", ".join(slugs)}]
forces_file: forces.csv
notice: Made-up data, of a country that does not exist.
as_of: {AS_OF.isoformat()}
engagement:
  sources:
{sources}  contacts:
{_contacts(made)}"""


def _contacts(made: Country) -> str:
    """How to answer back, for every force that has an area."""
    lines = []
    for force in made.forces:
        if not force.nationwide:
            site = f"{force.slug}.police.example"
            lines.append(
                f"    {force.slug}: {{name: {force.name} neighbourhood teams, "
                f"url: https://www.{site}/contact, email: teams@{site}, phone: 01632 960100}}\n"
            )
    return "".join(lines)
