"""A report from the first word to the receipt, on the page and on a messenger."""

import re

import pytest
import sqlalchemy as sa

from bot.dialogs.replies import Elsewhere, Receipt, Summary
from bot.receive import Received
from storage import models
from tests.fakes.city import City, Somebody, bytes_of


def receipt_of(person: Somebody) -> Receipt:
    return next(reply for reply in person.seen if isinstance(reply, Receipt))


def rows(city: City, table: str) -> list[sa.RowMapping]:
    """The rows in the order of their keys; a heap has none once a row was changed."""
    keyed: sa.Table = getattr(models, table)
    asked = sa.select(keyed).order_by(*keyed.primary_key.columns)
    return city.store.read(lambda unit: list(unit.conn.execute(asked).mappings()))


def test_a_named_report_gets_number_code_and_date(web: Somebody) -> None:
    web.commands("start")
    web.report()
    web.press("안내를 보았고")
    receipt = receipt_of(web)
    assert receipt.due_on == "2026-12-01"
    assert receipt.code is not None
    assert re.fullmatch(r"2026-\w{4}-\w{2}", receipt.number)
    assert "접수했어요" in web.text
    assert rows(web.city, "filings")[0]["mode"] == "named"


def test_on_pages_a_group_is_one_act(paged: Somebody) -> None:
    paged.report()
    paged.press("안내를 보았고")
    assert receipt_of(paged).code


def test_a_dialog_that_is_filed_is_over(web: Somebody) -> None:
    web.report()
    web.press("안내를 보았고")
    turn = web.last.turn if web.last else 0
    assert rows(web.city, "dialogs")[0]["form"] == "menu"  # the receipt's own buttons
    web.commands("report")
    assert web.last is not None
    assert web.last.turn > turn


def test_a_report_without_a_name_leaves_no_way_back_to_its_writer(web: Somebody) -> None:
    web.commands("start")
    web.report(named=False)
    web.press("안내를 보았고")
    receipt = receipt_of(web)
    assert receipt.code
    assert receipt.due_on is None
    (filing,) = rows(web.city, "filings")
    assert filing["peer_id"] is None
    assert filing["arrived_at"].minute == 0
    assert rows(web.city, "dialogs") == []
    last = max(rows(web.city, "inbox"), key=lambda row: row["at"])
    assert last["answer"] is None
    assert not any(receipt.number in option.arg for option in receipt.options)


def test_danger_in_a_report_without_a_name_is_answered_beside_the_receipt(web: Somebody) -> None:
    web.commands("report")
    web.press("답을 들었는데")
    web.press("없어요")
    web.types("중앙시장에 지금 불이 났어요. 사람이 갇혔어요. 도로과가 길을 안 치워요.")
    web.press("다 썼어요")
    web.press("알리고 싶어요")
    web.press("맞아요" if "맞아요" in web.text else "모르겠어요")
    web.press("없어요")
    web.press("이름 없이")
    web.press("안내를 보았고")
    assert receipt_of(web).code
    assert "119" in web.text


def test_every_consent_refused_and_it_still_files(web: Somebody) -> None:
    web.commands("report")
    web.press("답을 들었는데")
    web.press("없어요")
    web.types("도로과에 석 달째 전화했어요. 우울증 진단서도 냈어요.")
    web.press("다 썼어요")
    web.types("답을 바랍니다.")
    if "민감한" in web.text:
        web.press("지울게요")
    while "이름을 밝히고" not in web.text:
        web.press("모르겠어요" if "[모르겠어요]" in web.text else "없어요")
    web.press("이름 없이")
    web.press("안내를 보았고")
    assert receipt_of(web).number


def test_a_messenger_never_sees_the_code(agreed: Somebody) -> None:
    agreed.commands("report")
    write_on_messenger(agreed)
    agreed.press("안내를 보았고")
    assert receipt_of(agreed).code is None
    assert "누리집에서 코드 보기" in agreed.text
    assert agreed.last is not None
    (row,) = [row for row in agreed.last.rows if isinstance(row.reply, Receipt)]
    assert row.rank == 1


def write_on_messenger(person: Somebody, *, named: bool = True) -> None:
    person.press("답을 들었는데")
    person.press("없어요")
    person.types("10월부터 중앙시장 앞 길이 파여서 세 번 전화했는데 그대로예요.")
    person.press("다 썼어요")
    person.types("길을 고쳐 주세요.")
    person.press("맞아요")
    person.press("없어요")
    if not named:
        person.press("가명으로")
        person.press("텔레그램에서 가명으로")
        person.press("잇지 않기")
        return
    person.press("이름을 밝히고")
    assert any(isinstance(reply, Elsewhere) for reply in person.seen)
    person.press("여기서 적기")
    person.types("홍길동")
    person.types("가온시 중앙로 12")
    person.press("우편(종이)")
    person.press("먼저 저에게")


def test_personal_fields_offer_the_agencys_page_first(agreed: Somebody) -> None:
    agreed.commands("report")
    write_on_messenger(agreed)
    assert any(isinstance(reply, Summary) for reply in agreed.seen)


def test_the_link_to_the_page_carries_its_secret_behind_the_hash_and_two_digits(
    agreed: Somebody,
) -> None:
    agreed.commands("web")
    (link,) = [reply for reply in agreed.seen if isinstance(reply, Elsewhere)]
    assert link.url is not None
    assert link.url.startswith("https://talk.gaon.example/c#")
    assert re.search(r"적어 주세요: \d\d", agreed.text)


def test_after_filing_a_messenger_loses_what_repeated_the_persons_words(
    agreed: Somebody,
) -> None:
    agreed.commands("report")
    write_on_messenger(agreed)
    agreed.press("안내를 보았고")
    assert agreed.last is not None
    gone = [row.delete for row in agreed.last.rows if row.delete]
    private = [row for row in rows(agreed.city, "outbox") if row["kind"] == "private"]
    assert gone == [row["message_id"] for row in private]
    assert gone


def test_a_pseudonymous_report_on_a_messenger_is_tied_to_nobody(agreed: Somebody) -> None:
    agreed.commands("report")
    write_on_messenger(agreed, named=False)
    agreed.press("안내를 보았고")
    (filing,) = rows(agreed.city, "filings")
    assert filing["peer_id"] is None
    assert rows(agreed.city, "dialogs") == []
    assert all(row["filing_id"] is None for row in rows(agreed.city, "outbox"))


def test_cancelling_deletes_the_draft_and_says_so(web: Somebody) -> None:
    web.commands("report")
    web.press("답을 들었는데")
    web.types("그만")
    web.press("지우기")
    assert "지웠어요" in web.text
    assert rows(web.city, "dialogs") == []


def test_later_keeps_the_draft_and_going_on_asks_where_it_was(web: Somebody) -> None:
    web.commands("report")
    web.press("답을 들었는데")
    web.types("나중에")
    assert "저장했어요" in web.text
    web.city.clock.goes(days=2)
    web.types("이어서")
    assert "접수번호가 있으면" in web.text


def test_files_at_the_vendor_are_expected_once_the_form_took_them(agreed: Somebody) -> None:
    agreed.commands("report")
    agreed.press("답을 들었는데")
    agreed.press("없어요")
    agreed.types("길이 파였어요")
    agreed.sends("photo")
    agreed.sends("video")
    (file,) = rows(agreed.city, "attachments")
    assert file["status"] == "waiting"


def test_what_a_person_may_send_in_a_day_is_asked_before_it_is_fetched(agreed: Somebody) -> None:
    agreed.commands("report")
    agreed.press("답을 들었는데")
    agreed.press("없어요")
    agreed.types("길이 파였어요")
    agreed.sends("photo", size=19 * 1024 * 1024)
    agreed.sends("photo", size=19 * 1024 * 1024)
    assert "30 MB" in agreed.text
    agreed.sends("photo", size=10 * 1024 * 1024)
    assert len(rows(agreed.city, "attachments")) == 2


def test_a_page_stores_its_files_itself(web: Somebody) -> None:
    web.commands("report")
    web.press("답을 들었는데")
    web.press("없어요")
    web.sends("photo", sources=())
    assert rows(web.city, "attachments") == []


def test_an_album_is_answered_once(agreed: Somebody) -> None:
    agreed.commands("report")
    agreed.press("답을 들었는데")
    agreed.press("없어요")
    first = agreed.sends("photo", album="a1")
    second = agreed.sends("photo", album="a1")
    third = agreed.sends("photo", album="a1")
    assert first.rows
    assert second.rows == ()
    assert third.rows == ()
    assert second.turn == first.turn
    agreed.press("다 썼어요")
    assert "적으신 내용이 없어요" in agreed.text
    assert len(rows(agreed.city, "attachments")) == 3
    other = agreed.sends("photo", album="a2")
    assert other.rows


def test_an_album_that_is_too_large_says_so(agreed: Somebody) -> None:
    agreed.commands("report")
    agreed.press("답을 들었는데")
    agreed.press("없어요")
    answers = [agreed.sends("photo", album="a1") for _ in range(6)]
    assert [bool(answer.rows) for answer in answers] == [True, False, False, False, False, True]
    assert "5개까지" in agreed.text


def test_a_wrong_file_in_an_album_outside_any_form_is_answered(agreed: Somebody) -> None:
    assert agreed.sends("photo", album="a1").rows


@pytest.mark.parametrize(
    "text",
    ["", " \n", "👍", "\u202eabc\u202c", "\u200b\u200b", "x" * 1_000_000, "Здравствуйте"],
    ids=["empty", "blank", "emoji", "right_to_left", "zero_width", "one_megabyte", "cyrillic"],
)
def test_odd_words_are_answered_and_nothing_breaks(web: Somebody, text: str) -> None:
    web.commands("report")
    web.press("답을 들었는데")
    web.press("없어요")
    web.types(text)
    assert web.seen
    web.press("다 썼어요")
    assert web.seen


@pytest.mark.parametrize("kind", ["sticker", "voice", "video", "document"])
def test_what_cannot_be_read_gets_a_clear_answer(web: Somebody, kind: str) -> None:
    web.commands("report")
    web.sends(kind)
    assert any(
        word in web.text for word in ("읽을 수 없어요", "열 수 없는", "글로", "잘 받았어요", "붙")
    )


def test_nothing_personal_is_kept_for_a_repeat(web: Somebody) -> None:
    web.report()
    web.press("안내를 보았고")
    peer = rows(web.city, "peers")[0]

    def stored(unit: object) -> bytes:
        answers = [
            unit.keys.open("inbox.answer", peer["sid"], row["answer"])  # type: ignore[attr-defined]
            for row in rows(web.city, "inbox")
            if row["answer"] is not None
        ]
        return b"\n".join(answers)

    kept = web.city.store.read(stored).decode()
    code = receipt_of(web).code or ""
    for secret in ("홍길동", "홍*동", "중앙로", "중앙시장", "왜 미뤘는지", code):
        assert secret not in kept
    assert receipt_of(web).number in kept
    assert len(bytes_of(web.seen)) > 0


def test_the_language_of_the_page_is_the_language_of_the_answer(city: City) -> None:
    person = city.person("web", lang="en")
    assert person.commands("start").lang == "en"
    person.lang = "vi"
    assert person.commands("start").lang == "en"
    person.lang = None
    assert person.commands("start").lang == "en"
    stranger = city.person("web", "x", lang=None)
    assert stranger.commands("start").lang == "ko"


def test_a_messenger_keeps_the_language_that_was_chosen(telegram: Somebody) -> None:
    assert telegram.commands("start").lang == "ko"
    assert telegram.commands("lang", "en").lang == "en"
    telegram.lang = "ko"
    assert telegram.commands("start").lang == "en"
    assert telegram.commands("lang", "xx").lang == "en"


def shown(received: Received) -> int:
    return len(received.replies)


def test_of_a_number_in_two_messages_both_are_deleted(agreed: Somebody) -> None:
    agreed.commands("report")
    agreed.press("답을 들었는데")
    agreed.press("없어요")
    agreed.types("제 번호는 880101-", message="71")
    received = agreed.types("2345678 이에요", message="72")
    assert [row.delete for row in received.rows if row.delete] == ["71", "72"]
    assert "앞의 메시지도 지울게요" in agreed.text
    again = agreed.types("900101-1234567", message="73")
    assert [row.delete for row in again.rows if row.delete] == ["73"]


def test_only_the_message_that_began_the_number_goes_with_it(agreed: Somebody) -> None:
    agreed.commands("report")
    agreed.press("답을 들었는데")
    agreed.press("없어요")
    agreed.types("880101-", message="81")
    agreed.types("길이 파였어요", message="82")
    received = agreed.types("2345678", message="83")
    assert [row.delete for row in received.rows if row.delete] == []
