"""The texts of the interface, gathered from the sources: what there is to translate, what is left.

Only extraction and bookkeeping belong here; looking a text up is in ``language``. After a change
of a text run ``python -m openbeat.website.catalogue``: it writes ``locales/openbeat.pot`` and
brings the catalogue of every other language up to it, where a new text has no translation yet.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from openbeat.website.language import LANGUAGES, LOCALES, is_translated

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

Text = str | tuple[str, str]
"""A text, or one with its plural."""
TEMPLATE: Final = LOCALES / "openbeat.pot"
_HERE: Final = Path(__file__).parent
_INTERNAL: Final = ("internal", "tasking.html", "board.html")
"""Pages that do not leave the force: English only."""
_ONE: Final = ("_", "gettext", "N_")
_MANY: Final = {"ngettext": (0, 1), "quantity": (1, 2)}
"""Functions whose texts are gathered; of those with a plural, which arguments are the two texts."""
_JINJA: Final = {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true"}
# As short as can be: no day, no version, so that the same texts give the same bytes.
_HEADER: Final = """\
# The texts of openbeat's website and meeting packs. See openbeat/website/catalogue.py.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"""


def template() -> bytes:
    """Every text of the interface, as a ``.pot`` file; the same sources give the same bytes."""
    return _written(_template())


def catalogue(language: str) -> bytes:
    """The ``.po`` file of a language, brought up to today's texts; what went is left out."""
    found = _translations(language)
    found.update(_template(), no_fuzzy_matching=True)
    found.obsolete.clear()
    return _written(found)


@cache
def translated(language: str) -> int:
    """How many texts of the interface have a translation."""
    return sum(1 for message in _messages(language) if is_translated(message))


@cache
def untranslated(language: str) -> tuple[str, ...]:
    """The English texts that have no translation yet, sorted; with a plural, its singular."""
    left = (_singular(message) for message in _messages(language) if not is_translated(message))
    return tuple(sorted(left, key=lambda text: (text.casefold(), text)))


def _template() -> Catalog:
    from babel.messages.catalog import Catalog

    made = Catalog()
    for path, text in _texts():
        made.add(text, locations=[(path, 0)])
    return made


@cache
def _texts() -> tuple[tuple[str, Text], ...]:
    """Each text with the file that says it."""
    found: list[tuple[str, Text]] = []
    for path in sorted(_HERE.rglob("*.py")) + sorted(_HERE.rglob("*.html")):
        inside = path.relative_to(_HERE)
        if inside.parts[0] in _INTERNAL or inside.name in _INTERNAL:
            continue
        texts = _of_python(path) if path.suffix == ".py" else _of_template(path)
        found += ((inside.as_posix(), text) for text in texts)
    return tuple(found)


def _of_python(path: Path) -> Iterator[Text]:
    """By the syntax tree, as tokens inside f-strings differ between versions of Python."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            texts = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
            yield from _text(name, texts)


def _of_template(path: Path) -> Iterator[Text]:
    from jinja2.ext import babel_extract

    with path.open("rb") as file:
        for _line, name, texts, _comments in babel_extract(file, (*_ONE, *_MANY), (), _JINJA):
            yield from _text(name, [texts] if isinstance(texts, str | None) else list(texts))


def _text(function: str, arguments: Sequence[object]) -> Iterator[Text]:
    """The text that a call names, and its plural; none where it is not a constant."""
    places = (0,) if function in _ONE else _MANY.get(function, ())
    found = [arguments[n] for n in places if n < len(arguments)]
    texts = [text for text in found if isinstance(text, str) and text]
    if texts and len(texts) == len(places):
        yield texts[0] if len(texts) == 1 else (texts[0], texts[1])


def _messages(language: str) -> Iterator[Message]:
    return (message for message in _translations(language) if message.id)


def _translations(language: str) -> Catalog:
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    path = LOCALES / f"{language}.po"
    if not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _singular(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _written(found: Catalog) -> bytes:
    from babel.messages.pofile import write_po

    file = BytesIO()
    file.write(_HEADER.encode())
    if found.locale:
        lines = (f"Language: {found.locale}", f"Plural-Forms: {found.plural_forms}")
        file.write("".join(f'"{line}\\n"\n' for line in lines).encode())
    file.write(b"\n")
    write_po(file, found, width=100, omit_header=True, sort_output=True, include_lineno=False)
    return file.getvalue()


def main() -> None:
    """Write the ``.pot`` file and bring the catalogue of every further language up to it."""
    LOCALES.mkdir(exist_ok=True)
    TEMPLATE.write_bytes(template())
    for language in LANGUAGES:
        if language != "en":
            (LOCALES / f"{language}.po").write_bytes(catalogue(language))


if __name__ == "__main__":
    main()
