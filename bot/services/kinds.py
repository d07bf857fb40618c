"""Everything that takes two persons, made known: a process without the desk carries it out too.

Each of these registers its kinds with `approvals` when it is imported.
"""

from bot.services import accounts, disposals, oidc, printing
from bot.services.approvals import KINDS

__all__ = ["KINDS", "REGISTERED"]

REGISTERED = (accounts, disposals, oidc, printing)
