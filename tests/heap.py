"""Rows that were asked for without an order come in the order that nobody expects.

A heap of PostgreSQL gives its rows as they were written until one of them is changed, or until
somebody else reads the table at the same time: what relies on it passes for weeks. Here such rows
come the other way round, always.
"""

import re
from functools import cache
from typing import Any

from psycopg import Cursor

ASKS = re.compile(r"\s*(SELECT|WITH|UPDATE|DELETE)\b", re.IGNORECASE)
WORDS = re.compile(r"[()]|\bORDER\s+BY\b|'[^']*'", re.IGNORECASE)


@cache
def unordered(statement: str) -> bool:
    """Tell whether these rows have no order of their own; what is in brackets orders nothing."""
    if not ASKS.match(statement):
        return False  # INSERT: SQLAlchemy sorts what it returns by itself
    depth = 0
    for word in WORDS.findall(statement):
        if word in "()":
            depth += 1 if word == "(" else -1
        elif not word.startswith("'") and depth == 0:
            return False
    return True


class Backwards(Cursor[Any]):
    """A cursor that gives unordered rows from the last to the first."""

    _asked = ""
    _kept: list[Any] | None = None

    def execute(self, query: Any, *args: Any, **how: Any) -> Any:
        self._asked, self._kept = str(query), None
        return super().execute(query, *args, **how)

    def fetchone(self) -> Any:
        if not self._turned():
            return super().fetchone()
        return self._kept.pop() if self._kept else None

    def fetchmany(self, size: int = 0) -> list[Any]:
        if not self._turned():
            return super().fetchmany(size)
        size = size or self.arraysize
        given = self._kept[: -size - 1 : -1] if self._kept else []
        del (self._kept or [])[-size:]
        return given

    def fetchall(self) -> list[Any]:
        if not self._turned():
            return super().fetchall()
        given, self._kept = (self._kept or [])[::-1], []
        return given

    def _turned(self) -> bool:
        """Turn the rows round once they are there: in a pipeline that is after `execute`."""
        asked, self._asked = self._asked, ""
        if asked and self.pgresult is not None and self.pgresult.ntuples > 1 and unordered(asked):
            self._kept = super().fetchall()
        return self._kept is not None
