"""What officials do in Slack, and what may go wrong with it: one effect, and a word where he is."""

import asyncio
import unicodedata
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.handlers.ladder import Load
from bot.services import linking, views
from storage.errors import Busy
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_errors import Bad, Page, Slow
from tests.fakes.slack_people import Person
from tests.fakes.slack_roads import Sent
from tests.office.conftest import (
    ACCOUNT,
    address,
    build,
    catalog,
    clock,
    guarded,
    site,
    texts,
    with_messenger,
)
from tests.services.conftest import WHAT, Office
from tests.slack.town import Town, by_requests, by_sockets, founded

__all__ = ["build", "catalog", "clock", "site", "texts"]
ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""Where the database makes no difference; the one test without it goes the whole way on both."""


@pytest.fixture
def office(build: Callable[..., Office]) -> Office:
    return with_messenger(build(receive="person"))


@pytest.fixture
async def town(office: Office, fake: FakeSlack) -> AsyncIterator[Town]:
    async with by_requests(founded(office, fake)) as made:
        yield made


@pytest.fixture
async def full(build: Callable[..., Office], fake: FakeSlack) -> AsyncIterator[Town]:
    async with by_requests(founded(with_messenger(build(), "full"), fake)) as made:
        yield made


def waiting(town: Town) -> str:
    """Give a report that nobody handles yet, and whose guard 접수 has confirmed."""
    number: str = town.office.file().number
    if town.office.filing(number).state != "received":
        town.office.act("kim", number, "receive")
    guarded(town.office, number, "build")
    return number


async def looks(person: Person, number: str) -> None:
    """Let somebody call for a report's card, to press on it."""
    await person.commands("/civic", number)
    assert number in person.last.words


# ---- who speaks


@ONCE
async def test_an_official_ties_his_account_by_a_code_of_the_desk(town: Town) -> None:
    park = town.person("park", linked=False)
    await park.commands("/civic", f"연결 {town.code('park')}")
    assert town.linked("park")
    assert "박감사" in park.last.words
    assert park.last.to == park.id
    await town.settled()
    assert park.home is not None


@ONCE
async def test_who_is_not_tied_is_told_how_and_sees_nothing(town: Town) -> None:
    number = waiting(town)
    park = town.person("park", linked=False)
    for text in ("대기", number):
        await park.commands("/civic", text)
        assert park.last.words == town.office.texts.render(linking_words(), "ko", {}) + park_way(
            park
        )
    await park.opens_home()
    await town.settled()
    assert park.home is not None
    assert "메신저 연결" in park.home.words
    assert number not in park.home.words


def linking_words() -> Any:
    from bot.dialogs.replies import Phrase  # noqa: PLC0415

    return Phrase("office.not_linked")


def park_way(person: Person) -> str:
    return "\n" + "\n".join(person.last.labels)


@ONCE
@pytest.mark.parametrize(
    ("flags", "word"),
    [
        ({"is_restricted": True}, "손님"), ({"is_ultra_restricted": True}, "손님"),
        ({"is_stranger": True}, "우리 기관의 것이 아닙니다"), ({"is_bot": True}, "우리 기관"),
        ({"deleted": True}, "꺼졌습니다"),
    ],
)  # fmt: skip
async def test_a_guest_and_whoever_is_of_elsewhere_cannot_be_tied(
    town: Town, flags: dict[str, Any], word: str
) -> None:
    park = town.person("park", linked=False, **flags)
    code = town.code("park")
    await park.commands("/civic", f"연결 {code}")
    assert not town.linked("park")
    assert word in park.last.words
    park.flags |= dict.fromkeys(flags, False)
    await park.commands("/civic", f"연결 {code}")
    assert town.linked("park")  # and the code was not used up
    await town.settled()


@ONCE
async def test_nobody_is_tied_whom_slack_does_not_vouch_for(town: Town) -> None:
    park = town.person("park", linked=False)
    town.fake.fail("users.info", Page(503))
    await park.commands("/civic", f"연결 {town.code('park')}")
    assert not town.linked("park")
    assert "확인하는 중" in park.last.words


@ONCE
async def test_somebody_of_another_workspace_is_refused_before_anything_else(
    town: Town, logged: Any
) -> None:
    waiting(town)
    park = town.person("park")
    park.flags["team_id"] = "T0OTHER"
    await park.commands("/civic", "대기")
    assert (
        park.last.words == "우리 기관의 워크스페이스가 아닙니다. 기관 워크스페이스에서 해 주세요."
    )
    assert "slack_stranger" in str(logged)


@ONCE
async def test_an_account_that_slack_has_not_vouched_for_today_rests(town: Town) -> None:
    park = town.person("park")
    town.office.clock.advance(hours=25)
    await park.commands("/civic", "대기")
    assert "확인하는 중" in park.last.words
    await town.edge.looks.once()
    await park.commands("/civic", "대기")
    assert "확인하는 중" not in park.last.words


@ONCE
async def test_whose_role_has_gone_is_told_so_at_the_next_press(town: Town) -> None:
    from bot.services import accounts  # noqa: PLC0415

    number = waiting(town)
    kim = town.person("kim")
    await looks(kim, number)
    who = town.office.people["kim"].user_id
    han = town.office.people["han"]
    town.office.do(lambda u: accounts.close(town.office.svc, u, han, who))
    await kim.presses("담당 정하기")
    await town.settled()
    assert town.office.filing(number).assignee_id is None
    assert "메신저 연결" in kim.last.words


# ---- commands


@ONCE
@pytest.mark.parametrize(
    "text", ["대기", unicodedata.normalize("NFD", "대기"), " waiting ", "대가"]
)
async def test_a_command_is_understood_in_two_languages_and_with_slips(
    town: Town, text: str
) -> None:
    number = waiting(town)
    kim = town.person("kim")
    await kim.commands("/civic", text)
    assert number in kim.last.words
    assert kim.last.to == kim.id
    assert town.fake.called("response_url") == []  # in the answer itself


@ONCE
async def test_an_alias_is_the_same_command(town: Town) -> None:
    kim = town.person("kim")
    number = waiting(town)
    await kim.commands("/민원", "대기")
    assert number in kim.last.words


# ---- buttons


@ONCE
async def test_a_press_receives_a_report_and_a_stale_one_says_so(town: Town) -> None:
    number = town.office.file().number
    kim, other = town.person("kim"), town.person("choi")
    await looks(kim, number)
    card = kim.last
    await kim.presses("접수하기", card)
    await town.settled()
    assert town.office.filing(number).state == "received"
    assert "접수했습니다" in kim.last.words
    assert kim.last.to == kim.id
    await kim.presses("접수하기", card)
    await town.settled()
    assert town.office.texts.render(moved(), "ko", {}) in kim.last.words
    assert other.troubles == []


def moved() -> Any:
    from bot.dialogs.replies import Phrase  # noqa: PLC0415

    return Phrase("move.stale")


@ONCE
async def test_two_officials_at_once_have_one_effect(town: Town) -> None:
    number = waiting(town)
    version = town.office.filing(number).version
    pressed = []
    for login, handler in (("kim", "박감사"), ("choi", "임감사")):
        person = town.person(login)
        await looks(person, number)
        await person.presses("담당 정하기")
        await chooses(person, handler[:2])
        pressed.append(person)
    town.office.clock.advance(seconds=1)
    sent = [
        Sent("interactive", one._payload("view_submission") | {
            "trigger_id": town.fake.trigger(one.id), "view": one.view.payload(town.fake),
        })
        for one in pressed
    ]  # fmt: skip
    answers = await asyncio.gather(*[town.fake.deliver(one) for one in sent])
    await town.settled()
    assert all(one.good for one in answers)
    assert town.office.filing(number).version == version + 1
    assert sum("담당을 정했습니다" in str(one.body) for one in answers) == 1


@ONCE
async def test_a_request_whose_answer_was_lost_has_one_effect(town: Town) -> None:
    number = town.office.file().number
    kim = town.person("kim")
    await looks(kim, number)
    heard = town.heard()
    await kim.presses("접수하기")
    version = town.office.filing(number).version
    answer = await town.fake.twice(heard[-1])
    await town.settled()
    assert answer.good
    assert town.office.filing(number).version == version
    assert kim.last.words == "이미 처리했습니다."


@ONCE
async def test_a_link_to_the_desk_is_only_confirmed(town: Town) -> None:
    number = waiting(town)
    kim = town.person("kim")
    await looks(kim, number)
    seen = len(kim.sees)
    link = next(
        element
        for block in kim.last.blocks
        for element in block.get("elements", [block.get("accessory", {})])
        if "url" in element
    )
    assert (await kim.presses(link["text"]["text"])).good
    await town.settled()
    assert len(kim.sees) == seen


@ONCE
@pytest.mark.parametrize(
    "action",
    [
        {}, {"action_id": "act:close", "value": "close 2026 1"}, {"action_id": "act:receive"},
        {"action_id": "act:receive", "value": "receive"}, {"action_id": "f:x"},
        {"action_id": "act:receive", "value": "receive " + "9" * 200},
    ],
)  # fmt: skip
async def test_what_a_changed_client_sends_does_nothing(
    town: Town, action: dict[str, Any]
) -> None:
    number = town.office.file().number
    kim = town.person("kim")
    sent = kim.forged(actions=[action], trigger_id=town.fake.trigger(kim.id))
    await town.fake.deliver(sent)
    await town.settled()
    assert town.office.filing(number).state != "received"


@ONCE
async def test_a_press_without_slacks_id_of_it_is_not_done(town: Town) -> None:
    number = town.office.file().number
    kim = town.person("kim")
    version = town.office.filing(number).version
    action = {"action_id": "act:receive", "value": f"receive {number} {version}"}
    await town.fake.deliver(kim.forged(actions=[action]))
    await town.settled()
    assert town.office.filing(number).state != "received"


# ---- modals


async def chooses(person: Person, words: str) -> None:
    found = await person.searches("담당", words)
    await person.types("담당", found[0])


async def test_a_handler_is_chosen_in_a_modal(town: Town) -> None:
    number = waiting(town)
    kim = town.person("kim")
    await looks(kim, number)
    await kim.presses("담당 정하기")
    assert kim.view.body["callback_id"] == "do"
    await kim.submits()
    assert list(kim.view.errors) == ["handler"]
    await chooses(kim, "박감")
    await kim.submits()
    await town.settled()
    park = town.office.people["park"].user_id
    assert town.office.filing(number).assignee_id == park
    assert f"{number} 신고의 담당을 정했습니다" in kim.view.words
    assert kim.home is not None
    assert kim.troubles == []


@ONCE
async def test_a_modal_that_is_sent_twice_has_one_effect(town: Town) -> None:
    number = waiting(town)
    kim = town.person("kim")
    await looks(kim, number)
    await kim.presses("담당 정하기")
    await chooses(kim, "박감")
    heard = town.heard()
    await kim.submits()
    version = town.office.filing(number).version
    again = await town.fake.twice(heard[-1])
    assert "이미 처리했습니다." in str(again.body)
    changed = heard[-1]
    values = changed.payload["view"]["state"]["values"]
    name = next(iter(values["handler"]))
    values["handler"][name]["selected_option"]["value"] = "임감사"
    other = await town.fake.twice(changed)
    assert "이 창에서 보낸 것은" in str(other.body)
    assert town.office.filing(number).version == version
    await town.settled()


@ONCE
async def test_a_trigger_that_has_run_out_is_said_where_the_button_is(town: Town) -> None:
    number = waiting(town)
    kim = town.person("kim")
    await looks(kim, number)
    town.fake.fail("views.open", Slow(3.5))
    await kim.presses("담당 정하기")
    await town.settled()
    assert kim.stack == []
    assert "버튼을 한 번 더" in kim.last.words
    await kim.presses("담당 정하기")
    assert kim.stack


@ONCE
@pytest.mark.parametrize("fault", [Page(503), Bad("internal_error"), Bad("ratelimited", 429, "3")])
async def test_when_slack_does_not_open_a_modal_the_person_hears_of_it(
    town: Town, fault: Any
) -> None:
    number = waiting(town)
    kim = town.person("kim")
    await looks(kim, number)
    town.fake.fail("views.open", fault)
    await kim.presses("담당 정하기")
    await town.settled()
    assert "슬랙이 응답하지 않아" in kim.last.words


@ONCE
async def test_an_answer_that_is_not_taken_comes_as_a_message(town: Town) -> None:
    number = town.office.file().number
    kim = town.person("kim")
    await looks(kim, number)
    town.fake.fail("response_url", Page(404))
    await kim.presses("접수하기")
    await town.settled()
    assert "접수했습니다" in kim.last.words
    assert kim.last.room == kim.direct.id


@ONCE
async def test_what_was_typed_stays_when_the_filing_moves_meanwhile(full: Town) -> None:
    number = full.office.investigating().number
    park, svc = full.office.people["park"], full.office.svc
    full.office.do(lambda u: views.declare(svc, u, park, number, conflict=False))
    person = full.person("park")
    await looks(person, number)
    await person.presses("메모 남기기")
    await person.types("메모", "현장에서 만나기로 했다.")
    full.office.act("park", number, "note", text="다른 창에서 적은 메모")
    await person.submits()
    assert "그사이 내용이 바뀌었습니다" in person.view.words
    assert "현장에서 만나기로 했다." in str(person.view.state())
    await person.submits()
    await full.settled()
    assert "현장에서" not in person.view.words  # done
    assert full.office.filing(number).version > 0


@ONCE
async def test_words_open_at_the_level_full_alone_and_the_journal_knows_it_first(
    full: Town, logged: Any
) -> None:
    number = full.office.investigating().number
    park, svc = full.office.people["park"], full.office.svc
    full.office.do(lambda u: views.declare(svc, u, park, number, conflict=False))
    person = full.person("park")
    await looks(person, number)
    assert WHAT not in person.last.words
    await person.presses("내용 보기")
    assert WHAT in person.view.words
    assert WHAT not in str(logged)


@ONCE
async def test_at_numbers_no_button_brings_a_word(town: Town) -> None:
    number = town.office.file().number
    kim = town.person("kim")
    action = {"action_id": "act:read", "value": f"read {number} 1"}
    trigger = town.fake.trigger(kim.id)
    await town.fake.deliver(kim.forged(actions=[action], trigger_id=trigger))
    await town.settled()
    assert WHAT not in str([call.params for call in town.fake.calls])


@ONCE
async def test_a_field_that_brings_others_draws_the_modal_anew(town: Town) -> None:
    number = waiting(town)
    kim = town.person("kim")
    await looks(kim, number)
    await kim.presses("나중에 보기")
    before = len(kim.view.blocks)
    block = next(one for one in kim.view.blocks if one.get("dispatch_action"))
    last = block["element"]["options"][-1]["text"]["text"]
    await kim.types(block["label"]["text"], last)
    await town.settled()
    assert len(kim.view.blocks) == before + 1


# ---- the Home tab


@ONCE
async def test_home_shows_what_waits_and_is_made_anew_after_an_act(town: Town) -> None:
    number = waiting(town)
    kim = town.person("kim")
    await kim.opens_home()
    await town.settled()
    assert kim.home is not None
    assert number in kim.home.words
    await looks(kim, number)
    await kim.presses("담당 정하기")
    await chooses(kim, "박감")
    await kim.submits()
    await town.settled()
    assert number not in kim.home.words


@ONCE
async def test_the_tab_of_messages_is_no_home(town: Town) -> None:
    kim = town.person("kim")
    await kim.opens_home("messages")
    await town.settled()
    assert kim.home is None


@ONCE
async def test_home_that_somebody_made_newer_is_left_alone(town: Town, logged: Any) -> None:
    kim = town.person("kim")
    await kim.opens_home()
    await town.settled()
    town.fake.fail("views.publish", Bad("hash_conflict"), Bad("internal_error"), Page(503))
    for _ in range(3):
        await kim.opens_home()
        await town.settled()
    failed = [line["kind"] for line in logged if line["event"] == "slack_home_failed"]
    assert failed == ["internal_error", "NotVendor"]


@ONCE
async def test_home_of_many_cases_fits_into_slacks_hundred_blocks(town: Town) -> None:
    for _ in range(25):
        waiting(town)
    kim = town.person("kim")
    await kim.opens_home()
    await town.settled()
    assert kim.home is not None
    assert len(kim.home.blocks) <= 100
    assert any("더 보기" in str(block) for block in kim.home.blocks)


# ---- time, load, bugs


class Clock:
    """Patience that ends when the test says so."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.asked: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        await self.over.wait()


async def held(town: Town) -> tuple[Callable[[], None], Any]:
    """Hold every act of the database until it is let go."""
    gate, do = asyncio.Event(), town.edge.work.do

    async def later(*args: Any, **more: Any) -> Any:
        await gate.wait()
        return await do(*args, **more)

    return gate.set, later


@pytest.fixture
async def slow(office: Office, fake: FakeSlack) -> AsyncIterator[tuple[Town, Clock]]:
    patience = Clock()
    async with by_requests(founded(office, fake, patience=patience)) as made:
        yield made, patience


@ONCE
async def test_what_takes_longer_is_said_and_answered_later(
    slow: tuple[Town, Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    town, patience = slow
    number = town.office.file().number
    kim = town.person("kim")
    await looks(kim, number)
    let_go, later = await held(town)
    monkeypatch.setattr(type(town.edge.work), "do", lambda _self, *a, **m: later(*a, **m))
    patience.over.set()
    assert (await kim.commands("/civic", number)).good
    assert kim.last.words == "처리하고 있습니다. 끝나면 여기에 알려 드립니다."
    let_go()
    await town.settled()
    assert number in kim.last.words


@ONCE
async def test_a_modal_that_takes_longer_shows_its_end_in_its_place(
    slow: tuple[Town, Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    town, patience = slow
    number = waiting(town)
    kim = town.person("kim")
    await looks(kim, number)
    await kim.presses("담당 정하기")
    await chooses(kim, "박감")
    let_go, later = await held(town)
    monkeypatch.setattr(type(town.edge.work), "do", lambda _self, *a, **m: later(*a, **m))
    patience.over.set()
    await kim.submits()
    assert "박감" not in kim.view.words
    let_go()
    await town.settled()
    assert f"{number} 신고의 담당을 정했습니다" in kim.view.words
    assert town.office.filing(number).assignee_id == town.office.people["park"].user_id


@ONCE
async def test_a_modal_is_opened_before_it_is_known_what_stands_in_it(
    slow: tuple[Town, Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    town, patience = slow
    number = waiting(town)
    kim = town.person("kim")
    await looks(kim, number)
    gate, look = asyncio.Event(), town.edge.work.look

    async def later(_self: Any, work: Any) -> Any:
        await gate.wait()
        return await look(work)

    monkeypatch.setattr(type(town.edge.work), "look", later)
    patience.over.set()
    pressing = asyncio.ensure_future(kim.presses("담당 정하기"))
    await town.fake.until(lambda: bool(town.fake.called("views.open")))
    gate.set()
    assert (await pressing).good
    await town.settled()
    await town.fake.until(lambda: bool(town.fake.called("views.update")))
    assert kim.view.body["callback_id"] == "do"


@ONCE
async def test_when_we_are_full_the_person_is_told_at_once(
    office: Office, fake: FakeSlack
) -> None:
    load = Load(1)
    async with by_requests(founded(office, fake, load=load)) as town:
        number = waiting(town)
        kim = town.person("kim")
        await looks(kim, number)
        await kim.presses("담당 정하기")
        load.inside = 1
        seen = len(fake.calls)
        await chooses_nothing(kim)
        await kim.submits()
        assert "요청이 많아" in str(kim.view.errors)
        await kim.commands("/civic", "대기")
        assert "요청이 많아" in kim.last.words
        assert len(fake.calls) == seen
        assert load.refused == {"running": 2}
        await town.settled()


async def chooses_nothing(person: Person) -> None:
    assert await person.searches("담당", "박") == []


@ONCE
async def test_a_database_that_is_away_is_said(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    kim = town.person("kim")

    def away(*_: Any, **__: Any) -> Any:
        raise Busy("away")

    monkeypatch.setattr(type(town.office.store), "transact", away)
    await kim.commands("/civic", "대기")
    assert "요청이 많아" in kim.last.words


@ONCE
async def test_a_bug_is_a_number_for_the_person_and_a_place_for_the_log(
    town: Town, logged: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kim = town.person("kim")

    def broken(*_: Any, **__: Any) -> Any:
        raise LookupError("비밀")

    monkeypatch.setattr(type(town.office.store), "transact", broken)
    await kim.commands("/civic", "대기")
    line = next(one for one in logged if one["event"] == "slack_broken")
    assert line["number"] in kim.last.words
    assert "비밀" not in kim.last.words


@ONCE
async def test_by_sockets_it_is_the_same(office: Office, fake: FakeSlack) -> None:
    async with by_sockets(founded(office, fake, socket=True)) as town:
        number = waiting(town)
        kim = town.person("kim")
        await looks(kim, number)
        await kim.presses("담당 정하기")
        await kim.submits()
        assert list(kim.view.errors) == ["handler"]
        await chooses(kim, "박감")
        await kim.submits()
        await town.settled()
        assert f"{number} 신고의 담당을 정했습니다" in kim.view.words
        assert kim.troubles == []


@ONCE
def test_the_address_of_an_official_is_his_own(town: Town) -> None:
    town.person("kim")
    svc = town.office.svc
    assert town.office.see(lambda u: linking.user_of(svc, u, ACCOUNT, address("park"))) is None
