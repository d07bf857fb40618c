"""What somebody uploaded and looked at, kept sealed for an hour until he presses again."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.errors import Refused
from bot.services.base import Actor, Desk
from bot.services.sessions import new_secret
from storage.repositories import tickets
from storage.unit import Unit

HOUR = timedelta(hours=1)


def keep(svc: Desk, unit: Unit, actor: Actor, kind: str, told: Mapping[str, Any]) -> str:
    """Keep JSON values for this official; what he had kept of this kind before is gone."""
    secret, now = new_secret(svc), svc.now()
    detail = json.dumps(told, ensure_ascii=False).encode()
    tickets.cancel(unit, kind, user_id=actor.user_id)
    tickets.add(unit, secret, kind, now, now + HOUR, user_id=actor.user_id, detail=detail)
    return secret


def kept(svc: Desk, unit: Unit, actor: Actor, kind: str, secret: str) -> dict[str, Any]:
    """Give it back to him. Raises `Refused` staff.gone: an hour is over, or it was used."""
    found = tickets.find(unit, secret, kind)
    alive = found is not None and found.used_at is None and found.expires_at > svc.now()
    if found is None or not alive or found.user_id != actor.user_id:
        raise Refused("staff.gone")
    told: dict[str, Any] = json.loads(found.detail)
    return told


def used(svc: Desk, unit: Unit, kind: str, secret: str) -> None:
    """Use it up with what is carried out."""
    tickets.use(unit, secret, kind, svc.now())
