"""Runs the command line and kills this very process when a function is called the nth time.

Not a test: ``test_killed`` starts it. ``python killed_run.py MODULE:FUNCTION NTH run --out ...``.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import reduce
from importlib import import_module
from typing import Any


def main(at: str, nth: int, arguments: list[str]) -> None:
    """Patch the function, leave out the judge, and run."""
    import expectations.validation
    from pipelines.cli import app

    module, _, path = at.partition(":")
    *owners, name = path.split(".")
    owner: Any = reduce(getattr, owners, import_module(module))
    original = getattr(owner, name)
    calls = iter(range(1, nth))

    def killing(*positional: Any, **named: Any) -> Any:
        if next(calls, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*positional, **named)

    setattr(owner, name, killing)
    vars(expectations.validation)["judge"] = lambda *_arguments: []
    app(arguments)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
