"""One request to a messenger's own servers, and what is known of it afterwards.

Libraries make one error of a time-out before and after the request was written, follow redirects
with the token in their hands and take a proxy from the environment. Here each way of failing has
a name of its own (security S10, S12); each channel gives it the class that its library expects.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import aiohttp

if TYPE_CHECKING:
    from types import SimpleNamespace

CONNECT = 4.0
ANSWER = 10.0
"""Seconds; together shorter than the worker's hard time-out of 15, so that the verdict on a
time-out is ours and not a cancellation."""


class Unsent(Exception):  # noqa: N818 - says what is known
    """No connection, or nothing written: nothing can have arrived."""


class Unanswered(Exception):  # noqa: N818 - says what is known
    """Written, or perhaps written, and no whole answer came back."""


class Endless(Exception):  # noqa: N818 - says what is known
    """The answer is longer than any of the vendor's; `code` is its HTTP status."""

    def __init__(self, code: int) -> None:
        super().__init__(f"an endless answer ({code})")
        self.code = code


class Answered(NamedTuple):
    code: int
    headers: Mapping[str, str]
    body: bytes


class Exchange:
    """Requests over one aiohttp session, made when first needed, inside its loop.

    `most` are the bytes above which an answer is not read to its end. `dated` is told the Date of
    each answer: a clock that is not ours (security S33). No proxy and no `.netrc` is taken from
    the environment, no cookie is kept and no redirect is followed.
    """

    def __init__(
        self,
        *,
        most: int,
        connections: int = 32,
        agent: str = "",
        dated: Callable[[str | None], None] = lambda _date: None,
    ) -> None:
        self._most = most
        self._connections = connections
        self._headers = {"User-Agent": agent} if agent else {}
        self._dated = dated
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the session; a later request opens a new one."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def ask(
        self, method: str, url: str, *, connect: float, answer: float, **sent: Any
    ) -> Answered:
        """Send one request and read its answer, whoever gave it; `sent` is for aiohttp.

        `connect` and `answer` are seconds. Raises `Unsent`, `Unanswered`, `Endless`, none of which
        holds the address: a secret may stand in it.
        """
        state: dict[str, bool] = {"written": False}
        try:
            async with (
                asyncio.timeout(connect + answer),
                self._open().request(
                    method,
                    url,
                    **sent,
                    # `connect` includes the wait for a free connection.
                    timeout=aiohttp.ClientTimeout(
                        total=None, connect=connect, sock_connect=connect, sock_read=answer
                    ),
                    allow_redirects=False,
                    trace_request_ctx=state,
                ) as response,
            ):
                self._dated(response.headers.get("Date"))
                body = await self._read(response)
                return Answered(response.status, response.headers, body)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise Unsent from None
        except (aiohttp.ClientError, TimeoutError, OSError):
            if state["written"]:
                raise Unanswered from None
            raise Unsent from None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            trace = aiohttp.TraceConfig()
            trace.on_request_headers_sent.append(_mark_written)
            self._session = aiohttp.ClientSession(
                # Idle connections are dropped long before the vendor does it: a request on a
                # connection that is just being closed has no verdict.
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=15),
                trace_configs=[trace],
                trust_env=False,
                raise_for_status=False,
                headers=self._headers,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = b""
        while len(body) < self._most:
            more = await response.content.read(self._most - len(body))
            if not more:
                return body
            body += more
        raise Endless(response.status)


async def _mark_written(
    _session: aiohttp.ClientSession,
    context: "SimpleNamespace",
    _params: aiohttp.TraceRequestHeadersSentParams,
) -> None:
    state = context.trace_request_ctx
    if isinstance(state, dict):
        state["written"] = True
