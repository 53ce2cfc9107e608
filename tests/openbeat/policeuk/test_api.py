"""What is kept of police.uk's answers, and that nothing else gets through."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeat.errors import InputError
from openbeat.policeuk.api import (
    READERS,
    TEXT_LIMIT,
    plain_text,
    read_details,
    read_events,
    read_neighbourhoods,
    read_priorities,
    read_team,
    without_postcode,
)

WHERE = "kent C01"
_BITS = [
    *("<", ">", "</", "&lt;", "&gt;", "&amp;", "&", "#60;", "<!--", "-->", "<![", "]]>", "<?"),
    *("<script>", "</script>", "<style", "p", "b", " ", '"', "'", "=", "\u200b", "\ud800", "\x00"),
]
MARKUP = st.lists(st.one_of(st.sampled_from(_BITS), st.text(max_size=4)), max_size=14).map("".join)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One.</p>\n\n<p>Two.</p>", "One. Two."),
        ("<ul><li>Cars</li><li>Noise</li></ul>", "Cars Noise"),
        ("Leake &amp; Keyworth", "Leake & Keyworth"),
        ("caf&eacute;&nbsp;and&#8217;s", "café and’s"),
        ("twice &amp;amp; escaped", "twice & escaped"),
        ("<b>bo</b>ld <a href='x'>link</a>", "bold link"),
        ("a<script>alert('x')</script><style>p{}</style>b", "a b"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;b", "b"),
        ("a<!-- hidden <b>x</b> -->b", "a b"),
        ("under 5 < 6 & over", "under 5 < 6 & over"),
        ("cut off <img src=x onerror=alert(1)", "cut off img src=x onerror=alert(1)"),
        ("\u202eab\u200bc\ufeff", "abc"),
        ("half \ud83d a pair", "half a pair"),
        ("tab\tand\r\nline\x00", "tab and line"),
        ("Cafe\u0301", "Café"),
        ("   ", ""),
    ],
)
def test_html_becomes_one_line_of_plain_text(html: str, text: str) -> None:
    assert plain_text(html) == text


@given(MARKUP)
def test_no_text_holds_a_tag_and_plain_text_stays_as_it_is(html: str) -> None:
    text = plain_text(html)
    assert not re.search(r"<[A-Za-z/!?]", text)
    assert plain_text(text) == text
    assert text.encode("utf-8").decode() == text
    assert text == " ".join(text.split())


def priority(**changes: Any) -> dict[str, Any]:
    return {
        "issue": "<p>Cars racing</p>",
        "issue-date": "2025-06-30T00:00:00",
        "action": None,
        "action-date": None,
    } | changes


def test_a_priority_keeps_its_words_and_londons_days() -> None:
    acted = {"action": "Patrols &amp; signs", "action-date": "2025-06-30T23:30:00+00:00"}
    assert read_priorities([priority(), priority(**acted)], WHERE) == [
        {"issue": "Cars racing", "issue_date": "2025-06-30", "action": None, "action_date": None},
        {
            "issue": "Cars racing",
            "issue_date": "2025-06-30",
            "action": "Patrols & signs",
            "action_date": "2025-07-01",  # half past midnight there
        },
    ]


def test_a_priority_that_says_nothing_is_none() -> None:
    assert read_priorities([priority(issue="<p>&nbsp;</p>"), {}], WHERE) == []


@pytest.mark.parametrize("date", ["30/06/2025", "soon", "9999-12-31T23:59:59-12:00"])
def test_a_date_that_cannot_be_read_is_left_for_the_intake_to_find(date: str) -> None:
    assert read_priorities([priority(**{"issue-date": date})], WHERE)[0]["issue_date"] == date
    event = read_events([{"title": "Surgery", "start_date": date}], WHERE)[0]
    assert (event["start_at"], event["end_at"]) == (date, None)


@pytest.mark.parametrize(
    ("start", "moment"),
    [
        ("2025-01-15T18:30:00", "2025-01-15T18:30:00Z"),
        ("2025-07-15T18:30:00", "2025-07-15T17:30:00Z"),  # summer time
        ("2025-10-26T01:30:00", "2025-10-26T00:30:00Z"),  # there twice: the first
        ("2025-07-15T18:30:00Z", "2025-07-15T18:30:00Z"),
        ("2025-07-15T18:30:00.500", "2025-07-15T17:30:00Z"),
        ("2025-07-15", "2025-07-14T23:00:00Z"),
    ],
)
def test_a_time_without_a_zone_is_londons(start: str, moment: str) -> None:
    assert read_events([{"start_date": start}], WHERE)[0]["start_at"] == moment


def test_an_event_keeps_no_contact_and_no_postcode() -> None:
    event = {
        "title": "Beat surgery",
        "type": "meeting",
        "start_date": "2025-07-15T18:30:00",
        "end_date": "2025-07-15T19:30:00",
        "description": "<p>Come and talk.</p>",
        "address": "Library, High Street\n, Maidstone, ME14 1AA",
        "contact_details": {"email": "a.sergeant@example.org", "mobile": "07700 900123"},
    }
    assert read_events([event], WHERE) == [
        {
            "title": "Beat surgery",
            "type": "meeting",
            "start_at": "2025-07-15T17:30:00Z",
            "end_at": "2025-07-15T18:30:00Z",
            "description": "Come and talk.",
            "venue": "Library, High Street, Maidstone",
        }
    ]


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("Hall, ME14 1AA, Kent", "Hall, Kent"),
        ("Hall me141aa", "Hall"),
        ("Hall GIR 0AA", "Hall"),
        ("W1A 1AA", None),
        ("Room B12, 1 High Street", "Room B12, 1 High Street"),
        ("Block B1 2nd floor, SW1A 2ND", "Block B1 2nd floor"),
        (None, None),
    ],
)
def test_a_venue_loses_its_postcode_and_nothing_else(address: str | None, kept: str | None) -> None:
    assert without_postcode(address) == kept


def test_of_a_team_only_the_number_of_names_is_kept() -> None:
    team = [
        {"name": "Ada Secret", "rank": None, "bio": "secret", "contact_details": {}},
        {"name": " ", "rank": "PC"},
        {"name": None},
    ]
    assert read_team(team, WHERE) == [{"named_officers": 1}]
    assert read_team([], WHERE) == [{"named_officers": 0}]


def details(**changes: Any) -> dict[str, Any]:
    return {
        "id": "C01",
        "name": "Leake &amp; Keyworth",
        "url_force": "http://www.example.org/leake",
        "population": "1000",
        "centre": {"latitude": "52.6389", "longitude": "-1.13619"},
        "links": [{"url": "http://www.example.org/", "title": "Council", "description": None}],
        "locations": [{"postcode": "ME14 1AA", "address": "74 Secret Street"}],
        "contact_details": {"email": "secret@example.org", "telephone": "07700 900123"},
        "description": "Led by Ada Secret",
    } | changes


def test_of_a_neighbourhood_no_address_telephone_email_or_name_is_kept() -> None:
    [row] = read_details(details(), WHERE)
    assert row == {
        "name": "Leake & Keyworth",
        "url_force": "http://www.example.org/leake",
        "population": 1000,
        "latitude": 52.6389,
        "longitude": -1.13619,
        "links": json.dumps([{"title": "Council", "url": "http://www.example.org/"}]),
    }
    assert not re.search("(?i)secret|07700|ME14", str(row))


@pytest.mark.parametrize("population", ["0", "A", "", None, "-1", "1.5", [], "9" * 30])
def test_a_population_that_is_none_is_left_out(population: object) -> None:
    assert read_details(details(population=population), WHERE)[0]["population"] is None


@pytest.mark.parametrize(
    "centre",
    [
        None,
        {},
        {"latitude": None, "longitude": None},
        {"latitude": "A", "longitude": "B"},
        {"latitude": "nan", "longitude": "1"},
        {"latitude": "91", "longitude": "0"},
        {"latitude": "51", "longitude": "181"},
        {"latitude": "0", "longitude": "0"},
    ],
)
def test_a_centre_that_is_no_place_is_left_out(centre: object) -> None:
    [row] = read_details(details(centre=centre), WHERE)
    assert (row["latitude"], row["longitude"]) == (None, None)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.org/a?b=1&amp;c=2", "https://example.org/a?b=1&c=2"),
        ("", None),
        (None, None),
        ("javascript:alert(1)", None),
        ("https://name:word@example.org/", None),
        ('https://example.org/"onmouseover=', None),
        ("https://example.org/a b", None),
        ("https://example.org/\ud800", None),
    ],
)
def test_only_links_to_pages_are_kept(url: str | None, kept: str | None) -> None:
    [row] = read_details(details(url_force=url, links=[{"url": url, "title": "x"}]), WHERE)
    assert row["url_force"] == kept
    assert row["links"] == (json.dumps([{"title": "x", "url": kept}]) if kept else None)


def test_ids_are_kept_as_they_are_written_each_once() -> None:
    ids = ["NC04", "nc04", "Banks & Hesketh", "NC04", "A/B"]
    found = read_neighbourhoods([{"id": i, "name": "x"} for i in ids], "kent")
    assert found == sorted({"NC04", "nc04", "Banks & Hesketh", "A/B"})


@pytest.mark.parametrize("bad", ["", " ", ".", "..", 7, None, "a\nb", "\ud800", "x" * 101])
def test_an_id_that_would_lead_elsewhere_is_refused(bad: object) -> None:
    with pytest.raises(InputError, match="api_shape"):
        read_neighbourhoods([{"id": bad}], "kent")


def test_a_force_that_lists_no_neighbourhood_is_refused() -> None:
    with pytest.raises(InputError, match="the list is empty"):
        read_neighbourhoods([], "kent")


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("answer", [None, 7, "secret", ["secret"], [None], {"error": "secret"}])
def test_another_shape_is_refused_without_being_quoted(kind: str, answer: object) -> None:
    if kind == "neighbourhoods" and isinstance(answer, dict):
        answer = {"name": ["secret"]}
    with pytest.raises(InputError) as caught:
        READERS[kind][1](answer, WHERE)
    assert WHERE in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("priorities", [{"issue": 7}]),
        ("priorities", [{"issue": "x" * (TEXT_LIMIT + 1)}]),
        ("events", [{"title": ["x"]}]),
        ("events", [{"start_date": 1750000000}]),
        ("teams", [{"name": {}}]),
        ("neighbourhoods", {"centre": "here"}),
        ("neighbourhoods", {"links": "here"}),
        ("neighbourhoods", {"links": [{"url": "http://example.org", "title": 7}]}),
    ],
)
def test_a_field_of_another_shape_is_refused(kind: str, answer: object) -> None:
    with pytest.raises(InputError, match="another shape"):
        READERS[kind][1](answer, WHERE)
