"""Charts as inline SVG of our own: no script, no request, readable in black and white.

Only drawing belongs here: what a chart is told, it shows. Each takes plain values and gives an
``<svg>`` with a text alternative that says the same in few words; the figures are in a table
beside it. Looks are in ``static/charts.css``, by class. No chart has an id, so that any number of
them can stand on a page.
"""

from openbeat.website.charts.coverage import coverage, coverage_key
from openbeat.website.charts.key import key, sign
from openbeat.website.charts.line import in_short, line
from openbeat.website.charts.rows import rows
from openbeat.website.charts.small import bars, in_words, sparkline

__all__ = [
    "bars",
    "coverage",
    "coverage_key",
    "in_short",
    "in_words",
    "key",
    "line",
    "rows",
    "sign",
    "sparkline",
]
