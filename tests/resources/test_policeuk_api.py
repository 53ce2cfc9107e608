"""Asking an API that is busy, broken, endless or elsewhere: slowly, again, and not for ever."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from openbeat import __version__
from openbeat.errors import InputError, SourceUnreachableError
from resources.policeuk_api import LONGEST_ANSWER, LONGEST_WAIT, LOST, Client, NotThereError

_PATH = Path(__file__).parents[1] / "fixtures" / "police_api.py"
_SPEC = importlib.util.spec_from_file_location("police_api", _PATH)
assert _SPEC is not None
assert _SPEC.loader is not None
fake = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(fake)

LIST = [{"id": "C01", "name": "New Parks"}]
PATH = "kent/neighbourhoods"


@pytest.fixture
def api() -> Iterator[Any]:
    with fake.serve() as api:
        api.answers[PATH] = LIST
        yield api


def client(api: Any, **changed: Any) -> Client:
    settings = {"requests_a_second": 10, "attempts": 5} | changed
    return Client(api.url, clock=api.time.clock, sleep=api.time.sleep, **settings)


def get(api: Any, **changed: Any) -> object:
    with client(api, **changed) as asking:
        return asking.get("kent", "neighbourhoods")


def test_it_says_who_asks_and_takes_gzip(api: Any) -> None:
    assert get(api) == LIST
    [(path, headers, _at)] = api.asked
    assert path == PATH
    assert headers["User-Agent"] == f"openbeat/{__version__} (open data pipeline)"
    assert headers["Accept-Encoding"] == "gzip"


def test_a_byte_order_mark_is_read_over(api: Any) -> None:
    api.answers[PATH] = b"\xef\xbb\xbf[]"
    assert get(api) == []


@pytest.mark.parametrize("rate", [2, 7.5, 10, 15])
def test_no_more_requests_are_made_in_a_second_than_are_allowed(api: Any, rate: float) -> None:
    api.next[PATH] = [fake.BUSY, fake.EMPTY_503, fake.elsewhere("/api/kent/other")]
    api.answers["kent/other"] = LIST
    with client(api, requests_a_second=rate) as asking:
        for _ in range(40):
            asking.get("kent", "neighbourhoods")
    gaps = [b - a for a, b in zip(api.times, api.times[1:], strict=False)]
    assert len(api.asked) == asking.made == 43
    assert min(gaps) >= 1 / rate - 1e-9
    assert api.most_in_a_second() <= math.ceil(rate) <= 15


def test_nothing_is_waited_where_the_answers_take_long_enough(api: Any) -> None:
    with client(api) as asking:
        asking.get("kent", "neighbourhoods")
        api.time.now += 3
        asking.get("kent", "neighbourhoods")
    assert api.time.slept == []


@pytest.mark.parametrize(
    "trouble", ["BUSY", "EMPTY_503", "reset", "truncated", "HTML", "GARBLED", "NAN"]
)
def test_what_may_pass_is_asked_again_ever_later(api: Any, trouble: str) -> None:
    api.next[PATH] = [getattr(fake, trouble)] * 3
    assert get(api) == LIST
    assert api.paths == [PATH] * 4
    assert api.time.slept == [2.0, 4.0, 8.0]


def test_an_answer_that_does_not_begin_is_not_waited_for_for_ever(api: Any) -> None:
    api.next[PATH] = [api.slow]
    assert get(api, timeout=(5.0, 0.05)) == LIST
    assert api.time.slept == [2.0]


def test_an_answer_that_does_not_end_is_given_up(api: Any) -> None:
    def crawling(request: BaseHTTPRequestHandler) -> None:
        api.time.now += LONGEST_ANSWER + 1
        fake.status(200, b"[]" + b" " * 100_000)(request)

    api.next[PATH] = [crawling]
    begun = api.time.now
    assert get(api, attempts=2) == LIST
    assert api.time.now - begun >= LONGEST_ANSWER


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "1"}, 2.0),  # the next try is later than that anyway
        ({"Retry-After": "soon"}, 2.0),
        ({"Retry-After": "-5"}, 2.0),
        (
            {
                "Date": "Sun, 01 Jun 2025 12:00:00 GMT",
                "Retry-After": "Sun, 01 Jun 2025 12:00:30 GMT",
            },
            30.0,
        ),
        ({"Retry-After": "Sun, 01 Jun 2025 12:00:30 GMT"}, 2.0),
    ],
)
@pytest.mark.parametrize("code", [429, 503])
def test_a_busy_api_is_left_alone_as_long_as_it_asks(
    api: Any, code: int, headers: dict[str, str], waited: float
) -> None:
    api.next[PATH] = [fake.status(code, **headers)]
    assert get(api) == LIST
    assert api.time.slept == [waited]


def test_the_next_question_waits_too_where_the_last_try_was_told_to(api: Any) -> None:
    api.next[PATH] = [fake.status(429, Retry_After="60")]
    with client(api, attempts=1) as asking:
        with pytest.raises(SourceUnreachableError, match="after 1 try"):
            asking.get("kent", "neighbourhoods")
        asking.get("kent", "neighbourhoods")
    assert api.time.slept == [60.0]


def test_an_api_that_asks_to_be_left_alone_for_long_is(api: Any) -> None:
    api.next[PATH] = [fake.status(429, Retry_After=f"{LONGEST_WAIT + 1:.0f}")]
    with client(api) as asking:
        for _ in range(3):
            with pytest.raises(SourceUnreachableError):
                asking.get("kent", "neighbourhoods")
    assert len(api.asked) == 1
    assert api.time.slept == []


@pytest.mark.parametrize("attempts", [1, 3, 5])
def test_it_is_given_up_after_the_attempts_with_the_reason(api: Any, attempts: int) -> None:
    api.answers[PATH] = fake.EMPTY_503
    with pytest.raises(SourceUnreachableError, match=r"kent/neighbourhoods: .*\(HTTP 503\)"):
        get(api, attempts=attempts)
    assert len(api.asked) == attempts


def test_an_api_that_is_not_there_is_given_up(api: Any) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as closed:
        api.url = f"http://127.0.0.1:{closed.server_port}/api"
    with pytest.raises(SourceUnreachableError, match="no connection"):
        get(api)


def test_an_api_that_no_longer_answers_is_asked_no_more(api: Any) -> None:
    api.answers[PATH] = fake.EMPTY_503
    with client(api, attempts=2) as asking:
        for _ in range(LOST + 5):
            with pytest.raises(SourceUnreachableError):
                asking.get("kent", "neighbourhoods")
    assert len(api.asked) == 2 * LOST
    assert api.most_in_a_second() <= 10
    assert min(b - a for a, b in zip(api.times, api.times[1:], strict=False)) >= 0.1 - 1e-9


@pytest.mark.parametrize("fine", [LIST, None])
def test_one_answer_in_between_shows_that_it_is_there(api: Any, fine: object) -> None:
    """That it knows no such thing is an answer too."""
    if fine is not None:
        api.answers["kent/C01"] = fine
    api.answers[PATH] = fake.EMPTY_503
    with client(api, attempts=1) as asking:
        for _ in range(LOST + 5):
            with pytest.raises(SourceUnreachableError, match="HTTP 503"):
                asking.get("kent", "neighbourhoods")
            if fine is None:
                with pytest.raises(NotThereError):
                    asking.get("kent", "C01")
            else:
                asking.get("kent", "C01")


def test_what_is_not_there_is_not_asked_for_again(api: Any) -> None:
    with client(api) as asking, pytest.raises(NotThereError):
        asking.get("kent", "C99")
    assert len(api.asked) == 1


@pytest.mark.parametrize("code", [400, 403, 410, 206])
def test_a_refusal_is_not_asked_again(api: Any, code: int) -> None:
    api.answers[PATH] = fake.status(code)
    with pytest.raises(InputError, match=f"HTTP {code}"):
        get(api)
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    "location",
    [
        "http://elsewhere.example/api",
        "//elsewhere.example/api",
        "https://127.0.0.1/api",
        "http://127.0.0.1:1/api",
        "https://127.0.0.1:PORT/api",
        "file:///etc/hosts",
        "http://[bad",
        "",
    ],
)
def test_it_does_not_follow_to_another_host(api: Any, location: str) -> None:
    api.answers[PATH] = fake.elsewhere(location.replace("PORT", str(urlsplit(api.url).port)))
    with pytest.raises(InputError, match="redirects to another host"):
        get(api)
    assert len(api.asked) == 1


def test_it_follows_on_the_same_host_but_not_in_circles(api: Any) -> None:
    api.answers["kent/old"] = fake.elsewhere(f"{api.url}/{PATH}")
    with client(api) as asking:
        assert asking.get("kent", "old") == LIST
    api.answers["kent/round"] = fake.elsewhere("/api/kent/round")
    with client(api) as asking, pytest.raises(InputError, match="more than 3 times"):
        asking.get("kent", "round")


def test_the_body_of_a_redirect_is_not_read(api: Any) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        fake.status(301, Location="/api/kent/other", Content_Length="1000000000")(request)
        api.slow(request)

    api.next[PATH] = [endless]
    api.answers["kent/other"] = LIST
    assert get(api, timeout=(5.0, 0.5)) == LIST
    assert api.paths == [PATH, "kent/other"]


@pytest.mark.parametrize("packed", [True, False])
def test_a_body_without_end_is_refused(api: Any, packed: bool) -> None:
    body = b"[" + b" " * 300_000 + b"]"
    api.answers[PATH] = body if packed else fake.status(200, body)
    with pytest.raises(InputError, match="more than 200,000 bytes"):
        get(api, body_limit=200_000)
    assert len(api.asked) == 1
    assert get(api, body_limit=400_000) == []


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("City Centre", "City%20Centre"),
        ("NC04", "NC04"),
        ("nc04", "nc04"),
        ("a/b?c#d&e%20", "a%2Fb%3Fc%23d%26e%2520"),
        ("Pontcysyllté", "Pontcysyllt%C3%A9"),
    ],
)
def test_an_id_is_asked_for_as_it_is_written(api: Any, name: str, path: str) -> None:
    api.answers[f"kent/{path}/priorities"] = []
    with client(api) as asking:
        assert asking.get("kent", name, "priorities") == []
    assert api.paths == [f"kent/{path}/priorities"]
