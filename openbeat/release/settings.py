"""The settings of a release: who answers for it, where it is copied, how it is signed.

Only models belong here; they are part of ``openbeat.settings.Settings``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

SUBSTITUTE = "https://example.org/openbeat"
"""What ids begin with where no address is configured: a reserved name, so that none is claimed."""


LOGIN = re.compile(r"://[^/@:\s]*:(?!\d+(?:/|$))[^@\s]*@")
"""A log-in in an address, also where its password holds a slash; ``host:9000/a@b`` is none."""
SHOWN_LOGIN = re.compile(r"://[^\s'\"]*@")
VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
SECRET = re.compile(
    r"(^|_)(key|secret|token|password|passwd|passphrase|signature)$|access_key|credential|sas_"
    r"|connection_string|authorization",
    re.I,
)
"""Options of the fsspec libraries that hold a log-in, or may (s3fs, adlfs, gcsfs, sshfs, http)."""


def masked(text: str) -> str:
    """A text of some library with the log-ins of its addresses struck out."""
    return SHOWN_LOGIN.sub("://***@", text)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Contact(_Model):
    """Whom a user of the data may write to: an office, never a person's own address."""

    name: str = ""
    email: Annotated[str, Field(pattern=r"^$|^[^@\s]+@[^@\s]+\.[^@\s]+$")] = ""
    url: Annotated[str, Field(pattern=r"^$|^https://\S+$")] = ""


class Signing(_Model):
    """How ``SHA256SUMS`` is signed.

    Attributes:
        key: The minisign secret key; without one, releases are not signed.
        public_key: The minisign public key that ``verify`` checks with, a file.
        password_env: The variable that holds the secret key's password, where it has one.
    """

    key: Path | None = None
    public_key: Path | None = None
    password_env: Annotated[str, Field(pattern=VARIABLE)] | None = None


class Target(_Model):
    """A place that promoted releases are copied to.

    Attributes:
        name: Of the target; unique; small letters, digits, hyphens.
        kind: ``files`` (a folder or any fsspec URL) or ``ckan``.
        url: A folder, ``s3://bucket/path``, ``az://``, ``gs://``; or a CKAN site's address.
        options: Given to fsspec as they are (endpoint_url and the like); never a secret.
        key_env: The variable that holds the CKAN API key.
        organization: The CKAN organisation that owns the dataset.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")]
    kind: Literal["files", "ckan"] = "files"
    url: str
    options: dict[str, object] = {}
    key_env: Annotated[str, Field(pattern=VARIABLE)] | None = None
    organization: str | None = None

    @model_validator(mode="after")
    def _no_secret(self) -> Self:
        keys, texts = _keys(self.options), (self.url, *_texts(self.options))
        if any(map(LOGIN.search, texts)) or any(map(SECRET.search, keys)):
            raise PydanticCustomError(  # of this type the value is not shown
                "secret",
                "target {name} holds a log-in; give it in the environment, as its library says",
                {"name": self.name},
            )
        return self


def _keys(value: object) -> Iterator[str]:
    """Every key of an option, at any depth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)


def _texts(value: object) -> Iterator[str]:
    """Every text of an option, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts([*value, *value.values()])
    elif isinstance(value, Iterable):
        for inner in value:
            yield from _texts(inner)


class Calendar(_Model):
    """When the next releases are due, for the release calendar.

    Attributes:
        day: Day of the month; a weekend or bank holiday of England moves it to the next working
            day.
        time: London's time, HH:MM.
        months: How many months ahead the calendar reaches.
    """

    day: Annotated[int, Field(ge=1, le=28)] = 15
    time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "09:30"
    months: Annotated[int, Field(ge=1, le=36)] = 12


class ReleaseSettings(_Model):
    """The part ``release`` of the settings.

    Attributes:
        base_url: Where the releases folder is served; without one, ids begin with a reserved name
            and no file claims an address.
        contact: Whom users may write to.
        corrections: A register of corrections in place of ``config/corrections.yaml``.
        deprecations: Announced breaking changes besides those of ``config/deprecations.yaml``.
        workbooks: Whether a workbook a force is made (XLSX and ODS).
        slow_judges: Whether the judges that read every value are asked before a release too.
        signing: How ``SHA256SUMS`` is signed.
        targets: Where promoted releases are copied to.
        calendar: When the next releases are due.
    """

    base_url: Annotated[str, Field(pattern=r"^$|^https?://\S+[^/]$")] = ""
    contact: Contact = Contact()
    corrections: Path | None = None
    deprecations: Path | None = None
    workbooks: bool = True
    slow_judges: bool = False
    signing: Signing = Signing()
    targets: list[Target] = []
    calendar: Calendar = Calendar()

    @property
    def identifier_base(self) -> str:
        """What the identifiers in catalogue records begin with."""
        return self.base_url or SUBSTITUTE

    @model_validator(mode="after")
    def _unique(self) -> Self:
        names = [target.name for target in self.targets]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two targets are called {twice[0]}")
        return self
