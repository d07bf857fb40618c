"""Receipt numbers that can be told over the telephone, and codes that open a filing (S24)."""

import unicodedata
from collections.abc import Callable

SIGNS = "2345679ACDEFGHJKLMNPQRSTVWXYZ"
"""29 signs without O/0, I/1, B/8 and U/V: a prime, so that one check sign finds every wrong sign
and every swap of two neighbours."""

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NUMBER_SIGNS = 5
CODE_BYTES = 10

_SPOKEN = {
    "0": "공", "1": "일", "2": "이", "3": "삼", "4": "사", "5": "오", "6": "육", "7": "칠",
    "8": "팔", "9": "구", "A": "에이", "C": "씨", "D": "디", "E": "이(영어)", "F": "에프",
    "G": "지", "H": "에이치", "J": "제이", "K": "케이", "L": "엘", "M": "엠", "N": "엔",
    "P": "피", "Q": "큐", "R": "아르", "S": "에스", "T": "티", "V": "브이", "W": "더블유",
    "X": "엑스", "Y": "와이", "Z": "제트",
}  # fmt: skip

_HEARD = {spoken.removesuffix("(영어)"): "" for spoken in _SPOKEN.values()}
for _sign, _words in _SPOKEN.items():
    _HEARD[_words.removesuffix("(영어)")] += _sign
    _HEARD.setdefault(_words, _sign)  # as we write it ourselves, it is E and not 2
_LONGEST_FIRST = sorted(_HEARD, key=len, reverse=True)
MOST_READINGS = 64


def new_number(year: int, random: Callable[[int], bytes]) -> str:
    """Make a receipt number such as `2026-7K3M-Q9`: a name, never a secret."""
    signs = _signs(random, NUMBER_SIGNS)
    signs += _check(f"{year}{signs}")
    return f"{year}-{signs[:4]}-{signs[4:]}"


def read_number(typed: str) -> str | None:
    """Read a number as people write it; None when its check sign is wrong."""
    signs = _plain(typed)
    if len(signs) != 4 + NUMBER_SIGNS + 1 or not signs[:4].isdigit():
        return None
    if any(sign not in SIGNS for sign in signs[4:]):
        return None
    if _check(signs[:-1]) != signs[-1]:
        return None
    return f"{signs[:4]}-{signs[4:8]}-{signs[8:]}"


def spoken(number: str, lang: str = "ko") -> str:
    """Say a number sign by sign, as one reads it over the telephone."""
    signs = [sign for sign in number if sign.isalnum()]
    if lang != "ko":
        return " ".join(signs)
    return " ".join(_SPOKEN.get(sign, sign) for sign in signs)


def heard(said: str) -> str | None:
    """Read a number as somebody reads it out, sign by sign: `이 공 이 육 칠 케이 …`.

    이 is both 2 and E: of what it may be, the check sign knows. None for anything else.
    """
    close = "".join(unicodedata.normalize("NFKC", said[:80]).split()).upper()
    found = [""]
    at = 0
    while at < len(close) and len(found) <= MOST_READINGS:
        word = next((one for one in _LONGEST_FIRST if close.startswith(one, at)), "")
        if not word and not (close[at].isascii() and close[at].isalnum()):
            return None
        signs = _HEARD.get(word, close[at])
        found = [known + sign for known in found for sign in signs]
        at += len(word) or 1
    fits = {number for one in found if (number := read_number(one)) is not None}
    return fits.pop() if len(fits) == 1 else None


def new_code(random: Callable[[int], bytes]) -> str:
    """Make a code of 80 random bits: sixteen signs in four groups."""
    bits = int.from_bytes(random(CODE_BYTES), "big")
    signs = "".join(CROCKFORD[(bits >> shift) & 31] for shift in range(75, -1, -5))
    return "-".join(signs[i : i + 4] for i in range(0, 16, 4))


def read_code(typed: str) -> str:
    """Bring a typed code to its one form; what is no code at all comes back as it is."""
    signs = _plain(typed).replace("O", "0").replace("I", "1").replace("L", "1")
    return "-".join(signs[i : i + 4] for i in range(0, len(signs), 4))


def _plain(typed: str) -> str:
    wide = unicodedata.normalize("NFKC", typed[:80]).upper()
    return "".join(sign for sign in wide if sign.isascii() and sign.isalnum())


def _signs(random: Callable[[int], bytes], count: int) -> str:
    found = ""
    while len(found) < count:
        for byte in random(count * 2):
            if byte < 29 * 8 and len(found) < count:  # a plain modulo would favour some signs
                found += SIGNS[byte % 29]
    return found


def _check(signs: str) -> str:
    values = (SIGNS.find(sign) if sign in SIGNS else int(sign) for sign in signs)
    return SIGNS[sum(place * value for place, value in enumerate(values, start=2)) % 29]
