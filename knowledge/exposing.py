"""By what somebody can be told from a text that everybody may read: found, never decided upon.

Identity numbers are hidden in what is given back (개인정보 보호법 제24조의2); the rest is shown to
whoever reviews the text, because only a person knows whether a name is a name.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from knowledge import naming
from knowledge.identity import mask_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

Kind = Literal["number", "phone", "email", "person", "blame"]

_PHONE = re.compile(
    r"(?<![\d-])(?:01[016789]|0(?:2|[3-6]\d|70|505?))[-. )]{0,2}\d{3,4}[-. ]?\d{4}(?!\d)"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_SENTENCE = re.compile(r"[^.!?\n]+")
_ONE = re.compile(
    r"담당 ?공무원|담당자|담당 ?직원|(?:한|그|해당|어느) ?(?:공무원|직원)|주무관|팀장|과장|계장|국장|실장|소장"
    r"|동장|면장|읍장|군수|구청장|시장"
)
_BLAME = re.compile(
    r"징계|견책|감봉|정직 ?(?:처분|\d)|강등|해임|파면|훈계|문책|고발|수사|입건|기소|직무유기|태만|비위|무능|나태|뇌물"
)
_MANY = re.compile(r"\d+ ?명")


@dataclass(frozen=True, slots=True)
class Exposed:
    """`said` is how it stands in the text, an identity number hidden."""

    kind: Kind
    said: str


def exposed(text: str, today: date, names: Iterable[str] = ()) -> tuple[Exposed, ...]:
    """Find numbers, telephones, addresses of mail, and persons: with a title, or out of `names`."""
    plain = unicodedata.normalize("NFKC", text)
    found = [Exposed("number", said) for said in mask_numbers(text, today).found]
    found += [Exposed("phone", hit[0]) for hit in _PHONE.finditer(plain)]
    found += [Exposed("email", hit[0]) for hit in _EMAIL.finditer(plain)]
    found += [Exposed("person", one.said) for one in naming.people(plain)]
    found += [Exposed("person", name) for name in naming.known(plain, names)]
    return tuple(dict.fromkeys(found))


def blamed(text: str) -> Iterator[Exposed]:
    """Find sentences that say of one official what he is to answer for; of several it is no one."""
    for sentence in _SENTENCE.findall(text):
        if _ONE.search(sentence) and _BLAME.search(sentence) and not _MANY.search(sentence):
            yield Exposed("blame", sentence.strip())
