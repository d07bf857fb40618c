"""The keys of a deployment: ring, keys of the desk, blind indexes, message codes (security S6, S24).

The ring opens contents and is held by every part. The key of the desk opens who reported: its
private half lies with the desk and with `work` only, so the public part can write an identity and
not read it (security S7).
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage import key_files
from storage.errors import Closed, SealError, StartRefused, UnknownKey
from storage.key_files import WHERE_FROM, read_keys
from storage.provider import (
    BUILT_IN,
    KEY_BYTES,
    NONCE_BYTES,
    SETTING,
    STANDARD,
    Provider,
    Providers,
    Random,
    Unopened,
)
from storage.sealing import (
    HEAD,
    ID_BYTES,
    MAGIC,
    TAG_BYTES,
    VERSION,
    SealKey,
    framed,
    info_of,
    is_sealed,
    key_id,
    mark_of,
    module_of,
    seal,
    sealed_by,
    unseal,
)

__all__ = [
    "DESK_SETTING",
    "HEAD",
    "ID_BYTES",
    "KEY_BYTES",
    "NONCE_BYTES",
    "TAG_BYTES",
    "VERSION",
    "DeskKey",
    "KeyRing",
    "Random",
    "RingKey",
    "SealKey",
    "add_key",
    "framed",
    "is_sealed",
    "key_id",
    "mark_of",
    "new_desk_text",
    "new_key_text",
    "seal",
    "sealed_by",
    "token_hash",
    "unseal",
]  # fmt: skip

KEY_TEXT = "jeokgeuk-key-"
DESK_TEXT = "jeokgeuk-desk-key-"
DESK_SETTING = "JEOKGEUK_DESK_KEY_FILE"
NO_KEY = "열쇠가 아닙니다. jeokgeuk keys new가 쓴 그대로여야 합니다"
WRAPPED = "keys.wrapped"

KEPT = ("code", "erasures", "erasures.chain", "inbox", "journal", "roots")
"""Purposes whose keys outlive a retired ring key: codes that were given, what was chained."""


@dataclass(frozen=True, slots=True)
class RingKey:
    """One key of the ring; `name` is its file or setting, for messages, `mark` its module."""

    name: str
    secret: bytes = field(repr=False)
    mark: bytes = BUILT_IN.mark

    @property
    def id(self) -> bytes:
        return key_id(self.secret)

    @classmethod
    def parse(cls, name: str, text: str) -> "RingKey":
        """Read a key as `new_key_text` writes it; raises StartRefused with its name."""
        mark, secret = _parse(name, KEY_TEXT, text)
        return cls(name, secret, mark)


@dataclass(frozen=True, slots=True)
class DeskKey:
    """A key of the desk; `private` is None in the public part."""

    name: str
    public: bytes
    private: bytes | None = field(default=None, repr=False)
    mark: bytes = BUILT_IN.mark

    @property
    def id(self) -> bytes:
        return hashlib.sha256(b"jeokgeuk|desk|" + self.public).digest()[:ID_BYTES]

    @classmethod
    def parse(cls, name: str, text: str, providers: Providers = STANDARD) -> "DeskKey":
        """Read a key as `new_desk_text` writes it; raises StartRefused with its name."""
        mark, private = _parse(name, DESK_TEXT, text)
        return cls(name, _offered(providers, name, mark).public(private), private, mark)


def _parse(name: str, begins: str, text: str) -> tuple[bytes, bytes]:
    """Read the mark and the secret out of one line of text."""
    mark, _, body = text.strip().removeprefix(begins).partition(":")
    try:
        secret = base64.urlsafe_b64decode(body.encode())
    except (binascii.Error, ValueError) as error:
        raise StartRefused(name, "key", NO_KEY) from error
    whole = text.strip().startswith(begins) and len(mark) == 1 and mark.isascii()
    if len(secret) != KEY_BYTES or not whole:
        raise StartRefused(name, "key", NO_KEY)
    return mark.encode(), secret


def _offered(providers: Providers, name: str, mark: bytes) -> Provider:
    if mark not in providers:
        reason = f"암호모듈 {mark.decode()}의 것인데 그 모듈이 없습니다. {SETTING}를 봐 주세요"
        raise StartRefused(name, "module", reason)
    return providers[mark]


def key_text(secret: bytes, mark: bytes = BUILT_IN.mark, *, desk: bool = False) -> str:
    """Write a key as one line of text."""
    begins = DESK_TEXT if desk else KEY_TEXT
    return f"{begins}{mark.decode()}:{base64.urlsafe_b64encode(secret).decode()}"


def new_key_text(random: Random = os.urandom, mark: bytes = BUILT_IN.mark) -> str:
    """Make a key of the ring as one line of text."""
    return key_text(random(KEY_BYTES), mark)


def new_desk_text(random: Random = os.urandom, mark: bytes = BUILT_IN.mark) -> str:
    """Make a key of the desk, its private half, as one line of text."""
    return key_text(random(KEY_BYTES), mark, desk=True)


def add_key(path: Path, random: Random = os.urandom, mark: bytes = BUILT_IN.mark) -> None:
    """Put a new key of the ring at the head of a file; a new file gets a key of the desk too."""
    if not path.exists():
        key_files.add(path, new_desk_text(random, mark), random)
    key_files.add(path, new_key_text(random, mark), random)


class KeyRing:
    """The keys of this deployment: the first writes, all of them read.

    `first` and `desk_first` are the heads of the files until the database says which one writes
    (`arranged`): in a rotation all processes have to go over to a new key in step.
    """

    def __init__(
        self,
        keys: Sequence[RingKey],
        source: str = "keys",
        *,
        desk: Sequence[DeskKey] = (),
        providers: Providers = STANDARD,
    ) -> None:
        if not keys:
            raise StartRefused(source, "ring", f"열쇠가 들어 있지 않습니다. {WHERE_FROM}")
        self.keys = tuple(keys)
        self.desk = {key.id: key for key in desk}
        self.providers = providers
        self._by_id = {key.id: key for key in keys}
        self._modules = {key.id: _offered(providers, key.name, key.mark) for key in keys}
        if len(self._by_id) != len(self.keys) or len(self.desk) != len(desk):
            raise StartRefused(keys[-1].name, "key", "같은 열쇠가 두 번 있습니다")
        self._derived: dict[tuple[bytes, str], bytes] = {}
        self._kept: Mapping[tuple[bytes, str], tuple[bytes, Provider]] = {}
        self.first = self.keys[0].id
        self.desk_first = desk[0].id if desk else None

    @classmethod
    def from_text(
        cls, name: str, text: str, providers: Providers = STANDARD, desk: str | None = None
    ) -> "KeyRing":
        """Read keys that stand one after another; `name` is their file or setting.

        Keys of the desk may stand among them (one file for a small installation) or in `desk`,
        the text of a file of their own.
        """
        lines = text.replace(",", " ").split()
        ring = _named(name, [line for line in lines if not line.startswith(DESK_TEXT)])
        mine = _named(name, [line for line in lines if line.startswith(DESK_TEXT)])
        mine += _named(DESK_SETTING, (desk or "").replace(",", " ").split())
        return cls(
            [RingKey.parse(*one) for one in ring],
            name,
            desk=[DeskKey.parse(*one, providers) for one in mine],
            providers=providers,
        )

    @classmethod
    def from_file(
        cls,
        path: Path,
        data_dir: Path,
        desk: Path | None = None,
        providers: Providers = STANDARD,
    ) -> "KeyRing":
        """Read a key file, as `key_files.add` writes it, and that of the desk where there is one."""
        own = None if desk is None else read_keys(desk, data_dir, DESK_SETTING)
        return cls.from_text(path.name, read_keys(path, data_dir), providers, own)

    def arranged(
        self,
        first: bytes,
        desk: Iterable[DeskKey],
        desk_first: bytes | None,
        kept: Mapping[tuple[bytes, str], tuple[bytes, bytes]],
        gone: Container[bytes] = (),
    ) -> "KeyRing":
        """Give the ring as the database wants it used: which keys write, which the desk has.

        `desk` are the public halves that the database knows; `kept` are the keys of purposes that
        outlived a retired ring key, with the mark of their module; `gone` are retired keys.
        """
        own = {one.id: one for one in desk} | self.desk
        standing = [key for key in self.keys if key.id not in gone]
        made = KeyRing(standing, desk=tuple(own.values()), providers=self.providers)
        made.first, made.desk_first = first, desk_first
        made._derived = self._derived
        made._kept = {
            at: (secret, module_of(self.providers, mark)) for at, (secret, mark) in kept.items()
        }
        return made

    def name(self, kid: bytes) -> str:
        return self._by_id[kid].name

    def has(self, kid: bytes) -> bool:
        return kid in self._by_id

    def mark(self, kid: bytes) -> bytes:
        """Name the module of a key of the ring."""
        return self._by_id[kid].mark

    def ready(self, secret: bytes, kid: bytes | None = None) -> SealKey:
        """Make a key ready; it writes with the module of the key that writes."""
        return SealKey(secret, kid, self.mark(self.first), self.providers)

    def derive(self, purpose: str, kid: bytes | None = None) -> bytes:
        """Give the key for one purpose; raises UnknownKey for what is not in the ring."""
        kid = self.first if kid is None else kid
        at = (kid, purpose)
        if at not in self._derived:
            if at in self._kept:
                return self._kept[at][0]
            if kid not in self._by_id:
                raise UnknownKey(f"key {kid.hex()} is not in the ring")
            made = self._modules[kid].derive(self._by_id[kid].secret, info_of(purpose))
            self._derived[at] = made
        return self._derived[at]

    def check_value(self, kid: bytes) -> bytes:
        """Sixteen bytes that prove, at the next start, that this is still the same key."""
        return self.derive("check", kid)[:16]

    def wrap(self, purpose: str, owner: bytes, data_key: bytes, random: Random) -> bytes:
        """Wrap an owner's data key under the first key of the ring."""
        key = self.ready(self.derive(f"wrap.{purpose}"), self.first)
        return seal(key, WRAPPED, owner + purpose.encode(), data_key, random)

    def unwrap(self, purpose: str, owner: bytes, wrapped: bytes) -> bytes:
        """Open a data key with whichever key of the ring wrapped it."""
        kid = sealed_by(wrapped)
        key = self.ready(self.derive(f"wrap.{purpose}", kid), kid)
        return unseal(key, WRAPPED, owner + purpose.encode(), wrapped)

    def enclose(self, purpose: str, owner: bytes, data_key: bytes) -> bytes:
        """Wrap a data key to the key of the desk that writes: here nobody opens it again."""
        assert self.desk_first is not None
        key = self.desk[self.desk_first]
        module = module_of(self.providers, key.mark)
        bound = framed(b"desk1", purpose.encode(), owner)
        return MAGIC + key.mark + key.id + module.wrap(key.public, data_key, bound)

    def disclose(self, purpose: str, owner: bytes, wrapped: bytes) -> bytes:
        """Open what `enclose` made; raises Closed where the private half is not."""
        kid = sealed_by(wrapped)
        if kid not in self.desk:
            raise UnknownKey(f"key {kid.hex()} is not in the ring")
        key = self.desk[kid]
        if key.private is None:
            raise Closed(purpose)
        module = module_of(self.providers, mark_of(wrapped))
        try:
            bound = framed(b"desk1", purpose.encode(), owner)
            return module.unwrap(key.private, wrapped[HEAD:], bound)
        except Unopened as error:
            raise SealError(f"{purpose}: does not open here") from error

    @property
    def discloses(self) -> bool:
        """Tell whether this process can open who reported."""
        return self.desk_first is None or self.desk[self.desk_first].private is not None

    def tag(self, purpose: str, message: bytes, kid: bytes | None = None) -> bytes:
        """Authenticate a message under the key of a purpose, in 32 bytes."""
        kid = self.first if kid is None else kid
        secret = self.derive(purpose, kid)
        module = self._modules.get(kid) or self._kept[kid, purpose][1]
        return module.mac(secret, message)

    def mac(self, purpose: str, *parts: bytes, kid: bytes | None = None) -> bytes:
        """Authenticate parts under the key of a purpose: key id, then 32 bytes."""
        kid = self.first if kid is None else kid
        return kid + self.tag(purpose, framed(*parts), kid)

    def mac_holds(self, purpose: str, mac: bytes, *parts: bytes) -> bool:
        """Compare in constant time, under the key that made it."""
        kid = mac[:ID_BYTES]
        if not self.knows(purpose, kid):
            return False
        return hmac.compare_digest(mac, self.mac(purpose, *parts, kid=kid))

    def knows(self, purpose: str, kid: bytes) -> bool:
        """Tell whether a purpose's key is here, though its ring key may have been retired."""
        return kid in self._by_id or (kid, purpose) in self._kept

    def knowing(self, purpose: str) -> tuple[bytes, ...]:
        """Name the keys whose purpose is here, those of retired ring keys too."""
        retired = (kid for kid, kept in self._kept if kept == purpose)
        return tuple(dict.fromkeys((*self._by_id, *retired)))

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


def _named(name: str, lines: Sequence[str]) -> list[tuple[str, str]]:
    if len(lines) == 1:
        return [(name, lines[0])]
    return [(f"{name} #{n}", line) for n, line in enumerate(lines, 1)]


def token_hash(token: str) -> bytes:
    """Give what is stored of a random token of 128 bits or more; needs no key."""
    return hashlib.sha256(token.encode()).digest()
