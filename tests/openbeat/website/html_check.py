"""A page's faults, as a validator would find them: tags, ids, headings, links, labels."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input", "wbr"}
# Drawn with a slash: HTML knows it inside SVG only.
SELF_CLOSED = {"path", "circle", "rect"}


class Page(HTMLParser):
    """Reads one page; ``faults`` lists what is wrong, ``text`` is what a reader sees."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(markup)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self._open]
        self._judge(markup)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._see(tag, attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._see(tag, attrs)
        if tag not in SELF_CLOSED:
            self.faults.append(f"<{tag}/> is no tag of its own")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes another tag, line {self.getpos()[0]}")

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.words.append(data)

    def _see(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        if len(values) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        unnamed = not values.get("aria-label") and not values.get("aria-hidden")
        if tag == "svg" and unnamed and "svg" not in self._open:
            self.faults.append("a chart has no text alternative")
        if tag == "th" and values.get("scope") not in ("col", "row", "colgroup"):
            self.faults.append("a table heading has no scope")
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))
        if "id" in values:
            self.ids.append(values["id"] or "")
        if tag == "a":
            self.links.append(values.get("href") or "")

    def _judge(self, markup: str) -> None:
        if not markup.startswith("<!DOCTYPE html>"):
            self.faults.append("no doctype")
        if len(set(self.ids)) != len(self.ids):
            self.faults.append("an id is used twice")
        if self.headings.count(1) != 1 or self.headings[:1] != [1]:
            self.faults.append("not one h1, first")
        if any(b > a + 1 for a, b in zip(self.headings, self.headings[1:], strict=False)):
            self.faults.append(f"a heading level is left out: {self.headings}")
        if self.tags.count("table") != self.tags.count("caption"):
            self.faults.append("a table has no caption")
        here = [link[1:] for link in self.links if link.startswith("#")]
        self.faults += [f"#{name} is nowhere" for name in here if name not in self.ids]
