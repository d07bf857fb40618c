"""Changes of rights: written with what they change, read by the inspector, kept for years."""

import io
from datetime import date, timedelta

import openpyxl
import pytest

from bot.errors import Refused
from bot.services import accounts, people, rights_log
from bot.services.rights_log import Span
from tests.desk.conftest import Desk
from tests.people.conftest import add, decide
from tests.services.conftest import Office

ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
TODAY = date(2026, 11, 23)


def told(office: Office) -> list[tuple[str, str, str, str]]:
    seo = office.people["seo"]
    found = office.see(lambda u: rights_log.lines(u, seo, Span(TODAY, TODAY)))
    return [(one.login, one.what, one.role, one.by) for one in reversed(found)]


def test_every_change_is_there_with_who_made_it(office: Office):
    made = add(office, "han", "new", "auditor", "unit_member")
    decide(office, "choi", made.approval)
    han, user = office.people["han"], made.invited.user_id
    office.do(lambda u: accounts.close(office.svc, u, han, user))
    assert told(office) == [
        ("new", "added", "", "감사담당관 한관리"),
        ("new", "granted", "unit_member", "감사담당관 한관리"),
        ("new", "granted", "auditor", "감사담당관 최과장"),
        ("new", "closed", "", "감사담당관 한관리"),
    ]


def test_it_is_kept_for_years_and_no_longer(office: Office):
    add(office, "han", "new", "unit_member")
    office.clock.advance(days=3 * 366 - 1)
    assert office.do(lambda u: people.sweep(office.svc, u)) == 0
    office.clock.advance(days=2)
    assert office.do(lambda u: people.sweep(office.svc, u)) == 2


@ONCE
def test_only_the_inspector_reads_it(office: Office):
    for login in ("han", "choi", "park", "kim"):
        actor = office.people[login]
        with pytest.raises(Refused):
            office.see(lambda u, actor=actor: rights_log.lines(u, actor, Span(TODAY, TODAY)))


@ONCE
def test_it_is_a_page_and_a_table_to_take_away(room: Desk, office: Office):
    add(office, "han", "new", "unit_member", name="=새직원")
    seo = room.seat("seo")
    page = seo.get("/rights-log")
    assert "역할 줌" in page.text
    form = page.form("/rights-log/download")
    answer = seo.send("/rights-log", form)
    leaf = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert leaf is not None
    rows = [[cell.value for cell in row] for row in leaf.iter_rows()]
    assert rows[0][:2] == ["때", "대상"]
    assert [row[3] for row in rows[1:]] == ["역할 줌", "계정 만듦"]
    back = f"?since={TODAY}&until={TODAY - timedelta(days=1)}"
    assert seo.status(f"/rights-log{back}") == 422
    assert seo.status("/rights-log?since=언젠가") == 422
    assert seo.status("/rights-log?since=0001-01-01&until=9999-12-31") == 422
    assert seo.status(f"/rights-log?after={'9' * 30}") == 200
