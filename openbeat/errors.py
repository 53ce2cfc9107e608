"""The errors a person can mend, each carrying where it is and how to mend it.

Only errors that cross a module border belong here; programming errors stay built-in exceptions.
"""

from __future__ import annotations


class InputError(Exception):
    """Something given to openbeat is wrong, and a person can mend it.

    Args:
        message: What is wrong, one sentence.
        file: The file it is in (its name, not a machine's path).
        row: The line in that file, counting the header as 1.
        column: The column.
        value: The offending value; leave it out where the column is restricted.
        rule: The rule that is broken.
        mend: How to mend it.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
        rule: str | None = None,
        mend: str | None = None,
    ) -> None:
        self.message = message
        self.file = file
        self.row = row
        self.column = column
        self.value = value
        self.rule = rule
        self.mend = mend
        super().__init__(str(self))

    def __str__(self) -> str:
        where = [
            f"{name} {value}"
            for name, value in (
                ("", self.file),
                ("line", self.row),
                ("column", self.column),
                ("value", None if self.value is None else repr(self.value)),
            )
            if value is not None
        ]
        text = (", ".join(w.strip() for w in where) + ": " if where else "") + self.message
        if self.rule:
            text += f" [{self.rule}]"
        return f"{text} Mend: {self.mend}" if self.mend else text


class SettingsError(InputError):
    """A setting is wrong; the message names its line and what is allowed."""


class SourceUnreachableError(Exception):
    """A source could not be reached after every retry."""


class LockedError(Exception):
    """Another run works in the same place."""
