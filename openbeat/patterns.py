"""The regular expressions that rules may use: those that mean the same in every engine.

Polars runs Rust's engine, pandas runs RE2 through Arrow or Python's own. This is their common
ground and the check for it; which values a pattern is held against belongs to the rules.
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

_CLASS_OR_ESCAPE: Final = re.compile(r"\[(?:\\.|[^\]\\])*\]|\\.", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
# Each is read differently by Rust, RE2 (Arrow) and Python, or by one of them only.
_NOT_PORTABLE: Final = (
    (re.compile(r"\(\?(?!:)"), "uses (?...: only the plain group (?:...) is allowed"),
    (re.compile(r"[*+?}]\+"), "uses a possessive quantifier"),
    (re.compile(r"\{,"), "uses {,n}: write {0,n}"),
    (re.compile(r"\[\^?\]"), "has a class that is empty or starts with ]"),
    (re.compile(r"\[[^\]]*(?:\[|&&|--|~~|\|\|)"), "nests or combines classes"),
)


def pattern_fault(pattern: str) -> str | None:
    r"""Why a pattern would not mean the same in Rust, RE2 and Python, or None.

    Allowed are literals, classes, ``.``, plain groups, alternation, quantifiers, ``^``, ``$``,
    escaped punctuation and ``\d``, which always means 0 to 9.
    """
    for escape in _ESCAPE.finditer(pattern):
        character = escape.group(1)
        if character != "d" and (character.isalnum() or character in "<>_" or ord(character) > 126):
            return f"uses \\{character}: only \\d and escaped punctuation are allowed"
    bare = _ESCAPE.sub("x", pattern)
    for construct, fault in _NOT_PORTABLE:
        if construct.search(bare):
            return fault
    try:
        re.compile(pattern)
        pl.select(pl.lit("").str.contains(portable(pattern)))
    except (re.error, pl.exceptions.PolarsError):
        return "is not a regular expression"
    return None


def portable(pattern: str) -> str:
    r"""The pattern as a group with ``\d`` spelt out, ready to be anchored at both ends."""

    def spell(match: re.Match[str]) -> str:
        token = match.group()
        if token.startswith("["):
            return _ESCAPE.sub(lambda m: "0-9" if m.group(1) == "d" else m.group(), token)
        return "[0-9]" if token == r"\d" else token

    return f"(?:{_CLASS_OR_ESCAPE.sub(spell, pattern)})"
