"""A file that crosses from one network to the other: signed by who sends it, sealed to who reads.

Outside it is an age file (age-encryption.org/v1) for one reader. Inside stand a signature
(Ed25519) and a letter in JSON, which says from whom to whom it goes, in which direction, under
which number and after which file. Whoever carries it learns a direction, a number and a size.
"""

import hashlib
import json
import os
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pyrage
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from storage import files
from storage.crypto import Random
from storage.errors import StartRefused
from storage.receipts import bytes_of, text_of

Direction = Literal["in", "out"]
VERSION = 1
MAGIC = b"jeokgeuk-relay 1\n"
START = bytes(32)
"""What stands for the file before the first one."""
SIGNATURE = 64
PUBLIC = "jtr1"
"""What a public line begins with: `jtr1.<Ed25519>.<age1…>`."""


class Refuse(ValueError):  # noqa: N818 - a word of ours
    """A file that is not to be read: unreadable, forged, direction, receiver, shape, newer."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True)
class Peer:
    """The other side: what it signs with and what is sealed to it."""

    verify: Ed25519PublicKey
    reads: pyrage.x25519.Recipient

    def __str__(self) -> str:
        return f"{PUBLIC}.{text_of(self.verify.public_bytes_raw())}.{self.reads}"


@dataclass(frozen=True, slots=True)
class Own:
    """Our side: the private halves, from a file of their own."""

    sign: Ed25519PrivateKey = field(repr=False)
    reads: pyrage.x25519.Identity = field(repr=False)

    @property
    def public(self) -> Peer:
        return Peer(self.sign.public_key(), self.reads.to_public())


@dataclass(frozen=True, slots=True)
class Letter:
    """What stands in a file.

    `prev` is the SHA-256 of the file before it. `have` and `have_digest` say which file of the
    other direction was read last, `missing` which numbers were not found. `records` are the
    things themselves (JSON objects with a `kind`). `kind` is that of the installation (S32).
    """

    direction: Direction
    number: int
    prev: bytes
    have: int
    have_digest: bytes
    missing: tuple[int, ...]
    at: datetime
    records: tuple[Mapping[str, Any], ...]
    kind: str = "service"


def digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def name(direction: Direction, number: int) -> str:
    """Name a file; the name tells nothing but direction and number."""
    return f"{direction}-{number:010}.jtr"


def number_of(direction: Direction, file: str) -> int | None:
    """Read the number off a name of this direction; None for any other."""
    start, dash, rest = file.partition("-")
    number, dot, ending = rest.partition(".")
    fits = (start, dash, dot, ending) == (direction, "-", ".", "jtr")
    return (
        int(number)
        if fits and number.isascii() and number.isdecimal() and len(number) == 10
        else None
    )


def write(own: Own, peer: Peer, letter: Letter) -> bytes:
    """Sign and seal a letter; it never comes out twice the same, so its bytes are kept."""
    body = json.dumps(
        {
            "v": VERSION,
            "from": str(own.public),
            "to": str(peer),
            "kind": letter.kind,
            "direction": letter.direction,
            "number": letter.number,
            "prev": text_of(letter.prev),
            "have": letter.have,
            "have_digest": text_of(letter.have_digest),
            "missing": list(letter.missing),
            "at": letter.at.isoformat(),
            "records": list(letter.records),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
    signed = own.sign.sign(MAGIC + body) + body
    sealed: bytes = pyrage.encrypt(signed, [peer.reads])
    return sealed


def read(own: Own, peer: Peer, direction: Direction, content: bytes) -> Letter:
    """Open a file and check who wrote it and for whom; raises Refuse naming what is wrong."""
    try:
        signed: bytes = pyrage.decrypt(content, [own.reads])
    except (pyrage.DecryptError, ValueError, OSError) as error:
        # Sealed to another reader no stanza opens; cut or changed it begins to open, and fails.
        other = "matching" in str(error).lower()
        raise Refuse("receiver" if other else "unreadable") from None
    mark, body = signed[:SIGNATURE], signed[SIGNATURE:]
    try:
        peer.verify.verify(mark, MAGIC + body)
    except InvalidSignature:
        raise Refuse("forged") from None
    return _letter(own, peer, direction, body)


def _letter(own: Own, peer: Peer, direction: Direction, body: bytes) -> Letter:
    try:
        value = json.loads(body)
        wrong = _wrong(own, peer, direction, value)
        letter = (
            None
            if wrong
            else Letter(
                direction,
                int(value["number"]),
                bytes_of(value["prev"]),
                int(value["have"]),
                bytes_of(value["have_digest"]),
                tuple(int(one) for one in value["missing"]),
                datetime.fromisoformat(value["at"]),
                tuple(value["records"]),
                str(value["kind"]),
            )
        )
    except (ValueError, KeyError, TypeError):
        raise Refuse("shape") from None
    if letter is None:
        raise Refuse(wrong)
    return letter


def _wrong(own: Own, peer: Peer, direction: Direction, value: Mapping[str, Any]) -> str:
    """Say why a letter that our peer has signed is none for us, "" for one that is."""
    if value["v"] > VERSION:
        return "newer"
    if value["from"] != str(peer) or value["to"] != str(own.public):
        return "receiver"  # meant for somebody else
    return "" if value["direction"] == direction else "direction"


def size_of(record: Mapping[str, Any]) -> int:
    """Give how many bytes a record takes in a letter."""
    return len(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()) + 1


def encoded(content: bytes) -> str:
    return b64encode(content).decode()


def new_own(path: Path, random: Random = os.urandom) -> Peer:
    """Make a pair of keys in a new file (0600); gives the public line.

    Raises FileExistsError: a key that is there is never written over.
    """
    if path.exists():
        raise FileExistsError(17, "there is one", str(path))
    own = Own(Ed25519PrivateKey.generate(), pyrage.x25519.Identity.generate())
    seed = text_of(own.sign.private_bytes_raw())
    text = f"# public: {own.public}\n{seed}\n{own.reads}\n"
    files.keep(path, text.encode("ascii"), random)
    return own.public


def read_own(path: Path) -> Own:
    """Read our own keys; raises StartRefused naming the file's setting."""
    setting = "JEOKGEUK_RELAY_KEY_FILE"
    try:
        if path.stat().st_mode & 0o077:
            raise StartRefused(setting, "mode", "다른 계정이 읽을 수 있습니다: chmod 600")
        text = path.read_text(encoding="ascii")
        lines = [one.strip() for one in text.splitlines() if one.strip() and one[0] != "#"]
        seed, identity = lines
        return Own(
            Ed25519PrivateKey.from_private_bytes(bytes_of(seed)),
            pyrage.x25519.Identity.from_str(identity),
        )
    except OSError:
        raise StartRefused(setting, "file", "읽을 수 없습니다") from None
    except (ValueError, pyrage.IdentityError):
        reason = "망연계 열쇠 파일이 아닙니다. 만들기: jeokgeuk relay keys"
        raise StartRefused(setting, "key", reason) from None


def read_peer(line: str) -> Peer:
    """Read the other side's public line; raises StartRefused."""
    mark, _, rest = line.strip().partition(".")
    verify, _, reads = rest.partition(".")
    try:
        return Peer(
            Ed25519PublicKey.from_public_bytes(bytes_of(verify if mark == PUBLIC else "")),
            pyrage.x25519.Recipient.from_str(reads),
        )
    except (ValueError, pyrage.RecipientError):
        reason = (
            "상대쪽 공개 열쇠 줄(jtr1.…)이 아닙니다. 상대쪽의 jeokgeuk relay keys가 알려 줍니다"
        )
        raise StartRefused("JEOKGEUK_RELAY_PEER", "key", reason) from None
