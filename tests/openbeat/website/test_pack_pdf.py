"""What those who print a pack and hand it out rely on; nothing here replaces a full validator."""

from __future__ import annotations

import io
import itertools
import re
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from openbeat.website.language import using
from openbeat.website.packs import press, write_packs
from openbeat.website.packs.blocks import plain
from openbeat.website.packs.facts import Edition, Packs
from openbeat.website.packs.pdf import _UNDRAWN, FONTS, VARIANTS, document, pdf
from openbeat.website.packs.press import Printing

HOSTILE = "#panic() $x^2$ *bold* _it_ @ref \\ `raw` [a] {b} <c> // d /* e"
LONG = ("Speeding along the quay at night, and nobody comes when we ring. " * 60).strip()


def packs_of(rows: Any, lists: Any, tables: Any) -> list[dict[str, Any]]:
    edition = Edition("2025-06-r1", rows.MONTH, rows.AS_OF, "Northshire open data", "Made up.", {})
    return list(Packs(tables, lists, edition))


@pytest.fixture(scope="module")
def busy_facts(rows: Any, people: Any, lists: Any) -> dict[str, Any]:
    """The facts of a neighbourhood with something of everything."""
    return packs_of(rows, lists, rows.busy_tables() | people.heard_tables())[0]


@pytest.fixture(scope="module")
def bare_facts(rows: Any, lists: Any) -> dict[str, Any]:
    """The facts of one of which nothing is known at all."""
    tables = {name: frame.clear() for name, frame in rows.tables().items()}
    return packs_of(rows, lists, tables | {"neighbourhoods": rows.tables()["neighbourhoods"]})[0]


def pages(content: bytes) -> int:
    with pikepdf.open(io.BytesIO(content)) as made:
        return len(made.pages)


def shown(value: Any) -> str:
    """All texts of a document."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return " ".join(map(shown, value.values()))
    return " ".join(map(shown, value)) if isinstance(value, list | tuple) else ""


def elements(node: Any) -> list[Any]:
    """The structure elements under one, in reading order."""
    found = []
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            found += [kid, *elements(kid)]
    return found


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_pdf_says_what_a_screen_reader_needs(busy_facts: Any, variant: str) -> None:
    with pikepdf.open(io.BytesIO(pdf(busy_facts, variant))) as made:
        root = made.Root
        assert root.MarkInfo.Marked
        assert str(root.Lang).startswith("en")
        assert root.ViewerPreferences.DisplayDocTitle
        with made.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert "Harbour and Old Town" in metadata["dc:title"]
        found = elements(root.StructTreeRoot)
    kinds = [str(element.S) for element in found]
    figures = [element for element in found if element.S == "/Figure"]
    assert len(figures) == (0 if variant == "easy-read" else 1)
    assert all(str(figure.Alt).startswith("Crimes published on police.uk") for figure in figures)
    assert ("/TH" in kinds) is (variant != "easy-read")
    levels = [int(kind[2:]) for kind in kinds if re.fullmatch(r"/H[1-6]", kind)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_it_is_in_the_language_that_holds(busy_facts: Any) -> None:
    with using("cy"):
        made = pikepdf.open(io.BytesIO(pdf(busy_facts)))
    assert str(made.Root.Lang).startswith("cy")


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_facts_give_the_same_bytes(busy_facts: Any, variant: str) -> None:
    first = pdf(busy_facts, variant)
    pdf({**busy_facts, "neighbourhood_name": "Another"}, variant)
    assert pdf(busy_facts, variant) == first
    assert b"CreationDate" not in first


def test_a_pack_has_two_pages_however_much_there_is(
    rows: Any, busy_facts: Any, bare_facts: Any
) -> None:
    issue, open_issue = busy_facts["answered"][0], busy_facts["open"][0]
    texts = dict.fromkeys(("asked", "action", "result", "reason_text", "owner_org"), LONG)
    event = {**busy_facts["next_meeting"], **dict.fromkeys(("title", "venue", "purpose"), LONG)}
    held = {**busy_facts["held_events"][0], "findings": LONG, "participants": LONG, "title": LONG}
    fullest = {
        **busy_facts,
        "neighbourhood_name": LONG,
        "force_name": LONG,
        "notice": LONG,
        "next_meeting": event,
        "coming_events": [{**event, "event_id": f"EV-{n}"} for n in range(30)],
        "called_off": [event] * 30,
        "answered": [{**issue, **texts}] * 90,
        "open": [{**open_issue, **texts}] * 90,
        "held_events": [held] * 90,
        "priorities": [{**busy_facts["priorities"][0], "issue": LONG, "action": LONG}] * 30,
        "activities": [{**busy_facts["activities"][0], "organisation": LONG}] * 40,
        "profile": {**busy_facts["profile"], "flag_reasons": "; ".join([LONG] * 9)},
        "contact": {"name": LONG, "url": f"https://{'a' * 300}.example", "email": "e" * 200,
                    "phone": "0" * 99},
    }  # fmt: skip
    for facts in (fullest, busy_facts, bare_facts):
        assert pages(pdf(facts, where="https://data.northshire.example/" + "x" * 120)) == 2


USER = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)


@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(texts=st.lists(USER, min_size=9, max_size=9), many=st.integers(0, 12))
def test_any_text_of_a_log_makes_a_pack_of_two_pages(
    busy_facts: Any, texts: list[str], many: int
) -> None:
    issue = {**busy_facts["answered"][0], "asked": texts[0], "action": texts[1],
             "result": texts[2], "theme_label": texts[3]}  # fmt: skip
    held = {**busy_facts["held_events"][0], "findings": texts[4], "title": texts[5]}
    facts = {
        **busy_facts,
        "neighbourhood_name": texts[6],
        "answered": [issue] * many,
        "open": [{**busy_facts["open"][0], "asked": texts[7] * 4}] * many,
        "held_events": [held] * many,
        "next_meeting": {**busy_facts["next_meeting"], "title": texts[8], "venue": texts[0]},
    }
    assert pages(pdf(facts)) == 2


def test_what_is_cut_is_counted_and_where_it_is_is_said(busy_facts: Any) -> None:
    many = {**busy_facts, "answered": busy_facts["answered"][:1] * 50}
    cards = [
        block
        for sheet in document(many, "standard", "northshire/NB01.html")["sheets"]
        for row in sheet
        for column in row["cells"]
        for block in column["blocks"]
        if block["kind"] == "cards"
    ]
    answers = next(block for block in cards if len(block["more"]) == 50)
    assert answers["beyond"] == 50 - len(answers["items"])
    assert answers["more"][0] == "1 more answer: northshire/NB01.html"
    assert answers["more"][46] == "47 more answers: northshire/NB01.html"


def test_a_text_is_never_read_as_markup(busy_facts: Any) -> None:
    facts = {
        **busy_facts,
        "neighbourhood_name": HOSTILE,
        "notice": HOSTILE,
        "answered": [{**busy_facts["answered"][0], "asked": HOSTILE, "theme_label": HOSTILE}],
    }
    with pikepdf.open(io.BytesIO(pdf(facts))) as made, made.open_metadata() as metadata:
        assert HOSTILE in metadata["dc:title"]
    for variant in VARIANTS:
        assert HOSTILE in shown(document(facts, variant, ""))


def test_letters_of_wales_are_drawn_and_others_without_a_font_do_not_stop_it(
    busy_facts: Any,
) -> None:
    welsh = "Tŷ Gŵyr, Ŵ Ŷ â ê î ô û ẁ ỳ, Llanfair\u2011ym\u2011Muallt £5 – “da”"
    assert _UNDRAWN.search(welsh) is None
    known = [c for c in map(chr, range(0x20, 0x2200)) if plain(c) and not _UNDRAWN.match(c)]
    for first in range(0, len(known), 280):
        chunk = "".join(known[first : first + 280])
        assert pdf({**busy_facts, "notice": chunk, "publisher": welsh}, "easy-read")
    assert _UNDRAWN.sub("□", "漢 ŷ") == "□ ŷ"
    assert pdf({**busy_facts, "force_name": "漢字 🙂 \x00\u202e", "notice": "字" * 400})


@pytest.mark.parametrize("variant", VARIANTS)
def test_english_and_welsh_are_drawn_in_the_font_without_serifs_that_is_given(
    busy_facts: Any, variant: str
) -> None:
    facts = {**busy_facts, "neighbourhood_name": "Tŷ Gŵyr, Ŵ Ŷ â ê î ô û", "notice": "ẁ ẃ ẅ ỳ ŵ ŷ"}
    with pikepdf.open(io.BytesIO(pdf(facts, variant))) as made:
        fonts = {str(o.BaseFont).split("+")[-1] for o in made.objects
                 if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/Font"}  # fmt: skip
    assert {font.split("-")[0] for font in fonts} == {"AtkinsonHyperlegibleNext"}
    assert {"AtkinsonHyperlegibleNext-Bold", "AtkinsonHyperlegibleNext-Regular"} <= fonts | {
        font.removesuffix("-Identity-H") for font in fonts
    }
    assert "SIL Open Font License" in (FONTS / "OFL.txt").read_text("utf-8")


def test_missing_crime_is_never_0_and_both_dates_are_there(rows: Any, lists: Any) -> None:
    gap = {"2025-06": "missing", "2025-03": "missing"}
    tables = rows.tables() | rows.crime_tables(rows.PLACE, coverage=gap)
    for variant in ("standard", "large-print"):
        text = shown(document(packs_of(rows, lists, tables)[0], variant, ""))
        assert "March 2025 not available" in text
        assert "No figures are available for June 2025." in text
        assert "31 July 2025" in text
        assert "12 were supplied" not in text


def test_it_says_whom_to_call_and_how_to_answer(busy_facts: Any) -> None:
    for variant in VARIANTS:
        text = shown(document(busy_facts, variant, ""))
        for said in ("999", "101", "18001 101", "Open Government Licence v3.0"):
            assert said in text, variant


def test_easy_read_says_only_what_is_simple_and_that_it_was_not_tested(busy_facts: Any) -> None:
    long = {**busy_facts["answered"][0], "status": "action_taken", "action": LONG}
    text = shown(document({**busy_facts, "answered": [long]}, "easy-read", ""))
    assert "It was not tested with readers." in text
    assert "There is a meeting soon." in text
    assert LONG[:60] not in text
    assert "police.uk" not in text


@pytest.mark.parametrize(
    ("action", "label", "said"),
    [
        ("Speed checks.", "Enforcement", "Speed checks."),
        (LONG, "Enforcement", "Enforcement"),
        ("A first. A second.", "Enforcement", "Enforcement"),
        (LONG, None, "2 things were done. Ask the team about them."),
    ],
)
def test_easy_read_never_denies_what_was_done_and_is_too_long_to_say(
    busy_facts: Any, action: str, label: str | None, said: str
) -> None:
    done = {**busy_facts["answered"][0], "status": "action_taken", "action": action,
            "action_type_label": label}  # fmt: skip
    facts = {**busy_facts, "answered": [done, {**done, "issue_id": "IS-99"}]}
    text = shown(document(facts, "easy-read", ""))
    assert said in text
    assert "We do not know of anything that was done." not in text
    # What a log calls a kind of action nobody wrote of this place.
    assert ("wrote these words" in text) is (action == "Speed checks.")


def test_easy_read_counts_what_it_cannot_say_besides_what_it_can(busy_facts: Any) -> None:
    done = {**busy_facts["answered"][0], "status": "action_taken"}
    more = [{**done, "action": f"We went there {n} times.", "issue_id": f"IS-{n}"}
            for n in range(2, 9)]  # fmt: skip
    text = shown(document({**busy_facts, "answered": more}, "easy-read", ""))
    assert text.count("We went there") == 5
    assert "2 more things were done. Ask the team about them." in text


def test_easy_read_tells_of_work_where_no_answer_is_known_and_of_nothing_where_there_is_none(
    busy_facts: Any, bare_facts: Any
) -> None:
    text = shown(document({**busy_facts, "answered": []}, "easy-read", ""))
    assert busy_facts["activities"][0]["activity_type_label"] in text
    assert "We do not know of anything that was done." not in text
    none = {**bare_facts, "answered": [], "activities": []}
    assert "We do not know of anything that was done." in shown(document(none, "easy-read", ""))


def test_easy_read_does_not_call_unfinished_what_was_closed_without_an_answer(
    busy_facts: Any,
) -> None:
    going = {**busy_facts["open"][0], "status": "in_progress"}
    closed = {**going, "status": "no_feedback_yet"}
    text = shown(document({**busy_facts, "open": [going, closed, closed]}, "easy-read", ""))
    assert "1 thing is not finished yet." in text
    assert "2 things were closed. No answer was given." in text
    text = shown(document({**busy_facts, "open": [closed]}, "easy-read", ""))
    assert "not finished" not in text


def test_the_day_of_a_meeting_without_hours_is_said(busy_facts: Any) -> None:
    event = {**busy_facts["next_meeting"], "start_at": None, "end_at": None,
             "event_date": date(2025, 9, 11).isoformat()}  # fmt: skip
    for variant in VARIANTS:
        facts = {**busy_facts, "next_meeting": event}
        assert "11 September 2025" in shown(document(facts, variant, ""))
        assert pdf(facts, variant)


def test_pdfs_lie_beside_the_pages_which_link_to_them_and_to_the_website(
    rows: Any, lists: Any, tmp_path: Path
) -> None:
    told: list[str] = []
    write_packs(
        rows.busy_tables(),
        tmp_path / "2025-06-r1.packs",
        release_id="2025-06-r1",
        month=rows.MONTH,
        as_of=rows.AS_OF,
        publisher="Northshire open data",
        notice="",
        contacts={},
        codelists=lists,
        printing=Printing(("standard", "easy-read"), base_url="https://data.northshire.example"),
        with_site=True,
        progress=told.append,
    )
    home = tmp_path / "2025-06-r1.packs" / "northshire"
    assert {path.name for path in home.glob("*.pdf")} == {
        f"{stem}{end}.pdf" for stem in ("NB01", "NB02") for end in ("", ".easy-read")
    }
    assert sorted(told) == sorted(
        f"northshire/{stem}{end}" for stem in ("NB01", "NB02")
        for end in (".html", ".pdf", ".easy-read.pdf")
    )  # fmt: skip
    page = (home / "NB01.html").read_text("utf-8")
    for link in ("NB01.pdf", "NB01.easy-read.pdf"):
        assert f'href="{link}"' in page
    assert 'href="../../2025-06-r1/site/places/northshire/NB01.html"' in page


def test_many_are_made_by_several_processes_and_are_the_same(
    busy_facts: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(press, "ENOUGH", 2)
    printing = Printing(("easy-read",))
    (tmp_path / "northshire").mkdir()
    with printing.press(tmp_path) as going:
        told = [path for stem in ("NB01", "NB02", "NB03") for path in going(busy_facts, stem)]
        told += going.finished()
    assert sorted(told) == [f"northshire/NB0{n}.easy-read.pdf" for n in (1, 2, 3)]
    expected = pdf(busy_facts, "easy-read", where=printing.where(busy_facts, "NB01"))
    assert (tmp_path / told[0]).read_bytes() == expected
