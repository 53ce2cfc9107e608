"""``openbeat template`` and ``openbeat check`` as a new user tries them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from pipelines import logs_cli

SECRET = "Zanzibar"
RIGHT = {
    "issue_id": "I-1",
    "force_id": "dorset",
    "raised_on": "2025-06-12",
    "theme": "noise",
    "information_type": "problems_priorities",
    "text": f"{SECRET}, 07700 900123",
    "status": "open",
    "owner_org": "Dorset Police",
    "handling": "internal",
}


@dataclass(frozen=True)
class Answer:
    code: int
    text: str


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """Runs one of the two commands in an empty folder."""
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command()(logs_cli.check)
    app.command()(logs_cli.template)

    def run(*arguments: object) -> Answer:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.output)

    return run


def write(name: str, *records: dict[str, str], separator: str = ",") -> Path:
    path = Path(name)
    pl.DataFrame(list(records)).write_csv(path, separator=separator)
    return path


def test_a_template_is_written_filled_in_and_checked(say: Callable[..., Answer]) -> None:
    wrote = say("template", "issues")
    assert wrote.code == 0
    assert "openbeat check issues.xlsx --as issues" in wrote.text
    untouched = say("check", "issues.xlsx", "--as", "issues")
    assert untouched.code == 0
    assert "Row 2 is the template's example" in untouched.text
    book = openpyxl.load_workbook("issues.xlsx")
    book["log"]["A2"] = "I-1"
    book.save("issues.xlsx")
    filled = say("check", "issues.xlsx", "--as", "issues")
    assert "1 row read, 1 accepted, 0 refused; 0 rows with warnings." in filled.text
    assert "Ready to hand in." in filled.text
    assert filled.code == 0


def test_a_template_replaces_no_file(say: Callable[..., Answer]) -> None:
    Path("mine.xlsx").write_bytes(b"work of a week")
    answer = say("template", "issues", "--to", "mine.xlsx")
    assert answer.code == 2
    assert "--to" in answer.text
    assert Path("mine.xlsx").read_bytes() == b"work of a week"


def test_what_is_wrong_is_told_with_place_and_mend_and_exit_code(
    say: Callable[..., Answer],
) -> None:
    write("log.csv", RIGHT, RIGHT | {"issue_id": "I-2", "theme": "nose"})
    answer = say("check", "log.csv", "--as", "issues")
    assert answer.code == 1
    assert "2 rows read, 1 accepted, 1 refused" in answer.text
    assert "line 3, column theme 'nose': is no code of the list themes" in answer.text
    assert "Mend: write noise" in answer.text
    assert "Not ready: 1 row would be refused." in answer.text
    assert "Not judged here" in answer.text


def test_warnings_alone_do_not_keep_a_log_back(say: Callable[..., Answer]) -> None:
    write("log.csv", RIGHT | {"owner_org": ""})
    answer = say("check", "log.csv", "--as", "issues")
    assert answer.code == 0
    assert "1 row with warnings" in answer.text
    assert "line 2, column owner_org is empty" in answer.text


def test_a_log_in_another_layout_is_checked_by_its_mapping(say: Callable[..., Answer]) -> None:
    record = {"Ref": "7", "Seen": "12/06/2025", "Topic": "loud", "What": SECRET}
    write("theirs.csv", record, record | {"Ref": "8", "Topic": "quiet"}, separator=";")
    Path("theirs.yaml").write_text(
        "table: issues\n"
        "date_format: '%d/%m/%Y'\n"
        "columns:\n"
        "  issue_id: Ref\n"
        "  raised_on: Seen\n"
        "  theme: {from: Topic, codes: {loud: noise}}\n"
        "  text: What\n"
        "constants: {force_id: dorset, status: open, handling: internal, owner_org: Us,\n"
        "            information_type: problems_priorities}\n"
    )
    options = ("--as", "issues", "--mapping", "theirs.yaml", "--separator", ";")
    answer = say("check", "theirs.csv", *options)
    assert answer.code == 1
    assert "line 3, column Topic 'quiet'" in answer.text
    assert SECRET not in answer.text


@pytest.mark.parametrize("name", ["log.csv", "log.xlsx"])
def test_a_secret_is_in_no_message_and_not_in_the_annotated_copy(
    say: Callable[..., Answer], name: str
) -> None:
    bad = RIGHT | {"issue_id": "I-2", "times_raised": SECRET, "raised_on": "soon"}
    frame = pl.DataFrame([RIGHT | {"times_raised": "1"}, bad])
    if name.endswith(".csv"):
        frame.write_csv(name)
    else:
        book = openpyxl.Workbook()
        for row in [frame.columns, *frame.rows()]:
            book.worksheets[0].append(list(row))
        book.save(name)
    answer = say("check", name, "--as", "issues", "--annotate", "copy.xlsx")
    assert answer.code == 1
    assert "column times_raised (restricted)" in answer.text
    assert "line 3, column raised_on 'soon'" in answer.text
    assert "The annotated copy: copy.xlsx" in answer.text
    with zipfile.ZipFile(io.BytesIO(Path("copy.xlsx").read_bytes())) as archive:
        inside = b"".join(archive.read(part) for part in archive.namelist())
    for secret in (SECRET, "900123"):
        assert secret not in answer.text
        assert secret.encode() not in inside
    assert b"soon" in inside


def test_the_settings_say_which_texts_are_allowed(say: Callable[..., Answer]) -> None:
    text = "Write to us at beat@example.org."
    reviewed = {"reviewer_role": "Sergeant", "reviewed_on": "2025-06-13"}
    write("log.csv", RIGHT | reviewed | {"summary_public": text})
    Path("mine.yaml").write_text(f"engagement:\n  allowed_texts: ['{text}']\n")
    assert "g13_public_texts" in say("check", "log.csv", "--as", "issues").text
    answer = say("check", "log.csv", "--as", "issues", "--config", "mine.yaml")
    assert "g13_public_texts" not in answer.text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "absent.csv", "--as", "issues"], "absent.csv: "),
        (["check", "log.csv", "--as", "isues"], "'isues' is not one of"),
        (["check", "log.txt", "--as", "issues"], ".xlsx"),
        (["check", "log.csv"], "--as"),
        (["check", "log.csv", "--as", "issues", "--mapping", "absent.yaml"], "absent.yaml"),
        (["check", "log.csv", "--as", "issues", "--separator", ";;"], "one character"),
        (["check", "log.csv", "--as", "feedback"], "is no column of ours"),
        (["check", "log.csv", "--as", "issues", "--annotate", "log.csv"], ".xlsx"),
        (["check", "log.csv", "--as", "issues", "--annotate", "no/a.xlsx"], "a.xlsx: cannot be"),
        (["check", "log.csv", "--as", "issues", "--config", "absent.yaml"], "absent.yaml"),
        (["template", "isues"], "'isues' is not one of"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(
    say: Callable[..., Answer], arguments: list[str], said: str
) -> None:
    write("log.csv", RIGHT)
    Path("log.txt").write_text("a,b")
    answer = say(*arguments)
    assert answer.code == 2
    assert said in " ".join(answer.text.split())
    assert SECRET not in answer.text


def test_the_annotated_copy_never_replaces_the_log(say: Callable[..., Answer]) -> None:
    say("template", "issues", "--to", "log.xlsx")
    before = Path("log.xlsx").read_bytes()
    answer = say("check", "log.xlsx", "--as", "issues", "--annotate", "log.xlsx")
    assert answer.code == 2
    assert Path("log.xlsx").read_bytes() == before
