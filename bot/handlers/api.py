"""The public JSON API at `/api`: the same conversation as on the page, for anybody's client."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, NotRequired

from fastapi import FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Scope
from typing_extensions import TypedDict

from bot.errors import Overloaded
from bot.handlers.chat import cases_api, faq_api
from bot.handlers.chat.calls import Call, PressIn, SubmitIn
from bot.handlers.chat.feed import Feed, Pace, stream
from bot.handlers.chat.guard import SmallBodies
from bot.handlers.chat.parts import Waiting, WebParts
from bot.handlers.chat.problems import Trouble, problem
from bot.handlers.chat.published import ABOUT, Described, documented, multipart, shown
from bot.handlers.chat.shape import ReplyOut, shape, shape_all
from bot.handlers.chat.talk import Conversation, Conversations
from bot.handlers.chat.uploads import Uploads
from bot.receive import Received

RESUME = "resume"
"""Asks for what stands open, changing nothing: a page that is loaded again."""

_REFUSED = ("unknown", "foreign", "conflict", "too_large", "malformed", "too_many", "overloaded")
_EVENT = {"schema": {"type": "string"}}
_EVENTS = """\
`event: reply`마다 `data`는 `ReplyOut` 하나, `id`는 자리입니다. 끊기면 마지막 `id`를 `Last-Event-ID`에 넣어
다시 이으면 그 뒤부터 옵니다. 없으면 아직 받지 못한 것부터 옵니다. 20초마다 빈 줄(`:`)이 옵니다."""


class Answered(TypedDict):
    """`conversation` is given once, by the call that began it: keep it, it is the only key."""

    replies: list[ReplyOut]
    conversation: NotRequired[str]


def application(parts: WebParts, talks: Conversations, feed: Feed) -> FastAPI:
    """Make the sub-application; the caller mounts it at `/api`."""
    refuse = _refuse(parts)
    app = Described(
        title="적극톡 공개 API",
        version="1",
        description=ABOUT,
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
    cases_api.add(app, parts, talks)
    faq_api.add(app, parts, talks)
    return app


def _chat(app: FastAPI, parts: WebParts, talks: Conversations) -> None:
    @app.post(
        "/chat",
        summary="한 마디 보내고 답 받기",
        response_model=Answered,
        responses=documented(*_REFUSED, "not_json"),
        openapi_extra=shown(needed=False),
    )
    async def chat(
        call: Call, request: Request, x_proof: Annotated[str, Header(max_length=200)] = ""
    ) -> Response:
        conversation = await talks.open_or_start(request)
        if call.command == RESUME and not conversation.new:
            received = await talks.show(conversation, call.lang)
        else:
            received = await talks.turn(
                conversation, call.id, call.body(), call.event(), call.lang, pages=call.pages,
                proof=x_proof,
            )  # fmt: skip
        return _answer(parts, talks, conversation, received, call.lang)


def _files(app: FastAPI, parts: WebParts, talks: Conversations) -> None:
    uploads = Uploads(parts, talks)

    @app.post(
        "/chat/files",
        summary="파일 보내기",
        response_model=Answered,
        responses=documented(*_REFUSED, "type", "too_many_files"),
        openapi_extra=shown() | multipart(parts.limits, parts.texts.languages),
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
            200: {"content": {"text/event-stream": _EVENT}, "description": _EVENTS},
            **documented("unknown", "foreign", "too_many", "overloaded"),
        },
        openapi_extra=shown(),
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
            except (Trouble, Overloaded):  # the page asks again by itself
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
            answer.headers["www-authenticate"] = "Bearer"  # RFC 9110: 401 names the way in
            talks.forget(answer)  # a cookie that opens nothing would stand in the way of a new one
        return answer

    async def busy(_: Request, found: Exception) -> Response:
        assert isinstance(found, Overloaded)
        return problem(Trouble("overloaded", retry_after=found.retry_after), say)

    async def invalid(_: Request, found: Exception) -> Response:
        assert isinstance(found, RequestValidationError)
        broken = any(error["type"] == "json_invalid" for error in found.errors())
        # Only where and what kind: never what was typed.
        where = [
            {"at": _place(error["loc"][1:]), "kind": error["type"]} for error in found.errors()
        ]
        return problem(Trouble("not_json" if broken else "malformed", more={"errors": where}), say)

    async def http(_: Request, found: Exception) -> Response:
        assert isinstance(found, HTTPException)
        codes = {404: "missing", 405: "method", 400: "not_json"}
        answer = problem(Trouble(codes.get(found.status_code, "malformed")), say)
        answer.headers.update(found.headers or {})  # RFC 9110: 405 names what is allowed
        return answer

    async def broken(_: Request, found: Exception) -> Response:  # noqa: ARG001
        return problem(Trouble("broken"), say)

    handlers: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
        Trouble: trouble,
        Overloaded: busy,
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


_OURS = frozenset(
    {
        *Call.model_fields,
        *cases_api.Search.model_fields,
        *faq_api.Question.model_fields,
        "page",
        "ref",
        *PressIn.model_fields,
        *SubmitIn.model_fields,
    }
)


def _place(where: Sequence[str | int]) -> str:
    """Say where a call goes wrong, in names of ours: a key that somebody made up is his words."""
    return ".".join(str(part) if part in _OURS or isinstance(part, int) else "?" for part in where)
