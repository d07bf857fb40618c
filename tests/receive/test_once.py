"""An update is answered once: repeats, conflicts, two at a time, and a database that is away."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from bot.channel import Gone
from bot.dialogs.events import Answer, Command, Press
from bot.dialogs.replies import Ask, Block, Cards, Phrase, Receipt, Say, Sheet, Summary
from bot.errors import Conflict, Overloaded
from bot.receive import receiver as receiving
from bot.receive.scrub import private, scrub
from storage import models
from storage.errors import Busy, Stale
from storage.jobs import Job
from storage.repositories import dialogs, outbox
from storage.store import Store
from tests.fakes.city import City, Somebody


def count(city: City, table: str) -> int:
    found = sa.select(sa.func.count()).select_from(getattr(models, table))
    return city.store.read(lambda unit: unit.conn.execute(found).scalar_one())


def test_a_repeated_update_gets_its_answer_and_does_nothing(web: Somebody) -> None:
    web.commands("report")
    press = web.inbound(web.event_of("답을 들었는데"))
    first = web.send(press)
    again = web.send(press)
    assert again.repeated
    assert again.replies == first.replies
    assert again.turn == first.turn


def test_an_answer_that_is_old_when_it_is_repeated_lacks_everybodys_words(web: Somebody) -> None:
    web.report()
    summary = web.inbound(web.event_of("고치기"))
    web.send(summary)
    web.press("고치지 않기")
    again = web.city.receiver.receive(summary)
    assert "홍*동" not in str(again.replies)


def test_a_summary_that_is_repeated_is_shown_again(paged: Somebody) -> None:
    paged.report()
    paged.press("고치기")
    back = paged.inbound(paged.event_of("고치지 않기"))
    first = paged.send(back)
    assert any(isinstance(reply, Summary) for reply in first.replies)
    assert paged.send(back).replies == first.replies
    paged.press("고치기")
    assert "홍*동" not in str(paged.city.receiver.receive(back).replies)


def test_a_repeated_filing_shows_its_number_and_never_the_code(web: Somebody) -> None:
    web.report()
    confirm = web.inbound(web.event_of("안내를 보았고"))
    first = web.send(confirm)
    again = web.send(confirm)
    assert count(web.city, "filings") == 1
    one, two = (
        next(reply for reply in received.replies if isinstance(reply, Receipt))
        for received in (first, again)
    )
    assert one.number == two.number
    assert one.code
    assert two.code is None


def test_a_repeated_report_without_a_name_shows_nothing_of_it(web: Somebody) -> None:
    web.report(named=False)
    confirm = web.inbound(web.event_of("안내를 보았고"))
    first = web.send(confirm)
    number = next(r.number for r in first.replies if isinstance(r, Receipt))
    web.send(confirm)
    assert "이미 받았어요" in web.text
    assert number not in str(web.seen)
    assert count(web.city, "filings") == 1


def test_a_repeated_update_of_a_messenger_sends_nothing_twice(agreed: Somebody) -> None:
    inbound = agreed.inbound(Command("report"))
    first = agreed.send(inbound)
    before = count(agreed.city, "outbox")
    again = agreed.send(inbound)
    assert first.rows
    assert again.repeated
    assert again.rows == ()
    assert count(agreed.city, "outbox") == before


def test_the_same_id_with_another_body_is_a_conflict(web: Somebody) -> None:
    inbound = web.inbound(Command("report"))
    web.send(inbound)
    with pytest.raises(Conflict):
        web.send(replace(inbound, body=b"something else"))


def test_the_same_id_of_another_person_is_another_update(web: Somebody, city: City) -> None:
    other = city.person("web", "other")
    web.report()
    web.press("안내를 보았고")
    for _ in range(20):
        other.commands("start")
    assert not other.last.repeated if other.last else False
    assert "접수번호" not in other.text


def test_two_presses_at_once_file_one_report(web: Somebody) -> None:
    web.report()
    press = web.event_of("안내를 보았고")
    inbounds = [web.inbound(press) for _ in range(4)]
    together = threading.Barrier(len(inbounds))
    failed: list[BaseException] = []

    def go(inbound: Any) -> None:
        together.wait()
        try:
            web.city.receiver.receive(inbound)
        except BaseException as error:  # noqa: BLE001 - told in the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=go, args=(one,)) for one in inbounds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert count(web.city, "filings") == 1


def test_two_first_words_at_once_make_one_person(city: City) -> None:
    somebody = city.person("web", "new")
    inbounds = [somebody.inbound(Command("report")) for _ in range(4)]
    together = threading.Barrier(len(inbounds))
    turns: list[int] = []

    def go(inbound: Any) -> None:
        together.wait()
        turns.append(city.receiver.receive(inbound).turn)

    threads = [threading.Thread(target=go, args=(one,)) for one in inbounds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(city, "peers") == 1
    assert len(set(turns)) == 4


def test_a_turn_that_was_overtaken_begins_again(
    web: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.commands("report")
    real, late = dialogs.save, iter([True, False])

    def save(*args: Any, **kw: Any) -> int:
        if next(late):
            raise Stale("dialog")
        return real(*args, **kw)

    monkeypatch.setattr(dialogs, "save", save)
    web.press("답을 들었는데")
    assert "접수번호가 있으면" in web.text


def test_who_is_overtaken_again_and_again_is_asked_to_come_later(
    web: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.commands("report")
    press = web.event_of("답을 들었는데")

    def save(*_: Any, **__: Any) -> int:
        raise Stale("dialog")

    monkeypatch.setattr(dialogs, "save", save)
    with pytest.raises(Overloaded):
        web.does(press)


def test_a_dialog_that_ended_meanwhile_is_looked_at_again(
    web: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.report(named=False)
    real, late = dialogs.delete, iter([True, False])
    monkeypatch.setattr(dialogs, "delete", lambda *args: False if next(late) else real(*args))
    web.press("안내를 보았고")
    assert "참고번호" in web.text
    assert count(web.city, "filings") == 1


def test_a_bug_is_raised_and_nothing_is_stored(
    web: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.report()
    confirm = web.inbound(web.event_of("안내를 보았고"))

    def put(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "put", put)
        with pytest.raises(ZeroDivisionError):
            web.send(confirm)
    assert count(web.city, "filings") == 0
    assert not web.send(confirm).repeated
    assert count(web.city, "filings") == 1


def test_a_refusal_that_is_refused_is_raised(
    web: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.errors import Refused  # noqa: PLC0415

    def take(_walk: Any) -> None:
        raise Refused("move.not_now")

    def refuse(_walk: Any, _why: Any) -> None:
        raise Refused("move.stale")

    monkeypatch.setattr(receiving, "take", take)
    monkeypatch.setattr(receiving, "refuse", refuse)
    with pytest.raises(Refused, match=r"move\.stale"):
        web.commands("start")


def test_a_refusal_without_words_of_its_own_is_still_kind(
    web: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.errors import Refused  # noqa: PLC0415

    def take(_walk: Any) -> None:
        raise Refused("no.such_key")

    monkeypatch.setattr(receiving, "take", take)
    web.commands("start")
    assert "지금은 그렇게 할 수 없어요" in web.text


class Away:
    """A store whose database is away."""

    blobs = None

    def transact(self, *_: Any, **__: Any) -> Any:
        raise Busy

    read = transact

    def transact_all(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            job.error = Busy()


@pytest.mark.parametrize(
    "call",
    [
        lambda receiver, inbound: receiver.receive(inbound),
        lambda receiver, _: receiver.show("web", "web", "web-a", "ko"),
        lambda receiver, inbound: receiver.gone(
            Gone("web", "web", "web-a", "1", gone=True, at=inbound.at)
        ),
    ],
)
def test_a_database_that_is_away_is_come_again_later(
    web: Somebody, call: Callable[..., Any]
) -> None:
    web.city.receiver._store = Away()  # type: ignore[assignment]
    with pytest.raises(Overloaded):
        call(web.city.receiver, web.inbound(Answer("신고")))


def test_lists_that_cannot_be_read_are_come_again_later(web: Somebody) -> None:
    def refresh() -> None:
        raise Busy

    web.city.receiver.parts = replace(web.city.receiver.parts, refresh=refresh)
    with pytest.raises(Overloaded):
        web.commands("start")


def test_too_many_newcomers_are_come_again_later(city: City) -> None:
    city.settles(budget_newcomers=8)
    known = city.person("web", "0")
    known.commands("start")
    city.person("web", "1").commands("start")
    with pytest.raises(Overloaded) as refused:
        city.person("web", "2").commands("start")
    assert 5 <= refused.value.retry_after <= 60
    assert refused.value.crowd
    proved = city.person("web", "3")
    assert not proved.does(Command("start"), proved="a").repeated
    with pytest.raises(Overloaded):
        city.person("web", "4").does(Command("start"), proved="a")
    known.commands("start")
    assert known.seen


def test_the_wait_for_the_database_is_told(web: Somebody) -> None:
    web.commands("start")
    assert web.city.waits
    assert all(wait >= 0 for wait in web.city.waits)


def test_what_stands_open_is_shown_and_nothing_changes(web: Somebody, store: Store) -> None:
    show = web.city.receiver.show
    assert show("web", "web", web.address, "ko").replies == ()
    web.commands("start")
    assert show("web", "web", web.address, "ko").replies == web.seen
    web.commands("report")
    shown = show("web", "web", web.address, "ko")
    assert shown.replies[1:] == web.seen[-1:]
    web.seen = shown.replies
    assert "쓰시던 데서 이어서" in web.text
    web.press("답을 들었는데")
    assert "접수번호가 있으면" in web.text


def test_a_story_in_the_making_is_shown_when_the_page_is_loaded_again(web: Somebody) -> None:
    web.commands("report")
    web.press("답을 들었는데")
    web.press("없어요")
    web.types("10월부터 길이 파여 있어요")
    assert "10월부터" not in web.text
    web.seen = web.city.receiver.show("web", "web", web.address, "ko").replies
    assert '지금까지 이렇게 쓰셨어요: "10월부터 길이 파여 있어요"' in web.text
    web.press("다 썼어요")
    assert "어떻게 되기를" in web.text or "어디에서" in web.text


def test_a_page_is_shown_as_it_was_asked(paged: Somebody) -> None:
    paged.report()
    paged.press("뒤로")
    shown = paged.city.receiver.show("web", "web", paged.address, None, pages=False)
    assert [reply.kind for reply in shown.replies] == ["say", "page"]


def test_a_dialog_that_was_moved_here_is_offered_to_be_gone_on_with(web: Somebody) -> None:
    from tests.receive.test_commands import rewrite  # noqa: PLC0415

    web.commands("report")
    rewrite(web, turn=0, offered=[])
    web.seen = web.city.receiver.show("web", "web", web.address, "ko").replies
    web.press("이어서 쓰기")
    assert "전에 알리신 적이" in web.text


def test_leaving_and_coming_back_is_noted(agreed: Somebody) -> None:
    city = agreed.city

    def leaves(number: str, *, gone: bool, address: str = agreed.address) -> None:
        city.receiver.gone(Gone("telegram", "77", address, number, gone, city.clock()))

    def state() -> str:
        return city.store.read(
            lambda unit: unit.conn.execute(sa.select(models.peers.c.state)).scalar_one()
        )

    leaves("g1", gone=True)
    leaves("g1", gone=True)
    assert state() == "gone"
    leaves("g2", gone=False)
    assert state() == "open"
    leaves("g3", gone=True, address="nobody")
    leaves("g4", gone=True)
    agreed.commands("start")
    assert state() == "open"


def test_scrubbing_leaves_what_has_nothing_of_anybody_in_it() -> None:
    plain = Say(Phrase("receipt.named", {"number": "2026-AAAA-BB", "lines": [Phrase("a"), 3]}))
    assert scrub(plain) is plain
    press = Press(1, 1)
    assert press
    ask = Ask("name", "text", Phrase("x"), 3, value="홍길동")
    assert scrub(ask) == replace(ask, value=None)
    words = Say("도로과", ())
    assert scrub(words) == Say(Phrase("talk.not_kept"))
    assert scrub(Say("")) == Say("")
    lists = Cards(Phrase("y", {"lines": ["홍길동", "길동"]}), ())
    assert "홍길동" not in str(scrub(lists))
    inner = Say(Phrase("z", {"inside": Phrase("q", {"text": "홍길동"})}))
    assert "홍길동" not in str(scrub(inner))
    sheet = Sheet(Phrase("s"), (Block(Phrase("l"), "홍길동이 쓴 글"),), Phrase("f"))
    assert private(sheet)
    assert "홍길동" not in str(scrub(sheet))
    assert scrub(Summary(Phrase("s"), (), 1)) == Summary(Phrase("s"), (), 1)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (Phrase("talk.mine"), False),
        (Phrase("talk.mine", {"names": ["홍길동", "김철수"]}), True),
        (Phrase("talk.mine", {"names": [Phrase("a"), Phrase("b", {"who": "홍길동"})]}), True),
        (Phrase("talk.mine", {"names": [Phrase("a"), 3]}), False),
        (Phrase("talk.mine", {"number": "가상-2026-0001"}), False),
        ("홍길동", True),
    ],
)
def test_what_repeats_somebodys_words_is_told_however_deep(words: Any, told: bool) -> None:
    assert private(Say(words)) is told
    assert (scrub(Say(words)) != Say(words)) is told
