"""Whether an auditor's letter quotes the report: five words in a row give the reporter away (S8)."""

import unicodedata
from dataclasses import dataclass

RUN = 5


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
