"""Verify a release wherever it is: a folder, a zip, or an address of the web.

Only bringing its files here belongs here; what is checked of them is in ``integrity`` and
``signing``. Neither settings nor a store is needed. What is fetched lies in a folder for temporary
files, and is gone afterwards.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from openbeat.errors import InputError, SourceUnreachableError
from openbeat.release.content import RELEASE_ID, Progress
from openbeat.release.files import room_for
from openbeat.release.integrity import (
    DESCRIPTOR,
    SIGNATURE,
    SUMS,
    Problem,
    content_digest,
    read_sums,
    verify,
)
from openbeat.release.zipped import MOST_BYTES, MOST_FILES, PIECE, unpack

if TYPE_CHECKING:
    import requests

AGENT = "openbeat release verify"
LATEST = "latest.json"
MOST_SUMS = 64 << 20
TRIES = 4
TIMEOUT = (10, 60)
GONE = (403, 404, 410)
"""How stores say that there is no such file; S3 says 403 to who may not list."""

Sleep = Callable[[float], None]


@dataclass(frozen=True)
class Verdict:
    """What was found of a release.

    Attributes:
        id: Its id, as it says itself; empty where it cannot say.
        problems: All that is wrong with it.
        content_sha256: The digest of what it says; empty where something is wrong.
        signed: Whether it carries a signature, checked or not.
    """

    id: str
    problems: tuple[Problem, ...]
    content_sha256: str
    signed: bool


class _BrokenError(Exception):
    """A transfer that may go well the next time."""


class _GoneError(Exception):
    """There is nothing at that address."""


def verify_folder(
    folder: Path, public_key: Path | None = None, *, name: str = "", sums_sha256: str = ""
) -> Verdict:
    """Verify a release in a folder, and its signature where a key is given.

    Args:
        folder: A release.
        public_key: The publisher's public key, a file.
        name: The id it is known by, where that is known.
        sums_sha256: What the sha256 of its ``SHA256SUMS`` was when it was published, if known.

    Raises:
        InputError: The public key cannot be read.
    """
    from openbeat.release.signing import check_signature

    problems = verify(folder, name=name, sums_sha256=sums_sha256)
    if public_key is not None and (problem := check_signature(folder, public_key)):
        problems.append(problem)
    digest = "" if problems else content_digest(folder)
    return Verdict(_called(folder), tuple(problems), digest, (folder / SIGNATURE).is_file())


def verify_at(
    where: str,
    public_key: Path | None = None,
    progress: Progress | None = None,
    *,
    sleep: Sleep = time.sleep,
) -> Verdict:
    """Verify a release in a folder, a zip, or at an address.

    The name of the folder or the zip, or the last part of the address, is held against what the
    release says it is, where it has the form of an id. At an address, files that ``SHA256SUMS``
    does not list cannot be seen.

    Args:
        where: A folder; a zip; or the ``http(s)`` address of a release's folder, of its zip, or of
            a ``latest.json``, whose pin must then hold too.
        public_key: The publisher's public key, a file.
        progress: Called with each file that has been fetched.
        sleep: Waits between tries.

    Raises:
        InputError: There is no release, the public key cannot be read, or there is no room.
        SourceUnreachableError: The address could not be reached after ``TRIES`` tries.
    """
    if public_key is not None:
        from openbeat.release.signing import read_public_key

        read_public_key(public_key)  # before anything large is fetched
    if "://" in where:
        return _verify_url(where, public_key, progress or (lambda _path: None), sleep)
    path = Path(where)
    if path.is_dir():
        return verify_folder(path, public_key, name=_id_in(path.resolve().name))
    if not path.is_file():
        raise InputError("there is no such folder or zip", file=path.name, mend="check the path.")
    with _workplace() as folder:
        return _verify_zip(path, folder, public_key)


def _verify_zip(path: Path, folder: Path, public_key: Path | None) -> Verdict:
    try:
        called, problems = unpack(path, folder)
    except PermissionError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=path.name) from None
    name, inside = _id_in(path.stem), _id_in(called)
    if problems:
        return Verdict(name or inside, tuple(problems), "", signed=False)
    verdict = verify_folder(folder, public_key, name=name or inside)
    if name and inside and inside != name:
        wrong = Problem(path.name, "name", f"holds the folder {called}")
        return Verdict(verdict.id, (*verdict.problems, wrong), "", verdict.signed)
    return verdict


def _verify_url(url: str, public_key: Path | None, progress: Progress, sleep: Sleep) -> Verdict:
    import requests

    plain, path = _checked(url)
    with requests.Session() as session, _workplace() as folder:
        session.headers["User-Agent"] = AGENT
        fetch = partial(_fetch, session, sleep=sleep)
        pin = ""
        if path.endswith(f"/{LATEST}"):
            plain, pin = _pointed(plain, folder, fetch)
        elif path.endswith(".zip"):
            file = folder / _last(url)
            _must(fetch, url, file, MOST_BYTES)
            progress(file.name)
            (folder / "unpacked").mkdir()
            return _verify_zip(file, folder / "unpacked", public_key)
        base = plain.removesuffix(SUMS).rstrip("/")
        release = folder / "release"
        release.mkdir()
        _take(base, release, fetch, progress)
        return verify_folder(release, public_key, name=_id_in(_last(base)), sums_sha256=pin)


def _checked(url: str) -> tuple[str, str]:
    """An address without its query, and its path."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets or a port that are none
        good = False
    if not good:
        raise InputError("not an address to fetch from", mend="give one with http:// or https://.")
    return parts._replace(query="", fragment="").geturl(), parts.path


def _pointed(url: str, folder: Path, fetch: Callable[..., int]) -> tuple[str, str]:
    """Where a ``latest.json`` points to, and the pin in it."""
    _must(fetch, url, folder / LATEST, MOST_SUMS)
    try:
        pointer = json.loads((folder / LATEST).read_bytes())
        path, pin = str(pointer["path"]), str(pointer["sums_sha256"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError("does not point to a release", file=_shown(url)) from None
    if not RELEASE_ID.fullmatch(path):
        raise InputError("points to what is no release", file=_shown(url))
    return f"{url.removesuffix(LATEST)}{path}", pin


def _take(base: str, folder: Path, fetch: Callable[..., int], progress: Progress) -> None:
    """Fetch ``SHA256SUMS``, the signature and every file listed; one that is gone is left out."""
    _must(fetch, f"{base}/{SUMS}", folder / SUMS, MOST_SUMS)
    left = MOST_BYTES
    try:
        listed = list(read_sums(folder))
    except InputError:
        return  # verify says what is wrong with it
    if len(listed) > MOST_FILES:
        raise InputError(f"lists {len(listed):,} files, which no release has", file=_shown(base))
    for path in (SIGNATURE, *(path for path in listed if path not in (SUMS, SIGNATURE))):
        target = folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            left -= fetch(f"{base}/{quote(path)}", target, left)
        except _GoneError:
            continue
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue  # one file's name is another's folder; verify misses it
        progress(path)


def _must(fetch: Callable[..., int], url: str, target: Path, most: int) -> None:
    try:
        fetch(url, target, most)
    except _GoneError:
        raise InputError(
            "there is no such file, so no release to verify; or it was withdrawn",
            file=_shown(url),
            mend="give the address of a release's folder (.../2025-06-r1/), of its zip, or of "
            "latest.json.",
        ) from None


def _fetch(session: requests.Session, url: str, target: Path, most: int, *, sleep: Sleep) -> int:
    """Fetch a file in pieces, again where the transfer fails; returns its bytes."""
    import requests

    problem = ""
    for attempt in range(TRIES):
        if attempt:
            sleep(2.0**attempt)
        try:
            return _transfer(session, url, target, most)
        except _BrokenError as error:
            problem = str(error)
        except requests.exceptions.InvalidURL:
            raise InputError("not an address to fetch from", file=_shown(url)) from None
        except requests.RequestException as error:
            problem = type(error).__name__
    raise SourceUnreachableError(f"{_shown(url)}: not fetched after {TRIES} tries ({problem})")


def _transfer(session: requests.Session, url: str, target: Path, most: int) -> int:
    from urllib3.exceptions import HTTPError

    headers = {"Accept-Encoding": "identity"}
    size = 0
    with session.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
        _refuse(response, url)
        # Some servers call a gzip file an encoding of another; its sum is of it as it is stored.
        unpacked = not url.endswith(".gz")
        try:
            with target.open("wb") as out:
                for piece in response.raw.stream(PIECE, decode_content=unpacked):
                    size += out.write(piece)
                    if size > most:
                        raise InputError("is larger than any release", file=_shown(url))
        except HTTPError as error:
            raise _BrokenError(f"broke off, {type(error).__name__}") from None
    return size


def _refuse(response: requests.Response, url: str) -> None:
    status = response.status_code
    if status in GONE:
        raise _GoneError
    if status == 429 or status >= 500:
        raise _BrokenError(f"HTTP {status}")
    if status != 200:
        raise InputError(f"the server refuses with HTTP {status}", file=_shown(url))


@contextmanager
def _workplace() -> Iterator[Path]:
    """A folder for temporary files that is gone afterwards."""
    with room_for("what is to be verified"), TemporaryDirectory(prefix="openbeat-") as folder:
        yield Path(folder)


def _called(folder: Path) -> str:
    try:
        return str(json.loads((folder / DESCRIPTOR).read_bytes()).get("release", ""))
    except (OSError, ValueError, AttributeError, RecursionError):
        return ""


def _id_in(name: str) -> str:
    """The id in a folder's or a zip's name, as the store and ``bundle`` call them; or nothing."""
    called = name.removeprefix("openbeat-")
    return called if RELEASE_ID.fullmatch(called) else ""


def _last(url: str) -> str:
    return urlsplit(url).path.rstrip("/").rpartition("/")[2]


def _shown(url: str) -> str:
    """An address without the log-in or the query it may carry."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
