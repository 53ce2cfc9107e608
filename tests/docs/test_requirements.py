"""Pages that promise something name tests, files and headings that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from openbeat.release.quality import MEASURES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = (
    *("releases.md", "revisions-policy.md", "quality-policy.md", "rap-checklist.md"),
    "consumer-requirements.md",
    "website.md",
)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
STATES = ("held", "partly", "no")


def rows() -> list[list[str]]:
    """Of the table of requirements: number, requirement, state, how."""
    text = (DOCS / "consumer-requirements.md").read_text("utf-8")
    lines = [line for line in text.splitlines() if re.match(r"\| \d", line)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_requirement_is_answered_once() -> None:
    assert [row[0] for row in rows()] == [str(number) for number in range(1, 23)]
    assert all(len(row) == 4 and row[2] in STATES for row in rows())


def test_what_is_held_names_a_test_and_what_is_not_says_why() -> None:
    for _, what, state, how in rows():
        assert TEST.search(how) or state != "held", what
        assert state == "held" or len(TEST.sub("", how)) > 80, what


@pytest.mark.parametrize("page", PAGES)
def test_every_test_that_a_page_names_exists(page: str) -> None:
    for file, name in TEST.findall((DOCS / page).read_text("utf-8")):
        assert f"def {name}(" in (ROOT / file).read_text("utf-8"), name


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_the_project_leads_somewhere(page: str) -> None:
    for link in LINK.findall((DOCS / page).read_text("utf-8")):
        if "://" in link:
            continue
        path, _, heading = link.partition("#")
        target = DOCS / path if path else DOCS / page
        assert target.exists(), link
        if heading:
            heads = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.M)
            slugs = {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}
            assert heading in slugs, link


def test_the_page_on_quality_has_every_measure_with_its_threshold() -> None:
    text = (DOCS / "quality-policy.md").read_text("utf-8")
    table = dict(re.findall(r"^\| \w+ \| `(\w+)` \|.*\| ([^|]+) \| [^|]+ \|$", text, re.M))
    assert set(table) == {measure.name for measure in MEASURES}
    for measure in MEASURES:
        share = measure.bottom is not None
        number = f"{measure.threshold * 100:g} %" if share else f"{measure.threshold:g}"
        sign = "at most" if measure.at_most else "at least"
        expected = "all" if share and measure.threshold == 1 else f"{sign} {number}"
        assert table[measure.name] == expected, measure.name
