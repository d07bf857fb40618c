"""Two persons: who may decide, what it is bound to, and that one person alone gets nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.errors import Refused
from bot.services import access, accounts, approvals, officials, people
from bot.services import kinds as kinds_
from bot.services.base import Actor
from storage import journal
from storage.repositories import sessions, users
from tests import shipped
from tests.desk.conftest import Desk
from tests.desk.forms import Page
from tests.people.conftest import add, asked, decide, older
from tests.services.conftest import Office

ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def refused(work: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as caught:
        work()
    return caught.value.key


def actor(office: Office, user_id: int) -> Actor:
    found = office.see(lambda u: officials.official(u, user_id))
    assert found is not None
    return officials.actor(found)


def roles(office: Office, user_id: int) -> frozenset[str]:
    return office.see(lambda u: users.roles(u, user_id))


def kinds(office: Office) -> list[str]:
    from bot.services.house import HOUSE  # noqa: PLC0415

    return [one.kind for one in office.see(lambda u: journal.history(u, HOUSE))]


def test_a_grave_role_is_given_by_two_and_the_log_of_rights_says_who(office: Office):
    made = add(office, "han", "new", "auditor", "unit_member")
    user = made.invited.user_id
    assert roles(office, user) == {"unit_member"}
    after = decide(office, "choi", made.approval)
    assert after.state == "done"
    assert roles(office, user) == {"unit_member", "auditor"}
    assert {"approval_asked", "approval_approved", "roles_changed"} <= set(kinds(office))


def test_an_administrator_cannot_make_himself_a_second_self(office: Office):
    """two_who_are_one: the same hand behind asker and decider is refused, each time by name."""
    older(office)
    second = add(office, "han", "han2", "admin").approval
    assert refused(lambda: decide(office, "han", second)) == "approval.self"
    twin = add(office, None, "twin", "audit_head")  # only one administrator so far
    decide(office, "choi", second)
    puppet = actor(office, office.see(lambda u: users.by_login(u, "han2")).id)
    more = add(office, "han", "more", "auditor").approval
    assert refused(lambda: decide(office, puppet, more)) == "approval.made_by_asker"
    young = actor(office, twin.invited.user_id)
    assert refused(lambda: decide(office, young, more)) == "approval.too_new"
    assert refused(lambda: decide(office, "seo", more)) == "access.not_allowed"
    assert refused(lambda: decide(office, "park", more)) == "approval.unknown"
    assert decide(office, "choi", more).state == "done"


@ONCE
def test_who_has_the_asker_s_staff_number_or_none_is_nobody_else(office: Office):
    choi = office.people["choi"].user_id
    waits = add(office, "han", "new", "auditor").approval
    office.do(lambda u: users.change(u, choi, staff_no=None))
    assert refused(lambda: decide(office, "choi", waits)) == "approval.no_staff_no"
    office.do(lambda u: users.change(u, office.people["han"].user_id, staff_no="H1"))
    office.do(lambda u: users.change(u, choi, staff_no="H2"))
    assert decide(office, "choi", waits).state == "done"
    assert refused(lambda: add(office, "han", "copy", "unit_member", staff_no="H2")) == (
        "access.staff_no"
    )


@ONCE
def test_nobody_decides_about_himself_and_nobody_changes_his_own_roles(office: Office):
    choi = office.people["choi"].user_id
    about = asked(office, "han", accounts.GRANT, choi, roles=["intake"])
    assert refused(lambda: decide(office, "choi", about)) == "approval.self"
    han = office.people["han"]
    who = accounts.Particulars("한관리", "audit", staff_no="G008")
    assert refused(
        lambda: office.do(
            lambda u: accounts.change(
                office.svc, u, han, han.user_id, who, ["admin", "auditor"], "제게 주세요"
            )
        )
    ) == "access.not_allowed"  # fmt: skip


def test_an_approval_is_void_once_its_subject_has_changed(office: Office):
    made = add(office, "han", "new", "auditor")
    office.do(lambda u: users.change(u, made.invited.user_id, email="else@gaon.example"))
    assert decide(office, "choi", made.approval).state == "void"
    assert roles(office, made.invited.user_id) == set()
    assert refused(lambda: decide(office, "choi", made.approval)) == "approval.decided"


@ONCE
def test_the_first_week_of_an_installation_waives_the_age_and_says_so(office: Office):
    made = add(office, "han", "new", "auditor")
    decide(office, "choi", made.approval)
    from bot.services.house import HOUSE  # noqa: PLC0415

    told = [
        one.detail for one in office.see(lambda u: journal.history(u, HOUSE))
        if one.kind == "approval_approved"
    ]  # fmt: skip
    assert [one and one["young"] for one in told] == [True]


def test_the_command_line_is_an_exception_for_the_first_administrators_only(office: Office):
    first = add(office, None, "ada", "admin")
    assert first.approval is None
    later = add(office, None, "late", "auditor", "unit_member")
    assert later.approval is not None
    assert roles(office, later.invited.user_id) == {"unit_member"}
    assert decide(office, "han", later.approval).asked_by is None


def test_a_password_is_reset_by_two_a_day_later_and_its_owner_can_stop_it(office: Office):
    park, han = office.people["park"].user_id, office.people["han"]
    assert park is not None
    office.do(lambda u: users.set_password(u, park, "x"))

    def again() -> access.Invited:
        return office.do(lambda u: accounts.invite_again(office.svc, u, han, park))

    assert refused(again) == "access.two_persons"
    ask = lambda: office.do(  # noqa: E731
        lambda u: accounts.ask_reset(office.svc, u, han, park, "암호를 잊으셨습니다")
    )
    first = ask()
    assert ask() == first  # asked for twice, it is asked once
    office.do(
        lambda u: approvals.stop(
            office.svc, u, office.people["park"], first, "제가 한 말이 아닙니다"
        )
    )
    second = ask()
    decide(office, "choi", second)
    office.clock.advance(hours=23)
    assert refused(again) == "access.two_persons"
    office.clock.advance(hours=2)
    assert again().user_id == park
    assert refused(again) == "access.two_persons"  # used up
    assert office.see(lambda u: users.get(u, park)).reset_by_id == han.user_id
    letters = [say.text.key for say in office.sent("mail")]
    assert {"official.approval_asked", "official.approval_stopped"} <= set(letters)


def test_a_reset_that_nobody_used_lapses(office: Office):
    park, han = office.people["park"].user_id, office.people["han"]
    made = office.do(lambda u: accounts.ask_reset(office.svc, u, han, park, "암호를 잊으셨습니다"))
    decide(office, "choi", made)
    office.clock.advance(days=9)
    for _, work in office.see(lambda u: list(people.due(office.svc, u))):
        office.do(work)
    over = office.see(lambda u: approvals.ended(office.svc, u, han))
    assert [(one.id, one.state) for one in over] == [(made, "void")]
    assert office.see(lambda u: list(people.due(office.svc, u))) == []


def test_a_second_factor_is_taken_away_by_the_clock_after_a_day(office: Office):
    park, han = office.people["park"].user_id, office.people["han"]
    made = office.do(
        lambda u: accounts.ask_reset(
            office.svc, u, han, park, "전화를 잃으셨습니다", accounts.TOTP
        )
    )
    decide(office, "choi", made)
    office.tick()
    assert "totp_reset" not in kinds(office)
    office.clock.advance(hours=25)
    assert f"approval:{made}" in office.tick()
    assert "totp_reset" in kinds(office)
    assert f"approval:{made}" not in office.tick()


def test_one_person_closes_an_account_at_once_and_two_open_it(office: Office):
    lim, han = office.people["lim"].user_id, office.people["han"]
    assert lim is not None
    now = office.clock()
    office.do(lambda u: sessions.open_(u, "secret", lim, now, now.replace(hour=9)))
    office.do(lambda u: accounts.close(office.svc, u, han, lim))
    assert office.see(lambda u: access.session(office.svc, u, "secret")) is None
    made = office.do(lambda u: accounts.ask_reopen(office.svc, u, han, lim, "다시 오셨습니다"))
    assert not office.see(lambda u: officials.official(u, lim)).active
    assert refused(lambda: decide(office, "han", made)) == "approval.self"
    decide(office, "choi", made)
    assert office.see(lambda u: officials.official(u, lim)).active
    assert refused(
        lambda: office.do(lambda u: accounts.close(office.svc, u, han, han.user_id))
    ) == ("access.not_allowed")


@ONCE
def test_an_administrator_never_gets_a_role_that_shows_reports_beside(office: Office):
    assert refused(lambda: add(office, "han", "both", "admin", "auditor")) == "access.apart"
    han = office.people["han"].user_id or 0
    office.do(lambda u: users.grant(u, han, "auditor", office.clock()))  # by whatever road
    assert actor(office, han).roles == {"admin"}
    about = asked(
        office, "han", accounts.GRANT, office.people["seo"].user_id or 0, roles=["intake"]
    )
    assert refused(lambda: decide(office, "choi", about)) == "access.apart"


@ONCE
def test_a_reason_is_wanted_and_a_no_changes_nothing(office: Office):
    assert refused(lambda: add(office, "han", "new", "auditor", reason="네")) == "approval.reason"
    assert office.see(lambda u: users.by_login(u, "new")) is None
    made = add(office, "han", "new", "auditor")
    assert decide(office, "choi", made.approval, yes=False).state == "refused"
    assert roles(office, made.invited.user_id) == set()


@ONCE
def test_what_waits_is_read_and_decided_on_its_page(room: Desk, office: Office):
    han, choi, seo = (room.seat(login) for login in ("han", "choi", "seo"))
    form = han.get("/admin/users/add").form()
    given = {
        "login": "go.sr",
        "name": "고새롬",
        "unit": "audit",
        "staff_no": "N77",
        "roles": ["auditor"],
    }
    empty = han.send("/admin/users/add", form, **given)
    assert empty.status_code == 422
    assert "까닭을 5자 이상" in Page(empty.text).text
    made = Page(
        han.send("/admin/users/add", form, reason="감사 담당으로 오셨습니다", **given).text
    )
    assert "승인을 기다립니다" in made.text
    path = next(link for link in made.links if "/approvals/" in link).removeprefix("/desk")
    assert "본인이 요청했거나" in han.get(path).text
    assert "감사 담당으로 오셨습니다" in seo.get(path).text
    assert room.seat("park").status(path) == 404
    page = choi.get(path)
    assert "고새롬" in page.text
    assert "N77" in page.text
    short = choi.send(path, page.form("", "승인"), "yes", why="네")
    assert short.status_code == 422
    assert (
        choi.send(path, page.form("", "승인"), "yes", why="사번을 확인했습니다").status_code == 303
    )
    assert "auditor" in roles(office, office.see(lambda u: users.by_login(u, "go.sr")).id)
    assert "끝남" in choi.get("/approvals").text


@ONCE
def test_closing_and_asking_are_done_on_the_official_s_page(room: Desk, office: Office):
    park = office.people["park"].user_id
    assert park is not None
    office.do(lambda u: users.set_password(u, park, "x"))
    han, path = room.seat("han"), f"/admin/users/{park}"
    form = han.get(path).form("", "비밀번호 다시 정하기 요청")
    assert han.send(path, form, "reset_password", why="").status_code == 422
    answer = han.send(path, form, "reset_password", why="암호를 잊으셨습니다")
    assert answer.headers["location"] == "/desk/approvals"
    page = han.get(path)
    assert "승인을 기다립니다: 비밀번호 다시 정하기" in page.text
    assert han.send(path, page.form("", "계정 닫기"), "close").status_code == 303
    assert "계정 다시 열기 요청" in str(han.get(path).form("", "계정 다시 열기 요청").buttons)


_MAKES_KNOWN = ("approvals.register(", "moves.AFTER.append(")


def test_a_process_without_the_desk_knows_every_kind_that_somebody_registers():
    """The clock carries out what waits, and runs where no page was ever loaded."""
    found = {
        file.stem
        for file in Path("bot").rglob("*.py")
        if any(one in file.read_text(encoding="utf-8") for one in _MAKES_KNOWN)
    }
    assert found == {one.__name__.rpartition(".")[2] for one in kinds_.REGISTERED}
    assert people.KINDS is approvals.KINDS
    texts = shipped.texts()
    assert all(texts.has(f"approval.kind.{name}") for name in approvals.KINDS)
