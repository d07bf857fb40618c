"""Every page of the desk, with something on it, and who may open it."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

from bot.dialogs.call_back import CallBack
from bot.services import (
    agency_dates,
    answering,
    base,
    broadcast_drafts,
    calls,
    case_drafts,
    case_words,
    cases,
    deputies,
    disposals,
    guarding,
    holds,
    officials,
    peers,
    queue_checks,
    sight,
    templates,
    views,
)
from bot.settings_site import KeepSite
from knowledge import faq
from storage import models
from storage.repositories import access_reviews, broadcasts, questions, sessions, users
from storage.unit import Unit
from tests.desk.stage import HOSTILE, a_days_work
from tests.services import applying
from tests.services.conftest import Office, answers, at

PAGES: dict[str, tuple[str, str]] = {
    "/sign-in": ("", ""),
    "/invite": ("", ""),
    "/me": ("park", ""),
    "/me/password": ("park", ""),
    "/me/news": ("park", ""),
    "/slack": ("park", ""),
    "/me/codes": ("park", ""),
    "/enrol": ("lim", "/me/enrol"),
    "/access-log": ("seo", ""),
    "/access-log/download": ("seo", ""),
    "/access-log/reviews/{month}": ("seo", "/access-log/reviews/2026-10"),
    "/filings": ("kim", ""),
    "/search": ("park", ""),
    "/filings/{number}": ("park", "/filings/{main}"),
    "/filings/{number}/guard": ("kim", "/filings/{new}/guard"),
    "/filings/{number}/reporter": ("park", "/filings/{main}/reporter"),
    "/filings/{number}/moves/{action}": ("park", "/filings/{main}/moves/to_approval"),
    "/filings/{number}/print": ("park", "/filings/{main}/print"),
    "/filings/{number}/copy": ("park", "/filings/{main}/copy"),
    "/filings/{number}/unredacted": ("park", "/filings/{main}/unredacted"),
    "/filings/{number}/external": ("park", "/filings/{main}/external"),
    "/filings/{number}/later": ("park", "/filings/{main}/later"),
    "/filings/{number}/urge": ("oh", "/filings/{late}/urge"),
    "/filings/{number}/call": ("park", "/filings/{main}/call"),
    "/filings/{number}/repeats": ("kim", "/filings/{new}/repeats"),
    "/filings/{number}/similar": ("kim", "/filings/{new}/similar"),
    "/filings/{number}/case": ("park", "/filings/{closed}/case"),
    "/queue-checks": ("choi", ""),
    "/queue-checks/{month}": ("oh", "/queue-checks/2026-11"),
    "/values": ("choi", ""),
    "/dates": ("choi", ""),
    "/register": ("choi", ""),
    "/statistics": ("choi", ""),
    "/tasks": ("park", ""),
    "/templates": ("park", ""),
    "/templates/add": ("park", ""),
    "/cases": ("park", ""),
    "/cases/import": ("park", ""),
    "/cases/new": ("park", ""),
    "/cases/{ref}": ("choi", "/cases/{case}"),
    "/cases/{ref}/edit": ("park", "/cases/AC-001/edit"),
    "/newsletters": ("park", ""),
    "/newsletters/new": ("park", "/newsletters/new?words=%EB%B4%89%EC%95%88%EB%8B%B9"),
    "/newsletters/{issue}": ("park", "/newsletters/{issue}"),
    "/newsletters/{issue}/preview": ("park", "/newsletters/{issue}/preview"),
    "/questions": ("kim", ""),
    "/faq": ("park", ""),
    "/faq/new": ("kim", "/faq/new?question=1"),
    "/faq/{ref}": ("choi", "/faq/F008"),
    "/faq/{ref}/edit": ("park", "/faq/F007/edit"),
    "/facts": ("lee", ""),
    "/facts/{request_id:int}": ("lee", "/facts/1"),
    "/filings/{number}/papers": ("lee", "/filings/{application}/papers"),
    "/filings/{number}/replies": ("lee", "/filings/{application}/replies"),
    "/replies": ("jung", ""),
    "/applications": ("lee", ""),
    "/applications/new": ("lee", ""),
    "/applications/{number}": ("lee", "/applications/{application}"),
    "/applications/{number}/approve": ("gil", "/applications/{waiting}/approve"),
    "/records": ("choi", ""),
    "/records/new": ("choi", ""),
    "/records/{disposal_id:int}": ("choi", "/records/{disposal}"),
    "/admin/users": ("han", ""),
    "/admin/users/add": ("han", ""),
    "/admin/users/{user_id:int}": ("han", "/admin/users/2"),
    "/admin/staff": ("han", ""),
    "/leavers": ("kim", ""),
    "/approvals": ("choi", ""),
    "/approvals/{approval_id:int}": ("choi", "/approvals/{approval}"),
    "/rights-log": ("seo", ""),
    "/deputies": ("choi", ""),
    "/chains": ("han", ""),
    "/chains/{code}": ("han", "/chains/road"),
    "/admin/units": ("han", ""),
    "/admin/units/add": ("han", ""),
    "/admin/units/{code}": ("han", "/admin/units/road"),
    "/admin/unit-list": ("han", ""),
    "/admin/reorganise": ("han", "/admin/reorganise?unit=road"),
    "/admin/days": ("han", ""),
    "/portal": ("han", ""),
    "/write": ("kim", ""),
    "/calls": ("kim", ""),
    "/calls/{call_id:int}": ("kim", "/calls/1"),
    "/callers": ("kim", ""),
    "/crowd": ("kim", ""),
    "/poster": ("kim", ""),
    "/import": ("kim", ""),
    "/{rest:path}": ("", "/nothing"),
}
"""Route, who looks, and the address where it is not the route itself."""

MORE: tuple[tuple[str, str], ...] = (
    ("kim", "/filings?due=overdue&mode=named"),
    ("kim", "/filings/{hostile}"),
    ("kim", "/filings/{foreign}"),
    ("seo", "/filings/{main}"),
    ("park", "/filings/{main}/moves/ask_supplement"),
    ("park", "/cases?words=AC-00&status=published"),
    ("choi", "/cases/AC-003"),
    ("choi", "/cases?status=reviewed"),
    ("park", "/filings/{main}/moves/fact_request"),
    ("kim", "/filings/{guarded}/moves/assign"),
    ("lim", "/filings"),
    ("oh", "/filings?due=overdue"),
    ("jung", "/facts"),
    ("jung", "/applications"),
    ("gil", "/applications"),
    ("park", "/filings/{reviewed}"),
    ("park", "/filings/{reviewed}/moves/reply"),
    ("lee", "/filings/{application}/moves/report_outcome"),
    ("choi", "/filings"),
    ("han", "/tasks"),
)
"""The same pages as others see them, or empty."""

NO_PAGES = frozenset(
    {
        # what only takes a form, and leads back where it is opened
        "/", "/cases/publish", "/sign-out", "/stay", "/prove", "/filings/find", "/filings/views",
        "/filings/views/{view_id:int}/drop", "/filings/assign", "/filings/urge",
        "/filings/{number}/conflict",
        "/tasks/{task_id:int}/done", "/templates/{template_id:int}/end", "/records/holds",
        "/records/holds/{hold_id:int}/end", "/records/{disposal_id:int}/ask",
        "/records/{disposal_id:int}/drop", "/deputies/{deputy_id:int}/end", "/admin/days/add", "/portal/turn",
        "/admin/days/remove", "/write/receipt", "/filings/{number}/receipt", "/crowd/let-in",
        "/admin/days/looked-over", "/dates/{date_id:int}/end",
        # files
        "/enrol/qr.svg", "/filings/{number}/files/{ref}", "/filings/{number}/files/{ref}/original",
        "/filings/{number}/letters/{seq:int}", "/filings/{number}/draft",
        "/filings/{number}/urge/letter",
        "/records/{disposal_id:int}/bundle", "/admin/staff/template", "/rights-log/download",
        "/admin/unit-list/template", "/cases/export", "/cases/import/template", "/import/template", "/poster.pdf", "/static",
        "/newsletters/{issue}/letter", "/newsletters/{issue}/run", "/newsletters/{issue}/progress",
         "/newsletters/{issue}/{n:int}.png",
        "/statistics/pictures/{name}", "/statistics/files/{name}",
        # leads on to /enrol; and who is half signed in: test_signing_in
        "/me/enrol", "/second",
    }
)  # fmt: skip


def furnish(office: Office, folder: Path) -> dict[str, Any]:
    """Put something on every page; gives the names that stand in addresses."""
    site = office.svc.site.model_copy(update={"keep": KeepSite(record_years=3)})
    there = base.Office("slack", "T0GAON", "", "numbers")
    office.svc = replace(office.svc, site=site, office=there)
    names: dict[str, Any] = a_days_work(office, folder)
    _applications(office, names)
    names["guarded"] = office.file(address="guarded").number
    names["closed"] = _closed(office)
    office.do(lambda u: _work(office, u, names))
    office.do(lambda u: _issue(office, u, names))
    _records(office, names)
    _flood(office)
    return names


def _closed(office: Office) -> str:
    """Close a report with a result and begin a case of it, full of what must not stand there."""
    filed = office.investigating(
        answers(what="10월 3일에 중앙시장 앞 길이 파였어요."), address="c"
    )
    park = office.people["park"]
    why = {
        "ground": "litigation",
        "reason": "재판에서 다투고 있습니다.",
        "remedy": "법원에 물어보세요.",
    }
    office.act("choi", filed.number, "close_excluded", **why)
    office.do(lambda u: views.declare(office.svc, u, park, filed.number, conflict=False))
    typed = {
        "title": HOSTILE,
        "problem": "중앙시장 앞에서 010-1234-5678",
        "year": "yes",
        "unit": "yes",
    }
    office.do(
        lambda u: case_drafts.save(office.svc, u, park, filed.number, case_drafts.NEW, typed)
    )
    return filed.number


def enter(office: Office, login: str) -> str:
    """Open the session of an official; gives the secret of its cookie."""
    secret, now = token_hex(16), office.clock()
    user_id = office.people[login].user_id
    assert user_id is not None
    office.do(lambda u: sessions.open_(u, secret, user_id, now, now + timedelta(hours=8)))
    return secret


def _work(office: Office, unit: Unit, names: dict[str, Any]) -> None:
    svc, people = office.svc, office.people
    today = office.clock().date()
    peer = peers.meet(svc, unit, "web", "web", "caller", "ko")
    wanted = CallBack(phone="010-1234-5678", wish="any", about="언제 답이 오나요")
    calls.ask(svc, unit, peer.id, "ko", wanted, "")
    lent = (people["park"].user_id or 0, people["lim"].user_id or 0)
    deputies.put(svc, unit, people["choi"], *lent, today, today + timedelta(days=7))
    templates.add(
        svc, unit, people["park"], procedure="passive_report", field="why",
        name="늦어진 까닭", body="{제도} {담당자} {오늘}", own=True,
    )  # fmt: skip
    found = sight.find(unit, people["kim"], names["guarded"])
    guarding.confirm(
        svc, unit, people["kim"], found.number, found.version,
        units=["road"], people=[], since=today, unknown=False,
    )  # fmt: skip
    typed = {"title": "<b>가로등</b> 먼저 고치기", "problem": "김철수 주무관이 늦게 알았다."}
    draft = case_words.read(svc, typed | {"source": "https://www.gaon.example/news/1"})
    names["case"] = cases.write(svc, unit, people["park"], draft)
    calm = case_words.read(
        svc, {"title": "장날 주차장", "problem": "차 댈 곳", "source": "시정백서"}
    )
    reviewed = cases.write(svc, unit, people["park"], calm)
    cases.review(svc, unit, people["choi"], reviewed, 0)
    for words in ("<b>청사</b> 주차장은 몇 시에 닫나요?", "청사 주차장은 몇시에 닫나요"):
        questions.add(unit, words, "ko", office.clock())
    own = replace(faq.shipped()["F008"], text="토요일과 공휴일은 빼고 셉니다.")
    answering.write(svc, unit, people["park"], own, 0)
    access_reviews.add(unit, "2026-10", office.clock())
    queue_checks.begin(svc, unit, "2026-11")
    for kind, until in (("election", date(2027, 4, 7)), ("selection", date(2026, 12, 21))):
        agency_dates.add(
            svc, unit, people["choi"], kind=kind, title="<b>상반기</b>", day=until,
            repeats="yearly", ahead=(30, 7, 0), role="chief",
        )  # fmt: skip


def _issue(office: Office, unit: Unit, names: dict[str, Any]) -> None:
    """Let park be an editor with this month's draft, somebody's words in it."""
    park = office.people["park"].user_id or 0
    users.grant(unit, park, "editor", office.clock())
    editor = officials.actor(officials.official(unit, park))
    made = broadcast_drafts.draft(office.svc, unit, editor, "news")
    text = f"<b>굵게</b> 담당 김철수 주무관, 12가3456 {office.svc.site.agency}"
    broadcast_drafts.add_text(office.svc, unit, editor, made, 0, "<b>알림</b>", text)
    one = broadcasts.get(unit, made)
    assert one is not None
    names["issue"] = one.number


def _applications(office: Office, names: dict[str, Any]) -> None:
    """Let a division ask for advice: one waits for its head, one is reviewed, one was answered."""
    applying.staff(office)
    names["waiting"] = applying.apply(office)
    names["reviewed"] = applying.reviewing(office)
    names["application"] = applying.reviewing(office)
    applying.replied(office, names["application"])
    park = office.people["park"]
    for number in (names["reviewed"], names["application"]):
        office.do(lambda u, n=number: views.declare(office.svc, u, park, n, conflict=False))


def _records(office: Office, names: dict[str, Any]) -> None:
    """Let three reports be old: one is held, one was let go by a board, one may go."""
    old = [office.file(address=f"old{n}") for n in range(3)]
    for one in old:
        office.act("kim", one.number, "assign", handler="park", unit="road")
        office.act(office.reporter(one), one.number, "withdraw")
    c = models.filings.c
    closed = models.filings.update().where(c.number.in_([one.number for one in old]))
    choi, svc = office.people["choi"], office.svc
    day = office.clock().date()

    def work(unit: Unit) -> None:
        unit.conn.execute(closed.values(closed_at=at("2021-03-02 10:00")))
        holds.put(svc, unit, choi, old[0].number, "소송이 진행 중입니다.")
        words = "보존기간이 끝나고 업무에 더 쓰이지 않아 폐기하기로 함."
        made = disposals.draft(svc, unit, choi, day, 5, words, [old[1].number])
        disposals.exported(svc, unit, choi, made, "ab" * 32, 10)
        names["disposal"] = made
        names["approval"] = disposals.ask(svc, unit, choi, made, "심의대로 파기합니다.")

    office.do(work)


def _flood(office: Office) -> None:
    """Spend the hour's budget of the page: what comes after waits with its like."""
    site = office.svc.site
    office.svc = replace(office.svc, site=site.model_copy(update={"budget_filings": 2}))
    for n in range(6):
        office.file(
            answers(what="같은 글이 여러 번 들어왔습니다. 가로등을 고쳐 주세요."), address=f"f{n}"
        )
    office.svc = replace(office.svc, site=site)
