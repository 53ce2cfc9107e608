"""Copies elsewhere: whole, never another's bytes, ``latest`` last, and none of what was withdrawn.

The same tests run on a folder and on an S3 server.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import fsspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openbeat.errors import InputError, SourceUnreachableError
from openbeat.release.bundle import write_zip
from openbeat.release.integrity import verify
from openbeat.release.place import TRIES, Place, media_type
from openbeat.release.promote import ReleaseStore
from openbeat.release.settings import Target
from openbeat.release.targets import copy_releases
from tests.openbeat.release.faults import MONTH, Killed, stage

Clock = Callable[[], datetime]
WHY = "A table was of another month."


class There:
    """A target, looked at from outside."""

    def __init__(self, url: str) -> None:
        self.target = Target(name="public", url=url)
        self.fs, self.root = fsspec.core.url_to_fs(url, use_listings_cache=False)

    def files(self) -> dict[str, bytes]:
        found = self.fs.find(self.root) if self.fs.exists(self.root) else []
        names = {path.removeprefix(f"{self.root}/"): path for path in found}
        data = self.fs.cat([at for name, at in names.items() if name != "latest"]) if names else {}
        return {name: data[at] for name, at in names.items() if name != "latest"}

    def latest(self) -> str | None:
        path = f"{self.root}/latest.json"
        return str(json.loads(self.fs.cat_file(path))["id"]) if self.fs.exists(path) else None

    def listed(self) -> dict[str, str]:
        lines = json.loads(self.fs.cat_file(f"{self.root}/releases.json"))
        return {line["id"]: line["status"] for line in lines}

    def put(self, path: str, data: bytes) -> None:
        self.fs.makedirs(f"{self.root}/{path}".rpartition("/")[0], exist_ok=True)
        self.fs.pipe_file(f"{self.root}/{path}", data)

    def copy(self, store: ReleaseStore, only: str = "", **more: Any) -> int:
        return copy_releases(store.root, self.target, only, wait=lambda _seconds: None, **more)


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.s3)])
def there(request: pytest.FixtureRequest, tmp_path: Path) -> There:
    if request.param == "folder":
        return There(str(tmp_path / "public/data"))
    return There(f"{request.getfixturevalue('bucket')}/{uuid.uuid4()}")


@pytest.fixture
def folder(tmp_path: Path) -> There:
    return There(str(tmp_path / "public/data"))


@pytest.fixture
def two(store: ReleaseStore, written: Path, clock: Clock) -> ReleaseStore:
    """A store with two releases, their zips, a feed and a calendar."""
    store.publish(stage(store, written, "b2"), MONTH, clock)
    for release in store.list():
        write_zip(store.path(release), store.root / f"{release.id}.zip")
    for name in ("feed.atom", "calendar.html", "calendar.ics"):
        (store.root / name).write_text(name)
    return store


def ours(store: ReleaseStore) -> dict[str, bytes]:
    """Every file of a store that is for the public."""
    root = store.root
    paths = [
        path
        for path in root.rglob("*")
        if path.is_file() and not path.relative_to(root).parts[0].startswith(".")
    ]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def test_a_target_is_the_store_file_by_file(two: ReleaseStore, there: There) -> None:
    (two.root / "2025-06-r2.packs").mkdir()
    (two.root / "2025-06-r2.packs/index.html").write_text("packs stay here")
    (two.root / "approvals.json").write_text("[]")  # names of people
    (two.root / "2025-06-r1/.stray").write_text("of no release")
    assert there.copy(two) > 0
    expected = {
        path: data
        for path, data in ours(two).items()
        if ".packs/" not in path and path not in ("approvals.json", "2025-06-r1/.stray")
    }
    files = there.files()
    assert files == expected
    assert there.latest() == "2025-06-r2"
    assert there.copy(two) == 0


def test_a_copy_in_a_folder_verifies_and_has_its_link(two: ReleaseStore, folder: There) -> None:
    folder.copy(two)
    assert verify(Path(folder.root) / "latest") == []
    assert (Path(folder.root) / "latest").readlink() == Path("2025-06-r2")


def writes(
    there: There, monkeypatch: pytest.MonkeyPatch, at: int, error: BaseException
) -> list[str]:
    """Fail at the ``at``-th file that is written; gives the paths written until then."""
    done: list[str] = []
    put = type(there.fs).put_file

    def failing(fs: Any, source: str, to: str, *args: Any, **more: Any) -> None:
        if len(done) == at:
            raise error
        done.append(to.removeprefix(f"{there.root}/").removesuffix(".part"))
        put(fs, source, to, *args, **more)

    monkeypatch.setattr(type(there.fs), "put_file", failing)
    return done


def test_the_order_is_files_then_sums_then_the_lists_then_latest(
    two: ReleaseStore, there: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = writes(there, monkeypatch, -1, Killed())
    there.copy(two)
    first, second = done.index("2025-06-r1/SHA256SUMS"), done.index("2025-06-r2/SHA256SUMS")
    assert all(path.startswith("2025-06-r1") for path in done[: first + 1])
    assert all(path.startswith("2025-06-r2") for path in done[first + 1 : second + 1])
    assert "2025-06-r2.zip" in done[first:second]
    rest = ["releases.json", "feed.atom", "calendar.html", "calendar.ics", "latest.json"]
    assert done[second + 1 :] == rest


def test_killed_at_any_file_latest_is_whole_and_the_next_goes_on(
    two: ReleaseStore, written: Path, clock: Clock, there: There
) -> None:
    two.publish(stage(two, written, "c3"), MONTH, clock)
    assert_goes_on(two, there, Killed())


def test_failing_at_any_file_latest_is_whole_and_the_next_goes_on(
    two: ReleaseStore, written: Path, clock: Clock, folder: There
) -> None:
    two.publish(stage(two, written, "c3"), MONTH, clock)
    assert_goes_on(two, folder, OSError("reset"))


def assert_goes_on(store: ReleaseStore, there: There, error: BaseException) -> None:
    """Stopped at one file after another, with the first two releases there already."""
    for name in ("2025-06-r1", "2025-06-r2"):
        there.copy(store, name)
    before, stopped = there.files(), 0
    step = 1 if there.fs.protocol[0] == "file" else 7  # the server of the tests is slow
    while True:
        with pytest.MonkeyPatch.context() as patch:
            writes(there, patch, step, error)  # so many more files each time
            try:
                there.copy(store)
            except (Killed, SourceUnreachableError):
                stopped += 1
            else:
                break
        now = there.files()
        whole = "2025-06-r3/SHA256SUMS" in now
        assert there.latest() == "2025-06-r2"
        assert there.listed().keys() >= {"2025-06-r1", "2025-06-r2"}
        assert whole or "2025-06-r3" not in there.listed()
        assert all(now[path] == data for path, data in before.items() if path.startswith("2025"))
    assert stopped > 1
    assert there.latest() == "2025-06-r3"
    files = there.files()
    assert all(files[path] == data for path, data in ours(store).items())
    assert not [path for path in files if path.endswith(".part")]


def test_other_bytes_under_a_name_of_ours_are_never_overwritten(
    two: ReleaseStore, there: There
) -> None:
    there.put("2025-06-r1/quality.json", b"somebody else's")
    with pytest.raises(InputError, match=r"2025-06-r1/quality\.json: .*other bytes.*overwritten"):
        there.copy(two)
    assert there.files()["2025-06-r1/quality.json"] == b"somebody else's"
    assert there.latest() is None
    there.put("2025-06-r1/SHA256SUMS", b"of another release")
    with pytest.raises(InputError, match=r"2025-06-r1/SHA256SUMS: .*other bytes"):
        there.copy(two)


def test_equal_size_is_not_enough(two: ReleaseStore, folder: There) -> None:
    data = (two.root / "2025-06-r1/quality.json").read_bytes()
    folder.put("2025-06-r1/quality.json", data[:-2] + b"! ")
    with pytest.raises(InputError, match="other bytes"):
        folder.copy(two)


def test_a_release_asked_for_by_name_is_compared_to_the_last_byte(
    two: ReleaseStore, folder: There
) -> None:
    folder.copy(two)
    path = Path(folder.root) / "2025-06-r1/quality.json"
    path.write_bytes(path.read_bytes().swapcase())
    assert folder.copy(two) == 0
    with pytest.raises(InputError, match="other bytes"):
        folder.copy(two, "2025-06-r1")
    path.unlink()
    assert folder.copy(two, "2025-06-r1") == 1
    assert verify(Path(folder.root) / "2025-06-r1") == []


def test_one_release_alone_is_listed_and_latest_there(two: ReleaseStore, folder: There) -> None:
    folder.copy(two, "2025-06-r1")
    assert folder.listed() == {"2025-06-r1": "published"}
    assert folder.latest() == "2025-06-r1"
    folder.copy(two)
    assert folder.latest() == "2025-06-r2"


def test_the_releases_of_another_store_are_left_alone(two: ReleaseStore, there: There) -> None:
    line = {"id": "2024-01-r1", "sums_sha256": "0" * 64}
    there.put("releases.json", json.dumps([line]).encode())
    before = there.files()
    with pytest.raises(InputError, match="releases of another store: 2024-01-r1"):
        there.copy(two)
    assert there.files() == before


def test_a_release_that_is_damaged_here_does_not_get_there(
    two: ReleaseStore, folder: There
) -> None:
    (two.root / "2025-06-r2/quality.json").write_text("[]")
    with pytest.raises(InputError, match=r"2025-06-r2/quality\.json: was altered"):
        folder.copy(two)
    (two.root / "2025-06-r2/quality.json").unlink()
    with pytest.raises(InputError, match="2025-06-r2 is not whole"):
        folder.copy(two)
    assert "2025-06-r2/quality.json" not in folder.files()
    assert folder.latest() is None


def test_what_was_withdrawn_goes_after_latest_has_left_it(
    two: ReleaseStore, written: Path, clock: Clock, there: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    there.copy(two)
    there.put("2025-06-r2.packs/index.html", b"copied by hand")
    there.put("2025-06-r20/README.md", b"of a release with a longer number")
    two.withdraw("2025-06-r2", WHY, clock)
    two.publish(stage(two, written, "c3"), MONTH, clock)  # not there yet
    latest_when_gone: list[str | None] = []
    remove = Place.remove

    def removing(place: Place, path: str) -> None:
        latest_when_gone.append(there.latest())
        assert there.listed()["2025-06-r2"] == "withdrawn"
        remove(place, path)

    monkeypatch.setattr(Place, "remove", removing)
    there.copy(two)
    assert set(latest_when_gone) == {"2025-06-r1"}
    files = there.files()
    assert [path for path in files if path.startswith(("2025-06-r2/", "2025-06-r2."))] == [
        "2025-06-r2/WITHDRAWN.md"
    ]
    assert WHY in files["2025-06-r2/WITHDRAWN.md"].decode()
    assert "2025-06-r20/README.md" in files
    assert there.latest() == "2025-06-r3"


def spoil_sums(there: There) -> None:
    there.put("2025-06-r1/SHA256SUMS", b"of another release")


def spoil_list(there: There) -> None:
    there.put("releases.json", b"[{")


def list_another(there: There) -> None:
    lines = json.loads(there.files()["releases.json"])
    lines.append({"id": "2024-01-r1", "sums_sha256": "0" * 64})
    there.put("releases.json", json.dumps(lines).encode())


@pytest.mark.parametrize("spoil", [spoil_sums, spoil_list, list_another])
def test_what_was_withdrawn_goes_whatever_else_is_wrong_there(
    two: ReleaseStore, clock: Clock, there: There, spoil: Callable[[There], None]
) -> None:
    there.copy(two)
    spoil(there)
    before = there.files()
    two.withdraw("2025-06-r2", WHY, clock)
    with pytest.raises(InputError, match=r"other bytes|cannot be read|another store"):
        there.copy(two)
    files = there.files()
    assert [path for path in files if path.startswith("2025-06-r2")] == ["2025-06-r2/WITHDRAWN.md"]
    assert there.latest() == (None if spoil is spoil_sums else "2025-06-r1")
    if spoil is not spoil_sums:
        assert files["releases.json"] == before["releases.json"]


def test_a_release_of_another_store_is_not_taken_for_one_withdrawn_here(
    two: ReleaseStore, clock: Clock, there: There
) -> None:
    there.put("2025-06-r2/SHA256SUMS", b"of another store")
    there.put("latest.json", b'{"id": "2025-06-r2"}')
    line = {"id": "2025-06-r2", "sums_sha256": "0" * 64}
    there.put("releases.json", json.dumps([line]).encode())
    before = there.files()
    two.withdraw("2025-06-r2", WHY, clock)
    with pytest.raises(InputError, match="releases of another store: 2025-06-r2"):
        there.copy(two)
    assert there.files() == before


def test_a_zip_that_was_made_later_gets_there_too(two: ReleaseStore, folder: There) -> None:
    archive = two.root / "2025-06-r2.zip"
    data = archive.read_bytes()
    archive.unlink()
    folder.copy(two)
    archive.write_bytes(data)
    assert folder.copy(two) == 1
    assert folder.files()["2025-06-r2.zip"] == data


def test_half_a_release_that_was_withdrawn_goes_too(
    two: ReleaseStore, clock: Clock, there: There
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        writes(there, patch, 3, Killed())
        with pytest.raises(Killed):
            there.copy(two)
    two.withdraw("2025-06-r1", WHY, clock)
    two.withdraw("2025-06-r2", WHY, clock)
    there.copy(two)
    assert set(there.files()) == {
        *("2025-06-r1/WITHDRAWN.md", "2025-06-r2/WITHDRAWN.md", "releases.json"),
        *("feed.atom", "calendar.html", "calendar.ics"),
    }
    assert there.latest() is None


def test_with_none_left_there_is_no_latest(two: ReleaseStore, clock: Clock, there: There) -> None:
    there.copy(two)
    for name in ("2025-06-r1", "2025-06-r2"):
        two.withdraw(name, WHY, clock)
    there.copy(two)
    assert there.latest() is None
    assert set(there.listed().values()) == {"withdrawn"}
    with pytest.raises(InputError, match="2025-06-r1 was withdrawn, and is not copied"):
        there.copy(two, "2025-06-r1")


def test_a_rollback_is_followed(two: ReleaseStore, clock: Clock, there: There) -> None:
    there.copy(two)
    two.rollback("2025-06-r1", WHY, clock)
    assert there.copy(two) == 0
    assert there.latest() == "2025-06-r1"
    assert there.files()["releases.json"] == (two.root / "releases.json").read_bytes()
    assert "2025-06-r2/SHA256SUMS" in there.files()


def test_a_passing_fault_is_tried_again_and_a_lasting_one_said(
    two: ReleaseStore, folder: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing, waited, put = [3], list[float](), type(folder.fs).put_file

    def flaky(*args: Any, **more: Any) -> None:
        failing[0] -= 1
        if failing[0] >= 0:
            raise TimeoutError("slow down")
        put(*args, **more)

    monkeypatch.setattr(type(folder.fs), "put_file", flaky)
    copy_releases(two.root, folder.target, wait=waited.append)
    assert waited == [2, 4, 8]
    failing[0] = 10**6
    folder.fs.rm(f"{folder.root}/2025-06-r2/SHA256SUMS")
    waited.clear()
    with pytest.raises(SourceUnreachableError, match=r"target public: 2025-06-r2/SHA.*slow down"):
        copy_releases(two.root, folder.target, wait=waited.append)
    assert len(waited) == TRIES - 1


def test_a_log_in_in_the_words_of_a_library_is_not_repeated(
    two: ReleaseStore, folder: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_args: Any, **_more: Any) -> None:
        raise OSError("cannot connect to 'https://AK:hun/ter2@minio:9000/b'")

    monkeypatch.setattr(type(folder.fs), "put_file", failing)
    with pytest.raises(SourceUnreachableError, match=r"'https://\*\*\*@minio:9000/b'") as caught:
        folder.copy(two)
    assert "ter2" not in str(caught.value)


def test_what_arrives_as_other_bytes_is_noticed(
    two: ReleaseStore, folder: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = type(folder.fs).put_file

    def losing(fs: Any, source: str, to: str, **more: Any) -> None:
        put(fs, source, to, **more)
        os.truncate(to, 3)

    monkeypatch.setattr(type(folder.fs), "put_file", losing)
    with pytest.raises(SourceUnreachableError, match="arrived as other bytes"):
        folder.copy(two)


@pytest.mark.s3
def test_a_bucket_that_is_not_there_is_said_and_not_made(two: ReleaseStore, bucket: str) -> None:
    there = There("s3://mistyped-name/data")
    with pytest.raises(SourceUnreachableError, match=r"target public: .* could not be written"):
        there.copy(two)
    assert not there.fs.exists("mistyped-name")


@pytest.mark.s3
def test_s3_serves_each_file_as_what_it_is(two: ReleaseStore, bucket: str) -> None:
    there = There(f"{bucket}/{uuid.uuid4()}")
    there.copy(two)
    served = {
        path: there.fs.info(f"{there.root}/{path}")["ContentType"]
        for path in ("2025-06-r1/README.md", "2025-06-r1/tables/sightings.parquet", "feed.atom")
    }
    assert list(served.values()) == [
        "text/markdown; charset=utf-8",
        "application/vnd.apache.parquet",
        "application/atom+xml",
    ]
    assert media_type("a/b.csv.gz") == "application/gzip"
    assert media_type("SHA256SUMS") == "text/plain; charset=utf-8"


def test_an_address_that_cannot_be_used_is_said(two: ReleaseStore) -> None:
    with pytest.raises(InputError, match="target public has no address to use"):
        There.copy(_Other("nonsense://a"), two)  # type: ignore[arg-type]


class _Other:
    def __init__(self, url: str) -> None:
        self.target = Target(name="public", url=url)


ACTS = st.lists(
    st.sampled_from(["copy", "stop 0", "stop 2", "stop 5", "withdraw", "rollback", "publish"]),
    max_size=8,
)


@given(acts=ACTS)
@settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_was_done_in_between_a_copy_makes_it_the_same(
    acts: list[str], written: Path, clock: Clock, tmp_path: Path
) -> None:
    """Any order of publishing, withdrawing, rolling back and stopped copies."""
    place = tmp_path / str(uuid.uuid4())
    store, there = ReleaseStore(place / "releases"), There(str(place / "public"))
    store.publish(stage(store, written, "a1"), MONTH, clock)
    contents = iter(("b2", "c3"))
    for act in acts:
        public = [r.id for r in store.list() if not r.withdrawn]
        if act == "copy":
            there.copy(store)
        elif act.startswith("stop"):
            with pytest.MonkeyPatch.context() as patch:
                writes(there, patch, int(act[-1]), Killed())
                try:
                    there.copy(store)
                except Killed:
                    latest = there.latest()
                    assert latest is None or f"{latest}/SHA256SUMS" in there.files()
        elif act == "withdraw" and public:
            store.withdraw(public[-1], WHY, clock)
        elif act == "rollback" and len(public) > 1 and store.get().id != public[0]:
            store.rollback(public[0], WHY, clock)
        elif act == "publish" and (content := next(contents, None)):
            store.publish(stage(store, written, content), MONTH, clock)
    there.copy(store)
    assert there.files() == ours(store)
