"""Sealing, blind indexes and message codes: pure functions of keys and bytes (security S5, S6, S24).

Every sealed value begins with a version and the id of the key that opens it. What it was sealed
for (table, column, owner) is bound to it, so a value that was moved does not open.
"""

import base64
import binascii
import hashlib
import hmac
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage import files
from storage.errors import NotSealed, SealError, StartRefused

VERSION = b"\x9ejt1"  # 0x9e cannot begin UTF-8, so no text is ever taken for a sealed value
ID_BYTES = 4
NONCE_BYTES = 12  # NIST SP 800-38D: 96 bits, random; a data key seals far fewer than 2^32 values
TAG_BYTES = 16
KEY_BYTES = 32
HEAD = len(VERSION) + ID_BYTES
KEY_TEXT = "jeokgeuk-key-1:"

WHERE_FROM = "쓰던 열쇠를 되살려 주세요(처음이면 jeokgeuk keys new)"

Random = Callable[[int], bytes]


def framed(*parts: bytes) -> bytes:
    """Join parts with their lengths, so that no two lists of parts give the same bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def is_sealed(value: bytes) -> bool:
    """Tell whether the bytes look like a sealed value: version, key id, nonce, tag."""
    return len(value) >= HEAD + NONCE_BYTES + TAG_BYTES and value.startswith(VERSION)


def _hkdf(secret: bytes, purpose: str) -> bytes:
    info = b"jeokgeuk|v1|" + purpose.encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)


def key_id(secret: bytes) -> bytes:
    """Name a key by four bytes that say nothing about it."""
    return _hkdf(secret, "id")[:ID_BYTES]


class SealKey:
    """A key ready for use, with its id worked out once."""

    __slots__ = ("cipher", "id", "secret")

    def __init__(self, secret: bytes, kid: bytes | None = None) -> None:
        self.secret = secret
        self.id = key_id(secret) if kid is None else kid
        self.cipher = AESGCM(secret)


def _aad(place: str, owner: bytes) -> bytes:
    table, column = place.split(".")
    return framed(b"v1", table.encode(), column.encode(), owner)


def seal(key: SealKey, place: str, owner: bytes, plain: bytes, random: Random) -> bytes:
    """Seal `plain` for `place` ("table.column") of the row that belongs to `owner`."""
    nonce = random(NONCE_BYTES)
    return VERSION + key.id + nonce + key.cipher.encrypt(nonce, plain, _aad(place, owner))


def unseal(key: SealKey, place: str, owner: bytes, sealed: bytes) -> bytes:
    """Open what `seal` made; raises SealError if place, owner, key or any byte differs."""
    if not is_sealed(sealed):
        raise NotSealed(place)
    if sealed_by(sealed) != key.id:
        raise SealError(f"{place}: sealed with another key")
    nonce, rest = sealed[HEAD : HEAD + NONCE_BYTES], sealed[HEAD + NONCE_BYTES :]
    try:
        return key.cipher.decrypt(nonce, rest, _aad(place, owner))
    except InvalidTag as error:
        raise SealError(f"{place}: does not open here") from error


def sealed_by(sealed: bytes) -> bytes:
    """Read the id of the key from a sealed value."""
    return sealed[len(VERSION) : HEAD]


@dataclass(frozen=True, slots=True)
class RingKey:
    """One key of the ring; `name` is its file or setting, for messages."""

    name: str
    secret: bytes = field(repr=False)

    @property
    def id(self) -> bytes:
        return key_id(self.secret)

    @classmethod
    def parse(cls, name: str, text: str) -> "RingKey":
        """Read a key as `new_key_text` writes it; raises StartRefused with its name."""
        body = text.strip().removeprefix(KEY_TEXT)
        try:
            secret = base64.urlsafe_b64decode(body.encode())
        except (binascii.Error, ValueError) as error:
            raise StartRefused(
                name, "key", "열쇠가 아닙니다. jeokgeuk keys new가 쓴 그대로여야 합니다"
            ) from error
        if len(secret) != KEY_BYTES or not text.strip().startswith(KEY_TEXT):
            raise StartRefused(
                name, "key", "열쇠가 아닙니다. jeokgeuk keys new가 쓴 그대로여야 합니다"
            )
        return cls(name, secret)


def new_key_text(random: Random = os.urandom) -> str:
    """Make a key as one line of text."""
    return KEY_TEXT + base64.urlsafe_b64encode(random(KEY_BYTES)).decode()


def add_key(path: Path, random: Random = os.urandom) -> None:
    """Put a new key at the head of a key file, which is made at need; readable by its owner only.

    The head is the key that writes; the file is replaced whole, so no crash leaves half of it.
    """
    older = path.read_text(encoding="ascii") if path.exists() else ""
    files.keep(path, f"{new_key_text(random)}\n{older}".encode("ascii"), random)


def read_keys(path: Path, data_dir: Path) -> str:
    """Read a key file; it must be readable by its owner only and lie outside the data.

    A key inside the data directory would travel with every copy of it (security S6).
    """
    if path.resolve().is_relative_to(data_dir.resolve()):
        raise StartRefused(
            path.name, "place", "열쇠가 자료 폴더 안에 있습니다. 밖으로 옮겨 주세요"
        )
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077 and path.is_file():
            raise StartRefused(path.name, "mode", "다른 사람도 읽을 수 있습니다(chmod 600)")
        return path.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError as error:
        reason = f"파일이 없습니다. JEOKGEUK_KEY_FILE을 봐 주세요. {WHERE_FROM}"
        raise StartRefused(path.name, "file", reason) from error
    except OSError as error:
        reason = (
            "읽을 수 없습니다. JEOKGEUK_KEY_FILE이 파일인지, 이 계정이 읽을 수 있는지 봐 주세요"
        )
        raise StartRefused(path.name, "file", reason) from error


class KeyRing:
    """The keys of this deployment: the first writes, all of them read."""

    def __init__(self, keys: Sequence[RingKey], source: str = "keys") -> None:
        if not keys:
            raise StartRefused(source, "ring", f"열쇠가 들어 있지 않습니다. {WHERE_FROM}")
        self.keys = tuple(keys)
        self._by_id = {key.id: key for key in keys}
        if len(self._by_id) != len(self.keys):
            raise StartRefused(keys[-1].name, "key", "같은 열쇠가 두 번 있습니다")
        self._derived: dict[tuple[bytes, str], bytes] = {}
        self.first = self.keys[0].id

    @classmethod
    def from_text(cls, name: str, text: str) -> "KeyRing":
        """Read keys that stand one after another; `name` is their file or setting."""
        lines = text.replace(",", " ").split()
        names = [name if len(lines) == 1 else f"{name} #{n}" for n in range(1, len(lines) + 1)]
        return cls([RingKey.parse(*pair) for pair in zip(names, lines, strict=True)], name)

    @classmethod
    def from_file(cls, path: Path, data_dir: Path) -> "KeyRing":
        """Read a key file, as `add_key` writes it."""
        return cls.from_text(path.name, read_keys(path, data_dir))

    def name(self, kid: bytes) -> str:
        return self._by_id[kid].name

    def has(self, kid: bytes) -> bool:
        return kid in self._by_id

    def derive(self, purpose: str, kid: bytes | None = None) -> bytes:
        """Give the key for one purpose; raises SealError naming an unknown ring key."""
        kid = self.first if kid is None else kid
        if kid not in self._by_id:
            raise SealError(f"key {kid.hex()} is not in the ring")
        at = (kid, purpose)
        if at not in self._derived:
            self._derived[at] = _hkdf(self._by_id[kid].secret, purpose)
        return self._derived[at]

    def check_value(self, kid: bytes) -> bytes:
        """Sixteen bytes that prove, at the next start, that this is still the same key."""
        return self.derive("check", kid)[:16]

    def wrap(self, purpose: str, owner: bytes, data_key: bytes, random: Random) -> bytes:
        """Wrap an owner's data key under the first key of the ring."""
        key = SealKey(self.derive(f"wrap.{purpose}"), self.first)
        return seal(key, "keys.wrapped", owner + purpose.encode(), data_key, random)

    def unwrap(self, purpose: str, owner: bytes, wrapped: bytes) -> bytes:
        """Open a data key with whichever key of the ring wrapped it."""
        kid = sealed_by(wrapped)
        key = SealKey(self.derive(f"wrap.{purpose}", kid), kid)
        return unseal(key, "keys.wrapped", owner + purpose.encode(), wrapped)

    def mac(self, purpose: str, *parts: bytes, kid: bytes | None = None) -> bytes:
        """Authenticate parts under the key of a purpose: key id, then HMAC-SHA-256."""
        kid = self.first if kid is None else kid
        return kid + hmac.digest(self.derive(purpose, kid), framed(*parts), "sha256")

    def mac_holds(self, purpose: str, mac: bytes, *parts: bytes) -> bool:
        """Compare in constant time, under the key that made it."""
        kid = mac[:ID_BYTES]
        if not self.has(kid):
            return False
        return hmac.compare_digest(mac, self.mac(purpose, *parts, kid=kid))

    def blind_index(self, purpose: str, value: str, kid: bytes | None = None) -> bytes:
        """Turn a value into something that can be looked up but not read (security S6)."""
        return self.mac(f"index.{purpose}", value.encode(), kid=kid)[ID_BYTES:]

    def blind_indexes(self, purpose: str, value: str) -> tuple[bytes, ...]:
        """Give the index under every key: what is looked up while the ring is rotated."""
        return tuple(self.blind_index(purpose, value, kid) for kid in self._by_id)

    def code_mac(self, number: str, code: str) -> bytes:
        """Give what is stored of a return code (security S24)."""
        return self.mac("code", number.encode(), code.encode())

    def code_holds(self, stored: bytes | None, number: str, code: str) -> bool:
        """Check a return code; a filing without one, or none at all, costs the same work."""
        mac = stored if stored is not None else self.first + bytes(32)
        return self.mac_holds("code", mac, number.encode(), code.encode())

    def signer(self, kid: bytes | None = None) -> Ed25519PrivateKey:
        """Give the key that signs the journal's roots (security S4)."""
        return Ed25519PrivateKey.from_private_bytes(self.derive("roots", kid))


def token_hash(token: str) -> bytes:
    """Give what is stored of a random token of 128 bits or more; needs no key."""
    return hashlib.sha256(token.encode()).digest()


def owner_mac(data_key: bytes, place: str, content: bytes) -> bytes:
    """Authenticate a blob with the key of its owner; erasing the key erases the proof too."""
    return hmac.digest(_hkdf(data_key, f"mac.{place}"), content, "sha256")
