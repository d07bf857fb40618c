"""Pages of the news by e-mail: to sign up, and what the links in its letters open.

A link is followed by machines too (mail scanners, previews), so GET changes nothing and shows a
button; POST does it. To stop is open to everybody who has the link, from anywhere, without a
cookie: mail programs press it for their readers (RFC 8058).
"""

from asyncio import to_thread
from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from bot.errors import Refused
from bot.handlers.chat.files import Sent, read_form
from bot.handlers.chat.parts import WebParts
from bot.handlers.chat.problems import Trouble
from bot.handlers.chat.readers import Reader, Typed
from bot.handlers.chat.scenery import Page, Scenery
from bot.handlers.chat.talk import Conversations
from bot.handlers.news_choices import choices, named
from bot.services.news_archive import Line
from knowledge import subjects

LONGEST = 400
"""Signs of what is typed into the field of an address; an address has 254 at most."""
LATEST = 3
"""Issues that show what one would get."""
WAIT = 600  # seconds that somebody is asked to wait who signs up too often
NOINDEX: Mapping[str, str] = {"x-robots-tag": "noindex, nofollow"}


def pages(
    parts: WebParts, scenery: Scenery, talks: Conversations
) -> list[tuple[str, Page, list[str]]]:
    """Give the pages that only our own forms may send to."""
    page = _News(parts, scenery, talks)
    return [
        ("/news", page.begin, ["GET"]),
        ("/news", page.sign_up, ["POST"]),
        ("/news/confirm/{token}", page.ask_to_confirm, ["GET"]),
        ("/news/confirm/{token}", page.confirm, ["POST"]),
        ("/news/mine/{token}", page.mine, ["GET"]),
        ("/news/mine/{token}", page.choose, ["POST"]),
        ("/news/stop/{token}", page.ask_to_stop, ["GET"]),
    ]


def open_pages(
    parts: WebParts, scenery: Scenery, talks: Conversations
) -> list[tuple[str, Page, list[str]]]:
    """Give what anybody may send to who has the link."""
    return [("/news/stop/{token}", _News(parts, scenery, talks).stop, ["POST"])]


class _News:
    def __init__(self, parts: WebParts, scenery: Scenery, talks: Conversations) -> None:
        self._parts = parts
        self._scenery = scenery
        self._talks = talks

    # Signing up

    async def begin(self, request: Request) -> Response:
        """Show the form."""
        lang = self._scenery.lang(request)
        usual = Typed(subjects.USUAL, (), (), lang)
        issues = await to_thread(self._parts.back.book.issues, 0, LATEST)
        return self._form(request, "", usual, {}, issues)

    async def sign_up(self, request: Request) -> Response:
        """Take an address; whatever is known of it, the answer is the same."""
        sent = await read_form(request, self._parts.limits)
        typed, address = _typed(sent), sent.get("email")[:LONGEST]
        if sent.get("agree") != "yes":
            return self._form(request, address, typed, {"agree": "web.news.wrong_agree"})
        network = self._talks.network(request)
        self._talks.rates.check(f"news:{network}", self._parts.limits.looks)
        try:
            lang = self._scenery.lang(request)
            await to_thread(self._parts.back.readers.sign_up, address, typed, network, lang)
        except Refused as refused:
            if refused.key == "subscribing.often":
                raise Trouble("too_many", WAIT) from refused
            where = "kinds" if refused.key == "subscribing.nothing" else "email"
            return self._form(request, address, typed, {where: refused.key})
        return self._said(request, "sent")

    def _form(
        self,
        request: Request,
        address: str,
        typed: Typed,
        wrong: Mapping[str, str],
        issues: Sequence[Line] = (),
    ) -> Response:
        consent = self._scenery.spans(self._scenery.lang(request))(
            self._parts.back.readers.consent()
        )
        values = {
            "address": address,
            "wrong": wrong,
            "issues": issues,
            "consent": consent,
            **choices(typed.kinds, typed.fields, typed.regions, typed.lang),
        }
        return self._scenery.draw(request, "news", values, 422 if wrong else 200)

    # What a link opens

    async def ask_to_confirm(self, request: Request) -> Response:
        """Show the button that begins it."""
        one = await self._opened(request)
        said = {"on": "on", "off": "over"}.get(one.state if one else "")
        if one is None or said:
            return self._lost(request) if one is None else self._said(request, said or "")
        return self._press(request, "confirm")

    async def confirm(self, request: Request) -> Response:
        """Begin it."""
        one = await to_thread(self._parts.back.readers.confirm, _token(request))
        if one is None:
            return self._lost(request)
        return self._said(request, "over" if one.state == "off" else "on")

    async def ask_to_stop(self, request: Request) -> Response:
        """Show the button that ends it."""
        one = await self._opened(request)
        if one is None:
            return self._lost(request)
        return (
            self._said(request, "stopped") if one.state == "off" else self._press(request, "stop")
        )

    async def stop(self, request: Request) -> Response:
        """End it, whoever sent the form and whatever stands in it; 200 and no way elsewhere."""
        one = await to_thread(self._parts.back.readers.stop, _token(request))
        return self._lost(request) if one is None else self._said(request, "stopped")

    async def mine(self, request: Request) -> Response:
        """Show what somebody gets."""
        one = await self._opened(request)
        return self._lost(request) if one is None else self._mine(request, one)

    async def choose(self, request: Request) -> Response:
        """Change it, or go on with it."""
        sent = await read_form(request, self._parts.limits)
        readers, token = self._parts.back.readers, _token(request)
        typed = _typed(sent)
        try:
            if sent.get("do") == "renew":
                one, done = await to_thread(readers.renew, token), "renewed"
            else:
                one, done = await to_thread(readers.choose, token, typed), "saved"
        except Refused as refused:
            one = await self._opened(request)
            if one is None or one.state == "off":
                return self._said(request, "over")
            return self._mine(request, one, typed=typed, wrong={"kinds": refused.key})
        return self._lost(request) if one is None else self._mine(request, one, done=done)

    def _mine(
        self,
        request: Request,
        one: Reader,
        *,
        done: str = "",
        typed: Typed | None = None,
        wrong: Mapping[str, str] | None = None,
    ) -> Response:
        if one.state == "off":
            return self._said(request, "over")
        wish = one.wish
        shown = typed or Typed(wish.kinds, wish.fields, wish.regions, wish.lang)
        values = {
            "token": _token(request), "state": one.state, "asked": one.asked, "done": done,
            "wrong": wrong or {}, **choices(shown.kinds, shown.fields, shown.regions, shown.lang),
        }  # fmt: skip
        return self._hidden(
            self._scenery.draw(request, "news_mine", values, 422 if wrong else 200)
        )

    async def _opened(self, request: Request) -> Reader | None:
        return await to_thread(self._parts.back.readers.look, _token(request))

    def _press(self, request: Request, what: str) -> Response:
        values = {"what": what, "token": _token(request)}
        return self._hidden(self._scenery.draw(request, "news_press", values))

    def _said(self, request: Request, what: str) -> Response:
        return self._hidden(self._scenery.draw(request, "news_said", {"said": what}))

    def _lost(self, request: Request) -> Response:
        return self._hidden(self._scenery.draw(request, "news_said", {"said": "lost"}, 404))

    @staticmethod
    def _hidden(answer: Response) -> Response:
        answer.headers.update(NOINDEX)
        return answer


def _token(request: Request) -> str:
    return str(request.path_params["token"])


def _typed(sent: Sent) -> Typed:
    return Typed(
        sent.all("kind"),
        named("fields", sent.all("field")),
        named("regions", sent.all("region")),
        sent.get("lang"),
    )
