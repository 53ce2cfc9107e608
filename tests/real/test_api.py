"""Answers in police.uk's shapes that nobody on this project made, odd ones among them."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from openbeat.errors import InputError
from openbeat.policeuk.api import (
    READERS,
    read_details,
    read_events,
    read_neighbourhoods,
    read_priorities,
    read_team,
)
from openbeat.policeuk.captured import captured_rows, empty, merged, shown, teams_frame

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "realdata"
REAL = Path(os.environ.get("OPENBEAT_REAL_DATA", DEFAULT)) / "api"

pytestmark = pytest.mark.skipif(
    not REAL.is_dir(), reason="real data not here; set OPENBEAT_REAL_DATA to its folder"
)
KIT, NET = "police-data-kit-fixtures", "policeuk-net-fixtures"
DAY = date(2026, 10, 31)


def answer(folder: str, name: str) -> Any:
    return json.loads((REAL / folder / f"{name}.json").read_text("utf-8-sig"))


def test_html_in_a_name_and_null_coordinates() -> None:
    [row] = read_details(answer(KIT, "neighbourhood-html-in-name"), "x")
    assert (row["name"], row["population"]) == ("Leake & Keyworth", 1000)
    assert (row["latitude"], row["longitude"]) == (52.6389, -1.13619)


def test_an_invalid_population_and_an_empty_page() -> None:
    assert (
        read_details(answer(KIT, "neighbourhood-invalid-population"), "x")[0]["population"] is None
    )
    assert read_details(answer(KIT, "neighbourhood-empty-force-url"), "x")[0]["url_force"] is None
    centre = {"centre": answer(KIT, "coordinate-invalid")}
    assert read_details(centre, "x")[0]["latitude"] is None


@pytest.mark.parametrize(("folder", "name"), [(KIT, "neighbourhood"), (NET, "Neighbourhood")])
def test_of_a_neighbourhood_no_postcode_telephone_or_email_is_kept(folder: str, name: str) -> None:
    given = answer(folder, name)
    kept = json.dumps(read_details(given, "x"))
    for channel in ("email", "telephone"):
        assert given["contact_details"][channel] not in kept
    for place in given["locations"]:
        assert place["postcode"] not in kept
        assert place["address"] not in kept


def test_priorities_in_html_and_without_an_action() -> None:
    names = ("neighbourhood-priority", "neighbourhood-priority-html")
    names += ("neighbourhood-priority-no-action",)
    rows = read_priorities([answer(KIT, name) for name in names], "x")
    dates = [(row["issue_date"], row["action_date"]) for row in rows]
    assert dates == [
        ("2015-10-08", "2015-12-22"),
        ("2018-09-20", "2019-01-14"),
        ("2016-04-14", None),
    ]
    assert rows[1]["issue"].startswith("Beggars and homeless persons are using private premises")
    assert not re.search("[<>\n]", str([row["issue"] for row in rows]))
    assert rows[2]["action"] is None


def test_events_teams_and_lists_to_our_tables() -> None:
    ids = read_neighbourhoods(answer(NET, "Neighbourhoods.Multiple"), "x")
    assert ids == ["C01", "C02"]
    assert read_neighbourhoods([answer(KIT, "neighbourhood-reference")], "x") == ["NC04"]
    answers = {
        "neighbourhoods": read_details(answer(NET, "Neighbourhood"), "x"),
        "priorities": read_priorities([answer(KIT, "neighbourhood-priority-html")], "x"),
        "events": read_events(answer(NET, "NeighbourhoodEvents.Multiple"), "x"),
        "teams": read_team(answer(NET, "NeighbourhoodTeam.Multiple"), "x"),
    }
    place = pl.DataFrame({"force_id": ["metropolitan"], "neighbourhood_id": ["C01"]})
    frames = {
        kind: merged(
            empty(kind), shown(kind, "metropolitan", [("C01", row) for row in rows]), place, DAY
        )
        for kind, rows in answers.items()
    }
    events = captured_rows(frames, "engagement_events")
    assert events.select("title", "start_at", "method", "venue_public").sort("title").rows() == [
        (
            "Aikman Avenue beat surgery",
            "2011-11-02T10:00:00Z",
            "surgery_or_drop_in",
            "Library, Aikman Avenue",
        ),
        (
            "Bateman Road beat surgery",
            "2011-11-02T18:30:00Z",
            "surgery_or_drop_in",
            "Hand in Hand, Bateman Road",
        ),
    ]
    assert captured_rows(frames, "priorities").height == 1
    assert teams_frame(frames)["named_officers"].to_list() == [2]
    kept = "".join(str(frame.rows()) for frame in frames.values())
    assert not re.search("Wardle|Marlow|07884|snt@|bio1|RM6", kept)


@pytest.mark.parametrize("name", ["police-officer", "police-officer-nulls"])
def test_an_officer_without_a_rank_is_named_too(name: str) -> None:
    assert read_team([answer(KIT, name)], "x") == [{"named_officers": 1}]


def test_every_file_is_either_read_or_refused_in_words() -> None:
    """Whatever answers whichever question: an answer of another route is refused, or harmless."""
    texts = [path.read_text("utf-8-sig") for path in sorted(REAL.rglob("*.json"))]
    assert len(texts) > 30
    for text in texts:
        try:
            given = json.loads(text)
        except ValueError:
            continue
        for _parts, reader in READERS.values():
            try:
                rows = reader(given, "x")
            except InputError:
                continue
            assert all(isinstance(row, dict) for row in rows)
