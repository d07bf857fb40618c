"""Nobody writes for ever to a mailbox that is not there, and one full mailbox ends nothing."""

from pathlib import Path

import pytest

from bot.handlers.mail_bounce import Returns
from bot.services import bounces, news_links, subscriptions
from bot.services.subscriptions import Wanted
from storage.repositories import subscriptions as repo
from storage.repositories.subscriptions import Subscription
from tests.services.conftest import Office
from tests.web.test_mail_bounce import BOX, group, letter, report

ONE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def reader(office: Office) -> int:
    peer = office.peer("mail", "hong@example.com")
    return office.do(lambda u: subscriptions.subscribe(office.svc, u, peer, Wanted(), "v1"))


def hit(office: Office, one: int, *, hard: bool) -> bool:
    return office.do(lambda u: bounces.hit(office.svc, u, one, hard=hard))


def row(office: Office, one: int) -> Subscription:
    found = office.see(lambda u: repo.get(u, one))
    assert found is not None
    return found


def test_a_mailbox_that_is_not_there_ends_it_at_once(office: Office) -> None:
    one = reader(office)
    assert hit(office, one, hard=True)
    assert (row(office, one).state, row(office, one).why) == ("off", "bounced")
    assert not hit(office, one, hard=True)
    assert not hit(office, 4711, hard=True)


def test_what_may_pass_ends_it_at_the_third_time_within_thirty_days(office: Office) -> None:
    one = reader(office)
    assert not hit(office, one, hard=False)
    office.clock.advance(days=14)
    assert not hit(office, one, hard=False)
    office.clock.advance(days=15)
    assert hit(office, one, hard=False)
    assert row(office, one).why == "bounced"
    assert not hit(office, one, hard=False)


def test_what_is_long_ago_is_forgotten(office: Office) -> None:
    one = reader(office)
    for _ in range(5):
        assert not hit(office, one, hard=False)
        office.clock.advance(days=16)
    assert row(office, one).state == "on"


def test_who_asks_again_begins_anew(office: Office) -> None:
    one = reader(office)
    hit(office, one, hard=False)
    hit(office, one, hard=True)
    assert reader(office) == one
    assert (row(office, one).state, row(office, one).soft) == ("on", 0)


@ONE
@pytest.mark.parametrize(
    ("code", "gone", "state", "soft"),
    [
        ("mail_nobody", True, "off", 0),
        ("mail_address", False, "off", 0),
        ("mail_refused", False, "on", 1),
        ("later", False, "on", 1),
        ("render", False, "on", 0),
        ("sealed", False, "on", 0),
    ],
)
def test_a_refusal_at_sending_counts_as_what_it_says(
    office: Office, code: str, gone: bool, state: str, soft: int
) -> None:
    one = reader(office)
    peer = row(office, one).peer_id
    ended = office.do(lambda u: bounces.refused(office.svc, u, peer, code, gone=gone))
    assert ended is (state == "off")
    assert (row(office, one).state, row(office, one).soft) == (state, soft)
    assert not office.do(lambda u: bounces.refused(office.svc, u, 4711, code, gone=gone))


def token(office: Office, one: int) -> str:
    return office.see(lambda u: news_links.token(u, one))


def failed(mark: str, status: str = "5.1.1") -> bytes:
    said = group(Action="failed", Status=status)
    return report(
        "delivery-status", group(Reporting_MTA="x"), said, to=BOX.replace("@", f"+{mark}@")
    )


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    return tmp_path / "box"


def post(office: Office, maildir: Path | None = None) -> Returns:
    return Returns(office.store, office.svc, BOX, maildir)


def test_a_report_in_the_mailbox_ends_the_subscription_and_is_taken_away(
    office: Office, maildir: Path
) -> None:
    one = reader(office)
    (maildir / "new" / "1.a").write_bytes(failed(token(office, one)))
    assert post(office, maildir).look() == 1
    assert row(office, one).why == "bounced"
    assert list((maildir / "new").iterdir()) == []


@ONE
def test_the_same_report_twice_counts_once(office: Office) -> None:
    one = reader(office)
    raw = failed(token(office, one), "4.2.2")
    for _ in range(4):
        assert post(office).take(raw) is False
    assert row(office, one).soft == 1


@ONE
def test_a_mark_that_we_never_made_ends_nothing(office: Office) -> None:
    one = reader(office)
    ours = token(office, one)
    forged = ("b" if ours[-1] != "b" else "c") + ours[1:]
    assert post(office).take(failed(forged)) is False
    assert row(office, one).state == "on"


@ONE
def test_who_writes_unsubscribe_is_let_go_as_by_himself(office: Office) -> None:
    one = reader(office)
    to = BOX.replace("@", f"+{token(office, one)}@")
    assert post(office).take(letter(To=to, Subject="unsubscribe")) is True
    assert row(office, one).why == "self"


@ONE
def test_what_is_not_understood_stays_and_is_told_once(office: Office, maildir: Path) -> None:
    new = maildir / "new"
    (new / "1.person").write_bytes(letter(To=BOX, Subject="질문"))
    (new / "2.large").write_bytes(b"x" * 1_000_001)
    (new / "3.folder").mkdir()
    (new / "4.link").symlink_to(maildir)
    (new / "5.machine").write_bytes(letter(To=BOX, Subject="휴가", Auto_Submitted="auto-replied"))
    box = post(office, maildir)
    assert box.look() == 1
    assert sorted(one.name for one in new.iterdir()) == [
        "1.person",
        "2.large",
        "3.folder",
        "4.link",
    ]
    assert box.look() == 0
    (new / "6.machine").write_bytes(letter(To=BOX, Subject="휴가", Auto_Submitted="auto-replied"))
    assert box.look() == 1
    (new / "1.person").unlink()
    assert box.look() == 0
    assert box._left == {"2.large", "3.folder", "4.link"}


@ONE
def test_without_a_mailbox_there_is_nothing_to_look_at(office: Office) -> None:
    assert post(office).look() == 0
