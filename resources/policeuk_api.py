"""Asking police.uk's API politely: slowly, again after a failure, and never for ever.

One request at a time, with a pause between any two. Reading the answers belongs in
``openbeat.policeuk.api``; which questions are asked in ``resources.capture``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, urljoin, urlsplit

from openbeat.errors import InputError, SourceUnreachableError
from resources.policeuk import AGENT

if TYPE_CHECKING:
    import requests

TIMEOUT = (10.0, 60.0)  # seconds to connect, and without a byte; police.uk took 17 s once
LONGEST_ANSWER = 120.0  # seconds for the whole of it
LONGEST_WAIT = 120.0  # seconds that are waited where the API asks for it
BODY_LIMIT = 8 << 20  # bytes, unpacked; neighbourhoods take kilobytes
LOST = 8  # questions in a row without a usable answer, after which no more are asked
_CHUNK = 1 << 16
_HOPS = 3
_REDIRECTS = (301, 302, 303, 307, 308)


class NotThereError(Exception):
    """The API knows no such thing (HTTP 404)."""


class _TransientError(Exception):
    """No usable answer this time; ``wait`` is how many seconds the API asks to wait."""

    def __init__(self, problem: str, wait: float = 0.0) -> None:
        self.wait = wait
        super().__init__(problem)


@dataclass
class Client:
    """Asks one API; close it when done.

    Attributes:
        url: The API.
        requests_a_second: At most, redirects and further tries included.
        attempts: How often a question is asked before it is given up.
        clock: Seconds that only go forward.
        sleep: Waits.
        timeout: Seconds to connect, and without a byte.
        body_limit: Bytes an answer may have, unpacked.
        made: Requests made.
    """

    url: str
    requests_a_second: float
    attempts: int
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    timeout: tuple[float, float] = TIMEOUT
    body_limit: int = BODY_LIMIT
    made: int = 0
    _lost: int = 0
    _next: float | None = None
    _begun: float = 0.0
    _session: requests.Session | None = field(default=None, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._session is not None:
            self._session.close()

    def get(self, *parts: str) -> object:
        """Ask for a path, part by part, and read the answer's JSON.

        A busy or broken API is asked again after 2, 4, 8 ... seconds, or later where it says so
        (Retry-After). After ``LOST`` questions in a row without an answer no more are asked.

        Raises:
            NotThereError: HTTP 404.
            InputError: It refuses (HTTP 4xx), points to another host, or says far too much.
            SourceUnreachableError: No usable answer after all attempts.
        """
        path = "/".join(quote(part, safe="") for part in parts)
        if self._lost >= LOST:
            raise SourceUnreachableError(f"{path}: not asked, since the API no longer answers")
        problem, tries, wait = "", 0, 0.0
        while tries < self.attempts and wait <= LONGEST_WAIT:
            tries += 1
            try:
                answer = self._ask(f"{self.url.rstrip('/')}/{path}", path)
            except _TransientError as error:
                problem, wait = str(error), error.wait
                self._hold(max(wait, 2.0**tries if tries < self.attempts else 0.0))
            except (InputError, NotThereError):
                self._lost = 0
                raise
            else:
                self._lost = 0
                return answer
        self._lost = LOST if wait > LONGEST_WAIT else self._lost + 1
        times = "1 try" if tries == 1 else f"{tries} tries"
        raise SourceUnreachableError(f"{path}: no usable answer after {times} ({problem})")

    def _ask(self, url: str, path: str) -> object:
        import requests

        try:
            for _ in range(_HOPS):
                with self._send(url) as response:
                    if response.status_code not in _REDIRECTS:
                        return _json(self._body(response, path))
                    url = _same_host(url, response.headers.get("Location", ""), path)
        except requests.Timeout:
            raise _TransientError("timed out") from None
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
            raise _TransientError("the answer broke off") from None
        except requests.RequestException as error:
            raise _TransientError(f"no connection, {type(error).__name__}") from None
        raise _refused(path, f"it redirects more than {_HOPS} times")

    def _send(self, url: str) -> requests.Response:
        """One request, when its turn has come."""
        self._session = self._session or _session()
        if self._next is not None and (pause := self._next - self.clock()) > 0:
            self.sleep(pause)
        self._next = None
        self._hold(1 / self.requests_a_second)
        self._begun = self.clock()
        self.made += 1
        return self._session.get(url, timeout=self.timeout, stream=True, allow_redirects=False)

    def _hold(self, seconds: float) -> None:
        """No request before that many seconds from now, whatever it is for."""
        until = self.clock() + seconds
        self._next = until if self._next is None else max(self._next, until)

    def _body(self, response: requests.Response, path: str) -> bytes:
        status = response.status_code
        if status == 404:
            raise NotThereError(path)
        if status == 429 or status >= 500:
            raise _TransientError(f"HTTP {status}", _asked_to_wait(response.headers))
        if status != 200:
            raise _refused(path, f"it answers HTTP {status}")
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > self.body_limit:
                raise _refused(path, f"its answer has more than {self.body_limit:,} bytes")
            if self.clock() - self._begun > LONGEST_ANSWER:
                raise _TransientError(f"its answer takes longer than {LONGEST_ANSWER:.0f} s")
        return bytes(body)


def _session() -> requests.Session:
    import requests

    class Session(requests.Session):
        """Redirects are left to us: even told not to follow, requests reads their whole body."""

        def get_redirect_target(self, resp: requests.Response) -> str | None:
            return None

    session = Session()
    session.headers.update(
        {"User-Agent": AGENT, "Accept": "application/json", "Accept-Encoding": "gzip"}
    )
    return session


def _json(body: bytes) -> object:
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise _TransientError("its answer is no JSON") from None


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is not in JSON")


def _same_host(url: str, location: str, path: str) -> str:
    try:
        target = urljoin(url, location)
        before, after = urlsplit(url), urlsplit(target)
        same = bool(location) and (before.scheme, before.netloc) == (after.scheme, after.netloc)
    except ValueError:  # not even a URL
        same = False
    if not same:
        raise _refused(path, "it redirects to another host")
    return target


def _refused(path: str, what: str) -> InputError:
    return InputError(
        f"police.uk's API cannot be used here: {what}",
        file=path,
        rule="api_answer",
        mend="check engagement.capture.url in the settings; if it lasts, the API has changed.",
    )


def _asked_to_wait(headers: Mapping[str, str]) -> float:
    """The seconds of Retry-After; a date there is taken from the answer's own Date."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        later = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("Date", ""))
        return max(0.0, later.total_seconds())
    except (TypeError, ValueError):  # no date, or only one of the two has a zone
        return 0.0
