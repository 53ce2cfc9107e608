"""``feed.atom``: the releases as an Atom feed (RFC 4287), from the list and each one's changelog.

Only the feed belongs here. It says nothing that the list and the changelogs do not; a withdrawn
or rolled back release keeps its entry, which then says so, and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

from openbeat.release.changelog import CHANGELOG, summary_of
from openbeat.release.listing import Release
from openbeat.release.settings import SUBSTITUTE

FEED = "feed.atom"
ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
EMPTY = "1970-01-01T00:00:00Z"
"""When a feed without entries was updated: RFC 4287 asks for a time, and nothing happened yet."""


def feed_text(
    root: Path,
    listed: Sequence[Release],
    *,
    title: str = "openbeat: releases",
    publisher: str = "openbeat",
    base_url: str = "",
) -> str:
    """The feed of a store's releases.

    Ids are ``urn:uuid:``, worked out from the checksum of a release: they stay the same wherever
    the releases are served.

    Args:
        root: The store, with the folders of the releases.
        listed: Every release, see ``listing.read_list``.
        title: Of the feed.
        publisher: Its author.
        base_url: Where the store is served; without it entries have no links.

    Returns:
        The XML, newest change first. The same list and changelogs give the same text.
    """
    entries = sorted(listed, key=lambda entry: (_updated(entry), entry.id), reverse=True)
    feed = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": "en-GB"})
    _text(feed, "id", uuid5(NAMESPACE_URL, f"{base_url or SUBSTITUTE}/{FEED}").urn)
    _text(feed, "title", title)
    _text(feed, "updated", _updated(entries[0]) if entries else EMPTY)
    _text(ElementTree.SubElement(feed, "author"), "name", publisher)
    if base_url:
        link = {"rel": "self", "type": MEDIA_TYPE, "href": f"{base_url}/{FEED}"}
        ElementTree.SubElement(feed, "link", link)
    feed.extend(_entry(root, entry, base_url) for entry in entries)
    ElementTree.indent(feed)
    text = ElementTree.tostring(feed, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _entry(root: Path, release: Release, base_url: str) -> ElementTree.Element:
    entry = ElementTree.Element("entry")
    said = "was withdrawn" if release.withdrawn else "was rolled back" * bool(release.rolled_back)
    _text(entry, "id", uuid5(NAMESPACE_URL, f"{release.id} {release.sums_sha256}").urn)
    _text(entry, "title", " ".join(["Release", release.id, said]).strip())
    _text(entry, "published", release.promoted_at)
    _text(entry, "updated", _updated(release))
    if base_url:
        page = "WITHDRAWN.md" if release.withdrawn else "README.md"
        for rel, name in (("alternate", page), *_related(release)):
            href = f"{base_url}/{release.path}/{name}"
            ElementTree.SubElement(entry, "link", {"rel": rel, "href": href})
    text = _withdrawn(release) if release.withdrawn else _published(root, release)
    ElementTree.SubElement(entry, "content", {"type": "text"}).text = _printable(text)
    return entry


def _related(release: Release) -> Iterator[tuple[str, str]]:
    if not release.withdrawn:
        yield from (("related", name) for name in (CHANGELOG, "datapackage.json"))


def _withdrawn(release: Release) -> str:
    by = f" by {release.withdrawn_by}" if release.withdrawn_by else ""
    return (
        f"Release {release.id} was withdrawn on {release.withdrawn_at}{by}. Reason:"
        f" {release.reason.rstrip('.')}. Please delete copies of it, and do not use or pass on its"
        " figures."
    )


def _published(root: Path, release: Release) -> str:
    text = _summary(root / release.path)
    if not release.rolled_back:
        return text
    return (
        f"Release {release.id} was rolled back on {release.rolled_back_at}. Reason:"
        f" {release.rolled_back.rstrip('.')}. It is still published, but it is not the latest: do"
        f" not use it for new work. What it said of itself: {text}"
    )


def _summary(folder: Path) -> str:
    """What a release says of itself; releases from before there was a changelog have none."""
    path = folder / CHANGELOG
    text = summary_of(path.read_text("utf-8")) if path.is_file() else ""
    return text or "A release without a changelog."


def _updated(release: Release) -> str:
    rolled_or_made = release.rolled_back_at or release.promoted_at
    return release.withdrawn_at if release.withdrawn else rolled_or_made


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _printable(text)


def _printable(text: str) -> str:
    """Without the control characters that XML has no place for."""
    return "".join(c if c.isprintable() or c in "\n\t" else " " for c in text)
