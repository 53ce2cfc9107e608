"""What those who hold or attend a meeting rely on in a pack."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest


def test_the_next_meeting_is_the_soonest_planned_after_the_day(rows: Any, write: Any) -> None:
    tables = rows.tables(
        engagement_events=[
            rows.planned("EV-3", date(2025, 10, 9), title="October"),
            rows.planned("EV-2", date(2025, 9, 11), title="September"),
            rows.planned("EV-1", date(2025, 7, 31), title="On the day itself"),
            rows.planned("EV-0", date(2025, 8, 2), title="Stall", is_meeting="no"),
            rows.planned("EV-4", date(2025, 8, 5), title="Called off", status="cancelled"),
            rows.planned("EV-5", date(2025, 8, 1), title="Elsewhere", neighbourhood_id="NB02"),
        ]
    )
    packs = write(tables)
    data, text = packs.data(), packs.page().text
    assert data["next_meeting"]["event_id"] == "EV-2"
    assert [e["event_id"] for e in data["coming_events"]] == ["EV-0", "EV-2", "EV-3"]
    assert [e["event_id"] for e in data["called_off"]] == ["EV-4"]
    assert "Thursday 11 September 2025, 7pm to 8:30pm" in text
    assert "Cancelled: Called off" in text
    assert packs.data("NB02")["next_meeting"]["event_id"] == "EV-5"


def test_without_a_planned_meeting_it_says_so_and_when_the_last_was(rows: Any, write: Any) -> None:
    packs = write(rows.tables(engagement_events=[rows.event("EV-1")]))
    text = packs.page().text
    assert "No meeting is announced. The last one was on 12 June 2025." in text
    assert "Add to your calendar" not in text
    assert not packs.calendar().exists()


def test_what_needs_attention_is_said_with_its_reason(busy: Any) -> None:
    text = busy.page().text
    assert "No open priority was updated in the 3 months up to 31 July 2025." in text
    assert "Actions overdue: 1." in text


def test_how_to_answer_back(busy: Any) -> None:
    page = busy.page()
    assert "https://www.northshire.example/harbour" in page.links
    for said in ("harbour@northshire.example", "999", "101", "18001 101"):
        assert said in page.text


def test_a_missing_month_is_not_available_and_never_0(rows: Any, write: Any) -> None:
    gap = {"2025-03": "missing", "2025-06": "missing"}
    tables = rows.tables() | rows.crime_tables(rows.PLACE, coverage=gap)
    packs = write(tables)
    crime, text = packs.data()["crime"], packs.page().text
    for row in (crime["total"], crime["antisocial_behaviour"], *crime["types"]):
        assert row["values"][9] is None
        assert row["values"][-1] is None
        assert row["latest"] is None
        assert row["statuses"][-1] == "x"
        assert row["usual_months"] == 11
    assert crime["months"][9] == "2025-03"
    assert "No figures are available for June 2025." in text
    assert "That does not mean that there was no crime." in text
    assert "Burglary not available" in text


def test_no_file_is_said_to_be_missing_where_the_place_was_not_there(rows: Any, write: Any) -> None:
    tables = rows.tables() | rows.crime_tables(rows.PLACE, coverage={"2025-03": "missing"})
    text = write(tables).page().text
    assert "A sum over 12 months is not available: 11 of the 12 have whole figures." in text
    assert "12 were supplied" not in text


def test_a_type_that_did_not_occur_in_a_month_that_was_supplied_is_0(rows: Any, write: Any) -> None:
    tables = rows.tables()
    crime = tables["crime"].filter(
        (pl.col("crime_type") != "Drugs") | (pl.col("month") != rows.MONTH)
    )
    data = write({**tables, "crime": crime}).data()
    drugs = next(t for t in data["crime"]["types"] if t["crime_type"] == "Drugs")
    assert (drugs["latest"], drugs["latest_status"]) == (0, None)


def test_a_partial_month_is_said_to_be_partial_and_kept_out_of_the_usual(
    rows: Any, write: Any
) -> None:
    partial = {"2025-06": "partial_suspected", "2025-05": "partial_suspected"}
    packs = write(rows.tables() | rows.crime_tables(rows.PLACE, coverage=partial))
    total, text = packs.data()["crime"]["total"], packs.page().text
    assert total["latest_status"] == "u"
    assert total["usual_months"] == 11
    assert "The month looks partial" in text
    assert "or more" in text


def test_a_usual_month_needs_six(rows: Any, write: Any) -> None:
    months = rows.MONTHS
    five = {m: "missing" for m in months if m not in months[-6:]}
    six = {m: "missing" for m in months if m not in months[-7:]}
    for gap, usual in ((five, False), (six, True)):
        tables = rows.tables() | rows.crime_tables(rows.PLACE, coverage=gap)
        total = write(tables).data()["crime"]["total"]
        assert (total["usual"] is not None) is usual


def test_crime_of_every_force_is_in_and_anti_social_behaviour_is_apart(busy: Any) -> None:
    crime = busy.data()["crime"]
    total, types = crime["total"], crime["types"]
    assert "Anti-social behaviour" not in [t["crime_type"] for t in types]
    assert sum(t["latest"] for t in types) == total["latest"]
    assert crime["by_other_forces"] == 2


def test_the_forces_that_reported_are_named_and_no_other(rows: Any, write: Any) -> None:
    tables = rows.tables()
    assert "2 of them were reported by British Transport Police." in write(tables).page().text
    crime = tables["crime"]
    railway = crime.filter(pl.col("force_id") == "btp")
    harbour = railway.with_columns(
        pl.lit("harbour").alias("force_id"),
        pl.lit("Harbour Police").alias("force_name"),
        pl.lit(1, dtype=pl.Int64).alias("count"),
    )
    elsewhere = harbour.with_columns(
        pl.lit("Moor Police").alias("force_name"), pl.lit("2025-05").alias("month")
    )
    more = tables["crime_summary"].with_columns(pl.lit(3, dtype=pl.Int64).alias("by_other_forces"))
    packs = write(
        {**tables, "crime": pl.concat([crime, harbour, elsewhere]), "crime_summary": more}
    )
    text = packs.page().text
    assert (
        "3 of them were reported by other forces: British Transport Police 2 and Harbour Police 1."
    ) in text
    assert "Moor Police" not in text
    assert [f["reported_by"] for f in packs.data()["crime"]["other_forces"]] == ["btp", "harbour"]


def test_it_is_said_which_month_and_day_the_figures_are_of(busy: Any) -> None:
    for stem in ("NB01", "index"):
        text = busy.page(stem).text
        assert "Crime figures: June 2025 , the newest month on police.uk." in text
        assert "Meetings, answers and activity: up to 31 July 2025 ." in text


def test_the_index_of_a_force_says_where_there_are_answers(busy: Any) -> None:
    text = busy.page("index").text
    assert "Harbour and Old Town : next meeting 11 September 2025; 3 answers" in text
    assert "Whitmoor : no meeting is announced; no answers" in text
    assert text.index("Harbour and Old Town") < text.index("Whitmoor")


def test_it_says_crimes_published_and_names_what_that_leaves_out(busy: Any) -> None:
    text = busy.page().text
    assert "crimes published on police.uk" in text
    assert "not “recorded crime”: fraud and some other offences are left out" in text
    for word in ("worst", "best", "rank", "league", "because of", "led to", "thanks to"):
        assert word not in text.lower()


def test_every_neighbourhood_has_a_pack_even_if_nothing_is_known(rows: Any, write: Any) -> None:
    tables = rows.tables()
    bare = {name: frame.clear() for name, frame in tables.items() if name != "neighbourhoods"}
    for given in (
        {**bare, "neighbourhoods": tables["neighbourhoods"]},
        {name: tables[name] for name in ("crime", "crime_summary", "neighbourhoods")},
    ):
        packs = write(given)
        assert packs.count == 2
        for stem in ("NB01", "NB02"):
            text = packs.page(stem).text
            assert "No priority is published for this neighbourhood." in text
            assert "No open issue is published" in text
            assert "No activity is published" in text
            assert "No meeting or other engagement is published" in text
            assert "No answer was published" in text


def test_a_neighbourhood_that_is_gone_has_none(rows: Any, write: Any) -> None:
    tables = rows.tables()
    ended = tables["neighbourhoods"].with_columns(
        pl.when(pl.col("neighbourhood_id") == "NB02").then(pl.lit("2025-03")).alias("valid_to")
    )
    packs = write({**tables, "neighbourhoods": ended})
    assert packs.count == 1
    assert not (packs.folder / "northshire" / "NB02.html").exists()


def test_priorities_say_whether_they_are_current(busy: Any) -> None:
    text = busy.page().text
    assert "Vehicle nuisance Current Issue Nuisance scooters on the promenade." in text
    assert "Burglary Not updated for 3 months" in text


def test_activities_are_added_up_and_nothing_logged_is_not_0(busy: Any) -> None:
    activities = {a["activity_type"]: a for a in busy.data()["activities"]}
    assert activities["foot_patrol"]["hours"] == 36
    assert activities["foot_patrol"]["hours_12m"] == 366
    assert activities["enforcement_operation"]["hours"] is None
    assert "Enforcement operation Northshire Police none logged 14.5 hours, 2 times" in (
        busy.page().text
    )


def test_meetings_show_who_took_part_and_what_was_found(busy: Any) -> None:
    text = busy.page().text
    assert "Residents of the harbour streets, two shopkeepers and a youth worker." in text
    assert "The panel set scooters and burglary as priorities." in text
    assert text.count("How many came was not recorded.") == 1


def test_a_force_shows_what_belongs_to_no_one_place(rows: Any, write: Any) -> None:
    nowhere = {"neighbourhood_id": None, "neighbourhood_name": None}
    hidden = dict.fromkeys(("event_date", "title", "venue", "start_at", "end_at"))
    tables = rows.tables(
        engagement_events=[
            rows.event("EV-1", **nowhere, title="Cadet day"),
            rows.event("force-ab", **nowhere, **hidden, organiser_org=None, method="focus_group"),
        ],
        you_said_we_did=[rows.issue("force-cd", **nowhere, raised_on=None, asked=None)],
    )
    packs = write(tables)
    text = packs.page("index").text
    assert "Cadet day" in text
    assert "Focus group 2025." in text
    assert "2025 Environment and lighting Action taken." in text
    assert "Cadet day" not in packs.page().text


def test_nothing_but_published_columns_gets_into_a_pack(busy: Any) -> None:
    for path in busy.folder.rglob("*"):
        if path.is_file():
            assert "SECRET" not in path.read_text("utf-8")


NASTY = "<script>alert('x')</script>\"><img src=x onerror=alert(1)> & {{ 7*7 }}"


def test_nothing_in_a_value_becomes_markup(rows: Any, write: Any) -> None:
    texts = dict.fromkeys(("title", "purpose", "venue", "participants", "findings"), NASTY)
    link = {"info_url": "javascript:alert(1)"}
    asked = dict.fromkeys(("asked", "action", "result", "reason_text", "owner_org"), NASTY)
    tables = rows.tables(
        engagement_events=[
            rows.event("EV-1", **texts, **link),
            rows.planned("EV-2", date(2025, 9, 1), title=NASTY, venue=NASTY, **link),
        ],
        you_said_we_did=[
            rows.issue("IS-1", **asked, feedback_url="data:text/html,x"),
            rows.open_issue('IS"><b>', **{**asked, "action_by": NASTY}),
        ],
        priorities=[rows.priority("PR-1", issue=NASTY, action=NASTY)],
        activities=[rows.activity("2025-07", organisation=NASTY)],
        neighbourhood_profile=[rows.profile(flag_reasons=NASTY, team_url="javascript:x")],
    )
    named = tables["neighbourhoods"].with_columns(pl.lit(NASTY).alias("name"))
    packs = write({**tables, "neighbourhoods": named})
    for stem in ("NB01", "index"):
        page = packs.page(stem)
        assert not {"script", "img", "b"} & set(page.tags)
        assert not [link for link in page.links if link.startswith(("javascript", "data"))]
        assert "{{ 7*7 }}" in page.text


def test_a_page_is_one_file_that_asks_for_nothing(busy: Any) -> None:
    for path in busy.folder.rglob("*.html"):
        markup = path.read_text("utf-8")
        assert "<script" not in markup
        assert "src=" not in markup
        assert "@import" not in markup
        assert "url(" not in markup
        assert 'rel="stylesheet"' not in markup
        assert '<html lang="en-GB">' in markup


def test_links_between_pages_lead_somewhere(busy: Any) -> None:
    for path in busy.folder.rglob("*.html"):
        page = busy.page(path.stem, path.parent.name) if path.parent != busy.folder else None
        links = page.links if page else []
        for link in links:
            if not link.startswith(("http", "#", "mailto:")):
                assert (path.parent / link).resolve().is_file(), link


def test_the_same_tables_give_the_same_bytes_whatever_their_order(rows: Any, write: Any) -> None:
    tables = rows.busy_tables()

    def contents(packs: Any) -> dict[str, bytes]:
        files = (path for path in packs.folder.rglob("*") if path.is_file())
        return {path.relative_to(packs.folder).as_posix(): path.read_bytes() for path in files}

    first = contents(write(tables))
    shuffled = {
        name: frame.sample(fraction=1, shuffle=True, seed=1) for name, frame in tables.items()
    }
    assert contents(write(shuffled)) == first


def test_packs_that_lie_there_are_replaced_whole(rows: Any, write: Any) -> None:
    packs = write(rows.busy_tables())
    (packs.folder / "northshire" / "left-over.html").write_text("old", "utf-8")
    again = write(rows.busy_tables())
    assert not (again.folder / "northshire" / "left-over.html").exists()
    assert [path.name for path in again.folder.parent.iterdir()] == [again.folder.name]


def test_packs_that_fail_leave_the_old_ones(rows: Any, write: Any) -> None:
    packs = write(rows.busy_tables())
    before = (packs.folder / "northshire" / "NB01.html").read_bytes()
    broken = rows.busy_tables() | {"priorities": pl.DataFrame({"force_id": ["northshire"]})}
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        write(broken)
    assert (packs.folder / "northshire" / "NB01.html").read_bytes() == before
