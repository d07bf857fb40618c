"""The envelope: sealing and opening with one key, pure functions of keys and bytes (security S5).

Every sealed value begins with a version, the mark of the module that sealed it and the id of the
key that opens it. What it was sealed for (table, column, owner) is bound to it, so a value that
was moved does not open.
"""

import hmac

from storage.errors import NotSealed, SealError
from storage.provider import (
    BUILT_IN,
    KEY_BYTES,
    NONCE_BYTES,
    STANDARD,
    Cipher,
    Provider,
    Providers,
    Random,
    Unopened,
)

MAGIC = b"\x9ejt"  # 0x9e cannot begin UTF-8, so no text is ever taken for a sealed value
MARK_AT = len(MAGIC)
VERSION = MAGIC + BUILT_IN.mark
ID_BYTES = 4
TAG_BYTES = 16
HEAD = len(VERSION) + ID_BYTES
LEAST = HEAD + NONCE_BYTES + TAG_BYTES


def framed(*parts: bytes) -> bytes:
    """Join parts with their lengths, so that no two lists of parts give the same bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def is_sealed(value: bytes) -> bool:
    """Tell whether the bytes look like a sealed value: version, key id, nonce, tag."""
    return len(value) >= LEAST and value.startswith(MAGIC)


def info_of(purpose: str) -> bytes:
    return b"jeokgeuk|v1|" + purpose.encode()


def key_id(secret: bytes) -> bytes:
    """Name a key by four bytes that say nothing about it; the same whatever module uses it."""
    return BUILT_IN.derive(secret, info_of("id"))[:ID_BYTES]


class SealKey:
    """A key ready for use, with its id worked out once; `mark` names the module that writes."""

    __slots__ = ("_by_mark", "_providers", "cipher", "head", "id", "mark", "secret")

    def __init__(
        self,
        secret: bytes,
        kid: bytes | None = None,
        mark: bytes = BUILT_IN.mark,
        providers: Providers = STANDARD,
    ) -> None:
        self.secret = secret
        self.id = key_id(secret) if kid is None else kid
        self.mark = mark
        self.head = MAGIC + mark + self.id
        self.cipher = providers[mark].cipher(secret)
        self._providers = providers
        self._by_mark = {mark: self.cipher}

    def reader(self, mark: bytes) -> Cipher:
        """Give the key as the module with this mark uses it; raises SealError without one."""
        found = self._by_mark.get(mark)
        if found is None:
            found = module_of(self._providers, mark).cipher(self.secret)
            self._by_mark[mark] = found
        return found

    def tag(self, place: str, content: bytes, mark: bytes | None = None) -> bytes:
        """Authenticate a content that lies elsewhere (a blob); erasing the key erases the proof."""
        mark = self.mark if mark is None else mark
        module = module_of(self._providers, mark)
        made = module.mac(module.derive(self.secret, info_of(f"mac.{place}")), content)
        return made if mark == BUILT_IN.mark else mark + made

    def tagged(self, place: str, content: bytes, tag: bytes) -> bool:
        """Compare in constant time, with the module that made it."""
        mark = tag[:1] if len(tag) > KEY_BYTES else BUILT_IN.mark
        return hmac.compare_digest(tag, self.tag(place, content, mark))


def module_of(providers: Providers, mark: bytes) -> Provider:
    if mark not in providers:
        raise SealError(f"sealed by the module {mark!r}, which is not there")
    return providers[mark]


def _aad(place: str, owner: bytes) -> bytes:
    table, column = place.split(".")
    return framed(b"v1", table.encode(), column.encode(), owner)


def seal(key: SealKey, place: str, owner: bytes, plain: bytes, random: Random) -> bytes:
    """Seal `plain` for `place` ("table.column") of the row that belongs to `owner`."""
    return key.head + key.cipher.seal(plain, _aad(place, owner), random)


def unseal(key: SealKey, place: str, owner: bytes, sealed: bytes) -> bytes:
    """Open what `seal` made; raises SealError if place, owner, key or any byte differs."""
    if len(sealed) >= LEAST and sealed.startswith(key.head):
        cipher = key.cipher
    elif not is_sealed(sealed):
        raise NotSealed(place)
    elif sealed_by(sealed) != key.id:
        raise SealError(f"{place}: sealed with another key")
    else:
        cipher = key.reader(mark_of(sealed))
    try:
        return cipher.open(sealed[HEAD:], _aad(place, owner))
    except Unopened as error:
        raise SealError(f"{place}: does not open here") from error


def sealed_by(sealed: bytes) -> bytes:
    """Read the id of the key from a sealed value."""
    return sealed[len(VERSION) : HEAD]


def mark_of(sealed: bytes) -> bytes:
    """Read the mark of the module that sealed a value."""
    return sealed[MARK_AT : len(VERSION)]
