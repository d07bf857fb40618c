"""How our requests reach Slack: slack_sdk's client over an exchange of our own.

The point is the verdict. The library follows redirects, takes a proxy from the environment, reads
answers without an end, repeats what failed and makes one error of a proxy's page and of Slack's
no. Here each way of failing has a name of its own (security S10, S12):

* `NotSent`     no connection was made: nothing can have arrived
* `NoVerdict`   the request was (or may have been) written and no whole answer came back
* `NotVendor`   somebody answered who is not Slack's API
* `TooMany`     Slack asks for patience

What is left is Slack's own no: `slack_sdk.errors.SlackApiError`, whose text must not be logged,
since it holds the whole answer.
"""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.file_upload_v2_result import FileUploadV2Result

from bot.handlers.exchange import (
    ANSWER,
    CONNECT,
    Answered,
    Endless,
    Exchange,
    Unanswered,
    Unsent,
)
from bot.handlers.fetching import origin

FILES: Final = "files.slack.com"
"""Where Slack takes and gives files (docs.slack.dev, files.getUploadURLExternal)."""

ANSWERS: Final = "hooks.slack.com"
"""Where Slack takes the answer to a press or a command (`response_url`)."""

UPLOAD_SECONDS: Final = 30.0
"""For the bytes of a file; the two calls around them keep below 60 s with it (security S11)."""

ANSWER_BYTES: Final = 4 * 1024 * 1024
"""A page of members is a few hundred kilobytes; what is larger is not Slack's API."""

MOST_PATIENCE: Final = 3600.0
"""Seconds: a nonsensical Retry-After must not hide a message for ever."""


class NotSent(SlackClientError):  # noqa: N818 - says what is known
    """No connection: nothing was written."""


class NoVerdict(SlackClientError):  # noqa: N818 - says what is known
    """Written, or perhaps written, and no whole answer."""


class NotVendor(SlackClientError):  # noqa: N818 - says what is known
    """The answer is not Slack's own word: a fault of the channel. `code` is the HTTP status.

    The body is not kept: it may hold anything.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"not the vendor's answer ({code})")
        self.code = code


class TooMany(SlackClientError):  # noqa: N818 - says what is known
    """429: nothing was done; to be asked again after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__("too many requests")
        self.seconds = seconds


class Client(AsyncWebClient):
    """A client with one aiohttp session, made when first needed.

    `connect` and `answer` are seconds; `dated` is told the Date of each answer. The token goes
    with every request.
    """

    def __init__(
        self,
        token: str,
        api_url: str,
        *,
        connect: float = CONNECT,
        answer: float = ANSWER,
        connections: int = 32,
        dated: Callable[[str | None], None] = lambda _date: None,
    ) -> None:
        super().__init__(token, base_url=f"{api_url.rstrip('/')}/", retry_handlers=[])
        self.proxy = None  # the library's constructor reads it from the environment
        self._connect = connect
        self._answer = answer
        self._line = Exchange(most=ANSWER_BYTES, connections=connections, dated=dated)

    async def respond(self, url: str, said: Mapping[str, Any]) -> None:
        """Answer a press or a command at its `response_url`; raises as every call does.

        `NotVendor` also where the address is not one of Slack's: it came from outside (S26).
        """
        if not self._ours(url, ANSWERS):
            raise NotVendor(0)
        done = await self._exchange("POST", url, {"json": said}, self._answer)
        _patience(done)
        if done.code != HTTPStatus.OK:
            raise NotVendor(done.code)

    async def close(self) -> None:
        """Close the session; a later request opens a new one."""
        await self._line.close()

    async def _request(
        self, *, http_verb: str, api_url: str, req_args: dict[str, Any]
    ) -> dict[str, Any]:
        """Do what the library asks for; all its methods end here."""
        sent = {name: req_args.get(name) for name in ("headers", "params", "json", "data")}
        if sent["json"] is None and sent["data"] is None:
            # The library writes most arguments into the address, where proxies log them; Slack
            # takes every method by POST (docs.slack.dev/apis/web-api).
            http_verb = "POST"
            sent |= {"data": _form(sent["params"] or {}), "params": None}
        done = await self._exchange(http_verb, api_url, sent, self._answer)
        return {"data": _vendors(done), "headers": done.headers, "status_code": done.code}

    async def _upload_file(self, *, url: str, data: bytes, **_: Any) -> FileUploadV2Result:
        """Hand over the bytes of a file; the address is good for them alone and takes no token."""
        if not self._ours(url, FILES):
            raise NotVendor(0)
        done = await self._exchange("POST", url, {"data": data}, UPLOAD_SECONDS)
        _patience(done)
        if done.code != HTTPStatus.OK:
            raise NotVendor(done.code)
        return FileUploadV2Result(status=done.code, body="")

    def _ours(self, url: str, host: str) -> bool:
        parts = urlsplit(url)
        own = origin(parts) == origin(urlsplit(self.base_url))
        return own or (parts.scheme == "https" and parts.netloc == host)

    async def _exchange(
        self, verb: str, url: str, sent: Mapping[str, Any], answer: float
    ) -> Answered:
        try:
            return await self._line.ask(verb, url, connect=self._connect, answer=answer, **sent)
        except Unsent:
            raise NotSent("not sent") from None
        except Unanswered:
            raise NoVerdict("no verdict") from None
        except Endless as endless:
            raise NotVendor(endless.code) from None


def make_client(
    token: str, api_url: str, *, dated: Callable[[str | None], None] = lambda _date: None
) -> Client:
    """Make the client of the bot; `api_url` like `https://slack.com/api`."""
    return Client(token, api_url, dated=dated)


def _form(params: Mapping[str, Any]) -> dict[str, str]:
    told = {True: "true", False: "false"}
    return {
        name: told[value] if isinstance(value, bool) else str(value)
        for name, value in params.items()
    }


def _vendors(done: Answered) -> dict[str, Any]:
    """Let an answer pass only if it is Slack's own: what it refuses it refuses with a 200."""
    _patience(done)
    try:
        said = json.loads(done.body)
    except ValueError:
        raise NotVendor(done.code) from None
    shaped = isinstance(said, dict) and (
        said.get("ok") is True or (said.get("ok") is False and isinstance(said.get("error"), str))
    )
    if done.code != HTTPStatus.OK or not shaped:
        raise NotVendor(done.code)
    return dict(said)


def _patience(done: Answered) -> None:
    """Raise `TooMany` for a 429 (docs.slack.dev/apis/web-api/rate-limits)."""
    if done.code == HTTPStatus.TOO_MANY_REQUESTS:
        given = done.headers.get("Retry-After", "")
        seconds = float(given) if given.isdecimal() else 0.0
        raise TooMany(min(max(seconds, 1.0), MOST_PATIENCE) if given else 30.0)
