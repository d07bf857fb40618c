"""Finding by words: in memory, of one's own scope, noted without the words (security S28)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import Refused
from bot.services import house, views
from bot.services.history import History
from bot.services.search import AGE, IDLE, Found, Searches
from knowledge.postings import Postings, window
from storage.repositories import guards
from tests.desk.conftest import Desk
from tests.desk.forms import Page
from tests.services.conftest import Office, answers

LAMP = "가로등이 두 달째 꺼져 있어 밤길이 무서워요. 연락은 010-9876-5432로 주세요."
ROAD = "중앙시장 앞 길이 파여서 세 번 전화했어요."


@pytest.fixture
def waiting() -> list[tuple[float, Callable[[], None]]]:
    return []


@pytest.fixture
def searches(waiting) -> Searches:
    return Searches(lambda seconds, work: waiting.append((seconds, work)))


@pytest.fixture
def lamp(office: Office) -> str:
    return office.investigating(answers(what=LAMP), address="lamp").number


@pytest.fixture
def road(office: Office) -> str:
    return office.investigating(answers(what=ROAD), address="road").number


def find(office: Office, searches: Searches, who: str, words: str) -> list[str]:
    return [hit.row.number for hit in look(office, searches, who, words).hits]


def look(office: Office, searches: Searches, who: str, words: str) -> Found:
    return searches.find(office.svc, office.store, office.people[who], words)


@pytest.mark.parametrize(
    "words", ["가로등", "가로등이 꺼져", "가로등이꺼져", "가로둥이 꺼져", "밤길", "꺼 져"]
)
def test_words_are_found_whatever_their_spaces_and_small_mistakes(
    office: Office, searches: Searches, lamp: str, road: str, words: str
):
    assert find(office, searches, "choi", words) == [lamp]


def test_a_short_word_stands_for_what_begins_with_it(office, searches, lamp, road):
    assert set(find(office, searches, "choi", "길이")) == {lamp, road}
    assert find(office, searches, "choi", "없는말입니다") == []
    with pytest.raises(Refused, match=r"search\.short"):
        look(office, searches, "choi", " 1 ")


def test_who_reported_cannot_be_searched_for(office, searches, lamp):
    for words in ("홍길동", "중앙로 12", "hong@example.com"):
        assert find(office, searches, "choi", words) == []


def test_a_snippet_is_for_who_has_opened_the_report(office, searches, lamp, road):
    assert [hit.snippet for hit in look(office, searches, "park", "가로등").hits] == [""]
    park = office.people["park"]
    office.do(lambda u: views.declare(office.svc, u, park, lamp, conflict=False))
    (hit,) = look(office, searches, "park", "가로등").hits
    assert hit.snippet.startswith("가로등이 두 달째")


def test_a_report_that_is_hidden_meanwhile_is_found_by_nobody_even_in_a_made_index(
    office, searches, lamp, road
):
    assert find(office, searches, "choi", "가로등") == [lamp]
    filing, choi = office.filing(lamp), office.people["choi"]
    office.do(
        lambda u: guards.add(u, filing.id, user_id=choi.user_id, confirmed_at=office.clock())
    )
    assert find(office, searches, "choi", "가로등") == []
    assert find(office, searches, "choi", "중앙시장") == [road]


def test_an_auditor_searches_his_own_and_nobody_elses(office, searches, lamp, road):
    office.act("kim", road, "reassign", handler="lim")
    assert find(office, searches, "park", "중앙시장") == []
    assert find(office, searches, "lim", "중앙시장") == [road]
    assert find(office, searches, "lim", "가로등") == []


def test_what_comes_later_is_found_and_one_index_serves_the_like(office, searches, lamp):
    assert find(office, searches, "choi", "중앙시장") == []
    new = [
        office.investigating(answers(what=f"{ROAD} {n}"), address=f"n{n}").number
        for n in range(12)
    ]
    assert set(find(office, searches, "choi", "중앙시장")) == set(new)
    assert len(searches) == 2  # a scope of one grew to thirteen: made anew
    later = office.investigating(answers(what="분수대가 고장났어요"), address="z").number
    assert find(office, searches, "choi", "분수대") == [later]
    assert len(searches) == 2  # one more of thirteen: brought up to date


def test_an_index_that_rests_is_dropped_and_none_outlives_a_day(office, searches, lamp, waiting):
    find(office, searches, "choi", "가로등")
    assert len(searches) == 1
    office.clock.advance(seconds=IDLE.total_seconds() + 1)
    seconds, sweep = waiting[-1]
    assert seconds > IDLE.total_seconds()
    sweep()
    assert len(searches) == 0
    find(office, searches, "choi", "가로등")
    for _ in range(int(AGE / timedelta(minutes=10)) + 1):
        office.clock.advance(minutes=10)
        searches.sweep(office.clock())
        if len(searches):
            searches._kept[0].used = office.clock()  # somebody searches on
    assert len(searches) == 0


def test_the_event_of_a_search_has_who_and_how_many_and_no_word(office, searches, lamp):
    look(office, searches, "park", "가로등")
    told = office.see(lambda u: History(u, house.HOUSE).all)
    event = next(one for one in reversed(told) if one.kind == "searched")
    assert event.actor == office.people["park"].mark
    assert event.detail == {"hits": 1}


def test_the_page_takes_words_in_a_form_and_keeps_them_out_of_every_address(
    room: Desk, office: Office, lamp: str, road: str, tmp_path: Path
):
    choi = room.seat("choi")
    choi.open(lamp)
    form = choi.get("/search").form("/search")
    assert form.method == "post"
    answer = choi.send("/search", form, words="가로등")
    assert answer.status_code == 200
    page = Page(answer.text)
    assert lamp in page.text
    assert road not in page.text
    assert "두 달째" in page.text
    assert all("가로등" not in link for link in page.links)
    short = choi.send("/search", form, words="1")
    assert short.status_code == 422
    assert "두 글자 이상" in Page(short.text).text
    stored = b"".join(one.read_bytes() for one in tmp_path.rglob("*") if one.is_file())
    assert "가로등".encode() not in stored


def test_who_reads_no_content_has_no_search(room: Desk):
    for who in ("seo", "han", "lee"):
        assert room.seat(who).status("/search") == 404


def test_counts_of_runs_weigh_and_a_removed_text_weighs_nothing():
    index = Postings()
    index.add(1, "도로 도로 도로")
    index.add(2, "도로와 아주 다른 많은 이야기가 길게 이어지는 글")
    assert index.find("도로", 5) == [1, 2]
    assert index.find("도로", 1) == [1]
    index.remove(1)
    assert index.find("도로", 5) == [2]
    assert (len(index), index.keys(), index.waste) == (1, frozenset({2}), 0.5)
    assert index.find("", 5) == []
    assert Postings().find("도로", 5) == []
    assert Postings().waste == 0


def test_a_window_shows_where_most_of_it_stands():
    text = "처음에는 다른 말이 " * 20 + "가로등이 꺼졌어요" + " 뒤의 말" * 40
    piece = window(text, "가로등 꺼져")
    assert "가로등이 꺼졌어요" in piece
    assert piece.startswith("…")
    assert piece.endswith("…")
    assert window("짧은 글", "없음") == "짧은 글"


def test_several_who_search_at_once_each_find_their_own(office, searches, lamp, road):
    office.act("kim", road, "reassign", handler="lim")
    asked = [("choi", {lamp, road}), ("park", {lamp}), ("lim", {road})] * 4
    with ThreadPoolExecutor(4) as threads:
        found = threads.map(
            lambda who: set(find(office, searches, who, "전화 연락")), [a for a, _ in asked]
        )
        assert list(found) == [wanted for _, wanted in asked]
