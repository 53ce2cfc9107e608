"""Every text of the interface can be translated, and what is not yet can be told."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from openbeat.website import catalogue, words
from openbeat.website.language import LOCALES, gettext, ngettext, using

WEBSITE = Path(catalogue.__file__).parent
AGAIN = "run: python -m openbeat.website.catalogue"
OTHERS = sorted(LOCALES.glob("*.po"))


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem if path.suffix == ".po" else None)


def test_the_catalogue_holds_what_the_sources_say() -> None:
    assert catalogue.TEMPLATE.read_bytes() == catalogue.template(), AGAIN


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_a_translation_is_of_today_s_texts(path: Path) -> None:
    assert path.read_bytes() == catalogue.catalogue(path.stem), AGAIN


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_a_translation_fills_in_the_same_values(path: Path) -> None:
    for message in read(path):
        both = [message.id] if isinstance(message.id, str) else list(message.id)
        wanted = {frozenset(_values(text)) for text in both}
        done = [message.string] if isinstance(message.string, str) else list(message.string)
        for text in filter(None, done):
            assert frozenset(_values(text)) in wanted, text
        assert all(done) or not any(done), f"a form is missing of {message.id}"


def _values(text: str) -> list[str]:
    return re.findall(r"%\((\w+)\)s|\{(\w+)\}", text)


def test_words_come_in_the_language_that_holds() -> None:
    with using("cy"):
        assert words.day("2025-07-14") == "14 Gorffennaf 2025"
        assert words.number(None) == "ddim ar gael"
        assert [words.quantity(n, "crime", "crimes") for n in (1, 2, 3, 6, 7)] == [
            "1 trosedd", "2 drosedd", "3 throsedd", "6 throsedd", "7 trosedd",
        ]  # fmt: skip
        assert words.when("2025-07-14T18:00:00Z", "2025-07-14T19:30:00Z") == (
            "Dydd Llun 14 Gorffennaf 2025, 7pm–8:30pm"
        )
    assert words.day("2025-07-14") == "14 July 2025"


def test_a_text_without_translation_is_english_and_is_listed() -> None:
    left = catalogue.untranslated("cy")
    plurals = [
        m.id for m in read(catalogue.TEMPLATE) if isinstance(m.id, tuple) and m.id[0] in left
    ]
    assert plurals
    with using("cy"):
        assert all(gettext(text) == text for text in left)
        for one, many in plurals:
            assert [ngettext(one, many, n) for n in (1, 2, 2.5, 7)] == [one, many, many, many]
    whole = sum(1 for message in read(catalogue.TEMPLATE) if message.id)
    assert catalogue.translated("cy") + len(left) == whole
    assert catalogue.translated("cy") >= 120


def _modules() -> Iterator[Path]:
    return (path for path in WEBSITE.rglob("*.py") if "internal" not in path.parts)


def test_a_text_is_looked_up_when_a_page_is_made_not_when_a_module_is_loaded() -> None:
    early = [
        f"{path.name}:{call.lineno}"
        for path in _modules()
        for call in _calls_at_loading(ast.parse(path.read_text("utf-8")))
    ]
    assert early == []


def _calls_at_loading(node: ast.AST) -> Iterator[ast.Call]:
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        return
    named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    if named and node.func.id in ("_", "gettext", "ngettext"):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _calls_at_loading(child)


# Names, kinds of file and file names are the same in every language.
SAME = re.compile(
    r"police\.uk|Crimestoppers|BibTeX|Atom|iCalendar|csv|Geo(?:Package|JSON|Parquet)|[A-Z0-9]+|zip|"
    r"[\w-]+\.(?:txt|csv|json|jsonld|md|html|xml|atom|ics|zip|parquet)"
)
_SKIPPED = re.compile(
    r"\{#.*?#\}|\{%-?\s*trans\b.*?endtrans\s*[-+]?%\}|<(code|pre|style|script)\b.*?</\1>|<!DOCTYPE.*?>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""\b(?:aria-label|title|alt|placeholder|content)="([^"{]*)["{]""")


def _left_out(template: str) -> list[str]:
    """What a template says by itself: text, and attributes that are read out."""
    text = _SKIPPED.sub(" ", template)
    said = [m.group(1) for m in _ATTRIBUTE.finditer(re.sub(r"<meta\b[^>]*>", " ", text))]
    bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "\x00", text, flags=re.DOTALL)
    said += re.sub(r"<[^>]*>", "\x00", bare).split("\x00")
    return [
        word
        for part in said
        for word in re.findall(r"[A-Za-z][A-Za-z.’']+\w", re.sub(r"&\w+;", " ", part))
        if not SAME.fullmatch(word)
    ]


@pytest.mark.parametrize(
    "path",
    sorted((WEBSITE / "templates").rglob("*.html")),
    ids=lambda path: path.relative_to(WEBSITE / "templates").as_posix(),
)
def test_a_template_says_nothing_that_is_not_in_the_catalogue(path: Path) -> None:
    if path.name in ("tasking.html", "board.html"):
        pytest.skip("stays inside the force: English only")
    assert _left_out(path.read_text("utf-8")) == []


def test_the_check_of_templates_finds_what_is_left_out() -> None:
    assert _left_out('<p title="Hello {{ x }}">{{ _("Fine") }} bare words</p>') == [
        "Hello", "bare", "words",
    ]  # fmt: skip
    assert _left_out("{% trans n=1 %}One{% pluralize %}Many{% endtrans %} <code>x y</code>") == []
