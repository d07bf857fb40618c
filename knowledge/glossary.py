"""The field's terms, and the question what one of them means."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.faq import VERIFIED
from knowledge.korean import fold
from knowledge.sources import Link

_FILE = Path(__file__).parent / "data" / "words" / "glossary.toml"

_END = r"(?:예요|에요|에여|예여|이에요|이예요|야|지|죠|임|냐|니|고|인가요|인지|라는거예요|데요?|가요?|래요?)?"
_MORE = r"(?:좀|쉽게|쉬운말로)?(?:(?:알려|설명|말해|가르쳐|궁금|모르|몰라).{0,8})?"
_MEANS = re.compile(
    r"(?:이라고?|라고?|이)?(?:하는|카는|불리는|란|는)?(?:것|거|게|건|말|용어|단어|제도)?(?:은|는|이|가|의|을|를)?"
    r"(?:대체|도대체|정확히|정확한|쉽게)?"
    r"(?:(?:무슨|어떤|뭔)?(?:뜻|의미|정의|개념).{0,14}|(?:무슨|뭔|어떤)(?:말|소리).{0,8}|무엇.{0,8}|뭡니까"
    rf"|(?:뭐|뭘)하는(?:곳|데|제도|사람|거|것){_END}|뭘?말하는(?:거|건|것){_END}|[뭐머뭔]{_END}{_MORE})"
)
_BARE = re.compile(r"이?란")
_ENGLISH = re.compile(
    r"(?:whatis|whats|meaningof|define|whatdoes)(?:an|a|the)?(.+?)(?:mean|means)?"
)


@dataclass(frozen=True, slots=True)
class Term:
    """One term. `also` are its other names; `confidence` is as of an answer."""

    id: str
    term: str
    also: tuple[str, ...]
    meaning: str
    source: tuple[str, ...]
    confidence: str
    links: tuple[Link, ...]

    @property
    def verified(self) -> bool:
        return self.confidence == VERIFIED


@cache
def every() -> tuple[Term, ...]:
    """Give all terms, in the order of their file."""
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))["term"]
    return tuple(
        Term(
            one["id"],
            one["term"],
            tuple(one["also"]),
            one["meaning"],
            tuple(one["source"]),
            one["confidence"],
            tuple(Link(link["title"], link["url"]) for link in one["links"]),
        )
        for one in table
    )


@cache
def _names() -> dict[str, Term]:
    return {fold(name): one for one in every() for name in (one.term, *one.also)}


@cache
def _longest() -> int:
    return max(map(len, _names()))


def called(name: str) -> Term | None:
    """Find a term by one of its names."""
    return _names().get(fold(name))


def meant(text: str) -> Term | None:
    """Give the term whose meaning a question asks for; None for anything else."""
    said = fold(text)
    if len(said) > _longest() + 24:
        return None
    for end in range(min(len(said) - 1, _longest()), 0, -1):
        found = _names().get(said[:end])
        rest = said[end:]
        if found is not None and (_MEANS.fullmatch(rest) or _BARE.fullmatch(rest)):
            return found
    english = _ENGLISH.fullmatch(said)
    return _names().get(english[1]) if english else None
