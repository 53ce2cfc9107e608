"""The website that a release holds: what it is made from, handed to ``openbeat.website``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from openbeat.release.content import ReleaseContent
from openbeat.release.write import Pages
from openbeat.settings import Settings


def website(content: ReleaseContent, settings: Settings) -> Pages | None:
    """What writes the website of a release; None where the settings ask for none.

    Args:
        content: What the release says.
        settings: The website's own, and how each force can be answered.
    """
    if not settings.site.make:
        return None

    def pages(folder: Path, release_id: str, sizes: Mapping[str, int]) -> Iterable[str]:
        from openbeat.website.packs.facts import Edition
        from openbeat.website.site.build import write_site
        from openbeat.website.site.source import Site, published_tables

        site = Site(
            edition=Edition(
                release_id,
                content.month,
                content.as_of,
                content.publisher,
                content.notice,
                settings.engagement.contacts,
            ),
            first_month=content.first_month,
            tables=published_tables(folder, content.tables),
            contracts=content.contracts,
            codelists=content.codelists,
            shapes=content.boundaries,
            folder=folder,
            sizes=sizes,
            settings=settings.site,
            base_url=content.base_url,
            contact=content.contact,
            next_release=content.next_release,
            attributions=tuple(content.attribution_lines),
            register=content.register,
        )
        return write_site(site, folder)

    return pages
