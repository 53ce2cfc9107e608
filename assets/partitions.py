"""The partitions: months, keyed as police.uk writes them, ``2025-06``."""

import dagster as dg

FIRST_MONTH = "2010-12"  # police.uk's first
MONTHS = dg.MonthlyPartitionsDefinition(start_date=FIRST_MONTH, fmt="%Y-%m")
