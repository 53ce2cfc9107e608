"""The pieces that a printed pack is made of, as plain data for ``pack.typ``.

Only shapes belong here, and how a text of unknown length and letters is made fit for paper; what
a pack says is in ``printed`` and ``easy_read``. A text is a list of pieces, each of words and a
style (``""``, ``b`` bold, ``s`` small, ``lang`` not translated, ``link`` with an address): words
are never read as markup.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from openbeat.website.language import language

Text = list[list[str]]
Block = dict[str, Any]
_LONGEST_WORD: Final = 28
"""Letters in a row after which a line may break: an address or a made-up word has no spaces."""
_BREAK: Final = "\u200b"


def plain(value: object) -> str:
    """A text in one line: no control or direction marks, composed letters."""
    text = unicodedata.normalize("NFC", str(value))
    kept = (c if unicodedata.category(c)[0] not in "CZ" else " " for c in text)
    return " ".join("".join(kept).split())


def clip(value: object, most: int) -> str:
    """A text of at most ``most`` letters, cut after a word with ``…``; long words can break."""
    text = plain(value)
    if len(text) > most:
        text = text[: most - 1].rsplit(" ", 1)[0].rstrip(",;:. ") + "…"
    return " ".join(map(_breakable, text.split(" ")))


def _breakable(word: str) -> str:
    if len(word) <= _LONGEST_WORD:
        return word
    parts = (word[n : n + _LONGEST_WORD] for n in range(0, len(word), _LONGEST_WORD))
    return _BREAK.join(parts)


def rich(template: str, **values: object) -> Text:
    """A sentence of the catalogue with its values; ``**`` in it, not in a value, makes bold."""
    parts = template.split("**")
    return [
        [part % values if values else part, "b" if n % 2 else ""]
        for n, part in enumerate(parts)
        if part
    ]


def said(value: object, most: int) -> list[str]:
    """A piece in the words of the logs: in their language, cut where it is long."""
    return [clip(value, most), "" if language() == "en" else "lang"]


def heading(text: str, level: int = 2) -> Block:
    """A heading; levels are 2 and 3, below the name of the place."""
    return {"kind": "heading", "level": level, "text": text}


def text(pieces: Text, kind: str = "text") -> Block:
    """A paragraph: ``text``, ``big``, ``note`` (small) or ``none`` (says what there is not)."""
    return {"kind": kind, "text": pieces}


def pairs(rows: Iterable[tuple[str, Text]]) -> Block:
    """Terms with what they are."""
    return {"kind": "pairs", "rows": [list(row) for row in rows]}


def points(items: Sequence[Text]) -> Block:
    """A list with bullets."""
    return {"kind": "list", "items": list(items)}


def card(
    head: str, rows: Iterable[tuple[str, Text]], tags: Sequence[tuple[str, str]] = ()
) -> Block:
    """One issue, priority or meeting; a tag of kind ``late`` marks it."""
    late = any(kind == "late" for _, kind in tags)
    shown = [list(row) for row in rows]
    return {"head": head, "tags": [list(tag) for tag in tags], "rows": shown, "late": late}


def cuttable(
    kind: str,
    items: Sequence[Any],
    more: Callable[[int], str],
    most: int,
    **further: Any,
) -> Block:
    """A list that is shown as far as there is room, ``most`` items at the utmost.

    Args:
        kind: ``cards`` or ``table``.
        items: All of them.
        more: Says how many are left, and where they are.
        most: How many to show at most.
        **further: What the kind needs besides.
    """
    name = "rows" if kind == "table" else "items"
    return {
        "kind": kind,
        name: list(items[:most]),
        "beyond": max(len(items) - most, 0),
        "more": [more(left) for left in range(1, len(items) + 1)],
        **further,
    }


def table(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Text]],
    widths: Sequence[float],
    more: Callable[[int], str],
    *,
    most: int = 40,
    note: str = "",
    strong: Sequence[int] = (),
) -> Block:
    """A table of texts and, in every column but the first, numbers.

    Args:
        caption: What it shows.
        heads: Of the columns.
        rows: Cells.
        widths: Of the columns, mm; 0 takes what is left.
        more: As in ``cuttable``.
        most: As in ``cuttable``.
        note: Said beside the caption.
        strong: Which rows stand out.
    """
    made = [{"cells": list(row), "strong": n in strong} for n, row in enumerate(rows)]
    aligns = ["", *["n"] * (len(heads) - 1)]
    return cuttable(
        "table", made, more, most,
        caption=caption, note=note, heads=list(heads), widths=list(widths), aligns=aligns,
    )  # fmt: skip


def cell(value: object, style: str = "") -> Text:
    """A cell of plain words."""
    return [[str(value), style]]


def column(blocks: Sequence[Block], share: float = 1, *, box: bool = False) -> Block:
    """Blocks under one another; ``share`` of the width, framed or not."""
    return {"blocks": list(blocks), "share": share, "box": box}


def row(*cells: Block, fill: bool = False) -> Block:
    """Columns beside one another; one row a sheet may ``fill`` what is left of it."""
    return {"cells": list(cells), "fill": fill}


def has(facts: Mapping[str, Any] | None, key: str) -> bool:
    """Whether facts are there and hold a value of a key."""
    return facts is not None and facts.get(key) is not None
