"""A YAML file becomes a model, or an error with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from openbeat.errors import InputError
from openbeat.yaml_file import read_model


class Box(BaseModel):
    model_config = ConfigDict(extra="forbid")

    labels: list[str]
    open: bool = False
    size: int | float | None = None


def write(folder: Path, text: str) -> Path:
    path = folder / "box.yaml"
    path.write_bytes(text.encode())
    return path


def test_labels_stay_text(tmp_path: Path) -> None:
    path = write(tmp_path, "labels: [Yes, no, On, off, 2010-12-01, é]\nopen: true\nsize: 2\n")
    box = read_model(path, Box)
    assert box.labels == ["Yes", "no", "On", "off", "2010-12-01", "é"]
    assert box.open is True
    assert box.size == 2


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("labels: [a]\ncolour: red\n", 2, "colour: is not known here"),
        ("open: true\n", 1, "labels: is missing"),
        ("labels:\n  - a\n  - 3\n", 3, "valid string"),
        ("labels: [a]\nsize: [1]\n", 2, "size: "),
        ("labels: [a]\nlabels: [b]\n", 2, "given twice"),
        ("labels: [a\nopen: true\n", 2, "is not YAML"),
        ("labels: [!!python/name:os.system x]\n", 1, "is not plain YAML"),
        ("", None, "is empty"),
    ],
)
def test_what_is_wrong_has_a_line(tmp_path: Path, text: str, line: int | None, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read_model(write(tmp_path, text), Box)
    assert caught.value.file == "box.yaml"
    assert caught.value.row == line


def test_several_faults_are_told_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, "labels: [a]\ncolour: red\nshape: round\n")
    with pytest.raises(InputError, match=r"colour.*; line 3: shape"):
        read_model(path, Box)


def test_other_encodings_and_absent_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "box.yaml"
    with pytest.raises(InputError, match="cannot be read"):
        read_model(path, Box)
    path.write_bytes("labels: [é]".encode("latin-1"))
    with pytest.raises(InputError, match="UTF-8"):
        read_model(path, Box)
