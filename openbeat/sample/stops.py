"""Stop and search in the made-up country: the third kind of file.

Drawing stops and printing them belongs here; what is wrong with a file is planted in ``faults``.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from openbeat.sample import months, words
from openbeat.sample.country import Force
from openbeat.sample.crime import Book, pick

STREAM = 12
NO_COORDINATES = 0.045
JUST_AFTER_MIDNIGHT = 2  # stops in the first local hour: in summer, the day before in UTC


def stops(book: Book, force: Force, month: str) -> pl.DataFrame:
    """A stop and search file, all text, blank fields null, in order of time.

    Args:
        book: The country and its map points.
        force: Who searched.
        month: The file's month, by local time; ``Date`` is printed in UTC.
    """
    rng = book.country.rng(STREAM, force.number, months.number(month))
    count = max(JUST_AFTER_MIDNIGHT, round(force.stops * rng.normal(1, 0.08)))
    point = pl.Series(book.place(force, count, rng))
    nowhere = pl.Series(rng.random(count) < NO_COORDINATES)
    at = point.set(nowhere, None)
    places = book.country.places.points
    search = pick(np.cumsum([share for _, share in words.SEARCH]), count, rng)
    power = pl.Series([legislation for (legislation, _), _ in words.SEARCH]).gather(search)
    thing = pl.Series([thing for (_, thing), _ in words.SEARCH]).gather(search)
    kind = _labels(words.STOP_TYPE, count, rng)
    person = kind != "Vehicle search"
    columns = {
        "Type": kind,
        "Date": _dates(month, count, rng),
        "Part of a policing operation": _labels(words.OPERATION, count, rng),
        "Policing operation": pl.Series([None] * count, dtype=pl.String),
        "Latitude": places["Latitude"].gather(at),
        "Longitude": places["Longitude"].gather(at),
        "Gender": _labels(words.GENDER, count, rng),
        "Age range": _labels(words.AGE, count, rng),
        "Self-defined ethnicity": _labels(words.SELF_DEFINED, count, rng),
        "Officer-defined ethnicity": _labels(words.OFFICER_DEFINED, count, rng),
        "Legislation": power,
        "Object of search": thing,
        "Outcome": _labels(words.STOP_OUTCOME, count, rng),
        "Outcome linked to object of search": _labels(words.YES_NO, count, rng),
        "Removal of more than just outer clothing": _labels(words.STRIPPED, count, rng),
    }
    personal = words.STOPS[6:10] + words.STOPS[14:]
    return pl.DataFrame(columns).with_columns(
        pl.when(pl.Series(person)).then(pl.col(name)).alias(name) for name in personal
    )


def _dates(month: str, count: int, rng: np.random.Generator) -> pl.Series:
    start, length = months.seconds(month)
    local = start + rng.integers(0, length, count)
    local[:JUST_AFTER_MIDNIGHT] = start + rng.integers(0, months.HOUR, JUST_AFTER_MIDNIGHT)
    utc = months.to_utc(np.sort(local), int(month[:4]))
    moments = pl.Series(utc).cast(pl.Int64) * 1000
    return moments.cast(pl.Datetime("ms")).dt.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _labels(shares: words.Shares, count: int, rng: np.random.Generator) -> pl.Series:
    labels = pl.Series([label for label, _ in shares], dtype=pl.String)
    return labels.gather(pick(np.cumsum([share for _, share in shares]), count, rng))
