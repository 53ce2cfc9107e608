"""What is checked of a page while it is open: each gives what is wrong, nothing if nothing is.

Only looking belongs here; which pages are looked at is in the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
ZOOMED = {"width": 640, "height": 450}
"""A window of 1280 pixels at 200 %."""
PAPER = {"width": 718, "height": 1000}
"""The width of A4 between margins of 1 cm."""
ACROSS = {"width": 1047, "height": 700}
"""The same of its long side."""
_LANDSCAPE = """() => [...document.querySelectorAll('section')]
  .some(e => getComputedStyle(e).page !== 'auto')"""
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_COLOURS = ["color-contrast", "link-in-text-block"]
_LAYOUT = ["target-size", "scrollable-region-focusable"]
_WIDE = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > wide + 1)
    .slice(0, 5).map(e => e.outerHTML.slice(0, 120));
}"""
_SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
    word-spacing: .16em !important; } p { margin-block-end: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""
_CUT = """() => [...document.querySelectorAll('body *')].filter(e => {
  const s = getComputedStyle(e), hides = v => v === 'hidden' || v === 'clip';
  return e.clientWidth > 1 && (hides(s.overflowX) && e.scrollWidth > e.clientWidth + 1
    || hides(s.overflowY) && e.scrollHeight > e.clientHeight + 1) && e.innerText?.trim();
}).slice(0, 5).map(e => 'cut: ' + e.outerHTML.slice(0, 120))"""
_FORCED = """() => {
  const found = [], clear = c => /^rgba\\(.*, 0\\)$|^transparent$/.test(c);
  const canvas = getComputedStyle(document.documentElement).backgroundColor;
  const behind = e => { for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor;
    if (!clear(c)) return c; } return canvas; };
  for (const e of document.querySelectorAll('main *, header *, footer *')) {
    if (e.ownerSVGElement || !e.checkVisibility()) continue;
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (own && getComputedStyle(e).color === behind(e))
      found.push('unseen text: ' + e.outerHTML.slice(0, 120));
  }
  for (const e of document.querySelectorAll('svg.plot :is(rect, path, circle, text)')) {
    const s = getComputedStyle(e), seen = c => c !== 'none' && c !== canvas && !clear(c);
    if (!seen(s.fill) && !seen(s.stroke)) found.push('unseen mark: ' + e.outerHTML.slice(0, 100));
  }
  return found.slice(0, 5);
}"""
_MOVING = """() => [...document.querySelectorAll('*')].filter(e => {
  const s = getComputedStyle(e);
  return s.scrollBehavior === 'smooth' || [s.transitionDuration, s.animationDuration]
    .some(t => t.split(',').some(d => parseFloat(d) > .01));
}).slice(0, 5).map(e => 'moves: ' + e.outerHTML.slice(0, 120))"""
_FOCUSED = """() => {
  const e = document.activeElement, s = getComputedStyle(e);
  if (e === document.body) return null;
  const shown = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2
    || s.boxShadow !== 'none' || s.textDecorationThickness === '3px';
  const area = e.ownerSVGElement && e.querySelector('path');  // a place on a map: its border
  const drawn = area && parseFloat(getComputedStyle(area).strokeWidth) >= 3;
  return [e.outerHTML.slice(0, 100), shown || drawn];
}"""
_OPENED = """() => {
  document.querySelectorAll('details').forEach(d => { d.open = true; });
  const more = 'tbody > tr:nth-child(n+13), :is(ul, ol, dl) > :nth-child(n+25)';
  document.querySelectorAll(more).forEach(e => e.remove());
}"""
"""Opens what is folded; of long tables and lists only the beginning stays, the rest is alike."""


def violations(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA and good practice: rule, why, and where.

    Args:
        page: The page.
        rules: Those to ask alone; all of those without any.
    """
    from axe_playwright_python.sync_playwright import Axe

    only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": _TAGS}
    # Without preload it asks for no style sheet again, which the page's own policy forbids.
    options = {"runOnly": only, "preload": False, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options)
    return [
        f"{fault['id']}: {fault['help']}: {node['target']}"
        for fault in found.response["violations"]
        for node in fault["nodes"][:3]
    ]


def _axe(page: Page) -> list[str]:
    page.set_viewport_size(DESK)
    page.evaluate(_OPENED)
    return violations(page)


def _dark(page: Page) -> list[str]:
    page.emulate_media(color_scheme="dark")
    found = violations(page, _COLOURS)
    page.emulate_media(color_scheme="light")
    return found


def _touched(page: Page) -> list[str]:
    page.set_viewport_size(PHONE)
    return violations(page, _LAYOUT)


def _phone(page: Page) -> list[str]:
    page.set_viewport_size(PHONE)
    return _wide(page)


def _zoomed(page: Page) -> list[str]:
    page.set_viewport_size(ZOOMED)
    return _wide(page)


def _spaced(page: Page) -> list[str]:
    """WCAG 1.4.12: lines 1.5 apart, letters .12, words .16, paragraphs 2 of the text's size."""
    page.set_viewport_size(PHONE)
    page.evaluate(_SPACED)
    found = [*_wide(page), *page.evaluate(_CUT)]
    page.evaluate("() => { document.adoptedStyleSheets = []; }")
    return found


def _forced(page: Page) -> list[str]:
    page.set_viewport_size(DESK)
    page.evaluate(_OPENED)
    page.emulate_media(forced_colors="active")
    found: list[str] = page.evaluate(_FORCED)
    page.emulate_media(color_scheme="dark")
    found += page.evaluate(_FORCED)
    page.emulate_media(forced_colors="none", color_scheme="light")
    return found


def _still(page: Page) -> list[str]:
    page.emulate_media(reduced_motion="reduce")
    found: list[str] = page.evaluate(_MOVING)
    page.emulate_media(reduced_motion="no-preference")
    return found


def _printed(page: Page) -> list[str]:
    page.emulate_media(media="print")
    page.set_viewport_size(ACROSS if page.evaluate(_LANDSCAPE) else PAPER)
    found = _wide(page)
    found += [
        f"on paper: {nav.get_attribute('aria-label')}"
        for nav in page.locator("nav").all()
        if nav.is_visible()
    ]
    if not page.locator("h1").is_visible():
        found.append("no heading on paper")
    page.emulate_media(media="screen")
    return found


def _wide(page: Page) -> list[str]:
    """What makes the page scroll sideways; what scrolls in a box of its own does not."""
    return [f"too wide: {element}" for element in page.evaluate(_WIDE)]


def _focus(page: Page) -> list[str]:
    """The first 12 stops of the keyboard, the first of them past the header."""
    page.set_viewport_size(DESK)
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    seen: list[str] = []
    for _ in range(12):
        page.keyboard.press("Tab")
        here = page.evaluate(_FOCUSED)
        if here is None:
            break
        text, shown = here
        seen.append(text if shown else f"focus is not seen on {text}")
    wrong = [text for text in seen if text.startswith("focus")]
    if not seen:
        wrong.append("nothing can be reached by keyboard")
    elif 'href="#main"' not in seen[0] and page.locator("header").count():
        wrong.append(f"the first stop is not the link past the header but {seen[0]}")
    return wrong


CHECKS: dict[str, Callable[[Page], list[str]]] = {
    "one direction of scrolling at 320 pixels": _phone,
    "fits at 200 %": _zoomed,
    "text spacing": _spaced,
    "prints": _printed,
    "forced colours": _forced,
    "nothing moves where motion is reduced": _still,
    "focus is seen": _focus,
    "axe finds nothing": _axe,
    "contrast in the dark": _dark,
    "targets on a phone": _touched,
}
"""What is checked, in this order: each leaves the page as the next one needs it."""
OUTSIDE = (
    *("one direction of scrolling at 320 pixels", "axe finds nothing"),
    *("contrast in the dark", "targets on a phone"),
)
"""What is checked of pages that are one file by themselves: packs, and pages for inside."""


def looked_at(page: Page, path: Path, names: Sequence[str] = ()) -> dict[str, list[str]]:
    """What is wrong with a page by check.

    Args:
        page: The tab to open it in.
        path: The page.
        names: Of the checks; all without any.
    """
    said: list[str] = []
    listeners: dict[str, Any] = {
        "console": lambda m: said.append(m.text) if m.type == "error" else None,
        "pageerror": lambda error: said.append(str(error)),
        "request": lambda asked: (
            None if asked.url.startswith(("file:", "data:")) else said.append(f"asks {asked.url}")
        ),
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    page.set_viewport_size(DESK)
    page.goto(path.as_uri())
    found = {name: CHECKS[name](page) for name in names or CHECKS}
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    return {**found, "asks nobody and says nothing wrong": said}
