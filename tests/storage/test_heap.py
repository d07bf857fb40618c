"""What tests/heap.py takes for an order, and what it does where there is none."""

import pytest
import sqlalchemy as sa

from storage.store import Store
from tests.heap import unordered


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("SELECT a FROM t", True),
        ("SELECT a FROM t ORDER BY a", False),
        ("SELECT a FROM (SELECT b FROM t ORDER BY b LIMIT 3) AS x", True),
        ("SELECT a FROM (SELECT b FROM t) AS x ORDER  BY a", False),
        ("SELECT 'ORDER BY a' FROM t", True),
        ("WITH c AS (SELECT a FROM t ORDER BY a) UPDATE t SET a = 1 FROM c RETURNING t.a", True),
        ("INSERT INTO t VALUES (1), (2) RETURNING a", False),
    ],
)
def test_only_an_order_of_the_whole_is_one(statement: str, found: bool) -> None:
    assert unordered(statement) is found


def test_without_an_order_the_last_comes_first(store: Store) -> None:
    if not store.parallel:
        return  # a file of SQLite gives its rows by their keys
    some = sa.select(sa.func.generate_series(1, 5))

    def look(unit):
        found = unit.conn.execute(some)
        first = found.scalars().fetchmany(2)
        return first, unit.conn.scalars(some).all(), unit.conn.scalar(some)

    assert store.read(look) == ([5, 4], [5, 4, 3, 2, 1], 5)
    ordered = some.order_by(sa.literal_column("1"))
    assert store.read(lambda u: u.conn.scalars(ordered).all()) == [1, 2, 3, 4, 5]
