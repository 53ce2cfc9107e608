"""The page on the rules of engagement lists every one of them, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from openbeat.contract import load_contracts
from openbeat.engagement.tables import TABLES
from resources.sources import CONTRACTS

PAGE = Path(__file__).parents[2] / "docs" / "engagement_rules.md"


def lines() -> list[str]:
    """One line a rule: its id, the tables that have it, its severity, its sentence.

    Of the logs every rule is listed; of what is published those that are numbered.
    """
    contracts = load_contracts(CONTRACTS)
    logs = {table.contract: name for name, table in TABLES.items()}
    order = [*logs, *(name for name in contracts if name not in logs)]
    tables: dict[tuple[str, str, str], list[str]] = {}
    for name in order:
        for rule in contracts[name].rules:
            if name in logs or (not name.startswith("conformed_") and _numbered(rule.id)):
                key = (rule.id, rule.severity, rule.sentence)
                tables.setdefault(key, []).append(logs.get(name, f"published {name}"))
    return [
        f"| `{rule}` | {'all' if len(found) == len(logs) else ', '.join(found)} "
        f"| {severity} | {sentence} |"
        for (rule, severity, sentence), found in sorted(tables.items(), key=lambda t: _place(t[0]))
    ]


def _numbered(rule: str) -> bool:
    return re.match(r"[gk]\d+_", rule) is not None


def _place(key: tuple[str, str, str]) -> tuple[bool, str, int, str, str]:
    """Numbered rules first, by number."""
    found = re.match(r"([gk])(\d+)_", key[0])
    return (
        found is None,
        found.group(1) if found else "",
        int(found.group(2)) if found else 0,
        key[0],
        key[2],
    )


def test_the_page_lists_every_rule_as_the_contracts_have_it() -> None:
    table = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:3] == "| `"]
    wanted = lines()
    assert table == wanted, "the table of the page should be:\n" + "\n".join(wanted)
