"""A release is verified where it lies: in a zip that nobody vouches for, or on the web."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import threading
import warnings
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openbeat.errors import InputError, SourceUnreachableError
from openbeat.release import remote as remote_module
from openbeat.release import zipped as zipped_module
from openbeat.release.bundle import write_zip
from openbeat.release.integrity import content_digest
from openbeat.release.remote import Verdict, verify_at, verify_folder
from openbeat.release.settings import Signing
from openbeat.release.signing import sign
from tests.openbeat.release.keys import made

ID = "2025-06-r1"
PARQUET = "tables/sightings.parquet"
Alter = Callable[[Path], object]


def kinds(verdict: Verdict) -> set[tuple[str, str]]:
    return {(problem.path, problem.kind) for problem in verdict.problems}


def messages(verdict: Verdict) -> str:
    return "; ".join(problem.message for problem in verdict.problems)


@pytest.fixture(scope="session")
def plain(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small release without shapes, in the place and under the name it was published in."""
    return Path(shutil.copytree(written / "a1", tmp_path_factory.mktemp("plain") / ID))


@pytest.fixture
def folder(plain: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(plain, tmp_path / ID))


@pytest.fixture
def key(tmp_path: Path) -> Signing:
    return made(tmp_path, "ours")


def packed(folder: Path, path: Path, top: str = "") -> Path:
    """A zip as anybody's tool would make it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, f"{top}{file.relative_to(folder)}")
    return path


# --- folders ----------------------------------------------------------------------------------


def test_a_whole_folder_of_any_name_passes(folder: Path, tmp_path: Path) -> None:
    moved = folder.rename(tmp_path / "what I downloaded")
    assert verify_at(str(moved)) == Verdict(ID, (), content_digest(moved), signed=False)


def test_a_release_under_the_name_of_another_shows(folder: Path, tmp_path: Path) -> None:
    moved = folder.rename(tmp_path / "2025-06-r2")
    found = verify_at(str(moved))
    assert kinds(found) == {("datapackage.json", "name")}
    assert messages(found) == "says that this is release 2025-06-r1, not 2025-06-r2"


def test_the_link_to_the_latest_is_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "latest").symlink_to(folder, target_is_directory=True)
    assert verify_at(str(tmp_path / "latest")).problems == ()


def test_one_who_gives_a_key_is_told_of_no_signature_and_of_a_wrong_one(
    folder: Path, key: Signing
) -> None:
    assert kinds(verify_at(str(folder), key.public_key)) == {("SHA256SUMS.minisig", "unsigned")}
    sign(folder, key)
    assert verify_at(str(folder), key.public_key) == Verdict(
        ID, (), content_digest(folder), signed=True
    )
    (folder / "SHA256SUMS").write_bytes((folder / "SHA256SUMS").read_bytes()[:-1])
    assert {k for _, k in kinds(verify_at(str(folder), key.public_key))} == {
        "malformed",
        "signature",
    }


def test_what_was_published_under_the_name_is_pinned(folder: Path) -> None:
    sums = hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()
    assert verify_folder(folder, sums_sha256=sums).problems == ()
    assert kinds(verify_folder(folder, sums_sha256="0" * 64)) == {("SHA256SUMS", "pin")}


def test_a_place_where_nothing_is_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.zip: there is no such folder or zip"):
        verify_at(str(tmp_path / "gone.zip"))


# --- zips -------------------------------------------------------------------------------------


def test_the_zip_beside_a_release_passes(folder: Path, tmp_path: Path, key: Signing) -> None:
    sign(folder, key)
    write_zip(folder, tmp_path / f"{ID}.zip")
    found = verify_at(str(tmp_path / f"{ID}.zip"), key.public_key)
    assert found == Verdict(ID, (), content_digest(folder), signed=True)


@pytest.mark.parametrize("top", ["", "some folder/"])
def test_a_zip_that_somebody_else_made_passes(folder: Path, tmp_path: Path, top: str) -> None:
    assert verify_at(str(packed(folder, tmp_path / "mine.zip", top))).problems == ()


def test_a_changed_file_in_a_zip_shows(folder: Path, tmp_path: Path) -> None:
    (folder / "quality.json").write_text("[]")
    found = verify_at(str(packed(folder, tmp_path / "mine.zip")))
    assert ("quality.json", "hash") in kinds(found)
    assert found.content_sha256 == ""


@pytest.mark.parametrize("top", ["2025-06-r2/", "openbeat-2025-06-r2/"])
def test_a_zip_of_another_release_shows(folder: Path, tmp_path: Path, top: str) -> None:
    assert kinds(verify_at(str(packed(folder, tmp_path / "mine.zip", top)))) == {
        ("datapackage.json", "name")
    }
    assert kinds(verify_at(str(packed(folder, tmp_path / "2025-06-r2.zip")))) == {
        ("datapackage.json", "name")
    }
    named = packed(folder, tmp_path / f"{ID}.zip", top)
    assert kinds(verify_at(str(named))) == {(f"{ID}.zip", "name")}


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_a_zip_cut_short_shows(folder: Path, tmp_path: Path, share: float) -> None:
    file = packed(folder, tmp_path / "mine.zip")
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * share)])
    found = verify_at(str(file))
    assert kinds(found) == {("mine.zip", "archive")}
    assert messages(found) == "is no zip, or is cut short"


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(where=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_no_altered_byte_of_a_zip_changes_what_is_read_without_showing(
    plain: Path, tmp_path: Path, where: float, flip: int
) -> None:
    file = packed(plain, tmp_path / "mine.zip")
    data = bytearray(file.read_bytes())
    data[int(len(data) * where)] ^= flip
    file.write_bytes(data)
    found = verify_at(str(file))  # dates and the like may change; what is read may not
    assert found.problems or found.content_sha256 == content_digest(plain)


def test_a_zip_with_two_files_of_a_name_is_not_unpacked(folder: Path, tmp_path: Path) -> None:
    file = packed(folder, tmp_path / "mine.zip")
    with warnings.catch_warnings(), zipfile.ZipFile(file, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("README.md", "another")
        archive.writestr("Quality.JSON", "another where capitals mean nothing")
    found = verify_at(str(file))
    assert kinds(found) == {("mine.zip", "archive")}
    assert "holds 'readme.md' 2 times" in messages(found)
    assert "holds 'quality.json' 2 times" in messages(found)


@pytest.mark.parametrize(
    "name",
    ["../outside", "/outside", "tables/../../outside", "..\\outside", "C:outside", "a//b", "a\nb"],
)
def test_a_zip_that_reaches_out_is_not_unpacked(folder: Path, tmp_path: Path, name: str) -> None:
    file = packed(folder, tmp_path / "mine.zip")
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), "text")
    before = sorted(tmp_path.rglob("*"))
    found = verify_at(str(file))
    assert "which is no plain path inside it" in messages(found)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_zip_with_a_link_or_a_password_is_not_unpacked(folder: Path, tmp_path: Path) -> None:
    file = packed(folder, tmp_path / "mine.zip")
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(link, "/etc/hostname")
        archive.writestr("rare", "text", compress_type=zipfile.ZIP_LZMA)
    found = verify_at(str(file))
    assert "holds 'link', a link" in messages(found)
    assert "holds 'rare', which is encrypted or packed in a rare way" in messages(found)


def test_a_zip_made_to_fill_the_disk_is_not_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "bomb.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("SHA256SUMS", b"0" * (zipped_module.SMALL + 1))
    assert "which no release has" in messages(verify_at(str(file)))


def test_a_zip_that_holds_more_than_it_says_shows(folder: Path, tmp_path: Path) -> None:
    (folder / "quality.json").write_bytes(b"0" * 100_000)
    file = packed(folder, tmp_path / "mine.zip")
    data = file.read_bytes()
    assert data.count(struct.pack("<L", 100_000)) == 2
    file.write_bytes(data.replace(struct.pack("<L", 100_000), struct.pack("<L", 10)))
    assert messages(verify_at(str(file))) == "quality.json in it is damaged"


def test_a_zip_too_large_for_the_disk_is_told(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(InputError, match=r"and 1,000 are free .* TMPDIR"):
        verify_at(str(packed(folder, tmp_path / "mine.zip")))


# --- addresses --------------------------------------------------------------------------------


class Site:
    """A web server of a folder that can be busy, break off, or call a gzip file an encoding."""

    def __init__(self, root: Path) -> None:
        self.faults: dict[str, list[str]] = {}
        self.asked: list[str] = []
        site = self

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_arguments: object) -> None:
                pass

            def do_GET(self) -> None:
                site.asked.append(self.path)
                faults = site.faults.get(self.path.rpartition("/")[2], [])
                fault = faults.pop(0) if faults else ""
                if fault.isdigit():
                    self.send_error(int(fault))
                elif fault == "cut":
                    data = (root / self.path.lstrip("/")).read_bytes()
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data[: len(data) // 2])
                else:
                    super().do_GET()

            def end_headers(self) -> None:
                if self.path.endswith(".gz"):
                    self.send_header("Content-Encoding", "gzip")
                super().end_headers()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root)))
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    site = Site(folder.parent)
    yield site
    site.stop()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def at(waits: list[float]) -> Callable[..., Verdict]:
    return partial(verify_at, sleep=waits.append)


@pytest.mark.parametrize("end", ["", "/", "/SHA256SUMS"])
def test_a_release_on_the_web_passes(
    site: Site, folder: Path, key: Signing, at: Callable[..., Verdict], end: str
) -> None:
    sign(folder, key)
    told: list[str] = []
    found = at(f"{site.url}/{ID}{end}", key.public_key, told.append)
    assert found == Verdict(ID, (), content_digest(folder), signed=True)
    assert PARQUET in told
    assert len(site.asked) == len(set(site.asked)) == len(told) + 1


def test_what_latest_points_to_is_held_against_its_pin(
    site: Site, folder: Path, at: Callable[..., Verdict]
) -> None:
    sums = hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()
    latest = folder.parent / "latest.json"
    latest.write_text(json.dumps({"id": ID, "path": ID, "sums_sha256": sums}))
    assert at(f"{site.url}/latest.json").problems == ()
    latest.write_text(json.dumps({"id": ID, "path": ID, "sums_sha256": "0" * 64}))
    assert kinds(at(f"{site.url}/latest.json")) == {("SHA256SUMS", "pin")}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"path": "../secret", "sums_sha256": ""}', "[" * 100_000]
)
def test_a_pointer_to_no_release_is_told(
    site: Site, folder: Path, at: Callable[..., Verdict], text: str
) -> None:
    (folder.parent / "latest.json").write_text(text)
    with pytest.raises(InputError, match=r"latest\.json: (does not point|points) to"):
        at(f"{site.url}/latest.json")


def test_a_zip_on_the_web_passes(site: Site, folder: Path, at: Callable[..., Verdict]) -> None:
    write_zip(folder, folder.parent / f"{ID}.zip")
    assert at(f"{site.url}/{ID}.zip") == Verdict(ID, (), content_digest(folder), signed=False)


@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        (lambda f: (f / "quality.json").write_text("[ ]"), ("quality.json", "hash")),
        (lambda f: (f / PARQUET).unlink(), (PARQUET, "missing")),
        (lambda f: (f / "datapackage.json").unlink(), ("datapackage.json", "missing")),
        (lambda f: (f / "SHA256SUMS").write_text("x"), ("SHA256SUMS", "malformed")),
    ],
)
def test_what_is_wrong_on_the_web_shows(
    site: Site, folder: Path, at: Callable[..., Verdict], alter: Alter, expected: tuple[str, str]
) -> None:
    alter(folder)
    assert expected in kinds(at(f"{site.url}/{ID}/"))


def test_another_release_under_an_address_shows(
    site: Site, folder: Path, at: Callable[..., Verdict]
) -> None:
    folder.rename(folder.parent / "2025-06-r7")
    assert kinds(at(f"{site.url}/2025-06-r7/")) == {("datapackage.json", "name")}


def test_a_gzip_file_is_taken_as_it_is_stored(
    site: Site, folder: Path, at: Callable[..., Verdict]
) -> None:
    import gzip

    file = folder / "more.csv.gz"
    file.write_bytes(gzip.compress(b"a\n1\n"))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    lines = [*(folder / "SHA256SUMS").read_text().splitlines(), f"{digest}  more.csv.gz"]
    text = "".join(f"{line}\n" for line in sorted(lines, key=lambda line: line[66:]))
    (folder / "SHA256SUMS").write_text(text)
    assert kinds(at(f"{site.url}/{ID}/")) == {("more.csv.gz", "undescribed")}


def test_a_busy_server_and_a_cut_transfer_are_asked_again(
    site: Site, at: Callable[..., Verdict], waits: list[float]
) -> None:
    site.faults = {"SHA256SUMS": ["503", "429"], "sightings.parquet": ["cut", "cut", "500"]}
    assert at(f"{site.url}/{ID}/").problems == ()
    assert waits == [2, 4, 2, 4, 8]


def test_a_server_that_stays_away_is_unreachable(
    site: Site, at: Callable[..., Verdict], waits: list[float]
) -> None:
    site.faults = {"sightings.parquet": ["cut"] * 4}
    with pytest.raises(SourceUnreachableError, match=r"sightings\.parquet: not fetched after 4"):
        at(f"{site.url}/{ID}/")
    assert waits == [2, 4, 8]
    site.stop()
    with pytest.raises(SourceUnreachableError, match=r"/SHA256SUMS: not fetched after 4 tries"):
        at(f"{site.url}/{ID}/")


def test_an_address_without_a_release_is_told_and_no_log_in_is_repeated(
    site: Site, at: Callable[..., Verdict]
) -> None:
    address = site.url.replace("://", "://user:secret@")
    with pytest.raises(InputError, match="or it was withdrawn") as error:
        at(f"{address}/2020-01-r1/")
    assert "secret" not in str(error.value)
    site.faults = {"SHA256SUMS": ["418"]}
    with pytest.raises(InputError, match="refuses with HTTP 418"):
        at(f"{site.url}/{ID}/")
    for wrong in ("ftp://example.org/x", "http:///x", "http://[::1/x", "http://a:b/x"):
        with pytest.raises(InputError, match="not an address to fetch from"):
            at(wrong)


def test_a_server_that_never_ends_is_stopped(
    site: Site, at: Callable[..., Verdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_module, "MOST_BYTES", 2000)
    with pytest.raises(InputError, match="is larger than any release"):
        at(f"{site.url}/{ID}/")


def test_nothing_that_was_fetched_stays(
    site: Site, folder: Path, at: Callable[..., Verdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = folder.parent / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    at(f"{site.url}/{ID}/")
    at(str(packed(folder, folder.parent / "mine.zip")))
    assert list(temporary.iterdir()) == []
