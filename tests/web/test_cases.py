"""Published cases on pages of their own: listed, searched, read; no words in any address."""

from datetime import UTC, datetime

import pytest

from knowledge.cases import UNSAID, Case
from storage.repositories import cases
from tests.web.browse import Browser

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def has(city, case: Case, origin: str = "written") -> None:
    """Put a row into the table of cases."""
    more = {"origin": origin, "made_at": NOW, "changed_at": NOW, "version": 1, "reason": ""}

    def work(unit) -> None:
        cases.add(unit, [{**cases.to_row(case), **more}])
        cases.touched(unit)

    city.store.transact(work, f"case {case.ref}")


def search(client, words: str, **more: str):
    return client.post("/cases", data={"words": words, **more}, follow_redirects=False)


def test_what_is_published_is_listed_page_by_page_and_narrowed_by_the_address(client) -> None:
    whole = client.get("/cases")
    assert "공개한 사례 125건" in whole.text
    assert whole.headers["cache-control"] == "public, max-age=60"
    assert whole.text.count('<li class="card"') == 20
    second = client.get("/cases?page=2")
    assert "7쪽 가운데 2쪽" in second.text
    assert client.get("/cases?page=99").status_code == 200
    few = client.get("/cases", params={"region": "부산", "year": "2025"})
    assert "이 조건에 맞는 사례 16건" in few.text
    assert "보건" in few.text
    none = client.get("/cases", params={"field": "<b>없음</b>", "year": "쀍", "page": "-1"})
    assert "이 조건에 맞는 사례가 없어요" in none.text
    assert "<b>없음" not in none.text


def test_words_are_searched_from_the_body_and_marked_where_they_stand(client) -> None:
    found = search(client, "납골당")
    assert found.status_code == 200
    assert found.headers["cache-control"] == "no-store"
    assert "부산추모공원 <mark>봉안당</mark> 증축" in found.text
    assert "&#39;납골당&#39;은 &#39;봉안당&#39;" in found.text
    assert "납골당" not in str(found.url)
    assert "맞는 사례를 찾지 못했어요" in search(client, "zzz qqq 쀍").text
    assert "봉안당" not in search(client, "봉안당", region="경기").text.split("aria-live")[1]


def test_without_words_the_list_is_meant(client) -> None:
    answer = search(client, " 사례 ", region="부산", year="2025")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/cases?region=")


@pytest.mark.parametrize("path", ["/cases", "/cases/AC-001"])
def test_the_pages_speak_english_around_korean_cases(client, path: str) -> None:
    page = client.get(f"{path}?lang=en")
    assert "in Korean" in page.text
    assert 'lang="ko"' in page.text


def test_a_case_has_an_address_of_its_own_with_all_that_is_known(client) -> None:
    page = client.get("/cases/AC-001")
    assert "<h1>부산추모공원 봉안당 증축</h1>" in page.text
    assert '<link rel="canonical" href="https://talk.gaon.example/cases/AC-001">' in page.text
    assert '<meta name="description"' in page.text
    assert 'href="https://www.newspim.com/news/view/20251128000022"' in page.text
    assert "www.newspim.com에서 원문 보기" in page.text
    assert page.headers["cache-control"] == "public, max-age=60"
    titled = client.get("/cases/AC-003").text
    assert "출처에 제목과 뽑힌 사실만" in titled
    assert UNSAID not in titled
    passive = client.get("/cases/P002").text
    assert "어느 직원을 탓하려는 것이 아니에요" in passive
    assert "http://www.news4000.com" in passive
    assert 'href="http://' not in passive


def test_what_was_withdrawn_says_so_and_what_never_was_is_not_there(client, city) -> None:
    assert client.get("/cases/AC-002").status_code == 200
    has(city, Case("AC-002", "내린 사례", status="withdrawn"), "shipped")
    gone = client.get("/cases/AC-002")
    assert gone.status_code == 410
    assert "내린 사례예요" in gone.text
    assert client.get("/cases/AC-2").status_code == 404
    assert client.get("/cases/" + "가" * 3000).status_code == 404


def test_hostile_words_stay_words(client, city) -> None:
    bad = "<script>alert(1)</script> \" onmouseover=x '"
    has(
        city,
        Case(
            "C-1",
            bad,
            agency=bad,
            problem=bad,
            action=bad,
            source="javascript:alert(1)",
            law=bad,
            status="published",
        ),
    )
    page = client.get("/cases/C-1")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert 'href="javascript' not in page.text
    assert "<script>alert" not in search(client, bad).text


def test_the_way_to_the_cases_stands_on_every_page(client) -> None:
    assert 'href="/cases"' in client.get("/").text
    assert Browser(client).open("/cases").forms


def test_a_neighbour_who_searches_all_the_time_has_to_wait(client) -> None:
    codes = {search(client, f"봉안당 {n}").status_code for n in range(140)}
    assert codes == {200, 429}
