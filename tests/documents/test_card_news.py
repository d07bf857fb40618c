"""Card news: what stands on each picture, and that nothing runs out of it whatever is written."""

import io
from dataclasses import replace

import pypdfium2
import pytest
from PIL import Image

from bot.documents import card_look, card_news, marks, typeset
from bot.documents.card_news import ROOM, SIDE, Page, cut, parted
from bot.errors import Refused
from bot.settings_newsletter import CardsSite
from knowledge.cases import Case, shipped
from tests import shipped as known

TEXTS = known.texts()
TERMS = "출처를 밝히고 사실만 다시 쓴 것"
LOOK = card_look.look(CardsSite(), "가온시")
FOOT = 905  # what stands lower is the agency and how far one is
HOSTILE = (
    '#import "/etc/passwd" #panic("x") $x$ *굵게* _a_ `b` @c <d> ]] \\u{41} // /* "q" \u202e뒤집'
    "\u200b힌\u2066글 😀\ufe0f {title} **별** </svg>"
)
FULL = Case(
    "X-1", "가온시 골목길 주차 갈등을 주민과 함께 푼 이야기", agency="가온시 교통과", year=2026,
    field="교통·도로", problem="골목이 좁아 소방차가 들어가지 못했다. " * 20,
    action="주민과 열두 번 만나 주차 구역을 다시 그렸다. " * 20,
    effect="민원이 63% 줄었고 해마다 2억 원을 아꼈다. " * 20,
    source="https://gaon.example/news/1?a=1", programme="적극행정 우수사례", status="published",
)  # fmt: skip


def say(phrase) -> str:
    return TEXTS.render(phrase, "ko", {})


def kinds(plan: tuple[Page, ...]) -> list[str]:
    return [one.kind for one in plan]


def lines(plan, look=LOOK) -> list[list[tuple[str, tuple[float, ...]]]]:
    """Give the words of each picture with the box of each sign, left, top, right, bottom."""
    data = typeset.pdf("cards.typ", card_news.values(plan, look, say))
    told = []
    for page in pypdfium2.PdfDocument(data):
        text = page.get_textpage()
        boxes = [
            (text.get_text_range(n, 1), text.get_charbox(n)) for n in range(text.count_chars())
        ]
        told.append([(sign, (a, SIDE - d, c, SIDE - b)) for sign, (a, b, c, d) in boxes])
    return told


def test_a_case_is_told_in_five_pictures_and_a_long_one_in_six():
    case = shipped()["AC-098"]
    plan = card_news.pages(case, TERMS, "www.etoday.co.kr")
    assert kinds(plan) == ["cover", "problem", "action", "effect", "source"]
    assert (plan[3].before, plan[3].large, plan[3].text) == ("4시간", "3분", case.effect)
    assert [(one.n, one.of) for one in plan] == [(n, 5) for n in range(1, 6)]
    assert plan[4].code == case.source
    long = card_news.pages(FULL, TERMS)
    assert kinds(long) == ["cover", "problem", "action", "action", "effect", "source"]
    assert long[-1].code == ""


def test_every_shipped_case_has_its_pictures_or_says_what_it_lacks():
    for case in shipped().values():
        missing = card_news.lacking(case, TERMS)
        if case.detail == "title_only" or case.status != "published":
            assert missing
            continue
        assert missing == ()
        plan = card_news.pages(case, TERMS)
        assert 4 <= len(plan) <= 6
        assert all(say(one.alt).startswith(("카드뉴스", f"{one.of}장")) for one in plan)
        large = [one.large for one in plan if one.number]
        assert case.kind == "active" or not large


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"status": "draft"}, "state"),
        ({"status": "withdrawn"}, "state"),
        ({"title": " "}, "title"),
        ({"detail": "title_only"}, "title_only"),
        ({"action": "", "effect": ""}, "told"),
        ({"source": ""}, "source"),
    ],
)
def test_what_is_missing_is_said(changes, name: str):
    case = replace(FULL, **changes)
    assert card_news.lacking(case, TERMS) == (name,)
    with pytest.raises(Refused) as refused:
        card_news.pages(case, TERMS)
    assert refused.value.key == f"cards.lack.{name}"
    assert TEXTS.has(refused.value.key)


def test_without_terms_of_use_nothing_is_drawn():
    with pytest.raises(Refused, match=r"cards\.lack\.permission"):
        card_news.pages(FULL, " ")


def test_a_part_on_which_the_source_is_silent_is_no_picture():
    plan = card_news.pages(shipped()["AC-016"], TERMS)
    assert kinds(plan) == ["cover", "problem", "effect", "source"]


def test_without_a_number_the_first_sentence_stands_large():
    plan = card_news.pages(replace(FULL, effect="골목이 넓어졌다. 모두 반겼다."), TERMS)
    effect = plan[-2]
    assert (effect.large, effect.text, effect.number) == (
        "골목이 넓어졌다.",
        "모두 반겼다.",
        False,
    )


def test_a_number_that_nobody_counted_says_so():
    plan = card_news.pages(replace(FULL, effect="약 5억 원의 절감이 예상된다."), TERMS)
    assert "약 5억 원(예상한 값이에요)" in say(plan[-2].alt)


def test_a_text_is_cut_at_a_sentence_or_between_words():
    assert cut("가나다. 라마바. 사아자", 12) == "가나다. 라마바. …"
    assert cut("가나다 라마바 사아자", 9) == "가나다 라마바…"
    assert cut("가" * 300, 20) == "가" * 18 + "…"
    assert cut("2025. 3. 1. 문을 열었다", 40) == "2025. 3. 1. 문을 열었다"
    for text in ("짧은 글", "낱말 " * 200, "문장이다. " * 60, "가" * 500):
        assert len(cut(text, 50)) <= 50
        first, *rest = parted(text.strip())
        assert len(first) <= ROOM
        assert all(0 < len(one) <= ROOM for one in rest)


@pytest.mark.parametrize(
    "case",
    [
        FULL,
        replace(FULL, **dict.fromkeys(("title", "problem", "action", "effect", "agency", "field", "source", "programme"), HOSTILE * 4)),
        replace(FULL, **dict.fromkeys(("title", "problem", "action", "effect", "agency", "source"), "끝없이이어지는낱말" * 60)),
        replace(FULL, **dict.fromkeys(("title", "problem", "action", "effect", "agency"), "W" * 900)),
        replace(FULL, title="가", problem="나", action="다", effect="9억 9천9백99만 9천 원에서 999,999,999,999원으로", agency="", year=None, field=""),
    ],
    ids=["full", "hostile", "endless", "wide", "short"],
)  # fmt: skip
def test_nothing_runs_out_of_its_picture(case: Case):
    plan = card_news.pages(case, TERMS, "gaon.example")
    look = replace(
        LOOK, agency="아주 긴 이름을 가진 가온특별자치시 적극행정 추진단 소통협력담당관실"
    )
    for page, signs in zip(plan, lines(plan, look), strict=True):
        body = [box for sign, box in signs if sign.strip() and box[1] < FOOT]
        assert body, page
        assert min(box[0] for box in body) >= 60
        assert max(box[2] for box in body) <= SIDE - 60
        assert min(box[1] for box in body) >= 60
        assert max(box[3] for box in body) <= FOOT
        assert max(box[2] for _, box in signs) <= SIDE - 60


def test_a_line_ends_between_words_alone():
    signs_of = "가나다라마바사아자차카타파하거너더러"
    words = [sign * (3 + place * 5 % 6) for place, sign in enumerate(signs_of)]
    signs = lines(card_news.pages(replace(FULL, problem=" ".join(words)), TERMS))[1]
    said = "".join(sign for sign, _ in signs)
    for word in words:
        at = said.index(word)
        bottoms = [box[3] for _, box in signs[at : at + len(word)]]
        assert max(bottoms) - min(bottoms) < 5, word  # on one line


def test_what_people_write_is_read_as_text_alone():
    case = replace(FULL, title=HOSTILE, problem=HOSTILE, action="", effect=HOSTILE)
    told = ["".join(sign for sign, _ in page) for page in lines(card_news.pages(case, TERMS))]
    for page in told[:2]:
        flat = "".join(page.split())
        assert '#import"/etc/passwd"#panic("x")' in flat
        assert "*굵게*" in flat
        assert "root:" not in flat
        assert not {"\u202e", "\u2066", "\u200b"} & set(flat)
    alt = say(card_news.pages(case, TERMS)[1].alt)
    assert "**별**" in alt
    assert "{title}" in alt
    assert "\u202e" not in alt


def test_pictures_are_square_and_small_in_both_themes():
    mark = Image.effect_noise((900, 150), 90).convert("RGBA")  # the worst that a mark can be
    for theme in ("light", "dark"):
        look = replace(card_look.look(CardsSite(), "가온시", theme), logo=marks.wrapped(mark))
        plan = card_news.pages(FULL, TERMS, "gaon.example")
        made = card_news.draw(plan[-2:], look, say)
        assert [one.alt for one in made] == [say(one.alt) for one in plan[-2:]]
        for one in made:
            image = Image.open(io.BytesIO(one.png))
            assert image.size == (one.width, one.height) == (SIDE, SIDE)
            assert len(one.png) < 200_000
            paper = look.palette.paper if one is made[0] else look.palette.surface
            assert image.convert("RGB").getpixel((3, 3)) == tuple(bytes.fromhex(paper[1:]))
