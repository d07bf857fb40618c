"""Finding what fits a question: letters, everyday words, first letters, tags, honesty."""

import math
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from knowledge import lexicon
from knowledge.korean import fold
from knowledge.postings import letters as plain_letters
from knowledge.postings import runs as plain_runs
from knowledge.search import CaseIndex, Document
from knowledge.searching import columns
from knowledge.searching.highlight import excerpt, spans
from knowledge.searching.initials import Initials
from knowledge.searching.letters import letters, runs
from knowledge.searching.sureness import NEAR, SURE, chance

SHELVES = (
    Document(
        "A-1",
        "추모공원 봉안당 증축",
        "안치 공간이 부족해 주민과 협의하여 봉안당을 늘렸다.",
        ("장사시설",),
        {"region": "부산", "year": 2025},
    ),
    Document(
        "A-2",
        "40년 악취 민원 해결",
        "축사에서 나는 냄새를 줄이려고 밀폐 시설을 지원했다.",
        ("고질민원",),
        {"region": "경기", "year": 2023},
    ),
    Document(
        "A-3",
        "보도블록 재사용",
        "걷어 낸 보도블록을 씻어 다시 깔아 예산을 아꼈다.",
        ("예산절감",),
        {"region": "전남", "year": 2022},
    ),
)
WORDS = lexicon.Lexicon({"납골당": ["봉안당"], "냄새": ["악취"]})


@pytest.fixture(scope="module")
def index() -> CaseIndex:
    return CaseIndex.build(SHELVES, WORDS)


def _best(index: CaseIndex, text: str, **only: object) -> str | None:
    found = index.search(text, only=only)
    return found.best.key if found.best else None


class Watched(CaseIndex):
    """Counts whose letters it has compared."""

    compared = 0

    def _letters_of(self, place: int) -> bytes:
        self.compared += 1
        return super()._letters_of(place)


def test_letters_are_not_compared_while_there_is_no_time_for_it():
    full = [False]
    alike = [
        Document(f"B-{n}", f"보도블록 재사용 {n}", "보도블록을 다시 깔았다.") for n in range(5)
    ]
    index = Watched.build(alike, WORDS, full=lambda: full[0])
    found = index.search("보도블록을 다시")
    assert index.compared
    index.compared, full[0] = 0, True
    again = index.search("보도블록을 다시")
    assert index.compared == 0
    assert {hit.key for hit in again.hits} == {hit.key for hit in found.hits}


def test_a_question_finds_what_is_about_it(index):
    assert _best(index, "봉안당을 늘린 곳이 있나요") == "A-1"


@pytest.mark.parametrize(
    "text", ["보도블록재사용", "보 도블 록 재사 용", "보도블럭 재사용", "ＢＯ 보도블록"]
)
def test_spaces_and_slips_of_typing_do_not_matter(index, text):
    assert _best(index, text) == "A-3"


def test_an_everyday_word_finds_what_papers_call_otherwise(index):
    found = index.search("납골당 증축")
    assert found.hits[0].key == "A-1"
    assert [(one.word, one.official) for one in found.meant] == [("납골당", ("봉안당",))]
    assert CaseIndex.build(SHELVES, lexicon.NONE).search("납골당").best is None


def test_a_lexicon_changes_nothing_where_no_word_of_it_is_asked_for(index):
    bare = CaseIndex.build(SHELVES, lexicon.NONE)
    for text in ("보도블록", "악취 민원", "예산을 아낀 일"):
        assert index.search(text) == bare.search(text)


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ("ㅂㅇㄷ", "A-1"),
        ("ㅂㄷㅂㄹ", "A-3"),
        ("ㄴㄱㄷ", "A-1"),
        ("ㄱㅈㅁㅇ", "A-2"),
        ("ㅎㅎㅂ", None),
    ],
)
def test_first_letters_find_words_of_the_title_and_the_lexicon(index, asked, key):
    assert _best(index, asked) == key


def test_laughing_is_no_question(index):
    assert _best(index, "ㅋㅋㅋㅋ") is None


def test_a_short_word_stands_for_what_begins_with_it(index):
    assert _best(index, "봉") == "A-1"


@pytest.mark.parametrize("text", ["", "   ", "?!", "주식 시세 알려줘", "qwerty"])
def test_nothing_is_found_where_nothing_fits(index, text):
    found = index.search(text)
    assert found.hits == found.near == ()
    assert found.best is None


def test_an_index_of_nothing_finds_nothing():
    assert CaseIndex.build([], WORDS).search("납골당").best is None
    assert CaseIndex.build([Document("x", "", "")], WORDS).search("납골당").best is None


@pytest.mark.parametrize(
    ("only", "keys"),
    [
        ({"region": "부산"}, {"A-1"}),
        ({"year": range(2022, 2024)}, {"A-2", "A-3"}),
        ({"year": range(2022, 2024), "region": ("전남", "부산")}, {"A-3"}),
        ({"nothing": "of the kind"}, set()),
    ],
)
def test_only_what_bears_the_wanted_tags_is_found(only, keys):
    same = [Document(one.key, "같은 제목 악취", "", (), one.tags) for one in SHELVES]
    found = CaseIndex.build(same, WORDS).search("같은 제목 악취", only=only)
    assert {hit.key for hit in found.hits} == keys


def test_letters_are_those_the_other_index_knows():
    for text in ("하수구 역류, 3일째! ABC", "길", "", "ㅇㅇ ㄴㄱㄷ", "뷁 꿹 ① Ⅳ ㎡", "a\x1fb"):
        assert len(letters(text)) == len(plain_letters(text.replace("\x1f", " ")))
        made, plain = (
            runs(letters(text)),
            list(plain_runs(plain_letters(text.replace("\x1f", " ")))),
        )
        assert len(made) == len(plain)
        assert len(set(made.tolist())) == len(set(plain))


def test_without_titles_it_ranks_as_plain_bm25_over_runs_of_letters():
    rng = np.random.default_rng(7)
    syllables = [chr(0xAC00 + int(code)) for code in rng.integers(0, 11172, 40)]
    texts = ["".join(rng.choice(syllables, int(size))) for size in rng.integers(1, 60, 50)]
    index = CaseIndex.build(
        [Document(str(n), "", text) for n, text in enumerate(texts)], lexicon.NONE
    )
    counted = [Counter(plain_runs(plain_letters(text))) for text in texts]
    mean = sum(sum(count.values()) for count in counted) / len(counted)
    asked = texts[3][:20]
    for place, count in enumerate(counted):
        score = 0.0
        for run in set(plain_runs(plain_letters(asked))):
            among = sum(run in other for other in counted)
            rare = math.log(1 + (len(texts) - among + 0.5) / (among + 0.5))
            norm = 1.2 * (0.25 + 0.75 * sum(count.values()) / mean)
            score += rare * count[run] * 2.2 / (count[run] + norm)
        assert index.weigh(asked)[place] == pytest.approx(score, rel=1e-4)


def test_the_shipped_lexicon_is_sane():
    entries = [
        (word, terms)
        for table in tomllib.loads(lexicon.FILE.read_text(encoding="utf-8")).values()
        for word, terms in table.items()
    ]
    assert len(entries) >= 300
    assert len({fold(word) for word, _ in entries}) == len(entries) == len(lexicon.shipped())
    for word, terms in entries:
        assert len(fold(word)) >= 2, word
        assert terms, word
        assert len(set(terms)) == len(terms), word
        for term in terms:
            assert len(letters(term)) >= 4, word  # fewer have no run of their own
            assert fold(word) != fold(term)
            assert term == term.strip()


def test_a_short_everyday_word_is_not_read_across_two_words():
    entries = lexicon.Lexicon({"등본": ["주민등록표"], "동네 버스": ["마을버스"]})
    assert [one.word for one in entries.find("주민등본 발급")] == ["등본"]
    assert entries.find("1등 본선") == ()
    assert [one.word for one in entries.find("동 네버스")] == ["동네 버스"]


def test_the_longest_everyday_word_is_the_one_that_was_meant():
    entries = lexicon.Lexicon({"쓰레기": ["폐기물"], "음식 쓰레기": ["음식물 폐기물"]})
    assert [one.word for one in entries.find("음식쓰레기와 쓰레기")] == ["음식 쓰레기", "쓰레기"]


def _bold(text: str, question: str) -> list[str]:
    meant = WORDS.find(question)
    return [text[start:end] for start, end in spans(text, question, meant)]


@pytest.mark.parametrize(
    ("text", "question", "bold"),
    [
        ("낡은 봉안당을 넓혔다", "봉안당이 넓은가요", ["봉안당"]),
        ("낡은 봉안당을 넓혔다", "납골당", ["봉안당"]),
        ("보도 블록을 다시 깔았다", "보도블록 다시", ["보도 블록", "다시"]),
        ("119 구급대와 RFID", "119 rfid", ["119", "RFID"]),
        ("아무 상관이 없다", "봉안당", []),
        ("", "봉안당", []),
    ],
)
def test_what_was_asked_is_marked_in_whole_signs(text, question, bold):
    assert _bold(text, question) == bold


def test_an_excerpt_shows_where_it_says_so():
    text = "앞에 긴 말이 있다. " * 20 + "여기서 봉안당을 넓혔다. " + "뒤에도 길다. " * 20
    found = excerpt(text, "봉안당", size=60)
    assert found.text.startswith("…")
    assert found.text.endswith("…")
    assert len(found.text) <= 62
    assert [piece for piece, asked in found.pieces() if asked] == ["봉안당"]
    assert "".join(piece for piece, _ in found.pieces()) == found.text


def test_a_short_text_is_its_own_excerpt():
    assert excerpt("봉안당 증축", "없는 말").text == "봉안당 증축"
    assert excerpt("가" * 200, "없는 말", size=50).text == "가" * 50 + "…"


def test_it_asks_back_when_it_is_not_sure(index):
    found = index.search("보도블록 공사 언제 하나요")
    assert not found.hits
    assert [hit.key for hit in found.near] == ["A-3"]
    assert NEAR <= found.chance < SURE


def test_two_first_letters_are_too_few_to_be_sure(index):
    assert not index.search("ㅂㅇ").hits
    assert [hit.key for hit in index.search("ㅂㅇ").near] == ["A-1"]


def test_it_is_the_surer_the_more_stands_there_and_the_less_elsewhere():
    assert chance(30, 0.5, 0.1) > chance(30, 0.3, 0.1) > chance(30, 0.3, 0.3)
    assert chance(10, 0.9, 0.9) >= SURE  # a word that stands in many: all of them fit
    assert chance(30, 0.0, 0.0) == 0
    assert chance(60, 0.4, 0.2) == chance(6_000, 0.4, 0.2)


def test_first_letters_may_go_on_over_several_words_but_not_over_a_line():
    found = Initials([(0, "추모공원 봉안당 증축"), (1, "ＣＣＴＶ 봉안당"), (2, "")])
    assert found.find("ㅊㅁㄱㅇㅂㅇㄷ") == {0: 1.0}
    assert found.find("ㅂㅇㄷㅈㅊ") == {0: 1.0}
    assert found.find("ㅂㅇㄷㅈ") == {0: 0.7}
    assert found.find("ㅂㅇㄷ") == {0: 1.0, 1: 1.0}
    assert found.find("ㅇㄷ") == {}
    assert found.find("ㅈㅊㅊㅊㅊㅊ") == found.find("ㅈㅊㅂㅇ") == {}
    assert Initials([]).find("ㅂㅇ") == {}


def test_an_index_built_range_by_range_is_the_one_built_at_once(index, monkeypatch):
    monkeypatch.setattr(columns, "_AT_ONCE", 7)
    monkeypatch.setattr(columns, "_SLICE", 50)
    parts = CaseIndex.build(SHELVES, WORDS)
    for text in ("보도블록 재사용", "악취 민원", "납골당", "예산을 아낀 일"):
        assert np.array_equal(parts.weigh(text), index.weigh(text))
        assert parts.search(text) == index.search(text)


def test_several_threads_may_ask_at_once(index):
    texts = ["보도블록 재사용", "악취 민원", "납골당", "ㅂㅇㄷ"] * 5
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(index.search, texts)) == [index.search(text) for text in texts]


def test_a_page_of_text_is_cut_to_what_is_rarest(index):
    page = "아무 상관 없는 말이 길게 이어진다. " * 5 + "".join(map(chr, range(0xAC00, 0xAF00)))
    asked = f"{page} 보도블록을 씻어 다시 깔아 예산을 아꼈다"
    assert index.rank(asked)[0] == "A-3"
