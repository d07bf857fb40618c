"""The public JSON API at `/api`: the same conversation as on the page, for anybody's client."""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, NotRequired

from fastapi import FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Scope
from typing_extensions import TypedDict

from bot.handlers.chat.calls import Call
from bot.handlers.chat.feed import Feed, Pace, stream
from bot.handlers.chat.guard import SmallBodies
from bot.handlers.chat.parts import Waiting, WebParts
from bot.handlers.chat.problems import STATUS, Trouble, problem
from bot.handlers.chat.shape import ReplyOut, shape, shape_all
from bot.handlers.chat.talk import Conversation, Conversations
from bot.handlers.chat.uploads import Uploads
from bot.receive import Received

RESUME = "resume"
"""Asks for what stands open, changing nothing: a page that is loaded again."""


class Answered(TypedDict):
    """`conversation` is given once, by the call that began it: keep it, it is the only key."""

    replies: list[ReplyOut]
    conversation: NotRequired[str]


def application(parts: WebParts, talks: Conversations, feed: Feed) -> FastAPI:
    """Make the sub-application; the caller mounts it at `/api`."""
    refuse = _refuse(parts)
    app = FastAPI(
        title="적극톡 공개 API",
        version="1",
        description="시민의 대화를 다른 화면과 프로그램에서도 이어 갈 수 있게 하는 창구입니다.",
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        middleware=[
            Middleware(
                SmallBodies, most=parts.limits.json_bytes, refuse=refuse, spare=_brings_files
            ),
        ],
    )
    _handlers(app, parts, talks)
    _chat(app, parts, talks)
    _files(app, parts, talks)
    _events(app, parts, talks, feed)
    return app


def _chat(app: FastAPI, parts: WebParts, talks: Conversations) -> None:
    @app.post(
        "/chat",
        summary="한 마디 보내고 답 받기",
        response_model=Answered,
        responses=_documented(400, 401, 403, 409, 413, 422, 429, 503),
    )
    async def chat(call: Call, request: Request) -> Response:
        conversation = await talks.open_or_start(request)
        if call.command == RESUME and not conversation.new:
            received = await talks.show(conversation, call.lang)
        else:
            received = await talks.turn(
                conversation, call.id, call.body(), call.event(), call.lang, pages=call.pages
            )
        return _answer(parts, talks, conversation, received, call.lang)


def _files(app: FastAPI, parts: WebParts, talks: Conversations) -> None:
    uploads = Uploads(parts, talks)

    @app.post(
        "/chat/files",
        summary="파일 보내기",
        response_model=Answered,
        responses=_documented(401, 403, 409, 413, 415, 422, 429, 503),
        openapi_extra={"requestBody": {"required": True, "content": _MULTIPART}},
    )
    async def files(request: Request) -> Response:
        conversation = await talks.open(request)
        if conversation is None:
            raise Trouble("unknown")
        received, lang = await uploads.take(request, conversation)
        return _answer(parts, talks, conversation, received, lang)


def _events(app: FastAPI, parts: WebParts, talks: Conversations, feed: Feed) -> None:
    @app.get(
        "/chat/events",
        summary="뒤에 온 소식 듣기(SSE)",
        response_class=StreamingResponse,
        responses={
            200: {"content": {"text/event-stream": {}}, "description": "event: reply"},
            **_documented(401, 403, 429, 503),
        },
    )
    async def events(
        request: Request,
        lang: str = "",
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> Response:
        conversation = await talks.open(request)
        if conversation is None or conversation.peer_id is None:
            raise Trouble("unknown")

        def write(row: Waiting) -> str:
            chosen = lang if lang in parts.texts.languages else row.lang
            return json.dumps(shape(row.reply, parts.say(chosen)), ensure_ascii=False)

        async def allowed() -> bool:
            try:
                return await talks.open(request) is not None
            except Trouble:
                return False

        listener = await feed.join(conversation.peer_id, _seq(last_event_id))
        return StreamingResponse(
            stream(feed, listener, write, allowed, parts.back, Pace()),
            media_type="text/event-stream",
            headers={"x-accel-buffering": "no"},
        )


def _seq(given: str | None) -> int | None:
    """Read Last-Event-ID; anything that we did not give counts as nothing."""
    if given and given.isascii() and given.isdigit() and len(given) < 19:
        return int(given)
    return None


def _answer(
    parts: WebParts,
    talks: Conversations,
    conversation: Conversation,
    received: Received,
    lang: str,
) -> Response:
    answered: Answered = {"replies": shape_all(received.replies, parts.say(lang))}
    if conversation.new:
        answered["conversation"] = conversation.secret
    answer = JSONResponse(answered)
    if conversation.by_cookie:
        talks.remember(answer, conversation)
    return answer


def _handlers(app: FastAPI, parts: WebParts, talks: Conversations) -> None:
    say = parts.say("ko")

    async def trouble(_: Request, found: Exception) -> Response:
        assert isinstance(found, Trouble)
        answer = problem(found, say)
        if found.code == "unknown":
            talks.forget(answer)  # a cookie that opens nothing would stand in the way of a new one
        return answer

    async def invalid(_: Request, found: Exception) -> Response:
        assert isinstance(found, RequestValidationError)
        broken = any(error["type"] == "json_invalid" for error in found.errors())
        # Only where and what kind: never what was typed.
        where = [
            {"at": ".".join(str(part) for part in error["loc"][1:]), "kind": error["type"]}
            for error in found.errors()
        ]
        return problem(Trouble("not_json" if broken else "malformed", more={"errors": where}), say)

    async def http(_: Request, found: Exception) -> Response:
        assert isinstance(found, HTTPException)
        codes = {404: "missing", 405: "method", 400: "not_json"}
        return problem(Trouble(codes.get(found.status_code, "malformed")), say)

    async def broken(_: Request, found: Exception) -> Response:  # noqa: ARG001
        return problem(Trouble("broken"), say)

    handlers: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
        Trouble: trouble,
        RequestValidationError: invalid,
        HTTPException: http,
        Exception: broken,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _refuse(parts: WebParts) -> Callable[[Trouble], ASGIApp]:
    return lambda trouble: problem(trouble, parts.say("ko"))


def _brings_files(scope: Scope) -> bool:
    return str(scope["path"]).endswith("/chat/files")


class Problem(TypedDict):
    """RFC 9457. `code` is ours and stays; `detail` is for people and may change."""

    type: str
    title: str
    status: int
    detail: str
    code: str


def _documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    names = {status: code for code, status in STATUS.items()}
    return {
        status: {
            "description": names[status],
            "content": {"application/problem+json": {"schema": _PROBLEM}},
        }
        for status in statuses
    }


_PROBLEM = TypeAdapter(Problem).json_schema()
_MULTIPART = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "required": ["id", "files"],
            "properties": {
                "id": {"type": "string", "maxLength": 64},
                "lang": {"type": "string", "enum": ["ko", "en"]},
                "text": {"type": "string"},
                "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
            },
        }
    }
}
