"""The agency's own sign-in: whose identity, which roles, and every way to be led elsewhere (S30)."""

import re
from html import unescape
from typing import Any, get_args
from urllib.parse import parse_qsl, urlsplit

import pytest

from bot.errors import BadStart, Refused
from bot.services import access, approvals, oidc
from bot.services.base import ROLES
from bot.settings import OidcSite, read_site
from bot.settings_site import OidcRole
from storage.repositories import users
from tests.desk.conftest import BASE, Desk, Seat, database, make
from tests.desk.forms import Page
from tests.fakes.oidc import CLIENT, SECRET, Provider, serving
from tests.services.conftest import SITE, Office
from tests.signing_in.conftest import digits, show

__all__ = ["database"]
GROUPS = {"g-audit": ("auditor",), "g-road": ("unit_member",)}


@pytest.fixture
def provider(clock):
    with serving(clock) as made:
        yield made


@pytest.fixture
def site_oidc(provider: Provider, tmp_path) -> dict[str, Any]:
    kept = tmp_path / "secret"
    kept.write_text(f"{SECRET}\n")
    kept.chmod(0o600)
    return {
        "issuer": provider.url, "client_id": CLIENT, "secret_file": kept, "label": "가온시 통합로그인",
        "groups": GROUPS,
    }  # fmt: skip


@pytest.fixture
def office(build, site_oidc) -> Office:
    return build(oidc=OidcSite(**site_oidc), totp="optional")


@pytest.fixture
def room(office: Office) -> Desk:
    tie(office, "park")
    return make(office)


def tie(office: Office, login: str, subject: str = "subject-1") -> None:
    site = office.svc.site.oidc
    office.do(lambda u: oidc.tie(office.svc, u, site, login, subject))


def leave(seat: Seat, path: str = "/sign-in", **fields: str) -> str:
    """Press the agency's button; gives the address of the agency."""
    form = next(one for one in seat.get(path).forms if "seal" in one.fields)
    answer = seat.post("/oidc/start", {**form.fields, "ticket": "", **fields})
    assert answer.status_code == 200, Page(answer.text).text
    return unescape(re.search(r'href="(http://127[^"]+)"', answer.text)[1])


def come(seat: Seat, address: str):
    path = address.removeprefix(BASE)
    return seat.client.get(f"{BASE}{path}", follow_redirects=False)


def enter(seat: Seat, provider: Provider, **fields: str):
    return come(seat, provider.agrees(leave(seat, **fields)))


def inside(seat: Seat) -> bool:
    return seat.client.get(f"{BASE}/me", follow_redirects=False).status_code == 200


def roles(office: Office, login: str = "park") -> set[str]:
    row = office.see(lambda u: users.by_login(u, login))
    return set(office.see(lambda u: users.roles(u, row.id)))


def refused(room: Desk, provider: Provider) -> None:
    seat = room.seat()
    answer = enter(seat, provider)
    assert answer.status_code == 401
    assert "기관 로그인을 마치지 못했습니다" in Page(answer.text).text
    assert not inside(seat)


def test_who_signs_in_at_the_agency_is_in(room: Desk, provider: Provider):
    seat = room.seat()
    assert "가온시 통합로그인" in seat.get("/sign-in").text
    answer = enter(seat, provider, next="/tasks")
    assert answer.headers["refresh"] == "0; url=/desk/tasks"
    assert inside(seat)
    asked = dict(provider.asked)
    assert asked["authorize"]["redirect_uri"] == f"{BASE}/oidc/callback"
    assert "max_age" not in asked["authorize"]
    assert asked["token"]["client_id"] == CLIENT
    cookies = answer.headers.get_list("set-cookie")
    assert any(one.startswith("__Host-desk=") and "SameSite=strict" in one for one in cookies)


def test_the_second_factor_is_asked_after_the_agency_too(build, site_oidc, provider: Provider):
    office = build(oidc=OidcSite(**site_oidc), totp="required")
    tie(office, "park")
    seat = make(office).seat()
    assert enter(seat, provider).headers["refresh"] == "0; url=/desk/enrol?next=/"
    assert not inside(seat)
    secret = re.search(r"[A-Z2-7]{4}(?: [A-Z2-7]{4}){7}", seat.get("/enrol").text)[0]
    assert show(seat, digits(office, secret), "/enrol").status_code == 200
    assert inside(seat)


@pytest.mark.parametrize(
    ("how", "ago", "asked"),
    [(["pwd", "otp"], 60, False), (["pwd"], 60, True), (["otp"], 3600, True)],
)
def test_an_agency_that_asks_for_more_than_a_password_may_be_believed(
    build, site_oidc, provider: Provider, how, ago, asked
):
    office = build(oidc=OidcSite(**site_oidc, mfa=True), totp="required")
    tie(office, "park")
    seat = make(office).seat()
    provider.claims = {"amr": how, "auth_time": int(office.clock().timestamp()) - ago}
    answer = enter(seat, provider)
    assert ("enrol" in answer.headers["refresh"]) == asked
    assert inside(seat) != asked
    assert dict(provider.asked)["authorize"]["max_age"] == "600"


WRONG = {
    "another nonce": {"nonce": "another"},
    "for somebody else": {"aud": "another"},
    "for two, asked by the other": {"aud": [CLIENT, "other"], "azp": "other"},
    "of another issuer": {"iss": "https://evil.example"},
    "over": {"exp": 1_000_000_000},
    "of nobody": {"sub": ""},
    "of a number": {"sub": 7},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG.keys())
def test_a_token_that_says_something_else_opens_nothing(room: Desk, provider: Provider, claims):
    provider.claims = claims
    refused(room, provider)


@pytest.mark.parametrize("missing", ["nonce", "aud", "iss", "exp", "iat", "sub"])
def test_a_token_that_says_too_little_opens_nothing(room: Desk, provider: Provider, missing):
    provider.without = {missing}
    refused(room, provider)


@pytest.mark.parametrize("alg", [None, "HS256"])
def test_a_token_that_nobody_signed_or_that_the_public_key_signed_opens_nothing(
    room: Desk, provider: Provider, alg
):
    provider.alg = alg
    refused(room, provider)


def test_both_algorithms_of_the_list_are_read_and_unknown_keys_asked_after_once(
    room: Desk, provider: Provider
):
    provider.alg = "ES256"
    seat = room.seat()
    enter(seat, provider)
    assert inside(seat)
    provider.kid = "unknown"
    for _ in range(3):
        refused(room, provider)
    assert [what for what, _ in provider.asked].count("keys") == 1


def test_a_code_is_good_once_and_for_the_browser_that_left(room: Desk, provider: Provider):
    seat, thief = room.seat(), room.seat()
    address = provider.agrees(leave(seat))
    assert come(thief, address).status_code == 401  # another browser: no cookie, no state
    leave(thief)
    assert come(thief, address).status_code == 401  # its own cookie, another's state
    assert "token" not in dict(provider.asked)
    assert come(seat, address).status_code == 200
    assert inside(seat)
    assert come(seat, address).status_code == 401  # again
    assert [what for what, _ in provider.asked].count("token") == 1


def test_a_state_that_was_changed_a_foreign_issuer_or_no_code_opens_nothing(
    room: Desk, provider: Provider
):
    for change in (
        lambda url: re.sub(r"state=\w+", "state=0", url),
        lambda url: re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fevil.example", url),
        lambda url: re.sub(r"code=\w+", "code=", url),
        lambda url: url.split("?")[0],
        lambda url: url.split("?")[0] + "?error=access_denied",
    ):
        seat = room.seat()
        assert come(seat, change(provider.agrees(leave(seat)))).status_code == 401
        assert not inside(seat)


def test_half_an_hour_later_the_way_back_is_gone(room: Desk, provider: Provider, office: Office):
    seat = room.seat()
    address = provider.agrees(leave(seat))
    office.clock.advance(minutes=11)
    assert come(seat, address).status_code == 401


def test_nobody_is_led_elsewhere(room: Desk, provider: Provider):
    for wanted in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"):
        seat = room.seat()
        assert enter(seat, provider, next=wanted).headers["refresh"] == "0; url=/desk/"


def test_a_document_of_another_issuer_is_not_believed(room: Desk, provider: Provider):
    provider.issuer = "https://evil.example"
    seat = room.seat()
    form = seat.get("/sign-in").form("/oidc/start")
    assert seat.send("/oidc/start", form).status_code == 401


def test_an_agency_that_is_away_is_said(room: Desk, provider: Provider):
    provider.url = "http://127.0.0.1:1"
    room.parts.svc.site.oidc.__dict__["issuer"] = provider.url
    seat = room.seat()
    answer = seat.send("/oidc/start", seat.get("/sign-in").form("/oidc/start"))
    assert "답하지 않습니다" in Page(answer.text).text


def test_an_identity_is_issuer_and_subject_and_never_an_address(room: Desk, provider: Provider):
    provider.subject = "stranger"
    provider.claims = {"email": "park@gaon.example", "preferred_username": "park"}
    seat = room.seat()
    answer = enter(seat, provider)
    assert "이어진 직원이 없습니다" in Page(answer.text).text
    assert not inside(seat)


def test_an_invitation_ties_an_account_once(room: Desk, office: Office, provider: Provider):
    lim = office.people["lim"].user_id
    made = office.do(lambda u: access.invite(office.svc, u, None, lim))
    provider.subject = "lim-at-the-agency"
    seat = room.seat()
    answer = come(seat, provider.agrees(leave(seat, "/invite", ticket=made.secret)))
    assert answer.status_code == 200
    assert "임감사" in seat.get("/me").text
    again = room.seat()
    form = again.get("/invite").form("/invite")
    gone = again.post("/oidc/start", {**form.fields, "ticket": made.secret})
    assert "초대가 이미 쓰였거나" in Page(gone.text).text
    with pytest.raises(Refused, match=r"oidc.tied"):
        tie(office, "lim", "a second one")
    with pytest.raises(Refused, match=r"oidc.tied"):
        tie(office, "choi", "lim-at-the-agency")


def test_a_closed_account_stays_out(room: Desk, office: Office, provider: Provider):
    seat = room.seat()
    enter(seat, provider)
    office.do(lambda u: users.set_active(u, office.people["park"].user_id, active=False))
    assert not inside(seat)
    assert enter(room.seat(), provider).status_code == 401


def test_groups_give_and_take_their_roles_at_each_sign_in(
    room: Desk, office: Office, provider: Provider
):
    assert roles(office) == {"auditor"}  # given by persons: groups do not take it
    provider.claims = {"groups": ["g-road", "도로과", "unknown"]}
    enter(room.seat(), provider)
    assert roles(office) == {"auditor", "unit_member"}
    seat = room.seat()
    provider.claims = {"groups": []}
    enter(seat, provider)
    assert roles(office) == {"auditor"}


OVERAGE = [
    {},
    {"groups": "g-road"},
    {"groups": ["g-road", 7]},
    {"groups": ["g-road"], "hasgroups": True},
    {"groups": ["g-road"], "_claim_names": {"groups": "src1"}},
]


@pytest.mark.parametrize("claims", OVERAGE)
def test_groups_that_are_missing_or_cut_short_give_no_role_and_take_those_of_before(
    room: Desk, office: Office, provider: Provider, claims
):
    provider.claims = {"groups": ["g-road"]}
    first = room.seat()
    enter(first, provider)
    assert "unit_member" in roles(office)
    provider.claims = claims
    enter(room.seat(), provider)
    assert roles(office) == {"auditor"}
    assert not inside(first)  # its roles were others


def test_a_grave_role_of_a_group_waits_for_a_second_person_once(
    room: Desk, office: Office, provider: Provider
):
    lee = office.people["lee"].user_id
    tie(office, "lee", "lee-there")
    provider.subject, provider.claims = "lee-there", {"groups": ["g-audit"]}
    enter(room.seat(), provider)
    enter(room.seat(), provider)
    assert roles(office, "lee") == {"unit_member"}
    choi = office.people["choi"]
    (asked,) = office.see(lambda u: approvals.open_(office.svc, u, choi))
    assert (asked.kind, asked.subject, asked.detail) == (oidc.GROUP, lee, {"roles": ["auditor"]})
    confirmed(office, asked)
    assert roles(office, "lee") == {"unit_member", "auditor"}
    enter(room.seat(), provider)
    assert not office.see(lambda u: approvals.open_(office.svc, u, choi))
    provider.claims = {"groups": []}
    enter(room.seat(), provider)
    assert roles(office, "lee") == {"unit_member"}
    provider.claims = {"groups": ["g-audit"]}
    enter(room.seat(), provider)  # who comes back is confirmed anew
    assert roles(office, "lee") == {"unit_member"}
    assert len(office.see(lambda u: approvals.open_(office.svc, u, choi))) == 1


def confirmed(office: Office, asked: approvals.Approval) -> None:
    """Carry out as a second person would have decided (the deciding is tested with approvals)."""
    from dataclasses import replace  # noqa: PLC0415

    from storage.repositories import approvals as repository  # noqa: PLC0415

    choi = office.people["choi"].user_id
    decided = replace(asked, decided_by=choi)

    def work(unit):
        repository.decided(unit, asked, repository.DONE, choi, "맞습니다", office.clock(), None)
        approvals.KINDS[oidc.GROUP].carry_out(office.svc, unit, decided)

    office.do(work)


def test_after_a_no_nobody_is_asked_again_at_each_sign_in(
    room: Desk, office: Office, provider: Provider
):
    from storage.repositories import approvals as repository  # noqa: PLC0415

    tie(office, "lee", "lee-there")
    provider.subject, provider.claims = "lee-there", {"groups": ["g-audit"]}
    enter(room.seat(), provider)
    choi = office.people["choi"]
    (asked,) = office.see(lambda u: approvals.open_(office.svc, u, choi))
    office.do(
        lambda u: repository.decided(
            u, asked, repository.REFUSED, choi.user_id, "아닙니다", office.clock(), None
        )
    )
    enter(room.seat(), provider)
    assert not office.see(lambda u: approvals.open_(office.svc, u, choi))


def test_the_secret_of_the_client_is_kept_as_keys_are(site_oidc, tmp_path):
    good = OidcSite(**site_oidc)
    assert good.secret() == SECRET
    site_oidc["secret_file"].chmod(0o644)
    with pytest.raises(BadStart, match=r"oidc.secret_file"):
        good.secret()
    for name, words in (("none", None), ("empty", "")):
        file = tmp_path / name
        if words is not None:
            file.write_text(words)
            file.chmod(0o600)
        with pytest.raises(BadStart, match=r"oidc.secret_file"):
            OidcSite(**{**site_oidc, "secret_file": file}).secret()
    assert OidcSite(**{**site_oidc, "secret_file": None}).secret() == ""


def test_without_the_setting_there_is_no_such_page(build):
    seat = make(build()).seat()
    assert seat.status("/oidc/callback") == 404


def test_the_site_file_names_groups_by_id_and_roles_by_their_word(tmp_path):
    file = tmp_path / "site.toml"
    oidc_part = """
[oidc]
issuer = "https://sso.gaon.example/realms/gaon"
client_id = "jeokgeuk"
label = "가온시 통합로그인"
hosts = ["keys.gaon.example"]
[oidc.groups]
"6f1c0a52-0000-0000-0000-000000000001" = ["auditor", "unit_member"]
"""
    plain = SITE.read_text(encoding="utf-8")
    file.write_text(plain + oidc_part, encoding="utf-8")
    site = read_site(file).oidc
    assert dict(site.groups) == {
        "6f1c0a52-0000-0000-0000-000000000001": ("auditor", "unit_member")
    }
    assert site.secret() == ""
    assert not site.mfa
    assert set(get_args(OidcRole)) == set(ROLES)
    for wrong, key in (('["king"]', "oidc.groups"), ("7", "oidc.groups")):
        file.write_text(plain + oidc_part.replace('["auditor", "unit_member"]', wrong))
        with pytest.raises(BadStart, match=key):
            read_site(file)
    file.write_text(plain + oidc_part.replace("https://sso", "http://sso"))
    with pytest.raises(BadStart, match=r"oidc.issuer"):
        read_site(file)


def out(seat: Seat, path: str = "/sign-out"):
    """Sign out here, or everywhere; gives where the browser is sent."""
    if path == "/sign-out":
        fields = seat.get("/filings").form("/sign-out").fields
        return seat.post("/sign-out", fields)
    return seat.send("/me", seat.get("/me").form("", "모든 곳에서 로그아웃"), "everywhere")


@pytest.mark.parametrize("path", ["/sign-out", "/me"])
def test_who_came_by_the_agency_leaves_it_too_but_here_first(
    room: Desk, provider: Provider, path: str
):
    provider.more = {"end_session_endpoint": f"{provider.url}/logout?realm=gaon"}
    seat = room.seat()
    enter(seat, provider)
    answer = out(seat, path)
    assert answer.headers["location"] == "/desk/oidc/out"
    assert not inside(seat)
    shown = seat.client.get(f"{BASE}/oidc/out", follow_redirects=False)
    assert "여기서는 로그아웃했습니다" in Page(shown.text).text
    go = urlsplit(shown.headers["refresh"].removeprefix("0; url="))
    assert go._replace(query="").geturl() == f"{provider.url}/logout"
    assert dict(parse_qsl(go.query)) == {
        "realm": "gaon", "client_id": CLIENT, "post_logout_redirect_uri": f"{BASE}/sign-in",
    }  # fmt: skip


@pytest.mark.parametrize("there", [None, "", "javascript:alert(1)", "ftp://127.0.0.1/", 7])
def test_without_a_place_to_leave_one_is_out_here_alone(room: Desk, provider: Provider, there):
    provider.more = {"end_session_endpoint": there}
    shown = room.seat().client.get(f"{BASE}/oidc/out", follow_redirects=False)
    assert (shown.status_code, shown.headers["location"][-16:]) == (303, "sign-in?note=out")


def test_an_agency_that_does_not_answer_keeps_nobody_in(room: Desk, provider: Provider):
    seat = room.seat()
    enter(seat, provider)
    assert out(seat).headers["location"] == "/desk/oidc/out"
    assert not inside(seat)
    provider.issuer = "https://elsewhere.example"
    later = make(room.office).seat()  # a process that has not asked it before
    shown = later.client.get(f"{BASE}/oidc/out", follow_redirects=False)
    assert (shown.status_code, shown.headers["location"][-16:]) == (303, "sign-in?note=out")


def test_who_came_with_a_password_stays_out_of_the_agencys(room: Desk, provider: Provider):
    provider.more = {"end_session_endpoint": f"{provider.url}/logout"}
    assert out(room.seat("park")).headers["location"].endswith("/sign-in?note=out")


def test_an_agency_may_wish_that_only_we_are_left(build, site_oidc, provider: Provider):
    provider.more = {"end_session_endpoint": f"{provider.url}/logout"}
    office = build(oidc=OidcSite(**site_oidc, sign_out_there=False), totp="optional")
    tie(office, "park")
    seat = make(office).seat()
    enter(seat, provider)
    assert out(seat).headers["location"].endswith("/sign-in?note=out")
