"""Writing the packs of one release: a folder a force, a page, its data and a calendar a place.

Only files belong here; what a pack says is in ``facts``, how it looks in the templates.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from openbeat.engagement.settings import Contact
from openbeat.release.content import LICENCE_TITLE, LICENCE_URL
from openbeat.release.files import move, remove, room_for, write_text
from openbeat.website import words
from openbeat.website.language import using
from openbeat.website.packs.calendar import calendar
from openbeat.website.packs.facts import Edition, Facts, Packs
from openbeat.website.packs.keys import KEYS
from openbeat.website.packs.pdf import file_of
from openbeat.website.packs.press import Printing
from openbeat.website.packs.printed import closed_of
from openbeat.website.pages import page

Progress = Callable[[str], None]
"""Called with the path, inside the folder, of each page that has been written."""


def write_packs(
    tables: Mapping[str, pl.DataFrame],
    folder: Path,
    *,
    release_id: str,
    month: str,
    as_of: date,
    publisher: str,
    notice: str,
    contacts: Mapping[str, Contact],
    codelists: Mapping[str, pl.DataFrame],
    printing: Printing | None = None,
    with_site: bool = False,
    progress: Progress | None = None,
) -> int:
    """Write the meeting packs of a release, one a neighbourhood that serves its newest month.

    They are written aside and take the place of the folder at the end, so that readers never see
    half of them. The same tables give the same bytes. They are not synced to the disk file by
    file: they can be made again of the release at any time.

    Args:
        tables: The published tables, and nothing else: ``crime``, ``crime_summary``,
            ``neighbourhoods``; where there are any ``coverage``, ``outcomes``,
            ``engagement_events``, ``you_said_we_did``, ``activities``, ``priorities``,
            ``engagement_reach``, ``feedback_summary``, ``neighbourhood_profile``.
        folder: Holds afterwards ``index.html``, ``keys.json``, and for each force
            ``<force>/index.html`` and ``<force>/<neighbourhood>.html``, ``.json`` and, where an
            event is coming, ``.ics``. Names are made safe by ``words.file_names``.
        release_id: The release the tables are of.
        month: Its newest crime month, ``YYYY-MM``.
        as_of: The day up to which engagement is covered.
        publisher: Who publishes.
        notice: A sentence put first on each page; empty for none.
        contacts: By force: how to answer back.
        codelists: Code list name to its frame of strings, first column the code.
        printing: Which PDFs are made beside the pages, and how; None for none.
        with_site: Whether the release holds a website, whose pages the packs then link to.
        progress: Called with the path of each page or PDF written.

    Returns:
        How many packs there are.

    Raises:
        InputError: The disk is full.
        KeyError: A table or code list that packs need is not there.
    """
    edition = Edition(release_id, month, as_of, publisher, notice, contacts)
    packs = Packs(tables, codelists, edition)
    stems = stems_of(packs)
    tell = progress or (lambda _path: None)
    aside, old = (folder.with_name(f".{folder.name}.{end}") for end in ("new", "old"))
    remove(aside)
    printing = printing or Printing(variants=())
    with room_for("the meeting packs"), using(printing.language), printing.press(aside) as press:
        forces: dict[str, list[Facts]] = {}
        for facts in packs:
            stem = stems[facts["force_id"]][facts["neighbourhood_id"]]
            site = site_page(facts, stem) if with_site else ""
            tell(_write_pack(aside, facts, stem, site, printing.variants))
            for path in press(facts, stem):
                tell(path)
            forces.setdefault(facts["force_id"], []).append(_entry(facts, stem))
        for path in press.finished():
            tell(path)
        _write_indexes(aside, packs, forces)
    remove(old)
    if folder.exists():
        move(folder, old)
    move(aside, folder)
    remove(old)
    return packs.places.height


def stems_of(packs: Packs) -> dict[str, dict[str, str]]:
    """By force and neighbourhood: the name of its files."""
    return {
        force_id: words.file_names(places["neighbourhood_id"])
        for (force_id,), places in packs.places.group_by("force_id")
    }


def site_page(facts: Facts, stem: str, releases: str = "../..") -> str:
    """The place's page of the website, as a pack links to it.

    Args:
        facts: As ``Packs`` gives them.
        stem: The name of its files.
        releases: Where the releases are; by default as seen from a pack beside its release.
    """
    folder = words.file_name(facts["force_id"])
    return f"{releases}/{facts['release_id']}/site/places/{folder}/{stem}.html"


def pack_page(
    facts: Facts,
    stem: str,
    *,
    site: str = "",
    variants: Sequence[str] = (),
    home: str | None = "",
) -> str:
    """The page of one pack.

    Args:
        facts: As ``Packs`` gives them.
        stem: The name of its files.
        site: The place's page of the website; empty for none.
        variants: Which PDFs lie beside its data.
        home: Where its data, its calendar and the index of the force lie: empty where they are
            beside the page, an address that ends with a slash, None where there are none to
            lead to.
    """
    files = {variant: f"{home or ''}{file_of(stem, variant)}" for variant in variants}
    profile = facts["profile"]
    closed = closed_of(profile) if profile and profile["issues_due"] else ""
    values = {"p": facts, "stem": stem, "site": site, "pdfs": files, "closed": closed}
    return page("pack.html", **values, home=home)


def _write_pack(folder: Path, facts: Facts, stem: str, site: str, variants: Sequence[str]) -> str:
    """Write one pack; gives the path of its page inside the folder."""
    home = folder / words.file_name(facts["force_id"])
    write_text(home / f"{stem}.html", pack_page(facts, stem, site=site, variants=variants))
    write_text(home / f"{stem}.json", json_text(facts))
    if entries := [*facts["coming_events"], *facts["called_off"]]:
        day = date.fromisoformat(facts["as_of"])
        (home / f"{stem}.ics").write_bytes(calendar(entries, facts["force_id"], day))
    return f"{home.name}/{stem}.html"


def json_text(value: Any) -> str:
    """JSON in one line, keys sorted."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True) + "\n"


def _entry(facts: Facts, stem: str) -> Facts:
    """What an index says of a pack."""
    meeting = facts["next_meeting"]
    return {
        "name": facts["neighbourhood_name"],
        "force_name": facts["force_name"],
        "stem": stem,
        "next_meeting": meeting["event_date"] if meeting else None,
        "answers": len(facts["answered"]),
    }


def _write_indexes(folder: Path, packs: Packs, forces: Mapping[str, list[Facts]]) -> None:
    edition = packs.edition
    shared = {
        "release_id": edition.release_id,
        "month": edition.month,
        "as_of": edition.as_of,
        "since": edition.since,
        "publisher": edition.publisher,
        "notice": edition.notice,
        "licence": {"title": LICENCE_TITLE, "url": LICENCE_URL},
        "attributions": edition.attributions,
    }
    listed = []
    for force_id, entries in forces.items():
        stem, name = words.file_name(force_id), entries[0]["force_name"]
        places = sorted(entries, key=lambda entry: (entry["name"].casefold(), entry["stem"]))
        text = page(
            "force.html", p=shared, force_name=name, places=places, whole=packs.of_force(force_id)
        )
        write_text(folder / stem / "index.html", text)
        listed.append({"name": name, "stem": stem, "packs": len(entries)})
    listed.sort(key=lambda force: (force["name"].casefold(), force["stem"]))
    write_text(folder / "index.html", page("index.html", p=shared, forces=listed))
    write_text(folder / "keys.json", json.dumps(KEYS, indent=2, ensure_ascii=False) + "\n")
