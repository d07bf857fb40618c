"""What a long first message tells; measured as a whole by `jeokgeuk bench slots`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import telling

STORY = (
    "안녕하세요. 10월 5일에 새봄시장 사거리 앞 하수구가 막혀서 하수관리과에 전화했습니다. "
    "금방 온다더니 한 달째 그대로예요. 국민신문고에도 1AA-2610-0123456으로 냈습니다. "
    "시청 대표번호 031-000-0100은 받지 않아요. 하수구를 뚫어 주세요. 제 번호는 010 0000 1234입니다."
)


def test_everything_is_read_from_a_story():
    told = telling.read(STORY)
    assert told.units == ("하수관리과",)
    assert told.dates == ("10월 5일", "한 달째")
    assert told.places == ("새봄시장 사거리 앞 하수구",)
    assert told.prior_no == "1AA-2610-0123456"
    assert told.phone == "010-0000-1234"
    assert told.wish == "하수구를 뚫어 주세요."
    assert told.what[0].startswith("10월 5일에")
    assert not any("안녕" in part or "제 번호" in part for part in told.what)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("한빛아파트 103동 앞에 쓰레기가 쌓여 있어요", ("한빛아파트 103동 앞",)),
        ("연꽃로 45 건물 앞 하수구가 막혔습니다", ("연꽃로 45",)),
        ("달맞이고개 가로등이 꺼졌어요", ("달맞이고개",)),
        ("백조아파트 뒤편 하수구가 넘쳐요", ("백조아파트 뒤편 하수구",)),
        ("시청역 3번 출구가 막혔어요", ("시청역 3번 출구",)),
        ("매화리 123번지 논에 물이 안 와요", ("매화리 123번지",)),
        ("우리 동네 공원이 어두워요", ()),
        ("집 앞 가로등이 나갔어요", ()),
        ("행복동에 살고 있습니다", ()),
        ("전화로 3번 말했어요", ()),
        ("그대로 3년째입니다", ()),
        ("아파트 관리사무소에 말했어요", ()),
    ],
)
def test_a_place_has_a_name(text, places):
    assert telling.read(text).places == places


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("남편과 같이 갔는데 사진과 서류를 다 냈어요", ()),
        ("결과만 통보받았고 효과도 없어요", ()),
        ("재무과와 세무과가 서로 미뤄요", ("재무과", "세무과")),
        ("햇살동 주민센터 직원이 그래요", ("햇살동 주민센터",)),
        ("감사담당관실로 보냈어요", ("감사담당관실",)),
        ("다른 구 건설과는 바로 온대요", ()),
        ("서비스센터에 맡겼어요", ()),
    ],
)
def test_a_unit_is_told_from_words_that_end_alike(text, units):
    assert telling.read(text).units == units


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("내년 3월에 한다고 했어요", ()),
        ("다음 주에 오라고 했어요", ()),
        ("한 달에 7만원입니다", ()),
        ("지난주 금요일부터 그래요", ("지난주 금요일부터",)),
        ("사흘째 물이 안 나와요", ("사흘째",)),
        ("석 달이 지났는데 그대로예요", ("석 달",)),
        ("오늘도 그래요", ()),
    ],
)
def test_what_has_happened_is_told_from_days_to_come(text, dates):
    assert telling.read(text).dates == dates


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("연락은 01000001234로 주세요", "010-0000-1234"),
        ("02 000 7755로 전화 주세요", "02-000-7755"),
        ("도로과 전화 031-000-0100은 안 받아요", None),
        ("신고번호는 1AA-2604-0088812", None),
        ("과태료 100000원", None),
    ],
)
def test_a_number_to_call_back_is_not_that_of_an_office(text, phone):
    assert telling.read(text).phone == phone


def test_a_message_without_marks_is_taken_apart_at_its_verbs():
    text = (
        "친구가 알려 줘서 씁니다 청년월세지원을 신청했는데 서류를 잃어버렸대요 "
        "다시 내라면서 날짜는 새로 내는 날로 한대요 원래 낸 날로 접수해 주세요"
    )
    assert telling.read(text).wish == "원래 낸 날로 접수해 주세요"


@pytest.mark.parametrize(
    "text", ["몇 번을 말해도 안 고쳐줘요", "담당자가 못 해 줘요", "제 주소", "바람"]
)
def test_what_is_not_done_is_no_wish(text):
    assert telling.read(text).wish is None


@given(st.text(alphabet="가나다월일1 02-.\n째부터동앞과팀주세요", max_size=300))
def test_whatever_is_written_what_is_found_stands_in_it(text):
    told = telling.read(text)
    for part in (*told.units, *told.dates, *told.places, *told.what):
        assert part in text
