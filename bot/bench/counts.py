"""Statements that count: none may count a table that grows (security S18, S20).

A COUNT over all that ever came in was fast on the day it was written, and took the service of GOV.UK
Notify down years later. What is counted is bounded (`FROM (SELECT … LIMIT n)`), or is somebody's
own few rows and stands here with its reason.
"""

import re
from collections.abc import Mapping

COUNTS = re.compile(r"\bcount\s*\(", re.IGNORECASE)
BOUNDED = re.compile(
    r"\bcount\s*\(\s*(?:\*|1)\s*\)(?:\s+AS\s+\w+)?\s+FROM\s*\(\s*SELECT\b.*\bLIMIT\b",
    re.IGNORECASE | re.DOTALL,
)

OWN: Mapping[str, str] = {
    "FROM question_askers WHERE question_askers.peer_id": "the answers one person waits for",
    "FROM second_factors WHERE": "the recovery codes of one official, ten at most",
    "FROM attachments WHERE attachments.filing_id": "the files of one report",
    "FROM events WHERE events.subject": "the journal of one report",
    "WITH put AS": "the rows that this statement has just written, a chunk at most",
    "FROM broadcasts WHERE broadcasts.nature": "results of one quarter, of a few issues a month",
    "AND subscriptions.id <=": "a piece of the subscriptions, for an editor's page",
    "FROM extensions WHERE": "the extensions of one page of a list, or of a period's statistics",
    "FROM stops WHERE": "the pauses of one page of a list",
    "FROM key_checks WHERE": "the keys of the ring, a handful",
}
"""What is counted without a bound, by a part of its statement, and why that is no matter."""


def unbounded(statement: str) -> bool:
    """Tell whether a statement counts what may grow."""
    plain = " ".join(statement.split())
    if not COUNTS.search(plain) or BOUNDED.search(plain):
        return False
    return not any(part in plain for part in OWN)
