"""The second factor: enrolled once, asked each time, good once (RFC 6238; security S30)."""

import re
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from bot.cli.doctor import place
from bot.services import access, guesses, signing, totp
from bot.services.signing import Caller
from storage import models
from tests.desk.conftest import BASE, Desk, Seat, database, make
from tests.desk.forms import Page
from tests.desk.stage import PASSWORD
from tests.services.conftest import Office
from tests.signing_in.conftest import digits, give_password, knock, show

__all__ = ["database"]  # pages run on one database, services on both
SECRET = re.compile(r"[A-Z2-7]{4}(?: [A-Z2-7]{4}){7}")
PAPER = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")


def enrolled(seat: Seat, office: Office, login: str = "park") -> tuple[str, list[str]]:
    """Sign in for the first time; gives the secret and the codes on paper."""
    assert knock(seat, login).headers["location"].startswith("/desk/enrol")
    secret = SECRET.search(seat.get("/enrol").text)[0].replace(" ", "")
    answer = show(seat, digits(office, secret), "/enrol")
    assert answer.status_code == 200
    return secret, PAPER.findall(Page(answer.text).text)


def inside(seat: Seat) -> bool:
    return seat.client.get(f"{BASE}/filings", follow_redirects=False).status_code == 200


def leave(seat: Seat) -> None:
    seat.post("/sign-out", seat.get("/filings").form("/sign-out").fields)


def test_a_password_alone_opens_nothing(door: Seat, strict: Office):
    answer = knock(door, next_="/tasks")
    assert answer.headers["location"] == "/desk/enrol?next=/tasks"
    assert "__Host-desk=" not in str(answer.headers)
    assert not inside(door)


def test_the_first_sign_in_lets_a_telephone_learn_and_gives_ten_codes_on_paper(
    door: Seat, strict: Office
):
    secret, paper = enrolled(door, strict)
    assert len(set(paper)) == 10
    assert inside(door)
    row = strict.see(lambda u: u.conn.execute(sa.select(models.second_factors)).one())
    assert secret.encode() not in row.secret
    hashes = strict.see(lambda u: u.conn.scalars(sa.select(models.recovery_codes.c.hash)).all())
    assert len(hashes) == 10
    assert not any(code.encode() in one for code in paper for one in hashes)


def test_the_picture_is_drawn_for_who_is_half_way_and_kept_by_no_cache(door: Seat):
    assert door.status("/enrol/qr.svg") == 404
    knock(door)
    answer = door.client.get(f"{BASE}/enrol/qr.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["cache-control"] == "no-store"
    assert "<script" not in answer.text
    assert "style=" not in answer.text


def test_later_a_code_of_the_telephone_opens_the_desk_once(door: Seat, strict: Office, room: Desk):
    secret, _ = enrolled(door, strict)
    leave(door)
    strict.clock.advance(seconds=60)
    answer = knock(door, next_="/tasks")
    assert answer.headers["location"] == "/desk/second?next=/tasks"
    code = digits(strict, secret)
    answer = show(door, code)
    assert answer.status_code == 303
    assert inside(door)
    other = room.seat()
    knock(other)
    wrong = show(other, code)
    assert wrong.status_code == 401
    assert "이미 썼습니다" in Page(wrong.text).text
    assert not inside(other)


@pytest.mark.parametrize(
    ("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_code_is_good_a_step_early_or_late_and_no_more(strict: Office, steps, good):
    park = strict.people["park"]
    secret = totp.new_secret(strict.svc)
    strict.do(lambda u: totp.enrol(strict.svc, u, park, secret, digits(strict, secret)))
    strict.clock.advance(minutes=5)
    code = digits(strict, secret, steps)
    assert strict.do(lambda u: totp.shows(strict.svc, u, park.user_id, code)) == good
    again = digits(strict, secret, steps)
    assert not strict.do(lambda u: totp.shows(strict.svc, u, park.user_id, again))


def test_a_rehearsal_s_moved_clock_does_not_move_the_telephone(strict: Office):
    park = strict.people["park"]
    secret = totp.new_secret(strict.svc)
    code = digits(strict, secret)
    moved = sa.update(models.instance).values(clock_offset=86400)
    strict.do(lambda u: u.conn.execute(moved))
    strict.clock.advance(days=1)
    assert strict.do(lambda u: totp.enrol(strict.svc, u, park, secret, code))


def test_of_two_who_enrol_at_once_the_second_begins_again(strict: Office):
    park = strict.people["park"]
    half = strict.do(lambda u: signing.half(strict.svc, u, park.user_id, "enrol"))
    secret = totp.new_secret(strict.svc)
    strict.do(lambda u: totp.enrol(strict.svc, u, park, secret, digits(strict, secret)))
    kept = strict.see(lambda u: signing.halfway(strict.svc, u, half.secret)).secret
    code = digits(strict, kept)
    with pytest.raises(Exception, match=r"access.half_gone"):
        signing.finish(strict.svc, strict.store, half.secret, code, Caller("n"), "x")


def test_after_a_late_code_no_earlier_one_is_good(strict: Office):
    park = strict.people["park"]
    secret = totp.new_secret(strict.svc)
    strict.do(lambda u: totp.enrol(strict.svc, u, park, secret, digits(strict, secret)))
    strict.clock.advance(minutes=5)
    for steps, good in ((1, True), (0, False), (-1, False)):
        code = digits(strict, secret, steps)
        assert strict.do(lambda u, c=code: totp.shows(strict.svc, u, park.user_id, c)) == good


def test_a_code_on_paper_works_once_for_its_owner_and_is_told(door: Seat, strict: Office, room):
    _, paper = enrolled(door, strict)
    leave(door)
    knock(door)
    assert show(door, f" {paper[3].lower().replace('-', ' ')} ").status_code == 303
    assert inside(door)
    mails = [str(reply) for reply in strict.sent("mail")]
    assert any("paper_used" in one for one in mails)
    leave(door)
    knock(door)
    assert show(door, paper[3]).status_code == 401
    assert show(door, paper[4]).status_code == 303
    give_password(strict, "lim")
    other = room.seat()
    enrolled(other, strict, "lim")
    leave(other)
    knock(other, "lim")
    assert show(other, paper[5]).status_code == 401


def test_half_way_ends_after_five_minutes(door: Seat, strict: Office):
    enrolled(door, strict)
    leave(door)
    knock(door)
    strict.clock.advance(minutes=5)
    answer = door.client.get(f"{BASE}/second", follow_redirects=False)
    assert answer.headers["location"] == "/desk/sign-in?note=half_gone"


def test_five_wrong_codes_ask_for_the_password_again(door: Seat, strict: Office):
    secret, _ = enrolled(door, strict)
    leave(door)
    strict.clock.advance(minutes=5)
    half = strict.do(lambda u: signing.half(strict.svc, u, strict.people["park"].user_id, "code"))
    for n in range(signing.TRIES):
        caller = Caller(f"n{n}")  # from elsewhere each time: it is the ticket that ends
        with pytest.raises(Exception, match=r"totp.wrong"):
            signing.finish(strict.svc, strict.store, half.secret, "000000", caller, f"t{n}")
    right = digits(strict, secret)
    with pytest.raises(Exception, match=r"access.half_gone"):
        signing.finish(strict.svc, strict.store, half.secret, right, Caller("m"), "t")


def test_a_reset_ends_sessions_tells_two_and_the_next_sign_in_enrols_anew(
    door: Seat, strict: Office
):
    enrolled(door, strict)
    user_id = strict.people["park"].user_id
    strict.do(lambda u: totp.reset(strict.svc, u, user_id))
    assert not inside(door)
    assert not strict.see(lambda u: totp.has(u, user_id))
    assert len([one for one in strict.sent("mail") if "totp_reset" in str(one)]) == 2
    assert knock(door).headers["location"].startswith("/desk/enrol")


def test_an_invitation_leads_from_the_password_straight_to_the_telephone(
    room: Desk, strict: Office
):
    made = strict.do(lambda u: access.invite(strict.svc, u, None, strict.people["lim"].user_id))
    seat = room.seat()
    form = seat.get("/invite").form("/invite")
    words = {"ticket": made.secret, "password": PASSWORD, "again": PASSWORD}
    answer = seat.send("/invite", form, **words)
    assert answer.headers["location"] == "/desk/enrol?next=/"
    assert "인증 앱 등록" in seat.get("/enrol").text


def test_where_the_site_leaves_it_open_one_step_is_enough_until_somebody_enrols(build):
    office = build(totp="optional")
    give_password(office, "park")
    seat = make(office).seat()
    assert knock(seat).headers["location"] == "/desk/"
    page = seat.get("/me")
    assert "아직 등록하지 않았습니다" in page.text
    answer = seat.client.get(f"{BASE}/me/enrol", follow_redirects=False)
    assert answer.headers["location"] == "/desk/enrol?next=/me"
    secret = SECRET.search(seat.get("/enrol").text)[0]
    assert show(seat, digits(office, secret), "/enrol").status_code == 200
    leave(seat)
    assert knock(seat).headers["location"] == "/desk/second?next=/"


def test_a_browser_that_is_known_is_known_to_its_official_alone_and_for_ninety_days(
    strict: Office,
):
    token = strict.do(lambda u: guesses.remember(u, "park", strict.clock()))

    def known(login: str, given: str = token) -> bool:
        return strict.see(lambda u: bool(guesses.recognised(u, login, given, strict.clock())))

    assert known("park")
    assert known("PARK ")
    assert not known("lim")
    nonce, until, mac = token.split(".")
    for forged in (
        f"{nonce}.{int(until) + 1}.{mac}", f"x{nonce}.{until}.{mac}", f"{nonce}.{until}.00",
        "", "a.b.c", f"{nonce}.{until}", "." * 400,
    ):  # fmt: skip
        assert not known("park", forged)
    strict.clock.advance(days=90)
    assert not known("park")


@pytest.mark.parametrize(
    ("kind", "choice", "named"),
    [("service", "optional", 1), ("service", "required", 0), ("rehearsal", "optional", 0)],
)
def test_doctor_names_a_service_that_leaves_the_factor_open(site, kind, choice, named):
    settings = SimpleNamespace(
        kind=kind, site=site.model_copy(update={"totp": choice}), jeokgeuk_desk_port=1
    )
    assert sum(one.area == "totp" and one.mark == "fault" for one in place.site(settings)) == named
