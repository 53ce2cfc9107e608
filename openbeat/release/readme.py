"""The two pages of a release that a stranger reads first: README and licence.

Only filling in belongs here; the wording is in the Markdown files beside this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from string import Template

from openbeat.release.content import LICENCE_TITLE, LICENCE_URL, ReleaseContent
from openbeat.release.geo import GeoFile
from openbeat.release.tables import TableFile

LICENCE = "LICENCE.txt"
SIDECAR = ".csv-metadata.json"
TEMPLATE = Path(__file__).with_name("readme_template.md")
ENGAGEMENT = Path(__file__).with_name("readme_engagement.md")
WHERE_THERE = {
    "REVISIONS.csv": "every number that is another than in the release before, and why.",
    "CHANGELOG.md": "the same in words, and what else changed.",
    "QUALITY.md": "how good the data is, on the six dimensions of the Government Data Quality"
    " Framework.",
    "DISCLOSURE.md": "how counts of people were protected, what is kept back, and what that does"
    " not cover; `disclosure.json`: the same for machines.",
    "workbook/": "a workbook a force to read in a spreadsheet program, XLSX and ODS. There"
    " `[c]`, `[x]` and `[z]` stand in the cells.",
    "schemas/": "the schema of each table by its version; a change of columns is a new version.",
    "redirects.csv": "names that changed: what a file or table is called now.",
}
"""Files that not every release holds, or not only as one, with what they are."""


def readme_text(
    content: ReleaseContent,
    release_id: str,
    files: Mapping[str, TableFile | GeoFile | None],
    sizes: Mapping[str, int],
) -> str:
    """The README of one release.

    Args:
        content: The release's content.
        release_id: Its id.
        files: Path to what is known of each file written so far.
        sizes: Path to bytes.

    Returns:
        Markdown.
    """
    shapes = [file for file in files.values() if isinstance(file, GeoFile)]
    tables = [
        file
        for file in files.values()
        if isinstance(file, TableFile) and file.path.startswith("tables/")
    ]
    here = f"{content.base_url}/{release_id}/" if content.base_url else ""
    return Template(TEMPLATE.read_text("utf-8")).substitute(
        title=content.title,
        notice=f"> **{content.notice}**\n\n" if content.notice else "",
        release_id=release_id,
        window=content.window,
        as_of=content.as_of.isoformat(),
        next_release=f"\n\n{content.next_release}" if content.next_release else "",
        description=content.description,
        tables="\n".join(_table_line(content, file) for file in tables if _is_whole(file)),
        split=_split_note(tables),
        geo=_geo_note(shapes),
        there="".join(
            f"- `{name}`: {what}\n"
            for name, what in WHERE_THERE.items()
            if any(path.startswith(name) for path in files)
        ),
        sizes="\n".join(_size_lines(files, sizes)),
        engagement=ENGAGEMENT.read_text("utf-8") if "you_said_we_did" in content.tables else "",
        licence=LICENCE_TITLE,
        licence_url=LICENCE_URL,
        attributions="\n".join(f"- {line}" for line in content.attribution_lines),
        publisher=content.publisher,
        year=content.as_of.year,
        citation=f"{content.title}, {content.window}",
        here=f" <{here}>." if here else "",
        contact=_contact(content.contact),
    )


def licence_text(content: ReleaseContent) -> str:
    """``LICENCE.txt``: which licence, where its text is, and what to say when using the data."""
    attributions = "\n".join(f"  {line}" for line in content.attribution_lines)
    return (
        f"{content.title}\n\n"
        f"This data is published under the {LICENCE_TITLE}:\n  {LICENCE_URL}\n\n"
        "You may copy, publish, adapt and combine it, commercially too. You must acknowledge the\n"
        "sources, with these statements:\n\n"
        f"{attributions}\n\n"
        "You must not suggest that they endorse you or your use, or mislead others or\n"
        "misrepresent the data or its sources. The data is provided as it is, without warranty.\n"
        "The licence's own text, at the address above, is what holds.\n"
    )


def size_text(size: int) -> str:
    """Bytes as people read them.

    >>> size_text(812), size_text(5_040), size_text(120_400_000)
    ('812 bytes', '5.0 kB', '120 MB')
    """
    if size < 1000:
        return f"{size} bytes"
    number, unit = float(size), ""
    for unit in ("kB", "MB", "GB"):  # noqa: B007, the last one counts
        number /= 1000
        if number < 999.5:
            break
    return f"{number:.1f} {unit}" if number < 9.95 else f"{number:.0f} {unit}"


def _size_lines(files: Iterable[str], sizes: Mapping[str, int]) -> list[str]:
    """One line a file, or a folder of files of one kind."""
    groups: dict[str, list[int]] = {}
    for path in files:
        groups.setdefault(_group(path), []).append(sizes[path])
    lines = []
    for name, parts in sorted(groups.items()):
        if name:
            many = f", {len(parts)} files" if name.endswith("/") else ""
            lines.append(f"| `{name}`{many} | {size_text(sum(parts))} |")
    return lines


def _group(path: str) -> str:
    """The file itself, or the folder it is counted with; empty for descriptions of a file."""
    folder = PurePosixPath(path).parts[0]
    if path.endswith(SIDECAR):
        return ""
    if folder in ("codelists", "schemas", "workbook"):
        return f"{folder}/"
    parent = PurePosixPath(path).parent.as_posix()
    return f"{parent}/" if parent.count("/") else path


def _contact(contact: Mapping[str, str]) -> str:
    """Whom to write to, as a section of its own; empty where nobody is named."""
    given = [contact.get(name, "") for name in ("name", "email", "url")]
    name, email, url = given
    parts = [name, f"<{email}>" if email else "", f"<{url}>" if url else ""]
    return f"\n## Contact\n\n{', '.join(filter(None, parts))}\n" if any(given) else ""


def _is_whole(file: TableFile) -> bool:
    """Each table has one Parquet for everything: it stands for the table."""
    return file.path.endswith(".parquet")


def _table_line(content: ReleaseContent, file: TableFile) -> str:
    contract = content.contracts[str(file.table)]
    description = " ".join(contract.description.split()).replace("|", "\\|")
    return f"| `{contract.table}` | {description} | {file.rows:,} |"


def _split_note(tables: Iterable[TableFile]) -> str:
    split = sorted({str(file.table) for file in tables if file.part})
    if not split:
        return ""
    names = ", ".join(f"`{name}`" for name in split)
    return f" Too long for a spreadsheet, and so one CSV a force in a folder of its own: {names}."


def _geo_note(shapes: list[GeoFile]) -> str:
    if not shapes:
        return ""
    lines = "".join(f"  - `{file.path}`: {file.note}\n" for file in shapes)
    return f"- `geo/`: the neighbourhoods' boundaries, longitude and latitude in WGS84.\n{lines}"
