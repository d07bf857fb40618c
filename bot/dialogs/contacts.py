"""The kinds of steps that say how somebody can be reached."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from bot.dialogs.form import Context, Reject, Step, line_of

if TYPE_CHECKING:
    from bot.dialogs.events import Json, Raw
    from bot.dialogs.replies import Input

_PHONE = re.compile(
    r"010\d{8}|0(?:2|1[16789]|[3-6][1-5]|50\d?|70|80)\d{7,8}|1[5-9]\d{6}|\+[1-9]\d{7,14}"
)
_EMAIL = re.compile(r"[^\s@<>,;:\"'()\\]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,24}")
LONGEST = 254
"""Signs of an address (RFC 5321 4.5.3.1.3, without its brackets)."""

_ADDRESS = re.compile(
    r"[가-힣0-9·]+(?:로|길|동|리|가|읍|면) ?(?:산 ?)?\d+|\d+.*[A-Za-z]{2,}|[A-Za-z]{2,}.*\d+"
)
_QUARTER = re.compile(r"[가-힣0-9·]+(?:동|읍|면|리|가|로|길)(?:\s|\d|$|,)")


@dataclass(frozen=True, slots=True)
class Phone(Step):
    """A telephone number, kept as 010-1234-5678."""

    input: ClassVar[Input] = "phone"

    def parse(self, raw: Raw, ctx: Context) -> Json:  # noqa: ARG002
        bare = re.sub(r"[\s().·-]", "", line_of(raw)).translate(_WIDE)
        bare = re.sub(r"^(?:\+82|0082)0?", "0", bare)
        if not _PHONE.fullmatch(bare):
            raise Reject("phone")
        if bare.startswith(("+", "1")):
            return bare if bare.startswith("+") else f"{bare[:4]}-{bare[4:]}"
        head = 2 if bare.startswith("02") else 3
        return f"{bare[:head]}-{bare[head:-4]}-{bare[-4:]}"


_WIDE = {0xFF10 + digit: str(digit) for digit in range(10)}


@dataclass(frozen=True, slots=True)
class Email(Step):
    """An e-mail address; the part after @ in lower case."""

    input: ClassVar[Input] = "email"

    def parse(self, raw: Raw, ctx: Context) -> Json:  # noqa: ARG002
        address = email_of(line_of(raw))
        if address is None:
            raise Reject("email")
        return address


def email_of(typed: str) -> str | None:
    """Read an e-mail address as it is kept; None for what is none, or holds another line."""
    name, _, host = typed.strip().replace(" ", "").rpartition("@")
    address = f"{name}@{host.lower()}"
    fits = len(address) <= LONGEST and address.isprintable() and _EMAIL.fullmatch(address)
    return address if fits else None


@dataclass(frozen=True, slots=True)
class Address(Step):
    """An address as the agency wants it: `need_address` = full, town (읍·면·동) or none."""

    input: ClassVar[Input] = "address"

    def parse(self, raw: Raw, ctx: Context) -> Json:
        text = line_of(raw)[:200]
        shape = _QUARTER if ctx.site.get("need_address") == "town" else _ADDRESS
        if not shape.search(text):
            raise Reject("address")
        return text
