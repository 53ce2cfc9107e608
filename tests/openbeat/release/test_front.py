"""The front door: it leads to the newest release's website, and is gone where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from openbeat.release.front import FRONT, front_page
from openbeat.release.listing import Release
from openbeat.release.promote import ReleaseStore
from openbeat.release.settings import Target
from openbeat.release.targets import copy_releases

NEWEST = Release("2025-06-r2", "2025-06", "2025-06-r2", "0" * 64, "1" * 64, "2025-08-01T00:00:00Z")


def test_it_leads_to_the_website_of_the_newest_release(tmp_path: Path) -> None:
    site = tmp_path / "2025-06-r2/site"
    site.mkdir(parents=True)
    (site / "index.html").write_text("x", encoding="utf-8")
    text = front_page(tmp_path, NEWEST, "A & B <office>")
    assert text is not None
    assert text.count("2025-06-r2/site/index.html") == 2
    assert "<title>A &amp; B &lt;office&gt;</title>" in text


def test_a_release_without_a_website_has_no_front_door(tmp_path: Path) -> None:
    (tmp_path / "2025-06-r2").mkdir()
    assert front_page(tmp_path, NEWEST, "A") is None
    assert front_page(tmp_path, None, "A") is None


@pytest.mark.parametrize("website", [True, False])
def test_a_front_page_that_somebody_else_wrote_stays(
    store: ReleaseStore, tmp_path: Path, website: bool
) -> None:
    public = tmp_path / "public"
    public.mkdir()
    (public / FRONT).write_text("<h1>Our own page</h1>", encoding="utf-8")
    (release,) = store.list()
    if website:
        (store.path(release) / "site").mkdir()
        (store.path(release) / "site" / FRONT).write_text("x", encoding="utf-8")
        text = front_page(store.root, release, "A")
        assert text is not None
        (store.root / FRONT).write_text(text, encoding="utf-8")
    copy_releases(store.root, Target(name="public", url=str(public)))
    assert (public / FRONT).read_text("utf-8") == "<h1>Our own page</h1>"


def test_our_front_page_goes_with_the_website_it_leads_to(
    store: ReleaseStore, tmp_path: Path
) -> None:
    target = Target(name="public", url=str(tmp_path / "public"))
    (release,) = store.list()
    page = store.path(release) / "site" / FRONT
    page.parent.mkdir()
    page.write_text("x", encoding="utf-8")
    text = front_page(store.root, release, "A")
    assert text is not None
    (store.root / FRONT).write_text(text, encoding="utf-8")
    copy_releases(store.root, target)
    assert (tmp_path / "public" / FRONT).read_text("utf-8") == text
    (store.root / FRONT).unlink()
    copy_releases(store.root, target)
    assert not (tmp_path / "public" / FRONT).exists()
