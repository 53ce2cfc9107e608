"""A folder of logs as sources, for those who keep no settings file: ``openbeat run --logs DIR``.

A file is named after its table: ``issues.csv``, or ``issues-council.xlsx`` where there are several.
A mapping lies beside it under the same name with ``.yaml``.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from openbeat.engagement.connectors import ENDINGS
from openbeat.engagement.settings import EngagementSource
from openbeat.engagement.tables import TABLES
from openbeat.errors import InputError


def sources_in(folder: Path) -> list[EngagementSource]:
    """The logs of a folder, by file name.

    Args:
        folder: Holds the logs; files that begin with a dot or ``~$`` are passed over.

    Raises:
        InputError: The folder is not there or holds no log, a file is not named after a table or
            is of no kind that can be read, or two files differ in their ending only.
    """
    if not folder.is_dir():
        raise InputError("there is no such folder", file=str(folder), mend="name it with --logs.")
    sources: dict[str, EngagementSource] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "~$")) or path.is_dir() or path.suffix.lower() == ".yaml":
            continue
        source = _source(path)
        if source.name in sources:
            raise InputError(
                "two logs have the same name but for their ending",
                file=path.name,
                mend="rename one, for example to issues-council.csv.",
            )
        sources[source.name] = source
    if not sources:
        raise InputError(
            "the folder holds no log",
            file=folder.name,
            mend=f"name each file after its table: {', '.join(TABLES)}.",
        )
    return list(sources.values())


def _source(path: Path) -> EngagementSource:
    if path.suffix.lower() not in ENDINGS:
        raise InputError(
            "a log of this kind cannot be read",
            file=path.name,
            mend=f"save it as one of {', '.join(ENDINGS)}, or take it out of the folder.",
        )
    word = path.stem.lower()
    table = next((t for t in TABLES if word == t or word.startswith((f"{t}-", f"{t}_"))), None)
    if table is None:
        near = difflib.get_close_matches(word, TABLES, n=1)
        raise InputError(
            "the file is not named after a table",
            file=path.name,
            rule="log_name",
            mend=(f"did you mean {near[0]}{path.suffix}? " if near else "")
            + f"Tables: {', '.join(TABLES)}. A workbook of several sheets is named in the "
            "settings, once for each sheet (engagement.sources).",
        )
    mapping = path.with_suffix(".yaml")
    name = re.sub(r"[^a-z0-9]+", "-", word).strip("-")
    return EngagementSource(
        name=name, table=table, path=path, mapping=mapping if mapping.exists() else None
    )
