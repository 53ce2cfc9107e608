"""Arithmetic on months as text: ``YYYY-MM``.

Only counting months belongs here; how they are written for people is in ``website.words``, what
was supplied of one in ``policeuk.coverage``.
"""

from __future__ import annotations


def month_range(first: str, last: str) -> list[str]:
    """All months from first to last, both included; none where the first is after the last."""
    return [_text(n) for n in range(_number(first), _number(last) + 1)]


def months_to(month: str, count: int = 13) -> list[str]:
    """The ``count`` months up to one, oldest first: by default it and the 12 before it."""
    return [earlier(month, back) for back in range(count - 1, -1, -1)]


def earlier(month: str, count: int) -> str:
    """The month so many months before one."""
    return _text(_number(month) - count)


def _number(month: str) -> int:
    """Its place in one unbroken count of months."""
    return 12 * int(month[:4]) + int(month[5:]) - 1


def _text(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
