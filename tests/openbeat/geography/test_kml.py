"""What a user relies on when police.uk's boundary archive is read."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import shapely

from openbeat.errors import InputError
from openbeat.geography import kml as module
from openbeat.geography.boundaries import read_boundaries
from openbeat.geography.shapes import RawShape

Make = Callable[..., str]
Zip = Callable[..., Path]


def only(path: Path) -> RawShape:
    found, issues = module.read_kml_zip(path)
    assert issues == []
    assert len(found) == 1
    return found[0]


def test_a_hole_is_cut_out(kml: Make, ring: Make, kml_zip: Zip) -> None:
    text = kml("n1", [ring(0, 50, 2, 52), ring(0.5, 50.5, 1.5, 51.5)])
    assert only(kml_zip({"kent/n1.kml": text})).geometry.area == pytest.approx(3)


def test_parts_of_one_file_are_one_shape(kml: Make, ring: Make, kml_zip: Zip) -> None:
    one, two = (kml("n1", [ring(x, 50, x + 1, 51)]) for x in (0, 2))
    placemark = two.split("<Document>")[1].split("</Document>")[0]
    several = one.replace("</Document>", placemark + "</Document>")
    polygon = two.split("</description>")[1].split("</Placemark>")[0]
    multi = one.replace("<Polygon>", "<MultiGeometry>" + polygon + "<Polygon>", 1).replace(
        "</Polygon></Placemark>", "</Polygon></MultiGeometry></Placemark>"
    )
    for text in (several, multi):
        shape = only(kml_zip({"kent/n1.kml": text}))
        assert shape.geometry.geom_type == "MultiPolygon"
        assert shape.geometry.area == pytest.approx(2)


@pytest.mark.parametrize(
    "coordinates",
    [
        "0,50 1,50 1,51 0,50",
        "0,50,0 1,50,0 1,51,0 0,50,0",
        "\n\t0.0,50.0,12\r\n 1e0,50,3\n1,51,0   0,50,0\n",
    ],
)
def test_coordinates_in_every_layout_are_read(kml: Make, kml_zip: Zip, coordinates: str) -> None:
    shape = only(kml_zip({"kent/n1.kml": kml("n1", [coordinates])}))
    assert shape.geometry.equals(shapely.Polygon([(0, 50), (1, 50), (1, 51)]))


def test_a_kml_without_namespace_is_read(kml: Make, ring: Make, kml_zip: Zip) -> None:
    text = kml("n1", [ring(0, 50, 1, 51)]).replace(' xmlns="http://www.opengis.net/kml/2.2"', "")
    assert only(kml_zip({"kent/n1.kml": text})).geometry.area == pytest.approx(1)


@pytest.mark.parametrize(
    ("name", "description", "expected"),
    [
        ("Leake &amp;amp; Keyworth", "", "Leake & Keyworth"),
        ("Leake &amp; Keyworth", "", "Leake & Keyworth"),
        ("Leake & Keyworth", "", "Leake & Keyworth"),
        ("Ynys M&ocirc;n", "", "Ynys Môn"),
        ("n1", "<![CDATA[<p>Old  Town&nbsp;</p>\n<b>East</b>]]>", "Old Town East"),
        ("n1", "&lt;b&gt;Old Town&lt;/b&gt;", "Old Town"),
        ("n1", "", "n1"),
        ("", "", "n1"),
        ("Old Town", "Police team: 101", "Old Town"),
    ],
)
def test_the_name_is_what_a_person_reads(
    kml: Make, ring: Make, kml_zip: Zip, name: str, description: str, expected: str
) -> None:
    text = kml(name, [ring(0, 50, 1, 51)], description)
    assert only(kml_zip({"kent/n1.kml": text})).name == expected


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("kent/Neath-Port-Talbot.kml", "Neath-Port-Talbot"),
        ("kent/A B 1.2.kml", "A B 1.2"),
        ("kent/A%20B%2F1.kml", "A B/1"),
        ("kent/A &amp; B.kml", "A & B"),
        ("2025-03/kent/NC04.KML", "NC04"),
    ],
)
def test_the_id_is_the_file_name_case_kept(
    kml: Make, ring: Make, kml_zip: Zip, member: str, expected: str
) -> None:
    shape = only(kml_zip({member: kml("x", [ring(0, 50, 1, 51)])}))
    assert (shape.force_id, shape.neighbourhood_id) == ("kent", expected)


def test_one_unreadable_member_does_not_stop_the_rest(kml: Make, ring: Make, kml_zip: Zip) -> None:
    good = kml("ok", [ring(0, 50, 1, 51)])
    bad = {
        "kent/xml.kml": "<kml><Placemark>",
        "kent/doctype.kml": '<!DOCTYPE kml [<!ENTITY a "b">]><kml/>',
        "kent/words.kml": kml("x", ["0,50 one,50 1,51 0,50"]),
        "kent/ragged.kml": kml("x", ["0,50,0 1,50 1,51,0 0,50,0 1,50"]),
        "kent/metres.kml": kml("x", ["530000,180000 530001,180000 530001,180001"]),
        "kent/nan.kml": kml("x", ["nan,50 1,50 1,51 nan,50"]),
        "README.txt": "hello",
        "Kent Police/n1.kml": good,
    }
    file = read_boundaries(kml_zip({"kent/ok.kml": good, **bad}))
    assert file.frame["neighbourhood_id"].to_list() == ["ok"]
    assert set(file.issues["kind"]) == {"unreadable"}
    assert file.issues.height == len(bad)
    for member in bad:
        assert file.issues["detail"].str.starts_with(f"{member}: ").sum() == 1


def test_a_member_damaged_in_the_zip_is_listed(kml: Make, ring: Make, kml_zip: Zip) -> None:
    path = kml_zip({f"kent/{n}.kml": kml(n, [ring(0, 50, 1, 51)]) for n in ("n1", "n2")})
    data = bytearray(path.read_bytes())
    data[data.index(b"50.000000")] ^= 1
    path.write_bytes(data)
    file = read_boundaries(path)
    assert file.frame["neighbourhood_id"].to_list() == ["n2"]
    assert file.issues.row(0)[:3] == ("kent", "n1", "unreadable")


def test_open_and_short_rings(kml: Make, ring: Make, kml_zip: Zip) -> None:
    members = {
        "kent/open.kml": kml("x", ["0,50 1,50 1,51 0,51"]),
        "kent/hole.kml": kml("x", [ring(0, 50, 1, 51), "0,50 1,50 0,50"]),
        "kent/short.kml": kml("x", ["0,50 1,50 0,50"]),
        "kent/none.kml": kml("x", [""]),
    }
    file = read_boundaries(kml_zip(members))
    assert dict(file.frame.select("neighbourhood_id", "repair_reason").iter_rows()) == {
        "hole": "ring of fewer than 4 points left out",
        "open": "unclosed ring closed",
    }
    assert file.frame["repaired"].all()
    alone = file.issues.filter(pl.col("other_force_id").is_null())
    kinds = dict(alone.select("neighbourhood_id", "kind").iter_rows())
    assert kinds == {"hole": "repaired", "open": "repaired", "short": "empty", "none": "empty"}


def _flag_encrypted(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)


def test_an_archive_that_cannot_be_trusted_is_refused(
    kml: Make, ring: Make, kml_zip: Zip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = kml("n1", [ring(0, 50, 1, 51)])
    good = kml_zip({"kent/n1.kml": text})
    cut = tmp_path / "cut.zip"
    cut.write_bytes(good.read_bytes()[:-30])
    words = tmp_path / "words.zip"
    words.write_text("<html>404</html>")
    double = tmp_path / "double.zip"
    with zipfile.ZipFile(double, "w") as archive:
        archive.writestr("kent/n1.kml", text)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("kent/n1.kml", text)
    secret = kml_zip({"kent/n1.kml": text}, "secret.zip")
    _flag_encrypted(secret)
    refused = {
        cut: "cut short",
        words: "not a zip",
        double: "there twice",
        secret: "encrypted",
        kml_zip({"../kent/n1.kml": text}, "up.zip"): "leads out",
        kml_zip({"/kent/n1.kml": text}, "root.zip"): "leads out",
        kml_zip({"readme.txt": "x"}, "bare.zip"): "holds no <force>",
        kml_zip({"kent/n1.kml": "x"}, "useless.zip"): "no usable boundary",
    }
    for path, message in refused.items():
        with pytest.raises(InputError, match=message) as raised:
            read_boundaries(path)
        assert raised.value.file == path.name
        assert str(tmp_path) not in str(raised.value)
    monkeypatch.setattr(module, "MEMBER_LIMIT", 10)
    with pytest.raises(InputError, match="expands beyond"):
        read_boundaries(good)
    monkeypatch.undo()
    monkeypatch.setattr(module, "TOTAL_LIMIT", 10)
    with pytest.raises(InputError, match="expands beyond"):
        read_boundaries(good)
