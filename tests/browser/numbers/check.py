"""Holds every number of a page against the release; whatever is left over is a fault.

Only reading the page belongs here. What a number must be is in ``prose``, ``places``, ``forces``
and ``measures``, what may stand in a text is in ``texts``.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import html

from tests.browser.numbers import charts
from tests.browser.numbers.places import Table, in_order, keyed
from tests.browser.numbers.published import (
    Cell,
    Published,
    number,
    percent,
    short,
    shown,
    thousands,
)
from tests.browser.numbers.texts import Texts

NONE = ("No", "no", "Nothing")
"""Words that stand for 0."""
_SIZE = re.compile(r"[\d.,]+ (?:bytes?|kB|MB)\b")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_COMMAS = re.compile(r"(?<=\d),(?=\d{3})")


@dataclass
class Known:
    """What a page must hold.

    Attributes:
        datum: The figure that a ``data-of`` names; None for one not known.
        table: The rows of a table by its id, heading to cells; None for one not known.
        series: The months of a chart by the id of its section; None for one not known.
        rows: The labels and values of a chart of rows.
        usual: Least and most of a usual month, by the id of a chart's section.
        coverage: What a picture of coverage says; empty for none.
        more: By the id of a heading, how many records stand under it or are said to be elsewhere.
        texts: What else may stand in a text.
    """

    datum: Callable[[str], Cell | None]
    table: Callable[[str], Table | None]
    texts: Texts
    series: Callable[[str], list[tuple[str, Cell]] | None] = lambda _name: None
    rows: dict[str, str] = field(default_factory=dict)
    usual: Callable[[str], tuple[float, float] | None] = lambda _name: None
    coverage: str = ""
    more: dict[str, int] = field(default_factory=dict)


def faults(page: Path, markup: str, known: Known) -> list[str]:
    """What is wrong with the numbers of a page.

    Args:
        page: Where it is, for the files it links to.
        markup: Its text.
        known: What it must hold.
    """
    main = copy.deepcopy(html.fromstring(markup)).find(".//main")
    for element in [*main.iter("script", "style", "pre", "code")]:
        element.drop_tree()
    found = [
        *_tables(main, known),
        *_data(main, known),
        *_drawings(main, known),
        *_more(main, known),
        *_sizes(main, page),
    ]
    for text in _texts(main):
        left = known.texts.left(text)
        found += [
            f"{number!r} is not accounted for: {' '.join(text.split())[:160]}" for number in left
        ]
    return found


def said(element: html.HtmlElement) -> str:
    """The text of an element on one line."""
    return " ".join(element.text_content().split())


def _data(main: html.HtmlElement, known: Known) -> Iterator[str]:
    for element in main.iter("data"):
        key, text = element.get("data-of"), said(element)
        cell = known.datum(key)
        if cell is None:
            yield f"{key} names nothing in the release"
            continue
        value = number(element.get("value"))
        if value != cell[0]:
            yield f"{key} is {cell[0]}, the page has {value}"
        elif text not in _writings(cell):
            yield f"{key} is {cell[0]}, the page shows {text}"
        for child in list(element):
            child.drop_tag()
        element.text = " "


def _writings(cell: Cell) -> list[str]:
    value = cell[0]
    if value is None:
        return [shown(cell)]
    return [thousands(value), shown(cell), percent(cell), *(NONE if value == 0 else ())]


def _tables(main: html.HtmlElement, known: Known) -> Iterator[str]:
    for table in main.iter("table"):
        name = table.get("id", "")
        expected = known.table(name)
        if expected is None:
            continue
        heads = [said(th) for th in table.xpath("./thead/tr[last()]/th")]
        if "" in expected and heads != expected[""]:
            yield f"#{name} has the columns {heads}, not {expected['']}"
        rows = table.xpath("./tbody/tr|./tfoot/tr")
        names = [said(row.find("th")) for row in rows]
        for row in rows:
            yield from _exact(name, row)
        cells = [[_cell(td) for td in row.iter("td")] for row in rows]
        here = keyed(zip(names, cells, strict=True))
        wanted = {key: value for key, value in expected.items() if key}
        for key in sorted(wanted.keys() | here.keys()):
            yield from _row(f"#{name}, {key}", wanted.get(key), here.get(key), known)
        for part in table.xpath("./tbody|./tfoot"):
            part.getparent().remove(part)


def _row(
    name: str, wanted: list[str | None] | None, here: list[str] | None, known: Known
) -> Iterator[str]:
    """Each cell is as it must be; what is None there, and cells beyond, are texts."""
    if wanted is None or here is None or len(here) < len(wanted):
        yield f"{name}: {wanted} in the release, {here} here"
        return
    texts = here[len(wanted) :]
    for must, has in zip(wanted, here, strict=False):
        if must is None:
            texts.append(has)
        elif must != has:
            yield f"{name}: {wanted} in the release, {here} here"
    for text in texts:
        for left in known.texts.left(text):
            yield f"{left!r} is not accounted for in {name}: {text}"


def _cell(cell: html.HtmlElement) -> str:
    svg = cell.find("svg")
    if svg is not None:
        return str(svg.get("aria-label"))
    return in_order(said(cell))


def _exact(name: str, row: html.HtmlElement) -> Iterator[str]:
    """The exact value of a cell is the one it shows."""
    for cell in row.xpath("./td[@data-v and contains(@class, 'n')]"):
        exact, text = cell.get("data-v"), said(cell)
        if _DATE.fullmatch(exact):
            if text != f"{int(exact[8:])} {short(exact[:7])}" or exact[:2] != "20":
                yield f"#{name}, {said(row)}: {exact} is shown as {text}"
        elif re.fullmatch(r"-?[\d.e-]+", exact) and "-" not in exact[1:]:
            value = float(exact)
            if not text.startswith((thousands(value), percent((value, None)))):
                yield f"#{name}, {said(row)}: {exact} is shown as {text}"


def _drawings(main: html.HtmlElement, known: Known) -> Iterator[str]:
    for svg in main.xpath(".//svg[not(ancestor::svg)]"):
        yield from _drawing(svg, known)
        svg.drop_tree()
    for key in main.xpath(".//ul[contains(@class, 'key')]/li"):
        text, usual = said(key), known.usual(_section(key))
        if text.startswith("Usual range"):
            low, high = map(thousands, usual or (0, 0))
            if text != f"Usual range: {low} to {high} a month.":
                yield f"the key of #{_section(key)} says {text!r}, not {usual}"
            key.drop_tree()


def _section(element: html.HtmlElement) -> str:
    """The id of the section that an element stands in."""
    return next((e.get("id", "") for e in element.iterancestors("section")), "")


def _drawing(svg: html.HtmlElement, known: Known) -> Iterator[str]:
    kind, section = svg.get("class", "").split(), _section(svg)
    label, texts = svg.get("aria-label", ""), [said(text) for text in svg.iter("text")]
    # The signs of a key look like the charts they are of, and hold no figure.
    series = None if "sign" in kind else known.series(section)
    if "bars" in kind and series is not None:
        yield from charts.bars(section, series[-12:], label, texts)
    elif "line" in kind and series is not None:
        yield from charts.line(section, series, known.usual(section), label, texts)
    elif "rows" in kind:
        yield from charts.rows(known.rows, label, texts)
    elif "coverage" in kind and label:
        if not label.endswith(known.coverage):
            yield f"the picture of coverage says {label!r}, not {known.coverage!r}"
        yield from _unknown([t for t in texts if not known.texts.of_axis(t)], known)
    elif "map" in kind:
        texts = [text for text in texts if not re.fullmatch(r"[\d.]+ k?m", text)]
        yield from _unknown([label, *texts, *map(said, svg.iter("title"))], known)
    else:
        yield from _unknown([label, *texts], known)


def _unknown(texts: list[str], known: Known) -> Iterator[str]:
    for text in texts:
        for left in known.texts.left(text):
            yield f"{left!r} is not accounted for in a picture: {text}"


def _more(main: html.HtmlElement, known: Known) -> Iterator[str]:
    """What is said to be elsewhere, and what stands here, are all there is."""
    for paragraph in main.iter("p"):
        match = re.fullmatch(
            r"(\d[\d,]*) more (?:priority |priorities )?(?:is|are) in .*", said(paragraph)
        )
        if not match:
            continue
        heading = paragraph.xpath("preceding::*[self::h2 or self::h3][@id][1]")[0].get("id")
        here = 0
        for before in paragraph.itersiblings(preceding=True):
            if before.tag in ("h2", "h3"):
                break
            here += len(before.xpath("./li")) if before.tag == "ul" else 0
        if here + int(match[1].replace(",", "")) != known.more.get(heading):
            yield f"under #{heading} are {here} and {match[1]} more, of {known.more.get(heading)}"
        paragraph.drop_tree()


def _sizes(main: html.HtmlElement, page: Path) -> Iterator[str]:
    """The size beside a link is that of the file."""
    for item in main.xpath(".//li[a and span]"):
        span = item.find("span")
        match = _SIZE.search(span.text_content())
        if match:
            target = (page.parent / item.find("a").get("href")).resolve()
            size = target.stat().st_size
            wanted = f"{size / 1000:,.0f} kB" if size < 999_500 else f"{size / 1e6:,.1f} MB"
            wanted = f"{size} bytes" if size < 1000 else wanted
            if match[0] != wanted:
                yield f"{target.name} has {wanted}, the page says {match[0]}"
            span.text = (span.text or "").replace(match[0], "")


def _texts(main: html.HtmlElement) -> Iterator[str]:
    """The text of each block, its pieces apart where an element stood between them."""
    for element in main.iter():
        if isinstance(element.tag, str):
            for text in (element.text, element.tail if element is not main else None):
                if text and re.search(r"\d", text):
                    yield _COMMAS.sub("", " ".join(text.split()))


def same_figures(one: str, other: str) -> list[str]:
    """What differs in the figures of the same page in two languages."""

    def figures(markup: str) -> list[str]:
        main = html.fromstring(markup).find(".//main")
        data = [f"{e.get('data-of')}={e.get('value')}" for e in main.iter("data")]
        cells = [
            f"{td.getparent().getparent().getparent().get('id')}:{td.get('data-v') or said(td)}"
            for td in main.xpath(".//td[contains(@class, 'n') and not(contains(@class, 'gap'))]")
        ]
        return [*data, *[c for c in cells if re.search(r":[-\d.,]+$", c)]]

    return sorted(set(figures(one)) ^ set(figures(other)))


__all__ = ["Known", "Published", "faults", "said", "same_figures"]
