"""What names the reporter, taken out of texts: for paper, files and words that are copied on.

Printed petitions have given people away (features.md; 권익위 2021). So a copy is without the
reporter unless two persons decided otherwise. What is taken out: the name also with spaces in it,
the given name alone, the address and its end, and whatever looks like a telephone number or an
e-mail address. What a person told of himself in his own way cannot be found by rule; the page
says so.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from bot.services.base import Desk
from knowledge.korean import has_hangul
from storage.models import users
from storage.repositories import filings
from storage.repositories.filings import Filing
from storage.unit import Unit

VEIL = "▇▇▇"
_BETWEEN = r"[-.\s·‐–—－~)]*"
_PHONE = re.compile(
    rf"(?<!\d)(?:\+?82{_BETWEEN}\(?0?|\(?[0０])\d{{1,3}}\)?{_BETWEEN}\d{{3,4}}{_BETWEEN}\d{{4}}(?!\d)"
)
_EMAIL = re.compile(r"[\w.+%-]+\s?@\s?[\w-]+(?:\.[\w-]+)+")
_NOBODY = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Veil:
    """Takes what names the reporter out of a text; `office` are the office's own numbers."""

    telling: re.Pattern[str] = _NOBODY
    office: frozenset[str] = field(default=frozenset())

    def over(self, text: str) -> str:
        plain = _PHONE.sub(self._phone, self.telling.sub(VEIL, text))
        return _EMAIL.sub(self._mail, plain)

    def _phone(self, found: re.Match[str]) -> str:
        return found[0] if _digits(found[0]) in self.office else VEIL

    def _mail(self, found: re.Match[str]) -> str:
        return found[0] if found[0].lower() in self.office else VEIL


def of(svc: Desk, unit: Unit, filing: Filing) -> Veil:
    """Make what takes the reporter of a filing out of texts; officials' numbers stay."""
    who = filings.identity(unit, filing)
    parts = sorted(set(_telling(who)), key=len, reverse=True)
    found = re.compile("|".join(parts), re.IGNORECASE) if parts else _NOBODY
    rows = unit.conn.execute(sa.select(users.c.phone, users.c.email)).all()
    site = svc.site
    known = {_digits(row.phone) for row in rows} | {_digits(site.call), _digits(site.audit_phone)}
    known |= {row.email.lower() for row in rows}
    return Veil(found, frozenset(known - {""}))


def _telling(who: Mapping[str, Any]) -> Iterator[str]:
    """Give patterns of what names somebody; one sign alone says nothing of anybody."""
    for name in ("name", "address", "phone", "email"):
        value = " ".join(str(who.get(name) or "").split())
        if len(value.replace(" ", "")) < 2:
            continue
        yield _loose(value)
        if name == "name":
            yield from _names(value)
        elif name == "address":
            words = value.split()
            tails = (words[place:] for place in range(1, len(words) - 1))
            yield from (_loose(" ".join(tail)) for tail in tails if re.search(r"\d", tail[-1]))


def _names(name: str) -> Iterator[str]:
    """Give the parts by which people are called: 길동 of 홍길동, Jane and Doe of Jane Doe."""
    plain = name.replace(" ", "")
    if has_hangul(plain):
        if len(plain) >= 3:
            yield _loose(plain[-2:])
    else:
        yield from (rf"\b{re.escape(part)}\b" for part in name.split() if len(part) >= 3)


def _loose(value: str) -> str:
    """Give a pattern of a value whatever spaces and dashes stand between its signs."""
    return r"[\s-]*".join(re.escape(sign) for sign in value if not sign.isspace() and sign != "-")


def _digits(text: str) -> str:
    plain = "".join(str(int(sign)) for sign in text if sign.isdecimal())
    return f"0{plain[2:]}" if plain.startswith("82") else plain
