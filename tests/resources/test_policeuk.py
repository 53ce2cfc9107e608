"""Fetching from a server that breaks off, changes its file, refuses, or is not there."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from openbeat.errors import InputError, SourceUnreachableError
from resources import policeuk
from resources.policeuk import TRIES, Fetched, fetch

CONTENT = bytes(range(256)) * 1000
NEWER = CONTENT[::-1]
CHUNK = 4096
MD5 = hashlib.md5(CONTENT).hexdigest()


@dataclass
class Source:
    """What the server has and how it behaves; changed by the tests as they go.

    Attributes:
        url: Of its one file.
        content: The file.
        etag: Its tag, empty for none.
        ranges: Whether it sends part of a file.
        break_at: Byte counts after which the next answers' bodies break off, in turn.
        statuses: Answers that the next requests get in place of the file, in turn.
        asked: The headers of every request.
        answered: The status of every answer.
    """

    url: str
    content: bytes = CONTENT
    etag: str = '"one"'
    ranges: bool = True
    break_at: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)

    def answer(self, asked: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """The status, headers and body for a request."""
        self.asked.append(asked)
        headers = {"ETag": self.etag} if self.etag else {}
        status, body = 200, self.content
        if self.statuses:
            status, body = self.statuses.pop(0), b""
        elif self.etag and asked.get("If-None-Match") == self.etag:
            status, body = 304, b""
        elif self.ranges and asked.get("Range") and asked.get("If-Range") == self.etag:
            start = int(asked["Range"].removeprefix("bytes=").rstrip("-"))
            status, body = 206, self.content[start:]
            headers["Content-Range"] = f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"
            if not body:
                status, headers["Content-Range"] = 416, f"bytes */{len(self.content)}"
        self.answered.append(status)
        return status, headers, body


class Handler(BaseHTTPRequestHandler):
    """Answers as the source says; a body that breaks off is shorter than its length says."""

    source: Source

    def do_GET(self) -> None:
        status, headers, body = self.source.answer(dict(self.headers.items()))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.source.break_at.pop(0)] if self.source.break_at else body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def source() -> Iterator[Source]:
    """A server of one file, on this machine."""
    handler = type("OneHandler", (Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        handler.source = Source(f"http://127.0.0.1:{server.server_port}/data/archive/2025-06.zip")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield handler.source
        server.shutdown()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What was waited between tries, without waiting."""
    monkeypatch.setattr(policeuk, "CHUNK", CHUNK)
    return []


def get(source: Source, store: Path, waits: list[float], md5: str | None = None) -> Fetched:
    return fetch(source.url, store, md5, sleep=waits.append)


def leftovers(store: Path) -> list[str]:
    return sorted(path.name for path in store.rglob("part*"))


def test_a_file_is_kept_by_its_content_with_where_it_came_from(
    source: Source, tmp_path: Path, waits: list[float]
) -> None:
    seen: list[tuple[int, int | None]] = []
    fetched = fetch(
        source.url,
        tmp_path,
        MD5,
        progress=lambda received, total: seen.append((received, total)),
        sleep=waits.append,
    )
    assert fetched.path.read_bytes() == CONTENT
    assert (fetched.name, fetched.sha256) == ("2025-06.zip", hashlib.sha256(CONTENT).hexdigest())
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    record = json.loads((fetched.path.parent / "record.json").read_bytes())
    assert record["url"] == source.url
    assert (record["md5"], record["bytes"]) == (MD5, len(CONTENT))
    assert (leftovers(tmp_path), waits) == ([], [])


def test_an_unchanged_file_is_not_sent_again(
    source: Source, tmp_path: Path, waits: list[float]
) -> None:
    first = get(source, tmp_path, waits)
    assert get(source, tmp_path, waits) == first
    assert source.answered == [200, 304]


def test_a_changed_file_is_fetched_anew(source: Source, tmp_path: Path, waits: list[float]) -> None:
    first = get(source, tmp_path, waits)
    source.content, source.etag = NEWER, '"two"'
    second = get(source, tmp_path, waits)
    assert second.path.read_bytes() == NEWER
    assert first.path.read_bytes() == CONTENT
    assert get(source, tmp_path, waits) == second


def test_a_held_file_with_the_published_md5_needs_no_network(
    source: Source, tmp_path: Path, waits: list[float]
) -> None:
    first = get(source, tmp_path, waits)
    assert get(source, tmp_path, waits, MD5) == first
    assert len(source.asked) == 1


def test_a_broken_transfer_goes_on_where_it_stopped(
    source: Source, tmp_path: Path, waits: list[float]
) -> None:
    source.break_at = [25 * CHUNK, 12 * CHUNK]
    fetched = get(source, tmp_path, waits, MD5)
    assert fetched.path.read_bytes() == CONTENT
    assert source.answered == [200, 206, 206]
    assert source.asked[1]["Range"] == f"bytes={25 * CHUNK}-"
    assert source.asked[2]["Range"] == f"bytes={37 * CHUNK}-"
    assert waits == [2.0, 4.0]
    assert leftovers(tmp_path) == []


def test_the_next_run_goes_on_where_the_last_one_gave_up(
    source: Source, tmp_path: Path, waits: list[float]
) -> None:
    source.break_at = [25 * CHUNK]
    source.statuses = []
    with pytest.raises(SourceUnreachableError, match="run again to go on from there"):
        fetch(source.url, tmp_path, sleep=lambda _seconds: source.statuses.append(503))
    assert get(source, tmp_path, waits).path.read_bytes() == CONTENT
    assert source.asked[-1]["Range"] == f"bytes={25 * CHUNK}-"


def test_a_run_killed_after_the_last_byte_does_not_fetch_it_all_again(
    source: Source, tmp_path: Path, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_arguments: object) -> Fetched:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(policeuk, "_keep", die)
        with pytest.raises(KeyboardInterrupt):
            get(source, tmp_path, waits)
    assert get(source, tmp_path, waits, MD5).path.read_bytes() == CONTENT
    assert source.answered == [200, 416]
    assert get(source, tmp_path, waits).path.read_bytes() == CONTENT
    assert source.answered[-1] == 304  # its tag was kept too


@pytest.mark.parametrize("content", [NEWER, NEWER[:1000]])
def test_a_file_that_changed_during_a_break_is_begun_again(
    source: Source, tmp_path: Path, waits: list[float], content: bytes
) -> None:
    source.break_at = [25 * CHUNK]

    def change(_seconds: float) -> None:
        source.content, source.etag = content, '"two"'

    fetched = fetch(source.url, tmp_path, sleep=change)
    assert fetched.path.read_bytes() == content
    assert source.answered == [200, 200]


@pytest.mark.parametrize(("etag", "ranges"), [('"one"', False), ("", True), ('W/"one"', True)])
def test_a_source_that_cannot_resume_is_begun_again(
    source: Source, tmp_path: Path, waits: list[float], etag: str, ranges: bool
) -> None:
    source.etag, source.ranges, source.break_at = etag, ranges, [25 * CHUNK]
    assert get(source, tmp_path, waits, MD5).path.read_bytes() == CONTENT
    assert source.answered == [200, 200]
    assert leftovers(tmp_path) == []


def test_a_busy_source_is_asked_again(source: Source, tmp_path: Path, waits: list[float]) -> None:
    source.statuses = [503, 429, 500]
    assert get(source, tmp_path, waits).path.read_bytes() == CONTENT
    assert waits == [2.0, 4.0, 8.0]


def test_a_source_that_stays_busy_is_given_up(
    source: Source, tmp_path: Path, waits: list[float]
) -> None:
    source.statuses = [503] * TRIES
    with pytest.raises(SourceUnreachableError, match=rf"after {TRIES} tries \(HTTP 503\)"):
        get(source, tmp_path, waits)
    assert len(waits) == TRIES - 1


def test_a_source_that_is_not_there_is_given_up(tmp_path: Path, waits: list[float]) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as closed:
        url = f"http://127.0.0.1:{closed.server_port}/2025-06.zip"
    with pytest.raises(SourceUnreachableError, match="could not be reached"):
        fetch(url, tmp_path, sleep=waits.append)
    assert len(waits) == TRIES - 1


@pytest.mark.parametrize("status", [404, 403, 410])
def test_a_refusal_is_not_tried_again(
    source: Source, tmp_path: Path, waits: list[float], status: int
) -> None:
    source.statuses = [status]
    with pytest.raises(InputError, match=f"HTTP {status} Mend: check the URL"):
        get(source, tmp_path, waits)
    assert (len(source.asked), waits) == (1, [])


def test_another_md5_is_refused_and_nothing_of_it_kept(
    source: Source, tmp_path: Path, waits: list[float]
) -> None:
    with pytest.raises(InputError, match=f"value '{MD5}': .*archive_md5.*0{{32}}"):
        get(source, tmp_path, waits, "0" * 32)
    assert leftovers(tmp_path) == []
    assert get(source, tmp_path, waits, MD5).path.read_bytes() == CONTENT


def test_another_md5_is_refused_of_a_held_file_too(
    source: Source, tmp_path: Path, waits: list[float]
) -> None:
    first = get(source, tmp_path, waits)
    with pytest.raises(InputError, match="archive_md5"):
        get(source, tmp_path, waits, "0" * 32)
    assert first.path.read_bytes() == CONTENT


@pytest.mark.parametrize("moment", ["receiving", "keeping"])
def test_a_full_disk_is_told_plainly_and_the_next_run_goes_on(
    source: Source,
    tmp_path: Path,
    waits: list[float],
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    def full(*_arguments: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(
            *((policeuk, "_receive") if moment == "receiving" else (Path, "replace")), full
        )
        with pytest.raises(InputError, match=r"No space left on device.*free some space"):
            get(source, tmp_path, waits)
    assert waits == []  # waiting does not make room
    assert get(source, tmp_path, waits, MD5).path.read_bytes() == CONTENT


def test_a_damaged_record_means_fetching_again(
    source: Source, tmp_path: Path, waits: list[float]
) -> None:
    first = get(source, tmp_path, waits)
    (first.path.parent / "record.json").write_text('{"file": ')
    assert get(source, tmp_path, waits) == first
    first.path.unlink()
    assert get(source, tmp_path, waits) == first
    assert source.answered == [200, 200, 200]
    assert first.path.read_bytes() == CONTENT
