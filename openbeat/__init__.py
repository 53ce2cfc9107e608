"""The domain: plain typed functions on Polars frames and plain objects.

Nothing here imports Dagster or Great Expectations (import-linter holds it). What runs, and when,
belongs in ``pipelines`` and ``assets``; what is talked to, in ``resources``.
"""

__version__ = "0.1.0"
