"""Everything that is kept about oneself, to take away (개인정보 보호법 제35조): JSON or PDF.

Only from the conversation's own cookie, by a form of our own page; nothing of it is stored
anywhere on the way (Cache-Control: no-store), and the address says nothing.
"""

import json
from asyncio import to_thread
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bot.dialogs.replies import Phrase
from bot.documents import letters
from bot.documents.letters import Letter
from bot.handlers.chat.files import read_form
from bot.handlers.chat.parts import WebParts
from bot.handlers.chat.problems import Trouble
from bot.handlers.chat.scenery import Page, Scenery
from bot.handlers.chat.talk import Conversations
from bot.locale import Texts
from bot.services.base import state_of
from knowledge.calendar import seoul_day


def pages(
    parts: WebParts, scenery: Scenery, talks: Conversations
) -> list[tuple[str, Page, list[str]]]:
    """Give the page."""
    mine = _Mine(parts, scenery, talks)
    return [("/mine", mine.show, ["GET"]), ("/mine", mine.give, ["POST"])]


class _Mine:
    def __init__(self, parts: WebParts, scenery: Scenery, talks: Conversations) -> None:
        self._parts = parts
        self._scenery = scenery
        self._talks = talks

    async def show(self, request: Request) -> Response:
        """Say what the files hold, and offer them."""
        return self._scenery.draw(request, "mine", {"page": "mine"})

    async def give(self, request: Request) -> Response:
        """Hand the file over, or end the news of this conversation."""
        sent = await read_form(request, self._parts.limits)
        conversation = await self._talks.open(request)
        if conversation is None or conversation.peer_id is None or not conversation.by_cookie:
            raise Trouble("unknown")
        self._talks.rates.check(conversation.address, self._parts.limits.looks)
        if sent.get("do") == "news_stop":
            await to_thread(self._parts.back.readers.stop_here, conversation.peer_id)
            return self._scenery.draw(request, "news_said", {"said": "stopped"})
        data = await to_thread(self._parts.back.mine, conversation.peer_id)
        if sent.get("format") == "pdf":
            paper = await to_thread(letters.pdf, self._letter(request, data))
            return _file(paper, "application/pdf", "my-data.pdf")
        text = json.dumps(data, ensure_ascii=False, indent=2).encode()
        return _file(text, "application/json", "my-data.json")

    def _letter(self, request: Request, data: Mapping[str, Any]) -> Letter:
        lang = self._scenery.lang(request)
        day = seoul_day(self._parts.now())

        told = self._parts.say(lang)

        def say(key: str, **params: str) -> str:
            return told(Phrase(key, params))

        return Letter(
            agency=self._scenery.own("agency", lang),
            title=say("web.mine.title"),
            number="",
            date=say("letter.day", day=day.isoformat()),
            issued=day.isoformat(),
            paragraphs=[
                say("web.mine.text"),
                *(told(one) for one in _lines(self._parts.texts, data)),
            ],
            labels=say("letter.labels", number_name="", day_name=say("letter.sent")).split("|"),
            lang=lang,
        )


def _lines(texts: Texts, data: Mapping[str, Any]) -> Iterator[Phrase]:
    """Give what is there in words, a line each; a draft's own words stand in the conversation."""
    yield _line("channel", name=Phrase(f"web.handover.channel_{data['channel']}"))
    if data["name"]:
        yield _line("name", name=data["name"])
    yield _line("lang", name=Phrase(f"web.{data['lang']}"))
    yield _line("since", at=data["since"])
    for one in data["consents"]:
        key = "consent_over" if one["withdrawn"] else "consent"
        yield _line(
            key, given=one["given"], withdrawn=one["withdrawn"] or "",
        )  # fmt: skip
    if data["news"]:
        yield _line("news", at=data["news"]["since"])
    yield Phrase("talk.data.draft_yes" if data["draft"] else "talk.data.draft_no")
    for one in data["filings"]:
        state = state_of(texts, one["procedure"], one["state"])
        who = Phrase(f"web.mine.line.identity_{one['identity']}")
        yield _line("filing", number=one["number"], at=one["arrived"], state=state, who=who)
    if not data["filings"]:
        yield Phrase("talk.data.no_filings")


def _line(key: str, /, **params: Any) -> Phrase:
    return Phrase(f"web.mine.line.{key}", params)


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(
        content,
        media_type=kind,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
