"""The README of a release: the page a stranger reads first.

Only filling in belongs here; the wording is in the Markdown files beside this one.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from string import Template

from openbeat.release.content import LICENCE_TITLE, LICENCE_URL, ReleaseContent
from openbeat.release.geo import GeoFile
from openbeat.release.tables import TableFile

TEMPLATE = Path(__file__).with_name("readme_template.md")
DISCLOSED = (
    "- `DISCLOSURE.md`: how counts of people were protected, what is kept back, and what that does"
    " not cover; `disclosure.json`: the same for machines.\n"
)
ENGAGEMENT = Path(__file__).with_name("readme_engagement.md")


def readme_text(
    content: ReleaseContent, release_id: str, files: Iterable[TableFile | GeoFile | None]
) -> str:
    """The README of one release.

    Args:
        content: The release's content.
        release_id: Its id.
        files: The files written.

    Returns:
        Markdown.
    """
    known = [file for file in files if file is not None]
    shapes = [file for file in known if isinstance(file, GeoFile)]
    tables = [file for file in known if isinstance(file, TableFile) and file.table]
    return Template(TEMPLATE.read_text("utf-8")).substitute(
        title=content.title,
        notice=f"> **{content.notice}**\n\n" if content.notice else "",
        release_id=release_id,
        window=content.window,
        as_of=content.as_of.isoformat(),
        description=content.description,
        tables="\n".join(_table_line(content, file) for file in tables if _is_whole(file)),
        split=_split_note(tables),
        geo=_geo_note(shapes),
        engagement=ENGAGEMENT.read_text("utf-8") if "you_said_we_did" in content.tables else "",
        disclosure="" if content.disclosure is None else DISCLOSED,
        licence=LICENCE_TITLE,
        licence_url=LICENCE_URL,
        attributions="\n".join(f"- {line}" for line in content.attribution_lines),
        publisher=content.publisher,
        citation=f"{content.title}, {content.window}",
    )


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
        return "\n"
    names = ", ".join(f"`{name}`" for name in split)
    return f"Too long for one CSV, and so one CSV a force in a folder of its own: {names}.\n\n"


def _geo_note(shapes: list[GeoFile]) -> str:
    if not shapes:
        return ""
    lines = "".join(f"  - `{file.path}`: {file.note}\n" for file in shapes)
    return f"- `geo/`: the neighbourhoods' boundaries, longitude and latitude in WGS84.\n{lines}"
