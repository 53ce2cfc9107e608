"""What the browser looks places up in: names, postcodes, points.

Each file is a script that calls ``openbeat.found(its path, its content)``, since a page that was
opened from a folder may load scripts but nothing else. What looks in them is ``static/site.js``.
Here are the names; postcodes and points have modules of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from openbeat.website import words
from openbeat.website.site import points, postcodes
from openbeat.website.site.find import sort_key
from openbeat.website.site.source import File, Site

LOOKUP: Final = "lookup"


def data(site: Site) -> Iterator[File]:
    """The files that a browser looks a place up in.

    - ``lookup/names.js``: ``forces`` (name, folder) and ``places`` (number of the force, name,
      file), by name.
    - ``lookup/postcodes/<OUTWARD>.js`` and ``lookup/points/<cell>.js``: see ``postcodes.shards``
      and ``points.cells``.

    Raises:
        InputError: The postcode file cannot be used.
    """
    yield _file("names", names(site))
    if site.shapes is None:
        return
    shapes = site.shapes.filter(site.shapes["valid_to"].is_null()).join(
        site.places.select("force_id", "force_name", "neighbourhood_id", "stem"),
        on=["force_id", "neighbourhood_id"],
    )
    if site.settings.postcodes is not None:
        for outward, shard in postcodes.shards(site.settings.postcodes, shapes):
            yield _file(f"postcodes/{outward}", shard)
    for cell, rows in points.cells(shapes):
        yield _file(f"points/{cell}", rows)


def names(site: Site) -> dict[str, list[list[Any]]]:
    """Names of forces and places, in alphabetical order; about 30 bytes a place, zipped 10."""
    numbers = {force: number for number, force in enumerate(site.forces)}
    places = [
        [numbers[force], name, stem]
        for force, name, stem in site.places.select(
            "force_id", "neighbourhood_name", "stem"
        ).iter_rows()
    ]
    return {
        "forces": [[name, words.file_name(force)] for force, name in site.forces.items()],
        "places": sorted(places, key=lambda row: (sort_key(row[1]), row[0], row[2])),
    }


def _file(path: str, content: object) -> File:
    """A file of the folder; U+2028 and U+2029 would end a line in an older browser's script."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return File(f"{LOOKUP}/{path}.js", f"openbeat.found({json.dumps(path)},{text});\n")
