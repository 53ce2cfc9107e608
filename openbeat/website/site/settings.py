"""The settings of the website and of the packs: the part ``site`` of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Postcodes(_Model):
    """An ONS postcode file (ONSPD or NSPL): a CSV, or a zip that holds one.

    Attributes:
        path: The file.
        postcode_column: Its column of postcodes.
        latitude_column: Its column of latitudes, degrees (WGS84).
        longitude_column: Its column of longitudes, degrees (WGS84).
        ended_column: Its column of the month a postcode ended, empty for live ones; None for none.
    """

    path: Path
    postcode_column: str = "pcds"
    latitude_column: str = "lat"
    longitude_column: str = "long"
    ended_column: str | None = "doterm"


class PackSettings(_Model):
    """How meeting packs are made beside a release.

    Attributes:
        pdf: Whether every pack is made as a PDF too; else only on demand (``openbeat pack``).
        variants: Which further ones are made: large print, easy read.
    """

    pdf: bool = True
    variants: tuple[Literal["large-print", "easy-read"], ...] = ()


class SiteSettings(_Model):
    """The part ``site`` of the settings.

    Attributes:
        make: Whether a release holds its website.
        name: What the website calls itself; empty: the publisher's name.
        languages: The languages of its pages; the first is the one that is shown first.
        postcodes: An ONS postcode file; without one, a place is found by name or on a map.
        packs: How meeting packs are made.
    """

    make: bool = True
    name: str = ""
    languages: Annotated[tuple[Literal["en", "cy"], ...], Field(min_length=1)] = ("en",)
    postcodes: Postcodes | None = None
    packs: PackSettings = PackSettings()
