"""A judge that says what a test tells it to, and a look at a whole folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from expectations.validation import RuleResult

Judge = Callable[..., None]
Look = Callable[[Path], dict[str, str]]


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Judge:
    """Makes the judge find a rule of one table broken; every other table is right."""

    def broken(table: str, severity: str) -> None:
        result = RuleResult(
            table=table,
            rule="t0_made_up",
            kind="between",
            column="rows",
            severity=severity,
            success=False,
            checked=10,
            broken=3,
            share=0.3,
            sentence="Three of ten are wrong.",
            mend=None,
            examples=("7",),
        )

        def judged(_frame: Any, contract: Any, _parameters: Any) -> list[RuleResult]:
            return [result] if contract.table == table else []

        monkeypatch.setattr("expectations.validation.judge", judged)

    return broken


@pytest.fixture
def look() -> Look:
    """The hash of every file under a folder, by path."""

    def files(folder: Path) -> dict[str, str]:
        return {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    return files
