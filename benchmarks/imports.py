"""Import once what the measurements import, so that none of them pays for compiling it.

``python -m benchmarks.imports``, before the first measurement. What is imported late by the product
is named here too.
"""

import pyogrio  # noqa: F401

import benchmarks.bare
import benchmarks.domain
import benchmarks.plain
import benchmarks.whole  # noqa: F401
from expectations.suites import great_expectations

great_expectations()
