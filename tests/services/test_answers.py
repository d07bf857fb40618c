"""Ready answers: shipped ones, the agency's own in their place, and none where none fits."""

from datetime import UTC, datetime

import pytest

from bot.bench import answers as bench
from bot.services import answers
from bot.services.answers import Answers
from knowledge import faq
from knowledge.faq import Answer
from storage.repositories import faqs

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
OWN = Answer(
    "A-1", "가온시 청사 주차장은 몇 시에 닫나요?", "밤 열 시입니다.", ("가온시 청사 관리 규정",),
    "확인", "시민", "청사",
)  # fmt: skip


def put(store, answer, origin="written"):
    def work(unit):
        row = faqs.get(unit, answer.ref)
        values = {**faqs.to_row(answer), "origin": origin}
        if row is None:
            faqs.add(unit, {**values, "made_at": NOW, "changed_at": NOW})
        else:
            assert faqs.change(unit, answer.ref, row.version, values, NOW)
        faqs.touched(unit)

    store.transact(work, None)


def changed(answer, **values):
    return Answer(**{name: values.get(name, getattr(answer, name)) for name in Answer.__slots__})


@pytest.mark.parametrize(
    ("asked", "ref"),
    [
        ("며칠 걸려요?", "F007"),
        ("주말도 처리기간에 들어가나요?", "F008"),
        ("이름 안 밝혀도 되나요", "F013"),
        ("연장은 몇 번까지 돼요?", "F009"),
        ("주민등록번호 적어야 하나요", "F034"),
        ("텔레그램 쓰면 해외에 저장되나요", "F037"),
        ("소식지 구독 해지", "F038"),
    ],
)
def test_the_right_answer_is_found(asked, ref):
    found = Answers().ask(asked).answer
    assert found is not None
    assert found.ref == ref


@pytest.mark.parametrize(
    "said",
    [
        "", "네", "길을 고쳐 주세요", "10월에 전화 두번", "중앙시장 정문앞", "오늘 날씨 어때?",
        "이게 말이 되나?", "얼른 메꿔주고 왜 미뤘는지 말해줘요",
        "신고를 세 번 했는데 도로과에서 답이 없고 처리기간이 지났는데도 아무 연락이 없어서 너무 답답하고 화가 나요",
    ],
)  # fmt: skip
def test_no_answer_is_made_up(said):
    found = Answers().ask(said)
    assert found.answer is None
    assert found.term is None


def test_what_is_near_is_only_asked_back():
    found = Answers().ask("처리기간에 토요일이 빠지는지 알고 싶은데 어떻게 되나요?")
    assert found
    assert found.answer is not None or "F008" in [one.ref for one in found.near]


def test_nothing_found_is_nothing():
    assert not Answers().ask("ㅁㄴㅇㄹ")


def test_an_answer_of_the_agencys_own_is_found(store):
    put(store, OWN)
    found = Answers(store).ask(OWN.question)
    assert found.answer == OWN
    assert Answers(store).search("주차장 닫는 시간")[0] == OWN


def test_a_shipped_answer_that_was_withdrawn_is_gone_at_once_though_the_index_is_old(store):
    known = Answers(store)
    came = known.shipped()["F008"]
    assert known.ask(came.question).answer == came
    put(store, changed(came, status="withdrawn"), "shipped")
    assert known.ask(came.question).answer is None
    assert came.ref not in [one.ref for one in store.read(lambda u: list(known.published(u)))]


def test_the_agencys_words_stand_in_the_place_of_what_was_shipped(store):
    own = changed(faq.shipped()["F008"], text="우리 시에서는 이렇게 셉니다.")
    put(store, own, "shipped")
    known = Answers(store)
    assert known.ask(own.question).answer == own
    (there,) = [one for one in store.read(lambda u: list(known.published(u))) if one.ref == "F008"]
    assert there == own


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_what_is_not_published_is_told_to_nobody(store, status):
    put(store, changed(OWN, status=status))
    assert Answers(store).ask(OWN.question).answer is None
    assert store.read(lambda unit: Answers(store).present(unit, ["A-1"])) == {}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_agency_may_do_without_what_was_shipped(store):
    assert Answers(store, shipped=False).ask("며칠 걸려요?").answer is None


def test_an_answer_is_told_with_its_source_and_pages_by_their_host():
    said = answers.tell(faq.shipped()["F001"])
    assert "제2조제3호" in str(said.text)
    assert "https://" not in str(said.text)
    (button,) = said.options
    assert button.url is not None
    assert button.url.startswith("https://www.law.go.kr/")
    assert button.label.params == {"title": "국가법령정보센터", "host": "www.law.go.kr"}


def test_a_page_without_a_name_is_named_by_its_host_once():
    said = answers.tell(changed(OWN, source=("https://x.example/a",)))
    assert [option.label for option in said.options] == ["x.example"]


def test_what_nobody_confirmed_says_so():
    assert "help.unverified" in str(answers.tell(changed(OWN, confidence="확인 필요")).text)
    assert "help.unverified" not in str(answers.tell(OWN).text)


def test_what_the_bench_asks_is_answered_rightly_or_honestly_not():
    found = bench.measure(telling=False)
    for half in (found["even"], found["odd"]):
        assert half["wrong"] == 0
        assert half["right"] + half["near_right"] >= 0.7 * half["asked"]
    assert found["others"]["nothing"]["wrong"] == 0
    assert found["others"]["cases"]["wrong"] <= 3
    lines: list[str] = []
    bench.show(found, lines.append)
    assert lines
