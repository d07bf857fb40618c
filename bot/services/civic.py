"""What an official means by a few words after `/civic`: a closed set of wishes, in two languages.

The words are data (`civic.word.*`); typing errors are forgiven by comparing jamo, and a receipt
number is known however it was typed or read out.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz

from bot.locale import Texts
from bot.services import codes
from knowledge.korean import fold, jamo

WISHES = (
    "waiting", "mine", "overdue", "snoozed", "statistics", "preconsulting", "cases", "news", "news_stop",
    "link", "unlink", "help",
)  # fmt: skip
NEWS = frozenset({"news", "news_agree", "news_no", "news_renew", "news_stop"})
"""What buttons under the news and its consent say, by these names."""

SHOW, WRONG_NUMBER, UNKNOWN = "show", "wrong_number", "unknown"
SURE, NEAR, MAYBE = 85.0, 74.0, 50.0
"""Of 100, on jamo: `데기` is still 대기, and what is only a little like a wish is proposed."""

LONGEST = 200
MOST = 3
_LIKE_A_NUMBER = re.compile(r"^20\d\d[\s\-·./]*[0-9a-z]{4}[\s\-·./]*[0-9a-z]{1,2}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was meant: one of `WISHES` or of `NEWS`, or `show` (`rest` is the number), `wrong_number`, `unknown`.

    `rest` is what stood behind it, as it was written; `near` are wishes that may have been meant.
    """

    what: str
    rest: str = ""
    near: tuple[str, ...] = ()


def understand(texts: Texts, said: str) -> Wish:
    """Read the words after the command."""
    plain = " ".join(unicodedata.normalize("NFKC", said[:LONGEST]).split())
    if not plain:
        return Wish("help")
    first, _, rest = plain.partition(" ")
    if first in NEWS:
        return Wish(first, rest)
    number = codes.read_number(plain) or codes.heard(plain)
    if number is not None:
        return Wish(SHOW, number)
    if _LIKE_A_NUMBER.match(plain):
        return Wish(WRONG_NUMBER, plain)
    words = known(texts)
    return _exactly(words, plain) or _nearly(words, plain)


def known(texts: Texts) -> dict[str, str]:
    """Give every word of every language and the wish that it is."""
    return {
        fold(word): wish
        for wish in WISHES
        for lang in texts.languages
        for word in texts.raw(f"civic.word.{wish}", lang).split("|")
    }


def _exactly(words: dict[str, str], plain: str) -> Wish | None:
    """Take the longest beginning that is a wish; the rest is what it is about.

    A longer beginning that is nearly another wish (`연결 해재`) is no rest.
    """
    parts = plain.split(" ")
    for count in range(len(parts), 0, -1):
        wish = words.get(fold(" ".join(parts[:count])))
        if wish is not None:
            longer = [one for one in _scored(words, parts) if one[1] > count and one[0] >= SURE]
            _, behind, meant = max(longer, default=(0.0, count, wish))
            return Wish(meant, " ".join(parts[behind:]))
    return None


def _nearly(words: dict[str, str], plain: str) -> Wish:
    """Find what is most like it, of the whole and of its first words."""
    parts = plain.split(" ")
    best: dict[str, tuple[float, int]] = {}
    for score, count, wish in _scored(words, parts):
        best[wish] = max(best.get(wish, (0.0, 0)), (score, count))
    ranked = sorted(best, key=lambda wish: (-best[wish][0], WISHES.index(wish)))
    score, count = best[ranked[0]]
    if score >= NEAR and score > best[ranked[1]][0]:
        return Wish(ranked[0], " ".join(parts[count:]))
    near = tuple(wish for wish in ranked[:MOST] if best[wish][0] >= MAYBE)
    return Wish(UNKNOWN, plain, near)


def _scored(words: dict[str, str], parts: list[str]) -> Iterator[tuple[float, int, str]]:
    """Compare the first words, up to three of them, with every word that is known."""
    for count in range(1, min(len(parts), 3) + 1):
        said = jamo(fold(" ".join(parts[:count])))
        for word, wish in words.items():
            yield fuzz.ratio(said, jamo(word)), count, wish
