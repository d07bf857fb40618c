"""What a person must never read on a page: codes, keys, machine dates, words of the other language.

`spoken` gives all that a page says, by letters or by voice; `codes` what in it is no language at
all; `latin` and `hangul` the words that a reader of the other language would stumble over.
"""

import re
from html.parser import HTMLParser

SAID = ("aria-label", "alt", "title", "placeholder", "data-label")
QUIET = {"script", "style", "code", "svg"}
VOID = {"br", "img", "input", "link", "meta", "hr", "wbr", "source", "path", "col"}
NUMBER = re.compile(r"\b(?:19|20)\d\d-[A-Z0-9]{4}-[A-Z0-9]{2}\b")
"""The number of a filing, which may look like anything."""

_ELSEWHERE = (
    NUMBER,
    re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b"),  # a code
    re.compile(r"\b1AA-\d{4}-\d{7}\b"),  # a number of 국민신문고
    re.compile(r"https?://\S+"),
    re.compile(r"\b[\w.+-]+@[\w.-]+\b"),  # mail addresses
    re.compile(r"\b[\w-]+\.(?:example|com|jpg|png|pdf)\b"),  # hosts and names of files
)
_HASH = re.compile(r"\b[0-9a-f]{32,}\b")
_CODES = {
    "날짜": re.compile(r"\b(?:19|20)\d\d-\d\d(?:-\d\d)?(?![\w-])"),
    "시각": re.compile(r"\dT\d\d:\d\d|\d\d:\d\d:\d\d|\+00:00"),
    "이름": re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b"),
    "열쇠": re.compile(r"\b[a-z]+(?:\.[a-z_]+){2,}\b"),
    "값": re.compile(r"\b(?:True|False|null|undefined|NaN)\b"),
    "구멍": re.compile(r"\{[^{}\s]*\}|(?<!\*)\*\*(?!\*)"),
    "해시": _HASH,
    "조사": re.compile(r"[은이을과](?:\(|/)[는가를와]\)?"),
}
_LATIN = re.compile(r"[A-Za-z]{2,}")
_HANGUL = re.compile(r"[가-힣]{2,}")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._quiet: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        given = {name: value or "" for name, value in attrs}
        foreign = given.get("lang") or given.get("hreflang")
        proof = "proof" in given.get("class", "").split()  # what machines compare
        if self._quiet or proof or tag in QUIET or (foreign and tag != "html"):
            if tag not in VOID:
                self._quiet.append(tag)
            return
        self.parts.extend(f" {given[name]} " for name in SAID if given.get(name))

    def handle_endtag(self, tag) -> None:
        if self._quiet:
            if self._quiet[-1] == tag:
                self._quiet.pop()
            return
        self.parts.append(" ")

    def handle_data(self, data) -> None:
        if not self._quiet:
            self.parts.append(data)


def spoken(html: str) -> str:
    """Give all that is shown or read aloud; not scripts, code, nor what is marked as foreign."""
    reader = _Reader()
    reader.feed(html)
    return " ".join("".join(reader.parts).split())


def _plain(text: str) -> str:
    for pattern in _ELSEWHERE:
        text = pattern.sub(" ", text)
    return text


def codes(text: str) -> list[str]:
    """Give what is no word of any language, each with its kind."""
    plain = _plain(text)
    return [f"{kind}: {m[0]}" for kind, sign in _CODES.items() for m in sign.finditer(plain)]


def latin(text: str, known: frozenset[str]) -> list[str]:
    """Give the words in Latin letters that are not among the known ones."""
    return sorted(
        {word for word in _LATIN.findall(_HASH.sub(" ", _plain(text))) if word not in known}
    )


def hangul(text: str, known: tuple[str, ...]) -> list[str]:
    """Give the Korean words, once the known phrases are taken out."""
    plain = _plain(text)
    for phrase in known:
        plain = plain.replace(phrase, " ")
    return sorted(set(_HANGUL.findall(plain)))
