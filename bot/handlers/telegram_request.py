"""How our requests reach the Bot API: PTB's `BaseRequest` on aiohttp.

The point is the verdict. PTB builds its exceptions from the HTTP status alone, so that a proxy's
403 in HTML becomes `Forbidden` ("blocked by the user") and a time-out says nothing about whether
the message was written. Here each way of failing has a name of its own (security S10, S12):

* `NotSent`     no connection was made: nothing can have arrived
* `NoVerdict`   the request was (or may have been) written and no whole answer came back
* `NotVendor`   somebody answered who is not the Bot API, or it does not know our token
* `TooMany`     the Bot API asks for patience (PTB's own class for it warns when it is made)

What is left are the Bot API's own answers, and PTB's classes for them are right.
"""

import io
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData

from bot.handlers.exchange import ANSWER, CONNECT, Endless, Exchange, Unanswered, Unsent

MEDIA_SECONDS: Final = 60.0
"""A file takes its time; the lease of a row that carries one is longer (security S11)."""

JSON: Final = {"Content-Type": "application/json"}
"""The Bot API takes it for whatever has no files (core.telegram.org/bots/api#making-requests)."""

ANSWER_BYTES: Final = 8 * 1024 * 1024
"""A hundred updates are below one megabyte; what is larger is not the Bot API."""


class NotSent(NetworkError):  # noqa: N818 - says what is known, as PTB's own do
    """No connection: nothing was written."""


class NoVerdict(NetworkError):  # noqa: N818 - says what is known, as PTB's own do
    """Written, or perhaps written, and no whole answer."""


class NotVendor(NetworkError):  # noqa: N818 - says what is known, as PTB's own do
    """The answer is not the Bot API's own word on our request: a fault of the channel.

    `code` is the HTTP status. The body is not kept: it may hold anything.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"not the vendor's answer ({code})")
        self.code = code


class TooMany(NetworkError):  # noqa: N818
    """429: nothing was done; to be asked again after `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__("too many requests")
        self.seconds = seconds


class Refusal(TelegramError):  # noqa: N818
    """The Bot API said no to a call of our own; `code` is its number."""

    def __init__(self, code: int) -> None:
        super().__init__(f"refused ({code})")
        self.code = code


class AioRequest(BaseRequest):
    """Requests to the Bot API over one exchange; the token stands in the path.

    `connect` and `answer` are seconds; `dated` is told the Date of each answer.
    """

    __slots__ = ("_answer", "_connect", "_exchange")

    def __init__(
        self,
        *,
        connections: int = 32,
        connect: float = CONNECT,
        answer: float = ANSWER,
        dated: Callable[[str | None], None] = lambda _date: None,
    ) -> None:
        self._connect = connect
        self._answer = answer
        self._exchange = Exchange(
            most=ANSWER_BYTES, connections=connections, agent=self.USER_AGENT, dated=dated
        )

    @property
    def read_timeout(self) -> float | None:
        return self._answer

    async def initialize(self) -> None:
        """Nothing to do: the session is made with the first request, inside its loop."""

    async def shutdown(self) -> None:
        """Close the session; a later request opens a new one."""
        await self._exchange.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - PTB's signature
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - PTB's signature
    ) -> tuple[int, bytes]:
        """Send one request; give status and body of an answer that is the vendor's.

        Raises `NotSent`, `NoVerdict`, `NotVendor`, `TooMany`: nothing of the address is in them.
        """
        files = bool(request_data and request_data.contains_files)
        code, payload, _ = await self._do(
            method,
            url,
            _body(request_data),
            connect=_chosen(connect_timeout, self._connect),
            answer=MEDIA_SECONDS if files else _chosen(read_timeout, self._answer),
        )
        return code, payload

    async def call(self, url: str, body: bytes | aiohttp.FormData) -> Any:
        """Call a method with a body that is ready, JSON or a form with files; give its result.

        Raises what `Bot`'s own methods raise. They make a form of objects of each message anew;
        to a hundred thousand the same goes, and the bytes are made once.
        """
        json_ = isinstance(body, bytes)
        code, payload, said = await self._do(
            "POST",
            url,
            body,
            connect=self._connect,
            answer=self._answer if json_ else MEDIA_SECONDS,
            headers=JSON if json_ else None,
        )
        if code >= HTTPStatus.MULTIPLE_CHOICES:
            await _Answer(code, payload).post(url)  # raises: PTB knows which error this is
        return said["result"]

    async def ask(self, url: str, params: Mapping[str, str], *, answer: float) -> Any:
        """Call a method and give its result as JSON; raises as `do_request`, and `Refusal`.

        For `getUpdates`: PTB would read a whole batch at once, and one update that it cannot read
        would hide the others.
        """
        _, _, said = await self._do(
            "POST", url, aiohttp.FormData(dict(params)), connect=self._connect, answer=answer
        )
        if not said["ok"]:
            raise Refusal(said["error_code"])
        return said["result"]

    async def _do(
        self,
        method: str,
        url: str,
        body: aiohttp.FormData | bytes | None,
        *,
        connect: float,
        answer: float,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes, dict[str, Any]]:
        try:
            done = await self._exchange.ask(
                method, url, connect=connect, answer=answer, data=body, headers=headers
            )
        except Unsent:
            raise NotSent("not sent") from None
        except Unanswered:
            raise NoVerdict("no verdict") from None
        except Endless as endless:
            raise NotVendor(endless.code) from None
        return done.code, done.body, _vendors(done.code, done.body)


def _chosen(given: Any, default: float) -> float:
    """Take a time-out that the caller named; PTB says "not named" by a value of its own."""
    return float(given) if isinstance(given, int | float) else default


def _body(data: RequestData | None) -> aiohttp.FormData | None:
    """Give the parameters: as a form where files go with them, otherwise URL-encoded."""
    if data is None:
        return None
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in data.multipart_data.items():
        # aiohttp warns of large plain bytes: it would write them in one piece.
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, stream, filename=filename, content_type=kind)
    return form


class _Answer(BaseRequest):
    """An answer that is here already, for PTB to make its exception of."""

    __slots__ = ("_code", "_payload")

    def __init__(self, code: int, payload: bytes) -> None:
        self._code = code
        self._payload = payload

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Nothing to do."""

    async def do_request(self, *_: Any, **__: Any) -> tuple[int, bytes]:
        return self._code, self._payload


def _vendors(code: int, payload: bytes) -> dict[str, Any]:
    """Let an answer pass only if it is the Bot API's own and about what we asked.

    401 and 404 are its way to refuse the token: true, but no word on a person or a message.
    """
    try:
        said = json.loads(payload)
    except ValueError:
        raise NotVendor(code) from None
    good = HTTPStatus.OK <= code < HTTPStatus.MULTIPLE_CHOICES
    shaped = isinstance(said, dict) and (
        (good and said.get("ok") is True and "result" in said)
        or (not good and said.get("ok") is False and said.get("error_code") == code)
    )
    if not shaped or code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND}:
        raise NotVendor(code)
    if code == HTTPStatus.TOO_MANY_REQUESTS:
        after = (said.get("parameters") or {}).get("retry_after")
        raise TooMany(after if isinstance(after, int) and after > 0 else 5)
    return dict(said)
