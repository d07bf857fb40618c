"""Published cases as JSON, for anybody's client."""

from knowledge.cases import Case
from tests.web.test_cases import has

PROBLEM = "application/problem+json"
JSON = {"content-type": "application/json"}


def test_what_is_published_is_listed_with_what_it_can_be_narrowed_by(client) -> None:
    answer = client.get("/api/cases").json()
    assert (answer["total"], answer["page"], answer["pages"]) == (125, 1, 4)
    assert len(answer["cases"]) == 40
    assert {"value": "부산", "count": 25} in answer["facets"]["region"]
    few = client.get("/api/cases", params={"region": "부산", "year": "2025", "page": 1}).json()
    assert few["total"] == len(few["cases"]) == 16
    assert few["cases"][0]["url"].startswith("https://talk.gaon.example/cases/")
    for wrong in ({"page": "0"}, {"year": "x"}, {"kind": "x"}, {"q": "봉안당"}):
        refused = client.get("/api/cases", params=wrong)
        assert refused.status_code == 422
        assert refused.headers["content-type"] == PROBLEM
        assert "봉안당" not in refused.text


def test_words_are_searched_from_the_body(client) -> None:
    found = client.post("/api/cases/search", json={"text": "납골당", "limit": 3}).json()
    assert found["sure"]
    assert found["hits"][0]["case"]["ref"] == "AC-001"
    assert 0 < found["hits"][0]["score"] <= 1
    assert found["meant"][0]["official"]
    none = client.post("/api/cases/search", json={"text": "zzz qqq 쀍"}).json()
    assert (none["hits"], none["sure"]) == ([], False)
    narrowed = {"text": "봉안당", "region": "경기", "year": "2024", "kind": "active"}
    refs = [
        hit["case"]["region"]
        for hit in client.post("/api/cases/search", json=narrowed).json()["hits"]
    ]
    assert set(refs) <= {"경기"}
    for wrong in ({}, {"text": ""}, {"text": "x" * 401}, {"text": "x", "limit": 0}, {"text": 1}):
        assert client.post("/api/cases/search", json=wrong).status_code == 422
    assert client.post("/api/cases/search", content=b"{", headers=JSON).status_code == 400
    assert client.post("/api/cases/search", json={"text": "  ...  "}).json()["hits"] == []


def test_a_search_is_never_an_address(client) -> None:
    assert client.get("/api/cases/search?text=봉안당").status_code == 404


def test_one_case_is_read_with_all_that_is_known_and_what_is_like_it(client, city) -> None:
    one = client.get("/api/cases/AC-001").json()
    assert one["link"] == one["source"] == "https://www.newspim.com/news/view/20251128000022"
    assert one["problem"]
    assert one["ref"] not in {other["ref"] for other in one["alike"]}
    assert client.get("/api/cases/P002").json()["link"] is None
    has(city, Case("AC-001", "내린 사례", status="withdrawn"), "shipped")
    gone = client.get("/api/cases/AC-001")
    assert (gone.status_code, gone.json()["code"]) == (410, "gone")
    missing = client.get("/api/cases/AC-9999")
    assert (missing.status_code, missing.json()["code"]) == (404, "missing")


def test_whoever_searches_all_the_time_has_to_wait(client) -> None:
    codes = [client.post("/api/cases/search", json={"text": "봉안당"}) for _ in range(130)]
    assert codes[-1].status_code == 429
    assert int(codes[-1].headers["retry-after"]) >= 1
