"""The number of an effect that stands large on a picture."""

import pytest

from knowledge.cases import shipped
from knowledge.standout import standout

SHOWN = {
    "AC-014": "4만 5천 세대", "AC-022": "344억 원", "AC-023": "20억 원", "AC-026": "평균 3분",
    "AC-027": "138억 원", "AC-030": "최대 50%", "AC-031": "459개", "AC-036": "95억 원",
    "AC-037": "8억 원 넘게", "AC-042": "70명", "AC-043": "해마다 3억 원", "AC-047": "10일",
    "AC-048": "40건", "AC-049": "5억 원", "AC-050": "250억 원", "AC-052": "32곳",
    "AC-054": "약 1억 5천만 원", "AC-056": "약 90%", "AC-057": "1,400여 건", "AC-058": "70년",
    "AC-059": "111곳", "AC-065": "평균 3~4분", "AC-068": "2년 만에", "AC-070": "600만 원",
    "AC-071": "53년 만에", "AC-075": "약 4억 원", "AC-077": "연 2억 6천만 원", "AC-084": "30억 원",
    "AC-086": "15억 원", "AC-088": "85%", "AC-091": "약 3억 원", "AC-097": "약 230억 원",
    "AC-098": "4시간 → 3분", "AC-099": "약 500억 원",
}  # fmt: skip
"""Of every shipped case of 적극행정; the others tell of no number but of their award."""


def test_every_shipped_case_shows_its_number_and_no_award_is_one():
    active = [one for one in shipped().values() if one.kind == "active"]
    found = {one.ref: large.shown for one in active if (large := standout(one.effect))}
    assert found == SHOWN


@pytest.mark.parametrize(
    ("effect", "shown"),
    [
        ("민원 63% 감소", "63%"),
        ("연간 12억 원 절감", "연간 12억 원"),
        ("3일 → 1일", "3일 → 1일"),
        ("처리 기간 3일→1일로 단축", "3일 → 1일"),
        ("14일 걸리던 것을 3일로 줄임", "14일 → 3일"),
        ("통과율이 약 20%에서 35% 이상으로 올랐다", "약 20% → 35% 이상"),
        ("만족도 3.5배 상승", "3.5배"),
        ("5만여 명이 받았다", "5만여 명"),
        ("2억5천만 원을 아꼈다", "2억5천만 원"),
        ("1,234,567원", "1,234,567원"),
        ("민원이 줄고, 12억원 절감", "12억원"),
    ],
)
def test_a_number_stands_as_it_was_written_with_what_weakens_it(effect: str, shown: str):
    large = standout(effect)
    assert large is not None
    assert large.shown == shown
    assert all(part in effect for part in (large.before, large.said))


@pytest.mark.parametrize(
    "effect",
    [
        "", "2025년 상반기 최우수로 선정됐다.", "2025. 3. 1.부터 시행", "제17조 개정", "119 신고",
        "해마다 5건 넘던 고장이 사라졌다", "전국 243곳 중 우수기관(3년 연속)으로 뽑혔다",
        "9" * 3000 + "원",
    ],
)  # fmt: skip
def test_a_date_an_article_and_an_award_are_no_effect(effect: str):
    assert standout(effect) is None


@pytest.mark.parametrize(
    ("ref", "hedge"),
    [("AC-097", "estimated"), ("AC-099", "expected"), ("AC-050", "planned"), ("AC-075", None)],
)
def test_what_is_only_expected_is_told_so(ref: str, hedge: str | None):
    large = standout(shipped()[ref].effect)
    assert large is not None
    assert large.hedge == hedge


def test_a_text_made_to_be_slow_is_read_no_further():
    for text in ("10만 " * 5000, "1,111," * 5000, "~1" * 5000, "9,9" * 5000):
        assert standout(text) is None
