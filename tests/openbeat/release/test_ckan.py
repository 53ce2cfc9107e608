"""The record in a CKAN catalogue, against a server that answers as CKAN's API is documented to.

https://docs.ckan.org/en/2.11/api/: an answer is ``{"help", "success", "result"}``; an error
``{"help", "success": false, "error": {"__type", ...}}`` with status 403, 404 or 409.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from openbeat.errors import InputError, SourceUnreachableError
from openbeat.release.bundle import write_zip
from openbeat.release.ckan import NONE, publish_record
from openbeat.release.promote import ReleaseStore
from openbeat.release.settings import Contact, ReleaseSettings, Target
from tests.openbeat.release.faults import MONTH, stage

Clock = Callable[[], datetime]
BASE = "https://data.example.org/releases"
SETTINGS = ReleaseSettings(base_url=BASE, contact=Contact(name="Open data", email="o@example.org"))
WHY = "A table was of another month."


@dataclasses.dataclass
class Site:
    """What a CKAN site holds, what it was asked, and what it is to answer next."""

    url: str = ""
    dataset: dict[str, Any] | None = None
    uploads: dict[str, bytes] = dataclasses.field(default_factory=dict)
    asked: list[str] = dataclasses.field(default_factory=list)
    failing: list[tuple[int, Any]] = dataclasses.field(default_factory=list)
    made: int = 0

    def target(self, **options: Any) -> Target:
        return Target(
            name="catalogue",
            kind="ckan",
            url=self.url,
            key_env="CKAN_KEY",
            organization="county-police",
            options=options,
        )

    def answer(self, action: str, sent: dict[str, Any]) -> tuple[int, Any]:
        self.asked.append(action)
        if self.failing:
            return self.failing.pop(0)
        return 200, getattr(self, action)(**sent)

    def package_show(self, *, id: str) -> Any:  # noqa: A002
        return self.dataset if self.dataset and id in (self.dataset["name"], "d1") else None

    def package_create(self, **fields: Any) -> Any:
        assert self.dataset is None
        self.dataset = {"id": "d1", "maintainer": None, "resources": []}
        return self.package_patch(id="d1", **fields)

    def package_patch(self, *, id: str, **fields: Any) -> Any:  # noqa: A002
        assert self.dataset is not None
        assert id == self.dataset["id"]
        resources = fields.pop("resources", self.dataset["resources"])
        self.dataset |= fields | {"resources": [self.kept(resource) for resource in resources]}
        return self.dataset

    def kept(self, resource: dict[str, Any]) -> dict[str, Any]:
        self.made += "id" not in resource
        return {"id": f"r{self.made}", "position": 0, "cache_url": None} | resource

    def resource_create(self, package_id: str, upload: bytes, **fields: Any) -> Any:
        assert self.dataset is not None
        resource = self.kept(fields)
        self.dataset["resources"].append(resource)
        self.uploads[resource["id"]] = upload
        return resource

    def resource_patch(self, *, id: str, upload: bytes, **fields: Any) -> Any:  # noqa: A002
        assert self.dataset is not None
        (resource,) = [r for r in self.dataset["resources"] if r["id"] == id]
        resource |= fields
        self.uploads[id] = upload
        return resource

    def resource_delete(self, *, id: str) -> Any:  # noqa: A002
        assert self.dataset is not None
        self.dataset["resources"] = [r for r in self.dataset["resources"] if r["id"] != id]
        del self.uploads[id]

    def resource(self, name: str) -> dict[str, Any]:
        assert self.dataset is not None
        (found,) = [r for r in self.dataset["resources"] if r["name"] == name]
        return dict(found)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    held = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Authorization"] == "sesame"
            sent = _sent(str(self.headers["Content-Type"]), body)
            status, told = held.answer(self.path.removeprefix("/api/action/"), sent)
            if status == 200 and told is None and "show" in self.path:
                status, told = 404, {"__type": "Not Found Error", "message": "Not found"}
            answer = {"help": "https://docs.ckan.org", "success": status == 200}
            data = (
                told.encode()
                if isinstance(told, str)
                else json.dumps(answer | {"result" if status == 200 else "error": told}).encode()
            )
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    held.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("CKAN_KEY", "sesame")
    yield held
    server.shutdown()
    server.server_close()
    thread.join()


def _sent(kind: str, body: bytes) -> dict[str, Any]:
    """What a request holds: JSON, or a form with a file, as ckanapi sends it."""
    if kind.startswith("application/json"):
        return dict(json.loads(body))
    parts = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    sent: dict[str, Any] = {}
    for part in parts.get_payload():  # type: ignore[union-attr]
        name = re.findall(r'name="([^"]+)"', str(part["Content-Disposition"]))[0]  # type: ignore[index]
        data = part.get_payload(decode=True)  # type: ignore[union-attr]
        sent[name] = data if name == "upload" else data.decode()  # type: ignore[union-attr]
    return sent


@pytest.fixture
def two(store: ReleaseStore, written: Path, clock: Clock) -> ReleaseStore:
    store.publish(stage(store, written, "b2"), MONTH, clock)
    for release in store.list():
        write_zip(store.path(release), store.root / f"{release.id}.zip")
    return store


def put(store: ReleaseStore, target: Target, settings: ReleaseSettings = SETTINGS) -> bool:
    return publish_record(store.root, target, settings, wait=lambda _seconds: None)


def test_a_dataset_with_links_to_every_file_of_the_latest(two: ReleaseStore, site: Site) -> None:
    assert put(two, site.target())
    assert site.asked == ["package_show", "package_create"]
    assert site.dataset is not None
    assert {key: site.dataset[key] for key in ("name", "version", "license_id", "owner_org")} == {
        "name": "openbeat",
        "version": "2025-06-r2",
        "license_id": "uk-ogl",
        "owner_org": "county-police",
    }
    assert site.dataset["maintainer_email"] == "o@example.org"
    archive = two.root / "2025-06-r2.zip"
    assert site.resource("all.zip")["url"] == f"{BASE}/2025-06-r2.zip"
    assert site.resource("all.zip")["size"] == archive.stat().st_size
    table = site.resource("tables/sightings.csv")
    assert table["url"] == f"{BASE}/2025-06-r2/tables/sightings.csv"
    assert (table["format"], table["mimetype"]) == ("CSV", "text/csv")
    sums = (two.root / "2025-06-r2/SHA256SUMS").read_text()
    assert f"{table['hash'].removeprefix('sha256:')}  tables/sightings.csv" in sums


def test_doing_it_again_changes_nothing(two: ReleaseStore, site: Site) -> None:
    put(two, site.target())
    site.asked.clear()
    assert not put(two, site.target())
    assert site.asked == ["package_show"]


def test_a_format_in_ckans_own_capitals_is_no_change(two: ReleaseStore, site: Site) -> None:
    put(two, site.target())
    assert site.dataset is not None
    for resource in site.dataset["resources"]:
        resource["format"] = {"PARQUET": "Parquet"}.get(resource["format"], resource["format"])
    assert "Parquet" in {resource["format"] for resource in site.dataset["resources"]}
    assert not put(two, site.target())


def test_links_to_files_that_did_not_get_there_are_not_made(
    two: ReleaseStore, written: Path, clock: Clock, site: Site
) -> None:
    def unserved() -> bool:
        return publish_record(
            two.root, site.target(), SETTINGS, served=False, wait=lambda _seconds: None
        )

    with pytest.raises(SourceUnreachableError, match="target catalogue: left as it is"):
        unserved()
    assert site.dataset is None
    put(two, site.target())
    two.publish(stage(two, written, "c3"), MONTH, clock)
    with pytest.raises(SourceUnreachableError, match="left as it is"):
        unserved()
    assert site.asked[-1] == "package_show"
    two.withdraw("2025-06-r2", WHY, clock)
    assert unserved()  # no link to what was withdrawn stays
    assert site.resource("tables/sightings.csv")["url"].startswith(f"{BASE}/2025-06-r3/")


def test_the_next_release_keeps_the_ids_of_the_resources(
    two: ReleaseStore, written: Path, clock: Clock, site: Site
) -> None:
    put(two, site.target())
    before = site.resource("tables/sightings.csv")
    two.publish(stage(two, written, "c3"), MONTH, clock)
    assert put(two, site.target())
    assert site.asked[-1] == "package_patch"
    after = site.resource("tables/sightings.csv")
    assert (after["id"], after["url"]) == (before["id"], before["url"].replace("-r2/", "-r3/"))


def test_a_rollback_and_a_withdrawal_are_followed(
    two: ReleaseStore, clock: Clock, site: Site
) -> None:
    put(two, site.target())
    assert site.dataset is not None
    two.rollback("2025-06-r1", WHY, clock)
    assert put(two, site.target())
    assert site.dataset["version"] == "2025-06-r1"
    for name in ("2025-06-r1", "2025-06-r2"):
        two.withdraw(name, WHY, clock)
    assert put(two, site.target())
    assert site.dataset["resources"] == []
    assert (site.dataset["notes"], site.dataset["version"]) == (NONE, "")
    assert not put(two, site.target())


def test_files_are_uploaded_where_that_is_asked_for(
    two: ReleaseStore, written: Path, clock: Clock, site: Site
) -> None:
    target, settings = site.target(upload=True, dataset="crime"), ReleaseSettings()
    assert put(two, target, settings)
    assert site.dataset is not None
    assert (site.dataset["name"], site.dataset["version"]) == ("crime", "2025-06-r2")
    assert site.asked[-1] == "package_patch"  # the version is said once the files are there
    table = site.resource("tables/sightings.csv")["id"]
    assert site.uploads[table] == (two.root / "latest/tables/sightings.csv").read_bytes()
    assert not put(two, target, settings)
    site.asked.clear()
    (two.root / "2025-06-r2.zip").unlink()
    two.publish(stage(two, written, "c3"), MONTH, clock)
    assert put(two, target, settings)
    # The table is as it was, the pages name another release, and there is no zip of it yet.
    assert site.resource("tables/sightings.csv")["id"] == table
    assert "resource_patch" in site.asked
    assert "resource_create" not in site.asked
    assert site.asked[-2:] == ["resource_delete", "package_patch"]


def test_an_upload_that_was_cut_short_goes_on(two: ReleaseStore, site: Site) -> None:
    target = site.target(upload=True)
    real, count = site.resource_create, [0]

    def failing(**fields: Any) -> Any:
        count[0] += 1
        if count[0] == 3:
            site.failing = [(502, "<html>Bad gateway</html>")]
        return real(**fields)

    site.resource_create = failing  # type: ignore[assignment,method-assign]
    with pytest.raises(SourceUnreachableError, match="catalogue: resource_create: HTTP 502"):
        put(two, target)
    assert site.dataset is not None
    assert site.dataset["version"] == ""
    there = len(site.dataset["resources"])
    assert put(two, target)
    names = [resource["name"] for resource in site.dataset["resources"]]
    assert len(names) == len(set(names)) > there
    assert site.dataset["version"] == "2025-06-r2"


def test_a_replacement_that_was_cut_short_is_no_version(
    two: ReleaseStore, written: Path, clock: Clock, site: Site
) -> None:
    target = site.target(upload=True)
    put(two, target)
    two.publish(stage(two, written, "c3"), MONTH, clock)
    real = site.resource_patch

    def failing(**fields: Any) -> Any:
        site.failing = [(502, "busy")] * 4
        return real(**fields)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site, "resource_patch", failing)
        with pytest.raises(SourceUnreachableError, match="catalogue: resource_patch"):
            put(two, target)
    assert site.dataset is not None
    assert site.dataset["version"] == ""
    assert put(two, target)
    assert site.dataset["version"] == "2025-06-r3"
    assert not put(two, target)


DENIED = {"__type": "Authorization Error", "message": "Access denied: may not create packages"}
TAKEN = {"__type": "Validation Error", "name": ["That URL is already in use."]}


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (403, DENIED, r"refused package_show: the key may not do that \(Access denied.*Mend: give"),
        (409, TAKEN, "refused package_show: name: That URL is already in use"),
        (404, "<html>Not here</html>", "HTTP 404, and not as CKAN does.*correct its url"),
        (301, "", "HTTP 301, and not as CKAN does.*no redirect"),
        (200, "<html>Welcome</html>", "HTTP 200, and not as CKAN does"),
        (400, json.dumps({"success": False, "error": "Bad"}), "is no CKAN site"),
    ],
)
def test_what_is_refused_is_said_in_words(
    two: ReleaseStore, site: Site, status: int, answer: Any, said: str
) -> None:
    site.failing = [(status, answer)]
    with pytest.raises(InputError, match=f"target catalogue .*{said}"):
        put(two, site.target())
    assert site.asked == ["package_show"]


def test_a_passing_fault_is_tried_again(two: ReleaseStore, site: Site) -> None:
    site.failing = [(503, "busy"), (429, "slow down")]
    assert put(two, site.target())
    assert site.asked[:3] == ["package_show"] * 3
    site.failing = [(503, "busy")] * 10
    with pytest.raises(SourceUnreachableError, match="catalogue: package_show: HTTP 503"):
        put(two, site.target())


def test_a_site_that_does_not_answer_is_said(two: ReleaseStore, site: Site) -> None:
    target = site.target().model_copy(update={"url": "http://127.0.0.1:9"})
    with pytest.raises(SourceUnreachableError, match=r"no answer \(ConnectionError\)"):
        put(two, target)


def test_what_is_not_configured_is_said(
    two: ReleaseStore, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=r"Mend: set release\.base_url"):
        put(two, site.target(), ReleaseSettings())
    monkeypatch.delenv("CKAN_KEY")
    with pytest.raises(InputError, match="environment variable CKAN_KEY"):
        put(two, site.target())
    with pytest.raises(InputError, match="set the target's key_env"):
        put(two, site.target().model_copy(update={"key_env": None}))
    assert site.asked == []


def test_without_its_library_what_to_install_is_said(
    two: ReleaseStore, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ckanapi", None)
    with pytest.raises(InputError, match="Mend: install the extra ckan of openbeat"):
        put(two, site.target())
