"""The screen sees each kind of UK personal data in a sentence, and leaves everyday text alone."""

from __future__ import annotations

import hashlib
import string
import uuid

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.engagement.personal_data import KINDS, found, screen_frame

SEEN = [
    ("postcode", "I live at DT1 1AA now"),
    ("postcode", "sw1a 2aa"),
    ("postcode", "near EC1A1BB, behind the shop"),
    ("postcode", "Postcode:M1 1AE."),
    ("postcode", "the flats in Dt1 1aa"),
    ("phone", "ring 07700 900123 after six"),
    ("phone", "07700900123"),
    ("phone", "07700-900-123"),
    ("phone", "07700.900.123"),
    ("phone", "(01305) 222222"),
    ("phone", "01305 222 222"),
    ("phone", "020 7946 0018"),
    ("phone", "(020) 7946-0018"),
    ("phone", "016977 2345"),
    ("phone", "+44 7700 900123"),
    ("phone", "+44 (0)20 7946 0018"),
    ("phone", "+447700900123"),
    ("phone", "0044 7700 900123"),
    ("phone", "447700900123"),
    ("phone", "Tel.07700900123"),
    ("phone", "7700900123"),
    ("phone", "07700\u00a0900\u2011123"),
    ("email", "write to jo.bloggs+beat@example.org.uk"),
    ("email", "jo@example.com"),
    ("email", "o'neil@example.com"),
    ("national_insurance", "AB123456C"),
    ("national_insurance", "her number is ab 12 34 56 c"),
    ("national_insurance", "NI number AB123456"),
    ("vehicle_registration", "a black Golf, AB12 CDE, again"),
    ("vehicle_registration", "AB12CDE"),
    ("vehicle_registration", "ab12cde"),
    ("vehicle_registration", "reg ab12 cde"),
    ("vehicle_registration", "number plate is a123 bcd"),
    ("vehicle_registration", "A123 BCD"),
    ("vehicle_registration", "ABC 123D"),
    ("date_of_birth", "DOB 3/5/85"),
    ("date_of_birth", "d.o.b: 03.05.2016"),
    ("date_of_birth", "born on the 3rd of May 1985"),
    ("date_of_birth", "date of birth - May 3, 2016"),
    ("date_of_birth", "Jo, 03/05/1985, said so"),
    ("date_of_birth", "12 June 1971"),
    ("date_of_birth", "June 12th, 1971"),
    ("date_of_birth", "1985-05-03"),
    ("date_of_birth", "3/5/85"),
    ("reference", "crime ref 1234567/25"),
    ("reference", "Crime reference number: CR/12345/25"),
    ("reference", "42/12345/25"),
    ("reference", "01CD/1234/25"),
    ("reference", "log 123 of 12/03/2025"),
    ("reference", "incident 45 of 3rd March"),
    ("reference", "incident no. 456"),
    ("reference", "incident #456"),
    ("reference", "CAD 1234/12MAR25"),
    ("reference", "NICL-20250101-0123"),
    ("reference", "Ref: 54250012345"),
    ("collar_number", "spoke to PC 1234"),
    ("collar_number", "PCSO 7123 came"),
    ("collar_number", "pc1234"),
    ("collar_number", "PC Plod 1234"),
    ("collar_number", "collar number 4321"),
    ("collar_number", "Sgt 456"),
    ("collar_number", "DC 4321"),
    ("collar_number", "warrant no 123456"),
]
CLEAN = [
    *("", "101", "999", "112", "Call 101, or 999 in an emergency", "NHS 111"),
    *("0800 555 111", "0800 555111 (Crimestoppers)", "0300 123 1212", "0345 045 45 45", "116 123"),
    *(
        "DT1",
        "the DT1 area",
        "SW1",
        "N1",
        "E4 North",
        "M1",
        "A14",
        "the A14 and M1",
        "CO16 and CO15",
    ),
    *("M1 2nd junction", "A6 1st May", "B4 5th floor", "M6 4hr delay", "A303 THE ROAD"),
    *("THE M25 AND THE A14 ARE BUSY", "LE1 AND LE2", "E numbers such as E150"),
    *("E05001234", "E01000001", "W01001234", "City of London 001A", "Adur 001A", "E07000223"),
    *("2025-06", "2025-06-12", "2025-06-12T18:30:00Z", "12/06/2025", "12.06.2025 18:30"),
    *("01/02/2025 10:30", "01-02-2025 10:30", "12 June 2025", "June 12th, 2025", "2024/25"),
    *(
        "crime in 2024/25",
        "crime 12 months",
        "crime-2013",
        "incidents 2024",
        "log 2025",
        "number 12",
        "no 10",
    ),
    *("£1,234.56", "£12345678", "1.0123456789", "50.7112345678, -2.4371234567", "12,345 crimes"),
    *(
        "PC Plod",
        "PCSO Smith said so",
        "officers spent 120 hours",
        "PCC",
        "DS Jones",
        "ps 2025 is a big year",
        "24/7",
    ),
    *("On or near Station Road", "On or near A35", "1 High Street", "Class 4B", "Year 10 pupils"),
    *("https://www.police.uk/pu/your-area/dorset/bridport/?tab=overview", "@dorsetpolice"),
    *("https://www.dorset.police.uk/news/2025/05/12/update-12345", "https://www.youtube.com/@x"),
    *("Equality Act 2010 s. 149", "ISO 8601", "Windows 10", "COVID-19", "Section 60", "3 to 5pm"),
    *(
        "police.uk",
        "PCC/2025/012",
        "D-2025-0012",
        "EV-2025-0001",
        "ISS-000123",
        "MTG-20250612-0001",
    ),
    *("01ARZ3NDEKTSV4RRFFQ69G5FAV", "01HX5ZZKBKACTAV9WEVGEMMVRZ", "force-3f2a9c01d4e5"),
    *("2 bedroom flat", "5 a side", "20mph", "40 vehicles at 34mph", "between 7 and 9", "U12s"),
    *("01305", "1st XI", "G7 summit", "5G mast", "B&Q", "no. 12 bus", "the 12.30 bus", "3/4 of us"),
]


def kinds(*texts: str | None) -> str | None:
    frame = pl.DataFrame(
        {f"c{i}": pl.Series([text], dtype=pl.String) for i, text in enumerate(texts)}
    )
    return frame.select(found(frame.columns)).item()


@pytest.mark.parametrize(("kind", "text"), SEEN)
def test_each_kind_is_seen_as_people_write_it(kind: str, text: str) -> None:
    assert kinds(text) == kind


@pytest.mark.parametrize("text", CLEAN)
def test_everyday_text_is_left_alone(text: str) -> None:
    assert kinds(text) is None


def test_every_kind_has_a_case_and_they_are_sorted() -> None:
    assert sorted({kind for kind, _ in SEEN}) == sorted(KINDS) == list(KINDS)


def test_the_kinds_of_all_columns_are_joined() -> None:
    assert kinds("DT1 1AA", None, "jo@example.com, 07700 900123") == "email; phone; postcode"
    assert kinds(None, None) is None


def test_what_two_columns_make_together_is_not_seen() -> None:
    assert kinds("DT1", "1AA") is None
    assert kinds("born", "3 May") is None


def test_no_column_gives_null() -> None:
    assert pl.DataFrame({"a": ["DT1 1AA"]}).with_columns(k=found([]))["k"].to_list() == [None]


def test_a_text_that_is_allowed_is_passed_over() -> None:
    frame = pl.DataFrame({"a": ["DT1 1AA", "DT1 1AB", None], "b": [None, "DT1 1AA ", None]})
    assert frame.select(found(["a", "b"], ["DT1 1AA"])).to_series().to_list() == [
        None,
        "postcode",
        None,
    ]


def test_a_table_is_screened_column_by_column_and_nothing_is_shown() -> None:
    frame = pl.DataFrame(
        {
            "title": ["Meet at DT1 1AA", "Meet at DT1 1AA", "Meet at DT2 2BB", "Fine"],
            "number": [7700900123, 1, 2, 3],
            "phone": ["07700 900123", "jo@example.com", None, "01305 222222"],
        }
    )
    seen = screen_frame(frame, ["title", "number", "phone"], ["01305 222222"])
    assert seen.rows() == [
        ("title", "postcode", 3, "xx0 0xx"),
        ("phone", "email", 1, "xx@xxxxxxx.xxx"),
        ("phone", "phone", 1, "00000 000000"),
    ]
    assert screen_frame(frame, [], []).height == 0


AREAS = ["AB", "B", "BT", "CB", "DT", "E", "G", "JE", "LE", "M", "NE", "SW", "WC", "ZE"]
WORDS = st.sampled_from(["the lights", "please", "she said,", "at night", "(again)", "meeting:"])
DIGITS = st.text(string.digits, min_size=9, max_size=9)


@settings(deadline=None)
@given(
    before=WORDS,
    area=st.sampled_from(AREAS),
    district=st.from_regex(r"\A[1-9][0-9A-HJKPSTUW]?\Z"),
    gap=st.sampled_from(["", " ", "  "]),
    inward=st.from_regex(r"\A[0-9][ABD-HJLNP-UW-Z]{2}\Z"),
    after=WORDS,
)
def test_any_postcode_is_seen_in_a_sentence(
    before: str, area: str, district: str, gap: str, inward: str, after: str
) -> None:
    postcode = f"{area}{district}{gap}{inward}"
    assert "postcode" in (kinds(f"{before} {postcode} {after}") or "")
    assert "postcode" in (kinds(f"{before} {postcode}") or "")


@settings(deadline=None)
@given(
    before=WORDS,
    start=st.sampled_from(["07", "+447", "+44 7", "+44 (0)7", "01", "02", "+44 1", "0044 2"]),
    digits=DIGITS,
    gaps=st.lists(st.sampled_from(["", " ", ".", "-", "\u00a0"]), min_size=2, max_size=2),
    after=WORDS,
)
def test_any_phone_number_is_seen_in_a_sentence(
    before: str, start: str, digits: str, gaps: list[str], after: str
) -> None:
    number = f"{start}{digits[:3]}{gaps[0]}{digits[3:6]}{gaps[1]}{digits[6:]}"
    assert "phone" in (kinds(f"{before} {number} {after}") or "")


@settings(deadline=None)
@given(
    before=WORDS,
    prefix=st.from_regex(r"\A[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\Z"),
    digits=st.text(string.digits, min_size=6, max_size=6),
    suffix=st.sampled_from("ABCDabcd"),
    gap=st.sampled_from(["", " ", "-"]),
)
def test_any_national_insurance_number_is_seen(
    before: str, prefix: str, digits: str, suffix: str, gap: str
) -> None:
    number = gap.join([prefix, digits[:2], digits[2:4], digits[4:], suffix])
    assert "national_insurance" in (kinds(f"{before} {number}.") or "")


@settings(deadline=None)
@given(st.text())
def test_any_text_can_be_screened_and_words_alone_are_clean(text: str) -> None:
    seen = kinds(text)
    assert seen is None or set(seen.split("; ")) <= set(KINDS)
    assert kinds("".join(c for c in text if not c.isnumeric() and c != "@")) is None


@settings(deadline=None)
@given(st.binary(min_size=1))
def test_hashes_and_random_ids_are_clean(seed: bytes) -> None:
    digest = hashlib.sha256(seed).hexdigest()
    assert kinds(digest, digest[:40], digest[:32], str(uuid.UUID(digest[:32]))) is None
