"""What this release is: new, changed, quality, coverage, downloads, and how to cite it.

Only putting the pages together belongs here; what they say is gathered in ``release_facts``,
``coverage_facts`` and ``downloads``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from openbeat.release.content import LICENCE_URL, ReleaseContent
from openbeat.release.descriptors import KEYWORDS
from openbeat.website import charts
from openbeat.website.language import gettext as _
from openbeat.website.pages import json_block
from openbeat.website.site import coverage_facts, downloads, release_facts
from openbeat.website.site.source import File, Site, render

if TYPE_CHECKING:
    pass

TITLE: Final = str(ReleaseContent.__dataclass_fields__["title"].default)


def pages(site: Site) -> Iterator[File]:
    """The page of the release, and that of its coverage."""
    datasets = coverage_facts.datasets(site)
    for dataset in datasets:
        dataset["others"] = coverage_facts.by_state(dataset)
    quality = release_facts.quality(site)
    for entry in quality["whole"] if quality else ():
        entry["limit"] = limit(entry)
    yield render(
        site,
        "release.html",
        "release/index.html",
        new=release_facts.new_month(site),
        answers=release_facts.new_answers(site),
        logs=release_facts.new_answers(site) is not None,
        changed=release_facts.changed(site),
        quality=quality,
        datasets=datasets,
        names=release_facts.dataset_names(),
        tables=downloads.table_files(site),
        groups=downloads.other_files(site),
        total=downloads.total_size(site),
        cite=citation(site),
        record=json_block(record(site)),
        disclosed="DISCLOSURE.md" in site.sizes,
    )
    yield _coverage(site, datasets)


def _coverage(site: Site, datasets: Sequence[dict[str, Any]]) -> File:
    """The force x month picture of each dataset, and the table that says the same."""
    states = coverage_facts.state_names()
    for dataset in datasets:
        dataset["picture"] = charts.coverage(
            dataset["name"], dataset["forces"], dataset["months"], dataset["cells"]
        )
    key = {state: f"{name[:1].upper()}{name[1:]}: {what}" for state, (name, what) in states.items()}
    cells = [line for dataset in datasets for line in dataset["cells"]]
    return render(
        site,
        "coverage.html",
        "release/coverage.html",
        datasets=datasets,
        states=states,
        key=charts.coverage_key(key, cells),
    )


def limit(entry: Mapping[str, Any]) -> str:
    """The threshold of a measure in words: ``at least 95 %``, ``at most 2 months``."""
    value = entry["threshold"]
    if entry["measure"] == "months_behind":
        shown = _("%(number)s months") % {"number": f"{value:g}"}
    else:
        shown = f"{100 * value:g}\u00a0%"
    return (_("at most %(limit)s") if entry["at_most"] else _("at least %(limit)s")) % {
        "limit": shown
    }


def citation(site: Site) -> dict[str, str]:
    """How to cite the release: ``short``, ``long``, and ``bibtex`` for reference managers.

    They are in English in every language, as the data is.
    """
    edition = site.edition
    window = edition.month
    if site.first_month != edition.month:
        window = f"{site.first_month} to {edition.month}"
    year, who = edition.as_of.year, edition.publisher
    address = f"{site.base_url}/{edition.release_id}/" if site.base_url else ""
    lines = [
        f"  author    = {{{{{who}}}}},",
        f"  title     = {{{TITLE}, {window}}},",
        f"  year      = {{{year}}},",
        f"  version   = {{{edition.release_id}}},",
        f"  publisher = {{{who}}},",
        *([f"  url       = {{{address}}},"] if address else []),
    ]
    return {
        "short": f"{who} ({year}), release {edition.release_id}.",
        "long": f"{who} ({year}), {TITLE}, {window}, release {edition.release_id},"
        f" Open Government Licence v3.0.{f' {address}' if address else ''}",
        "figure": f"Crimes published on police.uk in [neighbourhood], [force],"
        f" {edition.month}. {who} ({year}), release {edition.release_id}.",
        "bibtex": "\n".join([f"@dataset{{openbeat-{edition.release_id},", *lines, "}"]),
    }


def record(site: Site) -> dict[str, Any]:
    """The release as a schema.org Dataset; ``dataset.jsonld`` of the release lists every file."""
    edition = site.edition
    organisation = {"@type": "Organization", "name": edition.publisher}
    here = f"{site.base_url}/{edition.release_id}" if site.base_url else ""
    files = [file for table in downloads.table_files(site) for file in table["files"]]
    told: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": f"{TITLE}, {site.first_month} to {edition.month}",
        "description": " ".join(filter(None, (edition.notice, ReleaseContent.description))),
        "version": edition.release_id,
        "license": LICENCE_URL,
        "isAccessibleForFree": True,
        "keywords": list(KEYWORDS),
        "creator": organisation,
        "publisher": organisation,
        "creditText": " ".join(site.attributions),
        "temporalCoverage": f"{site.first_month}/{edition.month}",
        "dateModified": edition.as_of.isoformat(),
    }
    if here:
        told["url"] = site.address("release/index.html")
        told["distribution"] = [
            {
                "@type": "DataDownload",
                "name": file["path"],
                "encodingFormat": downloads.MEDIA[file["format"]],
                "contentUrl": f"{here}/{file['path']}",
            }
            for file in files
            if file["format"] in downloads.MEDIA
        ]
    return told
