"""What happens in the made-up country: street rows and the outcomes that follow them.

Drawing crimes and printing them as the two kinds of file belong here; stops are in ``stops``, and
what is wrong with a file is planted in ``faults``.

The same crimes are behind every file: a crime has its final outcome and the months until then, so
the outcomes file of a month holds what was decided in it, and a later archive prints other last
outcomes for the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from openbeat.sample import months, words
from openbeat.sample.country import Country, Force
from openbeat.sample.tiles import Floats, Ints

STREAM, OUTCOME_STREAM = 10, 11
NO_LOCATION = 0.018
ELSEWHERE = 0.0043  # of crimes outside the reporting force's area
UNDECIDED = 0.05
MONTHLY_CHANCE = 0.3  # of an outcome, each month
SECOND_OUTCOME = 0.1  # of outcomes that are followed by another in the same month
RECYCLED = 3, 5  # of a month-scoped force's crimes, 3 in 5 have an ID used before
NEVER = 255

Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Crimes:
    """The crimes and incidents of one force-month, in file order.

    Attributes:
        point: Map point, or -1 without location.
        kind: Number in `words.CRIME_TYPES`.
        key: What the Crime ID is made from; 0 without one.
        final: Number in `words.OUTCOME_TYPES`.
        decided: Months until then, or `NEVER`.
    """

    point: Ints
    kind: npt.NDArray[np.uint8]
    key: Keys
    final: npt.NDArray[np.uint8]
    decided: npt.NDArray[np.uint8]


class Book:
    """The crimes of a country, drawn when asked for; the last months are kept at hand."""

    def __init__(self, country: Country) -> None:
        self.country = country
        self._kept: dict[tuple[int, int], Crimes] = {}
        self._weights: dict[int, Floats] = {}

    def crimes(self, force: Force, month: str) -> Crimes:
        """The crimes of one force-month; the same whenever asked for."""
        name = force.number, months.number(month)
        if name not in self._kept:
            while len(self._kept) > len(self.country.forces) * (self.country.scale.longest + 2):
                del self._kept[next(iter(self._kept))]
            self._kept[name] = self._draw(force, month)
        return self._kept[name]

    def street(self, force: Force, month: str, as_of: str) -> pl.DataFrame:
        """A street file, all text, blank fields null.

        Args:
            force: Who reports.
            month: The file's month.
            as_of: The archive's month: outcomes decided later are not known yet.
        """
        crimes = self.crimes(force, month)
        final = pl.Series([street for _, street, _ in words.OUTCOME_TYPES])
        waited = months.number(as_of) - months.number(month)
        outcome = final.gather(crimes.final)
        known = pl.Series(crimes.decided <= waited)
        outcome = outcome.zip_with(known, pl.Series([words.UNDER_INVESTIGATION]))
        if force.nationwide or month < "2012-01":  # outcomes began with 2012
            outcome = pl.Series([None], dtype=pl.String)
        has_id = pl.Series(crimes.key != 0)
        return self._located(force, month, crimes.point).with_columns(
            _ids(crimes.key).alias(words.STREET[0]),
            _kind_labels(month).gather(crimes.kind).alias("Crime type"),
            pl.when(has_id).then(pl.lit(outcome)).alias("Last outcome category"),
            pl.lit(None, pl.String).alias("Context"),
        ).select(words.STREET)  # fmt: skip

    def outcomes(self, force: Force, month: str) -> pl.DataFrame:
        """An outcomes file: what was decided in the month, for crimes of it and earlier ones."""
        rng = self.country.rng(OUTCOME_STREAM, force.number, months.number(month))
        points, keys, finals = [], [], []
        for waited in range(self.country.scale.longest + 1):
            crimes = self.crimes(force, months.shift(month, -waited))
            rows = np.flatnonzero((crimes.decided == waited) & (crimes.key != 0))
            again = rows[rng.random(len(rows)) < SECOND_OUTCOME]
            points += [crimes.point[rows], crimes.point[again]]
            keys += [crimes.key[rows], crimes.key[again]]
            finals += [crimes.final[rows], (crimes.final[again] + 2) % len(words.OUTCOME_TYPES)]
        point = np.concatenate(points)
        order = np.lexsort((point, point < 0))
        labels = pl.Series([outcome for outcome, _, _ in words.OUTCOME_TYPES])
        return self._located(force, month, point[order]).with_columns(
            _ids(np.concatenate(keys)[order]).alias(words.OUTCOMES[0]),
            labels.gather(np.concatenate(finals)[order]).alias("Outcome type"),
        ).select(words.OUTCOMES)  # fmt: skip

    def place(self, force: Force, count: int, rng: np.random.Generator) -> Ints:
        """Draw map points: those of the force by weight, a few anywhere in the country."""
        places = self.country.places
        if force.number not in self._weights:
            weight = places.points["weight"].to_numpy()
            self._weights[force.number] = np.cumsum(weight[slice(*self._own(force))])
        upto = self._weights[force.number]
        first = self._own(force)[0]
        point = first + np.searchsorted(upto, rng.random(count) * upto[-1], side="right")
        elsewhere = rng.random(count) < (0 if force.nationwide else ELSEWHERE)
        anywhere = rng.integers(0, places.first_point[-1], count)
        return np.where(elsewhere, anywhere, point)

    def _own(self, force: Force) -> tuple[int, int]:
        places = self.country.places
        if force.nationwide:
            return int(places.stations[0]), int(places.stations[-1]) + 1
        return int(places.first_point[force.number]), int(places.first_point[force.number + 1])

    def _draw(self, force: Force, month: str) -> Crimes:
        number, scale = months.number(month), self.country.scale
        rng = self.country.rng(STREAM, force.number, number)
        season = 1 + 0.08 * np.sin(2 * np.pi * (number % 12 - 3) / 12)
        count = max(1, round(force.rows * season * rng.normal(1, 0.03)))
        point = np.sort(self.place(force, count, rng))
        point[count - round(count * NO_LOCATION) :] = -1
        shares = np.cumsum([share for _, share, _, _ in words.CRIME_TYPES])
        if force.nationwide:
            shares = shares - shares[0]
        kind = pick(shares, count, rng)
        final = pick(np.cumsum([share for _, _, share in words.OUTCOME_TYPES]), count, rng)
        wait = MONTHLY_CHANCE * (1 - MONTHLY_CHANCE) ** np.arange(scale.longest + 1)
        decided = pick(np.cumsum(wait / wait.sum()), count, rng)
        decided[rng.random(count) < UNDECIDED] = NEVER
        key = self._keys(force, number, count)
        same = np.flatnonzero(rng.random(count - 1) < scale.repeats)
        key[same + 1] = key[same]
        key[(kind == 0) | force.nationwide] = 0
        decided[key == 0] = NEVER
        return Crimes(point, kind, key, final, decided)

    def _keys(self, force: Force, number: int, count: int) -> Keys:
        """A key for each row; a month-scoped force gives most rows those of other months."""
        row = np.arange(count, dtype=np.uint64)
        month = np.full(count, number, dtype=np.uint64)
        if force.scope == "month":
            month[row % RECYCLED[1] < RECYCLED[0]] = 0
        start = np.full(count, (self.country.seed << 16) % 2**64 + force.number, dtype=np.uint64)
        return _mix(_mix(start + (month << np.uint64(24))) + row) | np.uint64(1)

    def _located(self, force: Force, month: str, point: Ints) -> pl.DataFrame:
        """The columns that street and outcomes share, without the Crime ID."""
        places = self.country.places
        vintage = "21" if month >= self.country.scale.lsoa_2021_from else "11"
        row = pl.Series(point)
        at = row.set(row < 0, None)
        points = places.points
        fragment = points["fragment"].gather(at)
        name = pl.lit(force.name)
        return pl.DataFrame(
            {
                "Longitude": points["Longitude"].gather(at),
                "Latitude": points["Latitude"].gather(at),
                "Location": points["Location"].gather(at).fill_null("No Location"),
                "LSOA code": places.fragments[f"LSOA{vintage}CD"].gather(fragment),
                "LSOA name": places.fragments[f"LSOA{vintage}NM"].gather(fragment),
            }
        ).with_columns(
            pl.lit(month).alias("Month"), name.alias("Reported by"), name.alias("Falls within")
        )


def _kind_labels(month: str) -> pl.Series:
    """The labels of the month's set of crime types (domain: 6, then 11, then 14)."""
    column = 0 if month >= "2013-05" else 2 if month >= "2011-09" else 3
    return pl.Series([kind[column] for kind in words.CRIME_TYPES], dtype=pl.String)


def pick(upto: Floats, count: int, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Draw numbers from 0 by their cumulative shares."""
    picked = np.searchsorted(upto, rng.random(count) * upto[-1], side="right")
    numbers: npt.NDArray[np.uint8] = np.minimum(picked, len(upto) - 1).astype(np.uint8)
    return numbers


def _mix(value: Keys) -> Keys:
    """Splitmix64 (Steele, Lea and Flood 2014), which spreads counters over all 64 bits."""
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _ids(key: Keys) -> pl.Series:
    """Keys as 64 hexadecimal digits; null where 0."""
    words_of = [_mix(key ^ np.uint64(0x5851F42D4C957F2D * turn % 2**64)) for turn in range(1, 5)]
    digits = np.column_stack(words_of).tobytes().hex()
    ids = pl.Series([digits[at : at + 64] for at in range(0, len(digits), 64)], dtype=pl.String)
    return ids.set(pl.Series(key == 0), None)
