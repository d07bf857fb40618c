"""The desk's pages of what is sent to many: made, checked, looked at, let go by a second person."""

from typing import Any

import pytest

from bot.handlers.chat.channel import WebChannel
from bot.handlers.mail import MailChannel
from bot.services import broadcast_tests
from bot.services.broadcast_checks import CHECKS
from storage.repositories import broadcasts, outbox
from storage.repositories.broadcasts import Broadcast, Picture
from tests.desk.conftest import BASE, Desk, Seat, make
from tests.desk.forms import Page
from tests.desk.stage import HOSTILE
from tests.newsletters.conftest import Press

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

PNG = b"\x89PNG\r\n\x1a\n0"
HERE = "/newsletters/2026-11"
CHECKED = {
    "nature": "guide", "doc_no": "감사-1", "confirmed": list(CHECKS), "remark-elections": "선관위 김주무",
    "send_day": "2026-11-25", "send_hour": "10:00",
}  # fmt: skip


@pytest.fixture
def room(press: Press) -> Desk:
    svc = press.svc
    given = (svc.texts, svc.site.words())
    mail = MailChannel(
        lambda _: None, *given, sender="a@gaon.example", home="https://talk.gaon.example",  # type: ignore[arg-type,return-value]
        now=svc.now, random=svc.random,
    )  # fmt: skip
    return make(press.office, channels={"web": WebChannel(*given), "mail": mail})


@pytest.fixture
def month(press: Press) -> int:
    press.case(days=3)
    return press.draft(None)


def form(seat: Seat, path: str = HERE) -> dict[str, Any]:
    """Give what the editor's form holds."""
    return dict(seat.get(path).form(HERE, "저장").fields)


def keep(seat: Seat, step: str = "save", path: str = HERE, **typed: Any) -> Any:
    return seat.post(path, {**form(seat, path), **typed, "step": step})


def now(press: Press) -> Broadcast:
    found = press.office.see(lambda u: broadcasts.of_number(u, "2026-11"))
    assert found is not None
    return found


def test_the_month_is_drafted_from_the_list_and_listed(press: Press, room: Desk):
    press.case(days=3)
    seat = room.seat("min")
    page = seat.get("/newsletters")
    assert "텔레그램 1명" in page.text
    made = seat.post("/newsletters/new", page.form("/newsletters/new").fields)
    assert made.headers["location"] == f"/desk{HERE}"
    assert "초안" in seat.get("/newsletters").text
    notice = seat.get("/newsletters/new").form("/newsletters/new", "공지")
    answer = seat.send("/newsletters/new", notice, title="쉬는 날 안내")
    assert "notice" in answer.headers["location"]
    assert press.office.people["park"].user_id
    assert room.seat("park").status("/newsletters") == 404
    assert "이달의 초안" not in room.seat("chae").get("/newsletters").text


def test_card_news_is_drawn_of_a_case_that_may_be_shown(press: Press, room: Desk):
    seat = room.seat("min")
    found = seat.get("/newsletters/new?words=봉안당").form("/newsletters/new", "카드뉴스")
    ref = next(value for name, value, _ in found.buttons if name == "ref")
    made = seat.post("/newsletters/new", {**found.fields, "ref": ref})
    here = made.headers["location"].removeprefix("/desk")
    assert seat.client.get(f"{BASE}{here}/0.png").content.startswith(PNG[:8])
    gone = seat.post("/newsletters/new", {**seat.get("/newsletters/new?words=봉안당").form(
        "/newsletters/new", "카드뉴스").fields, "ref": "AC-999"})  # fmt: skip
    assert gone.status_code == 422


def test_pieces_are_moved_taken_out_added_and_nothing_typed_is_lost(
    press: Press, room: Desk, month: int
):
    seat = room.seat("min")
    first = [one.title for one in now(press).issue.items]
    moved = keep(seat, "down:0", title="새 제목", lead="머리글")
    assert moved.headers["location"].endswith("#piece-1")
    one = now(press)
    assert (one.title, one.issue.lead) == ("새 제목", "머리글")
    assert [it.title for it in one.issue.items][:2] == [first[1], first[0]]
    assert keep(seat, "text", path=f"{HERE}?edit=1").status_code == 303
    last = len(now(press).issue.items) - 1
    keep(seat, **{f"item-{last}-title": "알림", f"item-{last}-text": "몸글"})
    assert now(press).issue.items[-1].title == "알림"
    press.case("C-2", title="눈 오는 날 길을 치운 일")
    found = keep(seat, "find", words="눈 오는 날 길", lead="아직 저장 안 한 글")
    assert "아직 저장 안 한 글" in found.text
    assert now(press).issue.lead == "머리글"
    keep(seat, "add:C-2")
    assert now(press).issue.items[-1].ref == "C-2"
    keep(seat, f"remove:{last + 1}")
    assert now(press).issue.items[-1].title == "알림"


def test_a_picture_is_painted_anew_and_a_file_that_is_none_is_refused(
    press: Press, room: Desk, month: int
):
    seat = room.seat("min")
    before = len(press.office.see(lambda u: broadcasts.pictures(u, month)))
    drawn = seat.client.get(f"{BASE}{HERE}/0.png").content
    fields = {**form(seat), "step": "picture", "picture_alt": "길을 고친 모습"}
    done = seat.post(HERE, fields, files={"picture": ("a.png", drawn, "image/png")})
    assert done.status_code == 303
    pictures = press.office.see(lambda u: broadcasts.pictures(u, month))
    assert len(pictures) == before + 1
    assert (pictures[-1].alt, pictures[-1].width) == ("길을 고친 모습", pictures[0].width)
    fields = {**form(seat), "step": "picture", "picture_alt": "글"}
    bad = seat.post(HERE, fields, files={"picture": ("a.png", b"<svg onload=1>", "image/png")})
    assert bad.status_code == 422
    assert "PNG 그림을" in Page(bad.text).text


def test_asking_is_off_until_everything_is_looked_at_then_a_second_person_lets_it_go(
    press: Press, room: Desk, month: int
):
    seat, chief = room.seat("min"), room.seat("chae")
    html = seat.client.get(f"{BASE}{HERE}").text
    assert 'value="ask" disabled' in html
    assert "확인하지 않은 것이 6가지" in Page(html).text
    assert keep(seat, "ask", why="봐 주세요").status_code == 422
    assert keep(seat, **CHECKED).status_code == 303
    assert "disabled" not in seat.client.get(f"{BASE}{HERE}").text
    typed = form(seat)
    asked = seat.post(HERE, {**typed, "doc_no": "감사-1", "step": "ask", "why": "봐 주세요"})
    assert asked.headers["location"] == f"/desk{HERE}"
    own = seat.get(HERE)
    assert "만든 사람은 승인할 수 없어요. " in own.text
    assert "chae" in own.text
    tried = seat.post(HERE, {**own.form(HERE, "거두고").fields, "step": "approve"})
    assert tried.status_code == 422
    assert now(press).state == "asked"
    page = chief.get(HERE)
    assert "보내면 되돌릴 수 없어요" in page.text
    assert chief.status(f"{HERE}?edit=1") == 200
    assert chief.post(HERE, {**typed, "step": "save", "lead": "몰래"}).status_code == 200
    assert now(press).state == "asked"  # the form of another session does nothing
    done = chief.send(HERE, page.form(HERE, "승인"), "approve")
    assert done.status_code == 303
    assert now(press).state == "approved"
    assert [it.text.key for it in press.office.sent("mail") if "tried" in it.text.key]


def test_what_is_sent_back_says_why_and_who_asked_may_take_it_back(
    press: Press, room: Desk, month: int
):
    press.ready(month)
    press.ask(month)
    chief, seat = room.seat("chae"), room.seat("min")
    back = chief.get(HERE).form(HERE, "돌려보내기")
    assert chief.send(HERE, back, "return", why="제목을 고쳐 주세요").status_code == 303
    assert "제목을 고쳐 주세요" in seat.get(HERE).text
    press.ask(month)
    approval = chief.get("/approvals/2")
    assert f"/desk{HERE}" in approval.links
    assert seat.send(HERE, seat.get(HERE).form(HERE, "거두고"), "take_back").status_code == 303
    assert now(press).state == "draft"


def test_two_editors_at_once_see_what_the_other_did_and_keep_what_they_typed(
    press: Press, room: Desk, month: int
):
    seat = room.seat("min")
    typed = form(seat)
    press.edit(month, "song", lead="송 주무관의 머리글")
    answer = seat.post(HERE, {**typed, "lead": "내가 쓴 머리글", "step": "save"})
    assert answer.status_code == 409
    page = Page(answer.text)
    assert "송 주무관의 머리글" in page.text
    kept = page.form(HERE, "저장").fields
    assert kept["lead"] == ["내가 쓴 머리글"]
    assert seat.post(HERE, {**kept, "step": "save"}).status_code == 303
    assert now(press).issue.lead == "내가 쓴 머리글"


def test_what_was_found_of_the_head_and_of_persons_is_shown_where_it_stands(
    press: Press, room: Desk, month: int
):
    press.edit(month, lead="담당 12가3456 차량, 전화 010-1234-5678")
    html = room.seat("min").client.get(f"{BASE}{HERE}").text
    assert "12가3456</mark>" in html
    assert "찾은 것 2곳" in html


def test_everybody_s_own_channel_shows_it_and_a_letter_runs_nothing(
    press: Press, room: Desk, month: int
):
    press.edit(month, title=f"소식 {HOSTILE}", lead=HOSTILE)
    press.do(lambda u: broadcasts.put_pictures(u, month, [Picture(0, PNG, "그림의 말", 4, 4)]))
    seat = room.seat("chae")
    html = seat.client.get(f"{BASE}{HERE}/preview").text
    assert "<script>document" not in html
    assert "이 채널은 켜져 있지 않습니다" in html
    assert 'src="/desk/newsletters/2026-11/letter" sandbox' in html
    letter = seat.client.get(f"{BASE}{HERE}/letter")
    assert "sandbox" in letter.headers["content-security-policy"]
    assert "script-src" not in letter.headers["content-security-policy"]
    assert "<script>document" not in letter.text
    assert seat.client.get(f"{BASE}{HERE}/0.png").content == PNG
    assert seat.status(f"{HERE}/7.png") == 404
    assert seat.status("/newsletters/2020-01") == 404


def test_a_test_goes_to_oneself_and_makes_one_no_second_person(
    press: Press, room: Desk, month: int
):
    seat = room.seat("song")
    page = seat.get(f"{HERE}/preview")
    assert seat.send(f"{HERE}/preview", page.form("/preview"), "test").status_code == 303
    (row,) = press.office.rows("mail")
    assert (row.kind, row.rank) == ("news_test", 5)
    payload = press.office.see(lambda u: outbox.read_payload(u, row.id))
    test = press.office.see(lambda u: broadcast_tests.made(press.svc, u, payload))
    assert test.news.number == "2026-11"
    press.edit(month, lead="그사이 고침")
    assert press.office.see(lambda u: broadcast_tests.made(press.svc, u, payload)) is None
    press.ready(month)
    page = seat.get(f"{HERE}/preview")
    assert seat.send(f"{HERE}/preview", page.form("/preview"), "test").status_code == 303
    press.ask(month)
    assert "만든 사람은 승인할 수 없어요" in seat.get(HERE).text
