"""What does the cryptography: one small seam, so that an agency can put its own module behind it.

The module that is built in (`cryptography`, OpenSSL) is not a 검증필 암호모듈. Where one is
required, an object with these functions is named by `JEOKGEUK_CRYPTO`; its mark stands in every
envelope that it makes, so what either sealed lives in one database.
"""

import hmac
import importlib
import os
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import StartRefused

KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D: 96 bits, random; a data key seals far fewer than 2^32 values
SETTING = "JEOKGEUK_CRYPTO"

Random = Callable[[int], bytes]


class Unopened(Exception):  # noqa: N818
    """Some bytes are not what this key sealed for this place."""


class Cipher(Protocol):
    """A key made ready; `bound` is authenticated with what is sealed, and not stored."""

    def seal(self, plain: bytes, bound: bytes, random: Random) -> bytes:
        """Seal; at least 28 bytes longer than `plain`. A module may use its own randomness."""
        ...

    def open(self, sealed: bytes, bound: bytes) -> bytes:
        """Open what `seal` made; raises Unopened."""
        ...


class Provider(Protocol):
    """All the cryptography of keys and contents; keys are 32 bytes.

    `mark` is one letter or digit, written into every envelope; `name` is for people.
    """

    mark: bytes
    name: str

    def cipher(self, secret: bytes) -> Cipher:
        """Make a key ready to seal and open."""
        ...

    def derive(self, secret: bytes, info: bytes) -> bytes:
        """Derive another key of 32 bytes; the same for ever."""
        ...

    def mac(self, secret: bytes, message: bytes) -> bytes:
        """Authenticate in 32 bytes; the same for ever."""
        ...

    def public(self, private: bytes) -> bytes:
        """Give the public half of a private key of 32 bytes."""
        ...

    def wrap(self, public: bytes, plain: bytes, bound: bytes) -> bytes:
        """Seal to a public key, at least 28 bytes longer; who has it cannot open it again."""
        ...

    def unwrap(self, private: bytes, wrapped: bytes, bound: bytes) -> bytes:
        """Open what `wrap` made; raises Unopened."""
        ...


class _Gcm:
    __slots__ = ("_aead",)

    def __init__(self, secret: bytes) -> None:
        self._aead = AESGCM(secret)

    def seal(self, plain: bytes, bound: bytes, random: Random) -> bytes:
        nonce = random(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, bound)

    def open(self, sealed: bytes, bound: bytes) -> bytes:
        try:
            return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
        except InvalidTag as error:
            raise Unopened from error


class OpenSsl:
    """AES-256-GCM, HKDF and HMAC with SHA-256, HPKE (RFC 9180) with X25519; by `cryptography`."""

    mark = b"1"
    name = "AES-256-GCM, HMAC-SHA-256, HPKE X25519 (cryptography)"
    _suite = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)

    def cipher(self, secret: bytes) -> Cipher:
        return _Gcm(secret)

    def derive(self, secret: bytes, info: bytes) -> bytes:
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)

    def mac(self, secret: bytes, message: bytes) -> bytes:
        return hmac.digest(secret, message, "sha256")

    def public(self, private: bytes) -> bytes:
        return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()

    def wrap(self, public: bytes, plain: bytes, bound: bytes) -> bytes:
        to = X25519PublicKey.from_public_bytes(public)
        return self._suite.encrypt(plain, to, info=bound)

    def unwrap(self, private: bytes, wrapped: bytes, bound: bytes) -> bytes:
        mine = X25519PrivateKey.from_private_bytes(private)
        try:
            return self._suite.decrypt(wrapped, mine, info=bound)
        except InvalidTag as error:
            raise Unopened from error


BUILT_IN: Provider = OpenSsl()
Providers = Mapping[bytes, Provider]
STANDARD: Providers = MappingProxyType({BUILT_IN.mark: BUILT_IN})


def load(where: str) -> Providers:
    """Give the built-in module and the one that `package.module:object` names, tried out.

    Raises StartRefused naming the setting.
    """
    if not where:
        return STANDARD
    module, _, name = where.partition(":")
    try:
        own: Provider = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        reason = "그런 암호모듈이 없습니다. 패키지.모듈:이름 꼴로 적고 설치되었는지 봐 주세요"
        raise StartRefused(SETTING, where, reason) from error
    try:
        fits = _works(own)
    except Exception as error:
        raise StartRefused(SETTING, where, "암호모듈이 스스로 시험하다 멈췄습니다") from error
    if not fits:
        raise StartRefused(SETTING, where, "암호모듈이 봉하고 연 것이 처음과 다릅니다")
    return MappingProxyType({**STANDARD, own.mark: own})


def _works(own: Provider) -> bool:
    """Try a module: what it makes opens, what was touched does not, sizes are as told."""
    secret, bound, plain = bytes(range(KEY_BYTES)), b"place", b"word"
    private = bytes(reversed(secret))
    pair = own.cipher(secret)
    sealed = pair.seal(plain, bound, os.urandom)
    wrapped = own.wrap(own.public(private), plain, bound)
    opens = {pair.open(sealed, bound), own.unwrap(private, wrapped, bound)} == {plain}
    tries: tuple[Callable[[], bytes], ...] = (
        lambda: pair.open(sealed, b"elsewhere"),
        lambda: own.unwrap(private, wrapped, b"elsewhere"),
    )
    if not all(_refuses(one) for one in tries):
        return False
    sizes = {len(own.derive(secret, b"a")), len(own.mac(secret, b"a"))} == {KEY_BYTES}
    longer = min(len(sealed), len(wrapped)) >= len(plain) + 28
    mark = len(own.mark) == 1 and own.mark.isalnum() and own.mark not in STANDARD
    return opens and sizes and longer and mark


def _refuses(act: Callable[[], bytes]) -> bool:
    try:
        act()
    except Unopened:
        return True
    return False
