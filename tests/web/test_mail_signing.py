"""Letters are signed so that everybody can see it, and a wrong key stops the start by its name."""

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from bot.dialogs.replies import Say
from bot.errors import BadStart
from bot.handlers.mail_signing import Signer, signer
from tests.web.test_mail_issue import channel, parcel, read, wire

FORMS = (serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL)


def pem(key, form=FORMS[0], lock=None) -> bytes:
    closed = serialization.BestAvailableEncryption(lock) if lock else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, closed)


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def file(key, tmp_path):
    path = tmp_path / "dkim.pem"
    path.write_bytes(pem(key))
    path.chmod(0o600)
    return path


@pytest.fixture
def signs(file) -> Signer:
    made = signer(file, "jt2026", "", "gaon.example")
    assert made is not None
    return made


def asked(signs: Signer):
    """Give a DNS that knows this one record."""
    name, value = signs.record()

    def dns(wanted, timeout=5):
        assert wanted == f"{name}.".encode()
        return value.replace('" "', "").strip('"').encode()

    return dns


def test_an_issue_and_an_ordinary_letter_are_signed(signs, tmp_path):
    road = channel(tmp_path, signer=signs)
    for one in (parcel(), parcel(Say("안녕하세요"), carried=None)):
        raw = wire(road, one)
        assert dkim.verify(raw, dnsfunc=asked(signs))
        signature = read(raw)["DKIM-Signature"]
        assert "c=relaxed/relaxed" in signature
        assert "d=gaon.example" in signature
        assert "s=jt2026" in signature


def test_a_changed_word_or_an_added_line_shows(signs, tmp_path):
    raw = wire(channel(tmp_path, signer=signs), parcel())
    dns = asked(signs)
    assert not dkim.verify(
        raw.replace(b"List-Unsubscribe: <https:", b"List-Unsubscribe: <http:"), dnsfunc=dns
    )
    assert not dkim.verify(raw.replace(b"Q", b"R", 1), dnsfunc=dns)
    for added in (b"From: a@evil.example", b"Reply-To: a@evil.example", b"Subject: x"):
        first = raw.index(b"\r\nTo: ") + 2
        assert not dkim.verify(raw[:first] + added + b"\r\n" + raw[first:], dnsfunc=dns), added


def test_what_stops_it_is_signed(signs, tmp_path):
    raw = wire(channel(tmp_path, signer=signs), parcel())
    said = " ".join(read(raw)["DKIM-Signature"].split())
    named = said.partition("h=")[2].partition(";")[0].replace(" ", "").split(":")
    for name in ("list-unsubscribe", "list-unsubscribe-post", "list-id"):
        assert named.count(name) == 1
    for name in ("from", "to", "subject", "date", "message-id", "mime-version", "content-type"):
        assert named.count(name) == 2
    assert named.count("reply-to") == 1


@pytest.mark.parametrize("form", FORMS)
def test_a_key_of_either_form_is_read(key, form, file, tmp_path):
    file.write_bytes(pem(key, form).replace(b"\n", b"\r\n"))
    made = signer(file, "s", "", "gaon.example")
    raw = wire(channel(tmp_path, signer=made), parcel())
    assert dkim.verify(raw, dnsfunc=asked(made))


def test_the_record_fits_into_the_dns(signs):
    name, value = signs.record()
    assert name == "jt2026._domainkey.gaon.example"
    assert value.startswith('"v=DKIM1; k=rsa; p=')
    assert all(len(part) <= 255 for part in value.strip('"').split('" "'))


def test_nothing_is_signed_without_a_key():
    assert signer(None, "", "", "gaon.example") is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
        pem(ed25519.Ed25519PrivateKey.generate()),
        pem(rsa.generate_private_key(65537, 1024)),
        pem(ed25519.Ed25519PrivateKey.generate(), lock=b"secret"),
    ],
)
def test_what_is_no_key_of_ours_stops_the_start_without_showing_it(content, file):
    file.write_bytes(content)
    with pytest.raises(BadStart, match="MAIL_DKIM_KEY_FILE") as told:
        signer(file, "s", "", "gaon.example")
    assert "AAAA" not in str(told.value)


def test_a_key_that_others_can_read_or_that_is_not_there_stops_the_start(file, tmp_path):
    file.chmod(0o640)
    for path in (file, tmp_path / "none", tmp_path):
        with pytest.raises(BadStart, match="MAIL_DKIM_KEY_FILE"):
            signer(path, "s", "", "gaon.example")


def test_a_key_needs_its_name_in_the_dns(file):
    with pytest.raises(BadStart, match="MAIL_DKIM_SELECTOR"):
        signer(file, "", "", "gaon.example")


@pytest.mark.parametrize(
    ("domain", "sender", "fits"),
    [
        ("", "Gaon.example", True),
        ("gaon.example", "news.gaon.example", True),
        ("news.gaon.example", "gaon.example", True),
        ("aon.example", "gaon.example", False),
        ("evil.example", "gaon.example", False),
    ],
)
def test_only_a_domain_akin_to_the_senders_may_sign(domain, sender, fits, file):
    if fits:
        assert signer(file, "s", domain, sender).domain == (domain or sender.lower())
        return
    with pytest.raises(BadStart, match="MAIL_DKIM_DOMAIN"):
        signer(file, "s", domain, sender)


def test_the_key_is_never_shown(signs):
    assert "PRIVATE" not in repr(signs)
