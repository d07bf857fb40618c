"""Reads the items of a JSON array one by one: the standard library reads an array whole."""

from __future__ import annotations

import json
import re
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 1 << 20


class BrokenItem(ValueError):  # noqa: N818 - it is an answer
    """What stands at the place of an item is none, or none follows; `number` counts from 1."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Pairs(tuple[tuple[str, Any], ...]):
    """An object as it is written: a name that stands twice is seen."""

    __slots__ = ()


decode = json.JSONDecoder(object_pairs_hook=Pairs).raw_decode
_SPACE = re.compile(r"[ \t\r\n]*")


class _Array:
    def __init__(self, text: IO[str], longest: int) -> None:
        self._text = text
        self._longest = longest
        self._buffer = ""
        self._at = 0

    def __iter__(self) -> Iterator[Any]:
        self._step("[", 1)
        if self._next() == "]":
            self._step("]", 1)
        else:
            number = 1
            yield self._item(number)
            while self._next() == ",":
                number += 1
                self._at += 1
                yield self._item(number)
            self._step("]", number)
        if self._next():
            raise BrokenItem(1)

    def _next(self) -> str:
        """Give the next sign that is no space, "" at the end."""
        while True:
            space = _SPACE.match(self._buffer, self._at)
            assert space is not None
            self._at = space.end()
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._fill():
                return ""

    def _step(self, sign: str, number: int) -> None:
        if self._next() != sign:
            raise BrokenItem(number)
        self._at += 1

    def _fill(self) -> bool:
        piece = self._text.read(_CHUNK)
        self._buffer = self._buffer[self._at :] + piece
        self._at = 0
        return bool(piece)

    def _item(self, number: int) -> Any:
        self._next()
        while True:
            try:
                one, end = decode(self._buffer, self._at)
            except ValueError:
                end = 0
            except RecursionError:
                raise BrokenItem(number) from None
            if 0 < end < len(self._buffer):
                self._at = end
                return one
            if len(self._buffer) - self._at > self._longest or not self._fill():
                raise BrokenItem(number)


def items(text: IO[str], longest: int) -> Iterator[Any]:
    """Give the items; one may have `longest` signs. Objects are `Pairs`. Raises `BrokenItem`."""
    return iter(_Array(text, longest))
