"""Cases at the desk: from the first word to everybody, and what each may see of it on the way."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.services.library import Library
from storage.repositories import cases as rows
from tests.desk.conftest import Desk, Seat
from tests.desk.conftest import make as sit_down
from tests.desk.forms import Page
from tests.services.conftest import Office
from tests.services.test_cases import TYPED

WITHDRAWN = "출처가 고쳐졌습니다."


@pytest.fixture
def room(office: Office) -> Desk:
    office.svc = replace(office.svc, library=Library(office.store))
    return sit_down(office)


def write(seat: Seat, status: int = 303, step: str = "save", **given: str):
    form = seat.get("/cases/new").form()
    answer = seat.send("/cases/new", form, step, **(TYPED | given))
    assert answer.status_code == status, Page(answer.text).text
    return answer


def written(seat: Seat, **given: str) -> str:
    return write(seat, **given).headers["location"].removeprefix("/desk")


def press(seat: Seat, path: str, step: str, status: int = 303, **given) -> Page:
    """Press the button of a move on the page of a case."""
    page = seat.get(path)
    form = next(one for one in page.forms if one.fields.get("step") == [step])
    answer = seat.send(path, form, "", **given)
    assert answer.status_code == status, Page(answer.text).text
    return Page(answer.text)


def status(office: Office, path: str) -> str:
    row = office.see(lambda u: rows.get(u, path.rsplit("/", 1)[1]))
    return row.status


def test_a_case_goes_from_the_first_word_to_everybody(room: Desk, office: Office):
    park, choi = room.seat("park"), room.seat("choi")
    path = written(park)
    page = park.get(path)
    assert "쓰거나 고친 분은" in page.text
    assert "검토 마치기" not in page.text
    press(choi, path, "review")
    press(park, path, "publish")
    page = choi.get(path)
    for words in ("공개함", "감사담당관 최과장", "www.gaon.example", "가로등, 밤길"):
        assert words in page.text
    assert "https://www.gaon.example/news/1" in page.links
    press(choi, path, "withdraw", why_withdraw=WITHDRAWN)
    assert WITHDRAWN in park.get(path).text
    assert park.status(f"{path}/edit") == 303
    assert status(office, path) == "withdrawn"


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(room: Desk):
    park = room.seat("park")
    typed = {"year": "작년", "title": "", "law": "도로법", "action": "900101-1234567번으로"}
    page = Page(write(park, 422, **typed).text)
    assert "제목을 적어 주세요" in page.text
    assert "네 자리로" in page.text
    assert "1234567" not in page.text
    form = page.form()
    assert form.fields["law"] == ["도로법"]
    assert form.fields["year"] == ["작년"]
    assert form.fields["action"] == ["90****-*******번으로"]
    assert form.fields["keywords"] == ["가로등, 밤길"]


def test_what_may_be_the_same_case_is_shown_before_it_is_kept(room: Desk):
    park = room.seat("park")
    page = Page(write(park, 200, title="부산추모공원 봉안당 증축").text)
    assert "아직 저장하지 않았습니다" in page.text
    assert "/desk/cases/AC-001" in page.links
    answer = park.send("/cases/new", page.form(), "save")
    assert answer.status_code == 303
    page = Page(write(park, 200, "look", title="").text)
    assert "비슷한 사례를 찾지 못했습니다" in page.text


def test_of_two_who_change_it_at_once_the_second_sees_what_the_first_made(room: Desk):
    park, lim = room.seat("park"), room.seat("lim")
    path = written(park)
    mine, theirs = park.get(f"{path}/edit").form(), lim.get(f"{path}/edit").form()
    assert lim.send(f"{path}/edit", theirs, "save", effect="절반이 되었다.").status_code == 303
    answer = park.send(f"{path}/edit", mine, "save", problem="신고가 쌓였다.")
    assert answer.status_code == 409
    page = Page(answer.text)
    for words in ("다른 분이 이 사례를 바꾸었습니다", "임감사", "절반이 되었다."):
        assert words in page.text
    form = page.form()
    assert form.fields["problem"] == ["신고가 쌓였다."]
    assert park.send(f"{path}/edit", form, "save").status_code == 303
    assert "신고가 쌓였다." in lim.get(path).text


def test_a_move_on_what_has_changed_meanwhile_is_not_made(room: Desk, office: Office):
    park, lim, choi = (room.seat(who) for who in ("park", "lim", "choi"))
    path = written(park)
    form = next(one for one in choi.get(path).forms if one.fields.get("step") == ["review"])
    changed = lim.get(f"{path}/edit").form()
    assert lim.send(f"{path}/edit", changed, "save", title="다른 제목").status_code == 303
    answer = choi.send(path, form, "")
    assert answer.status_code == 422
    assert "다른 분이 이 사례를 바꾸었습니다" in Page(answer.text).text
    assert status(office, path) == "draft"


def test_before_a_published_case_is_changed_it_is_said_that_it_goes_out(
    room: Desk, office: Office
):
    park, choi = room.seat("park"), room.seat("choi")
    page = park.get("/cases/AC-001/edit")
    assert "아무에게도 보이지 않습니다" in page.text
    answer = park.send("/cases/AC-001/edit", page.form(), "save", title="봉안당 넓히기")
    assert answer.status_code == 303
    assert "함께 온 사례" in choi.get("/cases/AC-001").text
    press(choi, "/cases/AC-001", "review")
    assert "다시 검토를 받습니다" in park.get("/cases/AC-001/edit").text


def test_where_somebody_shows_the_reviewer_has_to_say_that_it_is_nobody(
    room: Desk, office: Office
):
    path = written(room.seat("park"), action="김철수 주무관이 순서를 바꾸었다.")
    choi = room.seat("choi")
    assert "무엇을 했나: “김철수 주무관”" in choi.get(path).text
    page = press(choi, path, "review", 422)
    assert "아직 갖출 것이 있습니다" in page.text
    press(choi, path, "review", accepted=["exposed"])
    assert status(office, path) == "reviewed"


def test_without_a_source_there_is_no_review(room: Desk):
    path = written(room.seat("park"), source="")
    page = room.seat("choi").get(path)
    assert "공개하기 전에 더 있어야 할 것 출처" in page.text
    assert "검토 마치기" not in page.text


def test_what_everybody_sees_at_once_asks_who_sits_there(room: Desk, office: Office):
    park, choi = room.seat("park"), room.seat("choi")
    path = written(park)
    press(choi, path, "review")
    page = park.get(path)
    office.clock.set(office.clock() + timedelta(minutes=11))
    form = next(one for one in page.forms if one.fields.get("step") == ["publish"])
    assert park.send(path, form, "").status_code == 401
    assert status(office, path) == "reviewed"


def test_a_reason_that_is_too_short_stays_and_nothing_is_done(room: Desk):
    park = room.seat("park")
    page = press(park, "/cases/AC-002", "withdraw", 422, why_withdraw="왜")
    assert "까닭을 5자에서" in page.text
    kept = [one.fields["why_withdraw"] for one in page.forms if "why_withdraw" in one.fields]
    assert kept == [["왜"]]


def test_the_list_is_narrowed_and_searched_with_what_was_shipped_in_it(room: Desk):
    park = room.seat("park")
    path = written(park)
    first = park.get("/cases")
    assert first.links.index(f"/desk{path}") < first.links.index("/desk/cases/AC-001")
    assert "사례 128건" in first.text
    assert f"/desk{path}" not in park.get("/cases?page=2").links
    assert "/desk/cases/P019" in park.get("/cases?page=5").links
    for query, there in (
        ("status=draft", {path, "/cases/P019", "/cases/P020"}),
        ("status=withdrawn", set()),
        ("region=대전&year=2022", None),
        ("words=가로등을 먼저", {path}),
        ("words=부산추모공원 봉안당&kind=active", {"/cases/AC-001"}),
        ("words=부산추모공원 봉안당&kind=passive", set()),
        ("page=9999&year=x", set()),
    ):
        page = park.get(f"/cases?{query}")
        rows = {
            link.removeprefix("/desk") for link in page.links
            if link.startswith("/desk/cases/") and not link.endswith(("/new", "/import"))
        }  # fmt: skip
        assert there is None or there <= rows or (not there and not rows), (query, rows)
        assert there is not None or rows < {f"/cases/AC-{n:03}" for n in range(1, 104)}


def test_the_audit_office_holds_a_case_back(room: Desk):
    park = room.seat("park")
    press(park, "/cases/AC-003", "hold")
    assert "소식에 싣지 않음" in park.get("/cases").text
    press(park, "/cases/AC-003", "let_go")
    assert "소식에 싣지 않음" not in park.get("/cases").text


def test_no_button_that_is_none_and_no_case_that_is_none(room: Desk):
    park = room.seat("park")
    form = park.get("/cases/AC-001").form("/cases/AC-001")
    form.fields["step"] = ["burn"]
    assert park.send("/cases/AC-001", form, "").status_code == 404
    form.fields |= {"step": ["withdraw"], "version": ["x"], "why_withdraw": [WITHDRAWN]}
    assert park.send("/cases/AC-001", form, "").status_code == 422
    for path in ("/cases/none", "/cases/none/edit"):
        assert park.status(path) == 404
    assert room.seat("lee").status("/cases") == 404


def test_what_is_reviewed_is_published_together_and_one_that_changed_stops_no_other(
    room: Desk, office: Office
):
    park, choi, lim = (room.seat(who) for who in ("park", "choi", "lim"))
    paths = [written(park, title=title) for title in ("은행나무길 넓히기", "장날에 주차장 열기")]
    for path in paths:
        press(choi, path, "review")
    assert "고른 사례" not in park.get("/cases").text
    form = park.get("/cases?status=reviewed").form("/cases/publish")
    assert park.send("/cases/publish", form).headers["location"].endswith("?status=reviewed")
    changed = lim.get(f"{paths[0]}/edit").form()
    assert lim.send(f"{paths[0]}/edit", changed, "save").status_code == 303
    rows_ = [f"{path.rsplit('/', 1)[1]} 1" for path in paths]
    given = {**form.fields, "row": [*rows_, "none 1"]}
    page = Page(park.post("/cases/publish", given).text)
    assert "1건을 공개했습니다. 공개하지 못한 것은 2건입니다." in page.text
    assert [status(office, path) for path in paths] == ["draft", "published"]
    assert park.post("/cases/publish", given).status_code == 303
