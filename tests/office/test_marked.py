"""Marked data: at `numbers` no word of a report is in anything that is put, sent or answered.

A report's whole life is played with a word in every field that takes words; every row for the
messenger is opened before it leaves, every message, answer, page and form is looked into.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.dialogs import replies
from bot.errors import Refused
from bot.services import linking, views
from bot.services import office as acts
from bot.services.base import citizen
from storage.repositories import outbox
from tests.office.conftest import (
    ACCOUNT,
    CHANNEL,
    Messenger,
    address,
    at_messenger,
    clean,
    guarded,
    link,
    with_messenger,
)
from tests.office.test_linking import id_of
from tests.services.conftest import Office, answers, at, nameless

ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
pytestmark = ONCE

WORD, NAME, STREET = "은행나무길", "홍길동", "중앙로 12"
SAID = f"{WORD}에서 불이 나 사람이 다칠 뻔했어요."
MARKS = (WORD, NAME, STREET, "hong@example.com", "1AA-2610", "road", "도로과", "건축과")
"""What must never leave: words, the reporter, the earlier petition, the unit complained of."""

STAFF = ("kim", "park", "choi", "seo", "oh", "jung")
BUILD = {"value": "build", "label": "건축과"}
GIVEN = {"handler": "park", "text": SAID, "until": "tomorrow"}
TELLING = ("위험을 알리는", "거두라는 말", "회피 신청")
"""Notices that say something of the words, or of who steps back."""

COMMANDS = ("", "대기", "내 일", "지남", "알림", "사례 은행나무길", "은행나무길", "도움말")


@dataclass
class Ear:
    """Hears everything that is told to the messenger."""

    office: Office
    messenger: Messenger
    heard: list[str] = field(default_factory=list)
    but: frozenset[str] = frozenset()

    def rows(self) -> None:
        for row in self.office.rows(CHANNEL):
            payload = self.office.see(lambda u, one=row.id: outbox.read_payload(u, one))
            self.heard.append((payload or b"").decode())

    async def round(self) -> None:
        self.rows()
        for parcel in await self.messenger.round(12):
            self.reply(parcel.reply)

    def reply(self, reply: Any) -> None:
        self.heard.append(replies.dump(reply).decode())
        words = [reply.text, *(one.label for one in reply.options)]
        for card in getattr(reply, "cards", ()):
            words += [card.title, card.text, *(one.label for one in card.options)]
        self.heard += [self.office.say(one) for one in words]

    def asks(self, number: str) -> None:
        """Let everybody look at all there is to look at."""
        office, svc = self.office, self.office.svc
        for who in STAFF:
            office.do(lambda u, who=who: linking.whole(svc, u, id_of(office, who)))
            for text in (*COMMANDS, number):
                self.reply(self.ask(who, lambda u, _, who=who, text=text: acts.command(
                    svc, u, ACCOUNT, address(who), text
                )))  # fmt: skip
            page = self.ask(who, lambda u, actor: acts.home(svc, u, actor))
            self.heard += [office.say(line.text) for one in page.shelves for line in one.lines]
            for what in sorted(acts.MAY - self.but):
                form = self.ask(who, lambda u, a, what=what: acts.form(svc, u, a, what, number))
                self.heard.append(repr(getattr(form, "prefill", form)))
                self.reply(self.ask(who, lambda u, a, what=what: acts.do(
                    svc, u, a, what, number, None, GIVEN
                )))  # fmt: skip

    def ask(self, who: str, work: Any) -> Any:
        svc = self.office.svc

        def inside(unit: Any) -> Any:
            return work(unit, linking.actor(svc, unit, ACCOUNT, address(who)))

        try:
            return self.office.do(inside)
        except Refused as refused:
            text = refused.key + repr(dict(refused.params))
            errors = getattr(refused, "errors", {})
            return replies.Say(text + "".join(self.office.say(one) for one in errors.values()))

    def leaks(self) -> list[str]:
        told = "\n".join(self.heard)
        return [one for one in MARKS if one in told]


async def life(office: Office, ear: Ear, *, named: bool) -> str:
    """Play a report from its first word to its end, and look at everything on the way."""
    given = {"what": SAID, "wish": f"{WORD}을 고쳐 주세요.", "prior_no": "1AA-2610-0123456",
             "unit": BUILD}  # fmt: skip
    filed = office.file(answers(**given) if named else nameless(**given))
    number, reporter = filed.number, citizen(None, filed.filing_id)
    await ear.round()
    guarded(office, number, "build")
    for who in ("kim", "choi", "park"):
        await ear.round()
        if who == "park":
            office.act("kim", number, "assign", handler="park")
        office.do(lambda u, who=who: views.declare(
            office.svc, u, office.people[who], number, conflict=False
        ))  # fmt: skip
    await ear.round()
    ear.asks(number)
    office.act("park", number, "start")
    office.act("park", number, "note", text=SAID)
    office.act("park", number, "ask_supplement", items=SAID, why=SAID, days="7")
    await ear.round()
    office.act(reporter, number, "supplement_reply", text=SAID)
    office.act(reporter, number, "message", text=SAID)
    office.act(reporter, number, "pressure", text=SAID)
    await ear.round()
    office.act("park", number, "fact_request", matter=SAID, place=WORD, questions=SAID,
               materials=WORD, unit="build", due="2026-11-25", confirmed=True)  # fmt: skip
    office.clock.set(at("2026-12-03 09:05"))
    ear.asks(number)
    office.tick()
    await ear.round()
    office.act(reporter, number, "withdraw")
    await ear.round()
    ear.asks(number)
    return number


@pytest.mark.parametrize("named", [True, False], ids=["named", "nameless"])
async def test_at_numbers_no_word_of_a_report_reaches_the_messenger(build: Any, named: bool):
    office = with_messenger(build())
    clean(office)
    link(office, *STAFF)
    ear = Ear(office, at_messenger(office))
    number = await life(office, ear, named=named)
    told = "".join(ear.heard)
    assert number in told  # it was heard indeed
    assert ear.leaks() == []
    assert [one for one in TELLING if one in told] == []


async def test_at_full_words_are_in_what_was_asked_to_be_read_alone(build: Any):
    office = with_messenger(build(), "full")
    clean(office)
    link(office, *STAFF)
    ear = Ear(office, at_messenger(office), but=frozenset({"read"}))
    number = await life(office, ear, named=True)
    assert number in "".join(ear.heard)
    assert ear.leaks() == []
