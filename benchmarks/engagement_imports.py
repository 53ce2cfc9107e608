"""Import once what the measurements of engagement import, so that none pays for compiling it.

``python -m benchmarks.engagement_imports``, before the first measurement.
"""

import benchmarks.engagement_again
import benchmarks.engagement_bare
import benchmarks.engagement_checked
import benchmarks.engagement_plain  # noqa: F401
from expectations.suites import great_expectations

great_expectations()
