"""Which language words are written in: one catalogue a language, English where it has none.

Only looking a text up belongs here. The catalogues are gettext's (``locales/<language>.po``), with
the English text as the key; ``using`` says which one holds, for templates and Python alike.
"""

from __future__ import annotations

import gettext as catalogues
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from babel.messages.catalog import Message

LOCALES: Final = Path(__file__).parent / "locales"
LANGUAGES: Final = {"en": "English", "cy": "Cymraeg"}
"""The languages that pages can be made in, each named in its own; the first is the source's."""
_CURRENT: ContextVar[str] = ContextVar("language", default="en")


@contextmanager
def using(language: str) -> Iterator[None]:
    """Write words in a language, one of ``LANGUAGES``, inside the block.

    Raises:
        KeyError: There is no such language.
    """
    LANGUAGES[language]
    token = _CURRENT.set(language)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def language() -> str:
    """The language that holds now: ``en``, ``cy``."""
    return _CURRENT.get()


def gettext(text: str) -> str:
    """A text of the interface in the language that holds now."""
    return _catalogue(_CURRENT.get()).gettext(text)


def N_(text: str) -> str:  # noqa: N802  the name by which extraction knows it
    """Marks a text of a constant for the catalogue; ``gettext`` of it is taken where it is used."""
    return text


def ngettext(one: str, many: str, number: float) -> str:
    """As ``gettext``, in the form that a number asks for."""
    # A median may be 2.5, which no rule of plurals knows: it takes the form of many.
    whole = int(number) if float(number).is_integer() else 100
    return _catalogue(_CURRENT.get()).ngettext(one, many, whole)


def is_translated(message: Message) -> bool:
    """Whether a message of a catalogue has its translation, in every form of a plural."""
    forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(forms) and not message.fuzzy


@cache
def _catalogue(language: str) -> catalogues.NullTranslations:
    """The catalogue of a language; one without a translation gives the English text."""
    path = LOCALES / f"{language}.po"
    if not path.is_file():
        return catalogues.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    # Left in, the English of a plural would be taken by the rule of the other language.
    for message in list(catalogue):
        if message.id and not is_translated(message):
            catalogue.delete(message.id)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return catalogues.GNUTranslations(compiled)
