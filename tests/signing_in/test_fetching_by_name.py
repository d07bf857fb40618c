"""fetch_goes_nowhere, the rest of it: TLS by name at the address looked at, a drip, a form (S26).

Hosts, addresses, redirects and sizes are in tests/telegram/test_fetching.py.
"""

import asyncio
import contextlib
import datetime as dt
import ssl
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.errors import Refused
from bot.handlers.fetching import Fetcher, NotFetched

NAME = "sso.gaon.example"


def certificate(folder, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate for a name: how a server shows it, and how a client believes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    client = ssl.create_default_context(
        cadata=made.public_bytes(serialization.Encoding.PEM).decode()
    )
    return server, client


@contextlib.asynccontextmanager
async def serving(answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def here(host: str, port: int) -> tuple[str, ...]:
    return ("127.0.0.1",)


@pytest.mark.parametrize(("shown", "good"), [(NAME, True), ("evil.example", False)])
async def test_the_certificate_is_checked_against_the_name_not_the_address(tmp_path, shown, good):
    server, client = certificate(tmp_path, shown)
    seen = []

    async def answer(request):
        seen.append(request.host)
        return web.Response(body=b"yes")

    async with serving(answer, server) as port:
        own = f"https://{NAME}:{port}"
        fetcher = Fetcher(own=own, tls=client, resolve=here, authorization={NAME: "Bearer x"})
        if good:
            assert await fetcher.fetch(f"{own}/x", 100) == b"yes"
        else:
            with pytest.raises(NotFetched):
                await fetcher.fetch(f"{own}/x", 100)
    assert seen == ([f"{NAME}:{port}"] if good else [])


async def test_a_drip_that_never_stops_dripping_ends_with_the_time_that_it_has():
    enough = asyncio.Event()

    async def answer(request):
        response = web.StreamResponse()
        await response.prepare(request)
        while not enough.is_set():  # each byte comes in time, all of them never
            with contextlib.suppress(ConnectionResetError):
                await response.write(b"x")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(enough.wait(), 0.02)
        return response

    async with serving(answer) as port:
        own = f"http://127.0.0.1:{port}"
        with pytest.raises(NotFetched):
            await Fetcher(own=own, seconds=0.3).fetch(f"{own}/x", 1_000_000)
        enough.set()


async def test_a_form_goes_where_it_was_sent_and_is_not_carried_on_by_a_redirect():
    seen = []

    async def answer(request):
        seen.append((request.method, request.path, dict(await request.post())))
        if request.path == "/away":
            return web.Response(status=307, headers={"Location": "/token"})
        return web.Response(body=b"{}")

    async with serving(answer) as port:
        own = f"http://127.0.0.1:{port}"
        assert await Fetcher(own=own).fetch(f"{own}/token", 100, {"code": "a b"}) == b"{}"
        with pytest.raises(Refused, match=r"fetch\.not_allowed"):
            await Fetcher(own=own).fetch(f"{own}/away", 100, {"code": "c"})
    assert seen == [("POST", "/token", {"code": "a b"}), ("POST", "/away", {"code": "c"})]
