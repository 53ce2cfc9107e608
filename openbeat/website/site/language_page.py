"""The page that says which texts of the website are not translated yet.

Only that page belongs here; the list comes from the catalogue (``openbeat.website.catalogue``).
"""

from __future__ import annotations

from openbeat.website.catalogue import translated, untranslated
from openbeat.website.language import LANGUAGES
from openbeat.website.site.source import File, Site, render

PATH = "about/language.html"


def language_page(site: Site) -> File:
    """How far each further language of the website is translated, and what is not."""
    others = [
        {
            "code": code,
            "name": LANGUAGES[code],
            "done": translated(code),
            "left": untranslated(code),
        }
        for code in site.settings.languages
        if code != "en"
    ]
    packs = LANGUAGES[site.settings.languages[0]]
    return render(site, "language.html", PATH, others=others, packs=packs)
