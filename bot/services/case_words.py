"""A case as somebody writes it: what can be kept, what is missing for publishing, who shows in it.

The same for the desk's form and for rows of a file.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from bot.errors import Refused
from bot.services.base import Desk
from knowledge.calendar import seoul_day
from knowledge.cases import DETAILS, KINDS, Case
from knowledge.exposing import Exposed, blamed, exposed
from knowledge.identity import mask_numbers
from knowledge.korean import clean_line, clean_text

LANGS = ("ko", "en")
SHORT, LONG = 100, 4000  # signs
LINES: Mapping[str, int] = {
    "title": SHORT, "agency": SHORT, "unit": SHORT, "region": 30, "field": 30, "programme": SHORT,
    "law": 300, "source": 500, "permission": 200, "note": 500,
}  # fmt: skip
"""Fields of one line, with how many signs they take."""
TEXTS = ("problem", "action", "effect")
WRITTEN = (
    "kind", "recognised", "title", "agency", "unit", "region", "year", "field", *TEXTS,
    "keywords", "law", "source", "permission", "programme", "note", "detail", "lang",
)  # fmt: skip
"""What is written of a case, in the order of the form; `recognised` is asked of a passive one."""
OLDEST = 1960
WORDS, WORD = 20, 30  # keywords; signs of one
YES = frozenset({"yes", "y", "1", "true", "o", "예", "네", "참"})

ACCEPTABLE = frozenset({"title_only", "exposed"})
"""What may be missing when a second person has looked at it."""


class Place(NamedTuple):
    """Where in a case somebody shows."""

    field: str
    what: Exposed


@dataclass(frozen=True, slots=True)
class Draft:
    """A case as it was typed. `wrong` says of a field why it cannot be kept.

    `typed` is what the form shows again: all that was typed, identity numbers hidden. `case` has
    no `ref`, and of what is wrong whatever could be read.
    """

    case: Case
    typed: Mapping[str, str]
    wrong: Mapping[str, Refused]


class Link(NamedTuple):
    """Where a source leads; the host is shown beside it."""

    href: str
    host: str


def read(svc: Desk, typed: Mapping[str, str]) -> Draft:
    """Read what was typed, by the names of `WRITTEN`; every name may be missing.

    Keywords are apart by lines or commas. The permission that is left empty is the agency's own.
    """
    today = seoul_day(svc.now())
    shown, wrong = dict(typed), dict[str, Refused]()
    for name in (*LINES, *TEXTS, "keywords"):
        masked = mask_numbers(typed.get(name, ""), today)
        if masked.found:
            shown[name] = masked.text
            wrong[name] = Refused("case.number", shown=", ".join(masked.found))
    values: dict[str, Any] = {
        **{name: clean_line(shown.get(name, "")) for name in LINES},
        **{name: clean_text(shown.get(name, "")) for name in TEXTS},
        "keywords": tuple(dict.fromkeys(_words(shown.get("keywords", "")))),
    }
    values["permission"] = values["permission"] or svc.site.knowledge.permission
    values |= _chosen(typed, wrong)
    values["year"] = _year(clean_line(typed.get("year", "")), today, wrong)
    for name, why in _unfit(values):
        wrong.setdefault(name, why)
    return Draft(Case("", status="draft", **values), shown, wrong)


def to_typed(case: Case) -> dict[str, str]:
    """Give a case as the fields of its form."""
    typed = {name: str(getattr(case, name) or "") for name in WRITTEN if name != "recognised"}
    return {**typed, "keywords": ", ".join(case.keywords)}


def places(svc: Desk, case: Case, names: Iterable[str] = ()) -> tuple[Place, ...]:
    """Show where somebody can be told: `names` are the full names that nothing may hold.

    Of a passive case also its unit, and a sentence in which one official is to blame.
    """
    today, people = seoul_day(svc.now()), tuple(names)
    found = [
        Place(name, one)
        for name in (*LINES, *TEXTS)
        if name != "source" or link(case.source) is None  # an address is full of numbers
        for one in exposed(getattr(case, name), today, people)
    ]
    found += [Place("keywords", one) for one in exposed(", ".join(case.keywords), today, people)]
    if case.kind == "passive":
        found += [
            Place(name, one) for name in ("title", *TEXTS) for one in blamed(getattr(case, name))
        ]
        found += [Place("unit", Exposed("blame", case.unit))] if case.unit else []
    return tuple(found)


def lacking(
    svc: Desk, case: Case, names: Iterable[str] = (), accepted: Collection[str] = ()
) -> tuple[str, ...]:
    """Name what is missing before everybody may read it: words of `case.lack.<name>`."""
    found = places(svc, case, names)
    missing = {
        "title": not case.title,
        "source": not case.source,
        "permission": not case.permission,
        "told": case.detail != "title_only" and not case.body,
        "title_only": case.detail == "title_only",
        "number": any(one.what.kind == "number" for one in found),
        "exposed": any(one.what.kind != "number" for one in found),
    }
    passed = ACCEPTABLE.intersection(accepted)
    return tuple(name for name, is_so in missing.items() if is_so and name not in passed)


def link(source: str) -> Link | None:
    """Give where a source leads; None for what is no plain https address (security S31)."""
    try:
        parts = urlsplit(source)
        host = parts.hostname or ""
        fine = parts.scheme == "https" and source.isascii() and source.isprintable()
        fine = fine and " " not in source and "@" not in parts.netloc and "." in host
    except ValueError:
        return None
    return Link(source, host) if fine else None


def hide(svc: Desk, text: str) -> str:
    """Hide identity numbers in what an official writes beside a case."""
    return mask_numbers(text, seoul_day(svc.now())).text


def _words(typed: str) -> Iterator[str]:
    for part in typed.replace(",", "\n").replace("，", "\n").replace(";", "\n").split("\n"):
        if word := clean_line(part):
            yield word


def _chosen(typed: Mapping[str, str], wrong: dict[str, Refused]) -> dict[str, str]:
    """Read what is one of a few; a passive case is one that an audit has called so."""
    found = {}
    for name, values, usual in (
        ("kind", KINDS, "active"), ("detail", DETAILS, "full"), ("lang", LANGS, "ko"),
    ):  # fmt: skip
        value = clean_line(typed.get(name, "")) or usual
        if value not in values:
            wrong[name] = Refused("case.choice")
        found[name] = value if value in values else usual
    said = clean_line(typed.get("recognised", "")).casefold() in YES
    if found["kind"] == "passive" and not said:
        wrong["recognised"] = Refused("case.recognised")
    return found


def _year(typed: str, today: date, wrong: dict[str, Refused]) -> int | None:
    if not typed:
        return None
    digits = typed.removesuffix("년").strip()
    fits = digits.isascii() and digits.isdecimal() and len(digits) == len("2026")
    if fits and OLDEST <= int(digits) <= today.year:
        return int(digits)
    wrong["year"] = Refused("case.year", first=OLDEST, last=today.year)
    return None


def _unfit(values: Mapping[str, Any]) -> Iterator[tuple[str, Refused]]:
    if not values["title"]:
        yield "title", Refused("case.title")
    for name, most in LINES.items():
        if len(values[name]) > most:
            yield name, Refused("case.long", most=most)
    for name in TEXTS:
        if len(values[name]) > LONG:
            yield name, Refused("case.long", most=LONG)
    if len(values["keywords"]) > WORDS or any(len(word) > WORD for word in values["keywords"]):
        yield "keywords", Refused("case.words", count=WORDS, most=WORD)
