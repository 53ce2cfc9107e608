"""Fetching an archive from an https URL into the raw store.

Streamed, resumed after a break, checked against the published MD5 where there is one, and kept
by content with a record of where it came from. Reading it belongs in ``openbeat.policeuk``.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from openbeat import __version__
from openbeat.errors import InputError, SourceUnreachableError

if TYPE_CHECKING:
    import requests

AGENT = f"openbeat/{__version__} (open data pipeline)"
TRIES = 5
CHUNK = 1 << 20
TIMEOUT = (10, 60)
Progress = Callable[[int, int | None], None]


class _BrokenError(Exception):
    """The transfer broke off and can be taken up again."""


@dataclass(frozen=True)
class Fetched:
    """A fetched file: where it lies, its name at the source, and its SHA-256."""

    path: Path
    name: str
    sha256: str


def fetch(
    url: str,
    store: Path,
    md5: str | None = None,
    *,
    progress: Progress | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Fetched:
    """Fetch a file, or find it in the store where it has not changed at the source.

    A broken transfer leaves a ``.part`` file, from which this run or the next goes on if the
    source still has the same file (its ETag says so).

    Args:
        url: What to fetch.
        store: The folder it is kept in, under the URL's hash.
        md5: The published MD5, 32 hexadecimal digits.
        progress: Called with bytes so far and the total, if known.
        sleep: Waits between tries.

    Raises:
        InputError: The source refuses, the MD5 differs, or the store cannot be written.
        SourceUnreachableError: It could not be reached after ``TRIES`` tries.
    """
    import requests  # only where something is fetched

    folder = store / hashlib.sha256(url.encode()).hexdigest()[:16]
    name = urlsplit(url).path.rsplit("/", 1)[-1] or "archive.zip"
    held = _held(folder)
    if held is not None and md5 is not None:
        if held["md5"] == md5:
            return Fetched(folder / held["file"], name, held["sha256"])
        held = None  # another file is published than the one held: do not ask whether it changed
    problem = ""
    for attempt in range(TRIES):
        if attempt:
            sleep(2.0**attempt)
        try:
            headers = _transfer(url, folder, held, progress)
            if headers is None and held is not None:
                return Fetched(folder / held["file"], name, held["sha256"])
            return _keep(url, folder, name, headers or {}, md5)
        except (_BrokenError, requests.RequestException) as error:
            problem = str(error) or type(error).__name__
            continue
        except OSError as error:
            raise InputError(
                f"the raw store cannot be written ({error.strerror or error})",
                file=name,
                mend="free some space, then run again: it goes on where it stopped.",
            ) from error
    raise SourceUnreachableError(
        f"{url} could not be reached after {TRIES} tries ({problem}). What was received is kept; "
        "run again to go on from there."
    )


def _held(folder: Path) -> dict[str, Any] | None:
    try:
        record = json.loads((folder / "record.json").read_text())
    except (OSError, ValueError):
        return None
    return record if (folder / str(record.get("file"))).is_file() else None


def _transfer(
    url: str, folder: Path, held: dict[str, Any] | None, progress: Progress | None
) -> dict[str, str] | None:
    """One try: the response's headers when the part file is whole, None when nothing changed."""
    import requests

    folder.mkdir(parents=True, exist_ok=True)
    part, tag = folder / "part", folder / "part.etag"
    headers = {"User-Agent": AGENT, "Accept-Encoding": "identity"}
    begun = part.stat().st_size if part.is_file() and tag.is_file() else 0
    if begun:
        headers |= {"Range": f"bytes={begun}-", "If-Range": tag.read_text()}
    elif held is not None and held.get("etag"):
        headers["If-None-Match"] = held["etag"]
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
        if response.status_code == 304:
            return None
        if response.status_code == 416:  # nothing follows the part
            if response.headers.get("Content-Range") == f"bytes */{begun}":
                return {**response.headers, "ETag": tag.read_text()}  # for the part is whole
            part.unlink()
            raise _BrokenError("the source has changed since the transfer began")
        _refuse(url, response)
        resumed = response.status_code == 206
        begun = begun if resumed else 0
        etag = response.headers.get("ETag", "")
        if etag and not etag.startswith("W/"):
            tag.write_text(etag)
        else:
            tag.unlink(missing_ok=True)
        length = response.headers.get("Content-Length")
        total = None if length is None else begun + int(length)
        received = _receive(response, part, begun, total, progress)
        if total is not None and received != total:
            raise _BrokenError(f"the transfer broke off at {received:,} of {total:,} bytes")
        return dict(response.headers)


def _refuse(url: str, response: requests.Response) -> None:
    if response.status_code == 429 or response.status_code >= 500:
        raise _BrokenError(f"HTTP {response.status_code}")
    if not response.ok:
        raise InputError(
            f"the source answers HTTP {response.status_code}",
            file=url,
            mend="check the URL; police.uk lists its archives on its data page.",
        )


def _receive(
    response: requests.Response,
    part: Path,
    begun: int,
    total: int | None,
    progress: Progress | None,
) -> int:
    received = begun
    with part.open("ab" if begun else "wb") as file:
        for chunk in response.iter_content(CHUNK):
            file.write(chunk)
            received += len(chunk)
            if progress is not None:
                progress(received, total)
    return received


def _keep(url: str, folder: Path, name: str, headers: dict[str, str], md5: str | None) -> Fetched:
    """Check the whole part file and keep it by its content."""
    part = folder / "part"
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "md5").hexdigest()
    with part.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if md5 is not None and found != md5:
        part.unlink()
        (folder / "part.etag").unlink(missing_ok=True)
        raise InputError(
            "the MD5 of what was received differs from the published one",
            file=name,
            value=found,
            rule="archive_md5",
            mend=f"run again to fetch it anew; the setting says {md5}.",
        )
    target = folder / f"{sha256}.zip"
    part.replace(target)
    (folder / "part.etag").unlink(missing_ok=True)
    record = {
        "url": url,
        "file": target.name,
        "name": name,
        "sha256": sha256,
        "md5": found,
        "bytes": target.stat().st_size,
        "etag": headers.get("ETag"),
        "last_modified": headers.get("Last-Modified"),
        "retrieved_at": headers.get("Date"),
    }
    temporary = folder / "record.json.tmp"
    temporary.write_text(json.dumps(record, indent=1, sort_keys=True))
    temporary.replace(folder / "record.json")
    return Fetched(target, name, sha256)
