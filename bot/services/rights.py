"""Who may do what: one table. Pages, documents (docs/rights.md) and tests are made from it.

A right says what; its scope says how far: `OWN` is what is assigned to the official, or his own
affair; `UNIT` his unit's; `CONFIRMED` every report whose guard intake has confirmed; `ALL`
everything of the kind. Which single reports that are stands in SQL (`sight.visible_filings`):
the conflict guard (S8) goes before every right here. Moves have their `by` in the procedure.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from bot.services.base import ROLES, Actor, Role


class Scope(StrEnum):
    """How far a right goes, the narrowest first."""

    NONE = "none"
    OWN = "own"
    UNIT = "unit"
    CONFIRMED = "confirmed"
    ALL = "all"


class Right(StrEnum):
    """What can be done at the desk; the value is the key of its words (`right.<value>`)."""

    # reports
    QUEUE = "queue"  # number, state, dates, unit, who works on it: never a word of the content
    OPEN = "open"  # the page of a report: its record and dates
    CONTENT = "content"  # what the reporter wrote, and clean copies of files
    ACT = "act"
    ASSIGN = "assign"
    URGE = "urge"  # 독촉장
    IDENTITY = "identity"
    ORIGINAL = "original"
    PRINT = "print"
    UNREDACTED = "unredacted"  # printing or handing out with the reporter: two persons
    SEARCH = "search"
    EXPORT = "export"
    HANDOVER = "handover"
    WRITE_IN = "write_in"  # 대신 적기, calls, call-backs
    CALLERS = "callers"  # finding somebody by name or number
    IMPORT = "import"
    TEMPLATES = "templates"
    # what officials ask for themselves, and their head lets go
    APPLY = "apply"
    # units asked
    FACTS = "facts"
    FACTS_SEEN = "facts_seen"
    # work
    TASKS = "tasks"
    TASKS_DONE = "tasks_done"
    DEPUTIES = "deputies"
    CHAINS = "chains"  # who stands in for a unit that may not handle a report (S8)
    APPROVALS = "approvals"
    # the house
    USERS = "users"
    UNITS = "units"
    DAYS = "days"
    POSTER = "poster"
    PORTAL = "portal"  # to say that 국민신문고 is down
    CHECKS = "checks"  # 매월 처리상황 점검
    VALUES = "values"  # standing for what no law gives
    DATES = "dates"  # the agency's own days
    # who looked, who was let in
    ACCESS_LOG = "access_log"
    RIGHTS_LOG = "rights_log"
    # personal data and records
    DATA_REQUESTS = "data_requests"
    RECORDS = "records"  # 심의, holds, transfer bundles, destruction
    # publicity
    STATISTICS = "statistics"
    CASES = "cases"  # to write, review, publish and withdraw what everybody may read
    CASE_HOLD = "case_hold"  # to keep a case out of what the agency sends by itself
    CASE_DRAFTS = "case_drafts"  # to make a case of a closed filing
    ANSWERS = "answers"  # questions left open, and answers to them
    NEWSLETTERS = "newsletters"  # to make what is sent to everybody who asked
    NEWSLETTERS_APPROVE = "newsletters_approve"  # to be the second person for it (S9)
    # oneself
    SELF = "self"


N, OWN, UNIT, CONFIRMED, ALL = Scope.NONE, Scope.OWN, Scope.UNIT, Scope.CONFIRMED, Scope.ALL

_TABLE: Mapping[Right, tuple[Scope, ...]] = {
    #          intake unit_m auditor unit_h  audit_head chief examiner admin inspector editor
    Right.QUEUE: (ALL, N, OWN, N, CONFIRMED, CONFIRMED, CONFIRMED, N, CONFIRMED, N),
    Right.OPEN: (ALL, N, OWN, N, CONFIRMED, N, N, N, CONFIRMED, N),
    Right.CONTENT: (ALL, N, OWN, N, CONFIRMED, N, N, N, N, N),
    Right.ACT: (ALL, N, OWN, N, CONFIRMED, N, N, N, N, N),
    Right.ASSIGN: (ALL, N, N, N, CONFIRMED, N, N, N, N, N),
    Right.URGE: (N, N, N, N, N, N, CONFIRMED, N, N, N),
    Right.IDENTITY: (N, N, OWN, N, CONFIRMED, N, N, N, N, N),
    Right.ORIGINAL: (ALL, N, OWN, N, CONFIRMED, N, N, N, N, N),
    Right.PRINT: (ALL, N, OWN, N, CONFIRMED, N, N, N, N, N),
    Right.UNREDACTED: (N, N, OWN, N, CONFIRMED, N, N, N, N, N),
    Right.SEARCH: (ALL, N, OWN, N, CONFIRMED, N, N, N, N, N),
    Right.EXPORT: (N, N, N, N, CONFIRMED, N, N, N, N, N),
    Right.HANDOVER: (ALL, N, N, N, CONFIRMED, N, N, N, N, N),
    Right.WRITE_IN: (ALL, N, OWN, N, CONFIRMED, N, N, N, N, N),
    Right.CALLERS: (ALL, N, OWN, N, CONFIRMED, N, N, N, N, N),
    Right.IMPORT: (ALL, N, N, N, N, N, N, N, N, N),
    Right.TEMPLATES: (N, N, ALL, N, ALL, N, N, N, N, N),
    Right.APPLY: (OWN, OWN, OWN, UNIT, OWN, OWN, OWN, N, N, N),
    Right.FACTS: (N, UNIT, N, N, N, N, N, N, N, N),
    Right.FACTS_SEEN: (N, UNIT, N, UNIT, N, N, N, N, N, N),
    Right.TASKS: (ALL, N, OWN, N, CONFIRMED, N, N, OWN, CONFIRMED, N),
    Right.TASKS_DONE: (ALL, N, OWN, N, CONFIRMED, N, N, OWN, N, N),
    Right.DEPUTIES: (OWN, OWN, OWN, UNIT, UNIT, OWN, OWN, ALL, OWN, OWN),
    Right.CHAINS: (N, N, N, UNIT, ALL, N, N, ALL, N, N),
    Right.APPROVALS: (N, N, OWN, N, ALL, ALL, N, ALL, ALL, ALL),
    Right.USERS: (N, N, N, N, N, N, N, ALL, N, N),
    Right.UNITS: (N, N, N, N, N, N, N, ALL, N, N),
    Right.DAYS: (N, N, N, N, N, N, N, ALL, N, N),
    Right.POSTER: (ALL, N, N, N, N, N, N, ALL, N, ALL),
    Right.PORTAL: (N, N, N, N, N, ALL, N, ALL, N, N),
    Right.CHECKS: (N, N, N, N, CONFIRMED, N, CONFIRMED, N, N, N),
    Right.VALUES: (N, N, N, N, ALL, N, N, N, N, N),
    Right.DATES: (N, N, N, N, ALL, ALL, N, N, N, ALL),
    Right.ACCESS_LOG: (N, N, N, N, N, N, N, N, ALL, N),
    Right.RIGHTS_LOG: (N, N, N, N, N, N, N, N, ALL, N),
    Right.DATA_REQUESTS: (ALL, N, N, N, CONFIRMED, N, N, N, N, N),
    Right.RECORDS: (N, N, N, N, CONFIRMED, N, N, N, N, N),
    Right.STATISTICS: (N, N, N, N, ALL, ALL, ALL, N, N, N),
    Right.CASES: (N, N, ALL, N, ALL, ALL, N, N, N, ALL),
    Right.CASE_HOLD: (N, N, ALL, N, ALL, N, N, N, N, N),
    Right.CASE_DRAFTS: (N, N, OWN, N, CONFIRMED, N, N, N, N, N),
    Right.ANSWERS: (ALL, N, ALL, N, ALL, ALL, N, N, N, ALL),
    Right.NEWSLETTERS: (N, N, N, N, N, N, N, N, N, ALL),
    Right.NEWSLETTERS_APPROVE: (N, N, N, N, N, ALL, N, N, N, ALL),
    Right.SELF: (OWN, OWN, OWN, OWN, OWN, OWN, OWN, OWN, OWN, OWN),
}
"""Columns in the order of `ROLES`."""

RIGHTS: Mapping[Role, Mapping[Right, Scope]] = {
    role: {right: row[place] for right, row in _TABLE.items()} for place, role in enumerate(ROLES)
}

GRAVE: frozenset[Role] = frozenset(
    {"intake", "auditor", "audit_head", "chief", "inspector", "admin", "editor"}
)
"""Roles that nobody is given by one person alone (security S9, S30)."""

STANDING_IN = frozenset(
    {
        Right.QUEUE, Right.OPEN, Right.CONTENT, Right.ACT, Right.ASSIGN, Right.IDENTITY,
        Right.ORIGINAL, Right.PRINT, Right.TASKS, Right.TASKS_DONE,
    }
)  # fmt: skip
"""What reports who stands in for the office has, of those alone that fell to him (S8)."""

IN_ONE = frozenset({"applicant", "approver"})
HERE = IN_ONE | {"asked"}
"""Roles in one filing alone: whose it is, and the unit of which a citizen asks something."""
APPLYING = frozenset({Right.QUEUE, Right.OPEN, Right.CONTENT, Right.ACT, Right.PRINT})
"""What an official may do in what he, or the unit he heads, has filed: `sight.acting` says so."""

ALONE: Mapping[Role, frozenset[str]] = {
    "admin": frozenset({"admin", "editor"}),
    "inspector": frozenset({"inspector"}),
}
"""Roles that stand alone, with what they go with: who lets people in never sees content, who looks
over shoulders never acts. One account with both would be one person where two are wanted."""

_WIDTH = list(Scope)


def together(roles: frozenset[str]) -> frozenset[str]:
    """Give what of several roles counts in one account."""
    for role, along in ALONE.items():
        if role in roles:
            return roles & along
    return roles


def scope(actor: Actor, right: Right) -> Scope:
    """Give how far a right of this official goes: the widest of his roles."""
    mine = [RIGHTS[role][right] for role in ROLES if role in actor.roles]
    if (actor.stands_in or actor.stands_for) and right in STANDING_IN:
        mine.append(Scope.OWN)
    if actor.roles & HERE and right in APPLYING:
        mine.append(Scope.OWN)
    return max(mine, key=_WIDTH.index, default=Scope.NONE)


def may(actor: Actor, *rights: Right) -> bool:
    """Tell whether an official has one of these rights, however far it goes."""
    return any(scope(actor, right) is not Scope.NONE for right in rights)


def roles_with(right: Right, scopes: Iterable[Scope] = ()) -> frozenset[Role]:
    """Name the roles that have a right (of one of `scopes`, when given)."""
    wanted = frozenset(scopes) or frozenset(_WIDTH[1:])
    return frozenset(role for role in ROLES if RIGHTS[role][right] in wanted)
