"""Published answers as public JSON: all of them, or what answers a question."""

from asyncio import to_thread
from typing import Annotated

from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict

from bot.handlers.chat.calls import Letters
from bot.handlers.chat.cases_api import KEPT
from bot.handlers.chat.parts import WebParts
from bot.handlers.chat.published import documented
from bot.handlers.chat.talk import Conversations
from knowledge.faq import Answer

LONGEST = 200


class Question(BaseModel):
    """What is asked, in words."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: Annotated[Letters, Field(min_length=1, max_length=LONGEST)]


class AnswerOut(TypedDict):
    """An answer with where it was read. `verified` false: check with the office in charge."""

    ref: str
    question: str
    answer: str
    source: list[str]
    verified: bool
    audience: str
    category: str
    lang: str
    url: str


class TermOut(TypedDict):
    """What a term means, with where it was read."""

    term: str
    meaning: str
    source: list[str]
    verified: bool


class AnswersOut(TypedDict):
    """Every published answer."""

    answers: list[AnswerOut]


class AskedOut(TypedDict):
    """`answer` or `term` when it is sure; else `near` are questions that may be meant.

    All empty: there is no answer, and none is made up.
    """

    answer: AnswerOut | None
    term: TermOut | None
    near: list[AnswerOut]


def add(app: FastAPI, parts: WebParts, talks: Conversations) -> None:
    """Add the calls to the public API."""

    @app.get(
        "/faq",
        summary="자주 묻는 질문 늘어놓기",
        response_model=AnswersOut,
        responses=documented("overloaded"),
    )
    async def listed() -> Response:
        found = await to_thread(parts.back.book.answers)
        return JSONResponse({"answers": [_out(parts, one) for one in found]}, headers=KEPT)

    @app.post(
        "/faq/search",
        summary="질문에 맞는 답 찾기",
        response_model=AskedOut,
        responses=documented("too_many", "malformed", "overloaded", "not_json", "too_large"),
    )
    async def search(call: Question, request: Request) -> Response:
        network = talks.networks.name(request.client.host if request.client else None)
        talks.rates.check(f"faq:{network}", parts.limits.searches)
        found = await to_thread(parts.back.book.ask, call.text)
        term = found.term
        out: AskedOut = {
            "answer": _out(parts, found.answer) if found.answer else None,
            "term": None if term is None else {
                "term": term.term, "meaning": term.meaning, "source": list(term.source),
                "verified": term.verified,
            },
            "near": [_out(parts, one) for one in found.near],
        }  # fmt: skip
        return JSONResponse(out)


def _out(parts: WebParts, one: Answer) -> AnswerOut:
    return {
        "ref": one.ref,
        "question": one.question,
        "answer": one.text,
        "source": list(one.source),
        "verified": one.verified,
        "audience": one.audience,
        "category": one.category,
        "lang": one.lang,
        "url": f"{parts.url}/faq#{one.ref}",
    }
