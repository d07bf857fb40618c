"""From a request to a page and back: session, form, origin, headers.

Pages are plain functions. They run in a thread, because the services are synchronous and the
loop must not wait for a database.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import log as logs
from bot.errors import Overloaded, Refused
from bot.handlers.desk.visit import Knock, Missing, Sent, Unproved, Visit, see
from bot.services import access, barred, rights, views
from bot.services.rights import Right
from knowledge.procedures import NotKnown
from storage.acting import WHO, Acting
from storage.errors import Busy
from storage.unit import Unit

if TYPE_CHECKING:
    from starlette.types import Message

    from bot.handlers.desk.pages import Pages
    from bot.handlers.desk.parts import DeskParts
    from bot.services.base import Actor

log = logs.get("desk")

WORDS_BYTES = 512 * 1024
"""A form without files: ten fields of four thousand signs of Hangul, percent-encoded."""
MOST_FIELDS = 200
MOST_FILES = 10
TOUCH = timedelta(minutes=1)
ABOUT = "/filings/{number}/"
"""Pages that show something of one report."""

Open = Callable[[Knock], Response]
Page = Callable[[Visit], Response]


class _TooLarge(Exception):  # noqa: N818
    pass


class Touches:
    """When each session was last noted as used: once a minute is enough, and kind to the disk."""

    def __init__(self) -> None:
        self._last: dict[bytes, datetime] = {}

    def due(self, token: str, now: datetime) -> bool:
        """Tell whether to note it now. Forgets what is older than the minute it stands for."""
        key = hashlib.sha256(token.encode()).digest()
        last = self._last.get(key)
        if last is not None and abs(now - last) < TOUCH:
            return False
        self._last = {k: at for k, at in self._last.items() if abs(now - at) < TOUCH}
        self._last[key] = now
        return True


@dataclass(frozen=True, slots=True)
class Reception:
    """Makes the routes of pages; `pages` is used here for the pages that say no."""

    parts: "DeskParts"
    pages: "Pages"
    touches: Touches = field(default_factory=Touches)

    def door(self, path: str, work: Open) -> Route:
        """Make a page that needs nobody: sign-in, invitation."""

        async def endpoint(request: Request) -> Response:
            cookie = self.parts.cookie("desk-door")
            known = request.cookies.get(cookie, "")
            token = known or self.parts.svc.random(16).hex()
            knock = Knock(self.parts, request, token, Sent())
            answer = await self._answer(knock, lambda: self._open(knock, work))
            if not known:
                self.parts.set_cookie(answer, "desk-door", token, seconds=None)
            return answer

        return Route(path, endpoint, methods=["GET", "POST"])

    def page(
        self,
        path: str,
        work: Page,
        *needs: Right,
        files: bool = False,
        keeps: bool = False,
        resends: bool = True,
    ) -> Route:
        """Make a page for officials with one of the rights in `needs` (any official without).

        `keeps`: the page shows a form of another session again with what was typed in it.
        `resends`: what was typed in another session is asked about once more and then sent;
        not where it is a secret.
        """
        needs = tuple(Right(one) for one in needs)  # anything else stops the start
        if path.startswith(ABOUT) and not path.endswith("/conflict"):
            work = self._asks_first(work)

        async def endpoint(request: Request) -> Response:
            token = request.cookies.get(self.parts.cookie("desk"), "")
            knock = Knock(self.parts, request, token, Sent())
            return await self._answer(
                knock,
                lambda: self._visit(knock, work, needs, files=files, keeps=keeps, resends=resends),
            )

        return Route(path, endpoint, methods=["GET", "POST"])

    def _asks_first(self, work: Page) -> Page:
        """Send whoever has not said yet how he stands to a report to where he is asked (S8)."""

        def asked(visit: Visit) -> Response:
            number = visit.path("number")
            waits = self.parts.store.read(lambda unit: views.unasked(unit, visit.actor, number))
            return see(f"{self.parts.base}/filings/{waits}") if waits else work(visit)

        return asked

    def nowhere(self) -> Route:
        """Make the answer to every other address: the same as for what one may not see."""

        async def endpoint(request: Request) -> Response:
            token = request.cookies.get(self.parts.cookie("desk"), "")
            knock = Knock(self.parts, request, token, Sent())

            async def missing() -> Response:
                found = await asyncio.to_thread(self._who, knock) if token else None
                known = Visit(self.parts, request, token, Sent(), found[0]) if found else knock
                return self.pages.problem(known, "missing", 404)

            return await self._answer(knock, missing)

        return Route("/{rest:path}", endpoint, methods=["GET", "POST"])

    async def _open(self, knock: Knock, work: Open) -> Response:
        sent = Sent()
        if knock.post:
            sent = await read(knock.request, WORDS_BYTES)
            if not (self._ours(knock.request) and _sealed(knock, sent)):
                return self.pages.problem(knock, "stale", 403)
        return await asyncio.to_thread(work, Knock(self.parts, knock.request, knock.token, sent))

    async def _visit(
        self,
        knock: Knock,
        work: Page,
        needs: tuple[Right, ...],
        *,
        files: bool,
        keeps: bool,
        resends: bool,
    ) -> Response:
        known = await asyncio.to_thread(self._who, knock) if knock.token else None
        if known is None:
            return await self._sign_in_first(knock, keeps=keeps or resends)
        actor, acting = known
        WHO.set(acting)  # of this request's task alone (S7)
        visit = Visit(self.parts, knock.request, knock.token, Sent(), actor)

        async def come() -> Response:
            if needs and not rights.may(actor, *needs):
                raise Missing
            if not visit.post:
                return await asyncio.to_thread(work, visit)
            most = WORDS_BYTES + (MOST_FILES * self.parts.upload_bytes if files else 0)
            return await self._take(visit, work, most, keeps=keeps, resends=resends)

        return await self._answer(visit, come)

    async def _take(
        self, visit: Visit, work: Page, most: int, *, keeps: bool, resends: bool
    ) -> Response:
        """Take a form of at most `most` bytes, if a page of ours and of this session sent it."""
        if not self._ours(visit.request):
            return self.pages.problem(visit, "stale", 403)
        sent = await read(visit.request, most)
        try:
            stale = not _sealed(visit, sent)
            whole = Visit(self.parts, visit.request, visit.token, sent, visit.actor, stale=stale)
            if stale and not keeps:
                if resends and sent.typed():
                    return self.pages.kept(whole)
                return self.pages.problem(visit, "stale", 403)
            return await self._answer(whole, lambda: asyncio.to_thread(work, whole))
        finally:
            for file in (one for several in sent.files.values() for one in several):
                await file.close()

    async def _answer(self, knock: Knock, work: Callable[[], Awaitable[Response]]) -> Response:
        """Turn what may go wrong into a page that says so, never with its details."""
        try:
            answer = await work()
        except Missing:
            answer = self.pages.problem(knock, "missing", 404)
        except Unproved as asked:
            answer = await asyncio.to_thread(self.pages.prove, asked)
        except _TooLarge:
            answer = self.pages.problem(knock, "too_large", 413)
        except HTTPException as error:  # a form that is no form
            answer = self.pages.problem(knock, "malformed", error.status_code)
        except (Overloaded, Busy, NotKnown) as error:
            answer = self.pages.problem(knock, "busy", 503)
            answer.headers["Retry-After"] = str(getattr(error, "retry_after", 5))
        except Refused as error:
            answer = self.pages.refused(knock, error)
        except Exception:
            # A bug of ours: the person gets a number, the log the place, neither the details.
            number = self.parts.svc.random(4).hex()
            log.exception("desk.broken", number=number)
            answer = self.pages.broken(knock, number)
        return answer

    def _who(self, knock: Knock) -> "tuple[Actor, Acting] | None":
        svc, store, token = self.parts.svc, self.parts.store, knock.token

        def look(unit: Unit) -> "tuple[Actor, Acting] | None":
            actor = access.session(svc, unit, token, knock.network)
            if actor is None or actor.user_id is None:
                return None
            return actor, barred.behind_the_wall(unit, actor.user_id)

        known = store.read(look)
        if known is not None and self.touches.due(token, svc.now()):
            store.transact(
                lambda unit: access.touch(svc, unit, token), f"touch:{svc.random(16).hex()}"
            )
        return known

    async def _sign_in_first(self, knock: Knock, *, keeps: bool) -> Response:
        request = knock.request
        if knock.post and keeps and self._ours(request):
            sent = await read(request, WORDS_BYTES)
            if sent.typed():
                return self.pages.kept(Knock(self.parts, request, knock.token, sent))
        if not knock.post and request.headers.get("sec-fetch-site") == "cross-site":
            # SameSite=Strict: a link in a mail arrives without our cookie. Asking once more,
            # from our own page, brings it along.
            answer = self.pages.again(knock)
            answer.headers["Refresh"] = "0"
            return answer
        if knock.post:
            return self.pages.problem(knock, "signed_out", 401)
        inside = request.url.path.removeprefix(self.parts.base)
        return see(f"{self.parts.base}/sign-in?next={inside}")

    def _ours(self, request: Request) -> bool:
        """Tell whether a form was sent by a page of ours.

        Under `Referrer-Policy: no-referrer` browsers send `Origin: null` with a form; then
        Sec-Fetch-Site, which no page can forge, is the witness. With neither: no.
        """
        origin = request.headers.get("origin", "null")
        site = request.headers.get("sec-fetch-site")
        if site is not None and site != "same-origin":
            return False
        if origin != "null":
            return origin in self.parts.origins(request.headers.get("host", ""))
        return site == "same-origin"


def _sealed(knock: Knock, sent: Sent) -> bool:
    return hmac.compare_digest(sent.get("seal").encode(), knock.seal.encode())


async def read(request: Request, most: int) -> Sent:
    """Read a form of at most `most` bytes; raises `_TooLarge` as soon as more has come."""
    read_so_far = 0
    receive = request.receive

    async def counted() -> "Message":
        nonlocal read_so_far
        message = await receive()
        read_so_far += len(message.get("body", b""))
        if read_so_far > most:
            raise _TooLarge
        return message

    bounded = Request(request.scope, counted)
    form = await bounded.form(
        max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=WORDS_BYTES
    )
    words: dict[str, tuple[str, ...]] = {}
    files: dict[str, tuple[UploadFile, ...]] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                files[name] = (*files.get(name, ()), value)
            else:  # a field for files in which none was chosen
                await value.close()
        else:
            clean = value.replace("\r\n", "\n").replace("\0", "")
            words[name] = (*words.get(name, ()), clean)
    return Sent(words, files)
