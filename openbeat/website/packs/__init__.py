"""Meeting packs: for each neighbourhood a page to read and print, its data, and a calendar file."""

from openbeat.website.packs.write import write_packs

__all__ = ["write_packs"]
