"""A place that releases are copied to, whatever it is: files put, checked, read and removed.

Only fsspec belongs here: which file goes there, and in which order, is in ``targets``. Log-ins come
from the environment, as each fsspec library documents.
"""

from __future__ import annotations

import contextlib
import hashlib
import mimetypes
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from openbeat.errors import InputError, SourceUnreachableError
from openbeat.release.files import replace_link, sync
from openbeat.release.integrity import hash_file
from openbeat.release.settings import Target, masked

TRIES = 4
AT_ONCE = 8
FIRST_WAIT = 2.0  # seconds, doubled after each try
OBJECTS = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss"})
"""Where a put is whole or not there at all, and folders are neither made nor needed."""
LASTING = (FileNotFoundError, PermissionError, NotADirectoryError, FileExistsError, ImportError)
"""What is not tried again."""
PART = ".part"
BLOCK = 16 << 20
MEDIA_TYPES = {
    ".parquet": "application/vnd.apache.parquet",
    ".md": "text/markdown; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    "": "text/plain; charset=utf-8",
    ".gz": "application/gzip",
    ".jsonld": "application/ld+json",
    ".geojson": "application/geo+json",
    ".atom": "application/atom+xml",
    ".pmtiles": "application/vnd.pmtiles",
}
Wait = Callable[[float], object]
T = TypeVar("T")


class Place:
    """A folder, or a bucket's folder.

    Args:
        target: Which.
        wait: Called with the seconds to wait before something is tried again.

    Raises:
        InputError: Its address cannot be used, or the library for it is not installed.
    """

    def __init__(self, target: Target, wait: Wait) -> None:
        import fsspec

        self.name = target.name
        self._wait = wait
        # Other processes write there too, so what was once listed is not kept.
        fresh = {"use_listings_cache": False, "skip_instance_cache": True}
        options: dict[str, Any] = {**fresh, **target.options}
        try:
            self._fs, root = fsspec.core.url_to_fs(target.url, **options)
        except ImportError as error:
            raise InputError(
                f"target {target.name} needs a library that is not installed ({error})",
                mend="install the extra s3, azure or gcs of openbeat",
            ) from None
        except ValueError as error:
            why = masked(str(error))
            raise InputError(f"target {target.name} has no address to use ({why})") from None
        self._root = root.rstrip("/")
        names = {self._fs.protocol} if isinstance(self._fs.protocol, str) else {*self._fs.protocol}
        self._objects = bool(names & OBJECTS)
        self._s3 = bool(names & {"s3", "s3a"})
        self._local = "file" in names

    def sizes(self, folder: str) -> dict[str, int]:
        """Every file below a folder, as its path in it, with its bytes; empty without one."""
        start = self._at(folder)

        def look() -> dict[str, Any]:
            try:
                return dict(self._fs.find(start, detail=True))
            except FileNotFoundError:
                return {}

        found = self._tried("listed", folder, look)
        return {path.removeprefix(start).lstrip("/"): f["size"] for path, f in found.items()}

    def names(self) -> list[str]:
        """What lies at the top, sorted; nothing where there is no such place yet."""

        def look() -> list[str]:
            try:
                return list(self._fs.ls(self._root, detail=False))
            except FileNotFoundError:
                return []

        return sorted(
            path.rstrip("/").rpartition("/")[2] for path in self._tried("listed", "", look)
        )

    def read(self, path: str) -> bytes | None:
        """A small file; None where there is none."""

        def get() -> bytes | None:
            try:
                return bytes(self._fs.cat_file(self._at(path)))
            except FileNotFoundError:
                return None

        return self._tried("read", path, get)

    def sha256(self, path: str) -> str:
        """The hash of a file as it lies there, read back in pieces."""

        def get() -> str:
            with self._fs.open(self._at(path), "rb", block_size=BLOCK) as file:
                digest = hashlib.sha256()
                while piece := file.read(BLOCK):
                    digest.update(piece)
            return digest.hexdigest()

        return self._tried("read back", path, get)

    def put(self, source: Path, path: str, sha256: str) -> None:
        """Copy a file there and read it back; it has its name only once it is whole.

        Args:
            source: The file.
            path: Where to.
            sha256: What it must be.

        Raises:
            InputError: The file is not what it should be.
            SourceUnreachableError: It is not there after every try.
        """
        if hash_file(source) != sha256:
            raise InputError(
                "was altered: its sha256 is not the one on record",
                file=path,
                mend="openbeat release verify says what is wrong; take the release from a copy",
            )

        def copy() -> None:
            to = self._at(path)
            if self._objects:
                options = {"ContentType": media_type(path)} if self._s3 else {}
                self._fs.put_file(str(source), to, **options)
            else:
                self._fs.makedirs(to.rpartition("/")[0], exist_ok=True)
                self._fs.put_file(str(source), to + PART)
                self._fs.mv(to + PART, to)
            if self._local:
                sync(Path(to))
                sync(Path(to).parent)
            if self.sha256(path) != sha256:
                raise OSError("it arrived as other bytes")

        self._tried("written", path, copy)

    def put_all(self, files: Mapping[str, tuple[Path, str]]) -> None:
        """Copy files there as ``put`` does, several at once.

        A website has tens of thousands of small files, of each of which most of the time is spent
        waiting: for the answer of a store of objects, for a disk.

        Args:
            files: Where to, and for each the file and its sha256.

        Raises:
            InputError: As of ``put``; what was begun is brought to its end, nothing else begins.
            SourceUnreachableError: As of ``put``.
        """
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            begun = [pool.submit(self.put, source, path, h) for path, (source, h) in files.items()]
            try:
                for one in begun:
                    one.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def put_text(self, text: bytes, path: str) -> None:
        """Put a small file in the place of the one there is, unless that says the same."""
        if self.read(path) == text:
            return
        with tempfile.TemporaryDirectory() as folder:
            # The name decides what media type it is served as.
            source = Path(folder) / path.rpartition("/")[2]
            source.write_bytes(text)
            self.put(source, path, hashlib.sha256(text).hexdigest())

    def remove(self, path: str) -> None:
        """Remove a file, or a folder with everything in it; nothing there is fine."""

        def delete() -> None:
            with contextlib.suppress(FileNotFoundError):
                self._fs.rm(self._at(path), recursive=True)

        self._tried("removed", path, delete)

    def link(self, path: str, to: str | None) -> None:
        """Point a link elsewhere, or remove it, where the place is a folder of this machine."""
        at = Path(self._at(path))
        if self._local and to is not None:
            if not at.is_symlink() or at.readlink() != Path(to):
                replace_link(at, to)
        elif self._local and at.is_symlink():
            at.unlink()

    def _at(self, path: str) -> str:
        return f"{self._root}/{path}".rstrip("/")

    def _tried(self, what: str, path: str, act: Callable[[], T]) -> T:
        """Do something, and again a few times where it fails, since each store fails its own way.

        Raises:
            SourceUnreachableError: It failed each time, or cannot be done by trying again.
        """
        for attempt in range(TRIES):
            try:
                return act()
            except InputError:
                raise
            except Exception as error:
                if isinstance(error, LASTING) or attempt == TRIES - 1:
                    kind, said = type(error).__name__, masked(str(error)).splitlines()
                    raise SourceUnreachableError(
                        f"target {self.name}: {path or 'its top'} could not be {what} "
                        f"({kind}: {said[0] if said else 'no reason'})"
                    ) from error
                self._wait(FIRST_WAIT * 2**attempt)
        raise AssertionError("TRIES is at least 1")


def media_type(path: str) -> str:
    """What a file is to be served as."""
    known = MEDIA_TYPES.get(Path(path).suffix)
    return known or mimetypes.guess_type(path)[0] or "application/octet-stream"
