"""What police.uk's API answers about a neighbourhood, read into plain rows.

One reader a kind of answer: it checks the shape, keeps what openbeat may keep, and turns HTML
into text. Fetching belongs in ``resources.policeuk_api``, history in
``openbeat.policeuk.captured``.
No value is ever quoted in a message: answers hold names and telephone numbers.
"""

from __future__ import annotations

import html
import json
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any, Final
from zoneinfo import ZoneInfo

from openbeat.errors import InputError

Fields = dict[str, Any]

LONDON = ZoneInfo("Europe/London")
TEXT_LIMIT = 20_000  # characters; longer ones would take the HTML parser minutes
_DATE_LIMIT = 40
_DROPPED = frozenset({"script", "style", "template"})
_INLINE = frozenset(
    ["a", "abbr", "b", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u"]
)
# What steers a screen without being seen: zero-width, direction marks, soft hyphen, byte order.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_TAG_LIKE = re.compile(r"<(?=[A-Za-z/!?])")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# A tag that is begun and not ended: what follows it is text, and it costs the parser much time.
_UNENDED = re.compile(r"<(?=[A-Za-z/!?][^<>]*(?:<|$))", re.DOTALL)
# A full postcode, however spaced; domain.md, D.3: with an address it is personal data.
# M1 2nd (floor) is none.
_POSTCODE = re.compile(
    r"(?i)\b(?:GIR\s*0AA|[A-Z]{1,2}[0-9][0-9A-Z]?\s*[0-9](?!(?-i:st|nd|rd|th)\b)[A-Z]{2})\b"
)
_URL = re.compile(r"https?://[^\s<>\"'@/?#]+(?:[/?#][^\s<>\"]*)?", re.ASCII)


class _Stripper(HTMLParser):
    """Gathers the text between tags; that of scripts and styles is dropped."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._within = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within += tag in _DROPPED
        self._part(tag)

    def handle_endtag(self, tag: str) -> None:
        self._within = max(0, self._within - (tag in _DROPPED))
        self._part(tag)

    def handle_data(self, data: str) -> None:
        if not self._within:
            self.parts.append(data)

    def _part(self, tag: str) -> None:
        if tag not in _INLINE:
            self.parts.append(" ")


def plain_text(value: str) -> str:
    """HTML as one line of text: no tags, no scripts, no entities, no unseen characters.

    police.uk's texts are often escaped twice, so it is done until nothing changes; plain text
    comes back as it is.
    """
    text = value
    for _ in range(6):
        before, text = text, _stripped(text)
        if text == before:
            return _tidy(_TAG_LIKE.sub(" ", text))
    return _tidy(re.sub("[<>&]", " ", text))


def _stripped(text: str) -> str:
    stripper = _Stripper()
    text = _UNENDED.sub(" ", _COMMENT.sub(" ", text))
    try:
        stripper.feed(text)
        stripper.close()
        text = "".join(stripper.parts)
    except AssertionError:  # the parser's answer to some malformed declarations
        text = re.sub(r"<[^>]*>", " ", text)
    return _tidy(text)


def _tidy(text: str) -> str:
    text = text.encode("utf-8", "ignore").decode()  # half a surrogate pair is no character
    text = _UNSEEN.sub("", _CONTROL.sub(" ", text))
    return " ".join(unicodedata.normalize("NFC", text).split())


def read_neighbourhoods(answer: object, where: str) -> list[str]:
    """The ids of a force's neighbourhoods, as they are written, each once, sorted.

    Args:
        answer: What ``/{force}/neighbourhoods`` answered.
        where: The path asked, for messages.

    Raises:
        InputError: The answer has another shape, or lists none.
    """
    ids = {_id(item, where) for item in _items(answer, where)}
    if not ids:
        raise _wrong(where, "the list is empty")
    return sorted(ids)


def read_details(answer: object, where: str) -> list[Fields]:
    """One row: name, url_force, population, latitude, longitude, links (JSON).

    Addresses, telephones and e-mail are not kept, nor the description, which may name people. A
    population of 0 or that is no number, and coordinates that are none, become null (A.8).

    Raises:
        InputError: The answer has another shape.
    """
    if not isinstance(answer, dict):
        raise _wrong(where, "it is no neighbourhood")
    latitude, longitude = _centre(answer.get("centre"), where)
    links = [_link(item, where) for item in _items(answer.get("links") or [], where)]
    kept = [link for link in links if link is not None]
    return [
        {
            "name": _text(answer, "name", where),
            "url_force": _url(answer.get("url_force")),
            "population": _population(answer.get("population")),
            "latitude": latitude,
            "longitude": longitude,
            "links": json.dumps(kept, ensure_ascii=False) if kept else None,
        }
    ]


def read_priorities(answer: object, where: str) -> list[Fields]:
    """A row a priority: issue, issue_date, action, action_date.

    The dates are London's days, ``YYYY-MM-DD``; one that cannot be read stays as it is, for the
    intake to find.

    Raises:
        InputError: The answer has another shape.
    """
    rows = [
        {
            "issue": _text(item, "issue", where),
            "issue_date": _day(item, "issue-date", where),
            "action": _text(item, "action", where),
            "action_date": _day(item, "action-date", where),
        }
        for item in _items(answer, where)
    ]
    return [row for row in rows if row["issue"] or row["action"]]


def read_events(answer: object, where: str) -> list[Fields]:
    """A row an event: title, type, start_at, end_at, description, venue.

    Times without a zone are London's; they become UTC, ``YYYY-MM-DDTHH:MM:SSZ``. The venue is the
    address without its postcode. Contact details are not kept.

    Raises:
        InputError: The answer has another shape.
    """
    return [
        {
            "title": _text(item, "title", where),
            "type": _text(item, "type", where),
            "start_at": _moment(item, "start_date", where),
            "end_at": _moment(item, "end_date", where),
            "description": _text(item, "description", where),
            "venue": without_postcode(_text(item, "address", where)),
        }
        for item in _items(answer, where)
    ]


def read_team(answer: object, where: str) -> list[Fields]:
    """One row: named_officers, how many of the answer's entries bear a name; nothing else.

    Raises:
        InputError: The answer has another shape.
    """
    named = [_text(item, "name", where) for item in _items(answer, where)]
    return [{"named_officers": sum(name is not None for name in named)}]


# By kind: the last part of the path after /{force}/{neighbourhood}, and the reader.
READERS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[object, str], list[Fields]]]]] = {
    "neighbourhoods": ((), read_details),
    "priorities": (("priorities",), read_priorities),
    "events": (("events",), read_events),
    "teams": (("people",), read_team),
}


def without_postcode(address: str | None) -> str | None:
    """An address without its postcodes, and without the commas they leave."""
    if address is None:
        return None
    parts = (" ".join(part.split()) for part in _POSTCODE.sub(" ", address).split(","))
    return ", ".join(part for part in parts if part.strip(" .;-")) or None


def _wrong(where: str, what: str) -> InputError:
    return InputError(
        f"police.uk's answer has another shape than expected: {what}",
        file=where,
        rule="api_shape",
        mend="nothing to do here; if it lasts, police.uk has changed its API.",
    )


def _items(answer: object, where: str) -> list[Fields]:
    if not isinstance(answer, list):
        raise _wrong(where, "it is no list")
    if not all(isinstance(item, dict) for item in answer):
        raise _wrong(where, "an entry of the list is no record")
    return answer


def _id(item: Fields, where: str) -> str:
    """An id goes into a path, and is taken as it is: they are case-sensitive and hold spaces."""
    value = item.get("id")
    usable = isinstance(value, str) and value.strip() not in ("", ".", "..") and len(value) <= 100
    if not usable or not str(value).isprintable():
        raise _wrong(where, "an id is no usable text")
    return str(value)


def _text(item: Fields, name: str, where: str) -> str | None:
    value = item.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _wrong(where, f"{name} is no text")
    if len(value) > TEXT_LIMIT:
        raise _wrong(where, f"{name} is longer than {TEXT_LIMIT:,} characters")
    return plain_text(value) or None


def _at(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=LONDON)


def _day(item: Fields, name: str, where: str) -> str | None:
    text = _text(item, name, where)
    try:
        at = None if text is None else _at(text)
        return text and text[:_DATE_LIMIT] if at is None else f"{at.astimezone(LONDON).date()}"
    except OverflowError:  # the first and last day there are
        return text and text[:_DATE_LIMIT]


def _moment(item: Fields, name: str, where: str) -> str | None:
    text = _text(item, name, where)
    try:
        at = None if text is None else _at(text)
        if at is not None:
            return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    except OverflowError:
        pass
    return text and text[:_DATE_LIMIT]


def _url(value: object) -> str | None:
    if not isinstance(value, str) or len(value) > 2000:
        return None
    text = html.unescape(value).strip()
    return text if _URL.fullmatch(text) and text.isprintable() else None


def _link(item: Fields, where: str) -> Fields | None:
    url = _url(item.get("url"))
    return None if url is None else {"title": _text(item, "title", where), "url": url}


def _population(value: object) -> int | None:
    text = str(value).strip()
    return int(text) or None if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) else None


def _centre(value: object, where: str) -> tuple[float | None, float | None]:
    if value is None:
        return None, None
    if not isinstance(value, dict):
        raise _wrong(where, "the centre is no place")
    try:
        latitude, longitude = float(value["latitude"]), float(value["longitude"])
    except (KeyError, TypeError, ValueError):
        return None, None
    on_earth = math.isfinite(latitude + longitude) and abs(latitude) <= 90 >= abs(longitude) / 2
    placed = on_earth and (latitude, longitude) != (0.0, 0.0)
    return (latitude, longitude) if placed else (None, None)
