"""What a unit sees of us: its requests, nothing else; answering with words and files."""

import io

import pytest
from PIL import Image

from bot.services import attachments
from tests.desk.conftest import BASE, Desk, Seat
from tests.desk.forms import Page
from tests.services.conftest import Office, answers


@pytest.fixture
def number(office: Office) -> str:
    filed = office.investigating()
    office.act(
        "park", filed.number, "fact_request",
        unit="road", matter="보수 요청의 처리 경위", questions="1. 접수한 날",
        materials="정비 대장", due="2026-11-26",
    )  # fmt: skip
    return filed.number


@pytest.fixture
def lee(room: Desk) -> Seat:
    return room.seat("lee")


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(out, "PNG")
    return out.getvalue()


def test_a_unit_reads_the_auditors_words_and_nothing_of_the_report(lee: Seat, number: str):
    listed = lee.get("/facts")
    assert "보수 요청의 처리 경위" in listed.text
    page = lee.get("/facts/1")
    assert "1. 접수한 날" in page.text
    assert "11월 26일(목)" in page.text
    assert "누가 알렸는지 묻거나 찾지 마십시오" in page.text
    for hidden in (number, "홍길동", "중앙시장", "hong@"):
        assert hidden not in page.text
        assert hidden not in listed.text


def test_a_unit_answers_once_with_a_file(lee: Seat, number: str, room: Desk, office: Office):
    form = lee.get("/facts/1").form()
    files = [("files", ("대장.png", png(), "image/png"))]
    answer = lee.send("/facts/1", form, "", files, text="11월 2일에 접수했습니다.")
    assert answer.status_code == 303
    assert lee.send("/facts/1", form, "", text="다른 답").status_code in {200, 303, 409, 422}
    page = lee.get("/facts/1")
    assert "11월 2일에 접수했습니다." in page.text
    assert not any("text" in one.names for one in page.forms)
    park = room.seat("park")
    seen = park.open(number)
    assert "11월 2일에 접수했습니다." in seen.text
    assert "첨부1.png" in seen.text
    assert "desk.fact_reply" not in office.tasks("park")  # read by opening the report


def test_a_wrong_file_is_refused_beside_its_field_and_the_words_stay(lee: Seat, number: str):
    form = lee.get("/facts/1").form()
    files = [("files", ("악성.exe", b"MZ\x90\x00", "application/octet-stream"))]
    answer = lee.send("/facts/1", form, "", files, text="경위는 이렇습니다.")
    assert answer.status_code == 422
    page = Page(answer.text)
    assert "열 수 없는 종류" in page.text
    assert page.form("", "답 보내기").fields["text"] == ["경위는 이렇습니다."]


def test_a_file_that_was_kept_is_sent_with_the_corrected_form(lee: Seat, number: str, room: Desk):
    form = lee.get("/facts/1").form()
    files = [("files", ("대장.png", png(), "image/png"))]
    answer = lee.send("/facts/1", form, "", files, text="")
    assert answer.status_code == 422
    page = Page(answer.text)
    assert "대장.png (받아 두었습니다)" in page.text
    sent = lee.send("/facts/1", page.form("", "답 보내기"), "", text="붙임과 같습니다.")
    assert sent.status_code == 303
    assert "첨부1.png" in room.seat("park").open(number).text


def test_a_forged_file_is_no_file(lee: Seat, number: str, office: Office, room: Desk):
    form = lee.get("/facts/1").form()
    forged = {**form.fields, "text": "글", "kept.files": ['{"ref": "../../etc/passwd"}', "x"]}
    assert lee.post("/facts/1", forged).status_code == 303
    assert "붙인 파일이 없습니다" in room.seat("park").open(number).text


def test_an_empty_answer_is_told_beside_the_field(lee: Seat, number: str):
    answer = lee.send("/facts/1", lee.get("/facts/1").form(), "", text="  ")
    assert answer.status_code == 422
    assert 'id="f-text-error"' in answer.text


def test_another_unit_finds_nothing(room: Desk, number: str):
    jung = room.seat("jung")
    assert jung.status("/facts/1") == 404
    assert "보수" not in jung.get("/facts").text


def test_who_went_along_to_a_unit_stays_closed_on_the_page_of_the_report(
    room: Desk, office: Office
):
    number = office.investigating(answers(share="with_name")).number
    office.act(
        "park", number, "refer", how="with_name", unit="road", content="보도블록 보수 요청",
        reason="고치는 일은 담당 부서의 일입니다.", new_no="도로-77", due="2026-12-01",
        unit_handler="이도로", unit_phone="031-000-0200", remedy="다시 신고하실 수 있습니다.",
    )  # fmt: skip
    for who in ("kim", "park", "choi"):
        page = room.seat(who).open(number).text
        assert "도로-77" in page
        assert "이름과 연락처도 함께 보냈습니다" in page
        for hidden in ("홍길동", "hong@", "중앙로 12"):
            assert hidden not in page, who
    told = room.seat("lee").get("/facts/1").text
    assert "홍길동" in told
    assert "묻거나 찾지 마십시오" not in told


def test_a_unit_opens_what_it_only_has_to_know(room: Desk, office: Office):
    number = office.investigating().number
    office.act(
        "park", number, "danger", unit="road", place="시장 앞 보도", matter="구멍이 깊습니다."
    )
    page = room.seat("lee").get("/facts/1").text
    assert "구멍이 깊습니다." in page
    assert "묻거나 찾지 마십시오" in page


def test_reading_a_request_is_noted_in_the_report(lee: Seat, number: str, room: Desk):
    lee.get("/facts/1")
    assert "부서가 요청을 읽음" in room.seat("park").open(number).text


@pytest.fixture
def with_picture(office: Office) -> str:
    peer = office.peer()
    shot = office.do(
        lambda u: attachments.put(office.svc, u, office.store.blobs, peer, "집앞.png", png())
    )
    proof = ({"ref": shot.ref, "kind": "photo", "name": shot.name, "size": shot.size},)
    filed = office.investigating(answers(proof=proof))
    attachments.clean_next(office.store)
    return filed.number


def _file(seat: Seat, number: str) -> str:
    page = seat.open(number)
    return next(link for link in page.links if "/files/" in link and "original" not in link)


def test_a_clean_copy_is_saved_never_shown_and_sandboxed(
    room: Desk, with_picture: str, office: Office
):
    park = room.seat("park")
    link = _file(park, with_picture).removeprefix("/desk")
    answer = park.client.get(f"{BASE}{link}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "%EC%A7%91" not in answer.headers["content-disposition"]  # 집앞.png: the sender's name
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert room.seat("lim").status(link) == 404
    assert room.seat("seo").status(link) == 404


def test_an_original_needs_a_reason_that_the_journal_keeps(room: Desk, with_picture: str):
    park = room.seat("park")
    path = _file(park, with_picture).removeprefix("/desk") + "/original"
    form = park.get(path).form()
    assert park.send(path, form, "", reason=" ").status_code == 422
    unsure = park.send(path, form, "", reason="찍은 곳을 확인하려고")
    assert unsure.status_code == 422
    assert "찍은 곳을 확인하려고" in unsure.text  # what was typed stays
    assert "원본을 열려면 여기에 표시해 주세요" in unsure.text
    answer = park.send(path, form, "", reason="찍은 곳을 확인하려고", risk="yes")
    assert answer.status_code == 200
    assert answer.content == png()
    seen = park.get(f"/filings/{with_picture}")
    assert "원본 파일을 엶" in seen.text
    assert "찍은 곳을 확인하려고" in seen.text


def test_the_reporter_is_shown_with_a_reason_only_and_it_is_noted(room: Desk, with_picture: str):
    park = room.seat("park")
    page = park.open(with_picture)
    assert "홍길동" not in page.text
    assert "hong@example.com" not in page.text
    path = f"/filings/{with_picture}/reporter"
    form = park.get(path).form()
    assert park.send(path, form, "", reason="보완을 전화로 설명하려고").status_code == 422
    refused = park.send(path, form, "", reason="확인", code="contact")
    assert refused.status_code == 422
    assert "홍길동" not in refused.text
    shown = Page(park.send(path, form, "", reason="보완을 전화로 설명하려고", code="contact").text)
    assert "홍길동" in shown.text
    assert "hong@example.com" in shown.text
    assert "보완을 전화로 설명하려고" in park.get(f"/filings/{with_picture}").text


def test_what_is_printed_does_not_name_the_reporter(room: Desk, office: Office):
    filed = office.investigating(
        answers(what="저는 홍길동이고 중앙로 12에 삽니다. 길이 파였어요.")
    )
    park = room.seat("park")
    park.open(filed.number)
    page = park.get(f"/filings/{filed.number}/print")
    assert "길이 파였어요" in page.text
    assert "홍길동" not in page.text
    assert "인쇄용을 엶" in park.get(f"/filings/{filed.number}").text


def test_a_notice_becomes_a_letter_with_a_reason(room: Desk, office: Office):
    filed = office.investigating()
    park = room.seat("park")
    link = next(one for one in park.open(filed.number).links if "/letters/" in one)
    path = link.removeprefix("/desk")
    form = park.get(path).form()
    answer = park.send(path, form, "")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "우편으로 보내려고" in park.get(f"/filings/{filed.number}").text
    assert park.send(path, form, "", reason="").status_code == 422


def test_each_request_is_answered_by_itself(lee: Seat, number: str, office: Office):
    office.act(
        "park", number, "fact_request",
        unit="road", matter="예산", questions="남은 금액", due="2026-11-27",
    )  # fmt: skip
    sent = lee.send("/facts/2", lee.get("/facts/2").form(), "", text="예산은 남았습니다.")
    assert sent.status_code == 303
    assert "예산은 남았습니다." not in lee.get("/facts/1").text
    assert (
        lee.send("/facts/1", lee.get("/facts/1").form(), "", text="경위입니다.").status_code == 303
    )


def test_how_a_notice_went_is_shown_without_its_address(room: Desk, office: Office):
    filed = office.investigating()
    page = room.seat("park").open(filed.number)
    assert "전자우편 · 기다림" in page.text
    assert "누리집 · 확인 화면에 올림" in page.text
    assert "hong@example.com" not in page.text
