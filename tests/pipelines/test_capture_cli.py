"""``openbeat capture`` against a server that answers as police.uk does, and misbehaves."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import typer
import yaml
from typer.testing import CliRunner

from openbeat.policeuk.captured import captured_rows, teams_frame
from pipelines import capture_cli
from resources import capture as polling
from resources.capture import KINDS, captured_frames
from resources.lake import Lake
from resources.lock import place_lock
from resources.policeuk_api import Client

Look = Callable[[Path], dict[str, str]]

_PATH = Path(__file__).parents[1] / "fixtures" / "police_api.py"
_SPEC = importlib.util.spec_from_file_location("police_api", _PATH)
assert _SPEC is not None
assert _SPEC.loader is not None
fake = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(fake)

D1, D2 = date(2025, 6, 1), date(2025, 6, 8)


class Place:
    """A folder to capture into, a server to capture from, and a day."""

    def __init__(self, folder: Path, api: Any, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.api, self.out = folder, api, folder / "out"
        self.client: dict[str, Any] = {"attempts": 2}
        patch.setattr(capture_cli, "_client", self._client)
        patch.setattr(capture_cli, "_today", lambda: self.today)
        self.today = D1
        self.app = typer.Typer()
        self.app.command()(capture_cli.capture)
        self.settings(forces=["kent"])

    def _client(self, settings: Any) -> Client:
        time = self.api.time
        rate = settings.engagement.capture.requests_a_second
        url = settings.engagement.capture.url
        return Client(url, rate, clock=time.clock, sleep=time.sleep, **self.client)

    def settings(self, **capture: Any) -> None:
        text = yaml.safe_dump({"engagement": {"capture": {"url": self.api.url} | capture}})
        (self.folder / "openbeat.yaml").write_text(text)

    def run(self, *more: str) -> tuple[int, str]:
        arguments = ("--config", str(self.folder / "openbeat.yaml"), "--out", str(self.out))
        result = CliRunner().invoke(self.app, [*arguments, *more])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    @property
    def lake(self) -> Lake:
        return Lake(str(self.out / "lake"))

    def table(self, kind: str) -> pl.DataFrame:
        return self.lake.read(f"captured_{kind}")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Kent, with two neighbourhoods, one with a space in its id."""
    with fake.serve() as api:
        api.neighbourhood("kent", "C01")
        api.neighbourhood("kent", "City Centre")
        yield Place(tmp_path, api, monkeypatch)


def test_what_police_uk_shows_is_in_the_lake(place: Place) -> None:
    code, said = place.run()
    assert code == 0, said
    assert "2 neighbourhoods, 1 force, 8 requests; at least 1 s." in said
    assert "kent: 2 of 2 neighbourhoods answered everything; neighbourhoods 2 (2 new)" in said
    assert "Everything that was asked was answered." in said
    for kind in KINDS:
        assert place.table(kind)["neighbourhood_id"].to_list() == ["C01", "City Centre"]
    frames = captured_frames(place.lake)
    assert captured_rows(frames, "priorities")["issue"].to_list() == ["Cars racing on the A20"] * 2
    events = captured_rows(frames, "engagement_events")
    assert events["venue_public"].to_list() == ["Library, High Street, Maidstone"] * 2
    assert teams_frame(frames).rows() == [
        ("kent", name, 1, "https://kent.example/team", D1) for name in ("C01", "City Centre")
    ]


def test_no_name_address_telephone_or_email_of_anybody_is_kept_or_said(place: Place) -> None:
    place.api.answers["kent/C01/people"] = {"error": "Ada Secret"}
    _code, said = place.run()
    files = list(place.out.rglob("*.parquet"))
    assert len(files) == len(KINDS) + 1
    kept = said + "".join(str(pl.read_parquet(path).rows()) for path in files)
    for secret in fake.SECRETS:
        assert secret not in kept


def test_it_asks_slowly_and_each_thing_once(place: Place) -> None:
    place.settings(forces=["kent"], requests_a_second=15)
    place.run()
    paths = [
        f"kent/{name}{kind}"
        for name in ("C01", "City%20Centre")
        for kind in ("", "/priorities", "/events", "/people")
    ]
    assert place.api.paths == ["kent/neighbourhoods", *paths]
    gaps = [b - a for a, b in zip(place.api.times, place.api.times[1:], strict=False)]
    assert min(gaps) >= 1 / 15 - 1e-9
    assert place.api.most_in_a_second() <= 15


def test_a_second_run_of_a_day_changes_nothing(place: Place, look: Look) -> None:
    place.run()
    before = look(place.out / "lake")
    code, said = place.run()
    assert code == 0
    assert look(place.out / "lake") == before
    assert "new" not in said


def test_what_is_no_longer_shown_stays_known(place: Place) -> None:
    place.run()
    place.today = D2
    place.api.answers["kent/C01/events"] = []
    _code, said = place.run()
    assert "events 1 (1 gone)" in said
    days = place.table("events").select("first_seen", "last_seen", "missing_since").rows()
    assert days == [(D1, D1, D2), (D1, D2, None)]


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        ("kent/C01/events", "EMPTY_503", "kent C01, events: kent/C01/events: no usable answer"),
        ("kent/C01/events", "reset", "no connection"),
        ("kent/C01/events", "truncated", "the answer broke off"),
        ("kent/C01/events", "HTML", "its answer is no JSON"),
        ("kent/C01/events", {"error": "x"}, "kent C01, events: police.uk's answer has another"),
        ("kent/C01/events", None, "it is no list"),
        ("kent/C01/events", [None], "an entry of the list is no record"),
    ],
)
def test_one_answer_that_fails_loses_no_other(
    place: Place, path: str, answer: Any, said: str
) -> None:
    place.run()
    place.today = D2
    place.api.answers[path] = getattr(fake, answer) if isinstance(answer, str) else answer
    code, text = place.run()
    assert code == 0
    assert said in text
    assert "kent: 1 of 2 neighbourhoods answered everything" in text
    assert "1 failed. What was answered is kept." in text
    assert place.table("priorities")["last_seen"].to_list() == [D2, D2]
    days = place.table("events").select("last_seen", "missing_since").rows()
    assert days == [(D1, None), (D2, None)], "what did not answer is not missing"
    [problem] = place.table("problems").rows(named=True)
    assert (problem["neighbourhood_id"], problem["kind"]) == ("C01", "events")
    assert problem["seen_on"] == D2


def test_a_neighbourhood_that_is_gone_is_recorded_and_asked_nothing_more(place: Place) -> None:
    place.run()
    place.today = D2
    place.api.answers["kent/C01"] = fake.status(404)
    asked = len(place.api.asked)
    code, said = place.run()
    assert code == 0
    assert "1 gone from police.uk" in said
    assert len(place.api.asked) - asked == 1 + 1 + 4
    gone = place.table("neighbourhoods").select("neighbourhood_id", "missing_since").rows()
    assert gone == [("C01", D2), ("City Centre", None)]
    assert place.table("events")["missing_since"].to_list() == [None, None]


def test_a_neighbourhood_that_is_listed_no_more_is_gone_too(place: Place) -> None:
    place.run()
    place.today = D2
    place.api.answers["kent/neighbourhoods"].pop()
    assert place.run()[0] == 0
    gone = place.table("neighbourhoods").select("neighbourhood_id", "missing_since").rows()
    assert gone == [("C01", None), ("City Centre", D2)]


def test_one_force_that_fails_loses_no_other(place: Place) -> None:
    place.settings(forces=["btp", "kent"])
    code, said = place.run()
    assert code == 0
    assert "btp, list: police.uk has no neighbourhoods of it (HTTP 404)" in said
    assert place.table("teams").height == 2


@pytest.mark.parametrize("answer", ["EMPTY_503", "HTML", "reset"])
def test_nothing_reached_is_exit_3_and_the_history_is_as_it_was(
    place: Place, answer: str, look: Look
) -> None:
    place.run()
    before = {name: sum_ for name, sum_ in look(place.out / "lake").items() if "probl" not in name}
    place.api.answers["kent/neighbourhoods"] = getattr(fake, answer)
    code, said = place.run()
    assert code == 3
    assert "nothing could be captured" in said
    after = look(place.out / "lake")
    assert before.items() <= after.items()


def test_a_list_and_nothing_else_is_exit_3(place: Place) -> None:
    for path in place.api.answers:
        if path != "kent/neighbourhoods":
            place.api.answers[path] = fake.EMPTY_503
    code, said = place.run()
    assert code == 3
    assert "nothing could be captured" in said


def test_an_api_that_dies_on_the_way_is_left_alone_and_what_it_said_is_kept(place: Place) -> None:
    for n in range(50):
        place.api.neighbourhood("kent", f"D{n:02}", details=fake.EMPTY_503)
        for kind in ("priorities", "events", "people"):
            place.api.answers[f"kent/D{n:02}/{kind}"] = fake.EMPTY_503
    code, said = place.run()
    assert code == 0
    assert len(place.api.asked) == 1 + 2 * 4 + 8 * 2
    assert place.table("teams").height == 2
    assert "200 failed" in said
    assert "and 188 more: captured_problems in the lake" in said
    assert place.table("problems").height == 200


def test_a_run_that_is_killed_leaves_the_forces_that_were_done(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.api.neighbourhood("surrey", "S1")
    place.settings(forces=["kent", "surrey"])
    poll = polling.poll

    def killed(client: Client, force: str, *rest: Any) -> Any:
        if force == "surrey":
            raise KeyboardInterrupt
        return poll(client, force, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(polling, "poll", killed)
        assert place.run()[0] == 130
    for kind in KINDS:
        assert place.table(kind)["force_id"].to_list() == ["kent", "kent"]
    assert place.run()[0] == 0
    assert place.table("teams")["force_id"].to_list() == ["kent", "kent", "surrey"]


def test_a_run_killed_between_two_tables_is_put_right_by_the_next(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, look: Look
) -> None:
    write, written = Lake.write, []

    def killed(lake: Lake, table: str, *rest: Any) -> Any:
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(table)
        return write(lake, table, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "write", killed)
        assert place.run()[0] == 130
    assert captured_frames(place.lake)["teams"].is_empty()
    place.run()
    after = look(place.out / "lake")
    place.out = tmp_path / "another"
    place.run()
    assert look(place.out / "lake") == after


def test_the_forces_are_those_asked_for_or_of_the_settings(place: Place) -> None:
    place.api.neighbourhood("surrey", "S1")
    assert place.run("--force", "surrey")[0] == 0
    assert place.table("teams")["force_id"].to_list() == ["surrey"]
    text = yaml.safe_dump({"forces": ["kent"], "engagement": {"capture": {"url": place.api.url}}})
    (place.folder / "openbeat.yaml").write_text(text)
    assert place.run()[0] == 0
    assert set(place.table("teams")["force_id"]) == {"surrey", "kent"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "set engagement.capture.forces (or forces) in the settings, or give --force kent"),
        (("--force", "Kent"), "value 'Kent': there is no such force"),
        (("--force", "kentt"), "did you mean 'kent'?"),
        (("--force", "../etc"), "there is no such force"),
    ],
)
def test_without_a_force_that_is_known_nothing_is_asked(
    place: Place, arguments: tuple[str, ...], said: str
) -> None:
    place.settings()
    code, text = place.run(*arguments)
    assert code == 2
    assert said in text
    assert place.api.asked == []


def test_it_does_not_start_while_another_run_works_there(place: Place) -> None:
    with place_lock(place.out):
        code, said = place.run()
    assert code == 2
    assert "another run works in" in said
    assert place.api.asked == []


def test_the_settings_decide_where_and_how_fast_is_asked(tmp_path: Path) -> None:
    from openbeat.settings import load_settings

    capture = {"url": "https://api.example", "requests_a_second": 3, "attempts": 2}
    settings = load_settings(None, engagement={"capture": capture})
    with capture_cli._client(settings) as client:
        assert (client.url, client.requests_a_second, client.attempts) == tuple(capture.values())


def test_the_day_is_londons() -> None:
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC)
    assert capture_cli._today() in {now.date(), (now + timedelta(hours=1)).date()}
