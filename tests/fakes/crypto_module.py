"""A second module of cryptography, as an agency would put in a validated one."""

from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from storage.provider import OpenSsl, Random, Unopened

NONCE = 12


class _Cipher:
    def __init__(self, secret: bytes) -> None:
        self._aead = ChaCha20Poly1305(secret)

    def seal(self, plain: bytes, bound: bytes, random: Random) -> bytes:
        nonce = random(NONCE)
        return nonce + self._aead.encrypt(nonce, plain, bound)

    def open(self, sealed: bytes, bound: bytes) -> bytes:
        try:
            return self._aead.decrypt(sealed[:NONCE], sealed[NONCE:], bound)
        except InvalidTag as error:
            raise Unopened from error


class ChaCha(OpenSsl):
    """ChaCha20-Poly1305; keys are derived and contents authenticated in its own way too."""

    mark = b"C"
    name = "ChaCha20-Poly1305 (test)"

    def cipher(self, secret: bytes) -> Any:
        return _Cipher(secret)

    def derive(self, secret: bytes, info: bytes) -> bytes:
        return super().derive(secret, b"chacha|" + info)

    def mac(self, secret: bytes, message: bytes) -> bytes:
        return super().mac(secret, b"chacha|" + message)


class Lying(ChaCha):
    """Opens what was sealed for another place."""

    def cipher(self, secret: bytes) -> Any:
        inner = super().cipher(secret)

        class Anywhere:
            def seal(self, plain: bytes, bound: bytes, random: Random) -> bytes:
                return bytes(inner.seal(plain, b"", random))

            def open(self, sealed: bytes, bound: bytes) -> bytes:
                return bytes(inner.open(sealed, b""))

        return Anywhere()


class Broken(ChaCha):
    """Stops in the middle."""

    def cipher(self, secret: bytes) -> Any:
        raise RuntimeError("no token in the slot")


class Namesake(ChaCha):
    """Wears the mark of the built-in module."""

    mark = b"1"


module, lying, broken, namesake = ChaCha(), Lying(), Broken(), Namesake()
