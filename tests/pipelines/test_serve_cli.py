"""``openbeat serve`` shows a release's website on this machine, and nothing that is not public."""

from __future__ import annotations

import gzip
import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from openbeat.errors import InputError
from pipelines.cli import app
from pipelines.preview import Preview
from pipelines.serve_cli import preview

ID, LATER = "2025-05-r1", "2025-06-r1"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Browser:
    """Asks a server, with paths as they stand."""

    def __init__(self, server: Preview) -> None:
        self.server = server

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        asking = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=10)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asking.request(method, path, headers=named)
        told = asking.getresponse()
        body = told.read()
        asking.close()
        return Answer(told.status, dict(told.getheaders()), body)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with a release, its packs, what is not public, and a release that waits."""
    root = tmp_path / "releases"
    for release in (root / ID, root / ".waiting" / LATER):
        page = f"<!DOCTYPE html><title>{release.name}</title>{'x' * 2000}"
        _write(release / "site" / "index.html", page.encode())
        _write(release / "site" / "assets" / "site.css", b"body{}")
        _write(release / "tables" / "crime.csv", "month\r\nŵ\r\n".encode())
        _write(release / "tables" / "crime.parquet", bytes(range(256)) * 4)
    _write(root / f"{ID}.packs" / "northmere" / "N 1.html", b"pack")
    for ending in ("json", "jsonld", "atom", "ics", "pmtiles", "js", "html"):
        _write(root / ID / f"some.{ending}", b"{}")
    _write(root / ID / "SHA256SUMS", b"0")
    _write(root / "approvals.json", b"[]")
    _write(tmp_path / "secret.txt", b"secret")
    (root / ID / "out").symlink_to(tmp_path)
    (root / "latest").symlink_to(ID)
    entry = {"id": ID, "month": ID[:7], "path": ID, "promoted_at": "2025-06-20T00:00:00Z"}
    entry |= {"content_sha256": "0" * 64, "sums_sha256": "0" * 64}
    (root / "releases.json").write_text(json.dumps([entry]))
    return root


def _started(server: Preview) -> Iterator[Browser]:
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Browser(server)
        server.shutdown()
        thread.join()


@pytest.fixture
def browser(store: Path) -> Iterator[Browser]:
    yield from _started(preview(store, "latest", 0))


@pytest.fixture
def waiting(store: Path) -> Iterator[Browser]:
    yield from _started(preview(store, "waiting", 0))


def test_the_address_leads_to_the_website_of_the_release(browser: Browser) -> None:
    first = browser.get("/")
    assert (first.status, first.headers["Location"]) == (302, f"/{ID}/site/index.html")
    page = browser.get(first.headers["Location"])
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert ID.encode() in page.body
    assert browser.get("/latest/site/index.html").body == page.body


def test_what_pages_link_to_beside_the_release_is_there(browser: Browser) -> None:
    assert browser.get(f"/{ID}.packs/northmere/N%201.html").body == b"pack"
    assert browser.get("/releases.json").status == 200


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/%2e%2e/secret.txt", f"/{ID}/../../secret.txt", "//secret.txt",
     f"/{ID}/..%2f..%2fsecret.txt", "/..%5csecret.txt", f"/{ID}/out/secret.txt", "/approvals.json",
     f"/{ID}/%2e%2e/approvals.json", f"/.waiting/{LATER}/site/index.html", "/a%00b",
     f"/{LATER}/site/index.html", f"/{ID}/", f"/{ID}/tables", f"/{ID}/tables/", "/no-such.html",
     f"/{ID}/site/index.html/x", "/" + "a" * 300],
)  # fmt: skip
def test_nothing_but_public_files_is_handed_out_and_no_folder_is_listed(
    browser: Browser, path: str
) -> None:
    answer = browser.get(path)
    assert answer.status == 404
    assert b"secret" not in answer.body
    assert b'<a href="/">' in answer.body


def test_a_folder_with_a_first_page_shows_it(browser: Browser) -> None:
    moved = browser.get(f"/{ID}/site")
    assert (moved.status, moved.headers["Location"]) == (302, f"/{ID}/site/")
    assert browser.get(f"/{ID}/site/").status == 200
    # An address that begins with two slashes would lead to another host.
    assert browser.get(f"//{ID}/site").headers["Location"] == f"/{ID}/site/"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("some.js", "text/javascript; charset=utf-8"),
        ("some.json", "application/json; charset=utf-8"),
        ("some.jsonld", "application/ld+json; charset=utf-8"),
        ("some.atom", "application/atom+xml; charset=utf-8"),
        ("some.ics", "text/calendar; charset=utf-8"),
        ("some.pmtiles", "application/vnd.pmtiles"),
        ("tables/crime.csv", "text/csv; charset=utf-8"),
        ("tables/crime.parquet", "application/vnd.apache.parquet"),
        ("site/assets/site.css", "text/css; charset=utf-8"),
        ("SHA256SUMS", "text/plain; charset=utf-8"),
    ],
)
def test_a_file_has_its_media_type(browser: Browser, name: str, kind: str) -> None:
    assert browser.get(f"/{ID}/{name}").headers["Content-Type"] == kind


def test_other_websites_may_read_data_but_not_pages(browser: Browser) -> None:
    allowed = "Access-Control-Allow-Origin"
    assert browser.get(f"/{ID}/tables/crime.parquet").headers[allowed] == "*"
    assert allowed not in browser.get(f"/{ID}/site/index.html").headers


def test_text_is_sent_packed_to_a_browser_that_takes_it(browser: Browser) -> None:
    path = f"/{ID}/site/index.html"
    plain, packed = browser.get(path), browser.get(path, Accept_Encoding="br, gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body)
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    parquet = browser.get(f"/{ID}/tables/crime.parquet", Accept_Encoding="gzip")
    assert "Content-Encoding" not in parquet.headers


def test_what_a_browser_has_is_not_sent_again(browser: Browser, store: Path) -> None:
    path = f"/{ID}/tables/crime.csv"
    first = browser.get(path)
    for known in (
        {"If_None_Match": first.headers["ETag"]},
        {"If_None_Match": f'"other", W/{first.headers["ETag"]}'},
        {"If_Modified_Since": first.headers["Last-Modified"]},
    ):
        again = browser.get(path, **known)
        assert (again.status, again.body) == (304, b"")
    (store / ID / "tables" / "crime.csv").write_text("changed, and longer than it was")
    assert browser.get(path, If_None_Match=first.headers["ETag"]).status == 200


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [("bytes=0-9", 0, 10), ("bytes=1000-", 1000, 1024), ("bytes=-24", 1000, 1024),
     ("bytes=1000-5000", 1000, 1024), ("bytes=-5000", 0, 1024), ("bytes=1023-1023", 1023, 1024)],
)  # fmt: skip
def test_a_part_of_a_file_can_be_asked_for(
    browser: Browser, asked: str, begin: int, end: int
) -> None:
    answer = browser.get(f"/{ID}/tables/crime.parquet", Range=asked, Accept_Encoding="gzip")
    assert answer.status == 206
    assert answer.body == (bytes(range(256)) * 4)[begin:end]
    assert answer.headers["Content-Range"] == f"bytes {begin}-{end - 1}/1024"
    assert answer.headers["Content-Length"] == str(end - begin)


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=0-1,5-6", "items=0-1", "bytes=-", "x"])
def test_a_range_that_is_not_understood_gives_the_whole(browser: Browser, asked: str) -> None:
    answer = browser.get(f"/{ID}/tables/crime.parquet", Range=asked)
    assert (answer.status, len(answer.body)) == (200, 1024)


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_beyond_the_file_is_refused_with_its_length(browser: Browser, asked: str) -> None:
    answer = browser.get(f"/{ID}/tables/crime.parquet", Range=asked)
    assert (answer.status, answer.headers["Content-Range"]) == (416, "bytes */1024")


def test_a_part_of_a_file_that_changed_since_is_sent_whole(browser: Browser) -> None:
    path = f"/{ID}/tables/crime.parquet"
    tag = browser.get(path).headers["ETag"]
    assert browser.get(path, Range="bytes=0-9", If_Range=tag).status == 206
    assert browser.get(path, Range="bytes=0-9", If_Range='"older"').status == 200


def test_head_says_what_get_would_send(browser: Browser) -> None:
    path = f"/{ID}/tables/crime.parquet"
    head = browser.get(path, method="HEAD")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", "1024")
    assert browser.get(path, method="POST").status == 501


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_a_name_that_is_not_this_machines_is_refused(browser: Browser, host: str) -> None:
    answer = browser.get(f"/{ID}/site/index.html", Host=host)
    assert answer.status == 421
    assert ID.encode() not in answer.body


def test_it_listens_on_this_machine_only(browser: Browser) -> None:
    assert browser.server.server_address[0] == "127.0.0.1"
    assert browser.server.address.startswith("http://127.0.0.1:")


def test_what_waits_for_approval_is_shown_where_it_will_be(waiting: Browser) -> None:
    first = waiting.get("/").headers["Location"]
    assert first == f"/{LATER}/site/index.html"
    assert LATER.encode() in waiting.get(first).body
    assert waiting.get(f"/{ID}/site/index.html").status == 200
    for path in (f"/.waiting/{LATER}/site/index.html", f"/{LATER}/../../approvals.json"):
        assert waiting.get(path).status == 404


def test_other_websites_read_nothing_while_one_that_waits_is_shown(waiting: Browser) -> None:
    headers = waiting.get(f"/{LATER}/tables/crime.parquet").headers
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize(
    ("name", "what"),
    [("2019-01-r1", "there is no such release"), (ID, "has no website"), ("waiting", "waits for")],
)
def test_what_cannot_be_shown_is_said(tmp_path: Path, store: Path, name: str, what: str) -> None:
    (store / ID / "site" / "index.html").unlink()
    (store / ".waiting").rename(tmp_path / "gone")
    with pytest.raises(InputError, match=what):
        preview(store, name, 0)


def test_a_port_that_is_taken_is_said(browser: Browser, store: Path) -> None:
    with pytest.raises(InputError, match="choose one with --port"):
        preview(store, "latest", browser.server.server_port)


def test_the_command_says_the_address_and_ends_when_asked(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_server: Preview) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Preview, "serve_forever", stopped)
    said = CliRunner().invoke(app, ["serve", "--out", str(store.parent), "--port", "0"])
    assert said.exit_code == 0, said.output
    assert "The website is at http://127.0.0.1:" in said.output
    none = CliRunner().invoke(app, ["serve", "--out", str(store.parent / "empty")])
    assert none.exit_code == 2
    assert "there is no release yet" in none.output
