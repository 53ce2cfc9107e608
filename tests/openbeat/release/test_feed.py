"""The Atom feed of a store's releases."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from openbeat.release.feed import ATOM, feed_text
from openbeat.release.listing import Release

NAMES = {"": ATOM}


def release(number: int, **more: Any) -> Release:
    name = f"2025-06-r{number}"
    given: dict[str, Any] = {
        "id": name,
        "month": "2025-06",
        "path": name,
        "content_sha256": f"c{number}",
        "sums_sha256": f"s{number}",
        "promoted_at": f"2025-08-0{number}T09:30:00Z",
    }
    return Release(**given | more)


GONE = release(
    1,
    status="withdrawn",
    reason="A figure was wrong & <misleading>.",
    withdrawn_at="2025-08-05T10:00:00Z",
    withdrawn_by="Data team",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "2025-06-r2").mkdir()
    text = "# Release 2025-06-r2\n\nTwo cells were revised.\n\n## Revised\n\nmore\n"
    (tmp_path / "2025-06-r2" / "CHANGELOG.md").write_text(text, encoding="utf-8")
    return tmp_path


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text.encode())


def texts(element: ElementTree.Element, path: str) -> list[str | None]:
    return [found.text for found in element.findall(path, NAMES)]


def test_the_newest_change_comes_first_and_says_what_changed(root: Path) -> None:
    feed = parsed(feed_text(root, [release(1), release(2)]))
    assert texts(feed, "entry/title") == ["Release 2025-06-r2", "Release 2025-06-r1"]
    assert texts(feed, "entry/content")[0] == "Two cells were revised."
    assert texts(feed, "updated") == ["2025-08-02T09:30:00Z"]


def test_a_withdrawn_release_says_so_and_moves_up(root: Path) -> None:
    feed = parsed(feed_text(root, [GONE, release(2)]))
    first = feed.find("entry", NAMES)
    assert first is not None
    assert texts(first, "title") == ["Release 2025-06-r1 was withdrawn"]
    assert texts(first, "updated") == ["2025-08-05T10:00:00Z"]
    assert "A figure was wrong & <misleading>" in str(texts(first, "content")[0])
    assert texts(feed, "updated") == ["2025-08-05T10:00:00Z"]


def test_a_release_that_was_rolled_back_says_so_and_moves_up(root: Path) -> None:
    back = release(2, rolled_back="Of another month.", rolled_back_at="2025-08-06T10:00:00Z")
    first = parsed(feed_text(root, [back, release(3)])).find("entry", NAMES)
    assert first is not None
    assert texts(first, "title") == ["Release 2025-06-r2 was rolled back"]
    assert texts(first, "updated") == ["2025-08-06T10:00:00Z"]
    said = str(texts(first, "content")[0])
    assert "Reason: Of another month. It is still published, but it is not the latest" in said
    assert "Two cells were revised." in said


def test_an_entry_keeps_its_id_when_it_is_withdrawn_or_served_elsewhere(root: Path) -> None:
    def ids(*listed: Release, base_url: str = "") -> set[str | None]:
        return set(texts(parsed(feed_text(root, listed, base_url=base_url)), "entry/id"))

    assert ids(release(1)) == ids(GONE) == ids(release(1), base_url="https://data.example.org/r")
    assert len(ids(release(1), release(2))) == 2


@pytest.mark.parametrize("base_url", ["", "https://data.example.org/r"])
def test_every_element_that_rfc_4287_asks_for_is_there(root: Path, base_url: str) -> None:
    feed = parsed(feed_text(root, [GONE, release(2)], base_url=base_url, publisher="Avon"))
    for name in ("id", "title", "updated"):
        assert len(texts(feed, name)) == 1
        assert all(len(texts(entry, name)) == 1 for entry in feed.findall("entry", NAMES))
    assert texts(feed, "author/name") == ["Avon"]
    for entry in feed.findall("entry", NAMES):
        links = [link.attrib for link in entry.findall("link", NAMES)]
        assert all(link["href"].startswith(f"{base_url}/2025-06-r") for link in links)
        # Without an alternate link an entry must have its content.
        assert texts(entry, "content") != [None]
        assert [link["rel"] for link in links].count("alternate") == bool(base_url)


def test_a_feed_without_releases_is_a_feed_all_the_same(root: Path) -> None:
    feed = parsed(feed_text(root, []))
    assert feed.findall("entry", NAMES) == []
    assert len(texts(feed, "updated")) == 1


def test_the_same_list_gives_the_same_text(root: Path) -> None:
    listed = [GONE, release(2)]
    assert feed_text(root, listed) == feed_text(root, listed)
