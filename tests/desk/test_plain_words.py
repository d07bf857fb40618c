"""Every page of the desk in words: no code, no machine date, nothing in the wrong language."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from bot.services import house
from knowledge import cases
from storage.repositories import units
from tests import plain_words
from tests.browser.every_page import MORE, PAGES, furnish
from tests.desk.conftest import BASE, Desk, Seat, make
from tests.desk.stage import HOSTILE, open_office
from tests.services.conftest import Office, answers, nameless

KNOWN = frozenset(
    """
    PDF HWP HWPX XLSX CSV JSON Lines JPG PNG QR SHA RFC KB MB English lobby market testclient
    """.split()  # noqa: SIM905 - a list of words reads as one
)
"""What stands in Latin letters in Korean offices, too, and what the rehearsal is called by."""

FOREIGN = "The bus stop has been broken since September."
CITIZENS = frozenset(re.findall("[A-Za-z]+", f"{HOSTILE} {FOREIGN}"))
"""Words that a citizen wrote: they are shown as they came."""

OF_CASES = frozenset(re.findall("[A-Za-z]+", " ".join(map(str, cases.shipped().values()))))
"""What stands in shipped cases, and where they come from."""

ANSWER = {
    "judgement": "partly",
    "checked": "정비 대장과 현장",
    "why": "세 번 알리셨으나 계획에 넣지 않았습니다.",
    "demands": "길을 고침: 받아들임",
    "action_state": "planned",
    "action": "움푹 팬 곳을 메웁니다.",
    "action_due": "2026-12-10",
    "remedy": "다시 신고하실 수 있습니다.",
}


@dataclass
class Town:
    desk: Desk
    names: dict[str, Any]
    more: tuple[str, ...]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("words")
    office = open_office(folder / "data")
    names = furnish(office, folder)
    more = _lived(office)
    yield Town(make(office), names, more)
    office.store.close()


def _lived(office: Office) -> tuple[str, ...]:
    """Bring reports to every end, and the house to what changes in a year."""
    answered = office.investigating(answers(reply_by="post", email=None), address="w1").number
    office.act("park", answered, "extend", days="3", reason="자료가 더 필요합니다.", done="물음")
    office.act("park", answered, "to_approval", **ANSWER)
    signed = {"doc_no": "감사담당관-12", "approved_on": "2026-11-23", "approver": "최과장(전결)"}
    office.act("park", answered, "result", **ANSWER, **signed)
    referred = office.investigating(answers(share="with_name"), address="w2").number
    office.act(
        "park", referred, "refer", how="with_name", unit="road", content="보수 요청",
        reason="담당 부서의 일입니다.", new_no="도로-77", due="2026-12-01", unit_handler="이도로",
        unit_phone="031-000-0200", remedy="다시 신고하실 수 있습니다.",
    )  # fmt: skip
    onsite = office.investigating(address="w3").number
    office.act("park", onsite, "onsite", place="시장 앞", start="2026-11-24", until="2026-11-30")
    told = office.file(nameless(), address="w4").number
    office.act("kim", told, "assign", handler="park", unit="road")
    office.act("park", told, "conclude", judgement="for_reference", summary="고맙습니다.")
    gone = office.file(address="w5")
    office.act("kim", gone.number, "assign", handler="park", unit="road")
    office.act(office.reporter(gone), gone.number, "withdraw")

    def year(unit: Any) -> None:
        house.add_day(
            office.svc, unit, office.people["han"], date(2026, 12, 31), "임시공휴일", "관보"
        )
        units.add(
            unit, "old", "옛부서", valid_from=date(2020, 1, 1), valid_until=date(2026, 12, 1)
        )

    office.do(year)
    return (answered, referred, onsite, told, gone.number)


def _places(town: Town) -> Iterator[tuple[str, str]]:
    for route, (who, path) in PAGES.items():
        if route != "/enrol":  # a secret stands there, made anew each time
            yield who, (path or route).format(**town.names)
    for who, path in MORE:
        yield who, path.format(**town.names)
    for number in town.more:
        for rest in ("", "/print", "/copy"):
            yield "choi", f"/filings/{number}{rest}"
    for place in ("/filings?show=closed", "/filings?show=all&size=100", "/leavers"):
        yield "choi", place
    yield "park", f"/filings/{town.names['main']}/moves/extend"


def _open(seat: Seat, place: str) -> str:
    parts = place.split("/")
    if parts[1] == "filings" and len(parts) > 2 and "?" not in place:
        answer = seat.client.get(f"{BASE}/filings/{parts[2]}")
        if "/conflict" in answer.text:
            seat.open(parts[2])
    answer = seat.client.get(f"{BASE}{place}")
    assert answer.status_code == (404 if place == "/nothing" else 200), place
    return answer.text


def test_no_page_says_a_code_or_a_word_of_another_language(town: Town):
    office = town.desk.office
    logins = {*office.people, *CITIZENS}
    codes_of_units = {row.code for row in office.see(house.unit_rows)}
    known = KNOWN | logins | codes_of_units | OF_CASES
    found: list[tuple[str, list[str]]] = []
    seats = {who: town.desk.seat(who) for who, _ in _places(town)}
    for who, place in _places(town):
        text = plain_words.spoken(_open(seats[who], place))
        wrong = plain_words.codes(text)
        if place.endswith("/print"):  # who keeps the paper proves the record by it
            wrong = [one for one in wrong if not one.startswith("해시")]
        if place.startswith("/templates") or "to_approval" in place:
            wrong = [one for one in wrong if not one.startswith("구멍")]  # what is filled in
        wrong += plain_words.latin(text, known)
        if wrong:
            found.append((place, wrong))
    assert found == []
