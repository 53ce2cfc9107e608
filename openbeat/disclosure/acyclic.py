"""Whether a declared set of tables is acyclic: whether what it shows is all there is to model.

Tables that share people are linked through the table behind them all, which nobody publishes and
which would be far too large to solve. When the set is *acyclic*, that table need not be modelled:
any numbers that fit the published tables, one by one and where two of them meet, are the numbers
of some table behind them (decomposable sets: Vorob'ev 1962; Beeri, Fagin, Maier and Yannakakis
1983). So a possible world of the published cells is a possible world, and the certificate says so
of cells that it has. In a cyclic set a world of the published cells may belong to no table at
all: a proof made of it would be none, and the policy is refused.

Each table is a set of vertices: its dimensions. **A level that nests in another brings it
along**, because who knows the neighbourhood knows the district. So a table by neighbourhood and
ethnicity is {neighbourhood, district, ethnicity}; beside {district, method, ethnicity} the two
meet in {district, ethnicity}, which both show as a sum, and the set is acyclic; written without
the district it would look as if they met in ethnicity alone. The same holds for quarter and year,
and for category and group.

What the policy's tables are belongs in ``policy``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def is_acyclic(tables: Sequence[frozenset[str]]) -> bool:
    """Whether the hypergraph of the tables is acyclic, each given as its dimensions and levels."""
    return not blocking(tables)


def blocking(tables: Sequence[frozenset[str]]) -> tuple[frozenset[str], ...]:
    """The tables that make the set cyclic: what the GYO reduction cannot take away.

    Graham's reduction (Graham 1979; Yu and Ozsoyoglu 1979): take away dimensions that one table
    alone has, and tables that lie within another, until neither is to be found. What is left does
    not depend on the order.

    Args:
        tables: The dimensions of each table, with every level that theirs nest in.

    Returns:
        Those left, in order and whole; none when the set is acyclic.
    """
    left = dict(enumerate(tables))
    while True:
        uses = Counter(vertex for table in left.values() for vertex in table)
        reduced = {n: frozenset(v for v in table if uses[v] > 1) for n, table in left.items()}
        ear = next((n for n, table in reduced.items() if _lies_within(n, table, reduced)), None)
        if ear is not None:
            del reduced[ear]
        elif reduced == left:
            return tuple(tables[n] for n in left)
        left = reduced


def _lies_within(number: int, table: frozenset[str], tables: dict[int, frozenset[str]]) -> bool:
    return not table or any(n != number and table <= other for n, other in tables.items())
