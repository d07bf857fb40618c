"""Letters are signed where the relay does not do it, so that receivers believe whose they are.

DKIM (RFC 6376) by dkimpy; its arithmetic is Python's own, 8 ms a letter and more with pictures.
"""

import base64
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.errors import BadStart, unreadable
from storage.files import others_read

SHORTEST = 2048
"""Bits of a key (RFC 8301 3.2: signers should use at least so many)."""

ONCE = (
    "from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "content-type",
)  # fmt: skip
"""What stands at most once at the head: signed once more than it is there, so that nobody can
add a second one below the signature (RFC 6376 8.15)."""

ALSO = (
    "list-unsubscribe", "list-unsubscribe-post", "list-id", "auto-submitted", "precedence",
    "content-language", "feedback-id",
)  # fmt: skip
"""RFC 8058 4 asks that the two for stopping are signed."""

_TXT = 255
"""Bytes of one string of a TXT record (RFC 1035 3.3.14)."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs letters for a domain; `selector` names the key in its DNS."""

    domain: str
    selector: str
    key: bytes = field(repr=False)

    def sign(self, wire: bytes) -> bytes:
        """Give the letter with its signature at the head."""
        import dkim  # noqa: PLC0415 - it loads a DNS client: only where letters are signed

        head = wire.partition(b"\r\n\r\n")[0]
        there = [
            line.partition(b":")[0].lower().decode("ascii")
            for line in head.split(b"\r\n")
            if line[:1].strip()
        ]
        names = [*ONCE, *(name for name in ONCE if name in there)]
        names += [name for name in ALSO if name in there]
        signature: bytes = dkim.sign(
            wire,
            self.selector.encode("ascii"),
            self.domain.encode("ascii"),
            self.key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[name.encode("ascii") for name in names],
        )
        return signature + wire

    def record(self) -> tuple[str, str]:
        """Give the name and the value of the TXT record that has to stand in the DNS."""
        private = serialization.load_pem_private_key(self.key, None)
        public = private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        text = f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode('ascii')}"
        parts = [text[at : at + _TXT] for at in range(0, len(text), _TXT)]
        value = " ".join(f'"{part}"' for part in parts)
        return f"{self.selector}._domainkey.{self.domain}", value


def signer(path: Path | None, selector: str, domain: str, sender: str) -> Signer | None:
    """Make the signer of the settings; None where no key is set.

    `sender` is the domain that letters come from: the signature has to be of it, of one above it
    or of one below (RFC 7489 3.1.1), or nobody counts it as theirs. Raises `BadStart` naming the
    setting.
    """
    if path is None:
        return None
    if not selector:
        raise BadStart("settings", "MAIL_DKIM_SELECTOR", "열쇠가 있으면 선택자도 있어야 합니다")
    domain = (domain or sender).lower()
    near = f".{sender.lower()}".endswith(f".{domain}") or f".{domain}".endswith(
        f".{sender.lower()}"
    )
    if not near:
        reason = f"보내는 주소의 도메인({sender})과 이어져 있지 않습니다"
        raise BadStart("settings", "MAIL_DKIM_DOMAIN", reason)
    return Signer(domain, selector, _key(path))


def _key(path: Path) -> bytes:
    """Read an RSA key as dkimpy wants it; raises `BadStart`, never with what stood there."""
    try:
        if path.is_file() and others_read(path.stat(), os.geteuid()):
            raise _wrong("다른 사람도 읽을 수 있습니다(chmod 600)")
        text = path.read_bytes()
    except OSError as error:
        raise _wrong(unreadable(error)) from None
    try:
        key = serialization.load_pem_private_key(text, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _wrong("암호를 걸지 않은 PEM 개인 열쇠가 아닙니다") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < SHORTEST:
        raise _wrong(f"{SHORTEST}비트 이상의 RSA 열쇠가 아닙니다")
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def _wrong(reason: str) -> BadStart:
    return BadStart("settings", "MAIL_DKIM_KEY_FILE", reason)
