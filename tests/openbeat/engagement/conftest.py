"""A real PostgreSQL server, started from what is installed, and workbooks of the ODS kind."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

_SECONDS = 60
_SETTINGS = {
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "timezone": "America/New_York",  # what it answers must not lean on the server's own clock
}


def _binaries() -> Path | None:
    """The newest version of the server's programs, which Debian keeps off the path."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda p: float(p.parts[-3])
    )
    on_path = shutil.which("pg_ctl")
    if found:
        return found[-1].parent
    return Path(on_path).parent if on_path else None


def _run(*command: str | Path, user: str | None = None) -> None:
    """PostgreSQL does not run as root, so root runs it as somebody who owns its folder."""
    done = subprocess.run(
        [str(part) for part in command],
        user=user,
        group=None if user is None else pwd.getpwnam(user).pw_gid,
        extra_groups=None if user is None else [],
        cwd="/",
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr.decode()[-2000:]}")


def _user() -> str | None:
    if os.geteuid():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of an empty database on a PostgreSQL server of our own.

    Skips where no server is installed, unless OPENBEAT_NEEDS_POSTGRES is set, as in CI.
    """
    binaries = _binaries()
    if binaries is None:
        words = "no PostgreSQL server is installed here (its package is called postgresql)"
        if os.environ.get("OPENBEAT_NEEDS_POSTGRES"):
            pytest.fail(words)
        pytest.skip(words)
    user = _user()
    with tempfile.TemporaryDirectory(prefix="openbeat-postgres-") as name:
        folder, data = Path(name), Path(name) / "data"
        password = folder / "password"
        password.write_text("for-tests")
        folder.chmod(0o755)
        if user is not None:
            entry = pwd.getpwnam(user)
            for path in (folder, password):
                os.chown(path, entry.pw_uid, entry.pw_gid)
        login = ("--username=openbeat", "--auth=scram-sha-256", f"--pwfile={password}")
        _run(
            *(binaries / "initdb", "-D", data, "--no-sync", "--encoding=UTF8", "--locale=C"),
            *login,
            user=user,
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = " ".join(f"-c {key}='{value}'" for key, value in _SETTINGS.items())
        control = (binaries / "pg_ctl", "-D", data, "-t", str(_SECONDS // 2), "-w")
        log = ("-l", folder / "log")
        try:
            _run(*control, *log, "-o", f"-p {port} {options}", "start", user=user)
            yield f"postgresql://openbeat:for-tests@127.0.0.1:{port}/postgres"
        finally:
            with contextlib.suppress(RuntimeError):  # it may not have started
                _run(*control, "-m", "immediate", "stop", user=user)


Cells = Sequence[Sequence[Any]]
WriteOds = Callable[[Path, dict[str, Cells]], Path]
_NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text")
)
_MIME = "application/vnd.oasis.opendocument.spreadsheet"


def _ods_cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    kind, attribute = "string", ""
    if isinstance(value, bool):
        kind, attribute = "boolean", f'office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, int | float):
        kind, attribute = "float", f'office:value="{value}"'
    elif isinstance(value, date | datetime):
        kind, attribute = "date", f'office:date-value="{value.isoformat()}"'
    elif isinstance(value, time):
        kind, attribute = "time", f'office:time-value="{value.strftime("PT%HH%MM%SS")}"'
    shown = escape(str(value))
    return (
        f'<table:table-cell office:value-type="{kind}" {attribute}><text:p>{shown}</text:p>'
        "</table:table-cell>"
    )


@pytest.fixture(scope="session")
def write_ods() -> WriteOds:
    """Writes sheets of cells as an ODS workbook, as LibreOffice does: blank rows in one element."""

    def write(path: Path, sheets: dict[str, Cells]) -> Path:
        body = ""
        for name, rows in sheets.items():
            body += f'<table:table table:name="{name}">'
            for row in rows:
                cells = "".join(_ods_cell(value) for value in row)
                body += f"<table:table-row>{cells or '<table:table-cell/>'}</table:table-row>"
            body += (
                '<table:table-row table:number-rows-repeated="1048000">'
                '<table:table-cell table:number-columns-repeated="1024"/></table:table-row>'
                "</table:table>"
            )
        content = (
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_NAMESPACES}'
            f' office:version="1.2"><office:body><office:spreadsheet>{body}'
            "</office:spreadsheet></office:body></office:document-content>"
        )
        manifest = (
            '<?xml version="1.0"?><m:manifest '
            'xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<m:file-entry m:full-path="/" m:media-type="{_MIME}"/></m:manifest>'
        )
        with zipfile.ZipFile(path, "w") as book:
            book.writestr("mimetype", _MIME)
            book.writestr("META-INF/manifest.xml", manifest)
            book.writestr("content.xml", content)
        return path

    return write
