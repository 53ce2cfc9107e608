"""The feed of a neighbourhood (Atom, RFC 4287): answers that were given, and coming meetings.

Only the feed belongs here. Every date in it comes from the records: there is no clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

from openbeat.release.feed import ATOM, MEDIA_TYPE
from openbeat.release.settings import SUBSTITUTE
from openbeat.website import words
from openbeat.website.site.source import Site

Facts = Mapping[str, Any]
ANSWERS: Final = 20
"""How many answers a feed has at most, the newest: the others are in the data of the page."""
MEETINGS: Final = 20


def feed(site: Site, facts: Facts) -> str:
    """The feed of one place, newest first.

    Ids are ``urn:uuid:``, worked out from where the releases are served and the id of the record:
    they stay the same from release to release. A meeting is dated by the day it was announced, as
    far as that is known; the day that engagement is covered up to else.

    Args:
        site: The release.
        facts: As ``PlaceFacts`` gives them.
    """
    base, files = site.base_url or SUBSTITUTE, facts["files"]
    name = f"{facts['neighbourhood_name']}, {facts['force_name']}"
    as_of = facts["as_of"]
    entries = sorted(
        [
            *(_answer(site, facts, issue) for issue in facts["answered"][:ANSWERS]),
            *(_meeting(site, facts, event) for event in facts["coming_events"][:MEETINGS]),
        ],
        reverse=True,
    )
    parts = [
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="{ATOM}" xml:lang="en-GB">',
        f"<id>{_id(base, files['atom'])}</id>",
        f"<title>{_text(name)}: answers and meetings</title>",
        f"<updated>{_moment(as_of)}</updated>",
        f"<author><name>{_text(site.edition.publisher)}</name></author>",
        *_links(site, facts),
        *(text for _day, _key, text in entries),
        "</feed>\n",
    ]
    return "\n".join(parts)


def _links(site: Site, facts: Facts) -> Iterator[str]:
    files = facts["files"]
    if site.base_url:
        href = quoteattr(site.address(files["atom"]))
        yield f'<link rel="self" type="{MEDIA_TYPE}" href={href}/>'
        yield f'<link rel="alternate" href={quoteattr(site.address(files["html"]))}/>'


def _answer(site: Site, facts: Facts, issue: Facts) -> tuple[str, str, str]:
    """Day, id and text of the entry of an issue that was answered."""
    title = ": ".join(filter(None, (issue["theme_label"] or "Issue", issue["status_label"])))
    said = [
        ("You said", issue["asked"]),
        ("We did", issue["action"] or issue["action_type_label"]),
        ("Result", issue["result"]),
        ("Why not", issue["reason_text"] or issue["reason_no_action_label"]),
    ]
    content = " ".join(f"{name}: {words.sentence(text)}" for name, text in said if text)
    return _entry(
        site, facts, issue["issue_id"], issue["answered_on"], title, content or title, "done"
    )


def _meeting(site: Site, facts: Facts, event: Facts) -> tuple[str, str, str]:
    when = (
        words.when(event["start_at"], event["end_at"])
        if event["start_at"]
        else words.day(event["event_date"])
    )
    announced = event["advertised_on"]
    day = announced if announced and announced <= facts["as_of"] else facts["as_of"]
    title = f"{event['title'] or event['method_label'] or 'Event'}, {when}"
    where = event["venue"] or ("Online" if event["online"] in (True, "yes") else "")
    content = " ".join(words.sentence(text) for text in (when, where, event["purpose"]) if text)
    return _entry(site, facts, event["event_id"], day, title, content, "meeting")


def _entry(
    site: Site, facts: Facts, identifier: str, day: str, title: str, content: str, part: str
) -> tuple[str, str, str]:
    base = site.base_url or SUBSTITUTE
    link = ""
    if site.base_url:
        link = f"<link href={quoteattr(site.address(facts['files']['html']) + '#' + part)}/>"
    made = _id(base, f"{facts['force_id']}/{identifier}")
    text = (
        f"<entry><id>{made}</id><title>{_text(title)}</title><updated>{_moment(day)}</updated>"
        f'{link}<content type="text">{_text(content)}</content></entry>'
    )
    return day, identifier, text


def _id(base: str, what: str) -> str:
    return uuid5(NAMESPACE_URL, f"{base}/{what}").urn


def _moment(day: str) -> str:
    return f"{day}T00:00:00Z"


def _text(text: str) -> str:
    """Text for XML, without the control characters that it has no place for."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return escape(text)
