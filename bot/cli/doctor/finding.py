"""One thing that `doctor` found: what is so, and what to do about it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from bot import log

_log = log.get(__name__)

Mark = Literal["ok", "note", "fault"]
SIGNS: dict[Mark, str] = {"ok": "✓", "note": "·", "fault": "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """`area` is a constant name, `text` what is so, `todo` one sentence of what to do.

    Neither has a person's data, a secret, or an address that carries one.
    """

    mark: Mark
    area: str
    text: str
    todo: str = ""

    def line(self) -> str:
        return f"{SIGNS[self.mark]} {self.text}" + (f" → {self.todo}" if self.todo else "")


def ok(area: str, text: str) -> Finding:
    return Finding("ok", area, text)


def note(area: str, text: str, todo: str = "") -> Finding:
    return Finding("note", area, text, todo)


def fault(area: str, text: str, todo: str) -> Finding:
    return Finding("fault", area, text, todo)


def guarded(area: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Go on with the rest where one look fails: a doctor who faints helps nobody."""
    try:
        yield from look()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        _log.warning("doctor_failed", area=area, exc_info=error)
        yield fault(
            area,
            f"{area}: 살펴보지 못했습니다({type(error).__name__})",
            "데이터베이스와 권한을 본 뒤 다시 실행해 주세요",
        )
