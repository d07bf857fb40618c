"""Too many newcomers: a machine that works a little comes in, a person without one may wait."""

from dataclasses import replace
from itertools import count

import pytest
from starlette.testclient import TestClient

from bot.handlers.chat.proofs import BITS, LIVES, Proofs, zeros
from bot.handlers.public import application
from tests.web.city import City
from tests.web.reporter import HERE


@pytest.fixture
def full(city: City) -> City:
    """Make a city whose hour of newcomers is spent."""
    site = city.site.model_copy(update={"budget_newcomers": 8})
    city.receiver.parts = replace(city.receiver.parts, svc=replace(city.svc, site=site))
    for n in range(2):
        assert come(fresh(city), f"a{n}").status_code == 200
    return city


def fresh(city: City) -> TestClient:
    return TestClient(application(city.parts), base_url=HERE)


def come(client: TestClient, call: str, proof: str = ""):
    headers = {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}
    if proof:
        headers["X-Proof"] = proof
    return client.post("/api/chat", json={"id": call, "command": "start"}, headers=headers)


def work(challenge: str) -> str:
    """Do what the page's script does."""
    return next(text for n in count() if zeros(text := f"{challenge}:{n}") >= BITS)


def test_a_newcomer_above_the_budget_is_asked_for_work_and_then_let_in(full: City):
    browser = fresh(full)
    asked = come(browser, "b1")
    assert asked.status_code == 503
    assert asked.json()["code"] == "crowded"
    assert "전화" in asked.json()["detail"]
    assert int(asked.headers["retry-after"]) >= 5
    proof = work(asked.json()["proof"]["challenge"])
    assert come(browser, "b2", proof).status_code == 200
    assert come(fresh(full), "b3", proof).json()["code"] == "overloaded"  # once each


def test_whoever_is_here_already_is_asked_nothing(city: City, full: City):
    known = fresh(city)
    challenge = come(known, "c1").json()["proof"]["challenge"]
    assert come(known, "c2", work(challenge)).status_code == 200
    assert come(known, "c3").status_code == 200


def test_work_that_was_not_done_or_is_old_or_is_not_ours_opens_nothing(full: City):
    proofs = Proofs(full.parts)
    challenge = str(proofs.ask()["challenge"])
    good = work(challenge)
    assert proofs.read(good)
    lazy = next(text for n in count() if zeros(text := f"{challenge}:{n}") < BITS)
    forged = work(f"{challenge[:-2]}{'00' if challenge[-2:] != '00' else '11'}")
    for bad in ("", "x", lazy, forged, good + "x" * 300):
        assert proofs.read(bad) == ""
    full.clock.move(seconds=LIVES + 1)
    assert proofs.read(good) == ""


def test_without_a_script_the_page_says_to_wait_or_to_telephone(full: City):
    headers = {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}
    answer = fresh(full).post("/plain", data={"id": "d1", "command": "start"}, headers=headers)
    assert answer.status_code == 503
    assert "1분쯤 뒤에" in answer.text
    assert full.site.call in answer.text
