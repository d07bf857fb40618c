"""Connections to the mail server are kept, and a letter is never blamed for one that died."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.channel import Delivered, Later, Never, Unknown
from bot.handlers.mail_lines import AGE, LETTERS, Lines, Server
from bot.handlers.mail_post import Letter, SmtpPost
from tests.fakes.smtp import mailbox

LETTER = Letter("<1@gaon.example>", b"Subject: x\r\n\r\n.one\r\n")
SENDER, READER = "talk@gaon.example", "hong@example.com"


class Ticks:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def post(port: int, clock=None, waiting: float = 5.0, **changes) -> SmtpPost:
    where = Server("127.0.0.1", port, tls=False, start_tls=None)
    return SmtpPost(where, Lines(where, clock=clock or Ticks(), **changes), waiting=waiting)


async def send(way: SmtpPost):
    return await way.send(LETTER, SENDER, READER)


async def test_many_letters_go_over_one_connection():
    async with mailbox() as (box, port):
        way = post(port)
        for _ in range(5):
            assert await send(way) == Delivered("<1@gaon.example>")
        assert len(box.sessions) == 1
        assert len(box.taken) == 5
        assert box.taken[0][2].startswith(b"Subject: x\r\n\r\n.one")
        await way.close()


async def test_there_are_never_more_connections_than_allowed():
    async with mailbox() as (box, port):
        box.slow.clear()
        way = post(port, most=2)
        sending = [asyncio.create_task(send(way)) for _ in range(6)]
        await box.coming.get()
        await box.coming.get()
        box.slow.set()
        assert await asyncio.gather(*sending) == [Delivered("<1@gaon.example>")] * 6
        assert (box.most, len(box.sessions)) == (2, 2)
        await way.close()


async def test_a_connection_is_given_up_after_its_share_of_letters_or_of_time():
    async with mailbox() as (box, port):
        clock = Ticks()
        way = post(port, clock)
        for _ in range(LETTERS + 1):
            await send(way)
        assert len(box.sessions) == 2
        clock.at += AGE + 1
        await send(way)
        assert len(box.sessions) == 3
        await way.close()


async def test_what_the_server_closed_meanwhile_is_opened_anew():
    async with mailbox() as (box, port):
        way = post(port)
        await send(way)
        box.hang_up()  # not seen by us before the next letter: no turn of the loop in between
        assert isinstance(await send(way), Delivered)
        assert (len(box.sessions), len(box.taken)) == (2, 2)
        await way.close()


async def test_a_goodbye_in_answer_to_the_first_word_is_tried_once_more():
    async with mailbox() as (box, port):
        way = post(port)
        await send(way)
        old = box.sessions[0]
        was = old.smtp_MAIL

        async def bye(arg):
            old.smtp_MAIL = was
            await old.push("421 4.4.2 idle too long")

        old._smtp_methods["MAIL"] = bye
        assert isinstance(await send(way), Delivered)
        assert len(box.sessions) == 2
        await way.close()


async def test_a_connection_that_gives_no_answer_any_more_is_left_for_another():
    async with mailbox() as (box, port):
        way = post(port, first=0.01)
        await send(way)

        async def nothing(arg):
            pass  # half open: a firewall has forgotten it

        box.sessions[0]._smtp_methods["MAIL"] = nothing
        assert isinstance(await send(way), Delivered)
        assert len(box.sessions) == 2
        await way.close()


def encrypted(tmp_path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate of this machine; gives the server's side and ours."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem)
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=made.public_bytes(pem).decode())


async def test_letters_share_one_encrypted_connection(tmp_path):
    theirs, ours = encrypted(tmp_path)
    async with mailbox(theirs) as (box, port):
        where = Server("127.0.0.1", port, tls=False, start_tls=True, context=ours)
        way = SmtpPost(where)
        for _ in range(3):
            assert isinstance(await send(way), Delivered)
        assert len(box.sessions) == 1
        assert box.sessions[0].session.ssl is not None
        await way.close()


async def test_a_server_that_nobody_vouches_for_gets_no_letter(tmp_path):
    theirs, _ = encrypted(tmp_path)
    async with mailbox(theirs) as (box, port):
        way = SmtpPost(Server("127.0.0.1", port, tls=False, start_tls=True))
        assert await send(way) == Later(60.0, counts=False, fault="smtp_connect")
        assert box.taken == []


async def test_a_fresh_connection_that_dies_at_once_is_not_tried_for_ever():
    async with mailbox() as (box, port):
        way = post(port)
        await send(way)
        box.mail = "hang up"
        assert await send(way) == Later(60.0, counts=False, fault="smtp_connect")
        assert len(box.sessions) == 2
        await way.close()


async def test_after_a_refusal_the_same_connection_begins_anew():
    async with mailbox() as (box, port):
        way = post(port)
        box.rcpt = "550 5.1.1 nobody"
        assert await send(way) == Never("mail_nobody", peer_gone=True)
        box.rcpt = ""
        assert isinstance(await send(way), Delivered)
        assert box.said == ["MAIL", "RCPT", "RSET", "MAIL", "RCPT"]
        assert len(box.sessions) == 1
        await way.close()


async def test_what_died_with_the_letter_in_it_may_have_arrived_and_is_not_used_again():
    async with mailbox() as (box, port):
        way = post(port)
        await send(way)
        box.data = "hang up"
        assert await send(way) == Unknown()
        box.data = ""
        assert isinstance(await send(way), Delivered)
        assert len(box.sessions) == 2
        await way.close()


async def test_a_letter_that_found_no_connection_in_time_is_not_blamed():
    async with mailbox() as (box, port):
        box.slow.clear()
        way = post(port, waiting=0.01, most=1)
        first = asyncio.create_task(send(way))
        await box.coming.get()
        assert await send(way) == Later(5.0, counts=False)
        box.slow.set()
        assert isinstance(await first, Delivered)
        await way.close()


async def test_whoever_is_cut_off_leaves_no_connection_half_used():
    async with mailbox() as (box, port):
        box.slow.clear()
        way = post(port)
        cut = asyncio.create_task(send(way))
        await box.coming.get()
        cut.cancel()
        await asyncio.gather(cut, return_exceptions=True)
        box.slow.set()
        assert isinstance(await send(way), Delivered)
        assert len(box.sessions) == 2
        await way.close()


async def test_closing_says_goodbye():
    async with mailbox() as (box, port):
        way = post(port)
        await send(way)
        await way.close()
        await asyncio.wait_for(box.left.wait(), 5)
        assert box.said[-1] == "QUIT"


def test_a_password_is_never_shown():
    assert "geheim" not in repr(Server("h", 25, tls=True, start_tls=None, password="geheim"))
