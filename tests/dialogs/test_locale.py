"""Every sentence of the service: there in both languages, in plain and friendly words."""

import ast
import re
from pathlib import Path

import pytest

from bot.dialogs.replies import Phrase
from bot.errors import BadStart
from bot.locale import SHIPPED, Span, Texts
from tests import shipped

TEXTS = shipped.texts()
ROOT = Path(__file__).parents[2]
# 결과 전에는 누구도 잘못했다고 적지 않고, 아무것도 약속하지 않는다.
FORBIDDEN = [
    "신고당한", "피신고", "피민원", "위반", "적발", "반드시 해결", "엄중", "영업일", "엄벌", "가해",
    "범인", "100%",
]  # fmt: skip
INSIDE = ("desk.", "move.", "field.", "guard.", "state.", "rehearsal.", "notice.desk")
FORBIDDEN_EN = ["accused", "guilty", "offender", "violat", "we promise", "guarantee"]
# The keys under which a text stands on a button.
BUTTON = re.compile(
    r"\.options\.|_options\.|^start\.(menu|doors)\.|^consent\.transfer\.(agree|refuse|under14)$"
    r"|^(start\.door\.web_button|elsewhere\.(here|label)|masked\.wrong)$|^button\."
    r"|^receipt\.(status|derivation|paper|new_code|see_code)$|^web\.nav\."
    r"|^(passive_report|ordinary)\.[a-z_]+\.(skip|call|read|confirm)$|\.info\.[a-z]+$|^telegram\.command\."
    r"|^remark\.[a-z]+_(link|here)$|^ordinary\.portal$|^mydata\.(show|ask|download|correct|stop)$"
    r"|^national_application\.[a-z]+\.(skip|link|instead)$"
    r"|^dialog\.(back|cancel|cancel_yes|cancel_no|later|human|home|skip|keep|next|written|rewrite"
    r"|sent_all|picked_all|change|back_to_summary|aside_yes|aside_no|right|other|switch_back|draft_go_on|draft_new|not_here)$"
)


def words(lang: str) -> list[tuple[str, str]]:
    return [(key, TEXTS.raw(key, lang)) for key in sorted(TEXTS.keys(lang))]


def test_no_text_accuses_or_promises():
    for key, text in words("ko"):
        assert not [word for word in FORBIDDEN if word in text], (key, text)
        assert key.startswith(INSIDE) or "꼭" not in text, (key, text)
    for key, text in words("en"):
        assert not [word for word in FORBIDDEN_EN if word in text.lower()], (key, text)


IN_KOREAN = {
    "PDF", "HWP", "HWPX", "XLSX", "JPG", "PNG", "JSON", "CSV", "XML", "MB", "QR", "SHA", "RFC",
    "XLS", "UTF", "Lines", "JKR", "English", "summary", "multipart", "form", "data", "lobby", "market", "txt", "https",
}  # fmt: skip
"""Formats, and what is an example of what to type."""
IN_ENGLISH = {"적극톡", "한국어", "독촉장", "민원처리법", "예", "아니오"}
"""Names that have no other form, and what to type."""
BOTH = "core."  # said to somebody whose language is not known yet


def test_a_text_speaks_one_language():
    hole = re.compile(
        r"\{[^{}]*\}|\S+@\S+|\.(?:pdf|hwpx|xlsx)|\d?[A-Z]{2}-\d{4}|/[a-z]+|\d[A-Z]\w+"
    )
    for lang, strange, known in (
        ("ko", re.compile("[A-Za-z]{2,}"), IN_KOREAN),
        ("en", re.compile("[가-힣]+"), IN_ENGLISH),
    ):
        for key, text in words(lang):
            if not key.startswith(BOTH):
                found = set(strange.findall(hole.sub(" ", text))) - known
                assert not found, (lang, key, found)


AFTER = re.compile(
    r"\{([a-z_]+)(:[a-z]+)?\}(?:\*\*)?(은|는|이|가|을|를|과|와|으로|로|이에요|예요)(?![가-힣])"
)
OF_A_DAY = {
    (":day", "로"),
    (":day", "이에요"),
}  # whatever day it is, it is read …일 before its weekday


def test_no_particle_stands_fixed_after_what_may_be_any_word():
    for key, text in words("ko"):
        for hole, spec, particle in AFTER.findall(text):
            assert (spec, particle) in OF_A_DAY, (key, hole, particle)


OTHER_WORDS = {
    "암호": "비밀번호", "단추": "버튼", "계정 이름": "아이디", "영업일": "근무일",
    "감사부서": "감사 부서",
}  # fmt: skip
"""Words that stand for what has another name already (docs/glossary.md)."""
LOCKING = re.compile(r"암호모듈|\*\*암호는|암호는 잠그는|## \d\. 암호|암호문|암호화")


def other_words(text: str) -> list[tuple[str, str]]:
    plain = LOCKING.sub("", text)
    return [(word, better) for word, better in OTHER_WORDS.items() if word in plain]


def test_one_thing_has_one_name():
    for key, text in words("ko"):
        assert other_words(text) == [], key


def test_the_pages_call_it_by_the_same_name():
    """What an office reads in the manual stands on its screen in the same word."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").rglob("*.md")]
    assert len(pages) > 20
    for page in pages:
        assert other_words(page.read_text(encoding="utf-8")) == [], page


def test_no_button_is_longer_than_twenty_letters():
    site = {"agency": "가온시", "call": "031-000-1234"}
    for lang in TEXTS.languages:
        for key, _ in words(lang):
            if BUTTON.search(key) and not key.startswith(("field.", "move.", "desk.")):
                text = TEXTS.render(Phrase(key, dict.fromkeys(TEXTS.holes(key), "")), lang, site)
                assert len(text) <= 20, (lang, key, text)


def test_no_key_is_missing_in_a_language_that_citizens_read():
    """The desk is Korean only: its words are for officials."""
    korean = {key for key in TEXTS.keys("ko") if not key.startswith(INSIDE)}
    assert sorted(korean - TEXTS.keys("en")) == []
    assert sorted(TEXTS.keys("en") - TEXTS.keys("ko")) == []


def test_a_text_takes_the_same_parameters_in_both_languages():
    site = {
        "agency", "audit_unit", "call", "hours", "lunch", "visit_place", "road_call", "audit_phone",
    }  # fmt: skip
    only = {"korean"}  # that words are in Korean is said to who reads another language
    for key in TEXTS.keys("en"):
        assert TEXTS.holes(key, "en") - TEXTS.holes(key, "ko") <= site | only, key


def _phrases(path: Path) -> list[tuple[str, int]]:
    """Give the keys that a module says literally."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Phrase" and node.args:
            key = node.args[0]
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                found.append((key.value, node.lineno))
    return found


def test_every_key_that_the_code_says_exists():
    keys = TEXTS.keys("ko")
    missing = [
        (str(path.relative_to(ROOT)), line, key)
        for path in sorted((ROOT / "bot").rglob("*.py"))
        for key, line in _phrases(path)
        if key not in keys
    ]
    assert missing == []


PROCEDURES = tuple(path.stem for path in (ROOT / "knowledge/data/procedures").glob("*.toml"))
BUILT = (
    *(f"{name}." for name in PROCEDURES),
    "ordinary.",
    "call_back.",
    "put_off.",
    "move.",
    "field.",
)
"""Texts of forms, whose keys are put together from the names of their steps."""
OF_A_TEXT = ("_anonymous", *(f"_{name}" for name in PROCEDURES), "_days", "_hint")


def _said() -> tuple[set[str], set[tuple[str, str, bool]]]:
    """Give every string of the service, and the two ends of those that are put together.

    The third value says that more than one part stands between the ends.
    """
    whole: set[str] = set()
    ends: set[tuple[str, str, bool]] = set()
    for path in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "knowledge").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            texts = [str(one.value) if isinstance(one, ast.Constant) else "" for one in parts]
            if len(texts) == 1:
                whole.add(texts[0])
            elif "." in texts[0]:
                ends.add((texts[0], texts[-1], texts.count("") > 1))
    for pattern in ("bot/**/*.html", "bot/**/*.js", "knowledge/data/procedures/*.toml"):
        for path in ROOT.glob(pattern):
            text = path.read_text(encoding="utf-8")
            whole |= set(re.findall(r"[a-z_][a-z0-9_.]*", text))
            whole |= set(re.findall(r"[a-z_][a-z0-9_]*", text))
            joined = re.findall(r"[\"']([a-z_.]+)[\"'] ?[~+] ?\(?\w+(?: ?~ ?\"([a-z.]+)\")?", text)
            ends |= {(head, tail, False) for head, tail in joined}
    return whole, ends


def test_no_text_is_there_that_nobody_says():
    whole, ends = _said()

    def said(key: str) -> bool:
        if key in whole:
            return True
        for head, tail, several in ends:
            if key.startswith(head) and key.endswith(tail):
                rest = key.removeprefix(head).removesuffix(tail)
                if said(rest) or (several and whole.issuperset(rest.split("."))):
                    return True
        return any(said(key.removesuffix(end)) for end in OF_A_TEXT if key.endswith(end))

    assert [key for key, _ in words("ko") if not key.startswith(BUILT) and not said(key)] == []


def test_sentences_in_chat_are_six_lines_at_most():
    """Consents, notices about personal data and what is legally fixed may be longer."""
    longer = ("passive_report.notice", "consent.", "start.help")
    for key, text in words("ko"):
        if key.startswith(
            (
                "dialog.",
                "error.",
                "passive_report.",
                "personal_data.",
                "start.",
                "remark.",
                "masked.",
            )
        ):
            assert key.startswith(longer) or text.count("\n") < 6, key


# How texts are put together


def table(**texts: str) -> Texts:
    return Texts({"ko": texts, "en": {"only": "x"}})


def test_parameters_particles_and_dates():
    texts = table(
        a="{unit:을/를} {due:day}까지 {at:moment} {n}개 {who}",
        list="{items:list}",
        flat="{items}",
        inner="<{word}>",
    )
    params = {
        "unit": "도로과",
        "due": "2026-12-01",
        "at": "2026-11-23T01:12:00+00:00",
        "n": 3,
        "who": None,
    }
    said = texts.render(Phrase("a", params), "ko", {})  # type: ignore[arg-type]
    assert said == "도로과를 12월 1일(화)까지 11월 23일(월) 오전 10시 12분 3개 "
    items = Phrase("list", {"items": ["가", Phrase("inner", {"word": "나"})]})
    assert texts.render(items, "ko", {}) == "· 가\n· <나>"
    assert texts.render(Phrase("flat", {"items": ["가", "나"]}), "ko", {}) == "가, 나"
    assert texts.render("그냥 {말}", "ko", {}) == "그냥 {말}"


def test_dates_are_written_in_the_reader_s_language_and_words_stay_words():
    texts = Texts({"ko": {"a": "{x:day} {y:moment}"}, "en": {"a": "{x:day}, {y:moment}"}})
    day = Phrase("a", {"x": "2026-12-01", "y": "2026-11-23T10:12:00"})
    assert texts.render(day, "en", {}) == "Tue 1 Dec 2026, Mon 23 Nov 2026, 10:12"
    soon = Phrase("a", {"x": "곧", "y": "오늘"})
    assert texts.render(soon, "ko", {}) == "곧 오늘"


def test_a_day_of_any_year_is_written_with_its_year():
    texts = Texts(
        {"ko": {"a": "{x:date} {x:record} {y:month}"}, "en": {"a": "{x:date} {y:month}"}}
    )
    day = Phrase("a", {"x": "2026-12-01", "y": "2026-10"})
    assert texts.render(day, "ko", {}) == "2026년 12월 1일(화) 2026. 12. 1. 2026년 10월"
    assert texts.render(day, "en", {}) == "Tue 1 Dec 2026 October 2026"
    words = Phrase("a", {"x": "곧", "y": "2026-13"})
    assert texts.render(words, "ko", {}) == "곧 곧 2026-13"


def test_a_time_to_wait_is_said_in_minutes_once_it_is_long():
    texts = Texts({"ko": {"a": "{n:wait}"}, "en": {"a": "{n:wait}"}})
    said = {n: texts.render(Phrase("a", {"n": n}), "ko", {}) for n in (1, 119, 120, 721)}
    assert list(said.values()) == ["1초", "119초", "2분", "13분"]
    assert texts.render(Phrase("a", {"n": 45}), "en", {}) == "45 seconds"
    assert texts.render(Phrase("a", {"n": 121}), "en", {}) == "3 minutes"


def test_what_stands_around_a_part_goes_with_it():
    texts = table(a="{x:line}끝{y:after}")
    assert texts.render(Phrase("a", {"x": "처음", "y": "뒤"}), "ko", {}) == "처음\n끝\n\n뒤"
    assert texts.render(Phrase("a", {"x": "", "y": ""}), "ko", {}) == "끝"


def test_only_our_own_texts_are_bold_and_values_are_never_markup():
    texts = table(a="**굵게 {x}** 보통")
    spans = texts.spans(Phrase("a", {"x": "**아니** {y}"}), "ko", {})
    assert spans == (Span("굵게 ", True), Span("**아니** {y}", True), Span(" 보통"))


def test_a_part_stands_only_where_its_parameter_does():
    texts = table(a="전화{?road} 또는 **{road}**{/}.")
    assert texts.render(Phrase("a"), "ko", {"road": "120"}) == "전화 또는 120."
    assert texts.render(Phrase("a", {"road": "8272"}), "ko", {}) == "전화 또는 8272."
    assert texts.render(Phrase("a"), "ko", {"road": ""}) == "전화."
    assert texts.holes("a") == {"road"}


def test_what_a_language_lacks_is_said_in_korean_but_not_in_tests():
    texts = table(a="안녕 {name}")
    assert texts.render(Phrase("a"), "en", {}) == "안녕 "
    assert texts.render(Phrase("a"), "fr", {"name": "김"}) == "안녕 김"
    strict = Texts({"ko": {"a": "안녕 {name}"}, "en": {}}, strict=True)
    with pytest.raises(KeyError):
        strict.render(Phrase("a"), "en", {})
    with pytest.raises(KeyError):
        strict.render(Phrase("a"), "ko", {})
    with pytest.raises(KeyError):
        texts.render(Phrase("nothing"), "ko", {})


def test_a_site_may_change_sentences_but_not_add_any(tmp_path: Path):
    own = tmp_path / "ko"
    own.mkdir()
    (own / "site.toml").write_text('[dialog]\nback = "앞으로"\n', encoding="utf-8")
    texts = Texts.load((SHIPPED, tmp_path))
    assert texts.raw("dialog.back") == "앞으로"
    assert texts.raw("dialog.next") == "다음"
    (own / "site.toml").write_text('[dialog]\nbakc = "앞으로"\n', encoding="utf-8")
    with pytest.raises(BadStart, match=r"dialog\.bakc: 이 서비스에 없는 이름"):
        Texts.load((SHIPPED, tmp_path))


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"a": "x = 1"}, r"a\.toml: x: 따옴표로 싼 글"),
        ({"a": "x = "}, r"a\.toml: locale: TOML 문법에 맞지 않습니다"),
        ({"a": 'x = "1"', "b": 'x = "2"'}, r"b\.toml: x: 다른 파일에도"),
    ],
)
def test_a_broken_file_of_sentences_stops_the_start(
    tmp_path: Path, files: dict[str, str], why: str
):
    (tmp_path / "ko").mkdir()
    for name, text in files.items():
        (tmp_path / "ko" / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadStart, match=why):
        Texts.load((tmp_path,))
