"""Which neighbourhood each live postcode lies in, as small files by outward code: its first half.

The source is the list of the Office for National Statistics (ONSPD or NSPL). Reading, placing and
packing it belong here; ``static/site.js`` looks in the files.
"""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NoReturn

import polars as pl

from openbeat.errors import InputError
from openbeat.geography.locate import locate
from openbeat.website.site.points import INDEX
from openbeat.website.site.settings import Postcodes
from openbeat.website.words import file_name

NO_POSITION: Final = 99.999999
"""The latitude the ONS gives to a postcode that has no grid reference (ONSPD user guide)."""
_SHAPE: Final = r"^([A-Z]{1,2}[0-9][A-Z0-9]?|GIR)[0-9][A-Z]{2}$"
_BOUNDS: Final = {"latitude": (49.0, 61.5), "longitude": (-9.0, 3.0)}
_CHUNK: Final = 1 << 20  # bytes
_SHOWN: Final = 400  # characters of the names of columns that an error shows

Shard = dict[str, Any]


def shards(settings: Postcodes, shapes: pl.DataFrame) -> Iterator[tuple[str, Shard]]:
    """The files of postcodes, by outward code.

    Args:
        settings: The postcode file and its columns.
        shapes: Today's neighbourhoods: force_id, force_name, neighbourhood_id, name, stem,
            area_km2, geometry (WKB, WGS84).

    Yields:
        An outward code with ``{"places": [[name, force, path, inward codes], ...], "outside":
        inward codes in no place, "nowhere": those without a position}``, the inward codes sorted
        and written together, three characters each; a path is that of the place's page in
        ``places/`` without its ending. Last ``index``: ``{"files": outward codes above,
        "outside": those without any postcode in a place, which have no file}``.

    Raises:
        InputError: The file cannot be used: the message says where and how to mend it.
    """
    placed = place(read(settings), shapes)
    held = placed.filter(pl.col("place").is_not_null())["outward"].unique()
    yield from _packed(placed.filter(pl.col("outward").is_in(held.implode())), shapes)
    files, known = set(held), set(placed["outward"].unique())
    yield INDEX, {"files": sorted(files), "outside": sorted(known - files)}


def read(settings: Postcodes) -> pl.DataFrame:
    """The live postcodes of Great Britain and the islands.

    Those of Northern Ireland are left out: their licence does not allow to publish them.

    Returns:
        outward, inward, latitude, longitude (degrees, WGS84; null without a grid reference).

    Raises:
        InputError: As ``shards``.
    """
    name = settings.path.name
    with _opened(settings.path) as path:
        wanted = _columns(settings, path)
        try:
            rows = (
                pl.scan_csv(path, infer_schema=False, row_index_name="line", row_index_offset=2)
                .select("line", *wanted.values())
                .filter(_published(settings))
                .collect(engine="streaming")
            )
        except pl.exceptions.PolarsError as error:
            raise InputError(
                f"cannot be read as a CSV ({str(error).splitlines()[0]})",
                file=name,
                mend="take it again from the ONS",
            ) from error
    postcodes = _checked(rows, settings)
    if postcodes.is_empty():
        raise InputError("holds no live postcode", file=name, mend="take the whole file again")
    _refuse_twice(postcodes, name)
    return postcodes.select(
        pl.col("code").str.slice(0, pl.col("code").str.len_bytes() - 3).alias("outward"),
        pl.col("code").str.tail(3).alias("inward"),
        "latitude",
        "longitude",
    )


def place(postcodes: pl.DataFrame, shapes: pl.DataFrame) -> pl.DataFrame:
    """Say which place each postcode lies in.

    Args:
        postcodes: outward, inward, latitude, longitude.
        shapes: As ``shards``.

    Returns:
        outward, inward, has_position, place: the row of ``shapes``, null for none.
    """
    position = ["latitude", "longitude"]
    found = locate(postcodes.select(position).drop_nulls().unique(), shapes)
    keys = shapes.select("force_id", "neighbourhood_id").with_row_index("place")
    where = found.join(
        keys,
        left_on=["area_force_id", "neighbourhood_id"],
        right_on=["force_id", "neighbourhood_id"],
        how="left",
    )
    return postcodes.join(
        where.select(*position, "place"), on=position, how="left", maintain_order="left"
    ).select("outward", "inward", pl.col("latitude").is_not_null().alias("has_position"), "place")


def _packed(placed: pl.DataFrame, shapes: pl.DataFrame) -> Iterator[tuple[str, Shard]]:
    """Each outward code with its postcodes by place."""
    names = shapes.select("name", "force_name", "force_id", "stem").rows()
    rows = (
        placed.sort("inward")
        .group_by("outward", "place", "has_position", maintain_order=True)
        .agg(pl.col("inward").str.join(""))
        .sort("outward", "place", "has_position", nulls_last=True)
    )
    for (outward,), part in rows.group_by("outward", maintain_order=True):
        shard: Shard = {"places": [], "outside": "", "nowhere": ""}
        for number, has_position, codes in part.select("place", "has_position", "inward").rows():
            if number is None:
                shard["outside" if has_position else "nowhere"] = codes
            else:
                name, force_name, force_id, stem = names[number]
                path = f"{file_name(force_id)}/{stem}"
                shard["places"].append([name, force_name, path, codes])
        yield str(outward), shard


@contextmanager
def _opened(path: Path) -> Iterator[Path]:
    """A CSV on disk, that of a zip for as long as it is needed.

    It is the largest of the zip: the ONS puts the whole country's beside its parts and code lists.
    """
    try:
        if path.suffix.lower() != ".zip":
            path.stat()
            yield path
            return
        with zipfile.ZipFile(path) as archive, TemporaryDirectory() as folder:
            members = [m for m in archive.infolist() if m.filename.lower().endswith(".csv")]
            if not members:
                raise InputError(
                    "holds no CSV", file=path.name, mend="take the ONS's zip, or a CSV out of it"
                )
            unpacked = Path(folder, "postcodes.csv")
            largest = max(members, key=lambda m: (m.file_size, m.filename))
            with archive.open(largest) as member, unpacked.open("wb") as file:
                shutil.copyfileobj(member, file, _CHUNK)
            yield unpacked
    except FileNotFoundError:
        raise InputError(
            "is not there", file=path.name, mend="put it there, or set site.postcodes.path"
        ) from None
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise InputError(
            "is not a whole zip", file=path.name, mend="take it again from the ONS"
        ) from None


def _columns(settings: Postcodes, path: Path) -> dict[str, str]:
    """Setting to the column it names, each of which the file has."""
    named = {
        "postcode_column": settings.postcode_column,
        "latitude_column": settings.latitude_column,
        "longitude_column": settings.longitude_column,
    }
    if settings.ended_column is not None:
        named["ended_column"] = settings.ended_column
    with path.open("rb") as file:
        first = file.readline(_CHUNK).decode("utf-8-sig", "replace").strip()
    columns = [column.strip('"') for column in first.split(",")]
    for setting, column in named.items():
        if column not in columns:
            raise InputError(
                "there is no such column",
                file=settings.path.name,
                column=column,
                rule="postcode_columns",
                mend=f"set site.postcodes.{setting} to one of: {', '.join(columns)[:_SHOWN]}",
            )
    return named


def _code(settings: Postcodes) -> pl.Expr:
    """The postcode in capitals, without its space."""
    text = pl.col(settings.postcode_column).fill_null("")
    return text.str.to_uppercase().str.replace_all(" ", "", literal=True)


def _published(settings: Postcodes) -> pl.Expr:
    """Whether a postcode is live, and may be published."""
    published = ~_code(settings).str.contains(r"^BT[0-9]")
    if settings.ended_column is not None:
        published &= pl.col(settings.ended_column).fill_null("").str.strip_chars() == ""
    return published


def _checked(rows: pl.DataFrame, settings: Postcodes) -> pl.DataFrame:
    """The postcodes, each of the right shape and in the country: line, code, degrees."""
    columns = {"latitude": settings.latitude_column, "longitude": settings.longitude_column}
    number = {
        name: pl.col(column).str.strip_chars().cast(pl.Float64, strict=False)
        for name, column in columns.items()
    }
    none = (number["latitude"].round(6) == NO_POSITION).fill_null(False)
    good = {settings.postcode_column: _code(settings).str.contains(_SHAPE)} | {
        columns[name]: none | number[name].is_between(*_BOUNDS[name]).fill_null(False)
        for name in columns
    }
    bad = rows.filter(~pl.all_horizontal(good.values()))
    if bad.height:
        _refuse(bad.head(1), good, settings)
    return rows.select(
        "line",
        _code(settings).alias("code"),
        *(pl.when(~none).then(number[name]).alias(name) for name in columns),
    )


def _refuse(bad: pl.DataFrame, good: dict[str, pl.Expr], settings: Postcodes) -> NoReturn:
    """Say which value of the first bad row is wrong."""
    held = bad.select(rule.alias(column) for column, rule in good.items())
    column = next(column for column in good if not held[column][0])
    degrees = column != settings.postcode_column
    bounds = "{} to {}".format(
        *_BOUNDS["latitude" if column == settings.latitude_column else "longitude"]
    )
    raise InputError(
        f"is not degrees within {bounds}" if degrees else "is not a postcode",
        file=settings.path.name,
        row=bad["line"][0],
        column=column,
        value=bad[column][0] or "",
        rule="position_in_the_country" if degrees else "postcode_shape",
        mend="take the file again from the ONS, or name the right columns in site.postcodes",
    )


def _refuse_twice(postcodes: pl.DataFrame, name: str) -> None:
    twice = postcodes.filter(~pl.col("code").is_first_distinct())
    if twice.height:
        raise InputError(
            "stands twice among the live postcodes",
            file=name,
            row=twice["line"][0],
            value=twice["code"][0],
            rule="postcode_once",
            mend="take the file again from the ONS, or set site.postcodes.ended_column",
        )
