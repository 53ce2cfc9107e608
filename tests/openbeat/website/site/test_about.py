"""The pages about the website: what they promise is there, and their numbers are the policy's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openbeat.website.site import about
from openbeat.website.site.settings import Postcodes, SiteSettings
from tests.openbeat.website.site import releases

Read = Callable[[str], Any]


def _pages(site: Any) -> dict[str, str]:
    return {file.path: str(file.content) for file in about.pages(site)}


def _text(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", markup).split())


def test_pages_have_no_faults_and_every_link_among_them_leads_somewhere(
    tmp_path: Path, read_page: Read
) -> None:
    pages = _pages(releases.site(tmp_path))
    read = {path: read_page(markup) for path, markup in pages.items()}
    for path, page in read.items():
        assert page.faults == [], path
        for link in page.links:
            target, _, anchor = link.removeprefix("../").partition("#")
            if link.startswith("../about/"):
                assert target in pages, f"{path}: {link}"
                assert not anchor or anchor in read[target].ids, f"{path}: {link}"


def test_the_dictionary_has_every_published_column_and_no_other(tmp_path: Path) -> None:
    site = releases.site(tmp_path)
    page = _pages(site)["about/dictionary.html"]
    for name in ("coverage", "crime_summary", "revisions"):
        contract = releases.CONTRACTS[name]
        listed = re.findall(rf'id="{name}\.([a-z0-9_]+)"', page)
        assert listed == [column.name for column in contract.columns if column.published]
    assert "conformed" not in page
    assert 'id="you_said_we_did"' not in page
    assert (
        releases.CONTRACTS["you_said_we_did"].title in _text(page).split("Not in this release:")[1]
    )


def test_code_lists_have_every_code_and_say_where_they_are_used(tmp_path: Path) -> None:
    page = _pages(releases.site(tmp_path))["about/codes.html"]
    for code in releases.CODELISTS["coverage_statuses"]["coverage"]:
        assert f"<td>{code.replace('_', '_<wbr>')}</td>" in page
    assert 'href="../about/dictionary.html#coverage.coverage"' in page


def test_thresholds_are_those_of_the_release_else_of_the_shipped_policy(tmp_path: Path) -> None:
    shipped = _text(_pages(releases.site(tmp_path))["about/policies.html"])
    assert "A number of 1 to 4 is kept back." in shipped
    assert "it is 1 to 9. 0 is shown." in shipped
    assert "from 3 days after its end" in shipped
    used = {"thresholds": {"default": 8, "disability": 12, "religion_or_belief": 12,
                           "gender_identity": 12, "sexual_orientation": 12},
            "settle_days": 10, "revise_after_months": 7}  # fmt: skip
    (tmp_path / "disclosure.json").write_text(json.dumps({"policy": used}), "utf-8")
    told = _text(_pages(releases.site(tmp_path))["about/policies.html"])
    assert "A number of 1 to 7 is kept back." in told
    assert "it is 1 to 11. 0 is shown." in told
    assert "from 10 days after its end" in told
    assert "7 months after the year’s end" in told


def test_privacy_says_which_file_the_host_sees_only_where_postcodes_are_looked_up(
    tmp_path: Path,
) -> None:
    without = _text(_pages(releases.site(tmp_path))["about/privacy.html"])
    assert "has no search by postcode" in without
    settings = SiteSettings(postcodes=Postcodes(path=Path("onspd.csv")))
    with_file = _text(_pages(releases.site(tmp_path, settings=settings))["about/privacy.html"])
    assert "that somebody asked for S10" in with_file
    assert "but not which postcode" in with_file


def test_the_contact_is_named_where_there_is_one_and_its_lack_is_said(tmp_path: Path) -> None:
    none = _text(_pages(releases.site(tmp_path))["about/accessibility.html"])
    assert "The publisher has not named a contact" in none
    contact = {"name": "Data <office>", "email": "data@example.org", "url": "javascript:alert(1)"}
    page = _pages(releases.site(tmp_path, contact=contact))["about/accessibility.html"]
    assert '<a href="mailto:data@example.org">data@example.org</a>' in page
    assert "javascript:alert" not in page
    assert "Data <office>" not in page


def test_the_accessibility_statement_claims_no_audit(tmp_path: Path) -> None:
    text = _text(_pages(releases.site(tmp_path))["about/accessibility.html"])
    assert "It has not been audited by an outside party" in text
    for check in ("axe-core", "keyboard only", "320 pixels", "200 per cent", "dark mode", "print"):
        assert check in text


def test_a_release_is_cited_by_its_lasting_address(tmp_path: Path) -> None:
    page = _text(_pages(releases.site(tmp_path))["about/cite.html"])
    assert "Northmere data (2025), release 2025-06-r2." in page
    served = releases.site(tmp_path, base_url="https://data.example.org")
    page = _text(_pages(served)["about/cite.html"].split("<main", 1)[1].split("</main>")[0])
    assert "Open Government Licence v3.0. https://data.example.org/2025-06-r2/" in page
    assert "latest/" not in page
