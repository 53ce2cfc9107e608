"""Meeting packs as PDF/UA: a pack's facts, worded and laid out by typst.

Only making the file belongs here; what it says is in ``printed`` and ``easy_read``, how it looks
in ``pack.typ``. Fonts are those of ``fonts`` (Atkinson Hyperlegible Next, made for readers with low
vision; SIL Open Font License) and, for letters it lacks, those inside typst: none of the system, so
the same facts give the same bytes everywhere.
typst refuses a PDF/UA without alternative texts or with a skipped level of heading.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from openbeat.website import charts, words
from openbeat.website.language import gettext as _
from openbeat.website.language import language, using
from openbeat.website.packs import blocks, easy_read, printed

if TYPE_CHECKING:
    from typst import Compiler

VARIANTS: Final = ("standard", "large-print", "easy-read")
"""How a pack can be printed: two pages; the same in 18 point; short sentences in 18 point."""
TEMPLATE: Final = Path(__file__).with_name("pack.typ")
FONTS: Final = TEMPLATE.with_name("fonts")
STANDARD: Final[Literal["ua-1"]] = "ua-1"
_UNDRAWN: Final = re.compile(
    r"[^\n\u200b\u0020-\u007e\u00a0-\u024f\u0370-\u0482\u048a-\u04ff\u1e00-\u1fff"
    r"\u2010-\u2040\u20a0-\u20bf\u2190-\u21ff]"
)
"""All but letters that a font has: Latin with those of Wales, Greek, Cyrillic, signs."""
_UNKNOWN: Final = "□"
_SVG_STYLE: Final = (
    "<style>rect{fill:#a3babb}rect.now{fill:#0d4a4d}"
    "rect.part{fill:#fff;stroke:#0d4a4d;stroke-width:1.2;stroke-dasharray:3 2}"
    "path{fill:none;stroke:#8a9896;stroke-width:0.8}"
    # What a page cuts at the plot's edges would run over the months here.
    "path.hatch{stroke:none}path.gap{fill:#eef4f2;stroke:none}"
    "text{font-family:'Atkinson Hyperlegible Next';font-size:12px;text-anchor:middle;"
    "fill:#16201f}</style>"
)
"""Charts have class names only, for the style of a page; on paper they bring their own."""
_SVG_WIDTH: Final = 460
"""How wide a chart is drawn, in its units, of which letters are 12: on a page it has no width."""


def pdf(facts: Mapping[str, Any], variant: str = "standard", *, where: str = "") -> bytes:
    """One pack as PDF/UA-1, in the language that holds.

    Args:
        facts: As ``facts.Packs`` gives them.
        variant: One of ``VARIANTS``.
        where: Where the whole pack is: an address, or the name of its page.

    Returns:
        The file; ``standard`` has at most two pages. The same facts give the same bytes.

    Raises:
        typst.TypstError: It cannot be made; that is a fault of the template.
    """
    content = json.dumps(_drawn(document(facts, variant, where)), ensure_ascii=False)
    made = _compiler().compile(
        format="pdf", pdf_standards=[STANDARD], sys_inputs={"pack": content}, timestamp=0
    )
    if not isinstance(made, bytes):
        message = "typst gave no single file"
        raise TypeError(message)
    return made


def write_pdf(path: Path, facts: Mapping[str, Any], variant: str, where: str, code: str) -> None:
    """Write one pack as a PDF, in the language of a code; for another process to call."""
    with using(code):
        path.write_bytes(pdf(facts, variant, where=where))


def file_of(stem: str, variant: str) -> str:
    """The name of a pack's PDF: ``NH01.pdf``, ``NH01.large-print.pdf``."""
    return f"{stem}.pdf" if variant == VARIANTS[0] else f"{stem}.{variant}.pdf"


def document(facts: Mapping[str, Any], variant: str, where: str) -> dict[str, Any]:
    """All that ``pack.typ`` is given: the texts that go around the pack, and its sheets."""
    name, force = (blocks.clip(facts[k], 70) for k in ("neighbourhood_name", "force_name"))
    # A heading without letters is refused.
    name = name or blocks.clip(facts["neighbourhood_id"], 70) or _("This neighbourhood")
    month = words.month(facts["month"])
    title = _("%(place)s, %(force)s: meeting pack, %(month)s") % {
        "place": name,
        "force": force,
        "month": month,
    }
    place = blocks.clip(where or _("the web page of this pack"), 200)
    sheets = (
        easy_read.sheets(facts)
        if variant == "easy-read"
        else printed.sheets(facts, _chart(facts), place, large=variant == "large-print")
    )
    return {
        "layout": "fit" if variant == "standard" else "flow",
        "lang": language(),
        "region": "GB",
        "title": title,
        "author": blocks.clip(facts["publisher"], 90),
        "description": _("What people raised and what was done."),
        "over": _OVER[variant](force),
        "name": name,
        "name-size": 23 if len(name) <= 45 else 17,
        "clocks": easy_read.clocks(facts) if variant == "easy-read" else _clocks(facts),
        "notice": blocks.clip(facts["notice"], 300),
        "footer": f"{title}. {facts['release_id']}" if variant == "standard" else name,
        "page": _("Page %(n)s of %(of)s") % {"n": "{n}", "of": "{of}"},
        "sheets": sheets,
    }


_OVER: Final = {
    "standard": lambda force: _("%(force)s · meeting pack") % {"force": force},
    "large-print": lambda force: _("%(force)s · meeting pack in large print") % {"force": force},
    "easy-read": lambda force: _("%(force)s · easy read") % {"force": force},
}


def _clocks(facts: Mapping[str, Any]) -> blocks.Text:
    """The two clocks: the crime month, and the day up to which engagement is covered."""
    return blocks.rich(
        _(
            "Crime figures: **%(month)s**, the newest month on police.uk. Meetings, answers and"
            " activity: up to **%(day)s**. Release %(release)s, published by %(publisher)s."
        ),
        month=words.month(facts["month"]),
        day=words.day(facts["as_of"]),
        release=facts["release_id"],
        publisher=blocks.clip(facts["publisher"], 90),
    )


def _chart(facts: Mapping[str, Any]) -> str:
    """Crimes by month as an SVG that stands alone; empty where no month is known."""
    c = facts["crime"]
    if not c["total"] or all(value is None for value in c["total"]["values"]):
        return ""
    drawn = charts.bars("", c["months"], c["total"]["values"], c["total"]["statuses"])
    alone = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_SVG_WIDTH}" '
    return (
        str(drawn)
        .replace(' width="100%"', "", 1)
        .replace("<svg ", alone, 1)
        .replace(">", f">{_SVG_STYLE}", 1)
    )


def _drawn(value: Any) -> Any:
    """A document with ``□`` for each letter that no font has: PDF/UA refuses what is not drawn."""
    if isinstance(value, str):
        return _UNDRAWN.sub(_UNKNOWN, value)
    if isinstance(value, dict):
        return {key: _drawn(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_drawn(item) for item in value]
    return value


@cache
def _compiler() -> Compiler:
    """One for the process: reading the fonts takes longer than a pack."""
    import typst

    return typst.Compiler(
        TEMPLATE, root=TEMPLATE.parent, font_paths=[FONTS], ignore_system_fonts=True
    )
