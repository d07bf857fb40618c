"""Who speaks to us from Slack, and from where: read from a payload, pure.

Ids of people are unique within one workspace only, and a shared channel brings people of another
one (security S29): the workspace the app stands in and the person's own must both be ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asker:
    """A person at our own workspace. `account` is the workspace as our settings name it."""

    account: str
    user: str


@dataclass(frozen=True, slots=True)
class Place:
    """Our workspace: `T…`, below its enterprise where there is one."""

    account: str

    @property
    def enterprise(self) -> str:
        return self.account.rpartition(":")[0]

    @property
    def team(self) -> str:
        return self.account.rpartition(":")[2]

    def asker(self, body: Json) -> Asker | None:
        """Give who sent a command or pressed something; None for anybody of elsewhere."""
        user = body.get("user")
        person = user if isinstance(user, dict) else {"id": body.get("user_id")}
        name = str(person.get("id") or "")
        if not name or not self.here(body) or not self._own(str(person.get("team_id") or "")):
            return None
        return Asker(self.account, name)

    def here(self, body: Json) -> bool:
        """Tell whether a payload comes from our workspace."""
        team, enterprise = _team(body)
        if not self.enterprise:
            return team == self.team and not enterprise
        return team == self.team and enterprise in {"", self.enterprise}

    def why_not(self, user: Json) -> str | None:
        """Say why an account is not whole, by what `users.info` tells of it; None: it is."""
        if user.get("deleted"):
            return "deactivated"
        if user.get("is_restricted") or user.get("is_ultra_restricted"):
            return "guest"
        if user.get("is_stranger") or user.get("is_bot") or not self._member(user):
            return "external"
        return None

    def _member(self, user: Json) -> bool:
        # In an enterprise a colleague's first workspace may be another one.
        whole = user.get("enterprise_user") or {}
        above = str(whole.get("enterprise_id") or "")
        known = str(user.get("team_id") or "")
        return known == self.team or (bool(self.enterprise) and above == self.enterprise)

    def _own(self, team: str) -> bool:
        return team in {"", self.team} or (bool(self.enterprise) and team == self.enterprise)


def _team(body: Json) -> tuple[str, str]:
    """Give the workspace and the enterprise of a payload, "" for what it does not say."""
    team, enterprise = body.get("team"), body.get("enterprise")
    named = team if isinstance(team, dict) else {}
    above = enterprise if isinstance(enterprise, dict) else {}
    first = next(iter(body.get("authorizations") or ()), None) or {}
    return (
        str(body.get("team_id") or named.get("id") or ""),
        str(
            body.get("enterprise_id")
            or above.get("id")
            or named.get("enterprise_id")
            or first.get("enterprise_id")
            or ""
        ),
    )
