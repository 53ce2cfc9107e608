r"""The screen for UK personal data in texts, by patterns.

It sees what has a shape: full postcodes, phone numbers, e-mail addresses, National Insurance
numbers, registration plates, dates of birth, references of crimes and incidents, collar numbers.
It runs at intake as a flag and before publication as a block. What happens to a record that it
flags belongs elsewhere.

**It cannot see names**, nor a person described in words, a house number with a street, a
handle on social media, a number written in words, or an address written "at ... dot ...". So it is
a net under the review of a text by a person, never in place of it.

What was decided where a shape has two readings:

- An outward code alone (DT1) is a district, so it is let through. ``1st``, ``2hr`` and the like
  are not read as the second half of a postcode.
- Numbers of 01, 02, 05, 07 and their +44 forms may be a person's. 03, 08 and 09 belong to
  organisations, as 101, 111, 999 and 0800 555 111 do, and are let through.
- A date is one of birth beside words such as born or DOB; a full date of 1920 to 2014 is one by
  itself, since what is published here is younger. Anniversaries (VE Day) are seen too: allow them.
- Plates are seen in the current, prefix and suffix styles: in capitals anywhere; in lower case
  where unspaced, or beside words such as reg. Older and Northern Ireland's plates are not seen.
- A reference of two to four digits needs its word (log, crime number) beside it.
- A text that is right all the same is allowed by the setting ``engagement.allowed_texts``.

The patterns are for Rust's engine: no look-around.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import polars as pl

# Between digits people put spaces (of any kind), dots, brackets and hyphens (of any kind).
_GAP: Final = r"[\s.()\-\u2010-\u2015]{0,2}"
# What may stand before a number: not a digit and a point, which is the rest of a decimal.
_START: Final = r"(?:^|[^0-9A-Za-z_.]|[^0-9]\.)"
_AREAS: Final = (
    "A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE"
    "|K[ATWY]|L[ADELNSU]?|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?"
    "|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE"
)
_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY: Final = r"(?:0?[1-9]|[12][0-9]|3[01])"
_MONTH_NUMBER: Final = r"(?:0?[1-9]|1[0-2])"
_OLD_YEAR: Final = r"(?:19[2-9][0-9]|200[0-9]|201[0-4])"
_ANY_DATE: Final = (
    rf"(?:[0-9]{{1,2}}\s?[/.\-\s]\s?[0-9]{{1,2}}\s?[/.\-\s]\s?(?:[0-9]{{4}}|[0-9]{{2}})\b"
    rf"|[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}|[0-9]{{1,2}}\s?(?:of\s)?{_MONTH}"
    rf"|{_MONTH}\s[0-9]{{1,2}}\b)"
)
# Lower case stays out where a word would do as well: "the CO16 and", "M1 THE" (see _CLEANED).
_PLATES: Final = (
    "[A-HJ-PR-Y][A-HJ-PR-Y](?:0[2-9]|[1-4][0-9]|5[1-9]|[67][0-9])SPACE[A-HJ-PR-Z]{3}"
    "|[A-HJ-NPR-TV-Y][1-9][0-9]{0,2}SPACE[A-HJ-PR-Z]{3}"
    "|[A-HJ-PR-Z]{3}SPACE[1-9][0-9]{0,2}[A-HJ-NPR-TV-Y]"
)
_NAMED: Final = r"(?:\s*\b(?:ref|reference|number|no|num|nr|id|urn)\b\.?|\s*#)"
_FORCE_WORDS: Final = (
    r"(?:crimes?|incident|occurrence|case|investigation|niche|cad|log|urn|storm|cris)"
)

_PATTERNS: Final[Mapping[str, tuple[str, ...]]] = {
    "collar_number": (
        r"(?i)\b(?:pc|pcso|wpc)\s?#?\s?[0-9]{2,6}[a-z]?\b",
        r"(?i)\b(?:sgt|sergeant|constable|inspector|insp|officer)\s#?\s?[0-9]{3,6}\b",
        r"\b(?:DC|DS|DI|PS|SC|TPC)\s?#?[0-9]{3,6}\b",
        r"\b(?:PC|PCSO|WPC|DC|DS|DI|PS|Sgt|Insp)\s(?:[A-Z][\w'’.\-]*\s){1,3}#?\(?[0-9]{4,5}\b",
        r"(?i)\bcollar(?:\s(?:no|num|number))?\b[.:#\s]*(?:is\s)?[a-z]{0,2}\s?[0-9]{2,6}\b",
        r"(?i)\b(?:shoulder|warrant|badge|epaulette)\s(?:no|num|number)\b[.:#\s]*(?:is\s)?"
        r"[a-z]{0,2}\s?[0-9]{2,6}\b",
    ),
    "date_of_birth": (
        rf"(?i)\b(?:d\.?\s?o\.?\s?b\b|date of birth|birth\s?date|birthday|born)[^\x1f]{{0,20}}?\b"
        rf"{_ANY_DATE}",
        rf"(?i)\b{_DAY}[/.\-\s]{_MONTH_NUMBER}[/.\-\s]{_OLD_YEAR}\b",
        rf"\b{_DAY}/{_MONTH_NUMBER}/[4-9][0-9]\b",
        rf"\b{_OLD_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?:\b|T)",
        rf"(?i)\b{_DAY}[\s\-]{{0,2}}(?:of\s)?{_MONTH}[\s,\-]{{0,2}}{_OLD_YEAR}\b",
        rf"(?i)\b{_MONTH}\s{_DAY},?\s{_OLD_YEAR}\b",
    ),
    "email": (r"[\w.%+'\-]+@[\w\-]+(?:\.[\w\-]+)*\.[A-Za-z]{2,}",),
    "national_insurance": (
        r"(?i)\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][\s.\-]?[0-9]{2}[\s.\-]?[0-9]{2}[\s.\-]?[0-9]{2}"
        r"[\s.\-]?[A-D]\b",
        r"(?i)\b(?:national insurance|nino\b|ni (?:no|number))[^\x1f]{0,15}?\b[a-z]{2}[\s.\-]?"
        r"[0-9]{2}[\s.\-]?[0-9]{2}[\s.\-]?[0-9]{2}\b",
    ),
    "phone": (
        rf"{_START}\(?0[1257][0-9](?:{_GAP}[0-9]){{7,8}}\b",
        rf"(?:\+|\b00)\s?\(?44\)?{_GAP}(?:\(?0\)?{_GAP})?[1257](?:{_GAP}[0-9]){{8,9}}\b",
        # As spreadsheets and forms leave them: without the + or without the leading nought.
        rf"{_START}(?:44\s?)?7[1-9][0-9]{{2}}\s?[0-9]{{3}}\s?[0-9]{{3}}\b",
    ),
    "postcode": (
        rf"(?i)\b(?:(?:{_AREAS})[0-9][0-9A-Z]?\s{{0,2}}[0-9][ABD-HJLNP-UW-Z]{{2}}|GIR\s?0AA)\b",
    ),
    "reference": (
        rf"(?i)\b{_FORCE_WORDS}\b{_NAMED}+[.:#\s]*(?:is\s)?[a-z]{{0,4}}[\s/\-]?[0-9]{{2,}}",
        r"(?i)\bref(?:erence)?\b[.:#\s]*(?:(?:no|number)\b[.:#\s]*)?[a-z]{0,3}[/\-]?[0-9]{5,}",
        rf"(?i)\b(?:log|incident|cad|inc|occurrence)[\s.:#]{{0,2}}[0-9]{{1,5}},?\s"
        rf"(?:of|on|dated|from)\s(?:the\s)?(?:{_ANY_DATE}|today|yesterday)",
        r"(?i)\b(?:cad|urn)[\s.:#]{0,2}[0-9]{2,}",
        # 42/12345/25, 01CD/1234/25, 1234567/25, CR/12345/25, NICL-20250101-0123.
        r"(?i)\b[0-9]{2}[a-z]{0,2}/[0-9]{4,7}/[0-9]{2}\b",
        r"\b[0-9]{5,8}/[0-9]{2}\b",
        r"(?i)\b(?:cri?|cris|occ|inc|nicl|nfib|cad|urn)[/\-](?:[a-z0-9]+[/\-])*[0-9]{3,}",
        r"\b(?:LC|LAN|LOG)-20[0-9]{6}-[0-9]{3,5}\b",
    ),
    "vehicle_registration": (
        rf"\b(?:{_PLATES.replace('SPACE', ' ?')})\b",
        rf"(?i)\b(?:{_PLATES.replace('SPACE', '')})\b",
        r"(?i)\b(?:reg|vrm|vrn|registration|plates?|index)\b[^\x1f]{0,20}?"
        rf"\b(?:{_PLATES.replace('SPACE', ' ')})\b",
    ),
}

KINDS: Final = tuple(_PATTERNS)
"""The kinds of personal data that the screen sees, sorted."""

_ANY: Final[Mapping[str, str]] = {
    # Each in a group of its own, which (?i) does not reach beyond.
    kind: "|".join(f"(?:{pattern})" for pattern in many)
    for kind, many in _PATTERNS.items()
}
# Every pattern needs a digit or an @, so a text without them is done after one quick look.
_POSSIBLE: Final = "[0-9@]"
_CLEANED: Final = (
    # A UUID is random and sooner or later holds something that looks like a phone number.
    (r"\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b", " "),
    # M1 2nd, A14 5th, M6 4hr: no postcodes.
    (r"\b([0-9]{1,2})(?:st|nd|rd|th|hrs?|ft)\b", "${1}"),
    # M1 THE, CO16 AND: no plates, even where somebody writes all in capitals.
    (
        r"\b([A-Z]{1,2}[0-9]{1,3}) (ALL|AND|ARE|BUS|BUT|BYE|CAN|CAR|DUE|END|FOR|GOT|HAD|HAS|HER"
        r"|HIS|HOW|LAY|MAY|NEW|NOT|NOW|OFF|OLD|ONE|OUR|OUT|PER|RUN|SEE|SHE|THE|TOO|TWO|VAN|VIA"
        r"|WAS|WAY|WHO|YET|YOU)\b",
        "${1}_${2}",
    ),
)
_BETWEEN: Final = "\x1f"
_SCREENED: Final = pl.Schema(
    {"column": pl.String(), "kind": pl.String(), "rows": pl.Int64(), "example": pl.String()}
)


def found(columns: Sequence[str], allowed: Collection[str] = ()) -> pl.Expr:
    """The kinds of personal data in any of some text columns.

    Args:
        columns: Columns of String; none gives null.
        allowed: Whole texts that look like personal data and are not (the setting
            ``engagement.allowed_texts``).

    Returns:
        String: the kinds seen in the row, sorted and joined by ``"; "``; null where none is.
    """
    if not columns:
        return pl.lit(None, dtype=pl.String)
    passed = pl.Series(sorted(allowed), dtype=pl.String)
    texts = [
        pl.when(pl.col(name).str.strip_chars().is_in(passed.implode()).not_()).then(pl.col(name))
        if allowed
        else pl.col(name)
        for name in columns
    ]
    joined = pl.concat_str(texts, separator=_BETWEEN, ignore_nulls=True)
    return joined.map_batches(_kinds, return_dtype=pl.String, is_elementwise=True)


def screen_frame(
    frame: pl.DataFrame, columns: Sequence[str], allowed: Collection[str]
) -> pl.DataFrame:
    """Personal data in a table that is about to be published.

    Args:
        frame: The table.
        columns: Its columns to be looked through; those that are no text are passed over.
        allowed: Whole texts that look like personal data and are not.

    Returns:
        One row a column and kind seen, in the order of ``columns``: column, kind, rows (how many
        hold it), example (what was seen first, every letter as ``x`` and every digit as ``0``).
        Without rows where the table is clean.
    """
    parts = [
        _screen_column(frame[name], set(allowed))
        for name in columns
        if frame.schema[name] == pl.String
    ]
    return pl.concat([pl.DataFrame(schema=_SCREENED), *parts])


def _screen_column(column: pl.Series, allowed: set[str]) -> pl.DataFrame:
    texts = (
        column.alias("text")
        .to_frame()
        .filter(pl.col("text").str.contains(_POSSIBLE))
        .group_by("text", maintain_order=True)
        .agg(rows=pl.len())
        .filter(pl.col("text").str.strip_chars().is_in(sorted(allowed)).not_())
        .with_columns(text=_clean(pl.col("text")))
    )
    seen = [
        texts.filter(pl.col("text").str.contains(pattern)).select(
            column=pl.lit(column.name),
            kind=pl.lit(kind),
            rows=pl.col("rows").sum().cast(pl.Int64),
            example=_masked(pl.col("text").first().str.extract(f"({pattern})", 1)),
        )
        for kind, pattern in _ANY.items()
    ]
    return pl.concat(seen).filter(pl.col("rows") > 0)


def _masked(text: pl.Expr) -> pl.Expr:
    """The shape of a text without what it says."""
    return text.str.strip_chars().str.replace_all(r"\p{L}", "x").str.replace_all(r"\p{N}", "0")


def _clean(text: pl.Expr) -> pl.Expr:
    """Take out what looks like personal data and never is."""
    for pattern, instead in _CLEANED:
        text = text.str.replace_all(pattern, instead)
    return text


def _kinds(texts: pl.Series) -> pl.Series:
    """The kinds seen in each text; only the few that can hold any are looked at closely."""
    possible = texts.str.contains(_POSSIBLE).fill_null(False)
    close = texts.filter(possible).alias("text").to_frame().with_columns(_clean(pl.col("text")))
    kinds = close.select(
        kinds=pl.concat_str(
            [
                pl.when(pl.col("text").str.contains(pattern)).then(pl.lit(kind))
                for kind, pattern in _ANY.items()
            ],
            separator="; ",
            ignore_nulls=True,
        ).replace("", None)
    ).to_series()
    where = possible.arg_true()
    none = pl.repeat(None, len(texts), dtype=pl.String, eager=True)
    return none.scatter(where, kinds).alias(texts.name)
