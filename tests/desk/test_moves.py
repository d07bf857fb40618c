"""Making moves on the desk: forms, previews, conflicts of version, twice the same press."""

import pytest

from bot.channel import Parcel, Preview
from bot.handlers.desk.letters import pieces
from bot.services import facts
from storage.errors import Busy
from tests.desk.conftest import BASE, Desk, Seat, make
from tests.desk.forms import Page
from tests.desk.stage import HOSTILE
from tests.services.conftest import WHAT, Office, answers, nameless

SUPPLEMENT = {"items": "허가 신청 접수증", "why": "날짜를 확인합니다.", "days": "7"}


@pytest.fixture
def park(room: Desk) -> Seat:
    return room.seat("park")


@pytest.fixture
def number(office: Office) -> str:
    return office.investigating().number


def test_what_the_citizen_reads_is_shown_word_by_word_before_it_is_sent(
    park: Seat, number: str, office: Office
):
    path = f"/filings/{number}/moves/ask_supplement"
    answer = park.send(path, park.get(path).form(), "look", **SUPPLEMENT)
    page = Page(answer.text)
    assert "허가 신청 접수증" in page.text
    assert "담당: 감사담당관 박감사 031-000-0100" in page.text
    assert office.filing(number).state == "investigating"  # looked at, not sent
    assert "notice.supplement.ask" not in office.told(number)
    assert park.send(path, page.form(), "send").status_code == 303
    assert office.filing(number).state == "supplement"
    sent = office.say(office.sent("web")[-1].text)
    assert " ".join(sent.split()) in page.text


class Aloud:
    """A channel that shows a notice in its own way."""

    def preview(self, parcel: Parcel) -> Preview:
        return Preview(f"편지: {parcel.reply.text.key} ({parcel.lang})", (("열기",),))


def test_each_road_shows_the_notice_as_it_will_carry_it(office: Office, number: str):
    park = make(office, channels={"mail": Aloud()}).seat("park")
    path = f"/filings/{number}/moves/ask_supplement"
    page = Page(park.send(path, park.get(path).form(), "look", **SUPPLEMENT).text)
    assert "편지: notice.supplement.ask (ko)" in page.text
    assert "허가 신청 접수증" in page.text  # and the page of the reporter, in its own


def test_errors_stand_beside_their_fields_and_nothing_typed_is_lost(park: Seat, number: str):
    path = f"/filings/{number}/moves/ask_supplement"
    answer = park.send(path, park.get(path).form(), "look", items="접수증", days="백일")
    assert answer.status_code == 422
    page = Page(answer.text)
    form = page.form()
    assert form.fields["items"] == ["접수증"]
    assert form.fields["days"] == ["백일"]
    assert 'id="f-days-error"' in answer.text
    assert 'href="#f-days"' in answer.text
    assert "1부터 60까지" in page.text


def test_a_conflict_of_version_is_told_kindly_and_keeps_what_was_typed(
    park: Seat, number: str, office: Office
):
    path = f"/filings/{number}/moves/ask_supplement"
    form = park.get(path).form()
    office.act("park", number, "note", text="그사이 다른 창에서 적은 메모")
    answer = park.send(path, form, "look", **SUPPLEMENT)
    assert answer.status_code == 409
    page = Page(answer.text)
    assert "그사이 바뀌었습니다. 마지막 처리: " in page.text
    fresh = page.form()
    assert fresh.fields["items"] == [SUPPLEMENT["items"]]
    assert fresh.fields["version"] != form.fields["version"]
    looked = Page(park.send(path, fresh, "look").text)
    assert park.send(path, looked.form(), "send").status_code == 303


def test_pressing_twice_has_one_effect(park: Seat, number: str, office: Office):
    path = f"/filings/{number}/moves/note"
    form = park.get(path).form()
    before = office.filing(number).version
    for _ in range(2):
        assert park.send(path, form, "send", text="한 번만").status_code == 303
    assert office.filing(number).version == before + 1


def test_going_back_to_a_form_that_is_loaded_anew_doubles_nothing(
    park: Seat, number: str, office: Office
):
    path = f"/filings/{number}/moves/note"
    park.send(path, park.get(path).form(), "send", text="한 번만")
    once = office.filing(number).version
    assert park.send(path, park.get(path).form(), "send", text="한 번만").status_code == 303
    assert office.filing(number).version == once
    park.send(path, park.get(path).form(), "send", text="다른 말")
    park.send(path, park.get(path).form(), "send", text="한 번만")
    assert office.filing(number).version == once + 2


def test_somebody_else_may_write_the_same_words(room: Desk, number: str, office: Office):
    path = f"/filings/{number}/moves/note"
    before = office.filing(number).version
    for login in ("park", "kim"):
        seat = room.seat(login)
        seat.send(path, seat.get(path).form(), "send", text="확인함")
    assert office.filing(number).version == before + 2


def test_the_same_words_later_are_said_once_more(room: Desk, number: str, office: Office):
    path = f"/filings/{number}/moves/note"
    before = office.filing(number).version
    for _ in range(2):
        park = room.seat("park")
        park.send(path, park.get(path).form(), "send", text="아직 답이 없음")
        office.clock.advance(minutes=61)
    assert office.filing(number).version == before + 2


def test_going_back_and_sending_other_words_is_not_taken_for_the_first(
    park: Seat, number: str, office: Office
):
    path = f"/filings/{number}/moves/note"
    form = park.get(path).form()
    park.send(path, form, "send", text="처음")
    answer = park.send(path, form, "send", text="나중")
    assert answer.status_code == 422
    assert "이미 보냈습니다" in Page(answer.text).text


def test_a_form_of_an_ended_session_comes_back_with_its_words(room: Desk, number: str):
    old = room.seat("park")
    path = f"/filings/{number}/moves/note"
    form = old.get(path).form()
    fresh = room.seat("park")  # the same person, signed in again
    answer = fresh.send(path, form, "send", text="긴 글을 적어 두었다")
    page = Page(answer.text)
    assert page.form().fields["text"] == ["긴 글을 적어 두었다"]
    assert "한 번 더 눌러 주세요" in page.text
    assert fresh.send(path, page.form(), "send").status_code == 303


def test_what_was_typed_outlives_the_session_it_was_typed_in(
    room: Desk, number: str, office: Office
):
    old = room.seat("park")
    path = f"/filings/{number}/moves/note"
    form = old.get(path).form()
    office.clock.advance(minutes=16)
    answer = old.send(path, form, "send", text="한 시간 동안 쓴 <글>")
    assert answer.status_code == 401
    kept = Page(answer.text).form("/moves/note")
    assert kept.fields["text"] == ["한 시간 동안 쓴 <글>"]
    assert "seal" not in kept.fields
    fresh = room.seat("park")  # in another window
    shown = Page(fresh.send(path, kept).text)
    assert shown.form().fields["text"] == ["한 시간 동안 쓴 <글>"]
    assert office.filing(number).version == int(form.fields["version"][0])
    assert fresh.send(path, shown.form(), "send").status_code == 303


def test_what_was_written_on_an_old_page_stands_in_the_refusal(room: Desk, number: str):
    seat = room.seat("park")
    path = f"/filings/{number}/moves/ask_supplement"
    form = seat.get(path).form()
    seat.move(number, "ask_supplement", items="접수증", why="날짜를 봅니다.", days="7")
    late = seat.send(path, form, "look", items="허가 신청 접수증", why="날짜를 봅니다.", days="7")
    assert late.status_code == 409
    page = Page(late.text)
    assert "그사이 바뀌었습니다. 마지막 처리: " in page.text
    assert "허가 신청 접수증" in page.text
    assert f"/desk/filings/{number}" in page.links
    assert "/desk/tasks" in page.links, "the way around stands on a page that says no, too"


def test_every_other_form_outlives_its_session_too_but_for_secrets(room: Desk, office: Office):
    old = room.seat("han")
    path = "/admin/units/add"
    form = old.get(path).form()
    words = {"code": "park", "name": "공원 녹지과"}
    office.clock.advance(minutes=16)
    answer = old.send(path, form, **words)
    assert answer.status_code == 401
    assert "공원 녹지과" in Page(answer.text).text
    fresh = room.seat("han")
    asked = fresh.send(path, Page(answer.text).form(path))
    assert asked.status_code == 409
    assert "한 번 더 눌러 주세요" in Page(asked.text).text
    assert "공원 녹지과" not in fresh.get("/admin/units").text
    assert fresh.send(path, Page(asked.text).form(path)).status_code == 303
    assert "공원 녹지과" in fresh.get("/admin/units").text
    secret = old.post("/me/password", {"now": "비밀 번호 하나", "new": "비밀 번호 둘"})
    assert secret.status_code == 401
    assert "비밀 번호" not in secret.text


def test_what_a_stranger_sends_is_not_echoed(room: Desk, number: str):
    path = f"/filings/{number}/moves/note"
    answer = room.seat().client.post(
        f"{BASE}{path}", data={"text": "남의 글"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 401
    assert "남의 글" not in answer.text


def test_a_move_that_is_not_open_now_is_refused_in_words(park: Seat, number: str):
    park.open(number)
    answer = park.client.get(f"{BASE}/filings/{number}/moves/result")
    assert answer.status_code == 409
    assert "지금은 할 수 없는 일입니다" in Page(answer.text).text


def test_words_quoted_from_the_report_are_marked_and_confirmed(
    park: Seat, number: str, office: Office
):
    path = f"/filings/{number}/moves/fact_request"
    given = {
        "unit": "road",
        "matter": f"확인 부탁드립니다. {WHAT}",
        "questions": "언제 접수했습니까",
        "due": "2026-11-27",
    }
    answer = park.send(path, park.get(path).form(), "look", **given)
    assert "<mark>" in answer.text
    page = Page(answer.text)
    assert "신고 글과 겹칩니다" in page.text
    unsure = Page(park.send(path, page.form(), "send").text)
    assert "신고 글과 겹칩니다" in unsure.text
    looked = Page(park.send(path, page.form(), "look", confirmed="yes").text)
    assert "겹칩니다" not in looked.text
    assert park.send(path, looked.form(), "send").status_code == 303
    assert len(office.see(lambda u: facts.listed(u, office.people["lee"]))) == 1


def test_the_reporters_name_never_passes_into_a_letter(park: Seat, number: str):
    path = f"/filings/{number}/moves/fact_request"
    given = {
        "unit": "road",
        "matter": "홍길동 님의 민원",
        "questions": "경위",
        "due": "2026-11-27",
    }
    answer = park.send(path, park.get(path).form(), "look", **given)
    assert answer.status_code == 422
    assert "이름이나 연락처가 들어 있습니다" in Page(answer.text).text


def test_overlaps_are_cut_out_of_the_text_exactly():
    found = pieces("가 나 다 라 마 바", ["나 다", "마"])
    assert [(one.text, one.same) for one in found] == [
        ("가 ", False), ("나 다", True), (" 라 ", False), ("마", True), (" 바", False),
    ]  # fmt: skip
    assert pieces("", ["가"]) == ()


RESULT = {
    "judgement": "upheld",
    "checked": "정비 기록과 현장을 보았습니다.",
    "why": "접수 뒤 두 달 동안 계획이 없었습니다.",
    "demands": "보수: 받아들임.",
    "action_state": "planned",
    "action": "구간을 다시 포장합니다.",
    "action_due": "2026-12-20",
    "remedy": "다시 신고하실 수 있습니다.",
}


def test_an_answer_is_sent_only_when_every_point_is_filled(
    park: Seat, number: str, office: Office
):
    office.act("park", number, "to_approval", **RESULT)
    path = f"/filings/{number}/moves/result"
    page = park.get(path)
    assert "빈 칸" in page.text
    form = page.form()
    assert form.fields["checked"] == [RESULT["checked"]]  # the draft that was approved
    approved = {"approved_on": "2026-11-23", "approver": "최과장(전결)"}
    missing = park.send(path, form, "look", **approved)
    assert missing.status_code == 422
    assert "문서번호가 있어야" in Page(missing.text).text
    looked = Page(park.send(path, form, "look", doc_no="감사-1", **approved).text)
    unchecked = park.send(path, looked.form(), "send")
    assert unchecked.status_code == 422
    assert "이름이 없는지 확인" in Page(unchecked.text).text
    assert office.filing(number).state == "approval"
    looked = Page(park.send(path, form, "look", doc_no="감사-1", no_names="yes", **approved).text)
    assert "문서번호 감사-1" in looked.text
    assert park.send(path, looked.form(), "send").status_code == 303
    assert office.filing(number).state == "following"


def test_a_filing_in_a_foreign_language_wants_its_english_summary(
    park: Seat, room: Desk, office: Office
):
    filed = office.investigating(answers(what="The bus stop is broken."), lang="en", address="en")
    office.act("park", filed.number, "to_approval", **RESULT)
    page = park.get(f"/filings/{filed.number}/moves/result")
    assert "영문 요약" in page.text
    given = {"doc_no": "1", "approved_on": "2026-11-23", "approver": "최과장", "no_names": "yes"}
    path = f"/filings/{filed.number}/moves/result"
    assert park.send(path, page.form(), "look", **given).status_code == 422
    looked = park.send(path, page.form(), "look", summary_en="It will be mended.", **given)
    assert "English summary: It will be mended." in Page(looked.text).text


def test_a_notice_without_a_name_is_shown_as_the_status_page_shows_it(room: Desk, office: Office):
    filed = office.file(nameless())
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    page = room.seat("park").get(f"/filings/{filed.number}/moves/start")
    assert "확인 화면" in page.text
    assert "참고번호" in page.text


def test_hostile_words_are_shown_and_do_nothing(room: Desk, office: Office):
    filed = office.file(answers(what=HOSTILE, wish="\u202e뒤집힌 글 & <b>굵게</b>", unit=None))
    kim = room.seat("kim")
    kim.open(filed.number)
    html = kim.client.get(f"{BASE}/filings/{filed.number}").text
    assert "<script>document" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;" in html
    assert "<b>굵게" not in html


def test_a_hostile_name_of_a_file_a_field_or_a_number_is_words_only(park: Seat, number: str):
    evil = '"><script>alert(1)</script>'
    path = f"/filings/{number}/moves/note"
    answer = park.send(path, park.get(path).form(), "edit", text=evil)
    assert "<script>alert" not in answer.text
    assert Page(answer.text).form().fields["text"] == [evil]
    found = park.client.get(f"{BASE}/filings/find", params={"number": evil})
    assert found.status_code == 404
    assert "<script>alert" not in found.text


def test_a_made_up_command_or_version_moves_nothing(park: Seat, number: str, office: Office):
    path = f"/filings/{number}/moves/note"
    form = park.get(path).form()
    before = office.filing(number).version
    bad = {**form.fields, "text": "글", "step": "send", "command": "not a uuid"}
    assert park.post(path, bad).status_code == 404
    stale = {**form.fields, "text": "글", "step": "send", "version": "1"}
    assert park.post(path, stale).status_code == 409
    assert office.filing(number).version == before


def test_an_unknown_field_is_not_an_answer(park: Seat, number: str, office: Office):
    path = f"/filings/{number}/moves/note"
    form = park.get(path).form()
    sent = {**form.fields, "text": "글", "step": "send", "state": "closed", "assignee_id": "1"}
    assert park.post(path, sent).status_code == 303
    assert office.filing(number).state == "investigating"


class Away:
    """A store whose database does not answer."""

    def read(self, _work: object) -> None:
        raise Busy("the database is away")

    transact = read


def test_the_database_being_away_is_said_with_when_to_come_back(office: Office):
    seat = make(office, store=Away()).seat("park")
    answer = seat.client.get(f"{BASE}/filings")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "잠시 저장이 안 됩니다" in Page(answer.text).text


class Broken(Away):
    """A store with a bug in it."""

    def read(self, _work: object) -> None:
        raise ZeroDivisionError("홍길동의 주소")

    transact = read


def test_a_bug_of_ours_is_a_number_for_the_person_and_no_detail(office: Office):
    answer = make(office, store=Broken()).seat("park").client.get(f"{BASE}/filings")
    assert answer.status_code == 500
    assert "이 번호를 적어 주세요" in Page(answer.text).text
    assert "홍길동" not in answer.text


def test_the_next_step_of_an_ordinary_report_is_the_pages_one_button(room: Desk, office: Office):
    filed = office.file()
    seats = {who: room.seat(who) for who in ("kim", "park")}

    def first(who: str) -> str:
        seats[who].open(filed.number)
        html = seats[who].client.get(f"{BASE}/filings/{filed.number}").text
        return html.split('class="btn btn-primary btn-wide" href="')[1].split('"')[0]

    assert first("kim").endswith("/guard")
    seats["kim"].guard(filed.number)
    assert first("kim").endswith("/moves/assign")
    office.act("kim", filed.number, "assign", handler="park", unit="road")
    assert first("park").endswith("/moves/start")
    office.act("park", filed.number, "start")
    assert first("park").endswith("/moves/to_approval")


def test_two_people_at_once_make_one_move(room: Desk, number: str, office: Office):
    park, choi = room.seat("park"), room.seat("choi")
    path = f"/filings/{number}/moves/extend"
    given = {"days": "3", "reason": "현장 확인", "done": "기록 확인"}
    one, other = park.get(path).form(), choi.get(path).form()
    seen = [Page(s.send(path, f, "look", **given).text) for s, f in ((park, one), (choi, other))]
    assert park.send(path, seen[0].form(), "send").status_code == 303
    late = choi.send(path, seen[1].form(), "send")
    assert late.status_code in {409, 422}
    assert office.told(number).count("notice.extension.first") == 1
