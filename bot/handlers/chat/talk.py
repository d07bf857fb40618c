"""A conversation: its secret, who may use it, and one turn of it."""

import hashlib
import re
from asyncio import to_thread
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from bot.channel import Inbound
from bot.dialogs.events import Event
from bot.errors import Conflict, Overloaded
from bot.handlers.chat.guard import Networks, Rates, own_origin
from bot.handlers.chat.parts import ACCOUNT, CHANNEL, WebParts
from bot.handlers.chat.problems import Trouble
from bot.handlers.chat.proofs import Proofs
from bot.receive import Received

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation. `secret` goes to its owner only; we know it by `address`, its hash."""

    secret: str
    address: str
    peer_id: int | None  # None until its first turn is stored
    by_cookie: bool

    @property
    def new(self) -> bool:
        return self.peer_id is None


def address_of(secret: str) -> str:
    """Give the address that a secret opens (hex SHA-256 of its 256 bits)."""
    return hashlib.sha256(secret.encode("ascii")).hexdigest()


class Conversations:
    """Opens conversations and takes their turns; one per process."""

    def __init__(self, parts: WebParts) -> None:
        self.parts = parts
        self.rates = Rates(parts.now)
        self.proofs = Proofs(parts)
        self.networks = Networks(parts.now, parts.random)

    async def open(self, request: HTTPConnection) -> Conversation | None:
        """Give the conversation that a request shows; None when it shows none.

        Raises `Trouble` unknown for one that we do not know, foreign for another site's page.
        """
        shown, by_cookie = self._shown(request)
        if shown is None:
            return None
        if by_cookie and not own_origin(request.headers, self._origins(request)):
            raise Trouble("foreign")
        peer_id = None
        if _SECRET.fullmatch(shown):
            peer_id = await to_thread(self.parts.back.find, address_of(shown))
        if peer_id is None:
            raise Trouble("unknown")
        return Conversation(shown, address_of(shown), peer_id, by_cookie)

    async def open_or_start(self, request: Request) -> Conversation:
        """Give the conversation of a request, or a new one; raises `Trouble` too_many."""
        known = await self.open(request)
        if known is not None:
            self.rates.check(known.address, self.parts.limits.turns)
            return known
        return self.start(request)

    def start(self, request: Request) -> Conversation:
        """Begin a conversation; raises `Trouble` foreign, too_many."""
        if not own_origin(request.headers, self._origins(request)):
            raise Trouble("foreign")
        self.rates.check("new:" + self.network(request), self.parts.limits.starts)
        return self.fresh()

    def fresh(self) -> Conversation:
        """Make a conversation that nobody knows yet: 256 random bits."""
        secret = urlsafe_b64encode(self.parts.random(32)).rstrip(b"=").decode("ascii")
        return Conversation(secret, address_of(secret), None, by_cookie=True)

    def network(self, request: HTTPConnection) -> str:
        """Name the network a request came from, for counting only."""
        return self.networks.name(request.client.host if request.client else None)

    async def turn(
        self, conversation: Conversation, call: str, body: bytes, event: Event, lang: str,
        *, pages: bool, proof: str = "",
    ) -> Received:  # fmt: skip
        """Take one turn. `call` is the client's id of it, `body` what a repeat must equal.

        Raises `Trouble` conflict, overloaded; crowded (with a proof of work to do, S34).
        """
        inbound = Inbound(
            channel=CHANNEL,
            account=ACCOUNT,
            address=conversation.address,
            update_id=call,
            body=body,
            event=event,
            at=self.parts.now(),
            lang=lang,
            pages=pages,
            proved=self.proofs.read(proof) if proof else "",
        )
        try:
            return await self.parts.talk.receive(inbound)
        except Conflict as conflict:
            raise Trouble("conflict") from conflict
        except Overloaded as overloaded:
            if overloaded.crowd:
                more = {"proof": self.proofs.ask()}
                raise Trouble("crowded", overloaded.retry_after, more) from overloaded
            raise Trouble("overloaded", retry_after=overloaded.retry_after) from overloaded

    async def show(self, conversation: Conversation, lang: str) -> Received:
        """Give what stands open now; changes nothing."""
        try:
            return await self.parts.talk.show(CHANNEL, ACCOUNT, conversation.address, lang)
        except Overloaded as overloaded:
            raise Trouble("overloaded", retry_after=overloaded.retry_after) from overloaded

    def remember(self, answer: Response, conversation: Conversation) -> None:
        """Set the cookie; each turn renews it, so that it lives as long as the draft."""
        answer.set_cookie(
            self.parts.cookie,
            conversation.secret,
            max_age=self.parts.draft_days * 86400,
            path="/",
            secure=self.parts.secure,
            httponly=True,
            samesite="strict",
        )

    def forget(self, answer: Response) -> None:
        """Take the cookie away: this device knows the conversation no more."""
        answer.delete_cookie(
            self.parts.cookie, path="/", secure=self.parts.secure, httponly=True, samesite="strict"
        )

    def _origins(self, request: HTTPConnection) -> frozenset[str]:
        return self.parts.origins(request.headers.get("host", ""))

    def _shown(self, request: HTTPConnection) -> tuple[str | None, bool]:
        bearer = request.headers.get("authorization")
        if bearer is not None:
            kind, _, secret = bearer.partition(" ")
            return (secret.strip() if kind.lower() == "bearer" else ""), False
        return request.cookies.get(self.parts.cookie), True
