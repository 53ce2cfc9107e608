"""A web server on this machine for one store of releases: what a publisher looks at first.

Only handing out files over HTTP belongs here; which release is shown is in ``serve_cli``. It is no
server for the public: a store is static files, which any web host serves.
"""

from __future__ import annotations

import gzip
import html
import re
import sys
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urlsplit

TYPES: Final = {
    ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".txt": "text/plain",
    ".md": "text/markdown", ".csv": "text/csv", ".ics": "text/calendar", ".xml": "text/xml",
    ".svg": "image/svg+xml", ".png": "image/png", ".json": "application/json",
    ".geojson": "application/geo+json", ".jsonld": "application/ld+json",
    ".atom": "application/atom+xml", ".pdf": "application/pdf", ".zip": "application/zip",
    ".gz": "application/gzip", ".parquet": "application/vnd.apache.parquet",
    ".pmtiles": "application/vnd.pmtiles", ".gpkg": "application/geopackage+sqlite3",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}  # fmt: skip
"""Media types by ending; all else is ``application/octet-stream``, or text for ``SHA256SUMS``."""
_TEXT: Final = re.compile(r"text/.*|image/svg\+xml|application/((geo|ld)\+)?json|.*\+xml")
_PAGES: Final = {".html", ".css", ".js", ".svg"}  # what other websites have no business with
_INSIDE_ONLY: Final = {"approvals.json"}
_HOST: Final = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.I)
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_GZIP_UP_TO: Final = 8 << 20  # bytes; what is larger is handed out as it is
_CHUNK: Final = 1 << 18


class Preview(ThreadingHTTPServer):
    """A server of a store, on this machine's own address only.

    Args:
        root: The store of releases.
        port: Where to listen; 0 for any free one.
        start: The path, in the store, that ``/`` leads to.
        waiting: The folder of a release that waits for approval, shown as if it were in the store;
            other websites in the same browser may then read nothing.

    Raises:
        OSError: The port is taken.
    """

    daemon_threads = True

    def __init__(self, root: Path, port: int, start: str, waiting: Path | None = None) -> None:
        self.root, self.start, self.waiting = root.resolve(), start, waiting
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def address(self) -> str:
        """The address to open."""
        return f"http://127.0.0.1:{self.server_port}/"

    def find(self, path: str) -> Path | None:
        """The file or folder of a path as a browser asks for it; None for none that is public."""
        parts = [part for part in unquote(path).split("/") if part]
        hidden = any(part.startswith(".") or set(part) & {"\\", "\0"} for part in parts)
        if hidden or _INSIDE_ONLY.intersection(map(str.casefold, parts)):
            return None
        root = self.root
        if self.waiting is not None and parts[:1] == [self.waiting.name]:
            root = self.waiting.parent.resolve()
        try:
            found = root.joinpath(*parts).resolve(strict=True)
        except (OSError, RuntimeError):  # none there, a name too long, links in a circle
            return None
        return found if found.is_relative_to(root) else None

    def handle_error(self, request: object, client_address: object) -> None:
        """Let a browser that left before the answer was whole go in peace."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    """Answers one browser."""

    server: Preview
    server_version, sys_version = "openbeat", ""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each file waits 40 ms for the browser's receipt
    timeout = 60

    def do_GET(self) -> None:
        """Hand out a file, a part of one, or say why not."""
        path = urlsplit(self.path).path
        if not _HOST.fullmatch(self.headers.get("Host", "")):
            # Another website that gave itself this machine's address must not read along.
            self._page(HTTPStatus.MISDIRECTED_REQUEST, "This address is for this machine only.")
        elif path == "/":
            self._redirect("/" + quote(self.server.start))
        else:
            self._found(path, self.server.find(path))

    def do_HEAD(self) -> None:
        """Say what would be handed out."""
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet: the screen shows the address only."""

    def _found(self, path: str, found: Path | None) -> None:
        if found is not None and found.is_dir():
            found = found / "index.html"
            if found.is_file() and not path.endswith("/"):
                return self._redirect(quote(unquote("/" + path.lstrip("/"))) + "/")
        if found is None or not found.is_file():
            return self._page(HTTPStatus.NOT_FOUND, "There is no such page or file.")
        return self._file(found)

    def _file(self, file: Path) -> None:
        told = file.stat()
        kind = TYPES.get(file.suffix.lower(), "application/octet-stream")
        if not file.suffix:
            kind = "text/plain"
        is_text = _TEXT.fullmatch(kind) is not None
        wanted = _range(self.headers.get("Range"), told.st_size)
        tag = f"{told.st_mtime_ns:x}-{told.st_size:x}"
        changed = formatdate(told.st_mtime, usegmt=True)
        if self.headers.get("If-Range", changed) not in (changed, f'"{tag}"'):
            wanted = None
        packs = is_text and told.st_size <= _GZIP_UP_TO and wanted is None
        packs = packs and "gzip" in self.headers.get("Accept-Encoding", "")
        tag = f'"{tag}-gzip"' if packs else f'"{tag}"'
        headers = {
            "Content-Type": f"{kind}; charset=utf-8" if is_text else kind,
            "ETag": tag,
            "Last-Modified": changed,
            "Cache-Control": "no-cache",
            "Accept-Ranges": "bytes",
            "X-Content-Type-Options": "nosniff",
            **({"Vary": "Accept-Encoding"} if is_text else {}),
        }
        if file.suffix.lower() not in _PAGES and self.server.waiting is None:
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Access-Control-Expose-Headers"] = "Accept-Ranges, Content-Range, ETag"
        if self._held(tag, changed):
            return self._head(HTTPStatus.NOT_MODIFIED, headers)
        if packs:
            body = gzip.compress(file.read_bytes(), 5, mtime=0)
            headers |= {"Content-Encoding": "gzip", "Content-Length": str(len(body))}
            self._head(HTTPStatus.OK, headers)
            return self._write(body)
        return self._part(file, told.st_size, wanted, headers)

    def _held(self, tag: str, changed: str) -> bool:
        """Whether the browser has the file as it is: its tag, else its time, says so."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            return "*" in tags or tag in [one.strip().removeprefix("W/") for one in tags.split(",")]
        return self.headers.get("If-Modified-Since") == changed

    def _part(
        self, file: Path, size: int, wanted: tuple[int, int] | None, headers: dict[str, str]
    ) -> None:
        """A file, or the bytes of it from the first up to the second number."""
        begin, end = wanted or (0, size)
        if begin >= end and wanted is not None:
            headers |= {"Content-Range": f"bytes */{size}", "Content-Length": "0"}
            return self._head(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers)
        if wanted is not None:
            headers["Content-Range"] = f"bytes {begin}-{end - 1}/{size}"
        headers["Content-Length"] = str(end - begin)
        self._head(HTTPStatus.OK if wanted is None else HTTPStatus.PARTIAL_CONTENT, headers)
        with file.open("rb") as opened:
            opened.seek(begin)
            while begin < end and (chunk := opened.read(min(_CHUNK, end - begin))):
                self._write(chunk)
                begin += len(chunk)
        return None

    def _redirect(self, target: str) -> None:
        self._head(HTTPStatus.FOUND, {"Location": target, "Content-Length": "0"})

    def _page(self, status: HTTPStatus, text: str) -> None:
        """A short page that says what is wrong and leads back."""
        body = (
            '<!DOCTYPE html><html lang="en-GB"><meta charset="utf-8"><title>openbeat</title>'
            f'<h1>{html.escape(text)}</h1><p><a href="/">The first page of the website</a></p>'
        ).encode()
        headers = {"Content-Type": TYPES[".html"] + "; charset=utf-8"}
        self._head(status, headers | {"Content-Length": str(len(body))})
        self._write(body)

    def _head(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _write(self, body: bytes) -> None:
        if self.command != "HEAD":
            self.wfile.write(body)


def _range(asked: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last; None for no range, or one not understood.

    A range that begins beyond the file is empty. Several at once are not understood, which RFC 9110
    allows: the answer is then the whole file.
    """
    match = _RANGE.fullmatch((asked or "").strip())
    if match is None or match.group(1, 2) == ("", ""):
        return None
    first, last = match.group(1, 2)
    if not first:
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last else size
