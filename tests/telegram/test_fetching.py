"""fetch_goes_nowhere: an address from outside leads to the hosts of the list and to no other."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.errors import Refused
from bot.handlers.fetching import Fetcher, NotFetched, is_public


class Site:
    """A server on this machine that counts who came and what they brought."""

    def __init__(self) -> None:
        self.seen: list[web.Request] = []
        self.port = 0
        self.hold = asyncio.Event()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        match request.path:
            case "/file":
                return web.Response(body=b"%PDF-1.7 words")
            case "/away":
                return web.Response(status=302, headers={"Location": f"{self.origin}/file"})
            case "/gone":
                return web.Response(status=404, text="<html>404</html>")
            case "/down":
                return web.Response(status=502)
            case "/zipped":
                return web.Response(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
            case "/declared":
                return web.Response(body=b"x" * 2000)
            case "/endless" | "/drip":
                return await self.pour(request)
        return web.Response(status=404)

    async def pour(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x")
        if request.path == "/drip":
            await self.hold.wait()
        while request.path == "/endless" and request.transport is not None:
            await response.write(b"x" * 65536)
        return response


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    app = web.Application()
    app.router.add_route("GET", "/{tail:.*}", made.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    tcp = web.TCPSite(runner, "127.0.0.1", 0)
    await tcp.start()
    made.port = runner.addresses[0][1]
    yield made
    made.hold.set()
    await runner.cleanup()


class Names:
    """A resolver with a script; a name that rebinds answers otherwise the second time."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> tuple[str, ...]:
        self.asked.append(host)
        return self.answers.pop(0)


async def test_the_configured_server_is_fetched_from_even_on_this_machine(site: Site) -> None:
    assert await Fetcher(own=site.origin).fetch(f"{site.origin}/file", 100) == b"%PDF-1.7 words"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "169.254.169.254",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.10",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:1::1",
        "not an address",
    ],
)
async def test_a_listed_name_that_points_inside_is_refused_and_nobody_is_called(
    address: str,
) -> None:
    names = Names((address,))
    fetcher = Fetcher(hosts=frozenset({"files.example.com"}), resolve=names)
    with pytest.raises(Refused, match=r"fetch\.not_allowed"):
        await fetcher.fetch("https://files.example.com/x", 100)
    assert names.asked == ["files.example.com"]


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    names = Names(("93.184.216.34", "10.0.0.1"))
    with pytest.raises(Refused, match=r"fetch\.not_allowed"):
        await Fetcher(hosts=frozenset({"a.example.com"}), resolve=names).fetch(
            "https://a.example.com/x", 100
        )


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example.com/x",  # not on the list
        "https://files.example.com.evil.example/x",
        "https://evil.example/files.example.com",
        "http://files.example.com/x",  # in clear
        "https://files.example.com:8443/x",
        "https://user@files.example.com/x",
        "https://files.example.com@evil.example/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://2130706433/x",
        "file:///etc/passwd",
        "ftp://files.example.com/x",
        "gopher://files.example.com/x",
        "//files.example.com/x",
        "",
        "https://",
        "https://files.example.com:99999/x",
        "https://[bad/x",
    ],
)
async def test_an_address_that_is_not_of_the_list_is_refused_before_any_name_is_asked(
    url: str,
) -> None:
    names = Names()
    fetcher = Fetcher(
        hosts=frozenset({"files.example.com"}), own="http://127.0.0.1:1", resolve=names
    )
    with pytest.raises(Refused, match=r"fetch\.not_allowed"):
        await fetcher.fetch(url, 100)
    assert names.asked == []


async def test_another_port_of_the_configured_server_is_another_server(site: Site) -> None:
    fetcher = Fetcher(own=f"http://127.0.0.1:{site.port + 1}")
    with pytest.raises(Refused, match=r"fetch\.not_allowed"):
        await fetcher.fetch(f"{site.origin}/file", 100)
    assert site.seen == []


async def test_a_name_is_asked_once_and_the_connection_goes_to_that_very_answer(
    site: Site,
) -> None:
    names = Names(("127.0.0.1",), ("10.0.0.1",))
    own = f"http://bot-api.internal:{site.port}"
    fetched = await Fetcher(own=own, resolve=names).fetch(f"{own}/file", 100)
    assert fetched == b"%PDF-1.7 words"
    assert names.asked == ["bot-api.internal"]
    assert site.seen[0].host == f"bot-api.internal:{site.port}"


async def test_a_redirect_is_not_followed(site: Site) -> None:
    with pytest.raises(Refused, match=r"fetch\.not_allowed"):
        await Fetcher(own=site.origin).fetch(f"{site.origin}/away", 100)
    assert [request.path for request in site.seen] == ["/away"]


async def test_a_proxy_of_the_environment_is_not_asked(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert await Fetcher(own=site.origin).fetch(f"{site.origin}/file", 100)


@pytest.mark.parametrize("path", ["/declared", "/endless"])
async def test_what_is_too_large_is_left_whether_it_says_so_or_not(site: Site, path: str) -> None:
    with pytest.raises(Refused, match=r"fetch\.too_large") as caught:
        await Fetcher(own=site.origin).fetch(f"{site.origin}{path}", 1000)
    assert caught.value.params == {"max": 0}


async def test_a_slow_drip_ends_with_the_time_that_it_has(site: Site) -> None:
    with pytest.raises(NotFetched):
        await Fetcher(own=site.origin, seconds=0.2).fetch(f"{site.origin}/drip", 1000)


async def test_a_resolver_that_never_answers_ends_with_the_time_that_it_has() -> None:
    async def never(host: str, port: int) -> tuple[str, ...]:
        await asyncio.Event().wait()
        raise AssertionError

    fetcher = Fetcher(hosts=frozenset({"a.example.com"}), resolve=never, seconds=0.05)
    with pytest.raises(NotFetched):
        await fetcher.fetch("https://a.example.com/x", 10)


async def test_a_name_without_an_address_is_tried_again_later() -> None:
    fetcher = Fetcher(hosts=frozenset({"a.example.com"}), resolve=Names(()))
    with pytest.raises(NotFetched):
        await fetcher.fetch("https://a.example.com/x", 10)


async def test_nothing_is_unpacked_on_the_way(site: Site) -> None:
    assert await Fetcher(own=site.origin).fetch(f"{site.origin}/zipped", 100) == b"\x1f\x8b"


async def test_what_is_missing_is_told_from_what_is_only_away(site: Site) -> None:
    fetcher = Fetcher(own=site.origin)
    with pytest.raises(Refused, match=r"fetch\.missing"):
        await fetcher.fetch(f"{site.origin}/gone", 100)
    with pytest.raises(NotFetched):
        await fetcher.fetch(f"{site.origin}/down", 100)


async def test_a_failure_does_not_repeat_the_address_which_may_hold_a_token() -> None:
    async def unknown(host: str, port: int) -> tuple[str, ...]:
        raise OSError(f"cannot resolve {host}")

    fetcher = Fetcher(hosts=frozenset({"a.example.com"}), resolve=unknown)
    with pytest.raises(NotFetched) as caught:
        await fetcher.fetch("https://a.example.com/bot123:secret/x", 10)
    assert "secret" not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


async def test_authorization_goes_to_exactly_the_host_it_is_for(site: Site) -> None:
    fetcher = Fetcher(own=site.origin, authorization={"127.0.0.1": "Bearer x"})
    await fetcher.fetch(f"{site.origin}/file", 100)
    other = Fetcher(own=site.origin, authorization={"files.example.com": "Bearer x"})
    await other.fetch(f"{site.origin}/file", 100)
    assert [request.headers.get("Authorization") for request in site.seen] == ["Bearer x", None]


@pytest.mark.parametrize("address", ["93.184.216.34", "149.154.167.220", "2606:4700:4700::1111"])
def test_addresses_of_the_public_internet_pass(address: str) -> None:
    assert is_public(address)
