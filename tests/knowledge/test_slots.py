"""What is read from a citizen's own words: time, place, unit, and words that need one back."""

import pytest

from knowledge import slots


@pytest.mark.parametrize(
    "text",
    [
        "10월부터 그래요", "지난주에 말했어요", "석 달째 그대로예요", "세 번째 겨울", "어제 전화했어요",
        "2026년부터", "11/3에 신고", "한 달 넘게", "금요일에 갔어요", "오래전부터",
    ],
)  # fmt: skip
def test_times_are_found(text: str):
    found = slots.find_when_where(text)
    assert bool(found.when) == (text != "세 번째 겨울")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("중앙시장 정문앞", "중앙시장"),
        ("세종로 12 앞", "세종로 12"),
        ("우리 집 앞이에요", "우리 집 앞"),
        ("가온초등학교 건너편", "가온초등학교"),
        ("행복동에 살아요", "행복동"),
        ("빨리 처리하면 좋겠어요", None),
        ("행동이 문제예요", None),
        ("길이 파였어요", None),
    ],
)
def test_places_are_found(text: str, where: str | None):
    assert slots.find_when_where(text).where == where


def test_nothing_found_is_false():
    assert not slots.find_when_where("안 고쳐 줘요")
    assert not slots.tells_when_or_where("안 고쳐 줘요")
    assert slots.tells_when_or_where("10월부터요")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("길 파인거 안 고쳐줘요", ("도로",)),
        ("건축과 직원이 허가를 안 내줘요", ("건축과", "건축")),
        ("불법주차 견인을 안 해요", ("교통",)),
        ("결과가 안 나와요", ()),
        ("화장실이 고장", ()),
    ],
)
def test_units_are_guessed_from_names_and_everyday_words(text: str, words: tuple[str, ...]):
    assert slots.find_unit_words(text)[: len(words) or None] == words


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("지금 너무 위험해요", slots.danger),
        ("담이 무너질 것 같아요", slots.danger),
        ("죽고 싶어요", slots.self_harm),
        ("담당자가 뒷돈을 요구했어요", slots.corruption),
        ("씨발 진짜", slots.abuse),
        ("우울증 약을 먹어요", slots.sensitive),
        ("아내가 넘어졌어요", slots.injury),
        ("타이어 펑크가 났어요", slots.injury),
    ],
)
def test_words_that_need_one_back_are_seen(text: str, kind):
    assert kind(text)


@pytest.mark.parametrize(
    "text",
    [
        "시발점부터 잘못됐어요",
        "여성 병원 앞 길이에요",
        "처리해 주세요",
        "길을 고쳐 주세요",
        "전화를 두 번 했어요",
        "돈이 많이 들었어요",
        "가로등이 꺼져 있어요",
        "구청에 찾아가서 말했는데 그대로예요",
        "유서 깊은 건물 앞이에요",
        "여기서 살기 싫어요",
        "지원금 돈을 받지 못했어요",
        "보도블록이 파손됐어요",
        "놀이터 그네가 망가졌어요",
        "교도소 앞 길이에요",
    ],
)
def test_plain_words_call_for_nothing(text: str):
    assert slots.signals(text) == frozenset()


def test_what_was_seen_is_remembered_without_the_words():
    """The memory of signals holds hashes; when it is full it starts anew."""
    for number in range(5000):
        slots.signals(f"길 {number}")
    assert slots.danger("지금 위험해요")


def test_sensitive_sentences_are_taken_out_and_the_rest_stays():
    text = "길이 파였어요. 저는 우울증이 있어요. 고쳐 주세요!"
    assert slots.without_sensitive(text) == "길이 파였어요. 고쳐 주세요!"
    assert slots.without_sensitive("우울증이 있어요") == ""
    assert slots.without_sensitive("정신\n과에 갔어요") == "", "seen only in the whole"


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("며칠 걸려요?", True),
        ("소극행정이 뭐예요", True),
        ("이름을 꼭 써야 하나요", True),
        ("왜 안 고쳐 주는지 알고 싶어요", False),
        ("길을 고쳐 주세요", False),
        ("이럴 수가 있어?", False),
        ("", False),
        ("왜요\n네?", False),
        ("10월부터 세 번이나 전화해서 언제 고치냐고 물었는데 그때마다 기다리라고만 하고 아무도 안 왔는데 이게 맞나요?", False),
    ],
)  # fmt: skip
def test_a_clear_question_is_told_from_a_story(text: str, asks: bool):
    assert slots.is_question(text) is asks


@pytest.mark.parametrize(
    "text", ["가로등이 10월부터 꺼져 있어요", "불이 꺼져.", "위험이 닥쳐서야 왔어요", "시발점"]
)
def test_a_lamp_that_is_out_is_no_insult(text: str) -> None:
    assert not slots.abuse(text)


@pytest.mark.parametrize("text", ["꺼져!", "당장 꺼져라", "닥쳐"])
def test_an_insult_is_one(text: str) -> None:
    assert slots.abuse(text)
