"""Settings: a wrong one names its line and what is allowed; paths are the file's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from openbeat.errors import SettingsError
from openbeat.settings import (
    ArchiveSource,
    BoundarySource,
    DagsterSettings,
    DisclosureSettings,
    Limits,
    PopulationSource,
    Settings,
    load_settings,
)

Write = Callable[[str], Path]
SECOND_ARCHIVE = "archives:\n  - path: a.zip\n  - path: b.zip\n    asof: 2025-06\n"
POPULATION = "population:\n  areas: a.csv\n  code_colum: x\n  year: 2021\n"
COMMENTED = Path(__file__).parents[2] / "config" / "openbeat.yaml"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the settings file."""

    def to_file(text: str) -> Path:
        path = tmp_path / "openbeat.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return to_file


def refusal(path: Path | None, **overrides: object) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load_settings(path, **overrides)
    return caught.value


def test_without_a_file_the_defaults_hold(write: Write) -> None:
    assert load_settings() == Settings()
    for empty in ("", "# nothing but a comment\n", "---\n"):
        assert load_settings(write(empty)).model_dump() == Settings().model_dump()


def test_everything_lies_under_out_unless_it_is_named() -> None:
    settings = load_settings(out=Path("there"))
    assert settings.lake_root == str(Path("there/lake"))
    assert settings.releases_root == Path("there/releases")
    assert settings.dagster_home == Path("there/dagster")
    assert settings.raw_root == Path("there/raw")
    named = load_settings(out=Path("there"), lake="s3://b/lake", releases=Path("elsewhere"))
    assert (named.lake_root, named.releases_root) == ("s3://b/lake", Path("elsewhere"))


@pytest.mark.parametrize(
    ("text", "line", "name", "near", "allowed"),
    [
        ("strict: true\nwindow_month: 12\n", 2, "window_month", "window_months", "archives"),
        ("\n\narchive: []\n", 3, "archive", "archives", "window_months"),
        (SECOND_ARCHIVE, 4, "archives.1.asof", "as_of", "md5"),
        ("limits:\n  member_byte: 10\n", 2, "limits.member_byte", "member_bytes", "member_bytes"),
        (POPULATION, 3, "population.code_colum", "code_column", "crs"),
        ("dagster: {executer: x}\n", 1, "dagster.executer", "executor", "postgres_url_env"),
    ],
)
def test_an_unknown_setting_names_its_line_what_was_meant_and_what_is_allowed(
    write: Write, text: str, line: int, name: str, near: str, allowed: str
) -> None:
    error = refusal(write(text))
    assert (error.file, error.row, error.column) == ("openbeat.yaml", line, name)
    assert error.message == f"there is no setting {name!r}"
    assert f"did you mean {near!r}?" in str(error.mend)
    assert allowed in str(error.mend).split("Allowed: ")[1]


def test_a_setting_like_no_other_is_met_with_the_list_alone(write: Write) -> None:
    mend = str(refusal(write("xyzzy: 1\n")).mend)
    assert mend.startswith("Allowed: archives, ")
    assert set(mend.removeprefix("Allowed: ").rstrip(".").split(", ")) == set(Settings.model_fields)


@pytest.mark.parametrize(
    ("setting", "line", "column", "says"),
    [
        ("window_months: many", 1, "window_months", "integer"),
        ("window_months: 0", 1, "window_months", "greater than or equal to 1"),
        ("window_months: 241", 1, "window_months", "less than or equal to 240"),
        ("strict: perhaps", 1, "strict", "boolean"),
        ("as_of: 2025-06", 1, "as_of", "date"),
        ("as_of: 2025-06-31", 1, "as_of", "valid date"),
        ("archives: a.zip", 1, "archives", "list"),
        ("archives:\n- a.zip", 2, "archives.0", "dictionary"),
        ("archives:\n- as_of: 2025-06", 2, "archives.0.path", "required"),
        ("archives:\n- path: a.zip\n  as_of: 2025-13", 3, "archives.0.as_of", "YYYY-MM"),
        ("archives:\n- path: a.zip\n  as_of: 2025-6", 3, "archives.0.as_of", "2025-06"),
        ("archives:\n- path: a.zip\n  as_of: 2025-06-30", 3, "archives.0.as_of", "YYYY-MM"),
        ("archives:\n- path: a.zip\n  md5: abc", 3, "archives.0.md5", "{32}"),
        ("archives:\n- path: http://x/a.zip", 2, "archives.0.path", "https"),
        ("archives:\n- path: ftp://x/a.zip", 2, "archives.0.path", "a path or an https URL"),
        ("boundaries:\n- path: b.zip\n  release: June", 3, "boundaries.0.release", "YYYY-MM"),
        ("population:\n  areas: p.csv", 1, "population.year", "required"),
        ("forces: kent", 1, "forces", "list"),
        ("limits:\n  member_bytes: 0", 2, "limits.member_bytes", "greater than 0"),
        ("dagster:\n  executor: celery", 2, "dagster.executor", "'in_process' or 'multiprocess'"),
        ("schedule_cron: monthly", 1, "schedule_cron", "five fields"),
        ("schedule_cron: 60 6 3 * *", 1, "schedule_cron", "minute '60'"),
        ("schedule_cron: 0 24 3 * *", 1, "schedule_cron", "hour '24'"),
        ("schedule_cron: 0 6 0 * *", 1, "schedule_cron", "day of the month '0'"),
        ("schedule_cron: 0 6 3 13 *", 1, "schedule_cron", "month '13'"),
        ("schedule_cron: 0 6 3 * 8", 1, "schedule_cron", "day of the week '8'"),
        ("schedule_cron: 0 6 9-3 * *", 1, "schedule_cron", "day of the month '9-3'"),
        ("schedule_cron: '*/0 6 3 * *'", 1, "schedule_cron", "minute '*/0'"),
        ("limits: 5", 1, "limits", "dictionary"),
        ("disclosure:\n  approvals: 3", 2, "disclosure.approvals", "less than or equal to 2"),
        ("disclosure:\n  approval: 1", 2, "disclosure.approval", "no setting"),
        ("publisher: null", 1, "publisher", "string"),
        ("1: 2", 1, "1", "string"),
    ],
)
def test_a_wrong_value_names_its_line_and_what_is_right(
    write: Write, setting: str, line: int, column: str, says: str
) -> None:
    error = refusal(write(f"notice: x\n{setting}\n"))
    assert (error.file, error.row, error.column) == ("openbeat.yaml", line + 1, column)
    assert says in error.message


@pytest.mark.parametrize(
    "cron", ["0 6 3 * *", "*/15 * * * *", "0,30 6-8 1 1-12/3 0", "59 23 31 12 7", "0 6 1-5/2 * *"]
)
def test_a_right_schedule_is_taken(write: Write, cron: str) -> None:
    assert load_settings(write(f"schedule_cron: '{cron}'\n")).schedule_cron == cron


def test_values_are_read_as_they_are_meant(write: Write) -> None:
    settings = load_settings(
        write(
            "as_of: 2025-06-30\nstrict: yes\nforces: [kent]\nwindow_months: 12\n"
            "archives:\n- path: https://data.police.uk/data/archive/2025-06.zip\n"
            "  md5: 0123456789abcdef0123456789abcdef\n  as_of: 2025-06\n"
        )
    )
    assert settings.as_of == date(2025, 6, 30)
    assert settings.strict is True
    assert settings.archives == [
        ArchiveSource(
            path="https://data.police.uk/data/archive/2025-06.zip",
            md5="0123456789abcdef0123456789abcdef",
            as_of="2025-06",
        )
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("strict: true\narchives: [\n", 3),
        ("strict: true\n\tnotice: x\n", 2),
        ("strict: true\n notice: x\n", 2),
        ("notice: a: b\n", 1),
        ('notice: "x\n', 2),
    ],
)
def test_what_is_not_yaml_names_its_line(write: Write, text: str, line: int) -> None:
    error = refusal(write(text))
    assert error.message.startswith("is not YAML: ")
    assert (error.file, error.row) == ("openbeat.yaml", line)


@pytest.mark.parametrize("text", ["- strict\n", "strict\n", "5\n"])
def test_settings_that_are_no_mapping_are_refused(write: Write, text: str) -> None:
    assert "mapping" in refusal(write(text)).message


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        ("strict: true\nnotice: x\nstrict: false\n", 3, "strict"),
        ("limits:\n  member_bytes: 1\n  member_bytes: 2\n", 3, "member_bytes"),
    ],
)
def test_a_setting_given_twice_is_refused(write: Write, text: str, line: int, name: str) -> None:
    error = refusal(write(text))
    assert (error.row, error.message) == (line, f"{name} is given twice")


def test_two_archives_may_have_the_same_settings(write: Write) -> None:
    text = "archives:\n- {path: a.zip, as_of: 2025-06}\n- {path: b.zip, as_of: 2025-06}\n"
    assert len(load_settings(write(text)).archives) == 2


def test_a_file_that_cannot_be_read_is_a_refusal(tmp_path: Path, write: Write) -> None:
    missing = refusal(tmp_path / "nowhere.yaml")
    assert missing.message == "cannot be read: No such file or directory"
    assert "nowhere.yaml" in str(missing)
    assert "--config" in str(missing.mend)
    assert "Is a directory" in refusal(tmp_path).message
    path = write("")
    path.write_bytes("notice: Café\n".encode("latin-1"))
    assert refusal(path).message.startswith("is not UTF-8 text")


def test_a_byte_order_mark_does_no_harm(write: Write) -> None:
    assert load_settings(write("\ufeffstrict: true\n")).strict is True


def test_paths_of_the_file_are_relative_to_its_folder(write: Write, tmp_path: Path) -> None:
    settings = load_settings(
        write(
            "out: ../data\nlake: lake\nreleases: rel\nlsoa_lookup: l.csv\nforces_file: f.csv\n"
            "archives:\n- path: a/2025-06.zip\n- path: https://x/2025-07.zip\n- path: /abs/b.zip\n"
            "boundaries:\n- path: b.zip\n  release: 2025-06\n"
            "population:\n  areas: p.csv\n  year: 2021\n  centroids: c.csv\n"
            "disclosure:\n  policy: d.yaml\n"
        )
    )
    assert settings.disclosure.policy == tmp_path / "d.yaml"
    assert settings.out == tmp_path / "../data"
    assert settings.lake_root == str(tmp_path / "lake")
    assert settings.releases_root == tmp_path / "rel"
    assert settings.lsoa_lookup == tmp_path / "l.csv"
    assert settings.forces_file == tmp_path / "f.csv"
    assert [a.path for a in settings.archives] == [
        str(tmp_path / "a/2025-06.zip"),
        "https://x/2025-07.zip",
        "/abs/b.zip",
    ]
    assert settings.boundaries == [BoundarySource(path=tmp_path / "b.zip", release="2025-06")]
    assert settings.population == PopulationSource(
        areas=tmp_path / "p.csv", year=2021, centroids=tmp_path / "c.csv"
    )


def test_a_lake_that_is_a_url_stays_as_it_is(write: Write) -> None:
    assert load_settings(write("lake: s3://bucket/lake\n")).lake_root == "s3://bucket/lake"


def test_out_left_out_is_under_the_folder_the_command_is_run_in(write: Write) -> None:
    assert load_settings(write("strict: true\n")).out == Path("data")


def test_the_command_line_wins_and_what_it_leaves_out_does_not(write: Write) -> None:
    path = write("out: here\nstrict: true\nwindow_months: 12\narchives:\n- path: a.zip\n")
    settings = load_settings(
        path, out=Path("there"), archives=[{"path": "b.zip"}], window_months=None, strict=None
    )
    assert (settings.out, settings.archives) == (Path("there"), [ArchiveSource(path="b.zip")])
    assert (settings.strict, settings.window_months) == (True, 12)
    assert load_settings(path, strict=False).strict is False


def test_a_wrong_word_of_the_command_line_is_not_blamed_on_the_file(write: Write) -> None:
    path = write("archives:\n- path: a.zip\n")
    error = refusal(path, archives=[{"path": "http://x/b.zip"}])
    assert (error.file, error.row) == (None, None)
    assert (error.column, error.value) == ("archives.0.path", "http://x/b.zip")


def test_settings_cannot_be_changed_on_the_way() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().strict = True  # type: ignore[misc]


def test_the_commented_file_has_every_default() -> None:
    settings = load_settings(COMMENTED)
    assert settings.model_dump() == Settings().model_dump()
    given = yaml.safe_load(COMMENTED.read_text())
    paths = {"out", "lake", "releases"}  # left out, so that they need not be relative to the file
    assert set(given) == set(Settings.model_fields) - paths


def words_about(name: str) -> str | None:
    """What the commented file says of a setting: on its line, or above it in its paragraph."""
    for paragraph in COMMENTED.read_text().split("\n\n"):
        above: list[str] = []
        for line in paragraph.splitlines():
            head, colon, rest = line.lstrip("# ").partition(":")
            if colon and name in [word.strip() for word in head.split(",")]:
                return rest if line.startswith(("#   ", "  ")) else " ".join(above)
            above.append(line)
    return None


@pytest.mark.parametrize(
    "model",
    [
        Settings,
        ArchiveSource,
        BoundarySource,
        PopulationSource,
        Limits,
        DagsterSettings,
        DisclosureSettings,
    ],
)
def test_the_commented_file_explains_every_setting(model: type[BaseModel]) -> None:
    said = {name: words_about(name) or "" for name in model.model_fields}
    assert [name for name, words in said.items() if len(words.split()) < 2] == []


def test_the_examples_in_the_commented_file_are_right(write: Write) -> None:
    text = COMMENTED.read_text()
    head, example = text.split("archives: []\n", 1)
    lines = example.split("\n\n", 1)[0].splitlines()
    uncommented = "\n".join(line.removeprefix("# ") for line in lines)
    settings = load_settings(write(uncommented + "\n"))
    assert [Path(a.path).name for a in settings.archives] == ["2025-06.zip", "2025-07.zip"]
    assert settings.archives[1].md5 is not None
    assert head.startswith("# Every setting of openbeat, with its default.")
