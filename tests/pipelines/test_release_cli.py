"""``openbeat release``: what is said of releases that wait, were withdrawn or are attacked."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.console import Console

from openbeat.contract import Column, Contract
from openbeat.release.content import ReleaseContent
from openbeat.release.promote import ReleaseStore
from openbeat.release.write import write_release
from pipelines.closing import show_release
from resources.lock import place_lock

Cli = Callable[..., Any]
Publish = Callable[..., Any]
MONTH = "2025-06"
WHY = "A small count was shown that should have been kept back."


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of its own, in which two must approve."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config/openbeat.yaml").write_text("disclosure:\n  approvals: 2\n")
    return Path("data")


@pytest.fixture
def store(place: Path) -> ReleaseStore:
    return ReleaseStore(place / "releases")


@pytest.fixture
def publish(store: ReleaseStore) -> Publish:
    """Publish a release that holds one number."""

    def publish(number: int, approvals: int = 0, protected: dict[str, Any] | None = None) -> Any:
        names = {"month": "month", "count": "integer"}
        columns = [
            Column(name=name, type=kind, description=f"What {name} means.", published=True)  # type: ignore[arg-type]
            for name, kind in names.items()
        ]
        contract = Contract(
            table="sightings",
            title="Sightings",
            description="Sightings by month.",
            layer="release",
            published=True,
            schema_version="1.0.0",
            key=["month"],
            columns=columns,
        )
        content = ReleaseContent(
            month=MONTH,
            first_month=MONTH,
            as_of=date(2025, 7, 31),
            tables={"sightings": pl.DataFrame({"month": [MONTH], "count": [number]})},
            contracts={"sightings": contract},
            disclosure=protected,
        )
        staged = store.staging()
        write_release(content, staged, store.next_id(MONTH))
        now = datetime(2025, 8, 1, 9, 30, tzinfo=UTC)
        return store.publish(staged, MONTH, lambda: now, approvals=approvals)

    return publish


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The releases whose counts were put into the ledger."""
    committed: list[str] = []
    monkeypatch.setattr(
        "resources.disclosure.commit_ledger",
        lambda _lake, release: committed.append(release),
        raising=False,
    )
    return committed


def test_a_release_is_withdrawn(cli: Cli, store: ReleaseStore, publish: Publish) -> None:
    publish(1)
    publish(2)
    said = cli("release", "withdraw", "2025-06-r2", "--reason", WHY, "--by", "Ann")
    assert said.code == 0
    assert "Withdrew 2025-06-r2." in said.text
    assert "The latest is now 2025-06-r1. Still published: 2025-06-r1." in said.text
    assert "withdraw it as well" in said.text
    assert "stays known to the world" in said.text
    assert "the ledger of published counts is as it was" in said.text
    assert "holds a number" not in said.text
    first, second = cli("release", "list").text.splitlines()
    assert first.endswith("2025-06-r1 (latest)")
    assert " withdrawn 20" in second
    assert second.endswith(f"by Ann: {WHY}")
    shown = cli("release", "show", "2025-06-r2")
    assert shown.code == 0
    assert shown.text.startswith("# Release 2025-06-r2 was withdrawn")
    assert WHY in shown.text
    assert "Use `2025-06-r1`." in shown.text
    for command in ("verify", "attack"):
        checked = cli("release", command, "2025-06-r2")
        assert checked.code == 1
        assert checked.text.startswith("2025-06-r2 was withdrawn 20")
        assert "gone" not in checked.text
    assert cli("release", "verify").text.startswith("2025-06-r1 is whole")


def test_releases_that_repeat_the_withdrawn_ones_figures_are_named(
    cli: Cli, store: ReleaseStore, publish: Publish
) -> None:
    publish(1)
    publish(2)
    later = store.path(store.get("2025-06-r2"))
    said = {"previous": ["2025-06-r1"] * 2, "table": ["crime", "priorities"], "old": ["5", None]}
    pl.DataFrame(said).write_parquet(later / "REVISIONS.parquet")
    told = cli("release", "withdraw", "2025-06-r1", "--reason", WHY).text
    assert "REVISIONS.csv of 2025-06-r2 repeats figures of crime of 2025-06-r1;" in told
    assert "repeats" not in cli("release", "withdraw", "2025-06-r2", "--reason", WHY).text


def test_the_last_release_is_withdrawn(cli: Cli, publish: Publish) -> None:
    publish(1)
    said = cli("release", "withdraw", "2025-06-r1", "--reason", WHY)
    assert "No release is published now, and there is no latest." in said.text
    assert cli("release", "list").code == 0
    for command in ("show", "verify"):
        said = cli("release", command)
        assert said.code == 2
        assert "every one was withdrawn" in said.text


def test_a_reason_with_a_number_is_warned_of(cli: Cli, publish: Publish) -> None:
    publish(1)
    said = cli("release", "withdraw", "2025-06-r1", "--reason", "It showed the 3 forms of WM12")
    assert said.code == 0
    assert "The reason is published and holds a number." in said.text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["2025-06-r1"], "Missing option '--reason'"),
        (["2025-06-r1", "--reason", " "], "none is given"),
        (["2025-06-r1", "--reason", "mail to a@example.org"], "personal data (email)"),
        (["2025-06-r7", "--reason", WHY], "there is no such release"),
        (["latest", "--reason", WHY], "not a release id"),
    ],
)
def test_what_cannot_be_withdrawn(
    cli: Cli, store: ReleaseStore, publish: Publish, arguments: list[str], said: str
) -> None:
    publish(1)
    found = cli("release", "withdraw", *arguments)
    assert found.code == 2
    assert said in found.text
    assert "example.org" not in found.text
    assert store.get().id == "2025-06-r1"


def test_bytes_that_came_back_are_told(cli: Cli, store: ReleaseStore, publish: Publish) -> None:
    publish(1)
    cli("release", "withdraw", "2025-06-r1", "--reason", WHY)
    (store.root / "2025-06-r1.zip").write_text("from a copy")
    said = cli("release", "verify", "2025-06-r1")
    assert said.code == 1
    assert "Not all of it is gone: 2025-06-r1.zip." in said.text
    assert cli("release", "withdraw", "2025-06-r1", "--reason", WHY).code == 0
    assert not (store.root / "2025-06-r1.zip").exists()


def test_a_place_where_another_works_is_left_alone(
    cli: Cli, place: Path, publish: Publish, ledger: list[str]
) -> None:
    publish(1)
    with place_lock(place):
        for command in (["withdraw", "2025-06-r1", "--reason", WHY], ["approve", "--as", "Ann"]):
            said = cli("release", *command)
            assert said.code == 2
            assert "another run works" in said.text
    assert ledger == []


def test_two_people_approve_what_waits(
    cli: Cli, store: ReleaseStore, publish: Publish, ledger: list[str]
) -> None:
    publish(1)
    waits = publish(2, approvals=2, protected={"policy": {}}).path
    listed = cli("release", "list").text.splitlines()
    assert listed[0].endswith("(latest)")
    assert listed[1] == f"2025-06-r2  waits for approval, approved by nobody yet  {waits}"
    first = cli("release", "approve", "--as", "Ann")
    assert first.code == 0
    assert first.text.splitlines() == [
        "Ann approved 2025-06-r2.",
        f"It waits for approval by 1 more; look at {waits}",
    ]
    again = cli("release", "approve", "--as", "ann ")
    assert again.code == 2
    assert "approved by that name already" in again.text
    assert ledger == []
    for name in ("waiting", "2025-06-r2"):
        shown = cli("release", "show", name).text
        assert "2025-06-r2, not public: it waits for approval" in shown
        assert "tables/sightings.csv" in shown
        assert "approved by Ann (20" in shown
        assert "2025-06-r2 is whole" in cli("release", "verify", name).text
    second = cli("release", "approve", "--as", "Bob")
    assert second.code == 0
    assert "Published 2025-06-r2" in second.text
    assert "packs are made by the next openbeat run" in second.text
    assert ledger == ["2025-06-r2"]
    assert store.get().id == "2025-06-r2"
    shown = cli("release", "show").text
    assert "approved by Ann (20" in shown
    assert ", Bob (20" in shown
    for command in ("show", "verify", "attack"):
        said = cli("release", command, "waiting")
        assert said.code == 2
        assert "no release waits for approval" in said.text


def test_a_release_that_counts_no_people_has_nothing_for_the_ledger(
    cli: Cli, store: ReleaseStore, publish: Publish, ledger: list[str]
) -> None:
    publish(1, approvals=2)
    for name in ("Ann", "Bob"):
        assert cli("release", "approve", "--as", name).code == 0
    assert store.get().id == "2025-06-r1"
    assert ledger == []


def test_without_a_name_it_is_the_one_logged_in(
    cli: Cli, publish: Publish, ledger: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(1, approvals=2)
    monkeypatch.setattr("getpass.getuser", lambda: "carol")
    assert "carol approved 2025-06-r1." in cli("release", "approve").text


class _Outcome:
    """What the attacker came to."""

    def __init__(self, ok: bool) -> None:
        self.ok = ok

    def as_markdown(self) -> str:
        return "# The report\n"


@pytest.fixture
def attacked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """An attacker that finds something or not (``ok``), and what it was given."""
    given: dict[str, Any] = {"ok": True}

    def attack(folder: Path, **known: Any) -> _Outcome:
        given.update(folder=folder, known=known)
        return _Outcome(given["ok"])

    monkeypatch.setattr("openbeat.disclosure.attacker.attack_release", attack)
    monkeypatch.setattr("resources.disclosure.known", lambda _lake, waits: {"waits": waits})
    return given


def test_an_attack_that_finds_nothing(
    cli: Cli, store: ReleaseStore, publish: Publish, attacked: dict[str, Any]
) -> None:
    publish(1)
    said = cli("release", "attack")
    assert said.code == 0
    assert said.text.splitlines() == [
        "The report on 2025-06-r1 is in 2025-06-r1-attack.md",
        "2025-06-r1: the attack found nothing.",
    ]
    report = Path("2025-06-r1-attack.md")
    assert report.read_text() == "# The report\n"
    assert report.stat().st_mode & 0o077 == 0
    assert attacked["folder"] == store.root / "2025-06-r1"
    assert attacked["known"] == {"waits": None}


def test_an_attack_that_finds_something(
    cli: Cli, publish: Publish, attacked: dict[str, Any]
) -> None:
    publish(1)
    attacked["ok"] = False
    said = cli("release", "attack", "latest", "--report", "own.md")
    assert said.code == 1
    assert "2025-06-r1: the attack found something" in said.text
    assert Path("own.md").exists()
    assert cli("release", "attack", "--report", "none/own.md").code == 2


def test_what_waits_and_any_folder_can_be_attacked(
    cli: Cli, store: ReleaseStore, publish: Publish, attacked: dict[str, Any], tmp_path: Path
) -> None:
    waits = publish(1, approvals=2).path
    assert cli("release", "attack", "waiting").code == 0
    assert (attacked["folder"], attacked["known"]) == (waits, {"waits": waits.name})
    elsewhere = tmp_path / "downloaded"
    elsewhere.mkdir()
    (elsewhere / "datapackage.json").write_text(json.dumps({}))
    assert cli("release", "attack", elsewhere).code == 0
    assert (attacked["folder"], attacked["known"]) == (elsewhere, {})
    assert Path("downloaded-attack.md").exists()


def test_an_attack_on_a_release_that_counts_no_people_says_so(cli: Cli, publish: Publish) -> None:
    folder = publish(1).path
    said = cli("release", "attack", Path(folder).rename("elsewhere"))
    assert said.code == 2
    assert "none of the tables that count people" in said.text


def test_a_run_ends_with_what_waits_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    told = {"release": "2025-06-r2", "path": "releases/.waiting/2025-06-r2", "new": False}
    note = "What waited as 2025-06-r2 was replaced by other content."
    console = Console(width=40)
    show_release(console, told | {"waiting": True, "needed": 2, "note": note})
    assert capsys.readouterr().out.splitlines() == [
        note,
        "2025-06-r2 waits for approval by 2 more, and is not public.",
        "Look at releases/.waiting/2025-06-r2",
        "then: openbeat release approve --as NAME",
    ]


@pytest.fixture
def target(place: Path) -> Path:
    """A folder that releases are copied to."""
    config = Path("config/openbeat.yaml")
    config.write_text("release:\n  targets:\n    - {name: public, url: ../public}\n")
    return Path("public")


def test_upload_copies_and_says_where(cli: Cli, publish: Publish, target: Path) -> None:
    publish(1)
    said = cli("release", "upload")
    assert (said.code, "In line with what is published: public." in said.text) == (0, True)
    assert json.loads((target / "latest.json").read_bytes())["id"] == "2025-06-r1"
    assert cli("release", "upload", "2025-06-r1", "--target", "public").code == 0
    assert cli("release", "upload", "--target", "none").code == 2
    assert cli("release", "upload", "2025-06-r7").code == 2


def test_a_target_that_fails_is_said_with_what_to_do(
    cli: Cli, publish: Publish, target: Path
) -> None:
    publish(1)
    target.write_text("a file where the folder should be")
    said = cli("release", "upload")
    assert said.code == 3
    assert "openbeat release upload --target public" in said.text


def test_rollback_is_said_listed_and_copied(cli: Cli, publish: Publish, target: Path) -> None:
    publish(1)
    publish(2)
    said = cli("release", "rollback", "2025-06-r1", "--reason", WHY)
    assert said.code == 0, said.text
    assert "The latest is now 2025-06-r1" in said.text
    assert "Still published, but not the latest: 2025-06-r2" in said.text
    assert json.loads((target / "latest.json").read_bytes())["id"] == "2025-06-r1"
    listed = cli("release", "list").text
    assert f"rolled back {datetime.now(UTC):%Y-%m-%d}" in listed
    assert WHY in listed
    assert cli("release", "rollback", "2025-06-r1", "--reason", WHY).code == 2


def test_a_withdrawal_that_a_target_missed_is_said_loudly(
    cli: Cli, publish: Publish, target: Path
) -> None:
    publish(1)
    target.write_text("a file where the folder should be")
    said = cli("release", "withdraw", "2025-06-r1", "--reason", WHY)
    assert said.code == 3
    assert "2025-06-r1 MAY STILL BE PUBLIC at a target" in said.text


def test_an_approved_release_is_copied(
    cli: Cli, publish: Publish, ledger: list[str], target: Path
) -> None:
    publish(1, approvals=1)
    config = Path("config/openbeat.yaml")
    config.write_text(config.read_text() + "disclosure:\n  approvals: 1\n")
    assert cli("release", "approve", "--as", "A. Person").code == 0
    assert json.loads((target / "latest.json").read_bytes())["id"] == "2025-06-r1"
    assert (target / "2025-06-r1.zip").exists()
