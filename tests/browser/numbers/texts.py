"""Numbers that may stand in a text: the interface's own, dates and times, and what people wrote.

The interface's own are those of its catalogue: ``12 months`` is a text, the 12 of ``%(n)s of them``
is a figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.browser.numbers.published import MONTHS, Published, Row, day, earlier, month, quarter

CATALOGUE = Path(__file__).parents[3] / "openbeat/website/locales/openbeat.pot"
_MONTH = "|".join(MONTHS)
_SHORT = "|".join(name[:3] for name in MONTHS)
_DAY = re.compile(rf"\b\d{{1,2}} (?:{_MONTH}) \d{{4}}\b")
_QUARTER = re.compile(rf"\b(?:{_MONTH}) to (?:{_MONTH}) \d{{4}}\b")
_SPAN = re.compile(r"([A-Z][a-z]+ \d{4}) to ([A-Z][a-z]+ \d{4}), (\d+) months")
_MONTH_OF = re.compile(rf"\b(?:{_MONTH}) \d{{4}}\b")
_SHORT_QUARTER = re.compile(rf"\b(?:{_SHORT})–(?:{_SHORT}) \d\d\b")
_SHORT_MONTH = re.compile(rf"\b(?:{_SHORT}) \d\d\b")
_CLOCK = re.compile(r"\b\d{1,2}(?::\d\d)?[ap]m\b")
_YEAR = re.compile(r"\b20\d\d\b")
_ADDRESS = re.compile(r"https?://\S+|\S+@\S+\.\S+")
_PHONE = re.compile(r"\b0\d{3,4} \d{3} ?\d{3,4}\b")
_NUMBER = re.compile(r"\d[\d.,:]*\d|\d")
_EMERGENCY = re.compile(r"^(?:999|101)$|^ ?\(textphone (?:18000|18001 101)\)$")


@lru_cache(maxsize=1)
def own() -> list[str]:
    """The pieces with a digit of the texts of the interface, the longest first."""
    source = CATALOGUE.read_text("utf-8")
    found: set[str] = set()
    for entry in re.findall(r'^msgid(?:_plural)? ((?:".*"\n)+)', source, re.M):
        text = "".join(re.findall(r'"(.*)"\n', entry)).replace('\\"', '"').replace("\\n", " ")
        for piece in re.split(r"%\(\w+\)s", text):
            piece = " ".join(piece.replace("%%", "%").split())
            if re.search(r"\d", piece) and re.search(r"[^\W\d]", piece):
                found.add(re.sub(r"(?<=\d),(?=\d{3})", "", piece))
    return sorted(found, key=len, reverse=True)


class Texts:
    """What may stand in the texts of one page.

    Args:
        release: The release.
        rows: The records whose texts, days and times the page may hold.
        more: Further texts.
    """

    def __init__(self, release: Published, rows: Iterable[Row], more: Iterable[str] = ()) -> None:
        values = {value for row in rows for value in row.values() if re.search(r"\d", value)}
        days = {v for v in values if re.fullmatch(r"\d{4}-\d\d-\d\d", v)}
        moments = {v for v in values if re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]+Z", v)}
        local = [_london(v) for v in moments]
        days |= {f"{m:%Y-%m-%d}" for m in local} | {release.as_of, release.since}
        self.months = release.months
        months = {*release.months, *release.year, earlier(release.month, 12)}
        months |= {v for v in values if re.fullmatch(r"\d{4}-\d\d", v)}
        quarters = {r["period"] for r in release.where("engagement_reach", period_type="quarter")}
        quarters |= {row["period"] for row in release.table("feedback_summary")}
        self._allowed = {
            _DAY: {day(v) for v in days},
            _QUARTER: {quarter(v) for v in quarters},
            _MONTH_OF: {month(v) for v in months},
            _SHORT_QUARTER: {_short_quarter(v) for v in quarters},
            _SHORT_MONTH: {f"{month(v)[:3]} {v[2:4]}" for v in months},
            _CLOCK: {_clock(m) for m in local},
            _YEAR: {v for v in values if re.fullmatch(r"20\d\d", v)} | {release.as_of[:4]},
        }
        plain = values - days - moments - months
        self._written = [" ".join(v.split()) for v in (*plain, *more)]
        self._names = sorted(
            (
                v
                for v in (*self._written, release.identity)
                if len(v) < 60 and re.search(r"[^\W\d]", v)
            ),
            key=len,
            reverse=True,
        )

    def of_axis(self, text: str) -> bool:
        """Whether a text is a month or year under the months of the release."""
        names = {month(m).split()[0][:3] for m in self.months}
        years = {m[:4] for m in self.months}
        return text in {*names, *years} or text in {f"{n} {y}" for n in names for y in years}

    def left(self, text: str) -> list[str]:
        """The numbers of a text that are none of these."""
        whole = " ".join(text.split())
        if _EMERGENCY.fullmatch(whole):
            return []
        rest = _PHONE.sub(" ", _ADDRESS.sub(" ", whole))
        for piece in (*self._names, *own()):
            rest = _without(rest, piece)
        rest = _SPAN.sub(self._span, rest)
        for pattern, allowed in self._allowed.items():
            rest = pattern.sub(lambda m, a=allowed: " " if m[0] in a else m[0], rest)
        return [m[0] for m in _NUMBER.finditer(rest) if not self._wrote(m[0], rest, m.span())]

    def _span(self, found: re.Match[str]) -> str:
        """Months in a row, of which the number must be right; the months themselves are checked."""
        names = [month(m) for m in self.months]
        first, last, number = found[1], found[2], int(found[3])
        right = {first, last} <= {*names} and names.index(last) - names.index(first) + 1 == number
        return f"{first} to {last}" if right else found[0]

    def _wrote(self, number: str, text: str, span: tuple[int, int]) -> bool:
        """Whether somebody wrote this number with the words that stand beside it."""
        before = re.findall(r"\S+", text[: span[0]])
        after = re.findall(r"\S+", text[span[1] :])
        glued = text[span[1] : span[1] + 1].strip()
        tail = "" if glued else " "
        phrases = [
            " ".join([*before[-2:], number]) if len(before) >= 2 else "",
            number + tail + " ".join(after[:2]) if len(after) >= 2 else "",
            " ".join([*before[-1:], number]) + tail + " ".join(after[:1])
            if before and after
            else "",
        ]
        return any(p and p.rstrip(".…") in v for p in phrases for v in self._written)


def _without(text: str, piece: str) -> str:
    """A text without a piece that does not begin or end inside a number or word."""
    if piece not in text:
        return text
    left = r"(?<![\w])" if piece[:1].isalnum() else ""
    right = r"(?![\w])" if piece[-1:].isalnum() else ""
    return re.sub(left + re.escape(piece) + right, " ", text)


def _london(moment: str) -> datetime:
    given = datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone(UTC)
    return given.astimezone(ZoneInfo("Europe/London"))


def _clock(moment: datetime) -> str:
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minutes}{'am' if moment.hour < 12 else 'pm'}"


def _short_quarter(value: str) -> str:
    first = 3 * int(value[6]) - 3
    return f"{MONTHS[first][:3]}–{MONTHS[first + 2][:3]} {value[2:4]}"
