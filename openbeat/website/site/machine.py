"""What programs read first: llms.txt, robots.txt and the sitemap.

Only these files belong here. They are in English, as the data is, and made once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final
from xml.sax.saxutils import escape

from openbeat.website.site.downloads import table_files
from openbeat.website.site.release_pages import TITLE
from openbeat.website.site.source import File, Site

SITEMAP: Final = "sitemap.xml"
MOST: Final = 50_000
"""The most addresses of one sitemap (sitemaps.org); more get several and an index."""


def data(site: Site) -> Iterator[File]:
    """``llms.txt`` and ``robots.txt``."""
    yield File("llms.txt", llms(site))
    yield File("robots.txt", robots(site))


def robots(site: Site) -> str:
    """Everything may be read. It counts only at the top of a host: whoever serves it copies it."""
    lines = ["# Everything may be read. Programs look for this file at the top of a host only.",
             "User-agent: *", "Allow: /"]  # fmt: skip
    if site.base_url:
        lines.append(f"Sitemap: {site.address(SITEMAP)}")
    return "\n".join(lines) + "\n"


def sitemap(site: Site, paths: Iterable[str]) -> Iterator[File]:
    """The sitemap of the pages, at their lasting addresses.

    A sitemap holds whole addresses only (sitemaps.org), so without one configured there is none.

    Args:
        site: The release.
        paths: Of all files of the website; its pages are taken from them.
    """
    if not site.base_url:
        return
    pages = sorted(
        path for path in paths if path.endswith(".html") and not path.endswith(".embed.html")
    )
    parts = [pages[n : n + MOST] for n in range(0, len(pages), MOST)]
    if len(parts) <= 1:
        yield File(SITEMAP, _listed("urlset", "url", (site.address(p) for p in pages)))
        return
    names = [f"sitemap-{n}.xml" for n in range(1, len(parts) + 1)]
    yield File(SITEMAP, _listed("sitemapindex", "sitemap", (site.address(n) for n in names)))
    for name, part in zip(names, parts, strict=True):
        yield File(name, _listed("urlset", "url", (site.address(path) for path in part)))


def _listed(root: str, item: str, addresses: Iterable[str]) -> str:
    lines = "".join(f"<{item}><loc>{escape(address)}</loc></{item}>\n" for address in addresses)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{lines}</{root}>\n'
    )


def llms(site: Site) -> str:
    """The website for language models, in the form of llmstxt.org."""
    edition = site.edition
    window = f"{site.first_month} to {edition.month}"
    notice = f"{edition.notice} " if edition.notice else ""
    sections = [
        f"# {site.name}",
        f"> {notice}{TITLE}, {window}. Release {edition.release_id}, published by"
        f" {edition.publisher}. Crimes published on police.uk by police neighbourhood and month,"
        " and, where logs were supplied, what the public asked of the police, what was done, and"
        " if nothing was done, why.",
        "Read these caveats before you use a number:",
        "\n".join(f"- {line}" for line in _caveats(site)),
        _section("Data", _tables(site)),
        _section("Pages", _pages(site)),
        _section("Documentation", _documentation(site)),
        _section("Licence", [_link(site, "../LICENCE.txt", "Open Government Licence v3.0",
                                   "the sentences to acknowledge the sources with")]),
        _section("Optional", _optional(site)),
    ]  # fmt: skip
    return "\n\n".join(sections) + "\n"


def _caveats(site: Site) -> list[str]:
    return [
        "An empty number is not 0. The column `<number>_status` says why it is empty: x not"
        " available, z not applicable, c kept back to protect people (any number, not a small"
        " one); u beside a number says that the month was supplied in part.",
        "Say \"crimes published on police.uk\", not \"recorded crime\": police.uk leaves some out.",
        "Anti-social behaviour is not crime and is in no crime total.",
        "Look at the table `coverage` before comparing months or forces: a gap in supply looks"
        " like a fall in crime.",
        "Places are approximate: police.uk moves each crime to a nearby map point.",
        "Do not rank places: they differ in size, visitors and reporting.",
        f"Two dates: crimes up to {site.edition.month}, engagement up to"
        f" {site.edition.as_of.isoformat()}.",
        "Attendances, forms and queries are counts of those, not of people.",
        "These are not official statistics. Cite the release by its id: it never changes.",
    ]  # fmt: skip


def _section(title: str, lines: Iterable[str]) -> str:
    return "\n".join([f"## {title}", "", *lines])


def _link(site: Site, target: str, name: str, note: str) -> str:
    """A line of a list; ``target`` is seen from the website's folder."""
    return f"- [{name}]({_address(site, target)}): {note}"


def _address(site: Site, target: str) -> str:
    """The whole address of a file, that of its release for data; else as it is."""
    if not site.base_url:
        return target
    if target.startswith("../"):
        return f"{site.base_url}/{site.edition.release_id}/{target[3:]}"
    return site.address(target)


def _tables(site: Site) -> list[str]:
    """A line a table: its Parquet, what it is, and its CSV where there is one for all."""
    lines = []
    for table in table_files(site):
        paths = {file["format"]: f"../{file['path']}" for file in table["files"]}
        what = f"Parquet, {table['rows']:,} rows. {' '.join(table['what'].split())}"
        csv = paths.get("CSV") or paths.get("CSV, gzip")
        also = f" As CSV: {_address(site, csv)}" if csv else ""
        lines.append(_link(site, paths["Parquet"], table["title"], what + also))
    return lines


def _pages(site: Site) -> list[str]:
    return [
        _link(site, "find/a-z.html", "Neighbourhoods, A to Z", "put .csv or .json in place of"
              " .html in the address of a neighbourhood for its figures"),
        _link(site, "measures/index.html", "Measures", "definition, source and caveats of each"),
        _link(site, "release/index.html", "This release", "what is new and changed, downloads"),
        _link(site, "release/coverage.html", "Coverage", "what each force supplied, by month"),
    ]  # fmt: skip


def _documentation(site: Site) -> list[str]:
    return [
        _link(site, "about/methodology.html", "Methodology", "how the figures are made"),
        _link(site, "about/dictionary.html", "Data dictionary", "every table and column"),
        _link(site, "../dictionary.csv", "Data dictionary (CSV)", "the same as one file"),
        _link(site, "../datapackage.json", "Data Package", "each file, its columns, its checksum"),
        _link(site, "about/policies.html", "Policies", "revisions, quality, protection of people"),
        _link(site, "about/cite.html", "How to cite", "short, long, BibTeX"),
    ]


def _optional(site: Site) -> list[str]:
    return [
        _link(site, "../QUALITY.md", "Quality statement", "by force"),
        _link(site, "../CHANGELOG.md", "Changelog", "since the release before"),
        _link(site, "../REVISIONS.csv", "Revisions", "every figure that changed, with its reason"),
        _link(site, "../provenance.json", "Provenance", "inputs and their checksums (W3C PROV)"),
    ]
