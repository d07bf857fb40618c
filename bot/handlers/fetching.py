"""Getting a file that a stranger's message points to, without being led anywhere else.

An address that came from outside is a weapon (security S26): it can name our own database, the
cloud's metadata service or a host that is waiting for a token. So the host is on a list, its name
is resolved once and we connect to exactly the address that was looked at; no redirect, no proxy
from the environment, ten seconds in all, and the bytes are counted while they come.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.errors import Refused

Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""Name and port → addresses; raises `OSError`."""

CHUNK: Final = 64 * 1024
_EMBEDDING: Final = tuple(
    IPv6Network(net)
    for net in (
        "::/96",  # IPv4-compatible (RFC 4291), long dead
        "64:ff9b::/96",  # NAT64 (RFC 6052): an IPv4 address in its tail
        "64:ff9b:1::/48",  # local NAT64 (RFC 8215)
        "2001::/32",  # Teredo (RFC 4380)
        "2002::/16",  # 6to4 (RFC 3056)
    )
)
"""IPv6 ranges that carry an IPv4 address: what is behind them cannot be judged from the number."""


class NotFetched(ConnectionError):  # noqa: N818 - says what is known
    """The other side is away or slow: to be tried again. Holds no address."""


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches from `hosts` by https, and from `own` as it is configured.

    `own` is the origin (`scheme://host[:port]`) that an administrator set, say a Bot API server
    in the next room: it alone may be http or private. `authorization` maps an exact host to the
    header that it, and nobody else, is sent.
    """

    hosts: frozenset[str] = frozenset()
    own: str | None = None
    authorization: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 10.0
    tls: ssl.SSLContext | None = None
    resolve: Resolve | None = None

    async def fetch(self, url: str, most: int, form: Mapping[str, str] | None = None) -> bytes:
        """Give the bytes at `url`; with a `form`, what it answers to that.

        Raises `Refused` (`fetch.not_allowed`, `fetch.too_large`, `fetch.missing`) where trying
        again is no use, `NotFetched` where it is.
        """
        parts = self._allowed(url)
        try:
            async with asyncio.timeout(self.seconds):
                addresses = await self._look_up(parts)
                return await self._get(url, parts, addresses, most, form)
        except (aiohttp.ClientError, TimeoutError, OSError):
            # `from None`: the cause names the address, and a file's address may hold a token.
            raise NotFetched("not fetched") from None

    def _allowed(self, url: str) -> SplitResult:
        """Check scheme, host, port; raises `Refused`."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise Refused("fetch.not_allowed") from None
        host = parts.hostname or ""
        if parts.username is not None or parts.password is not None or not host:
            raise Refused("fetch.not_allowed")
        if not self._is_own(parts) and (
            parts.scheme != "https" or port not in {None, 443} or host not in self.hosts
        ):
            raise Refused("fetch.not_allowed")
        return parts

    def _is_own(self, parts: SplitResult) -> bool:
        return self.own is not None and origin(parts) == origin(urlsplit(self.own))

    async def _look_up(self, parts: SplitResult) -> Sequence[str]:
        """Resolve once; refuse the lot when one address of it is not a public one."""
        host, port = parts.hostname or "", _port(parts)
        addresses = await (self.resolve or system_resolve)(host, port)
        if not addresses:
            raise NotFetched("no address")
        if not self._is_own(parts) and not all(is_public(address) for address in addresses):
            raise Refused("fetch.not_allowed")
        return addresses

    async def _get(
        self,
        url: str,
        parts: SplitResult,
        addresses: Sequence[str],
        most: int,
        form: Mapping[str, str] | None,
    ) -> bytes:
        connector = aiohttp.TCPConnector(
            resolver=_Pinned(addresses), use_dns_cache=False, force_close=True
        )
        header = self.authorization.get(parts.hostname or "")
        async with (
            aiohttp.ClientSession(
                connector=connector,
                trust_env=False,
                auto_decompress=False,  # a bomb is counted as it comes, never unpacked here
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=self.seconds),
                headers={"Accept-Encoding": "identity"},
            ) as session,
            session.request(
                "GET" if form is None else "POST",
                url,
                data=form,
                allow_redirects=False,
                ssl=self.tls or True,
                headers={"Authorization": header} if header else None,
            ) as response,
        ):
            _check_status(response.status)
            if (response.content_length or 0) > most:
                raise Refused("fetch.too_large", max=most // 2**20)
            return await _count(response.content, most)


class _Pinned(AbstractResolver):
    """Answers with the addresses that were looked at, whatever the name says by now."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - aiohttp's signature
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver; every address once, in its order."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


async def _count(content: aiohttp.StreamReader, most: int) -> bytes:
    data = bytearray()
    async for chunk in content.iter_chunked(CHUNK):
        data += chunk
        if len(data) > most:
            raise Refused("fetch.too_large", max=most // 2**20)
    return bytes(data)


def _check_status(status: int) -> None:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        raise NotFetched("not now")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise Refused("fetch.not_allowed")
    if status != HTTPStatus.OK:
        raise Refused("fetch.missing")


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def origin(parts: SplitResult) -> tuple[str, str, int]:
    """Give scheme, host and port: two addresses with the same three are one server."""
    return parts.scheme, parts.hostname or "", _port(parts)


def is_public(address: str) -> bool:
    """Tell whether an address is one of the public internet and nothing else in disguise."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        # ::ffff:10.0.0.1 reaches 10.0.0.1, and a public IPv4 address has no need of the costume.
        if ip.ipv4_mapped is not None or any(ip in net for net in _EMBEDDING):
            return False
        odd = ip.is_multicast or ip.is_reserved or ip.is_site_local  # RFC 3879: old private
        return ip.is_global and not odd
    assert isinstance(ip, IPv4Address)
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
