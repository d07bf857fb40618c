"""Whether an auditor's letter quotes the report: five words in a row give the reporter away (S8)."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

RUN = 5
_DAY = re.compile(r"(?:19|20)\d{6}")
_NUMBER = re.compile(r"[0-9A-Za-z]+(?:[-/ ][0-9A-Za-z]+)*")


@dataclass(frozen=True, slots=True)
class Quoted:
    """A stretch of the letter that also stands in the report; places count characters."""

    start: int
    end: int
    text: str


def quoted(letter: str, report: str, run: int = RUN) -> tuple[Quoted, ...]:
    """Find every stretch of `run` words or more that the letter shares with the report.

    Spaces, case, width and punctuation do not count, so that a sentence cannot be made to look
    different by its spacing.
    """
    body = _squeeze(report)
    words = _words(letter)
    found: list[Quoted] = []
    at = 0
    while at + run <= len(words):
        length = _longest(words, at, run, body)
        if not length:
            at += 1
            continue
        start, end = words[at][0], words[at + length - 1][1]
        found.append(Quoted(start, end, letter[start:end]))
        at += length
    return tuple(found)


def numbered(letter: str, known: Iterable[str]) -> bool:
    """Tell whether a letter holds a number that leads to the reporter: this report's or another's.

    `known` are numbers, or words with numbers in them; spacing and dashes do not count. A number
    has five signs or more with a digit among them, and is no day: 10월 is none, nor 2026-10-01.
    """
    body = _squeeze(letter)
    found = (_squeeze(hit[0]) for text in known for hit in _NUMBER.finditer(text))
    return any(
        len(one) >= RUN and any(map(str.isdigit, one)) and not _DAY.fullmatch(one) and one in body
        for one in found
    )


def _longest(words: list[tuple[int, int, str]], at: int, run: int, body: str) -> int:
    length = run
    joined = "".join(word for _, _, word in words[at : at + run])
    if joined not in body:
        return 0
    while at + length < len(words) and joined + words[at + length][2] in body:
        joined += words[at + length][2]
        length += 1
    return length


def _words(text: str) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    at = 0
    for part in text.split():
        start = text.index(part, at)
        at = start + len(part)
        plain = _squeeze(part)
        if plain:
            found.append((start, at, plain))
    return found


def _squeeze(text: str) -> str:
    wide = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in wide if sign.isalnum())
