"""Cases told twice, found among many."""

from dataclasses import replace

from knowledge.cases import Case, shipped
from knowledge.doubles import Double, Doubles

LIGHT = Case(
    "A-1", "골목 가로등을 신고 전에 먼저 고치기", agency="가온시 도로과", year=2024,
    problem="가로등 고장 신고가 밀려 밤길이 어두웠고 주민이 여러 번 전화해야 했다.",
    action="밤마다 순찰하며 꺼진 등을 찾아 그 자리에서 고치는 반을 만들었다.",
    effect="신고가 줄고 고치는 데 걸리는 날이 이틀로 짧아졌다.",
)  # fmt: skip
OTHER = Case("A-2", "전통시장 화장실을 새벽에도 열기", agency="가온시 경제과", year=2024)


def found(*cases, first=0):
    doubles = Doubles()
    for one in cases:
        doubles.add(one)
    assert len(doubles) == len(cases)
    return list(doubles.find(first))


def test_the_same_title_agency_and_year_is_the_same_case():
    again = replace(LIGHT, title="골목 가로등을  신고 전에 먼저 고치기!", problem="다른 말")
    assert found(LIGHT, OTHER, again) == [Double(2, 0, exact=True, score=1.0)]


def test_a_title_with_a_slip_is_alike():
    (one,) = found(LIGHT, OTHER, replace(LIGHT, title="골목 가로등을 신고 전에 먼저 고치가"))
    assert (one.place, one.other, one.exact) == (2, 0, False)
    assert one.score > 0.9


def test_the_same_words_under_another_title_are_alike_whatever_the_agency():
    (one,) = found(
        LIGHT, OTHER, replace(LIGHT, title="가로등을 먼저 고치는 골목 순찰반", agency="나래군")
    )
    assert (one.place, one.other, one.exact) == (2, 0, False)


def test_one_title_of_two_agencies_is_two_cases():
    short = replace(LIGHT, problem="", action="", effect="")
    assert found(short, replace(short, agency="나래군")) == []


def test_another_year_is_shown_for_a_person_to_decide():
    assert [one.exact for one in found(LIGHT, replace(LIGHT, year=2025))] == [False]


def test_only_what_is_new_is_told():
    assert found(LIGHT, LIGHT, OTHER, first=2) == []
    assert [one.place for one in found(LIGHT, OTHER, LIGHT, first=2)] == [2]
    assert found() == []


def test_among_thousands_each_is_found():
    many = [
        replace(LIGHT, title=f"{n * 7919 % 100_003}번 사업 {n}", problem="", action="", effect="")
        for n in range(1200)
    ]
    assert [one.place for one in found(*many, LIGHT, LIGHT) if one.exact] == [1201]


def test_where_tells_the_first_with_the_same_name():
    doubles = Doubles()
    doubles.add(LIGHT)
    assert doubles.where(replace(LIGHT, problem="")) == 0
    assert doubles.where(OTHER) is None


def test_no_two_shipped_cases_are_one():
    assert found(*shipped().values()) == []
