"""What Slack says of our officials' accounts and of the audit office's room, looked at daily.

An account that was switched off, made a guest or taken away ends its link; a room that others can
read is told nothing (security S29). What Slack does not say changes nothing: the services let an
unlooked-at account rest after a day.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from slack_sdk.errors import SlackApiError, SlackClientError

from bot import log
from bot.handlers.slack.asking import Json, Place
from bot.handlers.slack.client import Client, TooMany
from bot.handlers.slack.sockets import unless
from bot.handlers.slack.verdicts import error_of
from bot.handlers.slack.work import Work
from bot.services import linking, rooms
from storage.errors import Busy
from storage.repositories import heartbeats
from storage.unit import Unit

_log = log.get(__name__)

DUE: Final = timedelta(hours=8)
"""Looked at thrice a day: two looks may fail before an account rests (`linking.LOOK`)."""

EVERY: Final = 600.0
"""Seconds between two searches for what is due."""

BETWEEN: Final = 1.0
"""Seconds between two questions: `users.info` allows a hundred a minute
(docs.slack.dev/reference/methods/users.info, tier 4)."""

UNKNOWN: Final = frozenset({"user_not_found", "user_not_visible"})
NO_ROOM: Final = frozenset({"channel_not_found", "is_archived", "not_in_channel"})
SHARED: Final = ("is_ext_shared", "is_pending_ext_shared", "is_shared", "is_org_shared")
READS: Final = frozenset({"guest", "external"})
"""Who is in a room and must not be; an account that was switched off reads nothing."""

MOST_MEMBERS: Final = 60
"""More than these is no audit office's room, and more than Slack lets us ask for in a minute."""


class Unsaid(Exception):  # noqa: N818 - says what is known
    """Slack did not say how it stands. `own`: it was Slack that said no, by this name."""

    def __init__(self, known: str, *, own: bool) -> None:
        super().__init__(known)
        self.own = own


@dataclass(frozen=True, slots=True)
class Us:
    """Who we are at Slack, and what we may do; no scopes where nobody says."""

    team: str
    user: str
    scopes: frozenset[str]


async def ourselves(client: Client) -> Us:
    """Ask Slack who we are. Raises `Unsaid`."""
    try:
        me = await client.auth_test()
    except SlackClientError as error:
        raise _unsaid(error) from None
    given = str(me.headers.get("x-oauth-scopes") or "")
    scopes = frozenset(one.strip() for one in given.split(",") if one.strip())
    return Us(str(me.get("team_id") or ""), str(me.get("user_id") or ""), scopes)


@dataclass(slots=True)
class Looks:
    """Asks Slack, and tells the services what it said. `room` is "" without one."""

    client: Client
    place: Place
    room: str
    work: Work
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    bot: str = ""
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, stop: asyncio.Event) -> None:
        """Look at what is due, until `stop`."""
        while not stop.is_set():
            try:
                await self.once(stop)
            except Busy:
                _log.info("slack_look_put_off")
            except Exception as error:  # noqa: BLE001 - the next look comes in ten minutes
                _log.error("slack_look_failed", exc_info=error)
            if not stop.is_set():
                await unless(stop, self.pause(EVERY))

    async def once(self, stop: asyncio.Event | None = None) -> None:
        """Look at every account and the room that nobody has looked at for long."""
        now = self.work.svc.now()
        accounts, room = await self.work.look(lambda unit: (linking.watched(unit), _age(unit)))
        for one in accounts:
            if one.account != self.place.account or now - one.checked_at < DUE:
                continue
            if stop is not None and stop.is_set():
                return
            await self.official(one.user_id, one.address)
            await self.pause(BETWEEN)
        if self.room and (room is None or room > DUE.total_seconds()):
            await self.look_at_room()

    async def official(self, user_id: int, address: str) -> None:
        """Look at an official's account and say what Slack says of it."""
        try:
            why = await why_not(self.client, self.place, address)
        except Unsaid:
            return
        await self.tell(user_id, why)

    async def tell(self, user_id: int, why: str | None) -> None:
        """Note how an account stands: `why` it is not whole, None when it is."""
        svc = self.work.svc
        if why is None:
            await self.work.do(lambda unit: linking.whole(svc, unit, user_id), None)
        else:
            await self.work.do(lambda unit: linking.broken(svc, unit, user_id, why), None)
            _log.warning("slack_link_ended", why=why)

    async def look_at_room(self) -> None:
        """Find out who can read the room, and say whether it is clean."""
        svc = self.work.svc
        async with self._looking:
            try:
                found = await standing(
                    self.client, self.place, self.room, await self._me(), self.pause
                )
            except Unsaid:
                return
        told: Mapping[str, Callable[[Any, Unit], None]] = {
            "clean": rooms.note_clean, "dirty": rooms.note_dirty, "gone": rooms.note_gone,
        }  # fmt: skip
        await self.work.do(lambda unit: told[found](svc, unit), None)
        if found != "clean":
            _log.warning("slack_room_not_clean", found=found)

    async def _me(self) -> str:
        if not self.bot:
            self.bot = (await ourselves(self.client)).user
        return self.bot


async def why_not(client: Client, place: Place, address: str) -> str | None:
    """Ask why an account is not whole; None: it is. Raises `Unsaid`."""
    try:
        answer = await client.users_info(user=address)
    except SlackClientError as error:
        if isinstance(error, SlackApiError) and error_of(error) in UNKNOWN:
            return "gone"
        raise _unsaid(error) from None
    return place.why_not(answer.get("user") or {})


async def standing(
    client: Client,
    place: Place,
    room: str,
    bot: str,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> str:
    """Tell whether a room is clean, dirty or gone; `bot` is ourselves. Raises `Unsaid`."""
    try:
        told: Json = (await client.conversations_info(channel=room, include_num_members=True)).get(
            "channel"
        ) or {}
        if told.get("is_archived"):
            return "gone"
        private = told.get("is_private") and not any(told.get(name) for name in SHARED)
        if not private or int(told.get("num_members") or 0) > MOST_MEMBERS:
            return "dirty"
        for member in await _members(client, room, bot):
            if await why_not(client, place, member) in READS:
                return "dirty"
            await pause(BETWEEN)
    except SlackClientError as error:
        if isinstance(error, SlackApiError) and error_of(error) in NO_ROOM:
            return "gone"
        raise _unsaid(error) from None
    return "clean"


async def _members(client: Client, room: str, bot: str) -> list[str]:
    """Name everybody in the room but ourselves."""
    found: list[str] = []
    cursor = ""
    while True:
        page = await client.conversations_members(
            channel=room, limit=MOST_MEMBERS, cursor=cursor or None
        )
        found += [str(one) for one in page.get("members") or ()]
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor or len(found) > MOST_MEMBERS:
            return [one for one in found if one != bot]


def _unsaid(error: SlackClientError) -> Unsaid:
    known = error_of(error) if isinstance(error, SlackApiError) else type(error).__name__
    _log.warning("slack_look_unsaid", kind=known, many=isinstance(error, TooMany))
    return Unsaid(known, own=isinstance(error, SlackApiError))


def _age(unit: Unit) -> float | None:
    return heartbeats.ages(unit).get(heartbeats.ROOM)
