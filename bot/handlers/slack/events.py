"""What Slack tells us by itself: accounts that change, rooms that go, the app taken away.

Each is done once by its `event_id` and confirmed after the commit; what was not confirmed Slack
tells again three times (docs.slack.dev/apis/events-api).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from bot import log
from bot.handlers.slack.asking import Json, Place
from bot.handlers.slack.looks import Looks
from bot.handlers.slack.work import Work
from bot.services import linking, rooms
from storage.unit import Unit

_log = log.get(__name__)

ROOM_GONE: Final = frozenset({
    "channel_deleted", "channel_archive", "channel_left",
    "group_deleted", "group_archive", "group_left",
})  # fmt: skip
ROOM_MOVED: Final = frozenset({
    "member_joined_channel", "member_left_channel", "channel_shared", "channel_unshared",
    "channel_unarchive", "group_unarchive",
})  # fmt: skip
ACCOUNT: Final = "user_change"
HOME: Final = "app_home_opened"
OURS_GONE: Final = frozenset({"app_uninstalled", "tokens_revoked"})
SUBSCRIBED: Final = tuple(sorted(ROOM_GONE | ROOM_MOVED | OURS_GONE | {ACCOUNT, HOME}))
"""What the app's manifest asks to be told."""


@dataclass(frozen=True, slots=True)
class Events:
    """`opened` is told who looks at the Home tab, and the `hash` of what stands there."""

    place: Place
    room: str
    work: Work
    looks: Looks
    opened: Callable[[str, str], Awaitable[None]]

    async def take(self, body: Json) -> None:
        """Do what an event asks for; raises `Busy`, and any bug, while it should come again."""
        event = body.get("event")
        kind = event.get("type") if isinstance(event, dict) else None
        if not isinstance(event, dict) or kind not in SUBSCRIBED or not self.place.here(body):
            _log.info("slack_event_not_ours")
            return
        _log.info("slack_event", kind=kind)
        if kind == HOME:
            await self._home(event)
        elif kind == ACCOUNT:
            await self._account(event.get("user") or {}, body)
        elif kind in OURS_GONE:
            await self._let_go(event, body)
        elif self.room and _channel(event) == self.room:
            await self._moved(event, body)

    async def _home(self, event: Json) -> None:
        if event.get("tab") == "home" and event.get("user"):
            seen = (event.get("view") or {}).get("hash") or ""
            self.work.later(self.opened(str(event["user"]), str(seen)))

    async def _account(self, user: Json, body: Json) -> None:
        svc, address = self.work.svc, str(user.get("id") or "")
        why = self.place.why_not(user)

        def note(unit: Unit) -> bool:
            known = linking.user_of(svc, unit, self.place.account, address)
            if known is None:
                return False
            if why is None:
                linking.whole(svc, unit, known)
                return False
            return linking.broken(svc, unit, known, why)

        if await self._once(note, body):
            self.work.later(self.opened(address, ""))  # nothing stands there any more

    async def _let_go(self, event: Json, body: Json) -> None:
        svc = self.work.svc
        # The tokens of a person who had let the app act for him are nothing to us.
        if event["type"] == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
            return
        _log.warning("slack_app_gone")
        await self._once(lambda unit: linking.app_gone(svc, unit), body)

    async def _moved(self, event: Json, body: Json) -> None:
        """Say nothing in the room until it is known who reads it now."""
        svc, kind = self.work.svc, event["type"]
        if kind in ROOM_GONE or (kind == "member_left_channel" and _is_bot(event, body)):
            await self._once(lambda unit: rooms.note_gone(svc, unit), body)
            return
        await self._once(lambda unit: rooms.note_dirty(svc, unit), body)
        self.work.later(self.looks.look_at_room())

    async def _once(self, work: Callable[[Unit], Any], body: Json) -> Any:
        name = f"slack:{self.place.account}:event:{body.get('event_id') or ''}"
        return await self.work.do(work, name, again=lambda _unit: None)


def _channel(event: Json) -> str:
    named = event.get("channel")
    return str(named.get("id") if isinstance(named, dict) else named or "")


def _is_bot(event: Json, body: Json) -> bool:
    ours = {one.get("user_id") for one in body.get("authorizations") or () if one.get("is_bot")}
    return event.get("user") in ours
