import json

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from bot.services import handover
from storage.repositories import dialogs
from storage.repositories import peers as addresses
from tests.web.reporter import HERE, Reporter, enter


def telegram(city) -> tuple[int, str, str]:
    """Begin a report on Telegram and ask for the agency's page."""

    def work(unit):
        peer = addresses.ensure(unit, "telegram", "77", "4711", "ko", city.clock())
        state = {
            "form": "passive_report",
            "version": 1,
            "turn": 4,
            "at": "prior",
            "started": city.clock().isoformat(),
        }
        dialogs.save(
            unit, peer, "passive_report", json.dumps(state).encode(), city.clock(), read=0
        )
        addresses.touch(unit, peer.id, city.clock(), turn=4)
        link = handover.dialog_link(city.svc, unit, peer.id)
        return peer.id, link.url.partition("#")[2], link.nn

    return city.store.transact(work, None)


def post(client, path, **body):
    return client.post(path, json=body)


def test_opening_or_looking_at_a_link_uses_nothing_up(city, client):
    _, secret, nn = telegram(city)
    for _ in range(3):
        assert client.get("/c").status_code == 200
        assert post(client, "/c/look", secret=secret).json() == {
            "kind": "dialog",
            "channel": "텔레그램",
        }
    assert post(client, "/c", secret=secret, digits=nn).json() == {"go": "/"}


def test_a_redeemed_link_moves_the_dialog_and_works_no_second_time(city, client):
    peer_id, secret, nn = telegram(city)
    answer = post(client, "/c", secret=secret, digits=nn)
    assert answer.status_code == 200
    assert "__Host-chat=" in answer.headers["set-cookie"]
    assert "옮겨" in Reporter(client).say(command="resume")[-1]["text"]
    assert Reporter(client, "n").say(command="continue")[-1]["step"] == "prior"
    assert city.store.read(lambda unit: dialogs.get(unit, addresses.get(unit, peer_id))) is None
    again = post(TestClient(client.app, base_url=HERE), "/c", secret=secret, digits=nn)
    assert (again.status_code, again.json()["code"]) == (422, "gone")


def test_a_draft_of_this_browser_gives_way_only_when_its_writer_says_so(city, client):
    _, secret, nn = telegram(city)
    Reporter(client).say(command="report")
    asked = post(client, "/c", secret=secret, digits=nn)
    assert (asked.status_code, asked.json()["code"]) == (422, "draft")
    assert "지워져요" in asked.json()["detail"]
    assert Reporter(client, "n").say(command="continue")[-1]["step"] == "prior"
    assert post(client, "/c", secret=secret, digits=nn, over=True).json() == {"go": "/"}


def test_a_menu_is_no_draft(city, client):
    _, secret, nn = telegram(city)
    Reporter(client).say(command="start")
    assert post(client, "/c", secret=secret, digits=nn).json() == {"go": "/"}


@pytest.mark.parametrize("kind", ["dialog", "code"])
def test_a_link_whose_commit_got_no_answer_has_done_its_work_once(city, client, filed, kind):
    if kind == "dialog":
        _, secret, nn = telegram(city)
        path, said = "/c", {"secret": secret, "digits": nn, "over": True}
    else:
        link = city.store.transact(lambda unit: handover.code_link(city.svc, unit, 1), None)
        path, said = "/k", {"secret": link.url.partition("#")[2]}
    lost = iter([True])

    def commit(transaction):
        transaction.commit()
        if next(lost, False):
            raise sa.exc.OperationalError("COMMIT", {}, Exception(), connection_invalidated=True)

    client.get("/c")
    city.store.commit = commit
    assert post(client, path, **said).status_code == 200
    assert post(client, path, **said).json()["code"] == "gone"


def test_three_wrong_numbers_end_a_link(city, client):
    _, secret, nn = telegram(city)
    other = "10" if nn != "10" else "11"
    for _ in range(3):
        assert post(client, "/c", secret=secret, digits=other).json()["code"] == "wrong"
    assert post(client, "/c", secret=secret, digits=nn).json()["code"] == "gone"
    assert not client.cookies


def test_a_link_ends_after_a_quarter_of_an_hour(city, client):
    _, secret, nn = telegram(city)
    city.clock.move(minutes=16)
    assert post(client, "/c/look", secret=secret).json()["code"] == "gone"
    assert post(client, "/c", secret=secret, digits=nn).json()["code"] == "gone"


@pytest.mark.parametrize(
    "body",
    [{}, {"secret": "x"}, {"secret": "a" * 22, "digits": 12}, {"secret": "a" * 22, "more": 1}, []],
)
def test_a_knock_of_another_shape_is_a_problem(client, body):
    answer = client.post("/c", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_code_link_shows_a_new_code_once_and_the_old_one_dies(city, client, filed, browser):
    def work(unit):
        return handover.code_link(city.svc, unit, 1).url.partition("#")[2]

    secret = city.store.transact(work, None)
    found = post(client, "/k", secret=secret).json()
    assert found["number"] == filed["number"]
    assert found["code"] != filed["code"]
    assert post(client, "/k", secret=secret).json()["code"] == "gone"
    assert enter(browser, filed["number"], filed["code"]).status == 422
    assert enter(browser, filed["number"], found["code"]).status == 200


def test_links_are_tried_only_so_often(city, client):
    for number in range(30):
        answer = post(client, "/c", secret=f"{number:022d}", digits="11")
    assert answer.status_code == 429


def test_a_code_that_was_kept_is_noted(client, filed):
    right = post(client, "/kept", number=filed["number"], code=filed["code"].lower())
    assert right.json() == {"right": True}
    wrong = post(client, "/kept", number=filed["number"], code="AAAA")
    assert wrong.json() == {"right": False}
    assert post(client, "/kept", number=filed["number"]).status_code == 422
