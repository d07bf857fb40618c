"""Everything that takes two persons, made known: a process without the desk carries it out too.

Each of these registers its kinds with `approvals` when it is imported; `case_returns` looks after
every move.
"""

from bot.services import accounts, broadcast_approvals, case_returns, disposals, oidc, printing
from bot.services.approvals import KINDS

__all__ = ["KINDS", "REGISTERED"]

REGISTERED = (accounts, broadcast_approvals, case_returns, disposals, oidc, printing)
